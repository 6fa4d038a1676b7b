//! The making of a roll's plan: reads the cluster, or says why there is none. Changes nothing but the namespace for the
//! probe pods, which an operator agrees to.

mod file;
mod free;
mod pick;

use crate::core::engine::{Admission, Fleet, admit, counted};
use crate::core::evidence::Need;
use crate::core::model::{ClusterId, Snapshot};
use crate::core::plan::{
    Amount, Candidate, ClusterRef, Excluded, Foreseen, Plan, Report, Spec, Terms, Via, WaveLimits,
    drift, estimate, foresee, select,
};
use crate::core::reason::Reason;
use crate::edge::cluster::wire::Refusal;
use crate::edge::cluster::{list_nodes, snapshot};
use crate::edge::connect::explain;
use crate::edge::identity;
use crate::edge::node::ShortPods;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::reason;
use crate::render::text::count;
use crate::request::planning::RollRequest;

use super::namespace;
use super::roll::Surroundings;
pub(super) use file::{could_write, request_of, write_plan};
pub(in crate::app) use free::{held, refuse_without_rights};

use free::refuse_if_taken;
use pick::{named_in_vain, read, selected};

pub(crate) enum Planned {
    /// And the cluster that it was made from.
    Plan(Box<Plan>, Box<Snapshot>),
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
    refuse_without_rights(cluster, request.settings.via).await?;
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
    if let Some(planned) = &request.planned {
        refuse_another_cluster(planned, &identity)?;
    }
    let selected = selected(request, &fleet, cluster).await?;

    refuse_if_taken(&fleet, &request.settings, around).await?;
    match request.settings.via {
        Via::Pod => namespace::ensure(cluster, around.operator).await?,
        Via::Ssh => namespace::ensure_by_ssh(cluster, around.operator).await?,
    }

    (around.talk)(&format!("reading {} …", count(selected.len(), "node")));
    let verdicts = read(&selected, request, around, probes).await;
    if request.planned.is_none()
        && let Some(failure) = named_in_vain(request, &selected, &verdicts)
    {
        return Err(failure);
    }
    let candidates: Vec<Candidate<'_>> = selected
        .iter()
        .zip(&verdicts)
        // What cannot be rebooted and was not named was not selected.
        .filter(|(_, (_, verdict))| verdict.need != Need::NotApplicable)
        .map(|(node, (_, verdict))| Candidate { node, verdict })
        .collect();
    let snapshot = snapshot::beside(&cluster.client, all)
        .await
        .map_err(|error| {
            explain(error, "list pods and what keeps them")
                .hint("the roles that a roll needs: aksreboot manifests roll")
        })?;
    let mut settings = request.settings.clone();
    let terms = Terms {
        all: settings.reboot_all,
        pending_for: request.pending_for,
        now: around.clock.wall(),
    };
    let nodes = counted(&fleet, &settings).count();
    settings.max_unavailable = request.max_unavailable.of(nodes);
    let foreseen = foresee(
        select(&candidates, &terms),
        &snapshot,
        &settings.drain,
        &WaveLimits::new(&fleet, &settings, request.canary),
        identity::own_pod().as_ref(),
    );
    let spec = Spec {
        cluster: ClusterRef {
            identity,
            server: cluster.server.clone(),
        },
        targets: foreseen.selection.targets.clone(),
        settings,
    };
    if let Some(planned) = &request.planned {
        refuse_drift(planned, &spec, &foreseen.selection.excluded)?;
    }
    refuse_what_may_not_go(&foreseen)?;
    refuse_a_full_limit(&spec, &fleet)?;
    let estimate = estimate(
        &spec.targets,
        &foreseen.pods_leaving,
        &foreseen.blockers,
        &spec.settings,
    );
    let report = Report {
        estimate: Some(estimate),
        context: cluster.context.clone(),
        excluded: foreseen.selection.excluded,
        blockers: foreseen.blockers,
        warnings: foreseen.warnings,
        pods_leaving: foreseen.pods_leaving,
        limit_from: match request.max_unavailable {
            Amount::Percent(_) => Some((request.max_unavailable, nodes)),
            Amount::Count(_) => None,
        },
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
    Ok(Planned::Plan(plan, Box::new(snapshot)))
}

/// The nodes of another cluster are no drift of these.
fn refuse_another_cluster(planned: &Spec, found: &ClusterId) -> Result<(), Failure> {
    if planned.cluster.identity == *found {
        return Ok(());
    }
    Err(Failure::say(
        Exit::Refused,
        format!(
            "the plan is for another cluster: cluster.identity was {} ({}) and is {found}",
            planned.cluster.identity, planned.cluster.server
        ),
    )
    .hint("nothing was changed; --context names the cluster"))
}

/// A plan that was made before holds only while the cluster is as it was.
fn refuse_drift(planned: &Spec, now: &Spec, excluded: &[Excluded]) -> Result<(), Failure> {
    let drifted =
        drift(planned, now, excluded).map_err(|error| Failure::new(Exit::Failed, error))?;
    if drifted.is_empty() {
        return Ok(());
    }
    Err(blocked(
        Exit::Refused,
        "the cluster is not as it was planned",
        &drifted,
    ))
}

fn refuse_what_may_not_go(foreseen: &Foreseen) -> Result<(), Failure> {
    if foreseen.refused.is_empty() {
        return Ok(());
    }
    let reasons: Vec<Reason> = foreseen
        .refused
        .iter()
        .map(|(flag, pods)| Reason::DrainSettings {
            pods: pods.clone(),
            flag: (*flag).into(),
        })
        .collect();
    Err(blocked(
        Exit::Refused,
        "the drain would remove pods that may not go",
        &reasons,
    ))
}

fn refuse_a_full_limit(spec: &Spec, fleet: &Fleet) -> Result<(), Failure> {
    let full =
        spec.targets
            .iter()
            .find_map(|target| match admit(target, &[], fleet, &spec.settings) {
                Admission::Wait(reason) => Some(reason),
                Admission::Start | Admission::NotYet => None,
            });
    match full {
        Some(full) => Err(blocked(Exit::Refused, "the roll could not begin", &[full])),
        None => Ok(()),
    }
}

/// Says that there is nothing to reboot, and of which nodes that is not known. Good only when it is known of all.
fn tell_why_nothing(plan: &Plan, talk: fn(&str)) -> Exit {
    let unknown: Vec<_> = plan
        .report
        .excluded
        .iter()
        .filter(|excluded| !excluded.reason.leaves_nothing_undone())
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
