//! Nodes as the API server's own table: what `kubectl get nodes -o wide` prints, in a fifth of the bytes of the
//! objects. A row has no boot ID, no provider ID and no taints: it is not a node.

use std::collections::BTreeMap;

use kube::Client;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::core::evidence::AksHints;
use crate::core::model::{Kernel, NodeKind, NodeName, Uid};

use super::nodes::{NODES, Selectors, operating_system};
use super::page::{Page, PageMeta, collect};

/// Servers that cannot make tables would answer with a plain list; every served version makes them.
const AS_TABLE: &str = "application/json;as=Table;v=v1;g=meta.k8s.io";

/// A node as the table shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NodeRow {
    pub(crate) name: NodeName,
    pub(crate) uid: Uid,
    /// As kubectl prints it: `Ready`, `NotReady,SchedulingDisabled`.
    pub(crate) status: String,
    pub(crate) version: String,
    pub(crate) os_image: String,
    pub(crate) kernel: Option<Kernel>,
    /// Without its taints, which no row has.
    pub(crate) kind: NodeKind,
    pub(crate) pool: Option<String>,
    pub(crate) zone: Option<String>,
    pub(crate) aks: AksHints,
    /// Empty unless all were asked for.
    pub(crate) labels: BTreeMap<String, String>,
}

/// Which labels of a row are read: thousands of nodes have dozens each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RowLabels {
    /// Those that the row's own fields come from.
    Known,
    All,
}

/// The rows of all nodes that the server selects, by pages.
pub(crate) async fn list_node_rows(
    client: &Client,
    selectors: Selectors<'_>,
    labels: RowLabels,
) -> Result<Vec<NodeRow>, kube::Error> {
    match labels {
        RowLabels::Known => list::<KnownLabels>(client, selectors).await,
        RowLabels::All => list::<AllLabels>(client, selectors).await,
    }
}

async fn list<Labels: DeserializeOwned + Default + Into<Split>>(
    client: &Client,
    selectors: Selectors<'_>,
) -> Result<Vec<NodeRow>, kube::Error> {
    let params = selectors.params();
    let listed =
        collect::<TablePage<Labels>, NodeRow>(client, NODES, &params, Some(AS_TABLE), |row| row)
            .await?;
    Ok(listed.items)
}

/// The rows of one page as a server sent it; for the fuzz targets.
pub(crate) fn rows_of(page: &[u8]) -> Option<Vec<NodeRow>> {
    let page: TablePage<KnownLabels> = serde_json::from_slice(page).ok()?;
    Some(page.into_parts().1)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", bound = "Labels: DeserializeOwned + Default")]
struct TablePage<Labels> {
    #[serde(default)]
    metadata: PageMeta,
    column_definitions: Vec<Column>,
    #[serde(default)]
    rows: Option<Vec<Row<Labels>>>,
}

#[derive(Deserialize)]
struct Column {
    name: String,
}

#[derive(Deserialize)]
#[serde(bound = "Labels: DeserializeOwned + Default")]
struct Row<Labels> {
    cells: Vec<Cell>,
    #[serde(default)]
    object: RowObject<Labels>,
}

/// Text in every column that is read here; other columns may hold anything.
#[derive(Deserialize)]
#[serde(untagged)]
enum Cell {
    Text(String),
    Other(serde::de::IgnoredAny),
}

#[derive(Default, Deserialize)]
#[serde(default, bound = "Labels: DeserializeOwned + Default")]
struct RowObject<Labels> {
    metadata: RowMetadata<Labels>,
}

#[derive(Default, Deserialize)]
#[serde(default, bound = "Labels: DeserializeOwned + Default")]
struct RowMetadata<Labels> {
    uid: String,
    labels: Labels,
    annotations: RowAnnotations,
}

/// The labels that fields come from, and the others where they were read.
type Split = (KnownLabels, BTreeMap<String, String>);

#[derive(Default, Deserialize)]
#[serde(transparent)]
struct AllLabels(BTreeMap<String, String>);

impl From<AllLabels> for Split {
    fn from(AllLabels(all): AllLabels) -> Self {
        let own = |key: &str| all.get(key).cloned();
        let known = KnownLabels {
            os: own("kubernetes.io/os").unwrap_or_default(),
            r#type: own("type").unwrap_or_default(),
            pool: own("kubernetes.azure.com/agentpool"),
            agentpool: own("agentpool"),
            zone: own("topology.kubernetes.io/zone"),
            image: own("kubernetes.azure.com/node-image-version"),
            os_sku: own("kubernetes.azure.com/os-sku"),
            upgrade: own("kubernetes.azure.com/upgrade-status"),
        };
        (known, all)
    }
}

impl From<KnownLabels> for Split {
    fn from(known: KnownLabels) -> Self {
        (known, BTreeMap::new())
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct RowAnnotations {
    #[serde(rename = "kubernetes.azure.com/live-patching-golden-timestamp")]
    golden: Option<String>,
    #[serde(rename = "kubernetes.azure.com/live-patching-current-timestamp")]
    current: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct KnownLabels {
    #[serde(rename = "kubernetes.io/os")]
    os: String,
    r#type: String,
    #[serde(rename = "kubernetes.azure.com/agentpool")]
    pool: Option<String>,
    agentpool: Option<String>,
    #[serde(rename = "topology.kubernetes.io/zone")]
    zone: Option<String>,
    #[serde(rename = "kubernetes.azure.com/node-image-version")]
    image: Option<String>,
    #[serde(rename = "kubernetes.azure.com/os-sku")]
    os_sku: Option<String>,
    #[serde(rename = "kubernetes.azure.com/upgrade-status")]
    upgrade: Option<String>,
}

impl<Labels: DeserializeOwned + Default + Into<Split>> Page for TablePage<Labels> {
    type Item = NodeRow;

    fn into_parts(self) -> (PageMeta, Vec<NodeRow>) {
        let at = |name: &str| {
            self.column_definitions
                .iter()
                .position(|column| column.name == name)
        };
        let [name, status, version, os_image, kernel] =
            ["Name", "Status", "Version", "OS-Image", "Kernel-Version"].map(at);
        let rows = self
            .rows
            .into_iter()
            .flatten()
            .map(|mut row| {
                let mut cell = |at: Option<usize>| match at.and_then(|at| row.cells.get_mut(at)) {
                    Some(Cell::Text(text)) if text != "<unknown>" => std::mem::take(text),
                    _ => String::new(),
                };
                let RowMetadata {
                    uid,
                    labels,
                    annotations,
                } = row.object.metadata;
                let (labels, all) = labels.into();
                let name = cell(name);
                NodeRow {
                    kind: NodeKind::of(
                        &operating_system(&labels.os),
                        labels.r#type == "virtual-kubelet",
                        &name,
                    ),
                    name: NodeName::new(name),
                    uid: Uid::new(uid),
                    status: cell(status),
                    version: cell(version),
                    os_image: cell(os_image),
                    kernel: Some(cell(kernel))
                        .filter(|text| !text.is_empty())
                        .map(Kernel::new),
                    pool: labels.pool.or(labels.agentpool),
                    zone: labels.zone.filter(|zone| zone != "0"),
                    aks: AksHints {
                        image: labels.image,
                        os_sku: labels.os_sku,
                        upgrade: labels.upgrade,
                        golden: annotations.golden,
                        current: annotations.current,
                    },
                    labels: all,
                }
            })
            .collect();
        (self.metadata, rows)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_found_by_name_and_gaps_stay_gaps() {
        let json = serde_json::json!({
            "kind": "Table", "metadata": {"resourceVersion": "9"},
            "columnDefinitions": [{"name": "Name"}, {"name": "Age"}, {"name": "Status"}, {"name": "Kernel-Version"}, {"name": "OS-Image"}],
            "rows": [
                {"cells": ["n1", 3, "Ready", "6.8.0-1021-azure", "Ubuntu 24.04"],
                 "object": {"metadata": {"uid": "u1", "labels": {"kubernetes.io/os": "linux", "agentpool": "a", "topology.kubernetes.io/zone": "0",
                     "kubernetes.azure.com/os-sku": "Ubuntu"}, "annotations": {"kubernetes.azure.com/live-patching-golden-timestamp": "20260101T000000Z", "x": "y"}}}},
                {"cells": ["n2", 3, "NotReady", "<unknown>", "<unknown>"],
                 "object": {"metadata": {"uid": "u2", "labels": {"type": "virtual-kubelet"}}}},
            ],
        });
        let page: TablePage<KnownLabels> = serde_json::from_value(json.clone()).expect("a table");
        let (_, rows) = page.into_parts();
        // Whether all labels are read or not, the fields are the same.
        let page: TablePage<AllLabels> = serde_json::from_value(json).expect("a table");
        let (_, with_labels) = page.into_parts();
        for (row, with_labels) in rows.iter().zip(&with_labels) {
            assert_eq!(
                (row.pool.as_ref(), row.kind),
                (with_labels.pool.as_ref(), with_labels.kind)
            );
            assert!(row.labels.is_empty() && !with_labels.labels.is_empty());
        }
        assert_eq!(rows[0].kernel, Some(Kernel::new("6.8.0-1021-azure")));
        assert_eq!(rows[0].pool.as_deref(), Some("a"));
        assert_eq!(rows[0].zone, None);
        assert_eq!(rows[0].aks.os_sku.as_deref(), Some("Ubuntu"));
        assert_eq!(rows[0].aks.golden.as_deref(), Some("20260101T000000Z"));
        assert_eq!(rows[0].version, "");
        assert_eq!(
            (rows[1].kernel.clone(), rows[1].kind),
            (None, NodeKind::Virtual)
        );
    }
}
