//! Nodes that mean harm: files without end, pipes, links in circles, values that are no values. The script ends, keeps to
//! its length, and what it could not read is unreadable.

use std::fs;
use std::os::unix::fs::symlink;
use std::process::Command;

use super::host::Host;
use super::on_every_shell;
use crate::core::evidence::{Flag, Listing};

fn pipe(host: &Host, path: &str) {
    let path = host.root().join(path);
    fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
    let _ = fs::remove_file(&path);
    let made = Command::new("mkfifo").arg(path).status().expect("mkfifo");
    assert!(made.success());
}

#[test]
fn files_without_end_are_read_to_a_bound() {
    let host = Host::new();
    for path in [
        "etc/os-release",
        "etc/apt/apt.conf.d/01endless",
        "etc/dnf/automatic.conf",
    ] {
        host.write(path, "ID=ubuntu\n");
        let file = fs::OpenOptions::new()
            .write(true)
            .open(host.root().join(path))
            .expect("the file");
        // Zeros from here on: a terabyte of them, in no room on the disk.
        file.set_len(1 << 40).expect("a sparse file");
    }
    on_every_shell(&host, |answer| {
        assert_eq!(answer.os.id.as_deref(), Some("ubuntu"));
        assert_eq!(answer.flag, Flag::Absent);
    });
}

#[test]
fn pipes_in_place_of_files_block_nobody() {
    let host = Host::new();
    for path in [
        "etc/os-release",
        "etc/apt/apt.conf.d/01pipe",
        "etc/dnf/automatic.conf",
        "run/reboot-required",
        "usr/lib/modules/6.8.0-1-azure/modules.builtin",
    ] {
        pipe(&host, path);
    }
    symlink("usr/lib", host.root().join("lib")).expect("a link");
    on_every_shell(&host, |answer| {
        assert_eq!(answer.os.id, None);
        assert!(matches!(answer.flag, Flag::Present(_)));
    });
}

#[test]
fn links_in_circles_end() {
    let host = Host::new();
    fs::remove_file(host.root().join("etc/os-release")).expect("removed");
    symlink("../etc/os-release", host.root().join("etc/os-release")).expect("a link");
    symlink("/lib", host.root().join("lib")).expect("a link");
    symlink("../../../../../..", host.root().join("usr")).expect("a link");
    on_every_shell(&host, |answer| {
        assert_eq!(answer.os.id, None);
        assert_eq!(answer.flag, Flag::Absent);
    });
}

#[test]
fn the_longest_and_strangest_values_stay_within_the_limit() {
    let host = Host::new();
    let strange = |length: usize| "\u{1b}\u{7}%$(x)\u{e9}".repeat(length);
    host.write(
        "proc/sys/kernel/random/boot_id",
        format!("{}\n", "\u{1b}".repeat(99)),
    );
    host.write(
        "etc/os-release",
        format!(
            "ID=\"{}\"\nVERSION_ID='{}'\nVARIANT_ID={}\nID_LIKE={}",
            "\u{7}".repeat(60),
            "\u{1b}".repeat(60),
            "\u{1b}".repeat(60),
            strange(5000)
        ),
    );
    host.write("proc/stat", "btime 99999999999999999999999999\nbtime x\n");
    host.write(
        "etc/dnf/automatic.conf",
        format!("apply_updates = {}", "y".repeat(5000)),
    );
    for number in 0..400 {
        host.write(&format!("boot/vmlinuz-{}{number}", strange(12)), "");
        host.write(
            &format!("usr/lib/modules/{}{number}/modules.builtin", strange(9)),
            "",
        );
    }
    symlink("usr/lib", host.root().join("lib")).expect("a link");
    host.write("run/reboot-required", "");
    let names: Vec<String> = (0..900)
        .map(|number| format!("{number}{}", strange(6)))
        .collect();
    host.write("run/reboot-required.pkgs", names.join("\n"));
    // The length is held by what runs the script.
    on_every_shell(&host, |answer| {
        assert!(matches!(answer.flag, Flag::Present(_)));
        for (listing, total) in [(&answer.kernels, 400), (&answer.packages, 900)] {
            let Listing::Read { names, omitted } = listing else {
                panic!("{listing:?}");
            };
            assert_eq!(names.len() + *omitted as usize, total);
            assert!(*omitted > 0);
        }
        assert_eq!(answer.kernels.whole(), None);
        assert_eq!(answer.watch.booted, None);
    });
}
