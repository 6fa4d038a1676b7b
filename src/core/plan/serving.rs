//! Who would miss a node: webhooks that fail closed and are answered by its pods alone, and balancers that go on sending
//! to it. Judges a snapshot; which endpoints a Service really has is taken from its selector and its Ready pods.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::spec::Target;
use crate::core::model::{
    Asked, Balanced, Labels, Node, NodeName, Pod, Service, Snapshot, Webhook,
};
use crate::core::reason::Reason;

/// Label of a node that balancers of the cloud leave out, whatever its value.
const EXCLUDED: &str = "node.kubernetes.io/exclude-from-external-load-balancers";

pub(super) struct Serving<'a> {
    snapshot: &'a Snapshot,
    namespaces: HashMap<&'a str, &'a Labels>,
    nodes: HashMap<&'a NodeName, &'a Node>,
    webhooks: Vec<Answered<'a>>,
}

/// A webhook, and the nodes of the pods that answer for it now.
struct Answered<'a> {
    webhook: &'a Webhook,
    by: BTreeSet<&'a NodeName>,
}

impl<'a> Serving<'a> {
    pub(super) fn of(snapshot: &'a Snapshot) -> Self {
        let namespaces = snapshot.namespaces.iter();
        let nodes = snapshot.nodes.iter();
        let webhooks = snapshot.webhooks.iter().filter_map(|webhook| {
            let (namespace, name) = &webhook.service;
            let of_it =
                |service: &&Service| service.namespace == *namespace && service.name == *name;
            let by = match snapshot.services.iter().find(of_it) {
                // Made by hand, its endpoints may be anywhere.
                Some(service) if service.selector.is_empty() => return None,
                Some(service) => answering(service, &snapshot.pods),
                None if snapshot.unread("services").is_some() => return None,
                None => BTreeSet::new(),
            };
            Some(Answered { webhook, by })
        });
        Self {
            namespaces: namespaces
                .map(|namespace| (namespace.name.as_str(), &namespace.labels))
                .collect(),
            nodes: nodes.map(|node| (&node.name, node)).collect(),
            webhooks: webhooks.collect(),
            snapshot,
        }
    }

    /// Whether a pod of this node answers for a webhook, alone or not.
    pub(super) fn answers_webhooks(&self, node: &NodeName) -> bool {
        self.webhooks
            .iter()
            .any(|webhook| webhook.by.contains(node))
    }

    /// What goes unanswered while the target and the others of its wave are away.
    pub(super) fn judge(
        &self,
        target: &Target,
        wave: &[Target],
        on_node: &[&Pod],
        leaving: &[&Pod],
    ) -> Vec<Reason> {
        let away = |node: &&NodeName| wave.iter().any(|other| other.name == **node);
        let mut by_service = BTreeMap::new();
        for Answered { webhook, by } in &self.webhooks {
            if by.contains(&target.name) && by.iter().all(away) {
                self.note(&mut by_service, webhook, target, leaving);
            }
        }
        let mut reasons: Vec<Reason> = by_service
            .into_iter()
            .map(|(service, (webhooks, asked))| Reason::OnlyWebhookBackends {
                service,
                webhooks: webhooks.into_iter().collect(),
                asked: asked.into_iter().collect(),
            })
            .collect();
        reasons.extend(self.sent_to_pods_that_stay(target, on_node, leaving));
        reasons
    }

    /// What holds for no target in particular: webhooks that nobody answers even now, and balancers that send to every node.
    pub(super) fn beforehand(&self, targets: &[(&Target, Vec<&Pod>)]) -> Vec<Reason> {
        let mut by_service = BTreeMap::new();
        for Answered { webhook, by } in &self.webhooks {
            if by.is_empty() {
                for (target, leaving) in targets {
                    self.note(&mut by_service, webhook, target, leaving);
                }
            }
        }
        let mut reasons: Vec<Reason> = by_service
            .into_iter()
            .map(|(service, (webhooks, asked))| Reason::WebhookUnanswered {
                service,
                webhooks: webhooks.into_iter().collect(),
                asked: asked.into_iter().collect(),
            })
            .collect();
        let services: Vec<String> = self.balanced(Balanced::ToEveryNode).map(name).collect();
        let sent_to: Vec<NodeName> = targets
            .iter()
            .filter(|(target, _)| !self.is_excluded(target))
            .map(|(target, _)| target.name.clone())
            .collect();
        if !services.is_empty() && !sent_to.is_empty() {
            reasons.push(Reason::BalancersSendOn {
                services,
                nodes: sent_to,
            });
        }
        reasons
    }

    /// Adds the webhook to those of its Service, if it is asked about anything that is done to the target.
    fn note(
        &self,
        by_service: &mut BTreeMap<String, (BTreeSet<String>, BTreeSet<Asked>)>,
        webhook: &Webhook,
        target: &Target,
        leaving: &[&Pod],
    ) {
        let asked: BTreeSet<Asked> = webhook
            .asked_about
            .iter()
            .filter(|asked| match asked {
                Asked::Nodes => self
                    .nodes
                    .get(&target.name)
                    .is_some_and(|node| webhook.objects.picks(&node.labels)),
                Asked::Evictions | Asked::NewPods | Asked::RemovedPods => {
                    leaving.iter().any(|pod| self.is_about(webhook, pod))
                }
            })
            .copied()
            .collect();
        if !asked.is_empty() {
            let (namespace, service) = &webhook.service;
            let entry = by_service.entry(format!("{namespace}/{service}"));
            let (webhooks, all) = entry.or_default();
            webhooks.insert(webhook.name.clone());
            all.extend(asked);
        }
    }

    /// Where the labels of a namespace are not known it is taken to be meant.
    fn is_about(&self, webhook: &Webhook, pod: &Pod) -> bool {
        let namespace = self.namespaces.get(pod.key.namespace.as_str());
        namespace.is_none_or(|labels| webhook.namespaces.picks(labels))
            && webhook.objects.picks(&pod.labels)
    }

    /// A balancer that looks where the pods are leaves a node when they do; pods that stay keep it sending until the node is down.
    fn sent_to_pods_that_stay(
        &self,
        target: &Target,
        on_node: &[&Pod],
        leaving: &[&Pod],
    ) -> Option<Reason> {
        if self.is_excluded(target) {
            return None;
        }
        let stays = |pod: &&&Pod| !leaving.iter().any(|other| other.uid == pod.uid);
        let services: Vec<String> = self
            .balanced(Balanced::ToNodesWithPods)
            .filter(|service| {
                let mut pods = on_node.iter().filter(|pod| answers(service, pod));
                pods.any(|pod| stays(&pod))
            })
            .map(name)
            .collect();
        (!services.is_empty()).then_some(Reason::BalancersSendToStaying { services })
    }

    fn balanced(&self, how: Balanced) -> impl Iterator<Item = &'a Service> {
        let services = self.snapshot.services.iter();
        services.filter(move |service| service.balanced == Some(how))
    }

    fn is_excluded(&self, target: &Target) -> bool {
        let node = self.nodes.get(&target.name);
        node.is_some_and(|node| node.label(EXCLUDED).is_some())
    }
}

fn name(service: &Service) -> String {
    format!("{}/{}", service.namespace, service.name)
}

fn answers(service: &Service, pod: &Pod) -> bool {
    let is_picked = |(key, value): (&String, &String)| pod.labels.get(key) == Some(value);
    !service.selector.is_empty()
        && pod.key.namespace == service.namespace
        && pod.ready
        && pod.deletion.is_none()
        && !pod.phase.is_finished()
        && service.selector.iter().all(is_picked)
}

fn answering<'a>(service: &Service, pods: &'a [Pod]) -> BTreeSet<&'a NodeName> {
    pods.iter()
        .filter(|pod| answers(service, pod))
        .filter_map(|pod| pod.node.as_ref())
        .collect()
}
