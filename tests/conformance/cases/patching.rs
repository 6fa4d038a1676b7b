//! The three kinds of patches, most of them of nodes: conflicts, tests, and what changes nothing.

use serde_json::{Value, json};

use super::{Case, case};
use crate::answer::text;
use crate::cluster::{Cluster, JSON, MERGE, STRATEGIC};
use crate::fixtures::hollow_node;

pub(crate) const CASES: &[Case] = &[
    case!(Api, cordon_and_mark_travel_in_one_merge_patch),
    case!(
        Api,
        a_patch_with_a_stale_version_is_a_conflict_and_changes_nothing
    ),
    case!(Api, a_patch_of_a_missing_node_is_not_found),
    case!(Api, null_in_a_merge_patch_removes),
    case!(Api, a_patch_that_changes_nothing_is_no_new_version),
    case!(Api, a_strategic_patch_merges_maps),
    case!(
        Api,
        a_json_patch_whose_test_fails_is_invalid_and_changes_nothing
    ),
    case!(Api, a_json_patch_whose_tests_hold_is_carried_out),
    case!(Api, null_in_a_json_patchs_test_means_that_nothing_is_there),
    case!(Api, a_json_patch_of_what_is_not_there_is_invalid),
    case!(Api, a_replacement_in_a_json_patch_adds_what_is_not_there),
    case!(Api, a_json_patch_that_is_no_list_is_a_bad_request),
    case!(Api, a_dry_run_of_a_patch_answers_and_changes_nothing),
    case!(Api, any_field_manager_may_patch),
    case!(Api, a_patch_for_another_uid_is_invalid),
    case!(Api, a_patch_of_an_unknown_kind_is_unsupported),
];

const MARK: &str = "aksreboot.dev/run";
const MARK_PATH: &str = "/metadata/annotations/aksreboot.dev~1run";

async fn node(c: &Cluster) -> String {
    format!("/api/v1/nodes/{}", hollow_node(c, "one").await)
}

/// A node with a mark.
async fn marked(c: &Cluster) -> String {
    let path = node(c).await;
    let mark =
        json!({"metadata": {"annotations": {MARK: "mine"}}, "spec": {"unschedulable": true}});
    c.patch(&path, MERGE, mark).await.is(200);
    path
}

fn unprocessable() -> Value {
    json!({
        "code": 422, "reason": "Invalid",
        "message": "the server rejected our request due to an error in our request", "details": {},
    })
}

async fn cordon_and_mark_travel_in_one_merge_patch(c: &Cluster) {
    let path = node(c).await;
    let before = c.get(&path).await.is(200);
    let patch = json!({
        "metadata": {
            "resourceVersion": before["metadata"]["resourceVersion"], "annotations": {MARK: "{\"v\":1}"},
        },
        "spec": {"unschedulable": true},
    });
    // On a server with controllers a taint may come in between.
    let answer = c.patch(&path, MERGE, patch).await;
    assert!(matches!(answer.code, 200 | 409), "{}", answer.text);
    if answer.code == 200 {
        let after = answer.body;
        assert_eq!(
            (
                &after["spec"]["unschedulable"],
                &after["metadata"]["annotations"][MARK]
            ),
            (&json!(true), &json!("{\"v\":1}"))
        );
        assert_ne!(
            after["metadata"]["resourceVersion"],
            before["metadata"]["resourceVersion"]
        );
        assert_eq!(after["status"]["nodeInfo"], before["status"]["nodeInfo"]);
        assert_eq!(after["metadata"]["uid"], before["metadata"]["uid"]);
    }
}

async fn a_patch_with_a_stale_version_is_a_conflict_and_changes_nothing(c: &Cluster) {
    let path = node(c).await;
    let name = path.rsplit('/').next().unwrap();
    let before = c.get(&path).await.is(200);
    c.patch(&path, MERGE, json!({"metadata": {"labels": {"x": "y"}}}))
        .await
        .is(200);
    let patch = json!({
        "metadata": {"resourceVersion": before["metadata"]["resourceVersion"]}, "spec": {"unschedulable": true},
    });
    c.patch(&path, MERGE, patch).await.refused(json!({
        "code": 409, "reason": "Conflict",
        "message": format!("Operation cannot be fulfilled on nodes \"{name}\": the object has been modified; please \
                            apply your changes to the latest version and try again"),
        "details": {"name": name, "kind": "nodes"},
    }));
    let after = c.get(&path).await.is(200);
    assert_eq!(after["spec"]["unschedulable"], Value::Null);
}

async fn a_patch_of_a_missing_node_is_not_found(c: &Cluster) {
    let patch = json!({"spec": {"unschedulable": true}});
    c.patch("/api/v1/nodes/missing", MERGE, patch)
        .await
        .refused(json!({
            "code": 404, "reason": "NotFound", "message": "nodes \"missing\" not found",
            "details": {"name": "missing", "kind": "nodes"},
        }));
}

async fn null_in_a_merge_patch_removes(c: &Cluster) {
    let path = marked(c).await;
    let undo = json!({"metadata": {"annotations": {MARK: null}}, "spec": {"unschedulable": null}});
    let after = c.patch(&path, MERGE, undo).await.is(200);
    assert_eq!(after["metadata"]["annotations"].get(MARK), None);
    assert_eq!(after["spec"].get("unschedulable"), None);
}

async fn a_patch_that_changes_nothing_is_no_new_version(c: &Cluster) {
    let path = c.one("configmaps", "one");
    c.post(&c.all("configmaps"), crate::fixtures::config_map("one"))
        .await
        .is(201);
    let before = c.get(&path).await.is(200);
    for (how, patch) in [
        (MERGE, json!({"data": {"key": "1"}})),
        (MERGE, json!({})),
        (STRATEGIC, json!({"data": {"key": "1"}})),
        (
            JSON,
            json!([{"op": "replace", "path": "/data/key", "value": "1"}]),
        ),
    ] {
        let after = c.patch(&path, how, patch).await.is(200);
        assert_eq!(
            after["metadata"]["resourceVersion"], before["metadata"]["resourceVersion"],
            "{how}"
        );
    }
}

async fn a_strategic_patch_merges_maps(c: &Cluster) {
    let path = marked(c).await;
    let patch = json!({"metadata": {"annotations": {"other": "1", MARK: null}}});
    let after = c.patch(&path, STRATEGIC, patch).await.is(200);
    assert_eq!(after["metadata"]["annotations"]["other"], "1");
    assert_eq!(after["metadata"]["annotations"].get(MARK), None);
    assert_eq!(after["spec"]["unschedulable"], true);
}

async fn a_json_patch_whose_test_fails_is_invalid_and_changes_nothing(c: &Cluster) {
    let path = marked(c).await;
    let patch = json!([
        {"op": "remove", "path": "/spec/unschedulable"},
        {"op": "test", "path": MARK_PATH, "value": "another's"},
        {"op": "remove", "path": MARK_PATH},
    ]);
    c.patch(&path, JSON, patch).await.refused(unprocessable());
    let after = c.get(&path).await.is(200);
    assert_eq!(
        (
            &after["spec"]["unschedulable"],
            &after["metadata"]["annotations"][MARK]
        ),
        (&json!(true), &json!("mine"))
    );
}

async fn a_json_patch_whose_tests_hold_is_carried_out(c: &Cluster) {
    let path = marked(c).await;
    let patch = json!([
        {"op": "test", "path": MARK_PATH, "value": "mine"},
        {"op": "replace", "path": MARK_PATH, "value": "still mine"},
        {"op": "test", "path": "/spec/unschedulable", "value": true},
        {"op": "remove", "path": "/spec/unschedulable"},
    ]);
    let after = c.patch(&path, JSON, patch).await.is(200);
    assert_eq!(
        (after["spec"].get("unschedulable"), text(&after, MARK_PATH)),
        (None, "still mine".into())
    );
}

async fn null_in_a_json_patchs_test_means_that_nothing_is_there(c: &Cluster) {
    let path = marked(c).await;
    let test = |path: &str| json!([{"op": "test", "path": path, "value": null}]);
    let absent = "/metadata/annotations/absent";
    c.patch(&path, JSON, test(absent)).await.is(200);
    c.patch(&path, JSON, test(MARK_PATH))
        .await
        .refused(unprocessable());
}

async fn a_json_patch_of_what_is_not_there_is_invalid(c: &Cluster) {
    let path = marked(c).await;
    for operation in [
        json!({"op": "remove", "path": "/metadata/annotations/absent"}),
        json!({"op": "add", "path": "/spec/absent/deeper", "value": "x"}),
        json!({"op": "test", "path": "/metadata/annotations/absent", "value": "x"}),
    ] {
        let answer = c.patch(&path, JSON, json!([operation])).await;
        assert_eq!(answer.code, 422, "{operation}: {}", answer.text);
        answer.refused(unprocessable());
    }
}

async fn a_replacement_in_a_json_patch_adds_what_is_not_there(c: &Cluster) {
    let path = marked(c).await;
    let replace = json!([{"op": "replace", "path": "/metadata/annotations/absent", "value": "x"}]);
    let after = c.patch(&path, JSON, replace).await.is(200);
    assert_eq!(after["metadata"]["annotations"]["absent"], "x");
}

async fn a_json_patch_that_is_no_list_is_a_bad_request(c: &Cluster) {
    let path = node(c).await;
    let answer = c.patch(&path, JSON, json!({"op": "remove"})).await;
    assert_eq!(
        (answer.code, &answer.body["reason"]),
        (400, &json!("BadRequest")),
        "{}",
        answer.text
    );
}

async fn a_dry_run_of_a_patch_answers_and_changes_nothing(c: &Cluster) {
    let path = node(c).await;
    let patch = json!({"spec": {"unschedulable": true}});
    let answered = c
        .patch(&format!("{path}?dryRun=All"), MERGE, patch)
        .await
        .is(200);
    assert_eq!(answered["spec"]["unschedulable"], true);
    let after = c.get(&path).await.is(200);
    assert_eq!(after["spec"]["unschedulable"], Value::Null);
}

async fn any_field_manager_may_patch(c: &Cluster) {
    let path = node(c).await;
    let patch = json!({"spec": {"unschedulable": true}});
    let path = format!("{path}?fieldManager=nobody-knows");
    let after = c.patch(&path, MERGE, patch).await.is(200);
    assert_eq!(after["spec"]["unschedulable"], true);
}

async fn a_patch_for_another_uid_is_invalid(c: &Cluster) {
    let path = node(c).await;
    let other = "11111111-1111-4111-8111-111111111111";
    let patch = json!({"metadata": {"uid": other}, "spec": {"unschedulable": true}});
    let answer = c.patch(&path, MERGE, patch).await;
    assert_eq!(
        (answer.code, &answer.body["reason"]),
        (422, &json!("Invalid")),
        "{}",
        answer.text
    );
    let cause = &answer.body["details"]["causes"][0];
    let why = format!("Invalid value: \"{other}\": field is immutable");
    assert_eq!(
        (&cause["field"], &cause["message"]),
        (&json!("metadata.uid"), &json!(why))
    );
    assert_eq!(
        c.get(&path).await.is(200)["spec"].get("unschedulable"),
        None
    );
}

async fn a_patch_of_an_unknown_kind_is_unsupported(c: &Cluster) {
    let path = node(c).await;
    let answer = c.patch(&path, "application/json", json!({})).await;
    assert_eq!(
        (answer.code, &answer.body["reason"]),
        (415, &json!("UnsupportedMediaType")),
        "{}",
        answer.text
    );
}
