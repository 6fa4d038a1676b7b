//! dnf and tdnf, by stand-ins that fetch.

use tempfile::TempDir;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use super::super::host::{may_become_nobody, run, shells};
use super::{FUNCTIONS, failing_awk, failure, list, plain, programs, put, said};
use crate::core::updates::{Asked, DataAgeBy, Manager, PackagesAnswer, Standing};

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
    by_this_tdnf(tdnf(answer, code).path(), "yes")
}

fn by_this_tdnf(programs: &Path, refresh: &str) -> PackagesAnswer {
    // Where this is tested, root may write to /run.
    let ask = "tdnf_lock_folder=/nowhere; ask_tdnf";
    let variables = [("REFRESH", refresh), ("PATIENCE", "2")];
    said(ask, Some(programs), &variables)
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
fn half_an_answer_of_tdnf_is_no_list() {
    for half in [
        r#"[{"Name":"a","Arch":"noarch","Evr":"1","Repo":"base"}"#,
        r#"[{"Name":"a","Arch":"noarch","Evr":"1","Repo":"base"},{"Na"#,
        r#"[{"Name":"a","Arch":"noarch","Repo":"base"}]"#,
        "[",
    ] {
        failure(&by_tdnf(half, 0));
    }
    let whole = r#"[{"Name":"a","Arch":"noarch","Evr":"1","Repo":"base"}]"#;
    assert_eq!(list(&by_tdnf(whole, 0)).len(), 1);
    for code in [124, 125, 137] {
        failure(&by_tdnf(whole, code));
    }
}

#[test]
fn a_program_that_does_not_end_is_not_one_without_data() {
    let try_one = |name: &str, ask: &str, hangs: &str, refresh: &str| {
        let body = format!("case \"$*\" in {hangs}) exec sleep 30 ;; esac");
        let programs = programs(&[(name, &body), ("unshare", "exit 1")]);
        let variables = [("REFRESH", refresh), ("PATIENCE", "1")];
        let answer = said(ask, Some(programs.path()), &variables);
        let case = format!("{name} {hangs} {refresh}");
        assert_eq!(failure(&answer), "no end within 1 s", "{case}");
    };
    // Each takes two seconds, nearly all of them asleep.
    std::thread::scope(|scope| {
        for (name, ask) in [
            ("dnf", "ask_dnf"),
            ("tdnf", "tdnf_lock_folder=/nowhere; ask_tdnf"),
        ] {
            for hangs in ["*", "*repolist*"] {
                for refresh in ["no", "yes"] {
                    scope.spawn(move || try_one(name, ask, hangs, refresh));
                }
            }
        }
    });
}

#[test]
fn a_place_that_cannot_be_sealed_is_not_one_without_data() {
    // Root, who may make a namespace, and nothing read-only in it.
    let sealed = [
        ("id", "echo 0"),
        ("unshare", "case \"$*\" in *' true') ;; *) exit 125 ;; esac"),
    ];
    for (name, ask) in [("dnf", "ask_dnf"), ("tdnf", "ask_tdnf")] {
        let programs = programs(&[sealed[0], sealed[1], (name, "exit 1")]);
        let answer = said(ask, Some(programs.path()), &[]);
        assert!(failure(&answer).starts_with("exit code 125"), "{answer:?}");
    }
}

#[test]
fn a_package_of_two_repositories_is_one_and_mends_what_either_says() {
    let newer = "a x86_64 2 other\\na x86_64 2 base\\nb x86_64 2 base\\nb x86_64 2 other\\nc x86_64 2 base\\n";
    let programs = dnf("<data type=\"updateinfo\">", newer, "a x86_64 2 base\\n");
    let answer = said("ask_dnf", Some(programs.path()), &[("REFRESH", "yes")]);
    let packages = list(&answer);
    let told: Vec<_> = packages.iter().map(|it| (&*it.name, it.security)).collect();
    // Of b one repository has advisories that do not name it, and the other has none.
    assert_eq!(told, [("a", Some(true)), ("b", None), ("c", Some(false))]);
    assert_eq!(packages[0].origin.as_deref(), Some("base"));
}

#[test]
fn an_awk_that_fails_is_no_repository_without_updates() {
    for part in ["$1 != \"repo\"", "=mending"] {
        let programs = dnf("", NEWER, "");
        let (name, body) = failing_awk(part);
        put(&programs, name, &body);
        let answer = said("ask_dnf", Some(programs.path()), &[("REFRESH", "yes")]);
        assert_eq!(failure(&answer), "it did not come to its end", "{part}");
    }
}

#[test]
fn tdnf_is_not_asked_where_its_lock_would_be_written() {
    let folder = tempfile::tempdir().expect("a folder");
    let called = folder.path().join("called");
    let body = format!(": >{}; echo '[]'", called.display());
    let programs = programs(&[("tdnf", &body), ("unshare", "exit 1"), ("id", "echo 0")]);
    let ask = format!("tdnf_lock_folder={}; ask_tdnf", folder.path().display());
    let answer = said(&ask, Some(programs.path()), &[]);
    assert!(
        failure(&answer).contains("would write its lock"),
        "{answer:?}"
    );
    assert!(!called.exists());
}

/// What is left of the folders that dnf makes for somebody who is not root, when the script is left to its end or ended.
fn left_of_dnf(shell: &[&str], signal: &str) -> Vec<String> {
    let folders = tempfile::tempdir().expect("a folder");
    let open = |path: &Path| {
        fs::set_permissions(path, fs::Permissions::from_mode(0o777)).expect("permissions");
    };
    open(folders.path());
    let at = |name: &str| folders.path().join(name).display().to_string();
    fs::create_dir(at("dnf-stranger")).expect("a folder");
    let dnf = format!("mkdir {}; {signal}; exit 1", at("dnf-mine"));
    // Whatever was there before is not known of: that it is a stranger's is.
    let programs = programs(&[("dnf", &dnf), ("ls", "exit 0")]);
    open(programs.path());
    let path = format!(
        "{}:{}",
        programs.path().display(),
        std::env::var("PATH").unwrap_or_default()
    );
    let script = format!(
        "{FUNCTIONS}\nSCRIPT=$$; export SCRIPT; system=fedora; look_at_clock; began=$clock; dnf_folders={}; ask_dnf",
        at("dnf-")
    );
    let variables = [("PATH", &*path), ("REFRESH", "no"), ("PATIENCE", "20")];
    run(shell, &script, &variables);
    let left = fs::read_dir(folders.path()).expect("listed").flatten();
    left.map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect()
}

#[test]
fn of_dnfs_folders_only_our_own_goes_also_at_a_signal() {
    if !may_become_nobody() {
        return;
    }
    for shell in shells().iter().filter(|shell| shell[0] != "busybox") {
        for signal in [":", "kill -TERM $SCRIPT", "kill -HUP $SCRIPT"] {
            assert_eq!(
                left_of_dnf(shell, signal),
                ["dnf-stranger"],
                "{shell:?} {signal}"
            );
        }
    }
}

#[test]
fn no_data_of_dnf_is_still_no_data() {
    let programs = programs(&[
        (
            "dnf",
            "case \"$*\" in *repolist*) echo 'base Base' ;; *) echo 'Error: Cache-only enabled but no cache' >&2; exit 1 ;; esac",
        ),
        ("unshare", "exit 1"),
    ]);
    let answer = said("ask_dnf", Some(programs.path()), &[]);
    assert_eq!(answer.said, Asked::NoData);
}
