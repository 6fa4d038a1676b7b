//! The controllers of nodes and budgets, and the scheduler.

use serde_json::{Value, json};

use super::{Case, case};
use crate::answer::condition;
use crate::cluster::{Cluster, MERGE};
use crate::fixtures::{Counted, budget, evict, hollow_node, idle_on, pod, ready_pod, report};

pub(crate) const CASES: &[Case] = &[
    case!(
        Controllers,
        a_cordon_brings_its_taint_and_an_uncordon_takes_it_away
    ),
    case!(Controllers, a_node_that_is_not_ready_is_tainted),
    case!(
        Controllers,
        a_pod_for_a_cordoned_node_stays_pending_and_says_why
    ),
    case!(Controllers, a_pod_is_bound_when_its_node_is_uncordoned),
    case!(
        Controllers,
        a_pod_that_tolerates_a_cordon_is_bound_to_a_cordoned_node
    ),
    case!(
        Controllers,
        a_watch_of_a_nodes_pods_tells_of_one_that_is_bound_to_it
    ),
    case!(Controllers, a_budget_counts_what_is_ready_and_not_going),
    case!(Controllers, a_percentage_of_a_budget_is_rounded_up),
    case!(Controllers, a_budget_follows_its_pods),
    case!(Controllers, an_evicted_pod_that_is_gone_is_charged_no_more),
    case!(Controllers, a_budget_over_nothing_allows_nothing),
    case!(Controllers, a_budget_says_in_a_condition_whether_it_allows),
];

const CORDON: &str = "node.kubernetes.io/unschedulable";

fn has_taint(node: &Value, key: &str, effect: &str) -> bool {
    let taints = node["spec"]["taints"].as_array();
    taints.is_some_and(|taints| {
        taints
            .iter()
            .any(|taint| taint["key"] == key && taint["effect"] == effect)
    })
}

async fn cordon(c: &Cluster, node: &str, cordoned: bool) {
    let flag = if cordoned { json!(true) } else { Value::Null };
    let path = format!("/api/v1/nodes/{node}");
    c.patch(&path, MERGE, json!({"spec": {"unschedulable": flag}}))
        .await
        .is(200);
    c.until_is("the taint follows", &path, |node| {
        has_taint(node, CORDON, "NoSchedule") == cordoned
    })
    .await;
}

async fn a_cordon_brings_its_taint_and_an_uncordon_takes_it_away(c: &Cluster) {
    let node = hollow_node(c, "one").await;
    cordon(c, &node, true).await;
    let shut = c.get(&format!("/api/v1/nodes/{node}")).await.is(200);
    assert!(has_taint(&shut, "conformance", "NoSchedule"), "{shut}");
    cordon(c, &node, false).await;
    let open = c.get(&format!("/api/v1/nodes/{node}")).await.is(200);
    assert_eq!(
        open["spec"]["taints"],
        json!([{"key": "conformance", "value": "hollow", "effect": "NoSchedule"}])
    );
}

async fn a_node_that_is_not_ready_is_tainted(c: &Cluster) {
    let node = hollow_node(c, "one").await;
    let path = format!("/api/v1/nodes/{node}");
    let status = async |ready: &str| {
        let patch =
            json!({"status": {"conditions": [{"type": "Ready", "status": ready, "reason": "X"}]}});
        c.patch(&format!("{path}/status"), MERGE, patch)
            .await
            .is(200);
    };
    let tainted = |key: &'static str| {
        move |node: &Value| has_taint(node, key, "NoSchedule") && has_taint(node, key, "NoExecute")
    };
    status("False").await;
    c.until_is(
        "it is tainted",
        &path,
        tainted("node.kubernetes.io/not-ready"),
    )
    .await;
    status("Unknown").await;
    c.until_is(
        "the taint is another",
        &path,
        tainted("node.kubernetes.io/unreachable"),
    )
    .await;
    status("True").await;
    c.until_is("the taints are gone", &path, |node| {
        node["spec"]["taints"].as_array().unwrap().len() == 1
    })
    .await;
}

/// A pod that only one node can take, left to the scheduler.
async fn for_node(c: &Cluster, node: &str, tolerations: Value) -> String {
    let mut spec = idle_on("");
    spec.as_object_mut().unwrap().remove("nodeName");
    let mut tolerated = vec![json!({"key": "conformance", "operator": "Exists"})];
    tolerated.extend(tolerations.as_array().unwrap().clone());
    spec["tolerations"] = tolerated.into();
    let expression = json!({"key": "metadata.name", "operator": "In", "values": [node]});
    let terms = json!({"nodeSelectorTerms": [{"matchFields": [expression]}]});
    spec["affinity"] =
        json!({"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": terms}});
    c.post(
        &c.all("pods"),
        json!({"metadata": {"name": "free"}, "spec": spec}),
    )
    .await
    .is(201);
    c.one("pods", "free")
}

fn scheduled(pod: &Value) -> Option<&Value> {
    condition(pod, "PodScheduled")
}

async fn a_pod_for_a_cordoned_node_stays_pending_and_says_why(c: &Cluster) {
    let node = hollow_node(c, "one").await;
    cordon(c, &node, true).await;
    let path = for_node(c, &node, json!([])).await;
    let pod = c
        .until_is("the scheduler says no", &path, |pod| {
            scheduled(pod).is_some()
        })
        .await;
    let why = scheduled(&pod).unwrap();
    assert_eq!(
        (&why["status"], &why["reason"]),
        (&json!("False"), &json!("Unschedulable"))
    );
    assert!(
        why["message"]
            .as_str()
            .unwrap()
            .contains("nodes are available"),
        "{why}"
    );
    assert_eq!(
        (&pod["spec"]["nodeName"], &pod["status"]["phase"]),
        (&Value::Null, &json!("Pending"))
    );
}

async fn a_pod_is_bound_when_its_node_is_uncordoned(c: &Cluster) {
    let node = hollow_node(c, "one").await;
    cordon(c, &node, true).await;
    let path = for_node(c, &node, json!([])).await;
    c.until_is("the scheduler says no", &path, |pod| {
        scheduled(pod).is_some()
    })
    .await;
    cordon(c, &node, false).await;
    let pod = c
        .until_is("it is bound", &path, |pod| {
            pod["spec"]["nodeName"].is_string()
        })
        .await;
    assert_eq!(
        (
            &pod["spec"]["nodeName"],
            &scheduled(&pod).unwrap()["status"]
        ),
        (&json!(node), &json!("True"))
    );
}

async fn a_pod_that_tolerates_a_cordon_is_bound_to_a_cordoned_node(c: &Cluster) {
    let node = hollow_node(c, "one").await;
    cordon(c, &node, true).await;
    let path = for_node(c, &node, json!([{"key": CORDON, "operator": "Exists"}])).await;
    let pod = c
        .until_is("it is bound", &path, |pod| {
            pod["spec"]["nodeName"].is_string()
        })
        .await;
    assert_eq!(pod["spec"]["nodeName"], json!(node));
}

async fn a_watch_of_a_nodes_pods_tells_of_one_that_is_bound_to_it(c: &Cluster) {
    let node = hollow_node(c, "one").await;
    cordon(c, &node, true).await;
    for_node(c, &node, json!([])).await;
    let selector = super::reading::encode(&format!("spec.nodeName={node}"));
    let list = c
        .get(&format!("/api/v1/pods?fieldSelector={selector}"))
        .await
        .is(200);
    assert_eq!(list["items"], json!([]));
    let from = list["metadata"]["resourceVersion"].as_str().unwrap();
    let mut watch = c
        .watch(&format!(
            "/api/v1/pods?resourceVersion={from}&fieldSelector={selector}"
        ))
        .await;
    cordon(c, &node, false).await;
    let (kind, pod) = watch.change().await;
    assert_eq!(
        (kind.as_str(), &pod["metadata"]["name"]),
        ("ADDED", &json!("free"))
    );
}

async fn a_budget_counts_what_is_ready_and_not_going(c: &Cluster) {
    let node = hollow_node(c, "one").await;
    for name in ["web-0", "web-1", "web-2"] {
        ready_pod(c, name, "web", &node).await;
    }
    pod(c, "web-3", "web", &node).await;
    pod(c, "web-4", "web", &node).await;
    report(c, "web-4", "Succeeded", false).await;
    pod(c, "other", "db", &node).await;
    c.delete(&c.one("pods", "web-2"), Value::Null).await.is(200);
    let counted = Counted {
        expected: 5,
        healthy: 2,
        desired: 1,
        allowed: 1,
    };
    budget(c, "web", json!({"minAvailable": 1}), counted).await;
}

/// Pods of a ReplicaSet whose own controller cannot make more: they are there already.
async fn set_of(c: &Cluster, app: &str, replicas: usize, node: &str) {
    let labels = json!({"app": app});
    let mut template = idle_on(node);
    template["restartPolicy"] = "Always".into();
    let set = json!({"metadata": {"name": app}, "spec": {
        "replicas": replicas, "selector": {"matchLabels": labels},
        "template": {"metadata": {"labels": labels}, "spec": template},
    }});
    c.post(&c.all("replicasets"), set).await.is(201);
    let path = format!("{}?labelSelector=app%3D{app}", c.all("pods"));
    let pods = c
        .until("the pods are made", async || {
            let pods = crate::answer::names(&c.get(&path).await.ok());
            (pods.len() == replicas).then_some(pods)
        })
        .await;
    for pod in pods {
        report(c, &pod, "Running", true).await;
    }
}

async fn a_percentage_of_a_budget_is_rounded_up(c: &Cluster) {
    let node = hollow_node(c, "one").await;
    set_of(c, "web", 3, &node).await;
    // Of three, half is two: two must stay, or two may go.
    let counted = Counted {
        expected: 3,
        healthy: 3,
        desired: 2,
        allowed: 1,
    };
    budget(c, "web", json!({"minAvailable": "50%"}), counted).await;
    c.delete(&c.one("poddisruptionbudgets", "web"), Value::Null)
        .await
        .is(200);
    let counted = Counted {
        expected: 3,
        healthy: 3,
        desired: 1,
        allowed: 2,
    };
    budget(c, "web", json!({"maxUnavailable": "50%"}), counted).await;
}

async fn a_budget_follows_its_pods(c: &Cluster) {
    let node = hollow_node(c, "one").await;
    ready_pod(c, "web-0", "web", &node).await;
    let counted = Counted {
        expected: 1,
        healthy: 1,
        desired: 1,
        allowed: 0,
    };
    budget(c, "web", json!({"minAvailable": 1}), counted).await;
    assert_eq!(evict(c, "web-0", Value::Null).await.code, 429);
    ready_pod(c, "web-1", "web", &node).await;
    let path = c.one("poddisruptionbudgets", "web");
    c.until_is("it allows one", &path, |budget| {
        budget["status"]["disruptionsAllowed"] == 1
    })
    .await;
    report(c, "web-1", "Running", false).await;
    c.until_is("it allows none", &path, |budget| {
        budget["status"]["disruptionsAllowed"] == 0
    })
    .await;
}

async fn an_evicted_pod_that_is_gone_is_charged_no_more(c: &Cluster) {
    let node = hollow_node(c, "one").await;
    for name in ["web-0", "web-1"] {
        ready_pod(c, name, "web", &node).await;
    }
    let counted = Counted {
        expected: 2,
        healthy: 2,
        desired: 1,
        allowed: 1,
    };
    budget(c, "web", json!({"minAvailable": 1}), counted).await;
    evict(c, "web-0", json!({"gracePeriodSeconds": 0}))
        .await
        .is(201);
    let path = c.one("poddisruptionbudgets", "web");
    let left = c
        .until_is("the pod is forgotten", &path, |budget| {
            budget["status"]["expectedPods"] == 1 && budget["status"]["disruptedPods"].is_null()
        })
        .await;
    assert_eq!(
        (
            &left["status"]["currentHealthy"],
            &left["status"]["disruptionsAllowed"]
        ),
        (&json!(1), &json!(0))
    );
}

async fn a_budget_over_nothing_allows_nothing(c: &Cluster) {
    let counted = Counted {
        expected: 0,
        healthy: 0,
        desired: 0,
        allowed: 0,
    };
    budget(c, "web", json!({"maxUnavailable": 1}), counted).await;
}

async fn a_budget_says_in_a_condition_whether_it_allows(c: &Cluster) {
    let node = hollow_node(c, "one").await;
    ready_pod(c, "web-0", "web", &node).await;
    let counted = Counted {
        expected: 1,
        healthy: 1,
        desired: 1,
        allowed: 0,
    };
    budget(c, "web", json!({"minAvailable": 1}), counted).await;
    let path = c.one("poddisruptionbudgets", "web");
    let says = |status: &'static str, reason: &'static str| {
        move |budget: &Value| {
            condition(budget, "DisruptionAllowed")
                .is_some_and(|allowed| allowed["status"] == status && allowed["reason"] == reason)
        }
    };
    c.until_is("it says no", &path, says("False", "InsufficientPods"))
        .await;
    ready_pod(c, "web-1", "web", &node).await;
    c.until_is("it says yes", &path, says("True", "SufficientPods"))
        .await;
}
