//! `cordon` and `uncordon`: one field of each node, read back. A node with the mark of a run is not uncordoned by hand.

use std::time::Duration;

use crate::core::engine::Patched;
use crate::core::mark::{Marked, marked};
use crate::core::model::Node;
use crate::core::reason::Reason;
use crate::edge::cluster::node_patch;
use crate::edge::connect::{Cluster, connect};
use crate::edge::operator::Operator;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::reason::in_words;
use crate::render::text::sanitise;
use crate::render::{out, reason};
use crate::request::cordon::{CordonFlags, UncordonFlags};
use crate::request::drain::{DryRun, Nodes};

use super::pick_nodes::picked;
use super::planning::blocked;

/// A node changes under a patch when its kubelet reports; more often in a row than this it is something else.
const TRIES: u32 = 6;
const AGAIN: Duration = Duration::from_millis(500);

/// What is made of the nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    Cordoned,
    Open,
}

/// `aksreboot cordon`.
pub(crate) async fn cordon(flags: CordonFlags) -> Result<Exit, Failure> {
    let nodes = flags.which.settle()?;
    let cluster = connect(&flags.connection, Operator::has_terminal()).await?;
    run_with(&cluster, &nodes, Wanted::Cordoned, flags.which.dry_run).await
}

/// `aksreboot uncordon`.
pub(crate) async fn uncordon(flags: UncordonFlags) -> Result<Exit, Failure> {
    let nodes = flags.which.settle()?;
    let cluster = connect(&flags.connection, Operator::has_terminal()).await?;
    run_with(&cluster, &nodes, Wanted::Open, flags.which.dry_run).await
}

/// Goes through all nodes; one that cannot be changed does not keep the others from it.
pub(crate) async fn run_with(
    cluster: &Cluster,
    nodes: &Nodes,
    wanted: Wanted,
    dry_run: DryRun,
) -> Result<Exit, Failure> {
    for warning in &cluster.warnings {
        out::talk(&format!("warning: {warning}"));
    }
    let nodes = picked(cluster, nodes, "cordon").await?;
    if wanted == Wanted::Open {
        refuse_marked(&nodes)?;
    }
    let mut exit = Exit::Ok;
    for node in nodes {
        let name = node.name.clone();
        match change(cluster, node, wanted, dry_run).await {
            Ok(done) => out::data(&format!("{}\n", sanitise(&format!("node/{name} {done}"))))
                .map_err(|error| Failure::new(Exit::Failed, error).during("write to stdout"))?,
            Err(why) => {
                exit = Exit::Failed;
                out::talk(&sanitise(&format!(
                    "error: node/{name}: {}",
                    in_words(&why)
                )));
                for remedy in reason::remedies(&why) {
                    out::talk(&sanitise(&format!("hint: {remedy}")));
                }
            }
        }
    }
    Ok(exit)
}

/// The reboot of a marked node may still come, and would take the pods of an open node with it.
fn refuse_marked(nodes: &[Node]) -> Result<(), Failure> {
    let taken: Vec<Reason> = nodes.iter().filter_map(mark_of).collect();
    if taken.is_empty() {
        return Ok(());
    }
    Err(blocked(
        Exit::Locked,
        "a run has its mark on the node; nothing was changed",
        &taken,
    ))
}

fn mark_of(node: &Node) -> Option<Reason> {
    let run = match marked(node) {
        Marked::No => return None,
        Marked::By(mark) => format!("{}, at {}", mark.run, mark.step.word()),
        Marked::Unreadable(text) => text,
    };
    Some(Reason::ForeignMark {
        node: node.name.clone(),
        run,
    })
}

/// What came of it, in kubectl's words.
async fn change(
    cluster: &Cluster,
    mut node: Node,
    wanted: Wanted,
    dry_run: DryRun,
) -> Result<&'static str, Reason> {
    let to = wanted == Wanted::Cordoned;
    let mut lost = Reason::NodePatchDenied {
        message: "the node changes again and again".into(),
    };
    for _ in 0..TRIES {
        if wanted == Wanted::Open
            && let Some(taken) = mark_of(&node)
        {
            // A run has begun with it meanwhile.
            return Err(taken);
        }
        if node.cordoned == to {
            return Ok(in_kubectls_words(wanted, dry_run, true));
        }
        if dry_run == DryRun::Client {
            return Ok(in_kubectls_words(wanted, dry_run, false));
        }
        let tried = dry_run == DryRun::Server;
        match node_patch::set_cordon(&cluster.client, &node, to, tried).await {
            Patched::Now(after) if after.cordoned == to => {
                return Ok(in_kubectls_words(wanted, dry_run, false));
            }
            Patched::Now(_) => {
                return Err(Reason::NodePatchDenied {
                    message: "it took the change and did not make it".into(),
                });
            }
            Patched::Gone => return Err(Reason::NodeGone),
            Patched::Denied(why) => return Err(why),
            Patched::Conflict => {}
            Patched::Lost(why) => {
                lost = why;
                tokio::time::sleep(AGAIN).await;
            }
        }
        match node_patch::read(&cluster.client, &node.name).await {
            Ok(Some(now)) if now.uid == node.uid => node = now,
            Ok(_) => return Err(Reason::NodeGone),
            // The next patch is refused as a conflict if it is too old by then.
            Err(refusal) => {
                lost = Reason::ApiUnavailable {
                    message: refusal.to_string(),
                };
            }
        }
    }
    Err(lost)
}

fn in_kubectls_words(wanted: Wanted, dry_run: DryRun, already: bool) -> &'static str {
    match (wanted, already, dry_run) {
        (Wanted::Cordoned, true, _) => "already cordoned",
        (Wanted::Open, true, _) => "already uncordoned",
        (Wanted::Cordoned, false, DryRun::None) => "cordoned",
        (Wanted::Cordoned, false, DryRun::Client) => "cordoned (dry run)",
        (Wanted::Cordoned, false, DryRun::Server) => "cordoned (server dry run)",
        (Wanted::Open, false, DryRun::None) => "uncordoned",
        (Wanted::Open, false, DryRun::Client) => "uncordoned (dry run)",
        (Wanted::Open, false, DryRun::Server) => "uncordoned (server dry run)",
    }
}
