//! `roll`: read, plan, show, ask, take the lock, carry out, tell how it ended.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures::StreamExt as _;

use crate::core::drain;
use crate::core::engine::{Admission, Fleet, admit};
use crate::core::event::Event;
use crate::core::evidence::{Need, Verdict, judge, not_applicable};
use crate::core::mark::{Marked, marked};
use crate::core::model::{Node, NodeName, Pod, RunId};
use crate::core::near::near;
use crate::core::plan::{Candidate, ClusterRef, Plan, Report, Spec, aks_signs, select};
use crate::core::reason::Reason;
use crate::edge::clock::Clock;
use crate::edge::cluster::wire::Refusal;
use crate::edge::cluster::{list_nodes, pods};
use crate::edge::connect::{Cluster, connect, explain};
use crate::edge::hold::lease::{Holder, Release, Taken, take};
use crate::edge::hold::{kured, record};
use crate::edge::journal::Journal;
use crate::edge::node::{self, ProbeSettings, ShortPods};
use crate::edge::operator::{Operator, Unanswered};
use crate::edge::runner::{End, Ended, Means, Runner, Signal, Sink};
use crate::edge::signals::Signals;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::progress::Progress;
use crate::render::text::count;
use crate::render::{out, plan as plan_text, reason, story};
use crate::request::roll::{RollFlags, RollRequest};

/// What a roll needs from outside, so that the embedded cluster can supply it too.
pub(crate) struct Surroundings {
    pub(crate) cluster: Cluster,
    pub(crate) clock: Clock,
    pub(crate) operator: Operator,
    pub(crate) signals: Signals,
    pub(crate) run: RunId,
    pub(crate) user: String,
    pub(crate) host: String,
    /// Whether a journal is kept in the user's state directory.
    pub(crate) keep_journal: bool,
}

/// After a signal the probe pods must be gone within this.
const REMOVE_IN_HASTE: Duration = Duration::from_secs(3);
const REMOVE_IN_PEACE: Duration = Duration::from_secs(15);
/// A runner that hears nothing for longer may end the job.
const HEARTBEAT: Duration = Duration::from_secs(45);

/// `aksreboot roll` on a real cluster.
pub(crate) async fn command(flags: RollFlags) -> Result<Exit, Failure> {
    let request = RollRequest::settle(&flags)?;
    let signals = Signals::listen()
        .map_err(|error| Failure::new(Exit::Failed, error).during("listen for signals"))?;
    let cluster = tokio::select! {
        biased;
        signal = signals.wait_first() => return Ok(signal.exit()),
        cluster = connect(&flags.connection, Operator::has_terminal()) => cluster?,
    };
    let clock = Clock::real();
    let run = crate::edge::identity::run_id(clock.wall());
    let around = Surroundings {
        cluster,
        clock,
        operator: Operator::found(flags.yes),
        signals,
        run,
        user: crate::edge::identity::user(),
        host: crate::edge::identity::host(),
        keep_journal: true,
    };
    run_with(request, around).await
}

/// Carries one roll out, or says why not.
pub(crate) async fn run_with(request: RollRequest, around: Surroundings) -> Result<Exit, Failure> {
    let probes = ShortPods::new(&around.cluster, request.probes_at_once);
    let planned = tokio::select! {
        biased;
        signal = around.signals.wait_first() => Err(Err(signal)),
        planned = plan(&request, &around, &probes) => planned.map_err(Ok),
    };
    let planned = match planned {
        Ok(planned) => planned,
        Err(ended) => {
            remove_leftovers(
                &probes,
                if ended.is_ok() {
                    REMOVE_IN_PEACE
                } else {
                    REMOVE_IN_HASTE
                },
            )
            .await;
            return match ended {
                Ok(failure) => Err(failure),
                Err(signal) => {
                    out::talk("interrupted before anything was changed");
                    Ok(signal.exit())
                }
            };
        }
    };
    let plan = match planned {
        Planned::Nothing(exit) => {
            remove_leftovers(&probes, REMOVE_IN_PEACE).await;
            return Ok(exit);
        }
        Planned::Plan(plan) => plan,
    };
    let carried = tokio::select! {
        biased;
        () = around.signals.wait_second() => {
            out::talk("stopped at once; what the run was doing is in the nodes' annotation aksreboot.dev/run");
            return Ok(around.signals.first().borrow().map_or(Exit::Interrupted, Signal::exit));
        }
        carried = carry_out(&plan, &around, &probes) => carried,
    };
    let in_haste = around.signals.first().borrow().is_some();
    remove_leftovers(
        &probes,
        if in_haste {
            REMOVE_IN_HASTE
        } else {
            REMOVE_IN_PEACE
        },
    )
    .await;
    carried
}

enum Planned {
    Plan(Box<Plan>),
    /// There is nothing to carry out; the exit code says whether that is good.
    Nothing(Exit),
}

/// Reads the cluster and makes the plan, or refuses. Changes nothing but the namespace for the probe pods.
async fn plan(
    request: &RollRequest,
    around: &Surroundings,
    probes: &ShortPods,
) -> Result<Planned, Failure> {
    let cluster = &around.cluster;
    for warning in &cluster.warnings {
        out::talk(&format!("warning: {warning}"));
    }
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
    super::namespace::ensure(cluster, around.operator).await?;

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
    if selection.targets.is_empty() {
        let unknown: Vec<_> = selection
            .excluded
            .iter()
            .filter(|excluded| excluded.reason != Reason::NotPending)
            .collect();
        for excluded in &unknown {
            out::talk(&format!(
                "{}: {}",
                excluded.name,
                reason::in_words(&excluded.reason)
            ));
        }
        out::talk("no node is known to wait for a reboot; nothing was changed");
        return Ok(Planned::Nothing(if unknown.is_empty() {
            Exit::Ok
        } else {
            Exit::Stopped
        }));
    }

    let settings = request.settings.clone();
    let mut pods_leaving = Vec::new();
    let mut refused: Vec<Pod> = Vec::new();
    for target in &selection.targets {
        let on_node = pods::list_on_node(&cluster.client, &target.name)
            .await
            .map_err(|refusal| refused_by_server(refusal, "list pods"))?;
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
    };
    Plan::new(spec, report)
        .map(|plan| Planned::Plan(Box::new(plan)))
        .map_err(|error| Failure::new(Exit::Failed, error))
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
    let kureds = kured::find(&cluster.client)
        .await
        .map_err(|refusal| refused_by_server(refusal, "look for kured"))?;
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
        run: None,
    };
    out::talk(&format!("reading {} …", count(selected.len(), "node")));
    let hosts = selected
        .iter()
        .filter(|node| not_applicable(&node.os, node.is_virtual()).is_none())
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

fn blocked(exit: Exit, what: &str, reasons: &[Reason]) -> Failure {
    let mut failure = Failure::say(exit, format!("{what}: {}", words(reasons)));
    for remedy in reasons.iter().flat_map(reason::remedies) {
        if !failure.hints.contains(&remedy) {
            failure = failure.hint(remedy);
        }
    }
    failure
}

fn refused_by_server(refusal: Refusal, operation: &str) -> Failure {
    Failure::say(Exit::Failed, format!("{operation}: {refusal}"))
        .hint("the roles that a roll needs: aksreboot manifests roll")
}

/// Shows, asks, takes the lock, runs, gives the lock back, tells how it ended.
async fn carry_out(
    plan: &Plan,
    around: &Surroundings,
    probes: &ShortPods,
) -> Result<Exit, Failure> {
    out::data(&plan_text::text(plan)).map_err(|error| Failure::new(Exit::Failed, error))?;
    let nodes = count(plan.spec.targets.len(), "node");
    let question = format!(
        "Reboot {nodes} of cluster {}, one at a time?",
        plan.report.context
    );
    let answered = tokio::select! {
        biased;
        signal = around.signals.wait_first() => return Ok(signal.exit()),
        answered = around.operator.confirm(&question) => answered,
    };
    match answered {
        Ok(true) => {}
        Ok(false) => {
            out::talk("not confirmed; nothing was changed");
            return Ok(Exit::Refused);
        }
        Err(Unanswered::NoTerminal) => {
            return Err(Failure::say(
                Exit::Usage,
                "a roll needs a yes, and there is no terminal to ask on",
            )
            .hint("nothing was changed; to carry this plan out: the same command with --yes"));
        }
        Err(error @ Unanswered::BrokenOff(_)) => {
            out::talk(&format!("{error}; nothing was changed"));
            return Ok(Exit::Interrupted);
        }
    }

    let (client, clock) = (&around.cluster.client, &around.clock);
    let mut journal = None;
    if around.keep_journal {
        let begun = Journal::begin(&around.run).map_err(|error| {
            Failure::new(Exit::Failed, error)
                .during("begin the journal in the state directory")
                .hint("name a directory that can be written: XDG_STATE_HOME=DIR")
        })?;
        out::talk(&format!("journal: {}", begun.path().display()));
        journal = Some(begun);
    }
    let holder = Holder::this_process(&plan.hash, around.user.clone(), around.host.clone());
    let taken = tokio::select! {
        biased;
        signal = around.signals.wait_first() => return Ok(signal.exit()),
        taken = take(client, &around.run, &holder, clock, out::talk) => taken,
    };
    let lock = match taken.map_err(|refusal| refused_by_server(refusal, "take the lock"))? {
        Taken::Ours(lock) => lock,
        Taken::Held(reason) => {
            return Err(blocked(
                Exit::Locked,
                "the cluster is not free for a roll",
                &[reason],
            ));
        }
    };
    if let Err(refusal) = record::write(client, &around.run, plan, &clock.wall().to_string()).await
    {
        // Nothing has begun, so nothing is lost by stopping here; a run without its record could not be resumed.
        let released = lock.release(client, Release::Finished).await;
        let failure = refused_by_server(refusal, "write the run record");
        return Err(match released {
            Ok(()) => failure,
            Err(refusal) => failure.hint(format!(
                "the lock could not be given back either: {refusal}"
            )),
        });
    }

    let progress = Arc::new(Mutex::new(Progress::choose(plan.spec.targets.len())));
    let mut sink = RollSink {
        journal,
        progress: Arc::clone(&progress),
    };
    let means = Means {
        cluster: &around.cluster,
        run: around.run.clone(),
        clock: clock.clone(),
        lock,
        pods: probes.clone(),
        sink: &mut sink,
    };
    let runner = Runner::new(plan, means);
    let end = tokio::select! {
        biased;
        end = runner.run(around.signals.first()) => end,
        () = heartbeat(&progress) => unreachable!("the heartbeat does not end"),
    };
    progress
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .end();
    Ok(finish(plan, around, end).await)
}

/// Gives the lock back and tells how it ended.
async fn finish(plan: &Plan, around: &Surroundings, end: End) -> Exit {
    let client = &around.cluster.client;
    let End {
        ended,
        outcomes,
        lock,
    } = end;
    let nothing_marked = outcomes.values().all(|outcome| !leaves_a_mark(outcome));
    let how = if nothing_marked {
        Release::Finished
    } else {
        Release::Interrupted
    };
    let lost = matches!(ended, Ended::Stopped(Reason::LockLost { .. }));
    if !lost {
        let limit = if matches!(ended, Ended::Interrupted(_)) {
            Duration::from_secs(1)
        } else {
            REMOVE_IN_PEACE
        };
        match tokio::time::timeout(limit, lock.release(client, how)).await {
            Ok(Ok(())) => {}
            Ok(Err(refusal)) => out::talk(&format!(
                "warning: the lock could not be given back: {refusal}"
            )),
            Err(_) => out::talk(
                "warning: the lock could not be given back in time; it lapses by itself in a minute",
            ),
        }
        if matches!(ended, Ended::Finished)
            && let Err(refusal) = record::prune(client).await
        {
            out::talk(&format!(
                "warning: old run records were not removed: {refusal}"
            ));
        }
    }
    for line in story::of(plan, &around.run, &outcomes) {
        out::talk(&crate::render::text::sanitise(&line));
    }
    match ended {
        Ended::Interrupted(signal) => signal.exit(),
        Ended::Stopped(Reason::Kured { .. } | Reason::LockLost { .. }) => Exit::Locked,
        Ended::Stopped(reason) => {
            if !outcomes
                .values()
                .any(|outcome| matches!(outcome, crate::core::engine::Outcome::Failed { .. }))
            {
                out::talk(&format!("the run stopped: {}", reason::in_words(&reason)));
            }
            Exit::Stopped
        }
        Ended::Finished => {
            let good = plan
                .spec
                .targets
                .iter()
                .all(|target| outcomes.get(&target.name).is_some_and(|o| o.is_good()));
            let all_known = plan
                .report
                .excluded
                .iter()
                .all(|excluded| excluded.reason == Reason::NotPending);
            if good && all_known {
                Exit::Ok
            } else {
                Exit::Stopped
            }
        }
    }
}

fn leaves_a_mark(outcome: &crate::core::engine::Outcome) -> bool {
    use crate::core::engine::{Left, Outcome};
    match outcome {
        Outcome::Failed { left, .. } | Outcome::Interrupted { left, .. } => {
            !matches!(left, Left::Untouched | Left::Restored)
        }
        Outcome::Verified { .. } | Outcome::NotNeeded | Outcome::Skipped { .. } => false,
    }
}

async fn remove_leftovers(probes: &ShortPods, limit: Duration) {
    for name in probes.leftovers().remove_all(limit).await {
        out::talk(&format!(
            "warning: pod {name} may still be there: kubectl delete pod -n aksreboot {name}"
        ));
    }
}

async fn heartbeat(progress: &Mutex<Progress>) {
    loop {
        tokio::time::sleep(HEARTBEAT).await;
        progress
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .heartbeat();
    }
}

/// The journal first, then the eyes.
struct RollSink {
    journal: Option<Journal>,
    progress: Arc<Mutex<Progress>>,
}

impl Sink for RollSink {
    fn take(&mut self, event: &Event) -> io::Result<()> {
        let written = self
            .journal
            .as_mut()
            .map_or(Ok(()), |journal| journal.append(event));
        self.progress
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .show(event);
        written
    }
}
