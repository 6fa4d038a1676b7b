//! `doctor` with the SSH flags against real sshds: what it says of each way to fail, and that the command it prints mends
//! that way and no other.

use std::process::Command;

use serde_json::Value;

use super::routes::{no_login, ssh_config};
use crate::suite::audit::Audit;
use crate::suite::lab::Lab;

/// The lab's ssh configuration with known hosts of the test's own, and lines before everything else.
struct Own {
    config: String,
    known: String,
}

impl Own {
    fn of(lab: &Lab, first: &str) -> Self {
        let text = std::fs::read_to_string(ssh_config(lab)).expect("the lab's configuration");
        let known = lab.folder().join("known_hosts");
        let theirs = text
            .lines()
            .find_map(|line| line.trim_start().strip_prefix("UserKnownHostsFile "))
            .expect("the lab's known hosts");
        std::fs::copy(theirs, &known).expect("a copy");
        let (known, config) = (
            known.to_str().expect("a path").to_owned(),
            lab.folder().join("ssh_config"),
        );
        std::fs::write(
            &config,
            format!("{first}\n{}", text.replace(theirs, &known)),
        )
        .expect("a configuration");
        Self {
            config: config.to_str().expect("a path").to_owned(),
            known,
        }
    }

    /// Changes the lines of the known hosts.
    fn change(&self, line: impl Fn(&str) -> Option<String>) {
        let text = std::fs::read_to_string(&self.known).expect("known hosts");
        let changed: Vec<String> = text.lines().filter_map(line).collect();
        std::fs::write(&self.known, changed.join("\n") + "\n").expect("known hosts");
    }
}

/// The checks of logins with their grades, in their order, after the exit code was looked at.
fn examined(lab: &Lab, config: &str, exit: i32, words: &[&str]) -> Vec<Value> {
    let line = [
        &[
            "doctor",
            "-o",
            "json",
            "--via",
            "ssh",
            "--ssh-config",
            config,
        ],
        words,
    ]
    .concat();
    let ended = lab.run(&line);
    ended.exits(exit);
    let document: Value = serde_json::from_str(&ended.stdout).expect("a document");
    let checks = document["checks"].as_array().expect("checks");
    checks
        .iter()
        .filter(|check| {
            check["code"]
                .as_str()
                .is_some_and(|code| code.starts_with("AKR05"))
        })
        .cloned()
        .collect()
}

fn bad(checks: &[Value]) -> Vec<(&str, &str, &str)> {
    checks
        .iter()
        .filter(|check| check["grade"] != "ok")
        .map(|check| {
            let text = |key: &str| check[key].as_str().expect("text");
            (text("code"), text("grade"), text("words"))
        })
        .collect()
}

/// The command within a remedy.
fn command(check: &Value) -> String {
    let remedy = check["remedies"][0].as_str().expect("a remedy");
    let from = remedy
        .find("ssh-keygen -f")
        .or_else(|| remedy.find("ssh -o"));
    let command = &remedy[from.unwrap_or_else(|| panic!("no command in {remedy}"))..];
    let end = command.find("   (").unwrap_or(command.len());
    command[..end].to_owned()
}

/// Carries the command out as a person would, with `config` and inside the lab's network.
fn carry_out(lab: &Lab, command: &str) {
    lab.verb(&["run", "sh", "-c", command]);
}

#[test]
fn every_login_that_works_is_said_to_and_nothing_is_written() {
    let lab = Lab::begin();
    let config = ssh_config(&lab);
    let audit = Audit::from_here(&lab);
    let checks = examined(&lab, &config, 0, &[]);
    assert_eq!(bad(&checks), []);
    let codes: Vec<&str> = checks
        .iter()
        .filter_map(|check| check["code"].as_str())
        .collect();
    assert_eq!(
        codes,
        ["AKR050", "AKR051", "AKR052", "AKR053", "AKR055", "AKR054"]
    );
    let root = &checks[5]["found"];
    assert_eq!(
        (&root["kind"], &root["nodes"]),
        (&"loginRoot".into(), &3.into())
    );
    let wrote = audit.requests().into_iter().find(|request| {
        let reads = ["get", "list", "watch"].contains(&request.verb.as_str());
        !reads && request.resource != "selfsubjectaccessreviews" && request.was_done()
    });
    assert!(wrote.is_none(), "{wrote:?}");
    no_login();
}

#[test]
fn a_host_key_is_never_taken_and_its_command_mends_that_host_alone() {
    let lab = Lab::begin();
    let own = Own::of(&lab, "");
    // lab-2 is not known, and lab-3 is known by another key.
    let text = std::fs::read_to_string(&own.known).expect("known hosts");
    let key_of = |node: &str| {
        let line = text
            .lines()
            .find(|line| line.starts_with(node))
            .expect("a key");
        line.split_once(' ').expect("a key").1.to_owned()
    };
    let another = key_of("lab-1,");
    own.change(|line| match line.split_once(' ') {
        Some((names, _)) if names.starts_with("lab-3,") => Some(format!("{names} {another}")),
        Some((names, _)) if names.starts_with("lab-2,") => None,
        _ => Some(line.to_owned()),
    });
    let before = std::fs::read(&own.known).expect("known hosts");
    let checks = examined(&lab, &own.config, 1, &[]);
    let found = bad(&checks);
    let [(code, grade, words)] = found[..] else {
        panic!("{checks:#?}");
    };
    assert_eq!((code, grade), ("AKR052", "fail"));
    assert!(words.starts_with("2 of 3 nodes (lab-2, lab-3)"), "{words}");
    assert_eq!(std::fs::read(&own.known).expect("known hosts"), before);
    let remedies = checks
        .iter()
        .find(|check| check["grade"] == "fail")
        .expect("a failure");
    assert_eq!(remedies["remedies"].as_array().map(Vec::len), Some(2));

    carry_out(&lab, &command(remedies));
    let checks = examined(&lab, &own.config, 1, &[]);
    let [(code, _, words)] = bad(&checks)[..] else {
        panic!("{checks:#?}");
    };
    assert_eq!(code, "AKR052");
    assert!(
        words.starts_with(
            "1 of 3 nodes (lab-3): the host key of 10.71.0.13 is another than the known one"
        ),
        "{words}"
    );
    let changed = checks
        .iter()
        .find(|check| check["grade"] == "fail")
        .expect("a failure");
    let command = command(changed);
    assert!(
        command.starts_with(&format!("ssh-keygen -f {} -R 10.71.0.13 && ", own.known)),
        "{command}"
    );
    carry_out(&lab, &command);
    assert_eq!(bad(&examined(&lab, &own.config, 0, &[])), []);
    no_login();
}

#[test]
fn a_user_who_may_not_log_in_and_one_without_sudo_are_told_apart() {
    let lab = Lab::begin();
    let config = ssh_config(&lab);
    let checks = examined(&lab, &config, 1, &["--ssh-user", "stranger"]);
    let found = bad(&checks);
    let [(code, grade, words)] = found[..] else {
        panic!("{checks:#?}");
    };
    assert_eq!((code, grade), ("AKR053", "fail"));
    assert!(
        words.starts_with("3 of 3 nodes (lab-1, lab-2, lab-3): 10.71.0.11 lets nobody in")
            && words.contains("Permission denied (publickey"),
        "{words}"
    );

    lab.afterwards(&["exec", "lab-1", "userdel", "-r", "plain"]);
    let make = "useradd -m -s /bin/sh plain && cp -r /home/azureuser/.ssh /home/plain/ && chown -R plain /home/plain/.ssh";
    lab.verb(&["exec", "lab-1", "sh", "-c", make]);
    let words = ["--ssh-user", "plain", "--ssh-node", "lab-1"];
    let checks = examined(&lab, &config, 0, &words);
    let found = bad(&checks);
    let [(code, grade, words)] = found[..] else {
        panic!("{checks:#?}");
    };
    assert_eq!((code, grade), ("AKR054", "warn"));
    assert!(
        words.contains("sudo -n is refused") && words.contains("password is required"),
        "{words}"
    );
    // `status` reads the node all the same, and says what it could not read.
    lab.run(&[
        "status",
        "lab-1",
        "--via",
        "ssh",
        "--ssh-config",
        &config,
        "--ssh-user",
        "plain",
    ])
    .exits(0);
    no_login();
}

#[test]
fn an_address_behind_which_another_host_answers_is_found_out() {
    let lab = Lab::begin();
    let own = Own::of(
        &lab,
        "Host 10.71.0.11\n  HostName 10.71.0.12\n  HostKeyAlias 10.71.0.12",
    );
    let checks = examined(&lab, &own.config, 1, &["--ssh-node", "lab-1,lab-3"]);
    let found = bad(&checks);
    let [(code, grade, words)] = found[..] else {
        panic!("{checks:#?}");
    };
    assert_eq!((code, grade), ("AKR055", "fail"));
    assert!(words.starts_with("1 of 2 nodes (lab-1)"), "{words}");
    let broken = lab.folder().join("broken");
    std::fs::write(&broken, "NoSuchKeyword yes\n").expect("a configuration");
    let broken = broken.to_str().expect("a path");
    let checks = examined(&lab, broken, 1, &[]);
    let [(code, _, words)] = bad(&checks)[..] else {
        panic!("{checks:#?}");
    };
    assert_eq!(code, "AKR050");
    assert!(
        words.contains("Bad configuration option: nosuchkeyword"),
        "{words}"
    );
    // As ssh itself says it.
    let by_hand = Command::new("ssh").args(["-F", broken, "-G", "x"]).output();
    assert!(by_hand.is_ok_and(|output| !output.status.success()));
    no_login();
}
