//! Pods as kubelets report them, and what nodes say of themselves.

use serde_json::{Value, json};

use super::{Case, case};
use crate::answer::{condition, holds, text};
use crate::cluster::Cluster;
use crate::fixtures::{idle_on, machines};
use crate::sides::ABSENT_IMAGE;

pub(crate) const CASES: &[Case] = &[
    case!(Kubelets, a_pods_log_is_text_and_can_be_cut),
    case!(Kubelets, the_end_of_a_long_message_is_kept),
    case!(Kubelets, a_container_that_fails_says_with_which_code),
    case!(Kubelets, each_container_has_its_own_state),
    case!(Kubelets, a_running_pod_says_since_when),
    case!(
        Kubelets,
        an_image_that_is_not_there_and_not_to_be_pulled_has_a_reason_of_its_own
    ),
    case!(Kubelets, a_log_of_a_container_that_waits_is_a_bad_request),
    case!(Kubelets, a_pod_that_is_active_for_too_long_fails_as_a_whole),
    case!(
        Kubelets,
        a_deleted_pod_is_there_until_its_containers_are_gone
    ),
    case!(Kubelets, a_pod_deleted_without_grace_is_gone_at_once),
    case!(Kubelets, a_pod_for_a_node_is_taken_up_past_the_scheduler),
    case!(Kubelets, a_node_renews_its_lease),
    case!(Kubelets, a_node_says_what_it_runs),
];

/// Runs a pod to its end and returns it.
pub(super) async fn ended(c: &Cluster, pod: Value) -> Value {
    let made = c.post(&c.all("pods"), pod).await.is(201);
    let path = c.one("pods", &text(&made, "/metadata/name"));
    c.until_is("the pod is over", &path, |pod| {
        matches!(text(pod, "/status/phase").as_str(), "Succeeded" | "Failed")
    })
    .await
}

fn status<'p>(pod: &'p Value, container: &str) -> &'p Value {
    let statuses = pod["status"]["containerStatuses"].as_array();
    let statuses = statuses.unwrap_or_else(|| panic!("no containers in {}", pod["status"]));
    statuses
        .iter()
        .find(|status| status["name"] == container)
        .unwrap()
}

pub(super) fn terminated<'p>(pod: &'p Value, container: &str) -> &'p Value {
    &status(pod, container)["state"]["terminated"]
}

pub(super) async fn one_node(c: &Cluster) -> String {
    machines(c).await.remove(0)
}

/// A pod whose container writes `message` as its last words, `log` to its log, and ends with `code`. A real kubelet
/// runs the command, a simulated one goes by the annotation.
fn saying(node: &str, code: i32, message: &str, log: &str) -> Value {
    let ends = "sim.aksreboot.dev/ends";
    let mut spec = idle_on(node);
    spec["restartPolicy"] = "Never".into();
    let container = &mut spec["containers"][0];
    container["command"] = json!([
        "sh",
        "-c",
        "printf %s \"$MESSAGE\" >/dev/termination-log; printf %s \"$LOG\"; exit $CODE"
    ]);
    container["env"] = json!([
        {"name": "MESSAGE", "value": message}, {"name": "LOG", "value": log}, {"name": "CODE", "value": code.to_string()},
    ]);
    let end = json!({"code": code, "message": message, "log": log}).to_string();
    json!({"metadata": {"name": "says", "labels": {ends: "true"}, "annotations": {ends: end}}, "spec": spec})
}

async fn a_pods_log_is_text_and_can_be_cut(c: &Cluster) {
    let node = one_node(c).await;
    ended(c, saying(&node, 0, "last words", "0123456789 and more")).await;
    let path = format!("{}/log?container=main", c.one("pods", "says"));
    let whole = c.get(&path).await;
    assert_eq!(
        (whole.code, whole.text.as_str()),
        (200, "0123456789 and more")
    );
    assert_eq!(whole.header("content-type"), Some("text/plain"));
    let cut = c.get(&format!("{path}&limitBytes=10")).await;
    assert_eq!((cut.code, cut.text.as_str()), (200, "0123456789"));
    assert_eq!(
        c.get(&format!("{}/log", c.one("pods", "missing")))
            .await
            .code,
        404
    );
}

async fn the_end_of_a_long_message_is_kept(c: &Cluster) {
    let node = one_node(c).await;
    let long = "0123456789".repeat(700);
    let pod = ended(c, saying(&node, 0, &long, "")).await;
    assert_eq!(
        text(terminated(&pod, "main"), "/message"),
        long[long.len() - 4096..]
    );
}

async fn a_container_that_fails_says_with_which_code(c: &Cluster) {
    let node = one_node(c).await;
    let pod = ended(c, saying(&node, 3, "refused init\n", "")).await;
    let end = terminated(&pod, "main");
    assert_eq!(
        (&end["exitCode"], &end["reason"], &end["message"]),
        (&json!(3), &json!("Error"), &json!("refused init\n"))
    );
    assert_eq!(pod["status"]["phase"], "Failed");
    assert_eq!(pod["status"].get("reason"), None);
    assert_eq!(condition(&pod, "Ready").unwrap()["reason"], "PodFailed");
}

async fn each_container_has_its_own_state(c: &Cluster) {
    let node = one_node(c).await;
    let mut spec = idle_on(&node);
    spec["terminationGracePeriodSeconds"] = 0.into();
    let mut second = spec["containers"][0].clone();
    second["name"] = "absent".into();
    second["image"] = ABSENT_IMAGE.into();
    spec["containers"].as_array_mut().unwrap().push(second);
    c.post(
        &c.all("pods"),
        json!({"metadata": {"name": "two"}, "spec": spec}),
    )
    .await
    .is(201);
    let path = c.one("pods", "two");
    let pod = c
        .until_is("one runs and one waits", &path, |pod| {
            pod["status"]["containerStatuses"].is_array()
                && status(pod, "main")["state"]["running"].is_object()
                && status(pod, "absent")["state"]["waiting"]["reason"] == "ErrImageNeverPull"
        })
        .await;
    assert!(!holds(&pod, "Ready"));
}

async fn a_running_pod_says_since_when(c: &Cluster) {
    let node = one_node(c).await;
    let mut spec = idle_on(&node);
    spec["terminationGracePeriodSeconds"] = 1.into();
    c.post(
        &c.all("pods"),
        json!({"metadata": {"name": "one"}, "spec": spec}),
    )
    .await
    .is(201);
    let path = c.one("pods", "one");
    let pod = c
        .until_is("it is Ready", &path, |pod| holds(pod, "Ready"))
        .await;
    assert_eq!(pod["status"]["phase"], "Running");
    let container = status(&pod, "main");
    assert!(
        container["state"]["running"]["startedAt"].is_string(),
        "{container}"
    );
    assert_eq!(
        (
            &container["ready"],
            &container["started"],
            &container["restartCount"]
        ),
        (&json!(true), &json!(true), &json!(0))
    );
    for kind in [
        "PodScheduled",
        "Initialized",
        "ContainersReady",
        "PodReadyToStartContainers",
    ] {
        assert!(holds(&pod, kind), "{kind}");
    }
    assert!(pod["status"]["startTime"].is_string() && pod["status"]["hostIP"].is_string());
    assert!(text(&pod, "/status/podIP").contains('.'));
}

fn without_image(node: &str) -> Value {
    let mut spec = idle_on(node);
    spec["containers"][0]["image"] = ABSENT_IMAGE.into();
    json!({"metadata": {"name": "absent"}, "spec": spec})
}

async fn waits(c: &Cluster, node: &str) -> Value {
    c.post(&c.all("pods"), without_image(node)).await.is(201);
    let path = c.one("pods", "absent");
    c.until_is("its container waits", &path, |pod| {
        pod["status"]["containerStatuses"].is_array()
            && status(pod, "main")["state"]["waiting"]["reason"] == "ErrImageNeverPull"
    })
    .await
}

async fn an_image_that_is_not_there_and_not_to_be_pulled_has_a_reason_of_its_own(c: &Cluster) {
    let pod = waits(c, &one_node(c).await).await;
    let waiting = &status(&pod, "main")["state"]["waiting"];
    let message =
        format!("Container image \"{ABSENT_IMAGE}\" is not present with pull policy of Never");
    assert_eq!(
        *waiting,
        json!({"reason": "ErrImageNeverPull", "message": message})
    );
    assert_eq!(pod["status"]["phase"], "Pending");
}

async fn a_log_of_a_container_that_waits_is_a_bad_request(c: &Cluster) {
    waits(c, &one_node(c).await).await;
    c.get(&format!("{}/log", c.one("pods", "absent"))).await.refused(json!({
        "code": 400, "reason": "BadRequest",
        "message": "container \"main\" in pod \"absent\" is waiting to start: ErrImageNeverPull",
    }));
}

async fn a_pod_that_is_active_for_too_long_fails_as_a_whole(c: &Cluster) {
    let node = one_node(c).await;
    let mut spec = idle_on(&node);
    spec["restartPolicy"] = "Never".into();
    spec["terminationGracePeriodSeconds"] = 0.into();
    spec["activeDeadlineSeconds"] = 4.into();
    let pod = ended(c, json!({"metadata": {"name": "slow"}, "spec": spec})).await;
    assert_eq!(
        (&pod["status"]["phase"], &pod["status"]["reason"]),
        (&json!("Failed"), &json!("DeadlineExceeded"))
    );
    assert_eq!(
        text(&pod, "/status/message"),
        "Pod was active on the node longer than the specified deadline"
    );
    let end = terminated(&pod, "main");
    assert_eq!(
        (&end["exitCode"], &end["reason"]),
        (&json!(137), &json!("Error"))
    );
}

async fn a_deleted_pod_is_there_until_its_containers_are_gone(c: &Cluster) {
    let node = one_node(c).await;
    let mut spec = idle_on(&node);
    spec["terminationGracePeriodSeconds"] = 3.into();
    let pod = json!({
        // `sleep` as process 1 does not hear the signal: it takes the whole grace period.
        "metadata": {"name": "one", "annotations": {"sim.aksreboot.dev/stops-in-ms": "3000"}}, "spec": spec,
    });
    c.post(&c.all("pods"), pod).await.is(201);
    let path = c.one("pods", "one");
    c.until_is("it is Ready", &path, |pod| holds(pod, "Ready"))
        .await;
    let deleted = c.delete(&path, Value::Null).await.is(200);
    assert_eq!(deleted["metadata"]["deletionGracePeriodSeconds"], 3);
    let still = c.get(&path).await.is(200);
    assert!(still["metadata"]["deletionTimestamp"].is_string());
    assert_eq!(still["status"]["phase"], "Running");
    c.until_gone(&path).await;
}

async fn a_pod_deleted_without_grace_is_gone_at_once(c: &Cluster) {
    let node = one_node(c).await;
    c.post(
        &c.all("pods"),
        json!({"metadata": {"name": "one"}, "spec": idle_on(&node)}),
    )
    .await
    .is(201);
    let path = c.one("pods", "one");
    c.until_is("it is Ready", &path, |pod| holds(pod, "Ready"))
        .await;
    c.delete(&path, json!({"gracePeriodSeconds": 0}))
        .await
        .is(200);
    assert_eq!(c.get(&path).await.code, 404);
}

async fn a_pod_for_a_node_is_taken_up_past_the_scheduler(c: &Cluster) {
    let node = one_node(c).await;
    let pod = ended(c, saying(&node, 0, "", "")).await;
    assert_eq!(pod["spec"]["nodeName"], json!(node));
    assert_eq!(pod["status"]["phase"], "Succeeded");
    assert_eq!(terminated(&pod, "main").get("message"), None);
}

async fn a_node_renews_its_lease(c: &Cluster) {
    let node = one_node(c).await;
    let path = format!("/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/{node}");
    let before = c.get(&path).await.is(200);
    assert_eq!(
        (
            &before["spec"]["holderIdentity"],
            &before["spec"]["leaseDurationSeconds"]
        ),
        (&json!(node), &json!(40))
    );
    let renewed = c
        .until_is("it is renewed", &path, |lease| {
            lease["spec"]["renewTime"] != before["spec"]["renewTime"]
        })
        .await;
    let time = |lease: &Value| text(lease, "/spec/renewTime");
    assert!(
        time(&renewed) > time(&before)
            && time(&renewed).len() == "2026-03-04T08:00:00.000000Z".len()
    );
    assert_ne!(
        renewed["metadata"]["resourceVersion"],
        before["metadata"]["resourceVersion"]
    );
}

async fn a_node_says_what_it_runs(c: &Cluster) {
    let name = one_node(c).await;
    let node = c.get(&format!("/api/v1/nodes/{name}")).await.is(200);
    assert!(holds(&node, "Ready"));
    let ready = condition(&node, "Ready").unwrap();
    assert_eq!(
        (&ready["reason"], &ready["message"]),
        (
            &json!("KubeletReady"),
            &json!("kubelet is posting ready status")
        )
    );
    assert_eq!(text(&node, "/status/nodeInfo/bootID").len(), 36);
    for field in [
        "kernelVersion",
        "osImage",
        "kubeletVersion",
        "containerRuntimeVersion",
        "machineID",
        "systemUUID",
    ] {
        assert_ne!(
            text(&node, &format!("/status/nodeInfo/{field}")),
            "",
            "{field}"
        );
    }
    assert_eq!(node["status"]["nodeInfo"]["operatingSystem"], "linux");
    assert_eq!(node["metadata"]["labels"]["kubernetes.io/os"], "linux");
    assert_eq!(
        node["metadata"]["labels"]["kubernetes.io/hostname"],
        json!(name)
    );
}
