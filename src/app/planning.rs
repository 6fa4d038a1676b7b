//! The making of a roll's plan: reads the cluster, or says why there is none. Changes nothing but the namespace for the
//! probe pods, which an operator agrees to.

use std::collections::BTreeMap;

use futures::StreamExt as _;

use crate::core::drain;
use crate::core::engine::{Admission, Fleet, admit};
use crate::core::evidence::{Need, Verdict, judge, not_applicable};
use crate::core::mark::{Marked, marked};
use crate::core::model::{Node, NodeName, Pod};
use crate::core::near::near;
use crate::core::plan::{Candidate, ClusterRef, Plan, Report, Spec, aks_signs, select};
use crate::core::reason::Reason;
use crate::core::rights::{Aim, Need::Must, rights};
use crate::edge::cluster::wire::Refusal;
use crate::edge::cluster::{list_nodes, pods};
use crate::edge::connect::{Cluster, explain};
use crate::edge::hold::{kured, lease};
use crate::edge::node::{self, ProbeSettings, ShortPods};
use crate::edge::rights::missing;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::doctor::right_in_words as in_words;
use crate::render::reason;
use crate::render::text::count;
use crate::request::planning::RollRequest;

use super::roll::Surroundings;

pub(crate) enum Planned {
    Plan(Box<Plan>),
    /// There is nothing to carry out: a plan without targets, and the exit code that says whether that is good.
    Nothing(Exit, Box<Plan>),
}

/// Reads the cluster and makes the plan, or refuses. Changes nothing but the namespace for the probe pods.
pub(super) async fn plan(
    request: &RollRequest,
    around: &Surroundings,
    probes: &ShortPods,
) -> Result<Planned, Failure> {
    let cluster = &around.cluster;
    for warning in &cluster.warnings {
        (around.talk)(&format!("warning: {warning}"));
    }
    refuse_without_rights(cluster).await?;
    let identity = cluster
        .identity()
        .await
        .map_err(|error| explain(error, "read namespace `kube-system`"))?;
    let all = list_nodes(&cluster.client, "")
        .await
        .map_err(|error| explain(error, "list nodes"))?
        .items;
    let fleet: Fleet = all
        .iter()
        .map(|node| (node.name.clone(), node.clone()))
        .collect();
    let selected = selected(request, &fleet, cluster).await?;

    refuse_if_taken(&fleet, cluster).await?;
    crate::app::namespace::ensure(cluster, around.operator).await?;

    (around.talk)(&format!("reading {} …", count(selected.len(), "node")));
    let verdicts = read(&selected, request, probes).await;
    if let Some(failure) = named_in_vain(request, &verdicts) {
        return Err(failure);
    }
    let candidates: Vec<Candidate<'_>> = selected
        .iter()
        .zip(&verdicts)
        // What cannot be rebooted and was not named was not selected.
        .filter(|(_, (_, verdict))| verdict.need != Need::NotApplicable)
        .map(|(node, (_, verdict))| Candidate { node, verdict })
        .collect();
    let selection = select(&candidates);
    let settings = request.settings.clone();
    let mut pods_leaving = Vec::new();
    let mut refused: Vec<Pod> = Vec::new();
    for target in &selection.targets {
        let on_node = pods::list_on_node(&cluster.client, &target.name, None)
            .await
            .map_err(|refusal| refused_by_server(&refusal, "list pods"))?;
        let on_node: Vec<Pod> = on_node.iter().map(pods::SlimPod::to_model).collect();
        let leaving = on_node
            .iter()
            .filter(|pod| {
                matches!(
                    drain::classify(pod, &settings.drain),
                    drain::Fate::Evict { .. }
                )
            })
            .count();
        pods_leaving.push(leaving.try_into().unwrap_or(u32::MAX));
        refused.extend(on_node.into_iter().filter(|pod| {
            matches!(
                drain::classify(pod, &settings.drain),
                drain::Fate::Refused { .. }
            )
        }));
    }
    let missing = drain::refused(&refused, &settings.drain);
    if !missing.is_empty() {
        let reasons: Vec<Reason> = missing
            .into_iter()
            .map(|(flag, pods)| Reason::DrainSettings {
                pods,
                flag: flag.into(),
            })
            .collect();
        return Err(blocked(
            Exit::Refused,
            "the drain would remove pods that may not go",
            &reasons,
        ));
    }
    if let Some(full) =
        selection
            .targets
            .iter()
            .find_map(|target| match admit(target, &[], &fleet, &settings) {
                Admission::Wait(reason) => Some(reason),
                Admission::Start | Admission::NotYet => None,
            })
    {
        return Err(blocked(Exit::Refused, "the roll could not begin", &[full]));
    }

    let spec = Spec {
        cluster: ClusterRef {
            identity,
            server: cluster.server.clone(),
        },
        targets: selection.targets,
        settings,
    };
    let report = Report {
        context: cluster.context.clone(),
        excluded: selection.excluded,
        warnings: Vec::new(),
        pods_leaving,
        made_at: around.clock.wall(),
        made_by: format!("aksreboot {}", env!("CARGO_PKG_VERSION")),
        rehearsal: None,
    };
    let plan = Plan::new(spec, report).map_err(|error| Failure::new(Exit::Failed, error))?;
    let plan = Box::new(plan);
    if plan.spec.targets.is_empty() {
        let exit = tell_why_nothing(&plan, around.talk);
        return Ok(Planned::Nothing(exit, plan));
    }
    Ok(Planned::Plan(plan))
}

/// Says that there is nothing to reboot, and of which nodes that is not known. Good only when it is known of all.
fn tell_why_nothing(plan: &Plan, talk: fn(&str)) -> Exit {
    let unknown: Vec<_> = plan
        .report
        .excluded
        .iter()
        .filter(|excluded| excluded.reason != Reason::NotPending)
        .collect();
    for excluded in &unknown {
        talk(&format!(
            "{}: {}",
            excluded.name,
            reason::in_words(&excluded.reason)
        ));
    }
    talk("no node is known to wait for a reboot; nothing was changed");
    if unknown.is_empty() {
        Exit::Ok
    } else {
        Exit::Stopped
    }
}

/// The nodes that were asked for. Whatever is wrong with the asking is said before anything is touched.
async fn selected(
    request: &RollRequest,
    fleet: &Fleet,
    cluster: &Cluster,
) -> Result<Vec<Node>, Failure> {
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
        return Ok(fleet.values().cloned().collect());
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
    Ok(picked)
}

/// What the role lacks is said before anything is done, and not by a step in the middle of the night.
async fn refuse_without_rights(cluster: &Cluster) -> Result<(), Failure> {
    let needed = rights(Aim::Roll)
        .into_iter()
        .filter(|right| right.need == Must);
    let lacking = match missing(&cluster.client, needed).await {
        Ok(lacking) => lacking,
        // An authorizer that does not answer this question decides nothing; the requests themselves will.
        Err(Refusal::Denied(_) | Refusal::Gone(_)) => return Ok(()),
        Err(refusal) => return Err(refused_by_server(&refusal, "ask for the user's rights")),
    };
    if lacking.is_empty() {
        return Ok(());
    }
    let lacking: Vec<String> = lacking.iter().map(in_words).collect();
    Err(Failure::say(
        Exit::Failed,
        format!("the user may not {}", lacking.join("; not ")),
    )
    .hint("the roles that a roll needs: aksreboot manifests roll")
    .hint("aksreboot doctor --for roll"))
}

/// Somebody else has the cluster: AKS, kured, or a run that left its mark.
async fn refuse_if_taken(fleet: &Fleet, cluster: &Cluster) -> Result<(), Failure> {
    let mut taken: Vec<Reason> = aks_signs(fleet.values());
    for node in fleet.values() {
        match marked(node) {
            Marked::No => {}
            Marked::By(mark) => {
                let run = format!("{}, at {}", mark.run, mark.step.word());
                taken.push(Reason::ForeignMark {
                    node: node.name.clone(),
                    run,
                });
            }
            Marked::Unreadable(text) => taken.push(Reason::ForeignMark {
                node: node.name.clone(),
                run: text,
            }),
        }
    }
    // A run that is alive says more than its marks.
    if !taken.is_empty()
        && let Some(held) = lease::holder(&cluster.client)
            .await
            .map_err(|refusal| refused_by_server(&refusal, "read the lock"))?
    {
        taken.retain(|reason| !matches!(reason, Reason::ForeignMark { .. }));
        taken.insert(0, held);
    }
    let kureds = kured::find(&cluster.client)
        .await
        .map_err(|refusal| refused_by_server(&refusal, "look for kured"))?;
    taken.extend(
        kureds
            .into_iter()
            .map(|(namespace, name)| Reason::Kured { namespace, name }),
    );
    if taken.is_empty() {
        Ok(())
    } else {
        Err(blocked(
            Exit::Locked,
            "the cluster is not free for a roll",
            &taken,
        ))
    }
}

/// Probes the selected nodes and judges them, in their order.
async fn read(
    selected: &[Node],
    request: &RollRequest,
    probes: &ShortPods,
) -> Vec<(NodeName, Verdict)> {
    let settings = ProbeSettings {
        image: request.settings.image.clone(),
        time_limit: request.settings.timeouts.probe,
        sentinel: request.settings.sentinel.clone(),
        run: None,
    };
    let hosts = selected
        .iter()
        .filter(|node| not_applicable(node.kind()).is_none())
        .map(|node| (node.name.clone(), node));
    let mut answers: BTreeMap<NodeName, _> =
        node::probe_all(probes, hosts, &settings).collect().await;
    selected
        .iter()
        .map(|node| {
            let answer = answers.remove(&node.name).unwrap_or(Err(Reason::NotProbed));
            (node.name.clone(), judge(node, answer))
        })
        .collect()
}

/// A node that was named and cannot or need not be rebooted: the person meant something else.
fn named_in_vain(request: &RollRequest, verdicts: &[(NodeName, Verdict)]) -> Option<Failure> {
    if request.names.is_empty() {
        return None;
    }
    let in_vain: Vec<String> = verdicts
        .iter()
        .filter_map(|(name, verdict)| match verdict.need {
            Need::NotApplicable => Some(format!(
                "{name} cannot be rebooted: {}",
                words(&verdict.reasons)
            )),
            Need::No => Some(format!("{name} has no pending reboot")),
            Need::Yes | Need::Unknown => None,
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

fn words(reasons: &[Reason]) -> String {
    reasons
        .iter()
        .map(reason::in_words)
        .collect::<Vec<_>>()
        .join("; ")
}

pub(super) fn blocked(exit: Exit, what: &str, reasons: &[Reason]) -> Failure {
    let mut failure = Failure::say(exit, format!("{what}: {}", words(reasons)));
    for remedy in reasons.iter().flat_map(reason::remedies) {
        if !failure.hints.contains(&remedy) {
            failure = failure.hint(remedy);
        }
    }
    failure
}

pub(super) fn refused_by_server(refusal: &Refusal, operation: &str) -> Failure {
    Failure::say(Exit::Failed, format!("{operation}: {refusal}"))
        .hint("the roles that a roll needs: aksreboot manifests roll")
}
