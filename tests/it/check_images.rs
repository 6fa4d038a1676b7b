//! `check-updates --azure` with a stand-in for `az`: what its word on node images makes of the exit code.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use serde_json::Value;

use crate::check_updates::{check, document, fine, of, stale};
use crate::schemas::assert_valid;
use crate::served::{Served, text};

/// An `az` that knows one cluster, by the name of the served one's API server, and a newest image of its pool.
fn az(folder: &Path, newest: &str) {
    let id = "/subscriptions/11111111-2222-3333-4444-555555555555/resourcegroups/rg/providers/Microsoft.ContainerService/managedClusters/c";
    let cluster = format!(
        r#"[{{"id": "{id}", "fqdn": "127.0.0.1", "provisioningState": "Succeeded",
            "autoUpgradeProfile": {{"upgradeChannel": "patch", "nodeOsUpgradeChannel": "NodeImage"}},
            "agentPoolProfiles": [{{"name": "user", "nodeImageVersion": "x", "provisioningState": "Upgrading"}}]}}]"#
    );
    let script = format!(
        "#!/bin/sh\ncase \"$*\" in\n'aks list '*) cat <<'END'\n{cluster}\nEND\n;;\n\
         'aks nodepool get-upgrades '*) echo '{{\"latestNodeImageVersion\": \"{newest}\"}}' ;;\n\
         *) echo 'is misspelled or not recognized by the system.' >&2; exit 2 ;;\nesac\n"
    );
    let path = folder.join("az");
    fs::write(&path, script).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
}

#[tokio::test]
async fn an_image_counts_by_the_word_of_azure_and_of_nobody_else() {
    let served = Served::of(of([fine("node-1"), stale("node-2")])).await;
    let (_, told) = document(&served, &["--via", "api"]).await;
    let image = told["nodes"][0]["nodeImage"].as_str().unwrap().to_owned();
    assert_eq!(told["azure"], Value::Null);
    let refused = check(&served, &["--fail-on", "image"]).await;
    assert_eq!(refused.status.code(), Some(2));
    assert!(text(&refused.stderr).contains("hint: --azure"));
    let folder = tempfile::tempdir().unwrap();
    let path = format!(
        "{}:{}",
        folder.path().display(),
        std::env::var("PATH").unwrap()
    );
    let run = async |arguments: &[&str]| {
        let mut command = served.command(&[&["check-updates", "-o", "json"], arguments].concat());
        let output = command.env("PATH", &path).output().await.unwrap();
        let document: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_valid("check-updates.v2.json", &document);
        (
            output.status.code(),
            document,
            text(&output.stderr).to_owned(),
        )
    };
    for (newest, code) in [
        (image.as_str(), 0),
        ("AKSUbuntu-2404gen2containerd-209901.01.0", 100),
    ] {
        az(folder.path(), newest);
        let (found, document, said) = run(&["--azure", "--fail-on", "image"]).await;
        assert_eq!(found, Some(code), "{said}");
        assert_eq!(document["nodes"][0]["latestImage"], newest);
        assert_eq!(document["azure"]["told"]["channels"]["nodeOs"], "NodeImage");
        for word in [
            "node OS channel NodeImage",
            "at work on pool user: Upgrading",
        ] {
            assert!(said.contains(word), "{said}");
        }
    }
    // Azure's silence is unknown where the image counts, and said where it does not.
    let named = ["--azure-cluster", "rg/other"];
    let (code, document, _) = run(&[&named[..], &["--fail-on", "image"]].concat()).await;
    assert_eq!(code, Some(1));
    assert_eq!(
        document["nodes"][0]["counts"][0]["reasons"][0]["kind"],
        "azureUnread"
    );
    let (code, document, said) = run(&[&named[..], &["--fail-on", "reboot"]].concat()).await;
    assert_eq!(code, Some(0));
    assert!(document["azure"]["trouble"].is_object());
    assert!(said.contains("note: Azure was not read"), "{said}");
}
