//! What a plan foresees of a drain, in words, with its numbers; and what a person can do about it.

use crate::core::model::{Asked, PodKey};
use crate::core::reason::{Held, Kin, Reason};

use super::doubt::kind;
use super::reason::{in_words as any_in_words, names};
use super::text::{count, some_of};

pub(super) fn in_words(reason: &Reason) -> String {
    match reason {
        Reason::NeverDrains { because } => {
            let because: Vec<String> = because.iter().map(any_in_words).collect();
            format!("its drain would never end: {}", because.join("; "))
        }
        Reason::BudgetNever { held, most } => format!(
            "{} never lets {} go: it wants {} healthy, and there are never more than {most}",
            budget(held),
            pods(held),
            held.desired
        ),
        Reason::BudgetUncountable {
            held,
            pod,
            controller,
        } => format!(
            "{} never lets {} go: it cannot count {pod}, whose controller ({controller}) has no scale",
            budget(held),
            pods(held),
        ),
        Reason::BudgetsOfPod { pod, budgets } => format!(
            "{pod} has {} ({}), and the eviction API refuses such a pod for good",
            count(budgets.len(), "disruption budget"),
            some_of(budgets, 4)
        ),
        Reason::BudgetNotNow {
            held,
            unready,
            missing,
        } => {
            let mut lacking = Vec::new();
            if !unready.is_empty() {
                lacking.push(format!("not healthy: {}", some_of(&names(unready), 4)));
            }
            if *missing > 0 {
                lacking.push(format!("{missing} not there yet"));
            }
            let lacking = if lacking.is_empty() {
                String::new()
            } else {
                format!("; {}", lacking.join("; "))
            };
            format!(
                "{} does not let {} go now: {} of {} healthy, it wants {}{lacking}",
                budget(held),
                pods(held),
                held.healthy,
                held.expected,
                held.desired
            )
        }
        Reason::BudgetBehind { held } => format!(
            "{} does not let {} go now: it was changed, and its controller has not counted since",
            budget(held),
            pods(held)
        ),
        Reason::BudgetSlow { held, rounds } => format!(
            "{} lets {} of {} go at a time: {}",
            budget(held),
            held.allowed,
            pods(held),
            count(*rounds as usize, "round")
        ),
        Reason::BudgetShared {
            namespace,
            budget,
            nodes,
            pods,
            allowed,
        } => format!(
            "budget {namespace}/{budget} allows {allowed} of the {} that leave {} at the same time",
            count(*pods as usize, "pod"),
            some_of(
                &nodes.iter().map(ToString::to_string).collect::<Vec<_>>(),
                6
            )
        ),
        Reason::NoRoom {
            pods,
            nodes,
            why,
            pool,
        } => {
            let why: Vec<String> = why
                .iter()
                .map(|lack| format!("{} {}", lack.nodes, lack.what))
                .collect();
            let until = match pool {
                Some(pool) => format!(
                    "until this node is back, or an autoscaler adds one to pool {pool}, where an empty one would do"
                ),
                None => "until this node is back".to_owned(),
            };
            format!(
                "no room elsewhere for {}, which wait {until}: 0/{nodes} nodes are available: {}",
                some(pods),
                some_of(&why, 6)
            )
        }
        Reason::RoomByOrder { pods } => format!(
            "there may be no room elsewhere for {}: it depends on which pods come first",
            some(pods)
        ),
        Reason::RoomNotJudged { pods, demands } => format!(
            "whether there is room elsewhere for {} is not known: {} not judged",
            some(pods),
            some_of(demands, 4)
        ),
        Reason::SingleReplicas { workloads } => format!(
            "gone until their one pod is Ready elsewhere: {}",
            some_of(workloads, 6)
        ),
        Reason::AllOnOneNode { workloads } => {
            format!("all pods are on this node: {}", some_of(workloads, 6))
        }
        Reason::LastReadyNode { of } => {
            let of = match of {
                Kin::Role(role) => format!("role {role}"),
                Kin::Pool(pool) => format!("pool {pool}"),
                Kin::Zone(zone) => format!("zone {zone}"),
            };
            format!("the only available node of {of}")
        }
        Reason::SystemPodsLeave { pods } => format!("system pods leave: {}", some(pods)),
        Reason::OnlyWebhookBackends {
            service,
            webhooks,
            asked,
        } => format!(
            "while it is away nobody answers webhook {}, which fails closed (Service {service}): {} refused",
            some_of(webhooks, 3),
            refused(asked)
        ),
        Reason::WebhookUnanswered {
            service,
            webhooks,
            asked,
        } => format!(
            "nobody answers webhook {}, which fails closed: Service {service} has no Ready pod, so {} refused",
            some_of(webhooks, 3),
            refused(asked)
        ),
        Reason::BalancersSendOn { services, nodes } => format!(
            "{} with externalTrafficPolicy Cluster: the balancer goes on sending to {} until its probe has failed: {}",
            count(services.len(), "LoadBalancer Service"),
            match &nodes[..] {
                [one] => one.to_string(),
                more => format!("each of {}", count(more.len(), "node")),
            },
            some_of(services, 4)
        ),
        Reason::BalancersSendToStaying { services } => format!(
            "pods that stay on it are sent to by balancers until it is down: {}",
            some_of(services, 4)
        ),
        Reason::DaemonSetGone { pods } => format!(
            "the DaemonSet is gone of {}: nothing makes such a pod again, and it stays",
            some(pods)
        ),
        Reason::NodesNotReady { nodes } => format!(
            "{} not Ready before anything begins: {}",
            count(nodes.len(), "node"),
            some_of(nodes, 6)
        ),
        Reason::NodesCordoned { nodes } => format!(
            "{} cordoned before anything begins: {}",
            count(nodes.len(), "node"),
            some_of(nodes, 6)
        ),
        Reason::DaemonSetsNotReady { behind } => {
            let gaps: Vec<String> = behind
                .iter()
                .map(|gap| format!("{} {}/{}", gap.workload, gap.ready, gap.wanted))
                .collect();
            format!(
                "not all Ready before anything begins: {}",
                some_of(&gaps, 4)
            )
        }
        Reason::PodsWithoutNode { pods } => format!(
            "pods without a node before anything begins, which take the room that others leave: {}",
            some(pods)
        ),
        Reason::OwnNode { pod } => {
            format!("this program runs on it, in pod {pod}: it would evict itself")
        }
        Reason::PlanDrift {
            field,
            planned,
            now,
            because,
        } => {
            let because: Vec<String> = because.iter().map(any_in_words).collect();
            let why = if because.is_empty() {
                String::new()
            } else {
                format!(" ({})", because.join("; "))
            };
            format!("{field} was {planned} and is {now}{why}")
        }
        Reason::NotProved { what, message } => {
            let proof = match what.as_str() {
                "poddisruptionbudgets" => "whether budgets hold a drain",
                "deployments" | "replicasets" | "statefulsets" => {
                    "whether a budget that is shut will ever open"
                }
                "persistentvolumes" => {
                    "on which nodes the volumes of pods can be used, and they are taken to be bound to their zones"
                }
                "csinodes" => "how many more volumes the nodes may take",
                "services" => "which webhooks and balancers would miss a node",
                "validatingwebhookconfigurations" | "mutatingwebhookconfigurations" => {
                    "which webhooks would miss a node"
                }
                _ => "what the plan would prove by them",
            };
            format!("{what} cannot be listed, so it is not known {proof}: {message}")
        }
        other => kind(other),
    }
}

pub(super) fn remedies(reason: &Reason) -> Option<Vec<String>> {
    Some(match reason {
        Reason::NeverDrains { because } => {
            because.iter().flat_map(super::reason::remedies).collect()
        }
        Reason::BudgetNever { held, .. } => vec![format!(
            "scale its workload up, or loosen the budget: kubectl edit poddisruptionbudget -n {} {}",
            held.namespace, held.budget
        )],
        Reason::BudgetUncountable { held, .. } => vec![format!(
            "give the budget a number as minAvailable, or another selector: kubectl edit poddisruptionbudget -n {} {}",
            held.namespace, held.budget
        )],
        Reason::BudgetsOfPod { pod, .. } => vec![format!(
            "keep one of them: kubectl get poddisruptionbudget -n {}",
            pod.namespace
        )],
        Reason::BudgetNotNow { held, .. } | Reason::BudgetBehind { held } => vec![format!(
            "the budget opens when more of its pods are Ready: kubectl describe poddisruptionbudget -n {} {}",
            held.namespace, held.budget
        )],
        Reason::OnlyWebhookBackends { service, .. } | Reason::WebhookUnanswered { service, .. } => {
            vec![format!(
                "have it answered from another node too: kubectl get endpointslices -n {} -l kubernetes.io/service-name={}",
                service.split('/').next().unwrap_or_default(),
                service.split('/').nth(1).unwrap_or_default()
            )]
        }
        Reason::BalancersSendOn { nodes, .. } => vec![format!(
            "to have a node left out before it goes: kubectl label node {} node.kubernetes.io/exclude-from-external-load-balancers=true",
            match &nodes[..] {
                [one] => one.as_str(),
                _ => "NODE",
            }
        )],
        Reason::NotProved { .. } => {
            vec!["the role of a roll has this right: aksreboot manifests roll".into()]
        }
        Reason::BudgetSlow { .. }
        | Reason::BudgetShared { .. }
        | Reason::NoRoom { .. }
        | Reason::SingleReplicas { .. }
        | Reason::AllOnOneNode { .. }
        | Reason::LastReadyNode { .. }
        | Reason::SystemPodsLeave { .. }
        | Reason::BalancersSendToStaying { .. }
        | Reason::DaemonSetGone { .. }
        | Reason::NodesNotReady { .. }
        | Reason::NodesCordoned { .. }
        | Reason::DaemonSetsNotReady { .. }
        | Reason::PodsWithoutNode { .. }
        | Reason::RoomByOrder { .. }
        | Reason::RoomNotJudged { .. } => Vec::new(),
        Reason::OwnNode { .. } => vec!["roll this node from somewhere else".into()],
        Reason::PlanDrift { .. } => {
            vec!["make a new plan, and read it: aksreboot plan --out FILE".into()]
        }
        _ => return None,
    })
}

/// What is refused, with its verb.
fn refused(asked: &[Asked]) -> String {
    let words: Vec<&str> = asked
        .iter()
        .map(|asked| match asked {
            Asked::Evictions => "evictions",
            Asked::NewPods => "new pods",
            Asked::RemovedPods => "the removal of ended pods",
            Asked::Nodes => "changes of nodes",
        })
        .collect();
    let verb = if matches!(asked, [Asked::RemovedPods]) {
        "is"
    } else {
        "are"
    };
    format!("{} {verb}", words.join(", "))
}

fn budget(held: &Held) -> String {
    format!("budget {}/{} ({})", held.namespace, held.budget, held.bound)
}

fn pods(held: &Held) -> String {
    some(&held.pods)
}

fn some(pods: &[PodKey]) -> String {
    match pods {
        [one] => one.to_string(),
        pods => format!(
            "{} ({})",
            count(pods.len(), "pod"),
            some_of(&names(pods), 3)
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::model::NodeName;

    #[test]
    fn who_would_miss_a_node_is_told_with_what_to_do() {
        let only = |asked: &[Asked]| Reason::OnlyWebhookBackends {
            service: "kyverno/kyverno-svc".into(),
            webhooks: vec!["validate.kyverno.svc-fail".into()],
            asked: asked.to_vec(),
        };
        let sent_to = |nodes: &[&str]| Reason::BalancersSendOn {
            services: vec!["shop/web".into()],
            nodes: nodes.iter().copied().map(NodeName::from).collect(),
        };
        for (reason, words, remedy) in [
            (
                only(&[Asked::Evictions, Asked::NewPods]),
                "while it is away nobody answers webhook validate.kyverno.svc-fail, which fails closed (Service kyverno/kyverno-svc): \
                 evictions, new pods are refused",
                "kubectl get endpointslices -n kyverno -l kubernetes.io/service-name=kyverno-svc",
            ),
            (
                only(&[Asked::RemovedPods]),
                "the removal of ended pods is refused",
                "have it answered from another node too",
            ),
            (
                sent_to(&["node-1"]),
                "1 LoadBalancer Service with externalTrafficPolicy Cluster: the balancer goes on sending to node-1 until its probe has \
                 failed: shop/web",
                "kubectl label node node-1 node.kubernetes.io/exclude-from-external-load-balancers=true",
            ),
            (
                sent_to(&["node-1", "node-2"]),
                "sending to each of 2 nodes until",
                "kubectl label node NODE node.kubernetes.io/",
            ),
        ] {
            let said = in_words(&reason);
            assert!(said.contains(words), "{said}");
            let remedies = remedies(&reason).expect("a plan's reason");
            assert!(remedies[0].contains(remedy), "{remedies:?}");
        }
    }
}
