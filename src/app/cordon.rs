//! `cordon` and `uncordon`: one field of each node, read back. A node with the mark of a run is not uncordoned by hand.

use std::time::Duration;

use crate::core::by_hand::{self, CordonNote};
use crate::core::engine::Patched;
use crate::core::mark::{Marked, marked};
use crate::core::model::Node;
use crate::core::reason::Reason;
use crate::edge::clock::Clock;
use crate::edge::cluster::node_patch::{self, Note};
use crate::edge::connect::{Cluster, connect};
use crate::edge::identity;
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
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// With a note on who and why, or without a word.
    Cordoned {
        note: Option<CordonNote>,
    },
    Open,
}

impl Wanted {
    fn cordoned(&self) -> bool {
        matches!(self, Self::Cordoned { .. })
    }

    /// What becomes of the node's note.
    fn note(&self, node: &Node) -> Note {
        match self {
            Self::Cordoned { note: Some(note) } => Note::Is(note.text()),
            Self::Open if node.annotations.contains_key(by_hand::KEY) => Note::Goes,
            Self::Cordoned { note: None } | Self::Open => Note::AsItIs,
        }
    }
}

/// `aksreboot cordon`.
pub(crate) async fn cordon(flags: CordonFlags) -> Result<Exit, Failure> {
    let nodes = flags.which.settle()?;
    let cluster = connect(&flags.connection, Operator::has_terminal()).await?;
    let wanted = Wanted::Cordoned {
        note: flags.reason.map(|reason| {
            let by = format!("{}@{}", identity::user(), identity::host());
            CordonNote::new(by, &reason, Clock::real().wall())
        }),
    };
    run_with(&cluster, &nodes, &wanted, flags.which.dry_run).await
}

/// `aksreboot uncordon`.
pub(crate) async fn uncordon(flags: UncordonFlags) -> Result<Exit, Failure> {
    let nodes = flags.which.settle()?;
    let cluster = connect(&flags.connection, Operator::has_terminal()).await?;
    run_with(&cluster, &nodes, &Wanted::Open, flags.which.dry_run).await
}

/// Goes through all nodes; one that cannot be changed does not keep the others from it.
pub(crate) async fn run_with(
    cluster: &Cluster,
    nodes: &Nodes,
    wanted: &Wanted,
    dry_run: DryRun,
) -> Result<Exit, Failure> {
    for warning in &cluster.warnings {
        out::talk(&format!("warning: {warning}"));
    }
    let nodes = picked(cluster, nodes, "cordon").await?;
    if !wanted.cordoned() {
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
    wanted: &Wanted,
    dry_run: DryRun,
) -> Result<&'static str, Reason> {
    let to = wanted.cordoned();
    let mut lost = Reason::NodePatchDenied {
        message: "the node changes again and again".into(),
    };
    for _ in 0..TRIES {
        if !to && let Some(taken) = mark_of(&node) {
            // A run has begun with it meanwhile.
            return Err(taken);
        }
        let note = wanted.note(&node);
        if node.cordoned == to && matches!(note, Note::AsItIs) {
            return Ok(in_kubectls_words(to, dry_run, true));
        }
        if dry_run == DryRun::Client {
            return Ok(in_kubectls_words(to, dry_run, node.cordoned == to));
        }
        let tried = dry_run == DryRun::Server;
        match node_patch::set_cordon(&cluster.client, &node, to, note, tried).await {
            Patched::Now(after) if after.cordoned == to => {
                return Ok(in_kubectls_words(to, dry_run, node.cordoned == to));
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

fn in_kubectls_words(cordoned: bool, dry_run: DryRun, already: bool) -> &'static str {
    match (cordoned, already, dry_run) {
        (true, true, _) => "already cordoned",
        (false, true, _) => "already uncordoned",
        (true, false, DryRun::None) => "cordoned",
        (true, false, DryRun::Client) => "cordoned (dry run)",
        (true, false, DryRun::Server) => "cordoned (server dry run)",
        (false, false, DryRun::None) => "uncordoned",
        (false, false, DryRun::Client) => "uncordoned (dry run)",
        (false, false, DryRun::Server) => "uncordoned (server dry run)",
    }
}
