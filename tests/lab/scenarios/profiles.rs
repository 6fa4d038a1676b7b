//! The profiles of `kubectl debug`, each tried by hand and by `status --via debug` on the same node: where kubectl's pod
//! sees the host's flag and boot, ours tells the verdict; where it sees neither, or does not run, the verdict is unknown.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::suite::IMAGE;
use crate::suite::lab::Lab;

const LABEL: &str = "app.kubernetes.io/managed-by=kubectl-debug";
/// What a person would look at, as lines of words.
const LOOK: &str = "id -u; \
    [ -e /host/run/reboot-required ] && echo flag || echo none; \
    cat /host/proc/sys/kernel/random/boot_id 2>/dev/null || echo none";

fn remove_debug_pods(lab: &Lab) {
    lab.kubectl(&["delete", "pods", "-l", LABEL, "--grace-period=0", "--force"]);
}

/// What kubectl's pod of that profile printed: user, flag, boot; or why its container does not start.
fn by_kubectl(lab: &Lab, profile: &str) -> Result<Vec<String>, String> {
    lab.kubectl(&[
        "debug",
        "node/lab-2",
        &format!("--image={IMAGE}"),
        &format!("--profile={profile}"),
        "--",
        "/bin/sh",
        "-c",
        LOOK,
    ]);
    let state = || -> (String, Value) {
        let pods = lab.get(&["pods", "-l", LABEL]);
        let pod = &pods["items"][0];
        let name = pod["metadata"]["name"].as_str().expect("a pod");
        let state = &pod["status"]["containerStatuses"][0]["state"];
        (name.to_owned(), state.clone())
    };
    lab.until("the debug pod has ended or cannot start", 30, || {
        let (_, state) = state();
        !state["terminated"].is_null() || state["waiting"]["reason"] == "CreateContainerConfigError"
    });
    let (name, state) = state();
    let said = if state["terminated"].is_null() {
        Err(state["waiting"]["message"]
            .as_str()
            .unwrap_or_default()
            .to_owned())
    } else {
        let lines = lab.kubectl(&["logs", &name]);
        Ok(lines.lines().map(str::to_owned).collect())
    };
    remove_debug_pods(lab);
    said
}

fn ours(lab: &Lab, profile: &str) -> (String, String) {
    let words = [
        "status",
        "lab-2",
        "--via",
        "debug",
        "--profile",
        profile,
        "-o",
        "json",
    ];
    let ended = lab.run(&words);
    ended.exits(0);
    let document: Value = serde_json::from_str(&ended.stdout).expect("a document");
    let node = &document["nodes"][0];
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    (word(&node["reboot"]), word(&node["reasons"][0]["kind"]))
}

#[test]
#[ignore = "lab-full"]
fn each_profile_reads_what_kubectls_own_pod_of_it_can_read() {
    let lab = Lab::begin();
    lab.mark("lab-2", &["libc6"]);
    remove_debug_pods(&lab);
    let boot = lab.node("lab-2").boot_id().to_owned();
    let mut table = String::new();
    for (profile, user, verdict, kind) in [
        ("general", Some("0"), "yes", "flag"),
        ("legacy", Some("0"), "yes", "flag"),
        ("sysadmin", Some("0"), "yes", "flag"),
        ("netadmin", Some("0"), "unknown", "profileWithoutHost"),
        ("baseline", Some("0"), "unknown", "profileWithoutHost"),
        ("restricted", None, "unknown", "probeFailed"),
    ] {
        let theirs = by_kubectl(&lab, profile);
        let (said, why) = ours(&lab, profile);
        let _ = writeln!(
            table,
            "{profile:<11} kubectl: {theirs:?}  ours: {said} ({why})"
        );
        assert_eq!((said.as_str(), why.as_str()), (verdict, kind), "{table}");
        match (&theirs, user) {
            (Ok(lines), Some(user)) => {
                let sees = verdict == "yes";
                let expected = if sees {
                    ["flag", boot.as_str()]
                } else {
                    ["none", "none"]
                };
                assert_eq!(lines[0], user, "{table}");
                assert_eq!(lines[1..], expected, "{table}");
            }
            (Err(message), None) => assert!(message.contains("runAsNonRoot"), "{table}"),
            _ => panic!("{table}"),
        }
        let left = lab.get(&["pods", "-l", LABEL]);
        assert_eq!(left["items"], json!([]), "{table}");
    }
    eprintln!("{table}");
}
