//! Our own pods under real kubelets: the probe's answer, the ask's refusals and proof, and a node that reboots.

use serde_json::json;

use super::kubelet::{ended, one_node, terminated};
use super::reading::encode;
use super::{Case, case};
use crate::answer::{holds, items, text};
use crate::cluster::Cluster;
use crate::fixtures::{IMAGE, machines, probe_pod, reboot_pod};

pub(crate) const CASES: &[Case] = &[
    case!(Kubelets, a_probe_pod_answers_in_its_containers_last_words),
    case!(Kubelets, a_reboot_pod_refuses_another_boot),
    case!(Kubelets, a_reboot_pod_refuses_when_it_is_late),
    case!(Kubelets, a_proof_says_that_asking_would_work),
    case!(
        Kubelets,
        a_reboot_brings_a_new_boot_id_and_the_node_back,
        Alone
    ),
];

async fn a_probe_pod_answers_in_its_containers_last_words(c: &Cluster) {
    let node = one_node(c).await;
    let pod = ended(c, probe_pod(&node, "probe-one", "0123456789abcdef")).await;
    let end = terminated(&pod, "probe");
    assert_eq!(
        (&end["exitCode"], &end["reason"]),
        (&json!(0), &json!("Completed"))
    );
    assert!(
        end["startedAt"].is_string() && end["finishedAt"].is_string(),
        "{end}"
    );
    assert_eq!(pod["status"]["phase"], "Succeeded");
    let answer = text(end, "/message");
    let lines: Vec<_> = answer.lines().collect();
    assert_eq!(lines.first(), Some(&"aksreboot-probe 1 0123456789abcdef"));
    assert_eq!(
        *lines.last().unwrap(),
        format!("end 0123456789abcdef {}", lines.len() - 2)
    );
    let node = c.get(&format!("/api/v1/nodes/{node}")).await.is(200);
    for (key, pointer) in [
        ("boot-id", "/status/nodeInfo/bootID"),
        ("kernel", "/status/nodeInfo/kernelVersion"),
    ] {
        let line = format!("{key} {}", text(&node, pointer));
        assert!(lines.contains(&line.as_str()), "{line} is not in {answer}");
    }
    assert!(lines.contains(&"flag absent"), "{answer}");
}

async fn boot_of(c: &Cluster, node: &str) -> String {
    let node = c.get(&format!("/api/v1/nodes/{node}")).await.is(200);
    text(&node, "/status/nodeInfo/bootID")
}

/// Unix seconds by the cluster's own clock: a new object's creation.
async fn now(c: &Cluster) -> i64 {
    let map = json!({"metadata": {"generateName": "clock-"}});
    let made = c.post(&c.all("configmaps"), map).await.is(201);
    let time: jiff::Timestamp = text(&made, "/metadata/creationTimestamp").parse().unwrap();
    time.as_second()
}

async fn a_reboot_pod_refuses_another_boot(c: &Cluster) {
    let node = one_node(c).await;
    let boot = boot_of(c, &node).await;
    let other = "00000000-0000-4000-8000-00000000dead";
    let pod = ended(c, reboot_pod(&node, "prove", other, now(c).await + 600)).await;
    let end = terminated(&pod, "reboot");
    assert_eq!(
        (&end["exitCode"], &end["reason"]),
        (&json!(3), &json!("Error"))
    );
    assert_eq!(
        text(end, "/message"),
        format!("aksreboot-reboot 1\nrefused boot-id {boot}\n")
    );
}

async fn a_reboot_pod_refuses_when_it_is_late(c: &Cluster) {
    let node = one_node(c).await;
    let boot = boot_of(c, &node).await;
    let pod = ended(c, reboot_pod(&node, "prove", &boot, now(c).await - 60)).await;
    let end = terminated(&pod, "reboot");
    assert_eq!(end["exitCode"], 3);
    assert!(
        text(end, "/message").starts_with("aksreboot-reboot 1\nrefused not-after "),
        "{end}"
    );
}

async fn a_proof_says_that_asking_would_work(c: &Cluster) {
    let node = one_node(c).await;
    let boot = boot_of(c, &node).await;
    let pod = ended(c, reboot_pod(&node, "prove", &boot, now(c).await + 600)).await;
    let end = terminated(&pod, "reboot");
    assert_eq!(
        (&end["exitCode"], text(end, "/message")),
        (&json!(0), "aksreboot-reboot 1\nproved\n".into())
    );
    assert_eq!(boot_of(c, &node).await, boot);
}

async fn a_reboot_brings_a_new_boot_id_and_the_node_back(c: &Cluster) {
    let node = machines(c).await.pop().unwrap();
    let path = format!("/api/v1/nodes/{node}");
    let before = c.get(&path).await.is(200);
    let boot = text(&before, "/status/nodeInfo/bootID");
    let mut pod = reboot_pod(&node, "reboot", &boot, now(c).await + 600);
    pod["spec"]["activeDeadlineSeconds"] = 300.into();
    c.post(&c.all("pods"), pod).await.is(201);
    let after = c
        .until_is("it is Ready under a new boot", &path, |node| {
            text(node, "/status/nodeInfo/bootID") != boot && holds(node, "Ready")
        })
        .await;
    assert_eq!(after["metadata"]["uid"], before["metadata"]["uid"]);
    assert_eq!(after["spec"].get("unschedulable"), None);
    let fields = encode(&format!(
        "involvedObject.kind=Node,involvedObject.name={node},reason=Rebooted"
    ));
    let events = format!("/api/v1/namespaces/default/events?fieldSelector={fields}");
    let new = text(&after, "/status/nodeInfo/bootID");
    let message = format!("Node {node} has been rebooted, boot id: {new}");
    c.until("the kubelet tells of it", async || {
        let list = c.get(&events).await.ok();
        items(&list)
            .iter()
            .any(|event| event["message"] == message)
            .then_some(())
    })
    .await;
    // The pod that asked ran once: it is not started again.
    let pod = c
        .until_is(
            "the kubelet has judged the pod",
            &c.one("pods", "reboot-one"),
            |pod| matches!(text(pod, "/status/phase").as_str(), "Succeeded" | "Failed"),
        )
        .await;
    assert_eq!(pod["status"]["containerStatuses"][0]["restartCount"], 0);
    assert_eq!(pod["spec"]["containers"][0]["image"], IMAGE);
}
