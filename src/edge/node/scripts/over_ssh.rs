//! What a host runs to be asked over SSH, with stand-ins for `kill` and for `systemd-run`.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use super::BOOT;
use super::host::{Host, root_of, run, shells};
use crate::core::model::BootId;
use crate::edge::node::reboot_message::{RebootMessage, Refusal, parse_reboot_message};
use crate::edge::node::{ON_HOST_SCRIPT, REBOOT_SCRIPT};

/// A stand-in for `systemd-run`: sets what it is told to set, and runs the rest on its input as the host's own would. The
/// reboot script finds a stand-in for `kill` there.
const SYSTEMD_RUN: &str = r#"#!/bin/sh
echo "$@" >>"$STAND_IN/units"
[ ! -e "$STAND_IN/refuse" ] || { echo "Failed to start transient service unit" >&2; exit 1; }
while :; do
    case $1 in
    --setenv=*) export "${1#--setenv=}" ;;
    --*) ;;
    *) break ;;
    esac
    shift
done
KILL="$STAND_IN/kill" OWN_PROC="$STAND_IN/proc"
export KILL OWN_PROC
exec "$@"
"#;

fn host() -> Host {
    let host = Host::new();
    let kill = format!(
        "#!/bin/sh\necho \"$@\" >>{0}/killed\n[ ! -e {0}/no-kill ] || [ \"$1\" = -0 ]\n",
        root_of(&host)
    );
    host.write("kill", kill);
    host.write("bin/systemd-run", SYSTEMD_RUN);
    fs::create_dir_all(host.root().join("run")).expect("a folder");
    host.write("units", "");
    host.write("killed", "");
    for file in ["kill", "bin/systemd-run", "run", "units", "killed"] {
        let mode = fs::Permissions::from_mode(0o777);
        fs::set_permissions(host.root().join(file), mode).expect("permissions");
    }
    host
}

struct Told {
    said: String,
    exit_code: Option<i32>,
    signals: String,
}

impl Told {
    fn word(&self) -> Option<RebootMessage> {
        parse_reboot_message(self.said.strip_prefix("aksreboot-host 1 nonce\n")?)
    }
}

fn mark(host: &Host) -> String {
    format!("{}/run/aksreboot-{BOOT}", root_of(host))
}

fn tell(shell: &[&str], host: &Host, changed: &[(&str, &str)]) -> Told {
    let mark = mark(host);
    let path = format!("{}/bin:/usr/bin:/bin", root_of(host));
    let mut variables = vec![
        ("NONCE", "nonce"),
        ("WANTED", "ask"),
        ("REBOOT", REBOOT_SCRIPT),
        ("UNIT", "aksreboot-reboot-boot.service"),
        ("BOOT_ID", BOOT),
        ("NOT_AFTER", "99999999999"),
        ("PROVE", "0"),
        ("MARK", &mark),
        ("HOST", root_of(host)),
        ("STAND_IN", root_of(host)),
        ("FOUND", &path),
    ];
    variables.extend_from_slice(changed);
    fs::write(host.root().join("killed"), "").expect("the note");
    let mut patient = vec!["timeout", "10"];
    patient.extend_from_slice(shell);
    let script = format!("PATH=$FOUND\n{ON_HOST_SCRIPT}");
    let output = run(&patient, &script, &variables);
    Told {
        said: String::from_utf8_lossy(&output.stdout).into_owned(),
        exit_code: output.status.code(),
        signals: fs::read_to_string(host.root().join("killed")).expect("the note"),
    }
}

fn looked(shell: &[&str], host: &Host, changed: &[(&str, &str)]) -> String {
    let told = tell(shell, host, &[&[("WANTED", "look")], changed].concat());
    assert_eq!((told.exit_code, told.signals.as_str()), (Some(0), ""));
    let said = told.said.strip_prefix("aksreboot-host 1 nonce\n");
    said.expect("the first line").to_owned()
}

#[test]
fn a_boot_is_asked_once_by_a_unit_of_its_own_and_says_so_from_then_on() {
    for shell in shells() {
        let host = host();
        assert_eq!(looked(&shell, &host, &[]), "free\n");

        let proved = tell(&shell, &host, &[("PROVE", "1")]);
        assert_eq!(
            proved.word(),
            Some(RebootMessage::Proved),
            "{}",
            proved.said
        );
        assert_eq!(
            (proved.exit_code, proved.signals.as_str()),
            (Some(0), "-0 1\n")
        );
        assert_eq!(looked(&shell, &host, &[]), "free\n");

        let asked = tell(&shell, &host, &[]);
        assert_eq!(asked.word(), Some(RebootMessage::Asking), "{}", asked.said);
        assert_eq!(
            (asked.exit_code, asked.signals.as_str()),
            (Some(0), "-0 1\n-39 1\n")
        );
        assert_eq!(looked(&shell, &host, &[]), "asked\n");

        for prove in ["0", "1"] {
            let again = tell(&shell, &host, &[("PROVE", prove)]);
            assert_eq!(again.word(), Some(RebootMessage::Refused(Refusal::Asked)));
            assert_eq!(
                (again.exit_code, again.signals.as_str()),
                (Some(0), "-0 1\n")
            );
        }
        let units = fs::read_to_string(host.root().join("units")).expect("the units");
        assert!(
            units.lines().all(|unit| unit
                .contains("--collect --pipe --wait --unit=aksreboot-reboot-boot.service")
                && unit.ends_with("/bin/sh -s")),
            "{units}"
        );
    }
}

#[test]
fn the_guard_is_the_pods_and_leaves_no_mark_where_it_refuses() {
    for shell in shells() {
        let host = host();
        for (changed, refusal) in [
            (
                ("BOOT_ID", "another"),
                Refusal::Boot(Some(BootId::new(BOOT))),
            ),
            (("HOST", "/nowhere"), Refusal::Boot(None)),
        ] {
            let told = tell(&shell, &host, &[changed]);
            assert_eq!(told.word(), Some(RebootMessage::Refused(refusal)));
            assert_eq!((told.exit_code, told.signals.as_str()), (Some(0), ""));
        }
        let late = tell(&shell, &host, &[("NOT_AFTER", "1000")]);
        assert!(matches!(
            late.word(),
            Some(RebootMessage::Refused(Refusal::NotAfter(Some(_))))
        ));
        let unwritable = tell(&shell, &host, &[("MARK", "/nowhere/at/all")]);
        assert_eq!(
            unwritable.word(),
            Some(RebootMessage::Refused(Refusal::Mark))
        );
        assert_eq!(unwritable.signals, "-0 1\n");
        assert_eq!(looked(&shell, &host, &[]), "free\n");
    }
}

#[test]
fn a_signal_that_is_not_sent_leaves_no_mark() {
    for shell in shells() {
        let host = host();
        host.write("no-kill", "");
        let failed = tell(&shell, &host, &[]);
        assert_eq!(failed.word(), Some(RebootMessage::SignalFailed));
        assert_eq!(failed.exit_code, Some(0));
        assert_eq!(looked(&shell, &host, &[]), "free\n");
    }
}

#[test]
fn a_unit_that_cannot_be_run_is_no_answer() {
    for shell in shells() {
        let host = host();
        host.write("refuse", "");
        let refused = tell(&shell, &host, &[]);
        assert_eq!((refused.word(), refused.exit_code), (None, Some(1)));
        assert_eq!(refused.signals, "");
        let missing = tell(&shell, &host, &[("FOUND", "/nowhere")]);
        assert_eq!(missing.word(), Some(RebootMessage::Refused(Refusal::Unit)));
    }
}

#[test]
fn of_another_boot_or_an_unreadable_host_nothing_is_said_to_be_free() {
    for shell in shells() {
        let host = host();
        assert_eq!(
            looked(&shell, &host, &[("BOOT_ID", "another")]),
            format!("boot {BOOT}\n")
        );
        for changed in [("HOST", "/nowhere"), ("MARK", "/nowhere/mark")] {
            assert_eq!(looked(&shell, &host, &[changed]), "unreadable\n");
        }
    }
}
