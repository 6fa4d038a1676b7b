//! The reboot script, with a stand-in for `kill`.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use super::BOOT;
use super::host::{Host, root_of, run, shells};
use crate::core::model::BootId;
use crate::edge::node::REBOOT_SCRIPT;
use crate::edge::node::reboot_message::{RebootMessage, Refusal, parse_reboot_message};

/// A stand-in for `kill` that notes how it was called and answers with `status`.
fn fake_kill(host: &Host, status: i32) -> String {
    host.write(
        "kill",
        format!(
            "#!/bin/sh\necho \"$@\" >>{}/killed\nexit {status}\n",
            root_of(host)
        ),
    );
    host.write("killed", "");
    for file in ["kill", "killed"] {
        fs::set_permissions(host.root().join(file), fs::Permissions::from_mode(0o777))
            .expect("permissions");
    }
    format!("{}/kill", root_of(host))
}

struct Asked {
    message: Option<RebootMessage>,
    exit_code: Option<i32>,
    signals: String,
}

fn ask(shell: &[&str], host: &Host, kill: &str, changed: &[(&str, &str)]) -> Asked {
    let own_proc = format!("{}/proc", root_of(host));
    let mut variables = vec![
        ("ROOT", root_of(host)),
        ("OWN_PROC", own_proc.as_str()),
        ("BOOT_ID", BOOT),
        ("NOT_AFTER", "99999999999"),
        ("PROVE", "0"),
        ("KILL", kill),
    ];
    variables.extend_from_slice(changed);
    fs::write(host.root().join("killed"), "").expect("a file");
    // The script never ends by itself once it has asked.
    let mut patient = vec!["timeout", "1"];
    patient.extend_from_slice(shell);
    let output = run(&patient, REBOOT_SCRIPT, &variables);
    Asked {
        message: parse_reboot_message(&String::from_utf8_lossy(&output.stdout)),
        exit_code: output.status.code(),
        signals: fs::read_to_string(host.root().join("killed")).expect("the note"),
    }
}

#[test]
fn a_proof_does_everything_but_the_call() {
    let host = Host::new();
    let kill = fake_kill(&host, 0);
    for shell in shells() {
        let asked = ask(&shell, &host, &kill, &[("PROVE", "1")]);
        assert_eq!(asked.message, Some(RebootMessage::Proved), "{shell:?}");
        assert_eq!(asked.exit_code, Some(0));
        assert_eq!(asked.signals, "-0 1\n");
    }
}

#[test]
fn the_ask_is_signal_39_to_process_1_and_then_waits() {
    let host = Host::new();
    let kill = fake_kill(&host, 0);
    for shell in shells() {
        let asked = ask(&shell, &host, &kill, &[]);
        assert_eq!(asked.message, Some(RebootMessage::Asking), "{shell:?}");
        assert_eq!(asked.exit_code, Some(124), "ended by itself");
        assert_eq!(asked.signals, "-0 1\n-39 1\n");
    }
}

#[test]
fn every_doubt_refuses_before_any_signal_but_the_harmless_one() {
    let host = Host::new();
    let kill = fake_kill(&host, 0);
    for shell in shells() {
        for (changed, refusal) in [
            (
                ("BOOT_ID", "another"),
                Refusal::Boot(Some(BootId::new(BOOT))),
            ),
            (("ROOT", "/nowhere"), Refusal::Boot(None)),
            (("OWN_PROC", "/nowhere"), Refusal::Init),
        ] {
            let asked = ask(&shell, &host, &kill, &[changed]);
            assert_eq!(
                asked.message,
                Some(RebootMessage::Refused(refusal)),
                "{shell:?}"
            );
            assert_eq!((asked.exit_code, asked.signals.as_str()), (Some(3), ""));
        }
        let blank = ask(
            &shell,
            &host,
            &kill,
            &[("ROOT", "/nowhere"), ("BOOT_ID", "")],
        );
        assert_eq!(
            blank.message,
            Some(RebootMessage::Refused(Refusal::Boot(None)))
        );
        let late = ask(&shell, &host, &kill, &[("NOT_AFTER", "1000")]);
        assert!(matches!(
            late.message,
            Some(RebootMessage::Refused(Refusal::NotAfter(Some(_))))
        ));
        let timeless = ask(&shell, &host, &kill, &[("NOT_AFTER", "")]);
        assert_ne!(timeless.exit_code, Some(124));
        assert_eq!(timeless.signals, "");
    }
}

#[test]
fn a_package_manager_at_work_refuses() {
    let host = Host::new();
    let kill = fake_kill(&host, 0);
    host.process(71, "dpkg", &[71]);
    for shell in shells() {
        let asked = ask(&shell, &host, &kill, &[]);
        assert_eq!(
            asked.message,
            Some(RebootMessage::Refused(Refusal::Packaging(vec![
                "dpkg".into()
            ])))
        );
        assert_eq!((asked.exit_code, asked.signals.as_str()), (Some(3), ""));
    }
}

#[test]
fn a_process_1_that_cannot_be_signalled_refuses_the_proof() {
    let host = Host::new();
    let kill = fake_kill(&host, 1);
    for shell in shells() {
        let asked = ask(&shell, &host, &kill, &[("PROVE", "1")]);
        assert_eq!(asked.message, Some(RebootMessage::Refused(Refusal::Signal)));
        assert_eq!(asked.exit_code, Some(3));
    }
}
