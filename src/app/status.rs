//! `status`: lists the nodes, has them read, and shows what came of it.

use std::future::Future;
use std::pin::pin;
use std::time::Duration;

use futures::StreamExt as _;
use jiff::Timestamp;

use crate::core::evidence::{NodeStatus, judge, judge_unprobed, not_applicable};
use crate::core::model::NodeName;
use crate::core::near::near;
use crate::core::reason::Reason;
use crate::edge::clock::Clock;
use crate::edge::cluster::{NodeRow, list_node_rows, list_nodes};
use crate::edge::connect::{Cluster, connect, explain};
use crate::edge::node::{
    NAMESPACE, ProbeGround, ProbeSettings, ShortPods, create_namespace, probe_all, probe_ground,
};
use crate::edge::operator::Operator;
use crate::edge::signals::Signals;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::format::table::{Frame, table};
use crate::render::format::{json, name};
use crate::render::out;
use crate::render::status::{COLUMNS, Document, View, explanations, summary};
use crate::request::flags::{Output, Selection, Via};
use crate::request::status::{StatusFlags, StatusRequest};

/// Shorter waits need no word.
const SILENT_FOR: Duration = Duration::from_secs(2);
/// The process is to end within 5 s of a signal.
const REMOVE_WITHIN: Duration = Duration::from_secs(4);

/// What the command runs in: the time, the terminal, the person at it.
pub(crate) struct Session<Confirm, Stop> {
    pub(crate) now: Timestamp,
    /// Width of the terminal that stdout is, if it is one.
    pub(crate) width: Option<usize>,
    /// Somebody watches stderr.
    pub(crate) live: bool,
    /// Asks the operator; `None`: nobody is there to answer.
    pub(crate) confirm: Option<Confirm>,
    /// Ends with the exit code when a signal ends the command.
    pub(crate) stop: Stop,
}

/// `aksreboot status` on a real cluster.
pub(crate) async fn command(flags: StatusFlags) -> Result<Exit, Failure> {
    let request = flags.settle();
    let signals = Signals::listen()
        .map_err(|error| Failure::new(Exit::Failed, error).during("listen for signals"))?;
    let connected = tokio::select! {
        biased;
        signal = signals.wait_first() => return Ok(signal.exit()),
        connected = connect(&flags.connection, Operator::has_terminal()) => connected,
    };
    let cluster = match connected {
        Ok(cluster) => cluster,
        Err(failure) => {
            if request.output == Output::Json {
                print(&document_of(&failure)?)?;
            }
            return Err(failure);
        }
    };
    let operator = Operator::found(false);
    let session = Session {
        now: Clock::real().wall(),
        width: crate::render::format::stdout_width(),
        live: out::stderr_is_live(),
        confirm: (operator == Operator::Present)
            .then_some(async |question: &str| operator.confirm(question).await.unwrap_or(false)),
        stop: async { signals.wait_first().await.exit() },
    };
    run(&cluster, &request, session).await
}

/// Prints the status of the selected nodes. The exit code is [`Exit::Ok`] whenever the nodes were listed and every named
/// one was among them, whatever the verdicts.
pub(crate) async fn run<Confirm, Stop>(
    cluster: &Cluster,
    request: &StatusRequest,
    session: Session<Confirm, Stop>,
) -> Result<Exit, Failure>
where
    Confirm: AsyncFnOnce(&str) -> bool,
    Stop: Future<Output = Exit>,
{
    let (now, width) = (session.now, session.width);
    match read(cluster, request, session).await {
        Ok(Reading {
            nodes,
            errors,
            exit,
        }) => {
            let view = View { now };
            let text = match request.output {
                Output::Table | Output::Wide => table(
                    COLUMNS,
                    &nodes,
                    &view,
                    Frame {
                        headers: request.headers,
                        wide: request.output == Output::Wide,
                        width: width.filter(|_| request.output == Output::Table),
                    },
                ),
                Output::Name => name::lines("node", nodes.iter().map(|node| &node.name)),
                Output::Json => document(cluster, &nodes, &errors)?,
            };
            print(&text)?;
            talk(request, &nodes, &errors);
            Ok(exit)
        }
        Err(failure) => {
            if request.output == Output::Json {
                print(&document(cluster, &[], &[format!("{:#}", failure.error)])?)?;
            }
            Err(failure)
        }
    }
}

/// The document of a failure before there was a cluster to ask: `-o json` prints one in every case.
pub(crate) fn document_of(failure: &Failure) -> Result<String, Failure> {
    let errors = [format!("{:#}", failure.error)];
    json::document(&Document::new("", "", &[], &errors)).map_err(unprintable)
}

/// What was read.
struct Reading {
    nodes: Vec<NodeStatus>,
    errors: Vec<String>,
    exit: Exit,
}

async fn read<Confirm, Stop>(
    cluster: &Cluster,
    request: &StatusRequest,
    session: Session<Confirm, Stop>,
) -> Result<Reading, Failure>
where
    Confirm: AsyncFnOnce(&str) -> bool,
    Stop: Future<Output = Exit>,
{
    let mut stop = pin!(session.stop);
    let by_pod = tokio::select! {
        biased;
        exit = &mut stop => return Err(stopped(exit)),
        by_pod = by_pod(cluster, request.via, session.confirm) => by_pod?,
    };
    let selector = match &request.selection {
        Selection::Names(_) => "",
        Selection::Labels(selector) => selector,
    };
    let listing = format!("list nodes in context {}", cluster.context);
    if !by_pod {
        let rows = tokio::select! {
            biased;
            exit = &mut stop => return Err(stopped(exit)),
            rows = list_node_rows(&cluster.client, selector) => rows,
        };
        let rows = rows.map_err(|error| explain(error, &listing))?;
        let (rows, errors) = pick(&request.selection, rows, |row| &row.name);
        return Ok(Reading {
            nodes: rows.into_iter().map(of_row).collect(),
            exit: exit_of(&errors),
            errors,
        });
    }
    let nodes = tokio::select! {
        biased;
        exit = &mut stop => return Err(stopped(exit)),
        nodes = list_nodes(&cluster.client, selector) => nodes,
    };
    let nodes = nodes.map_err(|error| explain(error, &listing))?.items;
    let (nodes, errors) = pick(&request.selection, nodes, |node| &node.name);
    let mut exit = exit_of(&errors);
    let mut answers = nodes.iter().map(|_| None).collect::<Vec<_>>();
    let pods = ShortPods::new(cluster, request.pod.probe_concurrency.into());
    {
        let settings = ProbeSettings {
            image: request.pod.image.clone(),
            time_limit: request.pod.probe_timeout,
            run: None,
        };
        let hosts: Vec<usize> = (0..nodes.len())
            .filter(|at| not_applicable(&nodes[*at].os, nodes[*at].is_virtual()).is_none())
            .collect();
        let mut probes = pin!(probe_all(
            &pods,
            hosts.iter().map(|at| (*at, &nodes[*at])),
            &settings
        ));
        let mut notice = pin!(tokio::time::sleep(SILENT_FOR));
        let mut noticed = !session.live;
        loop {
            tokio::select! {
                biased;
                signal = &mut stop => {
                    exit = signal;
                    break;
                }
                probed = probes.next() => match probed {
                    Some((at, answer)) => answers[at] = Some(answer),
                    None => break,
                },
                () = &mut notice, if !noticed => {
                    noticed = true;
                    out::talk(&format!(
                        "probing {}\u{2026}",
                        crate::render::text::count(hosts.len(), "node")
                    ));
                }
            }
        }
    }
    let left = pods.leftovers().remove_all(REMOVE_WITHIN).await;
    if !left.is_empty() {
        out::talk(&format!(
            "warning: pods could not be deleted; they end by themselves. To remove them: kubectl delete pod -n {NAMESPACE} {}",
            left.join(" ")
        ));
    }
    let nodes = nodes
        .iter()
        .zip(answers)
        .map(|(node, answer)| {
            NodeStatus::new(
                node,
                judge(node, answer.unwrap_or(Err(Reason::Interrupted))),
            )
        })
        .collect();
    Ok(Reading {
        nodes,
        errors,
        exit,
    })
}

/// Whether nodes are read by pods: as asked, or as far as the cluster has a place for them.
async fn by_pod<Confirm>(
    cluster: &Cluster,
    via: Via,
    confirm: Option<Confirm>,
) -> Result<bool, Failure>
where
    Confirm: AsyncFnOnce(&str) -> bool,
{
    match via {
        Via::Api => return Ok(false),
        Via::Pod => return Ok(true),
        Via::Auto => {}
    }
    let looking = format!(
        "look for the namespace {NAMESPACE} in context {}",
        cluster.context
    );
    let ground = probe_ground(cluster)
        .await
        .map_err(|error| explain(error, &looking))?;
    match (ground, confirm) {
        (ProbeGround::Ready, _) => Ok(true),
        (ProbeGround::NotAllowed, _) => {
            out::talk(&format!(
                "note: no permission to create pods in the namespace {NAMESPACE}; read by the API alone, which cannot tell"
            ));
            out::talk("hint: aksreboot manifests read | kubectl apply -f -");
            Ok(false)
        }
        (ProbeGround::NamespaceMissing, Some(confirm)) => {
            let question = format!(
                "The namespace {NAMESPACE} for probe pods does not exist in context {} ({}). Create it?",
                cluster.context, cluster.server
            );
            if !confirm(&question).await {
                return Ok(false);
            }
            create_namespace(cluster)
                .await
                .map_err(|error| explain(error, &format!("create the namespace {NAMESPACE}")))?;
            Ok(true)
        }
        (ProbeGround::NamespaceMissing, None) => {
            out::talk(&format!(
                "note: the namespace {NAMESPACE} does not exist; read by the API alone, which cannot tell"
            ));
            out::talk("hint: aksreboot manifests namespace | kubectl apply -f -");
            Ok(false)
        }
    }
}

/// The selected ones of what was listed, in the order they were named, and what was named in vain.
fn pick<T>(
    selection: &Selection,
    listed: Vec<T>,
    name: impl Fn(&T) -> &NodeName,
) -> (Vec<T>, Vec<String>) {
    let Selection::Names(wanted) = selection else {
        return (listed, Vec::new());
    };
    let missing = |wanted: &NodeName| {
        let near = near(
            wanted.as_str(),
            listed.iter().map(|item| name(item).as_str()),
        );
        if near.is_empty() {
            format!("node {wanted} was not found")
        } else {
            format!("node {wanted} was not found; near: {}", near.join(", "))
        }
    };
    let errors = wanted
        .iter()
        .filter(|wanted| !listed.iter().any(|item| name(item) == *wanted))
        .map(missing)
        .collect();
    let place = |item: &T| wanted.iter().position(|wanted| wanted == name(item));
    let mut picked: Vec<(usize, T)> = listed
        .into_iter()
        .filter_map(|item| place(&item).map(|place| (place, item)))
        .collect();
    picked.sort_by_key(|(place, _)| *place);
    (picked.into_iter().map(|(_, item)| item).collect(), errors)
}

fn of_row(row: NodeRow) -> NodeStatus {
    NodeStatus {
        verdict: judge_unprobed(&row.os, row.is_virtual, row.kernel),
        name: row.name,
        uid: row.uid,
        status: row.status,
        boot: None,
        pool: row.pool,
        zone: row.zone,
        os_image: row.os_image,
        node_image: row.node_image,
        version: row.version,
    }
}

fn exit_of(errors: &[String]) -> Exit {
    if errors.is_empty() {
        Exit::Ok
    } else {
        Exit::Failed
    }
}

fn stopped(exit: Exit) -> Failure {
    Failure::say(exit, "ended before the nodes were listed")
}

fn document(cluster: &Cluster, nodes: &[NodeStatus], errors: &[String]) -> Result<String, Failure> {
    json::document(&Document::new(
        &cluster.context,
        &cluster.server,
        nodes,
        errors,
    ))
    .map_err(unprintable)
}

fn unprintable(error: serde_json::Error) -> Failure {
    Failure::new(Exit::Failed, error).during("write JSON")
}

fn print(text: &str) -> Result<(), Failure> {
    out::data(text).map_err(|error| Failure::new(Exit::Failed, error).during("write to stdout"))
}

/// What goes beside the data. `-o name` is for scripts, which want none of it.
fn talk(request: &StatusRequest, nodes: &[NodeStatus], errors: &[String]) {
    for error in errors {
        out::talk(&format!("error: {}", crate::render::text::sanitise(error)));
    }
    if request.output == Output::Name {
        return;
    }
    if nodes.is_empty() {
        out::talk("no node is selected");
        return;
    }
    for line in explanations(nodes) {
        out::talk(&crate::render::text::sanitise(&line));
    }
    out::talk(&summary(nodes));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::evidence::test_node;
    use crate::core::model::Node;

    fn nodes(names: &[&str]) -> Vec<Node> {
        names
            .iter()
            .map(|name| Node {
                name: NodeName::new(*name),
                ..test_node()
            })
            .collect()
    }

    #[test]
    fn named_nodes_come_in_the_order_of_their_naming_and_missing_ones_are_told() {
        let selection = Selection::Names(["n3", "n1", "n2x"].map(NodeName::from).into());
        let (picked, errors) = pick(&selection, nodes(&["n1", "n2", "n3"]), |node| &node.name);
        let picked: Vec<&str> = picked.iter().map(|node| node.name.as_str()).collect();
        assert_eq!(picked, ["n3", "n1"]);
        assert_eq!(errors, ["node n2x was not found; near: n2"]);
    }

    #[test]
    fn a_selector_has_selected_already() {
        let (picked, errors) = pick(
            &Selection::Labels("a=b".into()),
            nodes(&["n1", "n2"]),
            |node| &node.name,
        );
        assert_eq!((picked.len(), errors.len()), (2, 0));
    }
}
