//! Admission that refuses, and what it fills in.

use serde_json::{Value, json};

use super::{Case, case};
use crate::answer::text;
use crate::cluster::Cluster;
use crate::fixtures::{IMAGE, hollow_node, idle_on, namespace, probe_pod, reboot_pod};
use crate::prepared::{DENIAL, DENIED_NAMESPACE, OWN_NAMESPACE};

pub(crate) const CASES: &[Case] = &[
    case!(Api, a_policy_that_denies_is_named_in_the_refusal, Alone),
    case!(Api, the_printed_manifests_are_accepted),
    case!(Api, the_printed_policy_admits_our_pods_and_no_others, Alone),
    case!(Api, a_new_pod_is_pending_and_gets_its_defaults),
    case!(Api, a_pod_tolerates_an_unhealthy_node_for_five_minutes),
    case!(
        Api,
        a_pod_that_tolerates_everything_gets_no_more_tolerations
    ),
    case!(Api, the_shape_of_our_own_pods_is_kept),
    case!(Api, a_pod_without_a_token_gets_no_volume),
    case!(Api, a_pod_may_be_bound_to_a_cordoned_node_by_name),
    case!(Api, a_pod_may_be_bound_to_a_missing_node_by_name),
];

async fn made(c: &Cluster, spec: Value) -> Value {
    let pod = json!({"metadata": {"name": "one"}, "spec": spec});
    c.post(&c.all("pods"), pod).await.is(201)
}

async fn a_policy_that_denies_is_named_in_the_refusal(c: &Cluster) {
    namespace(c, DENIED_NAMESPACE).await;
    let path = format!("/api/v1/namespaces/{DENIED_NAMESPACE}/pods?dryRun=All");
    let pod = json!({"metadata": {"name": "one"}, "spec": idle_on("anywhere")});
    let answer = c
        .until("the policy is in force", async || {
            let answer = c.post(&path, pod.clone()).await;
            (answer.code >= 300).then_some(answer)
        })
        .await;
    answer.refused(json!({
        "code": 403, "reason": "Forbidden", "message": format!("pods \"one\" is forbidden: {DENIAL}"),
        "details": {"name": "one", "kind": "pods", "causes": [{"message": DENIAL}]},
    }));
}

/// What `manifests` prints, object by object.
fn manifests(part: &str) -> Vec<Value> {
    let program = env!("CARGO_BIN_EXE_aksreboot");
    let words = ["manifests", part, "--image", IMAGE];
    let output = std::process::Command::new(program)
        .args(words)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    serde_saphyr::from_multiple(&String::from_utf8(output.stdout).unwrap()).unwrap()
}

/// Where an object of a manifest is posted; what is for our own namespace goes into the case's.
fn destination(c: &Cluster, object: &mut Value) -> String {
    let version = object["apiVersion"].as_str().unwrap();
    let root = if version.contains('/') { "apis" } else { "api" };
    let plural = match object["kind"].as_str().unwrap() {
        "ValidatingAdmissionPolicy" => "validatingadmissionpolicies".to_owned(),
        kind => format!("{}s", kind.to_lowercase()),
    };
    let namespace = match object["metadata"]["namespace"].as_str() {
        None => return format!("/{root}/{version}/{plural}"),
        Some(OWN_NAMESPACE) => c.ns.clone(),
        Some(namespace) => namespace.to_owned(),
    };
    let path = format!("/{root}/{version}/namespaces/{namespace}/{plural}");
    object["metadata"]["namespace"] = namespace.into();
    path
}

async fn the_printed_manifests_are_accepted(c: &Cluster) {
    let objects = manifests("all");
    assert!(objects.len() > 8);
    for mut object in objects {
        let path = destination(c, &mut object);
        // Under a name that nobody has taken, as an administrator may have theirs.
        let name = format!("{}-{}", c.ns, text(&object, "/metadata/name"));
        object["metadata"]["name"] = name.into();
        let answer = c.post(&format!("{path}?dryRun=All"), object).await;
        assert_eq!(answer.code, 201, "{path}: {}", answer.text);
    }
}

async fn the_printed_policy_admits_our_pods_and_no_others(c: &Cluster) {
    namespace(c, OWN_NAMESPACE).await;
    for mut object in manifests("policy") {
        let path = destination(c, &mut object);
        let name = object["metadata"]["name"].as_str().unwrap().to_owned();
        c.post(&path, object).await.is(201);
        c.afterwards(format!("{path}/{name}"));
    }
    let path = format!("/api/v1/namespaces/{OWN_NAMESPACE}/pods?dryRun=All");
    let foreign = json!({"metadata": {"name": "one"}, "spec": idle_on("anywhere")});
    let answer = c
        .until("the policy is in force", async || {
            let answer = c.post(&path, foreign.clone()).await;
            (answer.code != 201).then_some(answer)
        })
        .await;
    assert_eq!(
        (answer.code, &answer.body["reason"]),
        (403, &json!("Forbidden")),
        "{}",
        answer.text
    );
    let message = answer.body["message"].as_str().unwrap();
    let denied =
        "ValidatingAdmissionPolicy 'aksreboot-pods' with binding 'aksreboot-pods' denied request: ";
    assert!(message.contains(denied), "{message}");
    let boot = "5a1f3a5e-0000-4000-8000-000000000001";
    for pod in [
        probe_pod("anywhere", "probe-one", "0123456789abcdef"),
        reboot_pod("anywhere", "reboot", boot, 1_800_000_000),
        reboot_pod("anywhere", "prove", boot, 1_800_000_000),
    ] {
        c.post(&path, pod.clone()).await.is(201);
        let mut other = pod;
        other["spec"]["containers"][0]["command"][2] = "reboot".into();
        let answer = c.post(&path, other).await;
        assert!(
            answer.code == 403 && answer.text.contains(denied),
            "{}",
            answer.text
        );
    }
}

async fn a_new_pod_is_pending_and_gets_its_defaults(c: &Cluster) {
    let node = hollow_node(c, "one").await;
    let spec = json!({"nodeName": node, "containers": [{"name": "main", "image": "i:1"}]});
    let pod = made(c, spec).await;
    assert_eq!(pod["status"]["phase"], "Pending");
    for (field, expected) in [
        ("restartPolicy", json!("Always")),
        ("terminationGracePeriodSeconds", json!(30)),
        ("dnsPolicy", json!("ClusterFirst")),
        ("schedulerName", json!("default-scheduler")),
        ("securityContext", json!({})),
        ("nodeName", json!(node)),
    ] {
        assert_eq!(pod["spec"][field], expected, "{field}");
    }
    assert_eq!(pod["status"]["qosClass"], "BestEffort");
}

fn unhealthy() -> Vec<Value> {
    ["not-ready", "unreachable"]
        .map(|key| {
            json!({
                "key": format!("node.kubernetes.io/{key}"), "operator": "Exists", "effect": "NoExecute",
                "tolerationSeconds": 300,
            })
        })
        .to_vec()
}

async fn a_pod_tolerates_an_unhealthy_node_for_five_minutes(c: &Cluster) {
    let node = hollow_node(c, "one").await;
    let mut spec = idle_on(&node);
    let own = json!({"key": "own", "operator": "Exists", "effect": "NoSchedule"});
    spec["tolerations"] = json!([own]);
    let mut expected = vec![own];
    expected.extend(unhealthy());
    assert_eq!(made(c, spec).await["spec"]["tolerations"], json!(expected));
}

async fn a_pod_that_tolerates_everything_gets_no_more_tolerations(c: &Cluster) {
    let node = hollow_node(c, "one").await;
    let mut spec = idle_on(&node);
    spec["tolerations"] = json!([{"operator": "Exists"}]);
    assert_eq!(
        made(c, spec).await["spec"]["tolerations"],
        json!([{"operator": "Exists"}])
    );
}

async fn the_shape_of_our_own_pods_is_kept(c: &Cluster) {
    let node = hollow_node(c, "one").await;
    let sent = probe_pod(&node, "probe-shape", "0123456789abcdef");
    let pod = c.post(&c.all("pods"), sent.clone()).await.is(201);
    for field in [
        "nodeName",
        "restartPolicy",
        "automountServiceAccountToken",
        "enableServiceLinks",
        "activeDeadlineSeconds",
        "terminationGracePeriodSeconds",
        "volumes",
        "securityContext",
    ] {
        assert_eq!(pod["spec"][field], sent["spec"][field], "{field}");
    }
    for field in [
        "name",
        "image",
        "imagePullPolicy",
        "command",
        "env",
        "resources",
        "terminationMessagePath",
        "terminationMessagePolicy",
        "securityContext",
    ] {
        assert_eq!(
            pod["spec"]["containers"][0][field], sent["spec"]["containers"][0][field],
            "{field}"
        );
    }
    assert_eq!(pod["metadata"]["labels"], sent["metadata"]["labels"]);
}

async fn a_pod_without_a_token_gets_no_volume(c: &Cluster) {
    let node = hollow_node(c, "one").await;
    assert_eq!(
        made(c, idle_on(&node)).await["spec"]["volumes"],
        Value::Null
    );
}

async fn a_pod_may_be_bound_to_a_cordoned_node_by_name(c: &Cluster) {
    let node = hollow_node(c, "one").await;
    let cordon = json!({"spec": {"unschedulable": true}});
    c.patch(
        &format!("/api/v1/nodes/{node}"),
        crate::cluster::MERGE,
        cordon,
    )
    .await
    .is(200);
    assert_eq!(
        made(c, idle_on(&node)).await["spec"]["nodeName"],
        json!(node)
    );
}

async fn a_pod_may_be_bound_to_a_missing_node_by_name(c: &Cluster) {
    let pod = made(c, idle_on("missing")).await;
    assert_eq!(
        (&pod["spec"]["nodeName"], &pod["status"]["phase"]),
        (&json!("missing"), &json!("Pending"))
    );
}
