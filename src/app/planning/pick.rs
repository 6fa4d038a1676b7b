//! Which nodes a plan is about, and what each of them says of itself. Whatever is wrong with the asking is said before
//! anything is touched.

use std::cell::RefCell;
use std::collections::BTreeMap;

use futures::StreamExt as _;
use futures::stream::FuturesUnordered;

use super::words;
use crate::app::reading::pick;
use crate::app::roll::Surroundings;
use crate::core::engine::Fleet;
use crate::core::evidence::{Answer, Need, Verdict, judge, not_applicable};
use crate::core::model::{Node, NodeName};
use crate::core::near::near;
use crate::core::plan::{Via, kept_out};
use crate::core::reason::Reason;
use crate::core::tally::Tally;
use crate::core::updates::Question;
use crate::edge::cluster::list_nodes;
use crate::edge::connect::{Cluster, explain};
use crate::edge::node::{self, Inquiry, ProbeSettings, ShortPods};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::request::flags::Selection;
use crate::request::planning::RollRequest;

/// The nodes that were asked for.
pub(super) async fn selected(
    request: &RollRequest,
    fleet: &Fleet,
    cluster: &Cluster,
) -> Result<Vec<Node>, Failure> {
    if request.planned.is_some() {
        // One that is gone is a drift, and told as such.
        let here = request.names.iter().filter_map(|name| fleet.get(name));
        return Ok(here.cloned().collect());
    }
    let unknown: Vec<&NodeName> = request
        .names
        .iter()
        .filter(|name| !fleet.contains_key(name))
        .collect();
    if let Some(first) = unknown.first() {
        let names = unknown
            .iter()
            .map(|name| format!("`{name}`"))
            .collect::<Vec<_>>()
            .join(", ");
        let mut failure = Failure::say(
            Exit::Refused,
            format!("no such node in context `{}`: {names}", cluster.context),
        );
        for near in near(first.as_str(), fleet.keys().map(NodeName::as_str)) {
            failure = failure.hint(format!("did you mean `{near}`?"));
        }
        return Err(failure.hint("aksreboot status -o name lists the nodes"));
    }
    if let Some(name) = request
        .settings
        .not_counted
        .iter()
        .find(|name| !fleet.contains_key(name))
    {
        return Err(Failure::say(
            Exit::Refused,
            format!("--not-counted names `{name}`, which is no node of this cluster"),
        ));
    }
    if !request.names.is_empty() {
        return Ok(request
            .names
            .iter()
            .filter_map(|name| fleet.get(name))
            .cloned()
            .collect());
    }
    if request.selector.is_empty() {
        return of_pools(request, fleet.values().cloned().collect());
    }
    let picked = list_nodes(&cluster.client, &request.selector)
        .await
        .map_err(|error| explain(error, "list nodes by label"))?
        .items;
    if picked.is_empty() {
        return Err(Failure::say(
            Exit::Refused,
            format!("no node matches the selector `{}`", request.selector),
        )
        .hint("kubectl get nodes --show-labels shows the labels"));
    }
    of_pools(request, picked)
}

/// Those of the wanted pools, where pools are wanted.
fn of_pools(request: &RollRequest, nodes: Vec<Node>) -> Result<Vec<Node>, Failure> {
    let selection = Selection {
        pools: request.pools.clone(),
        ..Selection::default()
    };
    let (picked, errors) = pick(&selection, nodes, |node| (&node.name, node.pool()));
    if errors.is_empty() {
        return Ok(picked);
    }
    Err(Failure::say(Exit::Refused, errors.join("; "))
        .hint("aksreboot status -o wide shows the pool of each node"))
}

/// Probes the selected nodes and judges them, in their order.
pub(super) async fn read(
    selected: &[Node],
    request: &RollRequest,
    around: &Surroundings,
    probes: &ShortPods,
) -> Vec<(NodeName, Verdict)> {
    let hosts = selected
        .iter()
        .filter(|node| not_applicable(node.kind()).is_none());
    let mut answers: BTreeMap<NodeName, _> = match request.settings.via {
        Via::Pod => {
            let settings = ProbeSettings {
                image: request.settings.image.clone(),
                time_limit: request.settings.timeouts.probe,
                sentinel: request.settings.sentinel.clone(),
                run: None,
            };
            let hosts = hosts.map(|node| (node.name.clone(), node));
            node::probe_all(probes, hosts, &settings).collect().await
        }
        Via::Ssh => {
            let tally = RefCell::new(Tally::default());
            let logins = hosts.map(async |node| {
                (
                    node.name.clone(),
                    login(node, request, around, &tally).await,
                )
            });
            logins.collect::<FuturesUnordered<_>>().collect().await
        }
    };
    selected
        .iter()
        .map(|node| {
            let answer = answers.remove(&node.name).unwrap_or(Err(Reason::NotProbed));
            (node.name.clone(), judge(node, answer))
        })
        .collect()
}

/// What a node says over SSH.
async fn login(
    node: &Node,
    request: &RollRequest,
    around: &Surroundings,
    tally: &RefCell<Tally>,
) -> Result<Answer, Reason> {
    let Some(ssh) = &around.ssh else {
        return Err(Reason::NotProbed);
    };
    let _turn = ssh.turn().await;
    let given_up = tally.borrow().given_up();
    if let Some(reason) = given_up {
        return Err(reason);
    }
    let inquiry = Inquiry {
        question: Question::Reboot,
        within: request.settings.timeouts.probe,
    };
    let read = ssh.read(node, inquiry, &request.settings.sentinel).await;
    tally.borrow_mut().count(&read);
    read.map(|read| read.evidence)
}

/// A node that was named and cannot or need not be rebooted: the person meant something else.
pub(super) fn named_in_vain(
    request: &RollRequest,
    selected: &[Node],
    verdicts: &[(NodeName, Verdict)],
) -> Option<Failure> {
    if request.names.is_empty() {
        return None;
    }
    let in_vain: Vec<String> = verdicts
        .iter()
        .zip(selected)
        .filter_map(|((name, verdict), node)| match verdict.need {
            Need::NotApplicable => Some(format!(
                "{name} cannot be rebooted: {}",
                words(&verdict.reasons)
            )),
            Need::No if !request.settings.reboot_all => {
                Some(format!("{name} has no pending reboot"))
            }
            Need::Yes | Need::No | Need::Unknown => kept_out(node).map(|why| {
                let why = why.to_owned();
                format!("{name} is {}", words(&[Reason::KeptOut { why }]))
            }),
        })
        .collect();
    if in_vain.is_empty() {
        return None;
    }
    Some(
        Failure::say(Exit::Refused, in_vain.join("; "))
            .hint("aksreboot status shows every node and why"),
    )
}
