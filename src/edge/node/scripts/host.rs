//! A host made of files, and somebody who owns none of them.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

use super::BOOT;

/// The shells of this machine: dash and bash are in every build environment, busybox in most.
pub(super) fn shells() -> Vec<Vec<&'static str>> {
    let shells: Vec<Vec<&str>> = [vec!["dash"], vec!["bash"], vec!["busybox", "sh"]]
        .into_iter()
        .filter(|shell| {
            Command::new(shell[0])
                .args(&shell[1..])
                .args(["-c", ":"])
                .output()
                .is_ok_and(|output| output.status.success())
        })
        .collect();
    assert!(!shells.is_empty(), "no shell to test with");
    shells
}

/// A host made of files.
pub(super) struct Host(pub(super) TempDir);

impl Host {
    /// A host with a `/proc` and a `/run`, and nothing of any system.
    pub(super) fn bare() -> Self {
        let host = Self(tempfile::tempdir().expect("a directory"));
        // Others must be able to look into it, as into a real root.
        fs::set_permissions(host.root(), fs::Permissions::from_mode(0o755)).expect("permissions");
        fs::create_dir_all(host.root().join("run")).expect("a directory");
        host.write("proc/sys/kernel/random/boot_id", format!("{BOOT}\n"));
        host.write(
            "proc/stat",
            "cpu  1 2 3 4\nintr 5 0 0\nctxt 6\nbtime 1800000000\nprocesses 7\n",
        );
        host.process(1, "systemd", &[1]);
        host
    }

    /// An Ubuntu, as far as most tests look.
    pub(super) fn new() -> Self {
        let host = Self::bare();
        for directory in ["etc", "boot"] {
            fs::create_dir_all(host.root().join(directory)).expect("a directory");
        }
        host.write(
            "etc/os-release",
            "NAME=\"Ubuntu\"\nVERSION_ID=\"24.04\"\nID=ubuntu\nID_LIKE=debian\n",
        );
        host
    }

    pub(super) fn root(&self) -> &Path {
        self.0.path()
    }

    pub(super) fn write(&self, path: &str, content: impl AsRef<[u8]>) {
        let path = self.root().join(path);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
        fs::write(path, content).expect("a file");
    }

    pub(super) fn close(&self, path: &str) {
        fs::set_permissions(self.root().join(path), fs::Permissions::from_mode(0o000))
            .expect("permissions");
    }

    pub(super) fn process(&self, id: u32, name: &str, ids_inside: &[u32]) {
        self.write(&format!("proc/{id}/comm"), format!("{name}\n"));
        let inside: Vec<String> = ids_inside.iter().map(u32::to_string).collect();
        self.write(
            &format!("proc/{id}/status"),
            format!("Name:\t{name}\nPid:\t{id}\nNSpid:\t{}\n", inside.join("\t")),
        );
    }
}

/// Runs a script as somebody who owns nothing, as in the pod: root would be refused no file.
pub(super) fn run(shell: &[&str], script: &str, variables: &[(&str, &str)]) -> Output {
    let mut command = if may_become_nobody() {
        let mut command = Command::new("setpriv");
        command.args(["--reuid=65534", "--regid=65534", "--clear-groups", "--"]);
        command.args(shell);
        command
    } else {
        let mut command = Command::new(shell[0]);
        command.args(&shell[1..]);
        command
    };
    command.args(["-c", script]).envs(variables.iter().copied());
    command.output().expect("the shell runs")
}

pub(super) fn may_become_nobody() -> bool {
    Command::new("setpriv")
        .args([
            "--reuid=65534",
            "--regid=65534",
            "--clear-groups",
            "--",
            "true",
        ])
        .output()
        .is_ok_and(|output| output.status.success())
}

pub(super) fn root_of(host: &Host) -> &str {
    host.root().to_str().expect("a path in UTF-8")
}
