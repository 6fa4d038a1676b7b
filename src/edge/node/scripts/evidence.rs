//! What the script finds besides the flag: replaced parts, who updates the node, the operator's own sentinel.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use super::host::{Host, may_become_nobody, root_of, run, shells};
use super::{NONCE, on_every_shell, read};
use crate::core::evidence::{Answer, Flag, Installed, Listing, SentinelSaid, parse_answer};
use crate::edge::node::PROBE_SCRIPT;

/// The answer of a script that is told more than where the host is.
fn told(shell: &[&str], root: &str, more: &[(&str, &str)]) -> Answer {
    let mut variables = vec![("ROOT", root), ("NONCE", NONCE)];
    variables.extend_from_slice(more);
    let output = run(shell, PROBE_SCRIPT, &variables);
    parse_answer(&output.stdout, NONCE)
        .unwrap_or_else(|why| panic!("{why:?}\n{}", String::from_utf8_lossy(&output.stdout)))
}

fn sentinel_of(host: &Host, path: &str, check: impl Fn(SentinelSaid)) {
    for shell in shells() {
        check(told(&shell, root_of(host), &[("SENTINEL_FILE", path)]).sentinel);
    }
}

#[test]
fn a_file_of_the_operators_own_is_found_as_the_host_sees_it() {
    let host = Host::new();
    // As on every system: an absolute link, which must not lead into the container.
    fs::create_dir_all(host.root().join("var")).expect("a directory");
    symlink("/run", host.root().join("var/run")).expect("a link");
    sentinel_of(&host, "/var/run/mine", |said| {
        assert_eq!(said, SentinelSaid::File(Flag::Absent));
    });
    host.write("run/mine", "");
    sentinel_of(&host, "/var/run/mine", |said| {
        assert!(matches!(said, SentinelSaid::File(Flag::Present(Some(_)))));
    });
    // /etc/passwd is in every container; here it is not on the host.
    sentinel_of(&host, "/etc/passwd", |said| {
        assert_eq!(said, SentinelSaid::File(Flag::Absent));
    });
}

#[test]
fn a_sentinel_whose_directory_is_not_there_is_no_absent_one() {
    let host = Host::new();
    for (path, why) in [
        ("/sentinel/reboot-required", "no-directory"),
        ("run/mine", "not-a-path"),
        ("/run/", "not-a-path"),
    ] {
        sentinel_of(&host, path, |said| {
            assert_eq!(
                said,
                SentinelSaid::File(Flag::Unreadable(why.into())),
                "{path}"
            );
        });
    }
    on_every_shell(&host, |answer| {
        assert_eq!(answer.sentinel, SentinelSaid::NotRead);
    });
}

#[test]
fn a_flag_is_absent_only_where_its_folder_can_be_listed() {
    if !may_become_nobody() {
        return;
    }
    let host = Host::new();
    fs::set_permissions(host.root().join("run"), fs::Permissions::from_mode(0o711))
        .expect("permissions");
    on_every_shell(&host, |answer| {
        assert_eq!(answer.flag, Flag::Unreadable("not-listable".into()));
    });
    host.write("run/reboot-required", "");
    on_every_shell(&host, |answer| {
        assert!(matches!(answer.flag, Flag::Present(_)));
    });
}

#[test]
fn a_sentinel_command_runs_in_no_pod_and_for_nobody_but_root() {
    let host = Host::new();
    host.write("witness/.keep", "");
    fs::set_permissions(
        host.root().join("witness"),
        fs::Permissions::from_mode(0o777),
    )
    .expect("permissions");
    let command = format!("touch {}/witness/ran", root_of(&host));
    for (root, why) in [(root_of(&host), "pod"), ("", "not-root")] {
        if root.is_empty() && !may_become_nobody() {
            continue;
        }
        let said = told(&["dash"], root, &[("SENTINEL_COMMAND", &command)]).sentinel;
        assert_eq!(said, SentinelSaid::Refused(why.into()));
    }
    assert!(!host.root().join("witness/ran").exists());
}

#[test]
fn as_root_on_the_host_the_commands_own_code_is_told() {
    if rustix::process::geteuid().as_raw() != 0 {
        return;
    }
    for shell in shells() {
        for (command, code) in [
            ("exit 0", 0),
            ("exit 1", 1),
            ("exit 7", 7),
            ("kill -9 $$", 137),
        ] {
            let output = Command::new(shell[0])
                .args(&shell[1..])
                .args(["-c", PROBE_SCRIPT])
                .envs([
                    ("ROOT", ""),
                    ("NONCE", NONCE),
                    ("SENTINEL_COMMAND", command),
                ])
                .output()
                .expect("the shell runs");
            let answer = parse_answer(&output.stdout, NONCE).expect("an answer");
            assert_eq!(answer.sentinel, SentinelSaid::Exit(code), "{command}");
        }
    }
}

#[test]
fn a_closed_boot_directory_leaves_the_modules() {
    if !may_become_nobody() {
        return;
    }
    let host = Host::new();
    for release in ["6.6.117.1-1.azl3", "6.6.119.3-1.azl3"] {
        host.write(&format!("usr/lib/modules/{release}/modules.builtin"), "");
        host.write(&format!("boot/vmlinuz-{release}"), "");
    }
    symlink("usr/lib", host.root().join("lib")).expect("a link");
    on_every_shell(&host, |answer| {
        assert_eq!(answer.modules, Listing::NotRead);
    });
    host.close("boot");
    on_every_shell(&host, |answer| {
        assert_eq!(answer.kernels, Listing::Unreadable("not-searchable".into()));
        assert_eq!(
            answer.modules,
            read(&["6.6.117.1-1.azl3", "6.6.119.3-1.azl3"])
        );
    });
}

#[test]
fn a_part_is_as_new_as_the_file_itself_and_not_as_its_date_says() {
    let host = Host::new();
    host.write("usr/lib64/libc.so.6", "");
    // A package brings the date of its build; only the change time tells of its installation.
    let old = Command::new("touch")
        .args(["-d", "2001-01-01"])
        .arg(host.root().join("usr/lib64/libc.so.6"))
        .status()
        .expect("touch runs");
    assert!(old.success());
    let changed = fs::metadata(host.root().join("usr/lib64/libc.so.6"))
        .expect("the file")
        .ctime();
    on_every_shell(&host, |answer| {
        let components = &answer.watch.components;
        assert!(
            matches!(components["glibc"], Installed::At(at) if at.as_second() == changed),
            "{components:?}"
        );
        assert_eq!(components["systemd"], Installed::Absent);
        assert_eq!(
            answer.watch.booted.map(jiff::Timestamp::as_second),
            Some(1_800_000_000)
        );
        assert_eq!(answer.watch.started, None);
    });
}

#[test]
fn the_last_word_on_apts_daily_work_counts() {
    let host = Host::new();
    host.write(
        "etc/apt/apt.conf.d/20auto-upgrades",
        "// APT::Periodic::Enable \"0\";\nAPT::Periodic::Update-Package-Lists \"1\";\n  APT::Periodic::Unattended-Upgrade   \"1\";\n",
    );
    host.write(
        "etc/apt/apt.conf.d/99off",
        "APT::Periodic::Unattended-Upgrade \"0\"; // off",
    );
    host.write(
        "etc/apt/apt.conf.d/99off.bak",
        "APT::Periodic::Unattended-Upgrade \"1\";",
    );
    on_every_shell(&host, |answer| {
        assert_eq!(
            answer.patching.apt,
            read(&["Update-Package-Lists:1", "Unattended-Upgrade:0"])
        );
    });
    host.write(
        "etc/apt/apt.conf",
        "APT::Periodic::Unattended-Upgrade \"1\";\n",
    );
    on_every_shell(&host, |answer| {
        assert_eq!(
            answer.patching.apt,
            read(&["Update-Package-Lists:1", "Unattended-Upgrade:1"])
        );
    });
    if may_become_nobody() {
        host.close("etc/apt/apt.conf.d/99off");
        on_every_shell(&host, |answer| {
            assert_eq!(
                answer.patching.apt,
                Listing::Unreadable("not-readable".into())
            );
        });
    }
}

/// Every file below `folder` with what a write would change.
fn marks(folder: &Path) -> BTreeMap<PathBuf, (i64, i64, u64)> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).expect("a directory") {
        let path = entry.expect("an entry").path();
        let data = fs::symlink_metadata(&path).expect("metadata");
        if data.is_dir() {
            found.extend(marks(&path));
        }
        found.insert(path, (data.ctime(), data.ctime_nsec(), data.size()));
    }
    found
}

#[test]
fn the_probe_changes_nothing_on_the_host_even_as_root() {
    let host = Host::new();
    host.write("run/reboot-required", "");
    host.write("run/reboot-required.pkgs", "dbus\n");
    host.write("var/lib/dpkg/status", "");
    host.write("etc/apt/apt.conf.d/20auto", "");
    let before = marks(host.root());
    for shell in shells() {
        let output = Command::new(shell[0])
            .args(&shell[1..])
            .args(["-c", PROBE_SCRIPT])
            .envs([("ROOT", root_of(&host)), ("NONCE", NONCE)])
            .env("TMPDIR", host.root())
            .current_dir(host.root())
            .output()
            .expect("the shell runs");
        assert!(output.status.success());
        assert_eq!(marks(host.root()), before, "{shell:?}");
    }
}
