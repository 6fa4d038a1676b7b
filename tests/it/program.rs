//! The program as a user runs it, against a simulated cluster over loopback HTTP: what it prints, what it returns.

use std::process::Stdio;

use aksreboot::sim::scenes;
use tempfile::TempDir;

use crate::command::{Cluster, code, command, err, out, write_kubeconfig};

#[test]
fn status_prints_a_table_on_stdout_and_talks_on_stderr() {
    let cluster = Cluster::serve(scenes::three().namespace("aksreboot"));
    let output = cluster.run(&["status"]);
    assert_eq!(code(&output), 0, "{}", err(&output));
    let rows: Vec<Vec<&str>> = out(&output)
        .lines()
        .map(|line| line.split_whitespace().collect())
        .collect();
    assert_eq!(rows[0][..3], ["NAME", "STATUS", "REBOOT"]);
    let verdicts: Vec<&str> = rows[1..].iter().map(|row| row[2]).collect();
    assert_eq!(verdicts, ["yes", "yes", "no"], "{}", out(&output));
    assert!(
        err(&output).contains("2 of 3 nodes wait for a reboot"),
        "{}",
        err(&output)
    );
}

#[test]
fn status_without_the_namespace_says_unknown_and_names_the_command_that_ends_it() {
    let cluster = Cluster::serve(scenes::three());
    let output = cluster.run(&["status"]);
    assert_eq!(code(&output), 0);
    assert!(!out(&output).contains(" no "), "{}", out(&output));
    let verdicts: Vec<&str> = out(&output)
        .lines()
        .skip(1)
        .filter_map(|row| row.split_whitespace().nth(2))
        .collect();
    assert_eq!(verdicts, ["unknown"; 3], "{}", out(&output));
    assert!(
        err(&output).contains("aksreboot manifests namespace | kubectl apply -f -"),
        "{}",
        err(&output)
    );
}

#[test]
fn json_is_one_document_also_on_failure() {
    let cluster = Cluster::serve(scenes::three().namespace("aksreboot"));
    for arguments in [
        &["status", "-o", "json"][..],
        &["status", "-o", "json", "node-9"],
        &["status", "-o", "json", "--context", "red"],
    ] {
        let output = cluster.run(arguments);
        let document: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(document["kind"], "aksreboot/Status", "{arguments:?}");
        assert_eq!(
            document["errors"].as_array().unwrap().is_empty(),
            code(&output) == 0,
            "{arguments:?}"
        );
    }
}

#[test]
fn a_roll_with_a_yes_goes_to_its_end_and_keeps_a_private_journal() {
    let cluster = Cluster::serve(scenes::three());
    let output = cluster.run(&["roll", "--yes", "--sustained-ready", "1s"]);
    assert_eq!(code(&output), 0, "{}", err(&output));
    assert!(
        out(&output).contains("2 nodes to reboot, one at a time:"),
        "{}",
        out(&output)
    );
    assert!(
        err(&output).contains("2 of 2 nodes rebooted and verified"),
        "{}",
        err(&output)
    );
    let journals: Vec<_> = std::fs::read_dir(cluster.home.path().join(".local/state/aksreboot"))
        .unwrap()
        .collect();
    assert_eq!(journals.len(), 1);
    let path = journals[0].as_ref().unwrap().path();
    let lines = std::fs::read_to_string(&path).unwrap();
    for line in lines.lines() {
        crate::schemas::assert_valid("event.v1.json", &serde_json::from_str(line).unwrap());
    }
    let sequence: Vec<u64> = lines
        .lines()
        .map(|line| {
            serde_json::from_str::<serde_json::Value>(line).unwrap()["seq"]
                .as_u64()
                .unwrap()
        })
        .collect();
    assert!(
        sequence.iter().zip(1..).all(|(seq, count)| *seq == count),
        "{sequence:?}"
    );
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(
            std::fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o600
        );
    }
    // The next one finds nothing to do.
    let again = cluster.run(&["roll", "--yes"]);
    assert_eq!(code(&again), 0, "{}", err(&again));
}

#[test]
fn a_roll_without_a_terminal_and_a_yes_shows_its_plan_and_touches_nothing() {
    let cluster = Cluster::serve(scenes::three().namespace("aksreboot"));
    let output = cluster.run(&["roll"]);
    assert_eq!(code(&output), 2);
    assert!(
        out(&output).contains("Plan for cluster blue"),
        "{}",
        out(&output)
    );
    assert!(err(&output).contains("--yes"), "{}", err(&output));
    let after = cluster.run(&["status"]);
    assert!(err(&after).contains("2 of 3 nodes wait"), "{}", err(&after));
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let cluster = Cluster::serve(scenes::three().namespace("aksreboot"));
    for arguments in [
        &["status", "-o", "wide"][..],
        &["status", "-o", "json"],
        &["--help"],
        &["manifests"],
    ] {
        let mut child = cluster
            .command(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert_eq!(code(&output), 0, "{arguments:?}: {}", err(&output));
        assert!(!err(&output).contains("panicked"), "{}", err(&output));
    }
}

#[test]
fn each_common_failure_says_what_to_do_next() {
    let nothing = TempDir::new().unwrap();
    let refused = TempDir::new().unwrap();
    // A port that was free a moment ago and that nobody listens on.
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    write_kubeconfig(&refused, &format!("http://127.0.0.1:{port}"));
    let cases: [(&TempDir, &[&str], i32, &str); 5] = [
        (&nothing, &["status"], 1, "kubeconfig"),
        (&refused, &["status"], 1, "refused"),
        (&refused, &["status", "--context", "bleu"], 2, "blue"),
        (
            &refused,
            &["roll", "--max-unavailable", "0"],
            2,
            "at least one node has to be allowed",
        ),
        (
            &refused,
            &["roll", "node-1", "-l", "a=b"],
            2,
            "cannot be used with",
        ),
    ];
    for (home, arguments, exit, word) in cases {
        let output = command(home, arguments).output().unwrap();
        assert_eq!(code(&output), exit, "{arguments:?}: {}", err(&output));
        assert!(
            err(&output).contains(word),
            "{arguments:?}: `{word}` is not in: {}",
            err(&output)
        );
        assert!(
            err(&output).contains("hint:") || exit == 2,
            "{arguments:?}: {}",
            err(&output)
        );
        assert!(output.stdout.is_empty(), "{arguments:?}: {}", out(&output));
    }
}

#[test]
fn the_demo_needs_nothing_and_leaves_nothing() {
    let home = TempDir::new().unwrap();
    let output = command(&home, &["demo", "--speed", "2000", "roll"])
        .output()
        .unwrap();
    assert_eq!(code(&output), 0, "{}", err(&output));
    assert!(
        err(&output).contains("5 of 5 nodes rebooted and verified"),
        "{}",
        err(&output)
    );
    assert_eq!(std::fs::read_dir(home.path()).unwrap().count(), 0);
    let output = command(&home, &["demo", "--speed", "2000", "status"])
        .output()
        .unwrap();
    assert_eq!(code(&output), 0);
    for verdict in ["yes", "no", "unknown", "n-a"] {
        assert!(out(&output).contains(verdict), "{}", out(&output));
    }
}
