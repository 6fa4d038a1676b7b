//! Workloads that scenarios put on nodes: small pods that end at once when told to.

use serde_json::{Value, json};

use super::IMAGE;
use super::lab::Lab;

/// A pod's spec, on one of these nodes; anywhere when there are none.
pub(crate) fn pod(nodes: &[&str]) -> Value {
    let mut spec = json!({
        "terminationGracePeriodSeconds": 2,
        "containers": [{
            "name": "main",
            "image": IMAGE,
            "imagePullPolicy": "Never",
            "command": ["sh", "-c", "trap 'exit 0' TERM; while :; do sleep 1 & wait $!; done"],
        }],
    });
    if !nodes.is_empty() {
        let names = json!([{"key": "kubernetes.io/hostname", "operator": "In", "values": nodes}]);
        let terms = json!({"nodeSelectorTerms": [{"matchExpressions": names}]});
        spec["affinity"]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"] = terms;
    }
    spec
}

/// A Deployment on these nodes, spread over them where that can be.
pub(crate) struct Deployment<'a> {
    pub(crate) namespace: &'a str,
    pub(crate) app: &'a str,
    pub(crate) replicas: u32,
    pub(crate) nodes: &'a [&'a str],
    /// Seconds that a new pod takes before it is Ready.
    pub(crate) slow: u32,
    pub(crate) empty_dir: bool,
}

impl<'a> Deployment<'a> {
    pub(crate) fn new(namespace: &'a str, app: &'a str, nodes: &'a [&'a str]) -> Self {
        Self {
            namespace,
            app,
            replicas: 1,
            nodes,
            slow: 0,
            empty_dir: false,
        }
    }

    /// Makes it; returns when all its pods are Ready.
    pub(crate) fn up(self, lab: &Lab) {
        let labels = json!({"app": self.app});
        let mut spec = pod(self.nodes);
        spec["topologySpreadConstraints"] = json!([{
            "maxSkew": 1,
            "topologyKey": "kubernetes.io/hostname",
            "whenUnsatisfiable": "ScheduleAnyway",
            "labelSelector": {"matchLabels": labels},
        }]);
        if self.slow > 0 {
            spec["initContainers"] = json!([{
                "name": "slow",
                "image": IMAGE,
                "imagePullPolicy": "Never",
                "command": ["sleep", self.slow.to_string()],
            }]);
        }
        if self.empty_dir {
            spec["volumes"] = json!([{"name": "data", "emptyDir": {}}]);
            spec["containers"][0]["volumeMounts"] = json!([{"name": "data", "mountPath": "/data"}]);
        }
        let object = json!({
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {"namespace": self.namespace, "name": self.app},
            "spec": {
                "replicas": self.replicas,
                "selector": {"matchLabels": labels},
                "template": {"metadata": {"labels": labels}, "spec": spec},
            },
        });
        lab.apply(&object.to_string());
        rolled_out(lab, self.namespace, "deployment", self.app);
    }
}

pub(crate) fn daemon_set(lab: &Lab, namespace: &str, app: &str) {
    let labels = json!({"app": app});
    let object = json!({
        "apiVersion": "apps/v1",
        "kind": "DaemonSet",
        "metadata": {"namespace": namespace, "name": app},
        "spec": {
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": pod(&[])},
        },
    });
    lab.apply(&object.to_string());
    rolled_out(lab, namespace, "daemonset", app);
}

/// A budget for the pods of an application; returns when the controller has counted them.
pub(crate) fn budget(lab: &Lab, namespace: &str, app: &str, at_least: u32) {
    let object = json!({
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": {"namespace": namespace, "name": app},
        "spec": {"minAvailable": at_least, "selector": {"matchLabels": {"app": app}}},
    });
    lab.apply(&object.to_string());
    lab.until("the budget is counted", 30, || {
        let status = &lab.get(&["poddisruptionbudget", "-n", namespace, app])["status"];
        status["expectedPods"].as_u64() > Some(0)
            && status["currentHealthy"] == status["expectedPods"]
    });
}

/// A pod that no controller would make again.
pub(crate) fn lone_pod(lab: &Lab, namespace: &str, name: &str, node: &str) {
    let object = json!({
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"namespace": namespace, "name": name},
        "spec": pod(&[node]),
    });
    lab.apply(&object.to_string());
    lab.kubectl(&[
        "wait",
        "-n",
        namespace,
        "--for=condition=Ready",
        "--timeout=60s",
        "pod",
        name,
    ]);
}

/// A DaemonSet that looks like kured, keeps its lock on itself and does nothing.
pub(crate) fn looks_like_kured(lab: &Lab, namespace: &str) {
    let labels = json!({"app.kubernetes.io/name": "kured"});
    let mut spec = pod(&[]);
    spec["containers"][0]["env"] = json!([{"name": "KURED_DS_NAMESPACE", "value": namespace}]);
    let object = json!({
        "apiVersion": "apps/v1",
        "kind": "DaemonSet",
        "metadata": {"namespace": namespace, "name": "kured", "labels": labels},
        "spec": {
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": spec},
        },
    });
    lab.apply(&object.to_string());
    rolled_out(lab, namespace, "daemonset", "kured");
}

pub(crate) fn rolled_out(lab: &Lab, namespace: &str, kind: &str, name: &str) {
    let object = format!("{kind}/{name}");
    lab.kubectl(&[
        "rollout",
        "status",
        "-n",
        namespace,
        "--timeout=60s",
        &object,
    ]);
}
