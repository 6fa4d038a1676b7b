//! Leases, ConfigMaps and Events: what the lock, the run record and the history are kept in.

use base64::Engine as _;
use serde_json::{Value, json};

use super::reading::encode;
use super::{Case, case};
use crate::answer::{names, text};
use crate::cluster::{Cluster, MERGE};
use crate::fixtures::{config_map, hollow_node};

pub(crate) const CASES: &[Case] = &[
    case!(Api, a_lease_keeps_its_times_to_the_microsecond),
    case!(
        Api,
        of_two_renewals_from_one_version_the_second_is_a_conflict
    ),
    case!(Api, a_lease_is_seized_with_its_version_and_its_annotations),
    case!(Api, a_lease_may_have_no_holder),
    case!(Api, a_deleted_lease_can_be_taken_afresh),
    case!(Api, a_lease_without_a_term_is_kept_as_it_is),
    case!(Api, binary_data_comes_back_byte_by_byte),
    case!(Api, entries_are_added_to_a_config_map_one_by_one),
    case!(Api, records_are_listed_by_their_labels),
    case!(Api, data_that_is_no_text_is_refused),
    case!(Api, entries_are_packed_in_one_patch),
    case!(Api, a_config_map_holds_a_mebibyte_and_no_more),
    case!(Api, events_about_a_node_are_found_by_it),
];

fn lease(holder: &str) -> Value {
    json!({
        "apiVersion": "coordination.k8s.io/v1", "kind": "Lease",
        "metadata": {"name": "aksreboot", "annotations": {"aksreboot.dev/holder": "{\"v\":1}"}},
        "spec": {
            "holderIdentity": holder, "leaseDurationSeconds": 60,
            "acquireTime": "2026-03-04T08:00:00.123456Z", "renewTime": "2026-03-04T08:00:00.000001Z",
        },
    })
}

async fn taken(c: &Cluster) -> (String, Value) {
    let made = c.post(&c.all("leases"), lease("one")).await.is(201);
    (c.one("leases", "aksreboot"), made)
}

fn renewal(version: &Value, time: &str) -> Value {
    json!({"metadata": {"resourceVersion": version}, "spec": {"renewTime": time}})
}

async fn a_lease_keeps_its_times_to_the_microsecond(c: &Cluster) {
    let (path, made) = taken(c).await;
    for read in [made, c.get(&path).await.is(200)] {
        assert_eq!(read["spec"], lease("one")["spec"]);
    }
}

async fn of_two_renewals_from_one_version_the_second_is_a_conflict(c: &Cluster) {
    let (path, made) = taken(c).await;
    let version = &made["metadata"]["resourceVersion"];
    let renewed = c
        .patch(
            &path,
            MERGE,
            renewal(version, "2026-03-04T08:00:15.000000Z"),
        )
        .await
        .is(200);
    assert_ne!(renewed["metadata"]["resourceVersion"], *version);
    assert_eq!(renewed["spec"]["holderIdentity"], "one");
    c.patch(&path, MERGE, renewal(version, "2026-03-04T08:00:30.000000Z")).await.refused(json!({
        "code": 409, "reason": "Conflict",
        "message": "Operation cannot be fulfilled on leases.coordination.k8s.io \"aksreboot\": the object has been \
                    modified; please apply your changes to the latest version and try again",
        "details": {"name": "aksreboot", "group": "coordination.k8s.io", "kind": "leases"},
    }));
    let left = c.get(&path).await.is(200);
    assert_eq!(left["spec"]["renewTime"], "2026-03-04T08:00:15.000000Z");
}

async fn a_lease_is_seized_with_its_version_and_its_annotations(c: &Cluster) {
    let (path, made) = taken(c).await;
    let seize = json!({
        "metadata": {
            "resourceVersion": made["metadata"]["resourceVersion"],
            "annotations": {"aksreboot.dev/holder": "{\"v\":2}", "aksreboot.dev/state": null},
        },
        "spec": lease("two")["spec"],
    });
    let seized = c.patch(&path, MERGE, seize).await.is(200);
    assert_eq!(
        (
            &seized["spec"]["holderIdentity"],
            &seized["metadata"]["uid"]
        ),
        (&json!("two"), &made["metadata"]["uid"])
    );
    assert_eq!(
        seized["metadata"]["annotations"],
        json!({"aksreboot.dev/holder": "{\"v\":2}"})
    );
}

async fn a_lease_may_have_no_holder(c: &Cluster) {
    let (path, _) = taken(c).await;
    let released = c
        .patch(&path, MERGE, json!({"spec": {"holderIdentity": ""}}))
        .await;
    let released = released.is(200);
    assert_eq!(text(&released, "/spec/holderIdentity"), "");
    assert_eq!(
        text(&c.get(&path).await.is(200), "/spec/renewTime"),
        "2026-03-04T08:00:00.000001Z"
    );
}

async fn a_deleted_lease_can_be_taken_afresh(c: &Cluster) {
    let (path, made) = taken(c).await;
    let version = &made["metadata"]["resourceVersion"];
    c.delete(
        &path,
        json!({"preconditions": {"resourceVersion": version}}),
    )
    .await
    .is(200);
    let (_, again) = taken(c).await;
    assert_ne!(again["metadata"]["uid"], made["metadata"]["uid"]);
    // A renewal by the version of the first is not taken for one of the second.
    let late = renewal(version, "2026-03-04T08:00:15.000000Z");
    assert_eq!(c.patch(&path, MERGE, late).await.code, 409);
}

async fn a_lease_without_a_term_is_kept_as_it_is(c: &Cluster) {
    let made = c
        .post(&c.all("leases"), json!({"metadata": {"name": "bare"}}))
        .await
        .is(201);
    for read in [made, c.get(&c.one("leases", "bare")).await.is(200)] {
        assert_eq!(read["spec"], json!({}));
    }
}

/// All bytes there are, in base64.
fn all_bytes() -> String {
    let bytes: Vec<u8> = (0..=255).collect();
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

async fn binary_data_comes_back_byte_by_byte(c: &Cluster) {
    let map = json!({
        "metadata": {"name": "one"}, "binaryData": {"spec.json.gz": all_bytes()}, "data": {"v": "1"},
    });
    c.post(&c.all("configmaps"), map).await.is(201);
    let read = c.get(&c.one("configmaps", "one")).await.is(200);
    assert_eq!(read["binaryData"], json!({"spec.json.gz": all_bytes()}));
    assert_eq!(read["data"], json!({"v": "1"}));
}

async fn entries_are_added_to_a_config_map_one_by_one(c: &Cluster) {
    let map = json!({"metadata": {"name": "one"}, "binaryData": {"spec": all_bytes()}});
    c.post(&c.all("configmaps"), map).await.is(201);
    let path = c.one("configmaps", "one");
    for node in ["node.lab-1", "node.lab-2"] {
        c.patch(
            &path,
            MERGE,
            json!({"data": {node: "{\"outcome\":\"done\"}"}}),
        )
        .await
        .is(200);
    }
    let read = c.get(&path).await.is(200);
    assert_eq!(
        read["data"],
        json!({
            "node.lab-1": "{\"outcome\":\"done\"}", "node.lab-2": "{\"outcome\":\"done\"}",
        })
    );
    assert_eq!(read["binaryData"]["spec"], all_bytes());
}

async fn entries_are_packed_in_one_patch(c: &Cluster) {
    let mut map = config_map("record");
    map["data"] = json!({"v": "1", "node.a": "1", "node.b": "2", "node.c": "3"});
    c.post(&c.all("configmaps"), map).await.is(201);
    let path = c.one("configmaps", "record");
    let packing = json!({
        "data": {"v": "2", "node.a": null, "node.b": null, "node.d": "4"},
        "binaryData": {"nodes.0123456789abcdef.json.gz": "H4sI"},
    });
    // A second time it changes nothing, though what it removes is gone.
    for _ in 0..2 {
        c.patch(&path, MERGE, packing.clone()).await.is(200);
        let now = c.get(&path).await.is(200);
        assert_eq!(now["data"], json!({"v": "2", "node.c": "3", "node.d": "4"}));
        assert_eq!(
            now["binaryData"],
            json!({"nodes.0123456789abcdef.json.gz": "H4sI"})
        );
    }
}

async fn a_config_map_holds_a_mebibyte_and_no_more(c: &Cluster) {
    let mut map = config_map("record");
    // Binary values count as what they stand for: 3 bytes here.
    map["data"] = json!({"text": "x".repeat((1 << 20) - 3)});
    map["binaryData"] = json!({"packed": "H4sI"});
    c.post(&c.all("configmaps"), map.clone()).await.is(201);
    let path = c.one("configmaps", "record");
    let refused = c
        .patch(&path, MERGE, json!({"data": {"one": "y"}}))
        .await
        .is(422);
    // The words between differ by version, and nobody reads them.
    let message = text(&refused, "/message");
    assert!(
        message.starts_with("ConfigMap \"record\" is invalid: []: Too long: ")
            && message.ends_with(" 1048576 bytes"),
        "{message}"
    );
    map["metadata"]["name"] = "second".into();
    map["data"]["one"] = "y".into();
    c.post(&c.all("configmaps"), map).await.is(422);
}

async fn records_are_listed_by_their_labels(c: &Cluster) {
    for (name, labels) in [
        (
            "aksreboot-run-b",
            json!({"app.kubernetes.io/managed-by": "aksreboot", "aksreboot.dev/run": "b"}),
        ),
        (
            "aksreboot-run-a",
            json!({"app.kubernetes.io/managed-by": "aksreboot", "aksreboot.dev/run": "a"}),
        ),
        (
            "other",
            json!({"app.kubernetes.io/managed-by": "aksreboot"}),
        ),
    ] {
        let map = json!({"metadata": {"name": name, "labels": labels}});
        c.post(&c.all("configmaps"), map).await.is(201);
    }
    let selector = encode("app.kubernetes.io/managed-by=aksreboot,aksreboot.dev/run");
    let path = format!("{}?labelSelector={selector}&limit=500", c.all("configmaps"));
    assert_eq!(
        names(&c.get(&path).await.is(200)),
        ["aksreboot-run-a", "aksreboot-run-b"]
    );
}

async fn data_that_is_no_text_is_refused(c: &Cluster) {
    let map = json!({"metadata": {"name": "one"}, "data": {"key": 1}});
    let answer = c.post(&c.all("configmaps"), map).await;
    assert_eq!(
        (answer.code, &answer.body["reason"]),
        (400, &json!("BadRequest")),
        "{}",
        answer.text
    );
}

async fn events_about_a_node_are_found_by_it(c: &Cluster) {
    let node = hollow_node(c, "one").await;
    for (name, about, reason) in [
        ("a", node.as_str(), "Rebooted"),
        ("b", node.as_str(), "Other"),
        ("c", "x", "Rebooted"),
    ] {
        let name = format!("{}-{name}", c.ns);
        let event = json!({
            "metadata": {"name": name}, "reason": reason, "message": "boot id: x", "type": "Warning",
            "involvedObject": {"kind": "Node", "name": about, "uid": about},
            "source": {"component": "kubelet"}, "firstTimestamp": "2026-03-04T08:00:00Z", "lastTimestamp": "2026-03-04T08:00:00Z",
        });
        c.post("/api/v1/namespaces/default/events", event)
            .await
            .is(201);
        c.afterwards(format!("/api/v1/namespaces/default/events/{name}"));
    }
    let fields = encode(&format!(
        "involvedObject.kind=Node,involvedObject.name={node},reason=Rebooted"
    ));
    let list = c
        .get(&format!(
            "/api/v1/namespaces/default/events?fieldSelector={fields}"
        ))
        .await
        .is(200);
    assert_eq!(names(&list), [format!("{}-a", c.ns)]);
    assert_eq!(list["items"][0]["message"], "boot id: x");
}
