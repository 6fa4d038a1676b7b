//! Logins through a stand-in for the ssh program would need the PATH of this process; what goes over the connection is
//! tested here by the shell that would get it. The lab and tests/it have the rest.

use std::io::Write as _;
use std::process::{Command, Stdio};
use std::time::Duration;

use super::command::{answer_of, input, remote_command};
use crate::core::evidence::{Flag, Sentinel, SentinelSaid, parse_answer};
use crate::edge::node::{Inquiry, ScriptSettings};
use crate::request::flags::Sudo;

const NONCE: &str = "0123456789abcdef";

fn plain_input() -> String {
    input(&ScriptSettings::on_host(
        NONCE,
        &Sentinel::System,
        Inquiry::EVIDENCE,
    ))
}

/// What the host's shell makes of the command line and the input, as a login shell of that name does.
fn run_by(shell: &str, command: &str, input: &str) -> (Option<i32>, Vec<u8>) {
    let mut child = Command::new(shell)
        .args(["-c", command])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("a shell");
    let mut stdin = child.stdin.take().expect("its input");
    let input = input.to_owned();
    let writer = std::thread::spawn(move || {
        let _ = stdin.write_all(input.as_bytes());
    });
    let output = child.wait_with_output().expect("its end");
    writer.join().expect("the writer");
    (output.status.code(), output.stdout)
}

#[test]
fn the_script_comes_through_every_login_shell_and_reads_this_host() {
    for shell in ["/bin/sh", "/bin/bash", "/bin/dash"] {
        if !std::path::Path::new(shell).exists() {
            continue;
        }
        for sudo in [Sudo::Never, Sudo::Auto] {
            let command = remote_command(sudo, Duration::from_secs(60));
            let (code, output) = run_by(shell, &command, &plain_input());
            assert_eq!(code, Some(0), "{shell}");
            let answer = parse_answer(answer_of(&output, NONCE), NONCE).expect("an answer");
            let boot =
                std::fs::read_to_string("/proc/sys/kernel/random/boot_id").expect("a boot ID");
            assert_eq!(answer.boot.expect("a boot ID").as_str(), boot.trim());
            assert_ne!(answer.flag, Flag::NotRead);
        }
    }
}

/// Quotes, dollars and line breaks reach the host's shell as they were given.
#[test]
fn the_operators_own_evidence_is_asked_for_as_it_was_named() {
    let command = "test \"a  b\" = 'a  b' || exit 9\ntest \"$((3 + 4))\" = 7 && exit 42";
    for (sentinel, as_root, else_said) in [
        (
            Sentinel::Command(command.into()),
            SentinelSaid::Exit(42),
            SentinelSaid::Refused("not-root".into()),
        ),
        (
            Sentinel::File("/run/no-such-flag".into()),
            SentinelSaid::File(Flag::Absent),
            SentinelSaid::File(Flag::Absent),
        ),
    ] {
        let input = input(&ScriptSettings::on_host(
            NONCE,
            &sentinel,
            Inquiry::EVIDENCE,
        ));
        let remote = remote_command(Sudo::Never, Duration::from_secs(60));
        let (code, output) = run_by("/bin/sh", &remote, &input);
        assert_eq!(code, Some(0));
        let answer = parse_answer(answer_of(&output, NONCE), NONCE).expect("an answer");
        let expected = if rustix::process::getuid().is_root() {
            as_root
        } else {
            else_said
        };
        assert_eq!(answer.sentinel, expected);
    }
}

#[test]
fn nothing_of_the_question_is_in_an_argument_list() {
    let command = remote_command(Sudo::Auto, Duration::from_secs(60));
    assert!(!command.contains(NONCE) && !command.contains("reboot-required"));
    // Login shells other than sh take these for their own, even within quotes.
    assert!(!command.contains(['!', '\n']));
    assert!(plain_input().contains(NONCE));
}

#[test]
fn a_script_that_never_ends_is_ended_on_the_host() {
    let command = remote_command(Sudo::Never, Duration::from_secs(1));
    let began = std::time::Instant::now();
    let (code, _) = run_by("/bin/sh", &command, "while :; do sleep 0.1; done");
    assert_eq!(code, Some(124));
    assert!(began.elapsed() < Duration::from_secs(10));
}

#[test]
fn what_start_up_files_print_is_passed_over_and_cannot_answer() {
    let real = format!("aksreboot-probe 1 {NONCE}\nflag absent\nend {NONCE} 1\n");
    let forged = "aksreboot-probe 1 fedcba9876543210\nflag present\nend fedcba9876543210 1\n";
    for noise in [
        "",
        "Welcome\n\u{1b}[31m\n",
        forged,
        "aksreboot-probe 1 \n\0\u{7}\n",
    ] {
        let output = format!("{noise}{real}");
        assert_eq!(answer_of(output.as_bytes(), NONCE), real.as_bytes());
    }
    // In the middle of a line it is no first line.
    let output = format!("x{real}");
    assert!(parse_answer(answer_of(output.as_bytes(), NONCE), NONCE).is_err());
}
