//! A token that is no longer good in the middle of a roll, and a new one a while later: from a credential plugin and from
//! a file. The old one is really revoked: the object that it is bound to is deleted.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};

use crate::suite::audit::{Audit, acts_on};
use crate::suite::lab::Lab;
use crate::suite::outside::Outside;
use crate::suite::workload::Deployment;

/// Longer than the Lease's term.
const WITHOUT: Duration = Duration::from_secs(75);
const NAMESPACE: &str = "staff";

/// A token of the operator's, good as long as the Secret of that name is there.
fn token(lab: &Lab, secret: &str) -> String {
    let place = ["-n", NAMESPACE];
    lab.kubectl(&[&["create", "secret", "generic", secret], &place[..]].concat());
    let bound = [
        "--bound-object-kind",
        "Secret",
        "--bound-object-name",
        secret,
    ];
    let words = [&["create", "token", "operator"], &place[..], &bound[..]].concat();
    lab.kubectl(&words).trim().to_owned()
}

/// A kubeconfig of the operator whose user is this.
fn kubeconfig(lab: &Lab, user: &Value) -> String {
    let text = lab.kubectl(&["config", "view", "--raw", "-o", "json"]);
    let mut config: Value = serde_json::from_str(&text).expect("a kubeconfig");
    config["users"][0]["user"] = user.clone();
    let path = lab.folder().join("operator.kubeconfig");
    std::fs::write(&path, config.to_string()).expect("a kubeconfig");
    path.to_str().expect("a path").to_owned()
}

/// Rolls as the operator; `give` hands a token over.
fn survives(user: impl Fn(&Path) -> Value, give: impl Fn(&Path, &str)) {
    let lab = Lab::begin();
    lab.apply_manifests(&["namespace"]);
    lab.namespace(NAMESPACE);
    lab.kubectl(&["create", "serviceaccount", "operator", "-n", NAMESPACE]);
    lab.afterwards(&["kubectl", "delete", "clusterrolebinding", "staff-operator"]);
    lab.kubectl(&[
        "create",
        "clusterrolebinding",
        "staff-operator",
        "--clusterrole=cluster-admin",
        "--serviceaccount=staff:operator",
    ]);
    give(lab.folder(), &token(&lab, "first"));
    let config = kubeconfig(&lab, &user(lab.folder()));
    Deployment::new(NAMESPACE, "desk", &["lab-1", "lab-2"]).up(&lab);
    lab.mark("lab-1", &["libc6"]);
    lab.mark("lab-2", &["libc6"]);
    lab.on_boot("lab-1", &["late", "5"]);
    let before = ["lab-1", "lab-2"].map(|node| lab.reboots(node));
    let (outside, audit) = (Outside::begin(&lab), Audit::from_here(&lab));

    let mut running = lab.start_as(&config, &["roll", "--yes", "--reboot-timeout", "5m"]);
    running.until("lab-1  return: asked for the reboot");
    lab.kubectl(&["delete", "secret", "first", "-n", NAMESPACE]);
    running.listen(WITHOUT, usize::MAX);
    give(lab.folder(), &token(&lab, "second"));
    let ended = running.end();
    let (seen, requests) = (outside.end(), audit.requests());
    for line in &ended.lines {
        eprintln!("  {}", line.text);
    }
    ended
        .exits(0)
        .says("Unauthorized (401)")
        .says("2 of 2 nodes rebooted and verified");
    for (node, before) in ["lab-1", "lab-2"].iter().zip(before) {
        assert_eq!(lab.reboots(node), before + 1, "{ended}");
        let acts = acts_on(node, &requests, &seen.places());
        let asks = acts.iter().filter(|act| *act == "ask").count();
        assert_eq!(asks, 1, "{acts:?}\n{ended}");
    }
    lab.is_as_before(&["lab-1", "lab-2"]);
}

#[test]
#[ignore = "lab-full"]
fn a_roll_outlives_a_plugins_expired_token() {
    let credential = |folder: &Path| folder.join("credential.json");
    survives(
        |folder| {
            let plugin = folder.join("plugin");
            let script = format!("#!/bin/sh\ncat {}\n", credential(folder).display());
            std::fs::write(&plugin, script).expect("a plugin");
            let mode = std::fs::Permissions::from_mode(0o755);
            std::fs::set_permissions(&plugin, mode).expect("a program");
            json!({"exec": {
                "apiVersion": "client.authentication.k8s.io/v1",
                "command": plugin,
                "interactiveMode": "Never",
            }})
        },
        |folder, token| {
            let text = json!({
                "apiVersion": "client.authentication.k8s.io/v1",
                "kind": "ExecCredential",
                "status": {"token": token},
            });
            std::fs::write(credential(folder), text.to_string()).expect("a credential");
        },
    );
}

#[test]
#[ignore = "lab-full"]
fn a_roll_outlives_a_token_file_that_expired() {
    let file = |folder: &Path| folder.join("token");
    survives(
        |folder| json!({"tokenFile": file(folder)}),
        |folder, token| std::fs::write(file(folder), token).expect("a token"),
    );
}
