//! A container that the API server puts into every pod of ours, as service meshes and security agents have it done, and
//! that never ends: what ours said counts, by its own end, and the pods go all the same.

use serde_json::{Value, json};

use crate::suite::OWN;
use crate::suite::lab::Lab;

/// A mutation of every pod in our namespace. Among the `containers`, and before ours, the sidecar keeps the pod's phase at
/// Running for ever; among the `initContainers` it is the newer kind, which starts before ours and ends after it.
fn policy(containers: &str) -> String {
    // Plain values: a list of typed objects makes the API server (1.34.4) fall over.
    let sidecar = |always: &str| {
        format!(
            r#"{{"name": dyn("mesh"), "image": dyn("lab.local/busybox:1"), {always}
          "command": dyn(["/bin/sh", "-c", "trap exit TERM; while :; do sleep 1; done"])}}"#
        )
    };
    let (path, value) = if containers == "containers" {
        ("/spec/containers/0", sidecar(""))
    } else {
        let always = sidecar(r#""restartPolicy": dyn("Always"),"#);
        ("/spec/initContainers", format!("[{always}]"))
    };
    format!(
        r#"
apiVersion: admissionregistration.k8s.io/v1beta1
kind: MutatingAdmissionPolicy
metadata: {{name: lab-sidecar}}
spec:
  matchConstraints:
    resourceRules: [{{apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods]}}]
    namespaceSelector: {{matchLabels: {{kubernetes.io/metadata.name: {OWN}}}}}
  failurePolicy: Fail
  reinvocationPolicy: Never
  mutations:
  - patchType: JSONPatch
    jsonPatch:
      expression: >-
        [JSONPatch{{op: "add", path: "{path}", value: {value}}}]
---
apiVersion: admissionregistration.k8s.io/v1beta1
kind: MutatingAdmissionPolicyBinding
metadata: {{name: lab-sidecar}}
spec: {{policyName: lab-sidecar}}
"#
    )
}

const KINDS: &str = "mutatingadmissionpolicies,mutatingadmissionpolicybindings";

/// The policy is there and at work: a pod in a dry run comes back with the sidecar.
fn inject(lab: &Lab, containers: &str) {
    lab.kubectl(&["delete", KINDS, "lab-sidecar", "--ignore-not-found"]);
    lab.apply(&policy(containers));
    let pod = json!({
        "apiVersion": "v1", "kind": "Pod", "metadata": {"name": "tried", "namespace": OWN},
        "spec": {"containers": [{"name": "own", "image": "lab.local/busybox:1"}]},
    });
    lab.until("the sidecar is injected", 30, || {
        let words = ["create", "--dry-run=server", "-o", "json", "-f", "-"];
        let (done, said) = lab.kubectl_reading(&pod.to_string(), &words);
        let made: Value = serde_json::from_str(&said).unwrap_or_default();
        let names = made["spec"][containers].as_array();
        done && names
            .into_iter()
            .flatten()
            .any(|container| container["name"] == "mesh")
    });
}

#[test]
#[ignore = "lab-full"]
fn a_sidecar_that_never_ends_hides_no_answer_and_keeps_no_pod() {
    let lab = Lab::begin();
    lab.apply_manifests(&["namespace"]);
    lab.mark("lab-2", &["libc6"]);
    lab.afterwards(&[
        "kubectl",
        "delete",
        KINDS,
        "lab-sidecar",
        "--ignore-not-found",
    ]);
    for containers in ["containers", "initContainers"] {
        inject(&lab, containers);
        let ended = lab.run(&["status", "--via", "pod", "-o", "json"]);
        ended.exits(0);
        let document: Value = serde_json::from_str(&ended.stdout).expect("a document");
        let needs: Vec<_> = document["nodes"]
            .as_array()
            .expect("nodes")
            .iter()
            .map(|node| (node["readBy"].clone(), node["reboot"].clone()))
            .collect();
        assert_eq!(
            needs,
            [("pod", "no"), ("pod", "yes"), ("pod", "no")]
                .map(|(by, need)| (json!(by), json!(need))),
            "{containers}: {ended}"
        );
        lab.is_as_before(&[]);
    }

    // The proof and the ask come with the sidecar too; the older kind, which is the worse one.
    inject(&lab, "containers");
    let before = lab.reboots("lab-2");
    let boot = lab.node("lab-2").boot_id().to_owned();
    lab.run(&["roll", "lab-2", "--yes"]).exits(0);
    assert_eq!(lab.reboots("lab-2"), before + 1);
    assert_ne!(lab.node("lab-2").boot_id(), boot);
    lab.is_as_before(&["lab-2"]);
}
