//! Reading one node again, in the way that the first reading found. Leaves no pod behind: whoever drops a reading on its
//! way calls [`Reader::end`].

use crate::core::evidence::{NodeStatus, judge, judge_unprobed, not_applicable};
use crate::core::model::Node;
use crate::core::reason::Reason;
use crate::edge::connect::{Cluster, explain};
use crate::edge::node::{NAMESPACE, ProbeGround, ProbeSettings, ShortPods, probe, probe_ground};
use crate::failure::Failure;
use crate::request::flags::Via;
use crate::request::status::StatusRequest;

use super::super::read::remove_leftovers;

pub(super) struct Reader {
    /// `None`: by the API alone, whose word comes with the watch.
    pods: Option<ShortPods>,
    settings: ProbeSettings,
}

impl Reader {
    /// Decides once how nodes are read, without a word: the first reading has said it.
    pub(super) async fn ready(cluster: &Cluster, request: &StatusRequest) -> Result<Self, Failure> {
        let by_pod = match request.via {
            Via::Api => false,
            Via::Pod => true,
            Via::Auto => {
                let ground = probe_ground(cluster).await.map_err(|error| {
                    explain(error, &format!("look for the namespace {NAMESPACE}"))
                })?;
                ground == ProbeGround::Ready
            }
        };
        let at_once = usize::from(request.pod.probe_concurrency);
        Ok(Self {
            pods: by_pod.then(|| ShortPods::new(cluster, at_once)),
            settings: ProbeSettings {
                image: request.pod.image.clone(),
                time_limit: request.pod.probe_timeout,
                run: None,
            },
        })
    }

    /// Whether there is more to read of this node than the API says.
    pub(super) fn reads(&self, node: &Node) -> bool {
        self.pods.is_some() && not_applicable(&node.os, node.is_virtual()).is_none()
    }

    pub(super) async fn read(&self, node: &Node) -> NodeStatus {
        match &self.pods {
            Some(pods) => {
                let answer = probe(pods, node, &self.settings).await;
                NodeStatus::new(node, judge(node, answer))
            }
            None => self.unread(node),
        }
    }

    /// A node that was not read yet.
    pub(super) fn unread(&self, node: &Node) -> NodeStatus {
        let verdict = match self.pods {
            Some(_) => judge(node, Err(Reason::NotProbed)),
            None => judge_unprobed(&node.os, node.is_virtual(), node.kernel.clone()),
        };
        NodeStatus::new(node, verdict)
    }

    pub(super) async fn end(&self) {
        if let Some(pods) = &self.pods {
            remove_leftovers(pods).await;
        }
    }
}
