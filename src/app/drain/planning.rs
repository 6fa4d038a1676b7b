//! What a drain reads before it changes anything, and what it refuses then: unknown nodes, nodes of another run, pods that may
//! not go, missing rights.

use std::iter;

use crate::app::namespace;
use crate::app::pick_nodes::picked;
use crate::app::planning::blocked;
use crate::app::roll::Surroundings;
use crate::core::drain;
use crate::core::mark::{Marked, marked};
use crate::core::model::{Node, Pod};
use crate::core::plan::{ClusterRef, Plan, Report, Spec, Target};
use crate::core::reason::Reason;
use crate::core::rights::{Aim, DELETE_PODS, Need, rights};
use crate::edge::cluster::pods;
use crate::edge::cluster::wire::Refusal;
use crate::edge::connect::{Cluster, explain};
use crate::edge::rights::missing;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::doctor::right_in_words;
use crate::render::drain::{OnNode, Scene};
use crate::request::drain::{DrainRequest, DryRun};

/// Reads the nodes and their pods, or refuses.
pub(super) async fn look(request: &DrainRequest, around: &Surroundings) -> Result<Scene, Failure> {
    let cluster = &around.cluster;
    for warning in &cluster.warnings {
        (around.talk)(&format!("warning: {warning}"));
    }
    if request.dry_run != DryRun::Client {
        refuse_without_rights(request, cluster).await?;
    }
    let nodes = picked(cluster, &request.nodes, "drain").await?;
    refuse_if_taken(&nodes)?;
    let mut on_nodes = Vec::new();
    for node in nodes {
        let selector = request.settings.drain.pod_selector.as_deref();
        let pods: Vec<Pod> = pods::list_on_node(&cluster.client, &node.name, selector)
            .await
            .map_err(|refusal| unlisted(&refusal, selector))?
            .into_iter()
            .map(Pod::from)
            .collect();
        on_nodes.push(OnNode { node, pods });
    }
    let refused: Vec<Reason> = drain::refused(
        on_nodes.iter().flat_map(|on_node| &on_node.pods),
        &request.settings.drain,
    )
    .into_iter()
    .map(|(flag, pods)| Reason::DrainSettings {
        pods,
        flag: flag.into(),
    })
    .collect();
    if !refused.is_empty() {
        return Err(blocked(
            Exit::Refused,
            "the drain would remove pods that may not go",
            &refused,
        ));
    }
    Ok(Scene {
        context: cluster.context.clone(),
        server: cluster.server.clone(),
        nodes: on_nodes,
    })
}

fn unlisted(refusal: &Refusal, selector: Option<&str>) -> Failure {
    let failure = Failure::say(Exit::Failed, format!("list pods: {refusal}"));
    match (refusal, selector) {
        (Refusal::Denied(status), Some(selector)) if status.code == 400 => Failure::say(
            Exit::Usage,
            format!(
                "--pod-selector `{selector}` is no label selector: {}",
                status.message
            ),
        )
        .hint("such as --pod-selector app=web or --pod-selector 'tier in (a,b),!spot'"),
        _ => failure.hint("the roles that a drain needs: aksreboot manifests drain"),
    }
}

/// What the role lacks is said before the first cordon.
async fn refuse_without_rights(request: &DrainRequest, cluster: &Cluster) -> Result<(), Failure> {
    let deletes = request.settings.drain.disable_eviction;
    let needed = rights(Aim::Drain)
        .into_iter()
        .filter(|right| right.need == Need::Must)
        .filter(|right| !(deletes && right.subresource == "eviction"))
        .chain(iter::once(DELETE_PODS).filter(|_| deletes));
    let lacking = match missing(&cluster.client, needed).await {
        Ok(lacking) => lacking,
        // An authorizer that does not answer this question decides nothing; the requests themselves will.
        Err(Refusal::Denied(_) | Refusal::Gone(_)) => return Ok(()),
        Err(refusal) => {
            return Err(Failure::say(
                Exit::Failed,
                format!("ask for the user's rights: {refusal}"),
            ));
        }
    };
    if lacking.is_empty() {
        return Ok(());
    }
    let words: Vec<String> = lacking.iter().map(right_in_words).collect();
    let failure = Failure::say(
        Exit::Failed,
        format!("the user may not {}", words.join("; not ")),
    );
    Err(if lacking.contains(&DELETE_PODS) {
        failure.hint(
            "--disable-eviction deletes pods past every budget, which no role of aksreboot allows",
        )
    } else {
        failure
            .hint("the roles that a drain needs: aksreboot manifests drain")
            .hint("aksreboot doctor --for drain")
    })
}

/// A run has its mark on a node: its reboot may come at any moment.
fn refuse_if_taken(nodes: &[Node]) -> Result<(), Failure> {
    let taken: Vec<Reason> = nodes
        .iter()
        .filter_map(|node| {
            let run = match marked(node) {
                Marked::No => return None,
                Marked::By(mark) => format!("{}, at {}", mark.run, mark.step.word()),
                Marked::Unreadable(text) => text,
            };
            let node = node.name.clone();
            Some(Reason::ForeignMark { node, run })
        })
        .collect();
    if taken.is_empty() {
        return Ok(());
    }
    Err(blocked(Exit::Locked, "the node is not free", &taken))
}

/// The plan of the drain; makes the namespace of the lock when it is missing and the operator agrees.
pub(super) async fn plan(
    request: &DrainRequest,
    around: &Surroundings,
    scene: Scene,
) -> Result<Plan, Failure> {
    let cluster = &around.cluster;
    let identity = cluster
        .identity()
        .await
        .map_err(|error| explain(error, "read namespace `kube-system`"))?;
    namespace::ensure_for_lock(cluster, around.operator).await?;
    let settings = request.settings.clone();
    let pods_leaving = scene
        .nodes
        .iter()
        .map(|on_node| on_node.leaving(&settings.drain).count())
        .map(|count| count.try_into().unwrap_or(u32::MAX))
        .collect();
    let targets = (1..)
        .zip(scene.nodes)
        .map(|(wave, OnNode { node, .. })| Target {
            pool: node.pool().map(str::to_owned),
            zone: node.zone().map(str::to_owned),
            system: node.is_system(),
            name: node.name,
            uid: node.uid,
            boot: node.boot.unwrap_or_else(|| "".into()),
            kernel: node.kernel,
            cordoned_before: node.cordoned,
            wave,
        })
        .collect();
    let spec = Spec {
        cluster: ClusterRef {
            identity,
            server: cluster.server.clone(),
        },
        targets,
        settings,
    };
    let report = Report {
        context: scene.context,
        excluded: Vec::new(),
        blockers: Vec::new(),
        warnings: Vec::new(),
        pods_leaving,
        estimate: None,
        made_at: around.clock.wall(),
        made_by: format!("aksreboot {}", env!("CARGO_PKG_VERSION")),
        limit_from: None,
        rehearsal: None,
    };
    Plan::new(spec, report).map_err(|error| Failure::new(Exit::Failed, error))
}
