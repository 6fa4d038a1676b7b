//! The nodes that `drain`, `cordon` and `uncordon` were given, read before anything is changed.

use crate::core::model::{Node, NodeName};
use crate::core::near::near;
use crate::edge::cluster::wire::Refusal;
use crate::edge::cluster::{list_nodes, node_patch};
use crate::edge::connect::{Cluster, explain};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::text::some_of;
use crate::request::drain::Nodes;

/// The nodes, in the order given or by name. A name that is no node refuses all of them.
pub(super) async fn picked(
    cluster: &Cluster,
    wanted: &Nodes,
    part: &str,
) -> Result<Vec<Node>, Failure> {
    let names = match wanted {
        Nodes::Picked(selector) => return by_label(cluster, selector).await,
        Nodes::Named(names) => names,
    };
    let mut nodes = Vec::new();
    let mut unknown = Vec::new();
    for name in names {
        match node_patch::read(&cluster.client, name).await {
            Ok(Some(node)) => nodes.push(node),
            Ok(None) => unknown.push(name.clone()),
            Err(refusal) => return Err(unread(name, &refusal, part)),
        }
    }
    if unknown.is_empty() {
        return Ok(nodes);
    }
    Err(unknown_names(cluster, &unknown).await)
}

async fn by_label(cluster: &Cluster, selector: &str) -> Result<Vec<Node>, Failure> {
    let mut picked = list_nodes(&cluster.client, selector)
        .await
        .map_err(|error| explain(error, "list nodes by label"))?
        .items;
    if picked.is_empty() {
        return Err(Failure::say(
            Exit::Refused,
            format!("no node matches the selector `{selector}`"),
        )
        .hint("kubectl get nodes --show-labels shows the labels"));
    }
    picked.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(picked)
}

fn unread(name: &NodeName, refusal: &Refusal, part: &str) -> Failure {
    Failure::say(Exit::Failed, format!("read node `{name}`: {refusal}")).hint(format!(
        "the role that {part} needs: aksreboot manifests {part}"
    ))
}

async fn unknown_names(cluster: &Cluster, unknown: &[NodeName]) -> Failure {
    let names: Vec<String> = unknown.iter().map(|name| format!("`{name}`")).collect();
    let mut failure = Failure::say(
        Exit::Refused,
        format!(
            "no such node in context `{}`: {}",
            cluster.context,
            some_of(&names, 6)
        ),
    );
    // Only for the hint; without it the message says enough.
    if let (Some(first), Ok(all)) = (unknown.first(), list_nodes(&cluster.client, "").await) {
        for near in near(
            first.as_str(),
            all.items.iter().map(|node| node.name.as_str()),
        ) {
            failure = failure.hint(format!("did you mean `{near}`?"));
        }
    }
    failure.hint("aksreboot status -o name lists the nodes")
}
