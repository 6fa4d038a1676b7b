//! `doctor` with the SSH flags, against a simulated cluster on the loopback interface and a stand-in for the ssh program:
//! what it says of a login that fails, with which command, and that nothing is left.

use std::process::Output;

use aksreboot::sim::{Machine, scenes};
use serde_json::Value;

use crate::routes::{HONEST, calls, program_with_ssh, sockets, stand_in};
use crate::status::{Lab, text};

/// An honest host that runs the script as root, as far as the trial's question goes.
fn as_root() -> String {
    format!("printf 'aksreboot-uid %s 0\\n' \"$nonce\"; {HONEST}")
}

async fn doctor(lab: &Lab, master: &str, command: &str, words: &[&str]) -> (Output, Value) {
    let bin = stand_in(lab, master, command);
    let line = [&["doctor", "-o", "json"], words].concat();
    let output = program_with_ssh(lab, &bin, &line).await;
    let document = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", text(&output.stderr)));
    (output, document)
}

fn checks<'d>(document: &'d Value, code: &str) -> Vec<&'d Value> {
    let checks = document["checks"].as_array().unwrap();
    checks
        .iter()
        .filter(|check| check["code"] == code)
        .collect()
}

fn grades(document: &Value) -> Vec<(&str, &str)> {
    let checks = document["checks"].as_array().unwrap();
    checks
        .iter()
        .map(|check| {
            (
                check["code"].as_str().unwrap(),
                check["grade"].as_str().unwrap(),
            )
        })
        .filter(|(code, _)| code.starts_with("AKR05"))
        .collect()
}

#[tokio::test]
async fn a_login_that_works_is_tried_in_full_and_closed() {
    let lab = Lab::of(scenes::three()).await;
    let words = [
        "--via",
        "ssh",
        "--ssh-user",
        "azureuser",
        "--ssh-node",
        "node-1",
    ];
    let (output, document) = doctor(&lab, ":", &as_root(), &words).await;
    assert_eq!(output.status.code(), Some(0), "{document:#}");
    assert_eq!(
        grades(&document),
        [
            ("AKR050", "ok"),
            ("AKR051", "ok"),
            ("AKR052", "ok"),
            ("AKR053", "ok"),
            ("AKR055", "ok"),
            ("AKR054", "ok"),
        ]
    );
    let program = checks(&document, "AKR050")[0]["words"].as_str().unwrap();
    assert!(
        program.contains("OpenSSH_9.2p1 stand-in") && program.contains("through bastion"),
        "{program}"
    );
    // Of pods nothing is asked, and the namespace is missing here.
    for code in ["AKR020", "AKR030", "AKR060"] {
        assert!(checks(&document, code).is_empty(), "{code}");
    }
    assert_eq!(lab.verbs_on_pods("create"), 0);
    let calls = calls(&lab);
    assert!(calls.contains("StrictHostKeyChecking=yes"), "{calls}");
    assert_eq!(calls.matches("\nclosed").count(), 1, "{calls}");
    assert_eq!(std::fs::read_dir(sockets(&lab)).unwrap().count(), 0);
}

#[tokio::test]
async fn nobody_is_logged_in_to_unasked() {
    let lab = Lab::of(scenes::three().namespace("aksreboot")).await;
    let (_, document) = doctor(&lab, ":", HONEST, &[]).await;
    assert_eq!(grades(&document), []);
    assert_eq!(calls(&lab), "");
    let (_, document) = doctor(&lab, ":", HONEST, &["--ssh-sudo", "never"]).await;
    assert_eq!(
        checks(&document, "AKR030").len(),
        1,
        "pods are looked at as well"
    );
    assert!(!grades(&document).is_empty());
}

#[tokio::test]
async fn each_way_to_fail_has_its_code_and_its_command() {
    let refused = |said: &str| format!("{{ {said} }} >\"$log\"; exit 255");
    let unknown = refused(
        "echo 'No ED25519 host key is known for 10.224.0.4 and you have requested strict checking.'; echo 'Host key verification failed.';",
    );
    let changed = refused(
        "echo '@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @'; echo 'Offending ED25519 key in /home/me/.ssh/known_hosts:3'; echo 'Host key for 10.224.0.4 has changed and you have requested strict checking.';",
    );
    let denied = refused("echo 'azureuser@10.224.0.4: Permission denied (publickey).';");
    let away = refused("echo 'ssh: connect to host 10.224.0.4 port 22: No route to host';");
    let elsewhere = HONEST.replace(r#""$boot""#, "11111111-2222-3333-4444-555555555555");
    let no_sudo = format!(
        "printf 'aksreboot-uid %s 1000\\naksreboot-sudo %s sudo: a password is required\\n' \"$nonce\" \"$nonce\"; {HONEST}"
    );
    for (master, command, code, grade, mends) in [
        (
            unknown.as_str(),
            HONEST,
            "AKR052",
            "fail",
            "ssh -o StrictHostKeyChecking=accept-new 10.224.",
        ),
        (
            &changed,
            HONEST,
            "AKR052",
            "fail",
            "ssh-keygen -f /home/me/.ssh/known_hosts -R 10.224.0.4 && ssh -o StrictHostKeyChecking=accept-new",
        ),
        (&denied, HONEST, "AKR053", "fail", "--ssh-user"),
        (&away, HONEST, "AKR053", "fail", "ssh -v"),
        (":", &elsewhere, "AKR055", "fail", "kubectl get node node-1"),
        (":", "echo nonsense", "AKR053", "fail", ""),
        (":", &no_sudo, "AKR054", "warn", "NOPASSWD"),
    ] {
        let lab = Lab::of(scenes::three()).await;
        let words = ["--via", "ssh", "--ssh-node", "node-1"];
        let (output, document) = doctor(&lab, master, command, &words).await;
        let check = checks(&document, code)[..]
            .last()
            .copied()
            .unwrap_or_else(|| panic!("no {code}: {document:#}"));
        assert_eq!(check["grade"], grade, "{check:#}");
        let remedies = check["remedies"].to_string();
        assert!(remedies.contains(mends), "{code}: {remedies}");
        assert_eq!(output.status.code(), Some(i32::from(grade == "fail")));
        assert!(
            !calls(&lab).contains("accept-new"),
            "a key is never taken: {}",
            calls(&lab)
        );
        assert_eq!(std::fs::read_dir(sockets(&lab)).unwrap().count(), 0);
    }
}

#[tokio::test]
async fn a_node_that_is_not_there_or_has_no_login_is_named() {
    let lab = Lab::of(scenes::three().machine(Machine::windows("win-1"))).await;
    let words = ["--via", "ssh", "--ssh-node", "node-1,win-1,nowhere"];
    let (output, document) = doctor(&lab, ":", &as_root(), &words).await;
    assert_eq!(output.status.code(), Some(1));
    let missing = checks(&document, "AKR053")
        .into_iter()
        .find(|check| check["grade"] == "fail")
        .unwrap();
    let words = missing["words"].as_str().unwrap();
    assert!(words.contains("nowhere, win-1"), "{words}");
    assert_eq!(calls(&lab).matches(" -M ").count(), 1, "{}", calls(&lab));
}

#[tokio::test]
async fn without_an_ssh_program_that_is_all_that_is_said() {
    let lab = Lab::of(scenes::three()).await;
    let empty = lab.folder.path().join("empty");
    std::fs::create_dir_all(&empty).unwrap();
    let output = lab
        .program(&["doctor", "--via", "ssh"])
        .env("PATH", &empty)
        .output()
        .await
        .unwrap();
    let out = text(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{out}");
    assert!(
        out.contains("fail     AKR050  ssh          there is no ssh program on the PATH"),
        "{out}"
    );
    assert!(!out.contains("AKR053"), "{out}");
}

#[tokio::test]
async fn flags_that_would_be_passed_over_are_wrong_usage() {
    let lab = Lab::of(scenes::three()).await;
    for words in [
        &["doctor", "--for", "roll", "--ssh-user", "azureuser"][..],
        &["doctor", "--for", "read", "--via", "ssh"],
        &["doctor", "--ssh-config", "/nowhere/at/all"],
    ] {
        let output = lab.program(words).output().await.unwrap();
        assert_eq!(output.status.code(), Some(2), "{words:?}");
    }
    assert!(lab.sim.requests().is_empty());
}
