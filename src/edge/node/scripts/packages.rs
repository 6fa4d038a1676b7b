//! The question to package managers: over the real apt of this machine with made-up sources, and with stand-ins for the
//! programs where those are not here or would have to misbehave.

mod apt;
mod rpm;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use super::NONCE;
use super::host::shells;
use crate::core::evidence::split_answer;
use crate::core::updates::{
    Asked, DataAgeBy, PackageUpdate, PackagesAnswer, Standing, parse_packages,
};
use crate::edge::node::PROBE_SCRIPT;
use crate::edge::node::bare::sent;

const FUNCTIONS: &str = sent!(
    "../packages/common.sh",
    "../packages/apt.sh",
    "../packages/rpm.sh"
);

/// A folder with these programs, to be found first.
fn programs(bodies: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().expect("a directory");
    for (name, body) in bodies {
        put(&folder, name, body);
    }
    folder
}

/// One more of them.
fn put(folder: &TempDir, name: &str, body: &str) {
    let path = folder.path().join(name);
    fs::write(&path, format!("#!/bin/sh\n{body}\n")).expect("a program");
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).expect("permissions");
}

/// What comes of one of the script's functions, with a list where there is one. Not under busybox, which takes applets of
/// its own for programs of these names.
fn said(function: &str, programs: Option<&Path>, variables: &[(&str, &str)]) -> PackagesAnswer {
    let script = format!(
        "{FUNCTIONS}system=fedora\nlook_at_clock\nbegan=$clock\n{function}\nif [ -n \"$list\" ]; then printf 'list\\n%s\\n' \"$list\"; fi"
    );
    let path = std::env::var("PATH").unwrap_or_default();
    let path = match programs {
        Some(folder) => format!("{}:{path}", folder.display()),
        None => path,
    };
    let mut answers: Vec<PackagesAnswer> = shells()
        .iter()
        .filter(|shell| shell[0] != "busybox")
        .map(|shell| {
            let output = Command::new(shell[0])
                .args(["-c", &script])
                .envs([
                    ("PATH", path.as_str()),
                    ("REFRESH", "no"),
                    ("PATIENCE", "20"),
                ])
                .envs(variables.iter().copied())
                .output()
                .expect("the shell runs");
            let stdout = String::from_utf8(output.stdout).expect("ASCII");
            let (lines, list) = match stdout.split_once("list\n") {
                Some((lines, list)) => (lines, list),
                None => (stdout.as_str(), ""),
            };
            let count = lines.lines().count();
            let answer = format!("aksreboot-probe 1 {NONCE}\n{lines}end {NONCE} {count}\n");
            let parsed = parse_packages(answer.as_bytes(), NONCE, Ok(list.as_bytes()));
            parsed
                .unwrap_or_else(|why| panic!("{why:?}\n{stdout}"))
                .expect("a manager")
        })
        .collect();
    // The moment of a fetch may be another second under the next shell.
    for answer in &mut answers {
        if let Some((DataAgeBy::Refresh, at)) = &mut answer.data {
            *at = jiff::Timestamp::UNIX_EPOCH;
        }
    }
    answers.dedup();
    assert_eq!(answers.len(), 1, "the shells differ: {answers:?}");
    answers.remove(0)
}

fn list(answer: &PackagesAnswer) -> Vec<PackageUpdate> {
    match &answer.said {
        Asked::Read(list) => list.packages.clone().expect("a whole list"),
        other => panic!("{other:?}"),
    }
}

/// Name, installed and candidate version, security and standing.
fn plain(packages: &[PackageUpdate]) -> Vec<(&str, &str, &str, Option<bool>, Standing)> {
    packages
        .iter()
        .map(|it| {
            let installed = it.installed.as_deref().unwrap_or("");
            (
                &*it.name,
                installed,
                &*it.candidate,
                it.security,
                it.standing,
            )
        })
        .collect()
}

fn failure(answer: &PackagesAnswer) -> &str {
    match &answer.said {
        Asked::Failed { message, .. } => message,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_list_beyond_reason_is_cut_and_counted() {
    let lines: Vec<String> = (0..40)
        .map(|number| format!("p{number:02} - 1 2 no pending -"))
        .collect();
    let answer = said(
        &format!(
            "tell updates-manager apt; MOST_BYTES=200; list='{}'; tell_list",
            lines.join("\n")
        ),
        None,
        &[],
    );
    let Asked::Read(list) = answer.said else {
        panic!("{answer:?}");
    };
    assert_eq!(list.counts.pending, 40);
    let named = list.packages.expect("a list").len();
    assert!(named > 5 && named + list.omitted as usize == 40, "{named}");
}

/// The whole probe with a question in place of the real one, under each shell.
fn asked(question: &str) -> Vec<Vec<u8>> {
    shells()
        .iter()
        .map(|shell| {
            let output = Command::new(shell[0])
                .args(&shell[1..])
                .args(["-c", PROBE_SCRIPT])
                .envs([("ROOT", ""), ("NONCE", NONCE), ("QUESTION", question)])
                .envs([("REFRESH", "no"), ("PATIENCE", "5")])
                .output()
                .expect("the shell runs");
            output.stdout
        })
        .collect()
}

#[test]
fn the_list_comes_after_the_answer_and_the_lines_stand_in_it() {
    let streams = asked(
        "printf 'updates-manager apt\\nupdates read\\nupdates-count 1 0 0 0\\nupdates-list 1 22 x\\nlist\\na - 1 2 no pending -\\n'",
    );
    for stream in streams {
        let (answer, list) = split_answer(&stream, NONCE);
        assert_eq!(list, b"a - 1 2 no pending -\n");
        let text = String::from_utf8_lossy(answer);
        assert!(text.contains("\nupdates-count 1 0 0 0\n"), "{text}");
        assert!(text.contains("\nboot-id "), "{text}");
    }
}

#[test]
fn a_host_on_which_the_question_cannot_be_run_says_so_and_the_evidence_comes_all_the_same() {
    for stream in asked("exit 7") {
        let (answer, list) = split_answer(&stream, NONCE);
        assert!(list.is_empty());
        assert!(crate::core::evidence::parse_answer(answer, NONCE).is_ok());
        let doubt = parse_packages(answer, NONCE, Ok(list)).expect_err("a doubt");
        assert!(format!("{doubt:?}").contains("exit code 7"), "{doubt:?}");
    }
}

#[test]
fn a_debug_pod_writes_nothing_into_the_nodes_tmp() {
    // Only that pod is told for how long it is awaited.
    let debug = ("AWAITED_SECONDS", "30");
    let marks = || {
        let entries = fs::read_dir("/tmp").expect("a folder").flatten();
        let ours = entries.filter(|it| {
            let name = it.file_name();
            name.to_string_lossy().starts_with("aksreboot.")
        });
        ours.count()
    };
    let programs = programs(&[("mktemp", "echo mktemp was called >&2; exit 9")]);
    let before = marks();
    for (question, freshness) in [
        ("ask_dnf", "no"),
        ("ask_tdnf", "no"),
        ("ask_dnf", "yes"),
        ("ask_apt", "yes"),
    ] {
        let answer = said(
            &format!("tdnf_lock_folder=/nowhere; {question}"),
            Some(programs.path()),
            &[debug, ("REFRESH", freshness)],
        );
        let message = failure(&answer);
        assert!(message.contains("--via pod or --via ssh"), "{message}");
    }
    assert!(marks() <= before);
}

/// An awk that fails where its program or its input has this in it, and says nothing.
fn failing_awk(part: &str) -> (&'static str, String) {
    let body =
        format!("case \"$*\" in *'{part}'*) exit 2 ;; esac; PATH=/usr/bin:/bin exec awk \"$@\"");
    ("awk", body)
}
