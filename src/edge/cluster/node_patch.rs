//! The patches of a node. Cordon and mark travel together against the version that was judged; every later patch
//! tests the mark it replaces, so that a run whose mark was rewritten can change nothing any more.

use serde_json::{Value, json};

use super::SlimNode;
use super::wire::{self, PatchKind, Refusal, encode};
use crate::core::by_hand;
use crate::core::engine::{Patched, Step};
use crate::core::mark::{self, OwnerMark};
use crate::core::model::{Node, NodeName};
use crate::core::reason::Reason;

/// Reads one node; `None` when it is gone.
pub(crate) async fn read(client: &kube::Client, name: &NodeName) -> Result<Option<Node>, Refusal> {
    match wire::get::<SlimNode>(client, &path(name)).await {
        Ok(node) => Ok(Some(Node::from(node))),
        Err(Refusal::Gone(_)) => Ok(None),
        Err(refusal) => Err(refusal),
    }
}

/// Cordons and marks `node` if it is still at the version that was read.
pub(crate) async fn cordon(client: &kube::Client, node: &Node, mark: &OwnerMark) -> Patched {
    let body = json!({
        "metadata": {
            "resourceVersion": node.resource_version,
            "annotations": {mark::KEY: mark.text()},
        },
        "spec": {"unschedulable": true},
    });
    send(client, &node.name, PatchKind::Merge, &body).await
}

/// What becomes of the note on why a node is cordoned.
#[derive(Clone, Debug)]
pub(crate) enum Note {
    AsItIs,
    Is(String),
    Goes,
}

/// Cordons or uncordons `node` by hand, without a mark, if it is still at the version that was read. In a dry run the server
/// judges and changes nothing.
pub(crate) async fn set_cordon(
    client: &kube::Client,
    node: &Node,
    cordoned: bool,
    note: Note,
    dry_run: bool,
) -> Patched {
    let unschedulable = if cordoned {
        Value::from(true)
    } else {
        Value::Null
    };
    let mut body = json!({
        "metadata": {"resourceVersion": node.resource_version},
        "spec": {"unschedulable": unschedulable},
    });
    match note {
        Note::AsItIs => {}
        Note::Is(text) => body["metadata"]["annotations"] = json!({by_hand::KEY: text}),
        Note::Goes => body["metadata"]["annotations"] = json!({by_hand::KEY: null}),
    }
    let query = if dry_run { "?dryRun=All" } else { "" };
    send_to(
        client,
        &format!("{}{query}", path(&node.name)),
        PatchKind::Merge,
        &body,
    )
    .await
}

/// Replaces the mark by one with another intent.
pub(crate) async fn intend(client: &kube::Client, node: &Node, mark: &OwnerMark) -> Patched {
    let body =
        json!([test_mark(node), {"op": "replace", "path": mark_pointer(), "value": mark.text()}]);
    send(client, &node.name, PatchKind::Json, &body).await
}

/// Uncordons, unless the node was cordoned before the run, and writes the intent Settle into the mark.
pub(crate) async fn uncordon(client: &kube::Client, node: &Node, mark: &OwnerMark) -> Patched {
    debug_assert_eq!(mark.step, Step::Settle);
    let mut body = vec![
        test_mark(node),
        json!({"op": "replace", "path": mark_pointer(), "value": mark.text()}),
    ];
    body.extend(open(node, mark));
    send(client, &node.name, PatchKind::Json, &Value::from(body)).await
}

/// Removes the mark.
pub(crate) async fn unmark(client: &kube::Client, node: &Node) -> Patched {
    let body = json!([test_mark(node), {"op": "remove", "path": mark_pointer()}]);
    send(client, &node.name, PatchKind::Json, &body).await
}

/// The node as it was before the run: uncordoned if the run cordoned it, and without the mark.
pub(crate) async fn restore(client: &kube::Client, node: &Node, mark: &OwnerMark) -> Patched {
    let mut body = vec![
        test_mark(node),
        json!({"op": "remove", "path": mark_pointer()}),
    ];
    body.extend(open(node, mark));
    send(client, &node.name, PatchKind::Json, &Value::from(body)).await
}

/// The operations that open a node again; none when it was cordoned before, somebody opened it already, or somebody says that it
/// is to stay so.
fn open(node: &Node, mark: &OwnerMark) -> Vec<Value> {
    if mark.cordoned_before || !node.cordoned || by_hand::by_hand(node).is_some() {
        return Vec::new();
    }
    vec![
        json!({"op": "test", "path": "/spec/unschedulable", "value": true}),
        json!({"op": "remove", "path": "/spec/unschedulable"}),
    ]
}

fn test_mark(node: &Node) -> Value {
    json!({"op": "test", "path": mark_pointer(), "value": node.annotations.get(mark::KEY)})
}

/// The mark's place as a JSON pointer, in which `/` is written `~1`.
fn mark_pointer() -> String {
    format!("/metadata/annotations/{}", mark::KEY.replace('/', "~1"))
}

fn path(name: &NodeName) -> String {
    format!("/api/v1/nodes/{}", encode(name.as_str()))
}

async fn send(client: &kube::Client, name: &NodeName, kind: PatchKind, body: &Value) -> Patched {
    send_to(client, &path(name), kind, body).await
}

async fn send_to(client: &kube::Client, path: &str, kind: PatchKind, body: &Value) -> Patched {
    match wire::patch::<SlimNode>(client, path, kind, body).await {
        Ok(node) => Patched::Now(Box::new(Node::from(node))),
        Err(Refusal::Gone(_)) => Patched::Gone,
        Err(Refusal::Conflict(_)) => Patched::Conflict,
        Err(Refusal::Denied(status)) => Patched::Denied(Reason::NodePatchDenied {
            message: format!("{} ({})", status.message, status.code),
        }),
        Err(Refusal::Throttled(_)) => Patched::Lost(Reason::Throttled),
        Err(Refusal::Passing(message)) => Patched::Lost(Reason::ApiUnavailable { message }),
    }
}
