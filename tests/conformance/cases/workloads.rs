//! What becomes of evicted pods: their controllers make others, on real nodes with real containers.

use serde_json::{Value, json};

use super::{Case, case};
use crate::answer::{holds, items, text};
use crate::cluster::{Cluster, MERGE};
use crate::fixtures::{evict, idle_on, machines};

pub(crate) const CASES: &[Case] = &[
    case!(
        Kubelets,
        an_evicted_pod_of_a_replica_set_comes_back_under_another_name
    ),
    case!(
        Kubelets,
        an_evicted_pod_of_a_stateful_set_comes_back_under_its_name
    ),
    case!(
        Kubelets,
        an_evicted_pod_of_a_daemon_set_comes_back_on_its_cordoned_node,
        Alone
    ),
    case!(Kubelets, a_replica_set_says_how_many_are_ready),
    case!(Kubelets, the_pods_of_a_deleted_set_go_with_it),
    case!(Kubelets, a_deployments_pods_belong_to_its_replica_set),
];

/// A template's spec: it ends at once when told to.
fn template(labels: &Value) -> Value {
    let mut spec = idle_on("");
    spec.as_object_mut().unwrap().remove("nodeName");
    spec["terminationGracePeriodSeconds"] = 5.into();
    spec["containers"][0]["command"] = json!([
        "sh",
        "-c",
        "trap 'exit 0' TERM; while :; do sleep 1 & wait $!; done"
    ]);
    json!({"metadata": {"labels": labels}, "spec": spec})
}

async fn workload(c: &Cluster, plural: &str, replicas: Option<u32>) {
    let labels = json!({"app": "web"});
    let mut spec = json!({"selector": {"matchLabels": labels}, "template": template(&labels)});
    if let Some(replicas) = replicas {
        spec["replicas"] = replicas.into();
    }
    if plural == "statefulsets" {
        spec["serviceName"] = "web".into();
    }
    let object = json!({"metadata": {"name": "web"}, "spec": spec});
    c.post(&c.all(plural), object).await.is(201);
}

/// The pods of the workload, once that many are Ready and no others are there.
async fn ready_pods(c: &Cluster, count: usize) -> Vec<Value> {
    let path = format!("{}?labelSelector=app%3Dweb", c.all("pods"));
    c.until("the pods are Ready", async || {
        let list = c.get(&path).await.ok();
        let ready = items(&list)
            .iter()
            .filter(|pod| holds(pod, "Ready"))
            .count();
        (ready == count && items(&list).len() == count).then(|| items(&list).to_vec())
    })
    .await
}

fn uid(pod: &Value) -> String {
    text(pod, "/metadata/uid")
}

fn controller(pod: &Value) -> &Value {
    let owners = pod["metadata"]["ownerReferences"].as_array().unwrap();
    owners
        .iter()
        .find(|owner| owner["controller"] == true)
        .unwrap()
}

async fn an_evicted_pod_of_a_replica_set_comes_back_under_another_name(c: &Cluster) {
    workload(c, "replicasets", Some(2)).await;
    let before = ready_pods(c, 2).await;
    let evicted = text(&before[0], "/metadata/name");
    evict(c, &evicted, Value::Null).await.is(201);
    c.until_gone(&c.one("pods", &evicted)).await;
    let after = ready_pods(c, 2).await;
    assert!(after.iter().any(|pod| uid(pod) == uid(&before[1])));
    let new = after
        .iter()
        .find(|pod| uid(pod) != uid(&before[1]))
        .unwrap();
    assert_ne!(text(new, "/metadata/name"), evicted);
    assert_eq!(controller(new)["uid"], controller(&before[0])["uid"]);
    assert_eq!(
        (&controller(new)["apiVersion"], &controller(new)["kind"]),
        (&json!("apps/v1"), &json!("ReplicaSet"))
    );
}

async fn an_evicted_pod_of_a_stateful_set_comes_back_under_its_name(c: &Cluster) {
    workload(c, "statefulsets", Some(2)).await;
    let before = ready_pods(c, 2).await;
    assert_eq!(text(&before[0], "/metadata/name"), "web-0");
    evict(c, "web-0", Value::Null).await.is(201);
    let path = c.one("pods", "web-0");
    c.until_is("another pod has its name", &path, |pod| {
        uid(pod) != uid(&before[0])
    })
    .await;
    let after = ready_pods(c, 2).await;
    assert_eq!(uid(&after[1]), uid(&before[1]));
    assert_eq!(
        (
            &controller(&after[0])["apiVersion"],
            &controller(&after[0])["kind"]
        ),
        (&json!("apps/v1"), &json!("StatefulSet"))
    );
}

async fn an_evicted_pod_of_a_daemon_set_comes_back_on_its_cordoned_node(c: &Cluster) {
    let nodes = machines(c).await;
    workload(c, "daemonsets", None).await;
    let before = ready_pods(c, nodes.len()).await;
    let node = text(&before[0], "/spec/nodeName");
    let path = format!("/api/v1/nodes/{node}");
    c.patch(&path, MERGE, json!({"spec": {"unschedulable": true}}))
        .await
        .is(200);
    evict(c, &text(&before[0], "/metadata/name"), Value::Null)
        .await
        .is(201);
    c.until_gone(&c.one("pods", &text(&before[0], "/metadata/name")))
        .await;
    let after = ready_pods(c, nodes.len()).await;
    c.patch(&path, MERGE, json!({"spec": {"unschedulable": null}}))
        .await
        .is(200);
    let new = after
        .iter()
        .find(|pod| text(pod, "/spec/nodeName") == node)
        .unwrap();
    assert_ne!(uid(new), uid(&before[0]));
    assert_eq!(
        (&controller(new)["apiVersion"], &controller(new)["kind"]),
        (&json!("apps/v1"), &json!("DaemonSet"))
    );
}

async fn a_replica_set_says_how_many_are_ready(c: &Cluster) {
    workload(c, "replicasets", Some(2)).await;
    ready_pods(c, 2).await;
    let path = c.one("replicasets", "web");
    let set = c
        .until_is("two are Ready", &path, |set| {
            set["status"]["readyReplicas"] == 2
        })
        .await;
    assert_eq!(
        (&set["spec"]["replicas"], &set["status"]["replicas"]),
        (&json!(2), &json!(2))
    );
    assert_eq!(
        set["status"]["observedGeneration"],
        set["metadata"]["generation"]
    );
    c.patch(&path, MERGE, json!({"spec": {"replicas": 1}}))
        .await
        .is(200);
    ready_pods(c, 1).await;
    c.until_is("one is Ready", &path, |set| {
        set["status"]["readyReplicas"] == 1
    })
    .await;
}

async fn the_pods_of_a_deleted_set_go_with_it(c: &Cluster) {
    workload(c, "replicasets", Some(1)).await;
    let pod = text(&ready_pods(c, 1).await[0], "/metadata/name");
    let path = c.one("replicasets", "web");
    c.delete(&path, json!({"propagationPolicy": "Background"}))
        .await
        .is(200);
    assert_eq!(c.get(&path).await.code, 404);
    c.until_gone(&c.one("pods", &pod)).await;
}

async fn a_deployments_pods_belong_to_its_replica_set(c: &Cluster) {
    workload(c, "deployments", Some(1)).await;
    let pod = ready_pods(c, 1).await.remove(0);
    let owner = controller(&pod);
    assert_eq!(owner["kind"], "ReplicaSet");
    let set = c
        .get(&c.one("replicasets", owner["name"].as_str().unwrap()))
        .await
        .is(200);
    assert_eq!(set["metadata"]["uid"], owner["uid"]);
    assert_eq!(controller(&set)["kind"], "Deployment");
    let hash = text(&set, "/metadata/labels/pod-template-hash");
    assert!(!hash.is_empty() && hash == text(&pod, "/metadata/labels/pod-template-hash"));
}
