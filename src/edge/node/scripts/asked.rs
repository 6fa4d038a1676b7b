//! Programs that the script asks where it runs on the host itself, with stand-ins for them: rpm as nobody, needrestart as
//! root.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use tempfile::TempDir;

use crate::edge::node::bare::sent;

use super::NONCE;
use super::host::shells;

/// A folder with one program in it, which everybody may run.
fn program(name: &str, body: &str) -> TempDir {
    let folder = tempfile::tempdir().expect("a directory");
    let path = folder.path().join(name);
    fs::write(&path, format!("#!/bin/sh\n{body}\n")).expect("a program");
    for path in [folder.path(), &path] {
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).expect("permissions");
    }
    folder
}

/// What a function of the script puts into the answer on a host that has this program. Not under busybox, which has
/// applets of its own by these names and other arguments: there nothing is put, and the files are looked at.
fn put_by(function: &str, programs: &TempDir) -> Vec<String> {
    let script = format!(
        "{}{function}; printf %s \"$body\"",
        sent!("../answer.sh", "../replaced.sh", "../patching.sh")
    );
    let path = format!(
        "{}:{}",
        programs.path().display(),
        std::env::var("PATH").unwrap_or_default()
    );
    let mut said: Vec<String> = shells()
        .iter()
        .filter(|shell| shell[0] != "busybox")
        .map(|shell| {
            let output = Command::new(shell[0])
                .args(&shell[1..])
                .args(["-c", &script])
                .envs([("ROOT", ""), ("NONCE", NONCE), ("PATH", &path)])
                .output()
                .expect("the shell runs");
            String::from_utf8_lossy(&output.stdout).into_owned()
        })
        .collect();
    said.dedup();
    assert_eq!(said.len(), 1, "the shells differ: {said:?}");
    said[0].lines().map(str::to_owned).collect()
}

/// As `rpm -q` answers: a line for each installed version, words for what is not installed, exit code 1 for those.
const RPM: &str = "cat <<'END'
glibc 1764000000
systemd 1764000001
package dbus is not installed
dbus-broker 1764000002
kernel-core 1764000003
kernel-core 1764000009
package kernel-rt is not installed
linux-firmware 1764000004
package microcode_ctl is not installed
END
exit 1";

#[test]
fn rpms_own_times_are_taken_the_newest_of_each_part() {
    assert_eq!(
        put_by("put_components_by_rpm", &program("rpm", RPM)),
        [
            "components-by rpm",
            "component glibc 1764000000",
            "component systemd 1764000001",
            "component kernel 1764000009",
            "component dbus 1764000002",
            "component linux-firmware 1764000004",
            "component microcode absent",
        ]
    );
}

#[test]
fn a_half_answer_of_rpm_is_none() {
    for body in [
        "echo 'error: cannot open Packages database' >&2; exit 1",
        "echo glibc 1764000000",
        "echo glibc 17640x; echo systemd 1; echo kernel 1",
    ] {
        assert!(
            put_by("put_components_by_rpm", &program("rpm", body)).is_empty(),
            "{body}"
        );
    }
}

#[test]
fn rpm_is_never_asked_by_root() {
    // Were it root, it would say so in a time of installation.
    let body = "[ \"$(id -u)\" -ne 0 ] || exit 1; printf 'glibc 1\\nsystemd 2\\nkernel 3\\n'";
    assert_eq!(
        put_by("put_components_by_rpm", &program("rpm", body))[1],
        "component glibc 1"
    );
}

#[test]
fn needrestarts_word_is_taken_as_root_and_a_missing_one_is_unknown() {
    if rustix::process::geteuid().as_raw() != 0 {
        return;
    }
    for (body, said) in [
        (
            "printf 'NEEDRESTART-VER: 3.6\\nNEEDRESTART-KCUR: 6.8.0-1021-azure\\nNEEDRESTART-KEXP: 6.8.0-1030-azure\\nNEEDRESTART-KSTA: 3\\n'",
            &["needrestart pending", "needrestart-kernel 6.8.0-1030-azure"][..],
        ),
        ("echo 'NEEDRESTART-KSTA: 1'", &["needrestart current"]),
        ("echo 'NEEDRESTART-VER: 3.6'", &["needrestart unknown"]),
        ("exit 1", &["needrestart unknown"]),
    ] {
        assert_eq!(
            put_by("put_needrestart", &program("needrestart", body)),
            said
        );
    }
}
