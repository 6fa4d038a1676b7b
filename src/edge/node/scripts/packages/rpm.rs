//! dnf and tdnf, by stand-ins that fetch.

use tempfile::TempDir;

use super::{failure, list, plain, programs, said};
use crate::core::updates::{DataAgeBy, Manager, PackagesAnswer, Standing};

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
