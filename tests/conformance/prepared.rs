//! What all cases share on a real server: users with few rights, a level of priority without a share, a policy that
//! denies. On the sim the same is a part of its world's description. And the one thing done to the server from behind:
//! making it forget.

use base64::Engine as _;
use serde_json::{Value, json};

use crate::answer::{names, text};
use crate::cluster::Cluster;
use crate::fixtures::config_map;
use crate::sides::{Parts, Server};

/// A user who may do just `RIGHTS`.
pub(crate) const LIMITED: &str = "conformance-limited";
/// Verb and resource, this with its subresource.
pub(crate) const RIGHTS: &[(&str, &str)] = &[("get", "nodes"), ("list", "pods"), ("get", "pods")];
/// A user with the same rights, whose requests are too many.
pub(crate) const THROTTLED: &str = "conformance-throttled";

/// Where admission lets no pod in, and what it says.
pub(crate) const DENIED_NAMESPACE: &str = "conformance-denied";
/// Where the program has its pods, and its policy applies.
pub(crate) const OWN_NAMESPACE: &str = "aksreboot";
const POLICY: &str = "conformance-denied";
pub(crate) const DENIAL: &str = "ValidatingAdmissionPolicy 'conformance-denied' with binding 'conformance-denied' \
                                 denied request: no pods in here";

/// Marks everything that the suite makes outside of its cases' namespaces.
const LABEL: &str = "conformance.aksreboot.dev/fixture";

/// Paths of what `prepare` makes, in its order.
const PREPARED: [&str; 6] = [
    "/apis/rbac.authorization.k8s.io/v1/clusterroles",
    "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings",
    "/apis/flowcontrol.apiserver.k8s.io/v1/prioritylevelconfigurations",
    "/apis/flowcontrol.apiserver.k8s.io/v1/flowschemas",
    "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies",
    "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings",
];

/// Makes what all cases share on a real server; what an earlier run left goes first. Returns a mark for this run's names.
pub(crate) async fn prepare(server: &Server) -> String {
    let cluster = Cluster::on(server, "default".into());
    clear(server).await;
    let bodies = prepared_objects();
    for (path, mut body) in PREPARED.into_iter().zip(bodies) {
        body["metadata"]["labels"][LABEL] = "true".into();
        cluster.post(path, body).await.ok();
    }
    let system = cluster.get("/api/v1/namespaces/kube-system").await.ok();
    let version = text(&system, "/metadata/uid");
    let now = cluster.get("/api/v1/namespaces").await.ok();
    let version: String = version.chars().take(4).collect();
    format!("{version}-{}", text(&now, "/metadata/resourceVersion"))
}

fn prepared_objects() -> [Value; 6] {
    let rules: Vec<_> = RIGHTS
        .iter()
        .map(
            |(verb, resource)| json!({"apiGroups": [""], "resources": [resource], "verbs": [verb]}),
        )
        .collect();
    let role =
        json!({"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": LIMITED});
    let users = [LIMITED, THROTTLED]
        .map(|name| json!({"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": name}));
    let everything = json!([{
        "subjects": [{"kind": "User", "user": {"name": THROTTLED}}],
        "resourceRules": [{"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"], "clusterScope": true, "namespaces": ["*"]}],
    }]);
    let pods = json!([{
        "apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["pods"],
    }]);
    [
        json!({"metadata": {"name": LIMITED}, "rules": rules}),
        json!({"metadata": {"name": LIMITED}, "roleRef": role, "subjects": users}),
        // No share of the server: one request at a time, and nothing is queued.
        json!({"metadata": {"name": THROTTLED}, "spec": {"type": "Limited", "limited": {
            "nominalConcurrencyShares": 0, "lendablePercent": 0, "borrowingLimitPercent": 0,
            "limitResponse": {"type": "Reject"},
        }}}),
        json!({"metadata": {"name": THROTTLED}, "spec": {
            "priorityLevelConfiguration": {"name": THROTTLED}, "matchingPrecedence": 100, "rules": everything,
        }}),
        json!({"metadata": {"name": POLICY}, "spec": {
            "failurePolicy": "Fail",
            "matchConstraints": {
                "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": DENIED_NAMESPACE}},
                "resourceRules": pods,
            },
            "validations": [{"expression": "false", "message": "no pods in here", "reason": "Forbidden"}],
        }}),
        json!({"metadata": {"name": POLICY}, "spec": {"policyName": POLICY, "validationActions": ["Deny"]}}),
    ]
}

/// Removes what `prepare` made, in this run or an earlier one.
pub(crate) async fn clear(server: &Server) {
    let cluster = Cluster::on(server, "default".into());
    for path in PREPARED.into_iter().rev() {
        let selected = format!("{path}?labelSelector={LABEL}");
        for name in names(&cluster.get(&selected).await.ok()) {
            cluster
                .delete(&format!("{path}/{name}"), Value::Null)
                .await
                .ok();
        }
    }
    for name in [DENIED_NAMESPACE, OWN_NAMESPACE] {
        end_namespace(&cluster, name).await;
    }
}

/// Removes a namespace and waits until its name is free.
async fn end_namespace(cluster: &Cluster, name: &str) {
    let path = format!("/api/v1/namespaces/{name}");
    if cluster.get(&path).await.code != 404 {
        cluster.delete(&path, Value::Null).await;
        if cluster.parts == Parts::ApiAlone {
            cluster.finalize(&path).await;
        }
        cluster.until_gone(&path).await;
    }
}

/// Where the lab's etcd listens, inside the lab's network namespace.
const ETCD: &str = "http://127.0.0.1:2379";

/// Makes the cluster forget every version up to now, as it does by itself after five minutes.
pub(crate) async fn forget_history(cluster: &Cluster) {
    let forgotten = cluster
        .post(&cluster.all("configmaps"), config_map("last"))
        .await
        .is(201);
    if let Some(sim) = &cluster.sim {
        sim.happen(aksreboot::sim::What::Forget);
        return;
    }
    let config = kube::Config::new(ETCD.parse().unwrap());
    let client = kube::Client::try_from(config).unwrap();
    let version = text(&forgotten, "/metadata/resourceVersion");
    let encoded = |text: &str| base64::engine::general_purpose::STANDARD.encode(text);
    for (path, body) in [
        ("compaction", json!({"revision": version, "physical": true})),
        // By this key API servers tell each other of compactions; their caches follow it.
        (
            "put",
            json!({"key": encoded("compact_rev_key"), "value": encoded(&version)}),
        ),
    ] {
        let request = http::Request::post(format!("{ETCD}/v3/kv/{path}"));
        let request = request.body(kube::client::Body::from(body.to_string().into_bytes()));
        let answer = client.send(request.unwrap()).await.expect("etcd");
        assert_eq!(answer.status(), 200, "etcd's {path}");
    }
}
