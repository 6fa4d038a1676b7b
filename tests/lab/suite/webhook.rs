//! A webhook that fails closed: a Service, and a pod of a Deployment that answers over HTTPS on its node's own address. The lab has
//! no kube-proxy; a route to the Service's address stands in for it.

use serde_json::{Value, json};

use super::lab::Lab;
use super::workload::{pod, rolled_out};

/// Its name in the words of the API server.
pub(crate) const NAME: &str = "guard.example.com";
/// Its namespace, its Service and its Deployment.
pub(crate) const GUARD: &str = "guard";
/// Far from those that the API server gives out first.
const ADDRESS: &str = "10.72.200.1";
const PORT: u16 = 8443;
const PROGRAM: &str = include_str!("webhook.py");

/// What it is asked about.
#[derive(Clone, Copy)]
pub(crate) enum Asked {
    Evictions,
    /// Of which the kubelet's own, of pods that have ended.
    Removals,
}

/// Of pods in its own namespace, and in `namespace`.
pub(crate) struct Webhook<'a> {
    pub(crate) asked: Asked,
    pub(crate) namespace: &'a str,
    /// The nodes that its pod may be on; it begins on the first.
    pub(crate) nodes: &'a [&'a str],
    /// What it says to everything; nothing where it admits.
    pub(crate) denies: &'a str,
}

impl Webhook<'_> {
    /// Makes it; returns when the API server asks it.
    pub(crate) fn up(self, lab: &Lab) {
        lab.namespace(GUARD);
        let [key, certificate] = certificate();
        lab.apply(&service().to_string());
        for other in &self.nodes[1..] {
            lab.kubectl(&["cordon", other]);
        }
        lab.apply(&self.deployment(&format!("{key}{certificate}")).to_string());
        rolled_out(lab, GUARD, "deployment", GUARD);
        for other in &self.nodes[1..] {
            lab.kubectl(&["uncordon", other]);
        }
        reached_on(lab, self.nodes[0]);
        lab.afterwards(&[
            "kubectl",
            "delete",
            "validatingwebhookconfiguration",
            GUARD,
            "--ignore-not-found",
        ]);
        lab.apply(&self.configuration(&certificate).to_string());
        lab.until("the webhook is asked", 60, || {
            self.asked.is_tried(lab);
            said(lab).contains("asked about")
        });
    }

    fn deployment(&self, tls: &str) -> Value {
        let labels = json!({"app": GUARD});
        let mut spec = pod(self.nodes);
        spec["hostNetwork"] = json!(true);
        spec["volumes"] = json!([{"name": "host", "hostPath": {"path": "/"}}]);
        let container = &mut spec["containers"][0];
        // Python is the node's: the images have none.
        container["command"] = json!(["chroot", "/host", "python3", "-u", "-c", PROGRAM]);
        container["volumeMounts"] = json!([{"name": "host", "mountPath": "/host"}]);
        container["env"] = json!([
            {"name": "TLS", "value": tls},
            {"name": "PORT", "value": PORT.to_string()},
            {"name": "DENIES", "value": self.denies},
        ]);
        container["readinessProbe"] = json!({
            "periodSeconds": 1,
            "httpGet": {"scheme": "HTTPS", "port": PORT},
        });
        json!({
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {"namespace": GUARD, "name": GUARD},
            "spec": {
                "selector": {"matchLabels": labels},
                "template": {"metadata": {"labels": labels}, "spec": spec},
            },
        })
    }

    fn configuration(&self, certificate: &str) -> Value {
        let (operation, resource) = match self.asked {
            Asked::Evictions => ("CREATE", "pods/eviction"),
            Asked::Removals => ("DELETE", "pods"),
        };
        json!({
            "apiVersion": "admissionregistration.k8s.io/v1",
            "kind": "ValidatingWebhookConfiguration",
            "metadata": {"name": GUARD},
            "webhooks": [{
                "name": NAME,
                "failurePolicy": "Fail",
                "sideEffects": "None",
                "admissionReviewVersions": ["v1"],
                "timeoutSeconds": 2,
                "namespaceSelector": {"matchExpressions": [{
                    "key": "kubernetes.io/metadata.name",
                    "operator": "In",
                    "values": [GUARD, self.namespace],
                }]},
                "clientConfig": {
                    "service": {"namespace": GUARD, "name": GUARD, "port": PORT},
                    "caBundle": base64(certificate),
                },
                "rules": [{
                    "apiGroups": [""],
                    "apiVersions": ["v1"],
                    "operations": [operation],
                    "resources": [resource],
                }],
            }],
        })
    }
}

impl Asked {
    /// Tries it on the webhook's own pod, which stays.
    fn is_tried(self, lab: &Lab) {
        let pods = lab.get(&["pods", "-n", GUARD]);
        let name = pods["items"][0]["metadata"]["name"].as_str();
        let name = name.expect("the webhook's pod");
        match self {
            Self::Evictions => {
                let eviction = json!({
                    "apiVersion": "policy/v1",
                    "kind": "Eviction",
                    "metadata": {"namespace": GUARD, "name": name},
                });
                let path = format!("/api/v1/namespaces/{GUARD}/pods/{name}/eviction?dryRun=All");
                lab.kubectl_reading(
                    &eviction.to_string(),
                    &["create", "--raw", &path, "-f", "-"],
                );
            }
            Self::Removals => {
                let dry = "--dry-run=server";
                lab.kubectl_reading("", &["delete", "pod", "-n", GUARD, dry, name]);
            }
        }
    }
}

/// The Service's address leads to this node from now on.
pub(crate) fn reached_on(lab: &Lab, node: &str) {
    let addresses = lab.node(node).0["status"]["addresses"].clone();
    let own = addresses
        .as_array()
        .into_iter()
        .flatten()
        .find(|address| address["type"] == "InternalIP")
        .and_then(|address| address["address"].as_str())
        .expect("the node's address");
    let service = format!("{ADDRESS}/32");
    lab.afterwards(&["exec", node, "ip", "address", "flush", "to", &service]);
    lab.afterwards(&["run", "ip", "route", "flush", &service]);
    lab.verb(&[
        "exec", node, "ip", "address", "replace", &service, "dev", "lo",
    ]);
    lab.verb(&["run", "ip", "route", "replace", &service, "via", own]);
}

/// Takes its pods away, so that nobody answers.
pub(crate) fn down(lab: &Lab) {
    lab.kubectl(&["scale", "deployment", "-n", GUARD, GUARD, "--replicas=0"]);
    lab.until("the webhook's pod is gone", 60, || {
        lab.get(&["pods", "-n", GUARD])["items"] == json!([])
    });
}

/// What its pod has said so far.
fn said(lab: &Lab) -> String {
    lab.kubectl(&["logs", "-n", GUARD, &format!("deployment/{GUARD}")])
}

fn service() -> Value {
    json!({
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"namespace": GUARD, "name": GUARD},
        "spec": {
            "clusterIP": ADDRESS,
            "selector": {"app": GUARD},
            "ports": [{"port": PORT}],
        },
    })
}

/// A key, and a certificate of the Service's name that is its own authority.
fn certificate() -> [String; 2] {
    let name = format!("{GUARD}.{GUARD}.svc");
    let made = rcgen::generate_simple_self_signed([name]).expect("a certificate");
    [made.signing_key.serialize_pem(), made.cert.pem()]
}

fn base64(text: &str) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(text)
}
