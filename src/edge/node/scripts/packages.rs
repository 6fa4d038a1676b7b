//! The question to package managers: over the real apt of this machine with made-up sources, and with stand-ins for the
//! programs where those are not here or would have to misbehave.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use super::NONCE;
use super::host::shells;
use crate::core::evidence::split_answer;
use crate::core::updates::{
    Asked, DataAgeBy, Manager, PackageUpdate, PackagesAnswer, Standing, parse_packages,
};
use crate::edge::node::PROBE_SCRIPT;

const FUNCTIONS: &str = concat!(
    include_str!("../packages/common.sh"),
    include_str!("../packages/apt.sh"),
    include_str!("../packages/rpm.sh"),
);

/// A folder with these programs, to be found first.
fn programs(bodies: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().expect("a directory");
    for (name, body) in bodies {
        let path = folder.path().join(name);
        fs::write(&path, format!("#!/bin/sh\n{body}\n")).expect("a program");
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).expect("permissions");
    }
    folder
}

/// What comes of one of the script's functions, with a list where there is one. Not under busybox, which takes applets of
/// its own for programs of these names.
fn said(function: &str, programs: Option<&Path>, variables: &[(&str, &str)]) -> PackagesAnswer {
    let script = format!(
        "{FUNCTIONS}system=fedora\nlook_at_clock\nbegan=$clock\n{function}\nif [ -n \"$list\" ]; then printf 'list\\n%s\\n' \"$list\"; fi"
    );
    let path = std::env::var("PATH").unwrap_or_default();
    let path = match programs {
        Some(folder) => format!("{}:{path}", folder.display()),
        None => path,
    };
    let mut answers: Vec<PackagesAnswer> = shells()
        .iter()
        .filter(|shell| shell[0] != "busybox")
        .map(|shell| {
            let output = Command::new(shell[0])
                .args(["-c", &script])
                .envs([
                    ("PATH", path.as_str()),
                    ("REFRESH", "no"),
                    ("PATIENCE", "20"),
                ])
                .envs(variables.iter().copied())
                .output()
                .expect("the shell runs");
            let stdout = String::from_utf8(output.stdout).expect("ASCII");
            let (lines, list) = match stdout.split_once("list\n") {
                Some((lines, list)) => (lines, list),
                None => (stdout.as_str(), ""),
            };
            let count = lines.lines().count();
            let answer = format!("aksreboot-probe 1 {NONCE}\n{lines}end {NONCE} {count}\n");
            let parsed = parse_packages(answer.as_bytes(), NONCE, Ok(list.as_bytes()));
            parsed
                .unwrap_or_else(|why| panic!("{why:?}\n{stdout}"))
                .expect("a manager")
        })
        .collect();
    // The moment of a fetch may be another second under the next shell.
    for answer in &mut answers {
        if let Some((DataAgeBy::Refresh, at)) = &mut answer.data {
            *at = jiff::Timestamp::UNIX_EPOCH;
        }
    }
    answers.dedup();
    assert_eq!(answers.len(), 1, "the shells differ: {answers:?}");
    answers.remove(0)
}

fn list(answer: &PackagesAnswer) -> Vec<PackageUpdate> {
    match &answer.said {
        Asked::Read(list) => list.packages.clone().expect("a whole list"),
        other => panic!("{other:?}"),
    }
}

/// Name, installed and candidate version, security and standing.
fn plain(packages: &[PackageUpdate]) -> Vec<(&str, &str, &str, Option<bool>, Standing)> {
    packages
        .iter()
        .map(|it| {
            let installed = it.installed.as_deref().unwrap_or("");
            (
                &*it.name,
                installed,
                &*it.candidate,
                it.security,
                it.standing,
            )
        })
        .collect()
}

fn failure(answer: &PackagesAnswer) -> &str {
    match &answer.said {
        Asked::Failed { message, .. } => message,
        other => panic!("{other:?}"),
    }
}

/// Sources, lists and a dpkg database of our own, for the apt of this machine.
struct Apt(TempDir);

impl Apt {
    fn new() -> Option<Self> {
        let there = Command::new("apt-get").arg("--version").output();
        let there = there.is_ok_and(|output| output.status.success());
        // On Debian and Ubuntu, where this is developed, it must be.
        assert!(there || !Path::new("/var/lib/dpkg/status").exists());
        there.then(|| {
            let apt = Self(tempfile::tempdir().expect("a directory"));
            for folder in ["lists/partial", "parts", "cache"] {
                fs::create_dir_all(apt.0.path().join(folder)).expect("a directory");
            }
            let at = |name: &str| apt.0.path().join(name).display().to_string();
            let settings = [
                ("Dir::Etc::sourcelist", at("sources.list")),
                ("Dir::Etc::sourceparts", at("parts")),
                ("Dir::Etc::preferencesparts", at("parts")),
                ("Dir::State::lists", at("lists/")),
                ("Dir::State::status", at("status")),
                ("Dir::State::extended_states", at("extended")),
                ("APT::Architecture", "amd64".into()),
                ("APT::Machine-ID", "0123456789abcdef0123456789abcdef".into()),
            ];
            let text: String = settings
                .iter()
                .map(|(key, value)| format!("{key} \"{value}\";\n"))
                .collect();
            apt.write(
                "apt.conf",
                &format!(
                    "{text}#clear APT::Architectures;\nAPT::Architectures {{ \"amd64\"; }};\n"
                ),
            );
            apt.write("sources.list", "");
            apt.write("status", "");
            apt
        })
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.0.path().join(name), text).expect("a file");
    }

    fn append(&self, name: &str, text: &str) {
        let old = fs::read_to_string(self.0.path().join(name)).expect("a file");
        self.write(name, &(old + text));
    }

    fn installed(&self, name: &str, version: &str, more: &str) {
        self.append(
            "status",
            &format!(
                "{}Status: install ok installed\n{more}\n",
                control(name, version)
            ),
        );
    }

    fn source(&self, suite: &str) {
        self.append(
            "sources.list",
            &format!("deb [trusted=yes] http://deb.example {suite} main\n"),
        );
    }

    /// A source with its data: label and archive, and the packages in it.
    fn fetched(&self, suite: &str, (label, archive): (&str, &str), packages: &str) {
        self.source(suite);
        let file = format!("lists/deb.example_dists_{suite}_");
        self.write(
            &format!("{file}InRelease"),
            &format!("Origin: {label}\nLabel: {label}\nSuite: {archive}\nCodename: {suite}\nArchitectures: amd64\nComponents: main\n"),
        );
        self.write(&format!("{file}main_binary-amd64_Packages"), packages);
    }

    fn said(&self) -> PackagesAnswer {
        let config = self.0.path().join("apt.conf").display().to_string();
        said("ask_apt", None, &[("APT_CONFIG", &config)])
    }
}

fn control(name: &str, version: &str) -> String {
    format!(
        "Package: {name}\nVersion: {version}\nArchitecture: amd64\nMaintainer: x <x@x>\nDescription: x\n"
    )
}

fn offered(name: &str, version: &str, more: &str) -> String {
    format!(
        "{}{more}Filename: x.deb\nSize: 1\nSHA256: {}\n\n",
        control(name, version),
        "0".repeat(64)
    )
}

#[test]
fn the_real_apt_tells_security_by_origin_through_what_masks_it_and_new_kernels_come_along() {
    let Some(apt) = Apt::new() else {
        return;
    };
    for name in ["plain", "mended", "masked", "phased", "held"] {
        let status = if name == "held" {
            "Status: hold ok installed\n"
        } else {
            ""
        };
        match status {
            "" => apt.installed(name, "1:1.0-1", ""),
            held => apt.append("status", &format!("{}{held}\n", control(name, "1:1.0-1"))),
        }
    }
    apt.installed(
        "linux-image-azure",
        "6.8-1",
        "Depends: linux-image-6.8.0-1-azure\n",
    );
    apt.installed("linux-image-6.8.0-1-azure", "6.8-1", "");
    let phased = "Phased-Update-Percentage: 0\n";
    let updates = [
        offered("plain", "1:1.0-2", ""),
        offered("masked", "1:1.0-3", ""),
        offered("phased", "1:1.0-2", phased),
        offered("held", "1:1.0-2", ""),
    ];
    apt.fetched(
        "noble-updates",
        ("Ubuntu", "noble-updates"),
        &updates.concat(),
    );
    let security = [
        offered("mended", "1:1.0-2", ""),
        offered("masked", "1:1.0-2", ""),
        offered(
            "linux-image-azure",
            "6.8-2",
            "Depends: linux-image-6.8.0-2-azure\n",
        ),
        offered("linux-image-6.8.0-2-azure", "6.8-2", ""),
    ];
    apt.fetched(
        "noble-security",
        ("Ubuntu", "noble-security"),
        &security.concat(),
    );
    let answer = apt.said();
    assert_eq!(answer.manager, Manager::Apt);
    assert_eq!(answer.sources_without_data, (Vec::new(), 0));
    assert!(matches!(answer.data, Some((DataAgeBy::Lists, _))));
    let packages = list(&answer);
    let old = "1:1.0-1";
    assert_eq!(
        plain(&packages),
        [
            ("held", old, "1:1.0-2", Some(false), Standing::KeptBack),
            (
                "linux-image-6.8.0-2-azure",
                "",
                "6.8-2",
                Some(true),
                Standing::Pending
            ),
            (
                "linux-image-azure",
                "6.8-1",
                "6.8-2",
                Some(true),
                Standing::Pending
            ),
            ("masked", old, "1:1.0-3", Some(true), Standing::Pending),
            ("mended", old, "1:1.0-2", Some(true), Standing::Pending),
            ("phased", old, "1:1.0-2", Some(false), Standing::Phased),
            ("plain", old, "1:1.0-2", Some(false), Standing::Pending),
        ]
    );
    assert_eq!(packages[3].origin.as_deref(), Some("Ubuntu:noble-updates"));
}

#[test]
fn a_source_that_was_never_fetched_is_named_and_none_at_all_is_no_data() {
    let Some(apt) = Apt::new() else {
        return;
    };
    apt.source("noble-security");
    assert_eq!(apt.said().said, Asked::NoData);
    apt.fetched("noble", ("Ubuntu", "noble"), "");
    let answer = apt.said();
    assert_eq!(
        answer.sources_without_data,
        (vec!["deb.example_dists_noble-security".into()], 0)
    );
    assert_eq!(list(&answer), []);
}

#[test]
fn sources_that_cannot_be_understood_are_a_failure_in_apts_own_words() {
    let Some(apt) = Apt::new() else {
        return;
    };
    apt.fetched("noble", ("Ubuntu", "noble"), "");
    apt.append("status", "Package: broken\nStatus: nonsense\n");
    let answer = apt.said();
    assert!(
        failure(&answer).starts_with("exit code 100: "),
        "{answer:?}"
    );
}

/// An apt that simulates `$1`, and has one source.
fn fake_apt(simulated: &str, policy: &str) -> TempDir {
    programs(&[
        (
            "apt-get",
            &format!(
                "case \"$*\" in *print-uris*) echo \"'http://x/dists/y/InRelease' x_dists_y_InRelease 0 \" ;; \
                 *indextargets*) printf 'http://x y/main amd64 Packages\\tX\\ty-security\\ty\\n' ;; \
                 *) cat <<'END'\n{simulated}\nEND\n;; esac"
            ),
        ),
        ("apt-cache", &format!("cat <<'END'\n{policy}\nEND")),
        ("apt-config", "echo \"lists='$LISTS/'\""),
    ])
}

fn by_fake_apt(simulated: &str, policy: &str) -> PackagesAnswer {
    let lists = tempfile::tempdir().expect("a directory");
    fs::write(lists.path().join("x_dists_y_InRelease"), "").expect("a file");
    let lists = lists.path().display().to_string();
    let programs = fake_apt(simulated, policy);
    said("ask_apt", Some(programs.path()), &[("LISTS", &lists)])
}

#[test]
fn what_apt_3_and_older_ones_call_held_back_is_told_apart() {
    // As apt-get 3.0 of Debian 13 says it.
    let policy = "a:\n  Installed: 1\n  Candidate: 2\n  Version table:\n     2 500\n        500 http://x y/main amd64 Packages\n *** 1 100\n        100 /var/lib/dpkg/status\n\
                  b:\n  Installed: 1\n  Candidate: 2\n  Version table:\n     2 500 (phased 30%)\n        500 http://z y/main amd64 Packages\n *** 1 100\n        100 /var/lib/dpkg/status";
    for (simulated, standings) in [
        (
            "The following upgrades have been deferred due to phasing:\n  b\nThe following packages have been kept back:\n  a\n0 upgraded",
            [Standing::KeptBack, Standing::Phased],
        ),
        // As 2.6 of Debian 12 says it: both are kept back, and the policy tells why.
        (
            "The following packages have been kept back:\n  a b\n0 upgraded",
            [Standing::KeptBack, Standing::Phased],
        ),
    ] {
        let packages = list(&by_fake_apt(simulated, policy));
        let told: Vec<Standing> = packages.iter().map(|it| it.standing).collect();
        assert_eq!(told, standings, "{simulated}");
        assert_eq!(packages[0].security, Some(true));
        assert_eq!(packages[1].security, Some(false));
    }
}

#[test]
fn hostile_words_of_a_repository_stay_inside_their_field() {
    let label = "Evil) [x] \u{1b}[31m::error %0A $(id) `id`";
    let simulated = format!(
        "Inst libc6:i386 [1] (2 {label}:1/y-security [i386]) [libc6:amd64 ]\nInst a (2~$(id)'\"; X:1/y [all])"
    );
    let packages = list(&by_fake_apt(&simulated, ""));
    assert_eq!(packages[0].name, "a");
    assert_eq!(packages[0].candidate, "2~$(id)'\";");
    assert_eq!(packages[1].name, "libc6");
    assert_eq!(packages[1].architecture.as_deref(), Some("i386"));
    assert_eq!(
        packages[1].origin.as_deref(),
        Some(&*format!("{label}:1/y-security"))
    );
}

#[test]
fn a_package_manager_that_does_not_end_is_given_up() {
    let lists = tempfile::tempdir().expect("a directory");
    fs::write(lists.path().join("x_dists_y_InRelease"), "").expect("a file");
    let lists = lists.path().display().to_string();
    let programs = programs(&[
        (
            "apt-get",
            "case \"$*\" in *print-uris*) echo \"'u' x_dists_y_InRelease 0 \" ;; *) exec sleep 30 ;; esac",
        ),
        ("apt-config", "echo \"lists='$LISTS/'\""),
    ]);
    let answer = said(
        "ask_apt",
        Some(programs.path()),
        &[("LISTS", &lists), ("PATIENCE", "1")],
    );
    assert_eq!(failure(&answer), "no end within 1 s");
}

/// A dnf that fetches into the cache that it is told, and says what follows.
fn dnf(updateinfo: &str, newer: &str, mending: &str) -> TempDir {
    programs(&[
        (
            "dnf",
            &format!(
                "for word; do case $word in --setopt=cachedir=*) cache=${{word##*=}} ;; esac; done\n\
                 mkdir -p \"$cache/base-0123456789abcdef/repodata\"\n\
                 echo '{updateinfo}' >\"$cache/base-0123456789abcdef/repodata/repomd.xml\"\n\
                 case \"$*\" in *repolist*) printf 'repo id  repo name\\nbase  Base\\n' ;;\n\
                 *--security*) printf '{mending}' ;;\n\
                 *--upgrades*) printf '{newer}' ;; esac"
            ),
        ),
        (
            "rpm",
            "printf 'kernel x86_64 5.14-1\\nkernel x86_64 5.14-2\\nopenssl x86_64 1:3.0.7-1\\npackage x is not installed\\n'; exit 1",
        ),
        // Whoever is root here may make a mount namespace, in which these stand-ins would not be root's.
        ("unshare", "exit 1"),
    ])
}

const NEWER: &str = "\\nkernel x86_64 5.14-3 base\\n\\nopenssl x86_64 1:3.0.7-2 base\\n";

#[test]
fn dnf_tells_security_by_advisories_where_its_repository_has_some() {
    let told = |updateinfo: &str| {
        let programs = dnf(updateinfo, NEWER, "openssl x86_64 1:3.0.7-2 base\\n");
        said("ask_dnf", Some(programs.path()), &[("REFRESH", "yes")])
    };
    let answer = told("<data type=\"updateinfo\">");
    assert_eq!(answer.manager, Manager::Dnf);
    assert!(matches!(answer.data, Some((DataAgeBy::Refresh, _))));
    assert_eq!(
        plain(&list(&answer)),
        [
            ("kernel", "5.14-2", "5.14-3", Some(false), Standing::Pending),
            (
                "openssl",
                "1:3.0.7-1",
                "1:3.0.7-2",
                Some(true),
                Standing::Pending
            ),
        ]
    );
    let answer = told("<data type=\"primary\">");
    assert!(list(&answer).iter().all(|it| it.security.is_none()));
}

#[test]
fn advisories_in_azure_linux_are_not_taken_for_all_that_there_is() {
    let programs = dnf(
        "<data type=\"updateinfo\">",
        NEWER,
        "openssl x86_64 1:3.0.7-2 base\\n",
    );
    let answer = said(
        "system=azurelinux; ask_dnf",
        Some(programs.path()),
        &[("REFRESH", "yes")],
    );
    assert!(list(&answer).iter().all(|it| it.security.is_none()));
}

#[test]
fn a_dnf_that_fails_says_why() {
    let programs = programs(&[
        (
            "dnf",
            "echo 'Error: Failed to download metadata for repo' >&2; exit 1",
        ),
        ("unshare", "exit 1"),
    ]);
    let answer = said("ask_dnf", Some(programs.path()), &[("REFRESH", "yes")]);
    assert_eq!(
        failure(&answer),
        "exit code 1: Failed to download metadata for repo"
    );
}

/// A tdnf of that answer and exit code.
fn tdnf(answer: &str, code: u8) -> TempDir {
    programs(&[
        (
            "tdnf",
            &format!(
                "cache=$(sed -n 's/^cachedir=//p' \"$2\")\nmkdir -p \"$cache/base-1a2b3c4d/repodata\"; : >\"$cache/base-1a2b3c4d/lastrefresh\"\n\
                 case \"$*\" in *repolist*) echo '[{{\"Repo\":\"base\",\"RepoName\":\"Base\",\"Enabled\":true}}]' ;;\n\
                 *) echo '{answer}'; exit {code} ;; esac"
            ),
        ),
        ("rpm", "printf 'openssl x86_64 3.3.3-1.azl3\\n'"),
        ("unshare", "exit 1"),
    ])
}

fn by_tdnf(answer: &str, code: u8) -> PackagesAnswer {
    let programs = tdnf(answer, code);
    said("ask_tdnf", Some(programs.path()), &[("REFRESH", "yes")])
}

#[test]
fn tdnfs_packages_are_counted_once_whatever_its_exit_code_and_security_is_not_known() {
    let newer = r#"[{"Name":"openssl","Arch":"x86_64","Evr":"3.3.3-2.azl3","Repo":"base"},{"Name":"openssl","Arch":"x86_64","Evr":"3.3.3-3.azl3","Repo":"base"},{"Name":"kernel-headers","Arch":"noarch","Evr":"6.6-1","Repo":"base"}]"#;
    for code in [0, 100] {
        let answer = by_tdnf(newer, code);
        assert_eq!(answer.manager, Manager::Tdnf);
        assert_eq!(
            plain(&list(&answer)),
            [
                ("kernel-headers", "", "6.6-1", None, Standing::Pending),
                (
                    "openssl",
                    "3.3.3-1.azl3",
                    "3.3.3-3.azl3",
                    None,
                    Standing::Pending
                ),
            ]
        );
    }
    assert_eq!(list(&by_tdnf("[]", 0)), []);
}

#[test]
fn tdnfs_errors_are_not_an_empty_list() {
    let answer = by_tdnf(r#"{"Error":1622,"ErrorMessage":"Curl Init Failed"}"#, 86);
    assert_eq!(failure(&answer), "exit code 86: Curl Init Failed");
    failure(&by_tdnf("", 0));
}

#[test]
fn a_list_beyond_reason_is_cut_and_counted() {
    let lines: String = (0..40)
        .map(|number| format!("p{number:02} - 1 2 no pending -\n"))
        .collect();
    let answer = said(
        &format!(
            "tell updates-manager apt; MOST_BYTES=200; list='{}'; tell_list",
            lines.trim_end()
        ),
        None,
        &[],
    );
    let Asked::Read(list) = answer.said else {
        panic!("{answer:?}");
    };
    assert_eq!(list.counts.pending, 40);
    let named = list.packages.expect("a list").len();
    assert!(named > 5 && named + list.omitted as usize == 40, "{named}");
}

/// The whole probe with a question in place of the real one.
fn asked(question: &str) -> Vec<u8> {
    let mut outputs: Vec<Vec<u8>> = shells()
        .iter()
        .map(|shell| {
            let output = Command::new(shell[0])
                .args(&shell[1..])
                .args(["-c", PROBE_SCRIPT])
                .envs([("ROOT", ""), ("NONCE", NONCE), ("QUESTION", question)])
                .envs([("REFRESH", "no"), ("PATIENCE", "5")])
                .output()
                .expect("the shell runs");
            output.stdout
        })
        .collect();
    outputs.pop().expect("a shell")
}

#[test]
fn the_list_comes_after_the_answer_and_the_lines_stand_in_it() {
    let stream = asked(
        "printf 'updates-manager apt\\nupdates read\\nupdates-count 1 0 0 0\\nupdates-list 1 22 x\\nlist\\na - 1 2 no pending -\\n'",
    );
    let (answer, list) = split_answer(&stream, NONCE);
    assert_eq!(list, b"a - 1 2 no pending -\n");
    let text = String::from_utf8_lossy(answer);
    assert!(text.contains("\nupdates-count 1 0 0 0\n"), "{text}");
    assert!(text.contains("\nboot-id "), "{text}");
}

#[test]
fn a_host_on_which_the_question_cannot_be_run_says_so_and_the_evidence_comes_all_the_same() {
    let stream = asked("exit 7");
    let (answer, list) = split_answer(&stream, NONCE);
    assert!(list.is_empty());
    assert!(crate::core::evidence::parse_answer(answer, NONCE).is_ok());
    let doubt = parse_packages(answer, NONCE, Ok(list)).expect_err("a doubt");
    assert!(format!("{doubt:?}").contains("exit code 7"), "{doubt:?}");
}
