//! The scripts as they are, under every shell that a node or an image may have, over made-up hosts.

mod ask;
mod asked;
mod evidence;
mod host;
mod hostile;
mod over_ssh;
mod packages;
mod samples;

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;
use std::process::Command;

use self::host::{Host, may_become_nobody, root_of, run, shells};
use super::PROBE_SCRIPT;
use crate::core::evidence::{Answer, Flag, Listing, parse_answer};
use crate::core::model::{BootId, Kernel};

const NONCE: &str = "0123456789abcdef";
const BOOT: &str = "5a1f3a5e-0000-4000-8000-000000000001";

fn answer(shell: &[&str], host: &Host) -> Answer {
    let output = run(
        shell,
        PROBE_SCRIPT,
        &[("ROOT", root_of(host)), ("NONCE", NONCE)],
    );
    let context = || {
        format!(
            "{shell:?}: {}\n{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        )
    };
    assert!(output.status.success(), "{}", context());
    assert!(output.stdout.len() <= 4000, "{}", output.stdout.len());
    parse_answer(&output.stdout, NONCE).unwrap_or_else(|why| panic!("{why:?}\n{}", context()))
}

fn on_every_shell(host: &Host, check: impl Fn(Answer)) {
    for shell in shells() {
        check(answer(&shell, host));
    }
}

fn read(names: &[&str]) -> Listing {
    Listing::Read {
        names: names.iter().map(|name| (*name).to_owned()).collect(),
        omitted: 0,
    }
}

#[test]
fn a_plain_host_says_who_it_is_and_that_nothing_waits() {
    on_every_shell(&Host::new(), |answer| {
        assert_eq!(answer.boot, Some(BootId::new(BOOT)));
        assert!(
            answer
                .kernel
                .is_some_and(|kernel| kernel.as_str().len() > 3)
        );
        assert_eq!(answer.os.id.as_deref(), Some("ubuntu"));
        assert_eq!(answer.os.version.as_deref(), Some("24.04"));
        assert_eq!(answer.os.variant, None);
        assert_eq!(answer.flag, Flag::Absent);
        assert_eq!(answer.packages, Listing::Absent);
        assert_eq!(answer.kernels, read(&[]));
        assert_eq!(answer.busy, read(&[]));
        assert!(answer.clock.is_some());
    });
}

#[test]
fn the_flag_comes_with_its_time_and_each_package_once() {
    let host = Host::new();
    host.write("run/reboot-required", "*** System restart required ***\n");
    host.write(
        "run/reboot-required.pkgs",
        "linux-base\ndbus\nlibc6\nlinux-base\nlinux-base\n",
    );
    on_every_shell(&host, |answer| {
        assert!(matches!(answer.flag, Flag::Present(Some(_))));
        assert_eq!(answer.packages, read(&["dbus", "libc6", "linux-base"]));
    });
}

#[test]
fn a_flag_is_its_name_even_as_a_link_to_nowhere() {
    let host = Host::new();
    symlink("/nowhere", host.root().join("run/reboot-required")).expect("a link");
    on_every_shell(&host, |answer| {
        assert!(matches!(answer.flag, Flag::Present(_)));
    });
}

#[test]
fn what_cannot_be_looked_at_is_unreadable_and_never_absent() {
    if !may_become_nobody() {
        // As an ordinary user our own closed directories are closed to us too.
        assert_ne!(rustix::process::geteuid().as_raw(), 0, "root needs setpriv");
    }
    let host = Host::new();
    host.close("run");
    host.close("boot");
    on_every_shell(&host, |answer| {
        assert_eq!(answer.flag, Flag::Unreadable("not-searchable".into()));
        assert_eq!(
            answer.packages,
            Listing::Unreadable("not-searchable".into())
        );
        assert_eq!(answer.kernels, Listing::Unreadable("not-searchable".into()));
    });
    // Searchable but not listable, as some systems keep /boot.
    fs::set_permissions(host.root().join("boot"), fs::Permissions::from_mode(0o711))
        .expect("permissions");
    if may_become_nobody() {
        on_every_shell(&host, |answer| {
            assert_eq!(answer.kernels, Listing::Unreadable("not-listable".into()));
        });
    }
    for directory in ["run", "boot"] {
        fs::set_permissions(
            host.root().join(directory),
            fs::Permissions::from_mode(0o755),
        )
        .expect("permissions");
    }
}

#[test]
fn a_host_that_was_not_mounted_is_unreadable_and_never_absent() {
    let empty = Host(tempfile::tempdir().expect("a directory"));
    fs::set_permissions(empty.root(), fs::Permissions::from_mode(0o755)).expect("permissions");
    on_every_shell(&empty, |answer| {
        assert_eq!(answer.boot, None);
        assert_eq!(answer.flag, Flag::Unreadable("no-directory".into()));
        assert_eq!(answer.busy, Listing::Unreadable("hidden".into()));
        assert_eq!(answer.os.id, None);
    });
}

#[test]
fn an_absolute_link_never_leads_out_of_the_host() {
    let host = Host::new();
    fs::remove_dir(host.root().join("run")).expect("removed");
    symlink("/var/run", host.root().join("run")).expect("a link");
    fs::remove_file(host.root().join("etc/os-release")).expect("removed");
    symlink("/usr/lib/os-release", host.root().join("etc/os-release")).expect("a link");
    host.write("usr/lib/os-release", "ID='sles'\nVARIANT_ID=micro");
    on_every_shell(&host, |answer| {
        assert_eq!(answer.flag, Flag::Unreadable("symlink".into()));
        assert_eq!(answer.os.id.as_deref(), Some("sles"));
        assert_eq!(answer.os.variant.as_deref(), Some("micro"));
    });
}

#[test]
fn hundreds_of_packages_are_cut_and_counted() {
    let host = Host::new();
    let names: Vec<String> = (0..300)
        .map(|number| format!("package-with-a-long-name-{number:03}"))
        .collect();
    host.write("run/reboot-required", "");
    host.write("run/reboot-required.pkgs", names.join("\n"));
    on_every_shell(&host, |answer| {
        let Listing::Read { names, omitted } = answer.packages else {
            panic!("{:?}", answer.packages);
        };
        assert!(names.len() > 50, "{}", names.len());
        assert_eq!(names.len() + omitted as usize, 300);
    });
}

#[test]
fn a_file_beyond_reason_is_not_read() {
    let host = Host::new();
    host.write("run/reboot-required.pkgs", vec![b'x'; 70_000]);
    on_every_shell(&host, |answer| {
        assert_eq!(answer.packages, Listing::Unreadable("too-large".into()));
    });
}

#[test]
fn a_pipe_in_place_of_a_file_blocks_nobody() {
    let host = Host::new();
    let made = Command::new("mkfifo")
        .arg(host.root().join("run/reboot-required.pkgs"))
        .status()
        .expect("mkfifo runs");
    assert!(made.success());
    on_every_shell(&host, |answer| {
        assert_eq!(answer.packages, Listing::Unreadable("not-a-file".into()));
    });
}

#[test]
fn hostile_content_stays_inside_its_value() {
    let host = Host::new();
    let forged = format!("end {NONCE} 3");
    host.write("run/reboot-required", "");
    host.write(
        "run/reboot-required.pkgs",
        format!("{forged}\n\x1b[31mred\x1b[0m\n100%\n$(reboot)\n*\n caf\u{e9}\nflag absent\n"),
    );
    host.write(
        "etc/os-release",
        "ID=\"a b\x07\"\nVERSION_ID=1\nflag absent\n",
    );
    fs::write(host.root().join("boot/vmlinuz-6.1\nflag absent"), "").expect("a file");
    on_every_shell(&host, |answer| {
        assert!(matches!(answer.flag, Flag::Present(_)));
        assert_eq!(answer.os.id.as_deref(), Some("a b\u{7}"));
        assert_eq!(answer.kernels, read(&["6.1\nflag absent"]));
        assert_eq!(
            answer.packages,
            read(&[
                "\u{1b}[31mred\u{1b}[0m",
                " caf\u{e9}",
                "$(reboot)",
                "*",
                "100%",
                &forged,
                "flag absent",
            ])
        );
    });
}

#[test]
fn kernels_are_named_by_their_release() {
    let host = Host::new();
    for name in [
        "vmlinuz",
        "vmlinuz-6.8.0-1021-azure",
        "vmlinuz-6.8.0-1030-azure",
        "initrd.img-6.8.0-1021-azure",
    ] {
        host.write(&format!("boot/{name}"), "");
    }
    on_every_shell(&host, |answer| {
        assert_eq!(
            answer.kernels,
            read(&["6.8.0-1021-azure", "6.8.0-1030-azure"])
        );
    });
}

#[test]
fn package_managers_of_the_host_count_and_those_of_containers_do_not() {
    let host = Host::new();
    host.process(70, "unattended-upgr", &[70]);
    host.process(71, "dpkg", &[71]);
    host.process(72, "dpkg", &[72]);
    host.process(73, "apt-get", &[73, 9]);
    on_every_shell(&host, |answer| assert_eq!(answer.busy, read(&["dpkg"])));
}

#[test]
fn hidden_processes_are_not_no_processes() {
    let host = Host::new();
    fs::remove_dir_all(host.root().join("proc/1")).expect("removed");
    on_every_shell(&host, |answer| {
        assert_eq!(answer.busy, Listing::Unreadable("hidden".into()));
    });
}

#[test]
fn without_stat_the_flag_has_no_time() {
    let host = Host::new();
    host.write("run/reboot-required", "");
    // A directory of tools with everything but stat.
    let tools = tempfile::tempdir().expect("a directory");
    fs::set_permissions(tools.path(), fs::Permissions::from_mode(0o755)).expect("permissions");
    for tool in [
        "date", "ls", "od", "readlink", "sed", "sort", "tr", "uname", "wc",
    ] {
        let found = ["/usr/bin", "/bin"]
            .iter()
            .map(|directory| Path::new(directory).join(tool))
            .find(|path| path.exists())
            .expect("the tool");
        symlink(found, tools.path().join(tool)).expect("a link");
    }
    // busybox has stat built in.
    let output = run(
        &["dash"],
        &format!("PATH={}; {PROBE_SCRIPT}", tools.path().display()),
        &[("ROOT", root_of(&host)), ("NONCE", NONCE)],
    );
    let answer = parse_answer(&output.stdout, NONCE).expect("an answer");
    assert_eq!(answer.flag, Flag::Present(None));
}

#[test]
fn the_answer_goes_to_the_file_too() {
    let host = Host::new();
    let answers = tempfile::NamedTempFile::new().expect("a file");
    fs::set_permissions(answers.path(), fs::Permissions::from_mode(0o666)).expect("permissions");
    let path = answers.path().to_str().expect("a path in UTF-8");
    for shell in shells() {
        let output = run(
            &shell,
            PROBE_SCRIPT,
            &[("ROOT", root_of(&host)), ("NONCE", NONCE), ("OUT", path)],
        );
        assert!(output.status.success());
        assert_eq!(fs::read(path).expect("the file"), output.stdout);
    }
}

#[test]
fn the_running_kernel_is_named_as_uname_names_it() {
    let uname = Command::new("uname")
        .arg("-r")
        .output()
        .expect("uname runs");
    let release = String::from_utf8_lossy(&uname.stdout).trim().to_owned();
    on_every_shell(&Host::new(), |answer| {
        assert_eq!(answer.kernel, Some(Kernel::new(release.clone())));
    });
}
