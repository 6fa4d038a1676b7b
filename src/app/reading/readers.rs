//! The readers of one command: its pods and its logins, and every node's way through them. Whoever has made them ends
//! them, whatever came.

use std::cell::RefCell;
use std::future::Future;
use std::pin::{Pin, pin};
use std::time::Duration;

use futures::StreamExt as _;
use futures::stream::FuturesUnordered;
use jiff::Timestamp;

use crate::core::evidence::{NodeStatus, Route, not_applicable};
use crate::core::model::Node;
use crate::core::reason::Reason;
use crate::core::route::{Way, Ways};
use crate::core::tally::Tally;
use crate::core::updates::{NodeAnswer, Packages, Question, judge_packages};
use crate::edge::connect::Cluster;
use crate::edge::node::{Form, Inquiry, PodShape, ProbeSettings, ShortPods, ask, ask_all};
use crate::edge::ssh::Ssh;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::out;
use crate::render::text::count;
use crate::request::flags::{Probing, Via};

/// Shorter waits need no word.
const SILENT_FOR: Duration = Duration::from_secs(2);
/// The process is to end within 5 s of a signal, and removes its pods in the first four.
const REMOVE_WITHIN: Duration = Duration::from_secs(4);
/// Of these five, for answers that are there and whose pods are being deleted.
const LAST_ANSWERS: Duration = Duration::from_millis(500);

pub(in crate::app) struct Readers {
    ways: Ways,
    pods: ShortPods,
    ssh: Option<Ssh>,
    settings: ProbeSettings,
    logins: RefCell<Tally>,
    question: Question,
}

/// How old package data may be, and the time for nodes that do not tell theirs.
#[derive(Clone, Copy, Debug)]
pub(in crate::app) struct Freshness {
    pub(in crate::app) max_data_age: Duration,
    pub(in crate::app) now: Timestamp,
}

impl Readers {
    pub(in crate::app) fn new(
        cluster: &Cluster,
        probing: &Probing,
        ways: Ways,
        question: Question,
    ) -> Result<Self, Failure> {
        let form = if probing.via == Via::Debug {
            Form::Debug {
                namespace: probing
                    .namespace
                    .clone()
                    .unwrap_or_else(|| cluster.namespace.clone()),
                profile: probing.profile,
                pull_policy: probing.pod.shape.image_pull_policy,
            }
        } else {
            Form::Own(PodShape::from(&probing.pod.shape))
        };
        Ok(Self {
            ways,
            pods: ShortPods::of(cluster, probing.pod.probe_concurrency.into(), form),
            ssh: probing.ssh.clone().map(Ssh::new).transpose()?,
            settings: ProbeSettings {
                image: probing.pod.image.clone(),
                time_limit: probing.pod.probe_timeout,
                sentinel: probing.sentinel.clone(),
                run: None,
            },
            logins: RefCell::default(),
            question,
        })
    }

    /// Whether there is more to read of this node than the API says.
    pub(in crate::app) fn reads(&self, node: &Node) -> bool {
        self.way(node).route != Route::Api
    }

    /// The status of a node that was not read yet.
    pub(in crate::app) fn unread(&self, node: &Node) -> NodeStatus {
        let way = self.way(node);
        // Where nothing is read at all, that is the reason; why so stands beside it.
        let because = way.because.clone().filter(|_| !self.ways.is_api_alone());
        way.status(node, Err(because.unwrap_or(Reason::NotProbed)))
    }

    /// Reads one node, by the next way where the first could not.
    pub(in crate::app) async fn read_one(&self, node: &Node) -> NodeStatus {
        let way = self.way(node);
        let answer = match way.route {
            Route::Api => return self.unread(node),
            Route::Ssh => self.login(node).await,
            Route::Pod | Route::Debug => ask(&self.pods, node, &self.settings, self.question).await,
        };
        let next = answer
            .as_ref()
            .err()
            .filter(|_| way.route != Route::Ssh)
            .and_then(|trouble| self.ways.after_pod(trouble));
        match next {
            Some(way) => status(way, node, self.login(node).await),
            None => status(way, node, answer),
        }
    }

    /// What is tried first; nothing, where there is no host to read.
    fn way(&self, node: &Node) -> Way {
        if not_applicable(node.kind()).is_some() {
            return Way {
                route: Route::Api,
                because: None,
            };
        }
        self.ways.first(node)
    }

    /// The status of `nodes`, in their order, and the exit code of the signal that ended the reading, if one did.
    pub(in crate::app) async fn read<Stop: Future<Output = Exit>>(
        &self,
        nodes: &[Node],
        live: bool,
        stop: Pin<&mut Stop>,
    ) -> (Vec<NodeStatus>, Option<Exit>) {
        let (read, signal) = self.ask(nodes, live, stop).await;
        let statuses = nodes
            .iter()
            .zip(read)
            .map(|(node, (way, answer))| status(way, node, answer))
            .collect();
        (statuses, signal)
    }

    /// The same with what is known of the packages of each node, both from one reading of it.
    pub(in crate::app) async fn read_packages<Stop: Future<Output = Exit>>(
        &self,
        nodes: &[Node],
        freshness: Freshness,
        live: bool,
        stop: Pin<&mut Stop>,
    ) -> (Vec<(NodeStatus, Packages)>, Option<Exit>) {
        let (read, signal) = self.ask(nodes, live, stop).await;
        let Freshness { max_data_age, now } = freshness;
        let known = nodes
            .iter()
            .zip(read)
            .map(|(node, (way, answer))| {
                let packages = judge_packages(node, answer.as_ref(), max_data_age, now);
                (status(way, node, answer), packages)
            })
            .collect();
        (known, signal)
    }

    async fn ask<Stop: Future<Output = Exit>>(
        &self,
        nodes: &[Node],
        live: bool,
        mut stop: Pin<&mut Stop>,
    ) -> (Vec<(Way, Result<NodeAnswer, Reason>)>, Option<Exit>) {
        let mut read: Vec<(Way, Result<NodeAnswer, Reason>)> = nodes
            .iter()
            .map(|node| (self.way(node), Err(Reason::Interrupted)))
            .collect();
        let login = async |at: usize| (at, self.login(&nodes[at]).await);
        let mut by_pod = Vec::new();
        let mut logins = FuturesUnordered::new();
        let mut asked = 0;
        for (at, node) in nodes.iter().enumerate() {
            let (way, answer) = &mut read[at];
            match way.route {
                Route::Pod | Route::Debug => by_pod.push((at, node)),
                Route::Ssh => logins.push(login(at)),
                Route::Api => *answer = Err(way.because.clone().unwrap_or(Reason::NotProbed)),
            }
            asked += usize::from(way.route != Route::Api);
        }
        let notice = format!("probing {}\u{2026}", count(asked, "node"));
        let mut pods = pin!(ask_all(&self.pods, by_pod, &self.settings, self.question));
        let mut pods_done = false;
        let mut silence = pin!(tokio::time::sleep(SILENT_FOR));
        let mut noticed = !live;
        loop {
            if pods_done && logins.is_empty() {
                return (read, None);
            }
            tokio::select! {
                biased;
                signal = &mut stop => {
                    self.pods.close();
                    let last = async {
                        while self.pods.ending() > 0 && let Some((at, answer)) = pods.next().await {
                            // What failed would have been asked for by the next way.
                            if answer.is_ok() {
                                read[at].1 = answer;
                            }
                        }
                    };
                    // Those that are not deleted by then are once more, at the end.
                    let _ = tokio::time::timeout(LAST_ANSWERS, last).await;
                    return (read, Some(signal));
                }
                probed = pods.next(), if !pods_done => match probed {
                    None => pods_done = true,
                    Some((at, answer)) => {
                        let next = answer.as_ref().err().and_then(|trouble| self.ways.after_pod(trouble));
                        if let Some(way) = next {
                            read[at].0 = way;
                            logins.push(login(at));
                        } else {
                            read[at].1 = answer;
                        }
                    }
                },
                Some((at, answer)) = logins.next() => read[at].1 = answer,
                () = &mut silence, if !noticed => {
                    noticed = true;
                    out::talk(&notice);
                }
            }
        }
    }

    async fn login(&self, node: &Node) -> Result<NodeAnswer, Reason> {
        let Some(ssh) = &self.ssh else {
            return Err(Reason::NotProbed);
        };
        let _turn = ssh.turn().await;
        let given_up = self.logins.borrow().given_up();
        if let Some(reason) = given_up {
            return Err(reason);
        }
        let inquiry = Inquiry {
            question: self.question,
            within: self.settings.time_limit,
        };
        let answer = ssh.read(node, inquiry, &self.settings.sentinel).await;
        self.logins.borrow_mut().count(&answer);
        answer
    }

    /// Removes what dropped probes left; the logins end when they are dropped.
    pub(in crate::app) async fn end(&self) {
        let left = self.pods.leftovers().remove_all(REMOVE_WITHIN).await;
        if !left.is_empty() {
            let alone = if matches!(self.ways, Ways::Only(Route::Debug)) {
                ""
            } else {
                "; they end by themselves"
            };
            out::talk(&format!(
                "warning: pods could not be deleted{alone}. To remove them: kubectl delete pod -n {} {}",
                self.pods.namespace(),
                left.join(" ")
            ));
        }
    }
}

fn status(way: Way, node: &Node, answer: Result<NodeAnswer, Reason>) -> NodeStatus {
    way.status(node, answer.map(|answer| answer.evidence))
}

#[cfg(test)]
mod tests;
