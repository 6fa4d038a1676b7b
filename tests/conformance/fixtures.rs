//! What cases stand on: namespaces, nodes without a machine, pods that are said to run, budgets that are counted. Where
//! there is no controller to do its part, the fixture does it.

use aksreboot::scripts::{PROBE_SCRIPT, REBOOT_SCRIPT};
use serde_json::{Value, json};

use crate::answer::{Answer, items, names};
use crate::cluster::{Cluster, MERGE};
use crate::sides::Parts;

/// An image that is on every node.
pub(crate) const IMAGE: &str = "lab.local/busybox:1";

/// A namespace in which pods can be made; removed afterwards.
pub(crate) async fn namespace(cluster: &Cluster, name: &str) {
    cluster
        .post("/api/v1/namespaces", json!({"metadata": {"name": name}}))
        .await
        .is(201);
    cluster.afterwards(format!("/api/v1/namespaces/{name}"));
    give_account(cluster, name).await;
}

/// Without its service account a namespace lets no pod in. Where there is no controller to make it, it is made here.
pub(crate) async fn give_account(cluster: &Cluster, name: &str) {
    if cluster.parts == Parts::ApiAlone {
        let path = format!("/api/v1/namespaces/{name}/serviceaccounts");
        let account = json!({"metadata": {"name": "default"}});
        let made = cluster.post(&path, account).await;
        assert!(matches!(made.code, 201 | 409), "{}", made.text);
    }
    let path = format!("/api/v1/namespaces/{name}/pods?dryRun=All");
    let pod = json!({"metadata": {"name": "first"}, "spec": idle_on("anywhere")});
    cluster
        .until("its service account is there", async || {
            let answer = cluster.post(&path, pod.clone()).await;
            (!answer.text.contains("service account")).then_some(())
        })
        .await;
}

/// A Node object that is Ready, with no machine behind it, which only pods that name it are on. Returns its name.
pub(crate) async fn hollow_node(cluster: &Cluster, name: &str) -> String {
    let name = format!("{}-{name}", cluster.ns);
    let node = json!({
        "metadata": {"name": name, "labels": {"case": cluster.ns, "kubernetes.io/os": "linux"}},
        "spec": {"taints": [{"key": "conformance", "value": "hollow", "effect": "NoSchedule"}]},
        "status": {
            "conditions": [{"type": "Ready", "status": "True", "reason": "KubeletReady"}],
            "addresses": [{"type": "InternalIP", "address": "10.99.0.1"}, {"type": "Hostname", "address": name}],
            "allocatable": {"cpu": "8", "memory": "32Gi", "pods": "110"},
            "capacity": {"cpu": "8", "memory": "32Gi", "pods": "110"},
            "nodeInfo": {
                "architecture": "amd64", "bootID": "00000000-0000-4000-8000-000000000001",
                "containerRuntimeVersion": "containerd://2.0.0", "kernelVersion": "6.8.0-1044-azure",
                "kubeProxyVersion": "", "kubeletVersion": "v1.33.0", "machineID": "m", "operatingSystem": "linux",
                "osImage": "Ubuntu 24.04.3 LTS", "systemUUID": "s",
            },
        },
    });
    cluster.post("/api/v1/nodes", node).await.is(201);
    cluster.afterwards(format!("/api/v1/nodes/{name}"));
    name
}

/// The spec of a pod that does nothing, on this node past the scheduler.
pub(crate) fn idle_on(node: &str) -> Value {
    json!({
        "nodeName": node,
        "automountServiceAccountToken": false,
        "terminationGracePeriodSeconds": 30,
        "containers": [{"name": "main", "image": IMAGE, "imagePullPolicy": "Never", "command": ["sleep", "3600"]}],
    })
}

/// A pod with label `app` on a node, as nobody has taken it up yet.
pub(crate) async fn pod(cluster: &Cluster, name: &str, app: &str, node: &str) -> Value {
    let pod = json!({"metadata": {"name": name, "labels": {"app": app}}, "spec": idle_on(node)});
    cluster.post(&cluster.all("pods"), pod).await.is(201)
}

/// Says of a pod on a hollow node what its kubelet would say.
pub(crate) async fn report(cluster: &Cluster, name: &str, phase: &str, ready: bool) -> Value {
    let ready = if ready { "True" } else { "False" };
    let status = json!({"status": {
        "phase": phase,
        "conditions": [
            {"type": "Ready", "status": ready}, {"type": "ContainersReady", "status": ready},
            {"type": "PodScheduled", "status": "True"},
        ],
    }});
    let path = format!("{}/status", cluster.one("pods", name));
    cluster.patch(&path, MERGE, status).await.is(200)
}

/// A pod that runs and is Ready, by its report.
pub(crate) async fn ready_pod(cluster: &Cluster, name: &str, app: &str, node: &str) -> Value {
    pod(cluster, name, app, node).await;
    report(cluster, name, "Running", true).await
}

/// What a budget's controller is to have counted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Counted {
    pub(crate) expected: u32,
    pub(crate) healthy: u32,
    pub(crate) desired: u32,
    pub(crate) allowed: u32,
}

/// A budget over the pods with label `app` of its name, once it is counted: by its controller, or in its place.
pub(crate) async fn budget(cluster: &Cluster, name: &str, rest: Value, counted: Counted) {
    let mut spec = rest;
    if spec.get("selector").is_none() {
        spec["selector"] = json!({"matchLabels": {"app": name}});
    }
    let budget = json!({"metadata": {"name": name}, "spec": spec});
    cluster
        .post(&cluster.all("poddisruptionbudgets"), budget)
        .await
        .is(201);
    let path = cluster.one("poddisruptionbudgets", name);
    let status = json!({
        "observedGeneration": 1, "expectedPods": counted.expected, "currentHealthy": counted.healthy,
        "desiredHealthy": counted.desired, "disruptionsAllowed": counted.allowed,
    });
    if cluster.parts == Parts::ApiAlone {
        let path = format!("{path}/status");
        cluster
            .patch(&path, MERGE, json!({"status": status}))
            .await
            .is(200);
        return;
    }
    let what = format!("budget {name} is counted as {status}");
    cluster
        .until_is(&what, &path, |budget| {
            status
                .as_object()
                .unwrap()
                .iter()
                .all(|(key, value)| budget["status"][key] == *value)
        })
        .await;
}

/// Asks for the eviction of a pod, with these DeleteOptions.
pub(crate) async fn evict(cluster: &Cluster, pod: &str, options: Value) -> Answer {
    let path = format!("{}/eviction", cluster.one("pods", pod));
    cluster.post(&path, eviction(cluster, pod, options)).await
}

pub(crate) fn eviction(cluster: &Cluster, pod: &str, options: Value) -> Value {
    let mut body = json!({
        "apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"namespace": cluster.ns, "name": pod},
    });
    if !options.is_null() {
        body["deleteOptions"] = options;
    }
    body
}

/// The nodes that have a machine and a kubelet, by name.
pub(crate) async fn machines(cluster: &Cluster) -> Vec<String> {
    let list = cluster
        .get("/api/v1/nodes?labelSelector=kubernetes.azure.com/agentpool%3Dlab")
        .await
        .ok();
    assert!(items(&list).len() >= 2, "the lab has no nodes");
    names(&list)
}

pub(crate) fn config_map(name: &str) -> Value {
    json!({"metadata": {"name": name}, "data": {"key": "1"}})
}

/// The pod by which the program reads a node.
pub(crate) fn probe_pod(node: &str, name: &str, nonce: &str) -> Value {
    let env = json!([
        {"name": "ROOT", "value": "/host"}, {"name": "NONCE", "value": nonce},
        {"name": "OUT", "value": "/dev/termination-log"}, {"name": "SENTINEL_FILE", "value": "-"},
    ]);
    let mut pod = own_pod(node, name, "probe", PROBE_SCRIPT, env);
    pod["spec"]["volumes"] =
        json!([{"name": "host", "hostPath": {"path": "/", "type": "Directory"}}]);
    let container = &mut pod["spec"]["containers"][0];
    container["name"] = "probe".into();
    container["volumeMounts"] = json!([{"name": "host", "mountPath": "/host", "readOnly": true}]);
    for (key, value) in [
        ("runAsNonRoot", json!(true)),
        ("runAsUser", json!(65534)),
        ("runAsGroup", json!(65534)),
    ] {
        container["securityContext"][key] = value;
    }
    pod
}

/// The pod by which the program asks for a reboot, or proves that it could; `purpose` is `reboot` or `prove`.
pub(crate) fn reboot_pod(node: &str, purpose: &str, boot: &str, not_after: i64) -> Value {
    let prove = if purpose == "prove" { "1" } else { "0" };
    let env = json!([
        {"name": "ROOT", "value": "/host"}, {"name": "OUT", "value": "/dev/termination-log"},
        {"name": "BOOT_ID", "value": boot}, {"name": "NOT_AFTER", "value": not_after.to_string()},
        {"name": "PROVE", "value": prove},
    ]);
    let mut pod = own_pod(node, &format!("{purpose}-one"), purpose, REBOOT_SCRIPT, env);
    pod["spec"]["hostPID"] = true.into();
    pod["spec"]["volumes"] =
        json!([{"name": "proc", "hostPath": {"path": "/proc", "type": "Directory"}}]);
    let container = &mut pod["spec"]["containers"][0];
    container["name"] = "reboot".into();
    container["volumeMounts"] =
        json!([{"name": "proc", "mountPath": "/host/proc", "readOnly": true}]);
    container["securityContext"]["runAsUser"] = 0.into();
    container["securityContext"]["runAsGroup"] = 0.into();
    container["securityContext"]["appArmorProfile"] = json!({"type": "Unconfined"});
    pod
}

fn own_pod(node: &str, name: &str, purpose: &str, script: &str, env: Value) -> Value {
    let amounts = json!({"cpu": "100m", "memory": "100Mi"});
    json!({
        "metadata": {"name": name, "labels": {
            "app.kubernetes.io/managed-by": "aksreboot", "aksreboot.dev/purpose": purpose,
        }},
        "spec": {
            "nodeName": node,
            "restartPolicy": "Never",
            "tolerations": [{"operator": "Exists"}],
            "automountServiceAccountToken": false,
            "enableServiceLinks": false,
            "activeDeadlineSeconds": 60,
            "terminationGracePeriodSeconds": 0,
            "securityContext": {"seccompProfile": {"type": "RuntimeDefault"}},
            "containers": [{
                "image": IMAGE,
                "imagePullPolicy": "Never",
                "command": ["/bin/sh", "-c", script],
                "env": env,
                "resources": {"requests": amounts, "limits": amounts},
                "terminationMessagePath": "/dev/termination-log",
                "terminationMessagePolicy": "File",
                "securityContext": {
                    "privileged": false, "allowPrivilegeEscalation": false, "readOnlyRootFilesystem": true,
                    "capabilities": {"drop": ["ALL"]},
                },
            }],
        },
    })
}
