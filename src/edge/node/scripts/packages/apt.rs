//! apt: the real one of this machine over made-up sources and databases, and stand-ins for other releases.

use std::fs;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use super::{failing_awk, failure, list, plain, programs, put, said};
use crate::core::updates::{Asked, DataAgeBy, Manager, PackagesAnswer, Standing};

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
            let lines = settings.map(|(key, value)| format!("{key} \"{value}\";\n"));
            let text = lines.concat();
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
        // A name must not pass for an option.
        (
            "apt-cache",
            &format!(
                "case \"$*\" in *' policy -- '*) ;; *) exit 9 ;; esac; cat <<'END'\n{policy}\nEND"
            ),
        ),
        ("apt-config", "echo \"lists='$LISTS/'\""),
    ])
}

fn by_fake_apt(simulated: &str, policy: &str) -> PackagesAnswer {
    by(&fake_apt(simulated, policy))
}

/// By these programs, of which one source has its data.
fn by(programs: &TempDir) -> PackagesAnswer {
    let lists = tempfile::tempdir().expect("a directory");
    fs::write(lists.path().join("x_dists_y_InRelease"), "").expect("a file");
    let lists = lists.path().display().to_string();
    said("ask_apt", Some(programs.path()), &[("LISTS", &lists)])
}

const ONE: &str = "Inst a [1] (2 X:1/y [all])";

#[test]
fn an_awk_that_fails_is_not_an_answer_without_packages() {
    for part in ["/^Inst / { print $2", "=simulated", "kept-back\") kept++"] {
        let programs = fake_apt(ONE, "");
        let (name, body) = failing_awk(part);
        put(&programs, name, &body);
        let answer = by(&programs);
        assert_eq!(failure(&answer), "it did not come to its end", "{part}");
    }
}

#[test]
fn sources_that_cannot_be_told_apart_are_not_sources_without_security() {
    let programs = fake_apt(ONE, "");
    let apt = fs::read_to_string(programs.path().join("apt-get")).expect("a program");
    let broken = apt.replace(
        "*indextargets*)",
        "*indextargets*) echo 'E: no such field'; exit 100 ;; *never*)",
    );
    assert_ne!(apt, broken);
    fs::write(programs.path().join("apt-get"), broken).expect("a program");
    assert_eq!(failure(&by(&programs)), "exit code 100: no such field");
}

#[test]
fn of_a_package_without_a_policy_nobody_knows_whether_it_mends_anything() {
    let packages = list(&by_fake_apt(ONE, ""));
    assert_eq!(packages[0].security, None);
    let policy = "a:\n  Installed: 1\n  Candidate: 2\n  Version table:\n     2 500\n        500 http://x y/main amd64 Packages\n *** 1 100";
    let packages = list(&by_fake_apt(ONE, policy));
    assert_eq!(packages[0].security, Some(true));
}

#[test]
fn a_source_without_a_release_file_has_data_by_its_lists_and_by_no_others() {
    let Some(apt) = Apt::new() else {
        return;
    };
    apt.installed("plain", "1", "");
    apt.source("noble");
    apt.source("noble/below");
    let at = |suite: &str| format!("lists/deb.example_dists_{suite}_main_binary-amd64_Packages");
    apt.write(&at("noble_below"), &offered("plain", "2", ""));
    let answer = apt.said();
    assert_eq!(
        answer.sources_without_data,
        (vec!["deb.example_dists_noble".into()], 0)
    );
    assert_eq!(list(&answer).len(), 1, "{answer:?}");
    apt.write(&at("noble"), "");
    let answer = apt.said();
    assert_eq!(answer.sources_without_data, (vec![], 0));
    assert!(matches!(
        answer.data,
        Some((DataAgeBy::Lists | DataAgeBy::SuccessStamp, _))
    ));
}

#[test]
fn settings_of_the_host_do_not_change_the_form_that_is_read() {
    let Some(apt) = Apt::new() else {
        return;
    };
    apt.append("apt.conf", "APT::Get::Show-Versions \"true\";\n");
    apt.append(
        "status",
        &format!("{}Status: hold ok installed\n\n", control("held", "1")),
    );
    apt.fetched("noble", ("Ubuntu", "noble"), &offered("held", "2", ""));
    assert_eq!(
        plain(&list(&apt.said())),
        [("held", "1", "2", Some(false), Standing::KeptBack)]
    );
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
