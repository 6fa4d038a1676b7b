//! The ways into a node: that they say the same, what is done where one is shut, and that none leaves anything behind.

use serde_json::{Value, json};

use crate::suite::OWN;
use crate::suite::command::Ended;
use crate::suite::lab::Lab;

/// What each node was said to be, by `-o json`: name, verdict and reasons, and the way.
fn said(ended: &Ended) -> Vec<(Value, Value)> {
    ended.exits(0);
    let document: Value = serde_json::from_str(&ended.stdout).expect("a document");
    let nodes = document["nodes"].as_array().expect("nodes");
    nodes
        .iter()
        .map(|node| {
            let verdict = json!([
                node["name"],
                node["reboot"],
                node["reasons"],
                node["since"],
                node["kernel"],
                node["newestKernel"]
            ]);
            (verdict, node["readBy"].clone())
        })
        .collect()
}

pub(super) fn ssh_config(lab: &Lab) -> String {
    lab.verb(&["ssh-config"]).trim().to_owned()
}

/// No debug pod is left in the namespace of the admin's context.
fn no_debug_pod(lab: &Lab) {
    let left = lab.get(&["pods", "-l", "app.kubernetes.io/managed-by=kubectl-debug"]);
    assert_eq!(left["items"], json!([]), "debug pods are left");
}

/// No ssh of ours runs on, and no folder with a socket of it is there.
pub(super) fn no_login() {
    for process in std::fs::read_dir("/proc").expect("processes").flatten() {
        let line = std::fs::read(process.path().join("cmdline")).unwrap_or_default();
        let line = String::from_utf8_lossy(&line).replace('\0', " ");
        assert!(
            !(line.starts_with("ssh ") && line.contains("/aksreboot-")),
            "a login is left: {line}"
        );
    }
    let left = std::fs::read_dir("/tmp").expect("/tmp").flatten();
    let left: Vec<_> = left
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.file_name())
        .filter(|name| name.to_string_lossy().starts_with("aksreboot-"))
        .collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn debian_12_and_13_say_the_same_by_a_pod_a_debug_pod_and_ssh() {
    let lab = Lab::begin();
    lab.apply_manifests(&["namespace"]);
    for (node, release) in [("lab-2", "bookworm"), ("lab-3", "trixie")] {
        let system = lab.verb(&["exec", node, "cat", "/etc/os-release"]);
        assert!(system.contains(release), "{node} is not {release}");
        lab.mark(node, &["libc6", "dbus"]);
    }
    let config = ssh_config(&lab);
    let ways = [
        ("pod", &["--via", "pod"][..]),
        ("debug", &["--via", "debug"]),
        ("debug", &["--via", "debug", "--profile", "sysadmin"]),
        ("ssh", &["--via", "ssh", "--ssh-config", &config]),
        (
            "ssh",
            &[
                "--via",
                "ssh",
                "--ssh-config",
                &config,
                "--ssh-sudo",
                "never",
                "--ssh-user",
                "azureuser",
            ],
        ),
    ];
    let mut first = None;
    for (route, words) in ways {
        let ended = lab.run(&[&["status", "-o", "json"], words].concat());
        let (verdicts, routes): (Vec<_>, Vec<_>) = said(&ended).into_iter().unzip();
        assert_eq!(routes, [route; 3], "{ended}");
        let needs: Vec<_> = verdicts.iter().map(|verdict| &verdict[1]).collect();
        assert_eq!(needs, ["no", "yes", "yes"], "{ended}");
        assert_eq!(
            *first.get_or_insert_with(|| verdicts.clone()),
            verdicts,
            "{route}: {ended}"
        );
    }
    lab.is_as_before(&[]);
    no_debug_pod(&lab);
    no_login();
}

#[test]
fn a_node_without_its_kubelet_is_read_by_ssh_and_no_signal_leaves_a_pod_on_it() {
    let lab = Lab::begin();
    lab.apply_manifests(&["namespace"]);
    lab.mark("lab-1", &["libc6"]);
    lab.afterwards(&["kubelet", "lab-1", "start"]);
    lab.verb(&["kubelet", "lab-1", "stop"]);

    // The API has not noticed yet, so pods are made and nobody takes them up.
    let running = lab.start(&["status", "lab-1", "--via", "pod"]);
    lab.until("a probe pod is there", 30, || !lab.own("pods").is_empty());
    let sent = running.signal("INT");
    running.end().exits(130).soon_after(sent);
    assert_eq!(lab.own("pods"), [""; 0]);
    let debugged = || lab.get(&["pods", "-l", "app.kubernetes.io/managed-by=kubectl-debug"]);
    let running = lab.start(&["status", "lab-1", "--via", "debug"]);
    lab.until("a debug pod is there", 30, || {
        debugged()["items"] != json!([])
    });
    let sent = running.signal("TERM");
    running.end().exits(143).soon_after(sent);
    no_debug_pod(&lab);

    // What the controller manager writes 50 s after the kubelet's last word.
    let unknown = r#"{"status":{"conditions":[{"type":"Ready","status":"Unknown","reason":"NodeStatusUnknown"}]}}"#;
    lab.kubectl(&[
        "patch",
        "node",
        "lab-1",
        "--subresource=status",
        "-p",
        unknown,
    ]);
    lab.run(&["status", "lab-1"])
        .exits(0)
        .says("the node is not ready (NodeStatusUnknown)")
        .says("hint: --via ssh --ssh-user USER");
    let config = ssh_config(&lab);
    let words = ["status", "lab-1", "--ssh-config", &config, "-o", "wide"];
    let ended = lab.run(&words);
    ended
        .exits(0)
        .says("note: lab-1: read by ssh: the node is not ready");
    assert!(
        ended.stdout.contains("yes") && ended.stdout.contains("ssh (node not ready)"),
        "{ended}"
    );
    no_login();
}

#[test]
fn where_a_policy_denies_the_pod_its_words_are_shown_and_the_other_ways_are_open() {
    let lab = Lab::begin();
    lab.apply_manifests(&["namespace"]);
    lab.mark("lab-2", &["libc6"]);
    let kinds = "validatingadmissionpolicies,validatingadmissionpolicybindings";
    lab.afterwards(&[
        "kubectl",
        "delete",
        kinds,
        "lab-safeguards",
        "--ignore-not-found",
    ]);
    lab.apply(SAFEGUARDS);
    let pod = ["status", "lab-2", "--via", "pod"];
    lab.until("the policy holds", 30, || {
        lab.run(&pod).stderr().contains("refuses the probe pod")
    });
    lab.run(&pod)
        .exits(0)
        .says("[lab-safeguards] hostPath volumes are not allowed here")
        .says("hint: exclude the namespace aksreboot from that policy")
        .says("--via debug, --via ssh");
    let ended = lab.run(&["status", "lab-2", "--via", "debug"]);
    assert!(ended.stdout.contains("yes"), "{ended}");
    let config = ssh_config(&lab);
    let ended = lab.run(&["status", "lab-2", "--ssh-config", &config]);
    ended.says("read by ssh: an admission policy refuses the probe pod");
    assert!(ended.stdout.contains("yes"), "{ended}");

    lab.kubectl(&["delete", kinds, "lab-safeguards"]);
    let level = "pod-security.kubernetes.io/enforce=";
    lab.afterwards(&[
        "kubectl",
        "label",
        "namespace",
        OWN,
        &format!("{level}privileged"),
        "--overwrite",
    ]);
    lab.kubectl(&[
        "label",
        "namespace",
        OWN,
        &format!("{level}baseline"),
        "--overwrite",
    ]);
    lab.run(&pod)
        .exits(0)
        .says("PodSecurity refuses the probe pod")
        .says("violates PodSecurity \"baseline:latest\": hostPath volumes (volume \"host\")")
        .says("hint: kubectl label namespace aksreboot pod-security.kubernetes.io/enforce=privileged --overwrite");
    lab.is_as_before(&[]);
    no_debug_pod(&lab);
}

/// As Deployment Safeguards deny, whose gatekeeper cannot run here: by another part of the same server.
const SAFEGUARDS: &str = r#"
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: lab-safeguards}
spec:
  matchConstraints:
    resourceRules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods]}]
    namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: aksreboot}}
  validations:
  - expression: "!has(object.spec.volumes) || object.spec.volumes.all(v, !has(v.hostPath))"
    message: "[lab-safeguards] hostPath volumes are not allowed here"
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: lab-safeguards}
spec: {policyName: lab-safeguards, validationActions: [Deny]}
"#;

#[test]
fn an_image_that_cannot_be_pulled_and_a_key_that_is_not_known_are_said_with_what_helps() {
    let lab = Lab::begin();
    lab.apply_manifests(&["namespace"]);
    let words = [
        "status",
        "lab-1",
        "--via",
        "pod",
        "--image",
        "lab.local/none:1",
    ];
    lab.run(&words)
        .exits(0)
        .says("the node cannot get the image lab.local/none:1")
        .says("hint: --image with a small image");
    lab.is_as_before(&[]);

    // The same logins with an empty list of known hosts.
    let config = std::fs::read_to_string(ssh_config(&lab)).expect("the lab's configuration");
    let known = lab.folder().join("known_hosts");
    let own = lab.folder().join("ssh_config");
    let text: Vec<String> = config
        .lines()
        .map(
            |line| match line.trim_start().strip_prefix("UserKnownHostsFile") {
                Some(_) => format!("UserKnownHostsFile {}", known.display()),
                None => line.to_owned(),
            },
        )
        .collect();
    std::fs::write(&own, text.join("\n")).expect("a configuration");
    let own = own.to_str().expect("a path").to_owned();
    let words = ["status", "lab-1", "--via", "ssh", "--ssh-config", &own];
    let ended = lab.run(&words);
    ended
        .exits(0)
        .says("the host key of 10.71.0.11 is not known: No ED25519 host key is known")
        .says("takes whatever key answers now");
    // The hint is a command: carried out, it mends the matter.
    let hint = &ended
        .line("hint: ssh -o StrictHostKeyChecking=accept-new")
        .text;
    let command = hint
        .strip_prefix("hint: ")
        .and_then(|hint| hint.split("   (").next())
        .expect("a command");
    let parts: Vec<&str> = command.split_whitespace().collect();
    lab.verb(&[&["run"], &parts[..]].concat());
    let ended = lab.run(&words);
    assert!(
        ended.stdout.lines().any(|line| line.contains(" no ")),
        "{ended}"
    );
    no_login();
}
