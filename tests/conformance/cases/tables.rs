//! Nodes as the server's own table.

use serde_json::{Value, json};

use super::reading::encode;
use super::{Case, case};
use crate::answer::text;
use crate::cluster::{Cluster, MERGE};
use crate::fixtures::hollow_node;

pub(crate) const CASES: &[Case] = &[
    case!(Api, the_table_of_nodes_has_the_columns_of_kubectl_wide),
    case!(Api, a_row_has_the_cells_of_its_node_and_its_metadata),
    case!(Api, a_cordoned_node_says_so_in_its_status),
    case!(
        Api,
        a_node_that_is_not_ready_or_silent_says_so_in_its_status
    ),
    case!(Api, what_a_node_has_not_reported_is_unknown),
    case!(Api, a_table_comes_in_pages_too),
    case!(Api, one_node_comes_as_a_table_of_one_row),
];

const AS_TABLE: &str = "application/json;as=Table;v=v1;g=meta.k8s.io";

async fn table(c: &Cluster, path: &str) -> Value {
    let ask = c.request("GET", path).header("accept", AS_TABLE);
    let table = ask.answer().await.is(200);
    assert_eq!(
        (&table["kind"], &table["apiVersion"]),
        (&json!("Table"), &json!("meta.k8s.io/v1"))
    );
    table
}

fn own(c: &Cluster) -> String {
    format!(
        "/api/v1/nodes?labelSelector={}",
        encode(&format!("case={}", c.ns))
    )
}

/// The cell of a row under a column's name.
fn cell(table: &Value, row: usize, column: &str) -> String {
    let columns = table["columnDefinitions"].as_array().unwrap();
    let at = columns
        .iter()
        .position(|known| known["name"] == column)
        .unwrap();
    text(&table["rows"][row], &format!("/cells/{at}"))
}

/// A node's table after a change of its status.
async fn reported(c: &Cluster, node: &str, status: Value) -> Value {
    let path = format!("/api/v1/nodes/{node}/status");
    let patch = json!({"status": status});
    c.patch(&path, MERGE, patch).await.is(200);
    table(c, &own(c)).await
}

async fn the_table_of_nodes_has_the_columns_of_kubectl_wide(c: &Cluster) {
    hollow_node(c, "one").await;
    let table = table(c, &own(c)).await;
    let columns: Vec<_> = table["columnDefinitions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|column| {
            (
                text(column, "/name"),
                text(column, "/type"),
                column["priority"].clone(),
            )
        })
        .collect();
    let expected = [
        ("Name", 0),
        ("Status", 0),
        ("Roles", 0),
        ("Age", 0),
        ("Version", 0),
        ("Internal-IP", 1),
        ("External-IP", 1),
        ("OS-Image", 1),
        ("Kernel-Version", 1),
        ("Container-Runtime", 1),
    ];
    let expected: Vec<_> = expected
        .into_iter()
        .map(|(name, priority)| (name.to_owned(), "string".to_owned(), json!(priority)))
        .collect();
    assert_eq!(columns, expected);
}

async fn a_row_has_the_cells_of_its_node_and_its_metadata(c: &Cluster) {
    let name = hollow_node(c, "one").await;
    let table = table(c, &own(c)).await;
    let cells = [
        ("Name", name.as_str()),
        ("Status", "Ready"),
        ("Roles", "<none>"),
        ("Version", "v1.33.0"),
        ("Internal-IP", "10.99.0.1"),
        ("External-IP", "<none>"),
        ("OS-Image", "Ubuntu 24.04.3 LTS"),
        ("Kernel-Version", "6.8.0-1044-azure"),
        ("Container-Runtime", "containerd://2.0.0"),
    ];
    for (column, expected) in cells {
        assert_eq!(cell(&table, 0, column), expected, "{column}");
    }
    let node = c.get(&format!("/api/v1/nodes/{name}")).await.is(200);
    let object = &table["rows"][0]["object"];
    assert_eq!(
        (&object["kind"], &object["apiVersion"]),
        (&json!("PartialObjectMetadata"), &json!("meta.k8s.io/v1"))
    );
    for key in ["name", "uid", "creationTimestamp"] {
        assert_eq!(object["metadata"][key], node["metadata"][key], "{key}");
    }
    // A controller may add some of its own.
    for key in ["case", "kubernetes.io/os"] {
        assert_eq!(
            object["metadata"]["labels"][key], node["metadata"]["labels"][key],
            "{key}"
        );
    }
    assert_eq!(
        (&object["spec"], &object["status"]),
        (&Value::Null, &Value::Null)
    );
}

async fn a_cordoned_node_says_so_in_its_status(c: &Cluster) {
    let node = hollow_node(c, "one").await;
    let cordon = json!({"spec": {"unschedulable": true}});
    c.patch(&format!("/api/v1/nodes/{node}"), MERGE, cordon)
        .await
        .is(200);
    assert_eq!(
        cell(&table(c, &own(c)).await, 0, "Status"),
        "Ready,SchedulingDisabled"
    );
}

async fn a_node_that_is_not_ready_or_silent_says_so_in_its_status(c: &Cluster) {
    let node = hollow_node(c, "one").await;
    for status in ["False", "Unknown"] {
        let conditions =
            json!({"conditions": [{"type": "Ready", "status": status, "reason": "X"}]});
        let table = reported(c, &node, conditions).await;
        assert_eq!(cell(&table, 0, "Status"), "NotReady", "{status}");
    }
}

async fn what_a_node_has_not_reported_is_unknown(c: &Cluster) {
    let node = hollow_node(c, "one").await;
    let nothing = json!({"conditions": null, "nodeInfo": {
        "kernelVersion": "", "osImage": "", "containerRuntimeVersion": "", "kubeletVersion": "",
    }});
    let table = reported(c, &node, nothing).await;
    for (column, expected) in [
        ("Status", "Unknown"),
        ("Version", ""),
        ("OS-Image", "<unknown>"),
        ("Kernel-Version", "<unknown>"),
        ("Container-Runtime", "<unknown>"),
    ] {
        assert_eq!(cell(&table, 0, column), expected, "{column}");
    }
}

async fn a_table_comes_in_pages_too(c: &Cluster) {
    let (one, two) = (hollow_node(c, "one").await, hollow_node(c, "two").await);
    let path = format!("{}&limit=1", own(c));
    let first = table(c, &path).await;
    assert_eq!(
        (
            first["rows"].as_array().unwrap().len(),
            cell(&first, 0, "Name")
        ),
        (1, one.clone())
    );
    let mut token = text(&first, "/metadata/continue");
    let mut seen = vec![cell(&first, 0, "Name")];
    // A page of a selection may say that more follows when only what is not selected does: the last page may be empty.
    while !token.is_empty() {
        let page = table(c, &format!("{path}&continue={}", encode(&token))).await;
        let rows = page["rows"].as_array().unwrap().len();
        seen.extend((0..rows).map(|row| cell(&page, row, "Name")));
        token = text(&page, "/metadata/continue");
    }
    assert_eq!(seen, [one, two]);
}

async fn one_node_comes_as_a_table_of_one_row(c: &Cluster) {
    let node = hollow_node(c, "one").await;
    let table = table(c, &format!("/api/v1/nodes/{node}")).await;
    assert_eq!(
        (
            table["rows"].as_array().unwrap().len(),
            cell(&table, 0, "Name")
        ),
        (1, node)
    );
}
