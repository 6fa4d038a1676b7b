//! Who would miss a node, case by case: what is on it, what is elsewhere, and what the plan says.

use super::tests::{all_pending, foreseen, foreseen_by, node, of_node, pod};
use crate::core::model::{
    Asked, Balanced, LabelSelector, Namespace, Operator, Owner, Pod, Requirement, Service,
    Snapshot, Uid, Unread, Webhook,
};
use crate::core::reason::Reason;

fn service(namespace: &str, app: &str, balanced: Option<Balanced>) -> Service {
    Service {
        namespace: namespace.into(),
        name: app.into(),
        selector: [("app".to_owned(), app.to_owned())].into(),
        balanced,
    }
}

fn webhook(name: &str, asked: &[Asked]) -> Webhook {
    Webhook {
        name: name.into(),
        service: ("guard".into(), "guard".into()),
        asked_about: asked.iter().copied().collect(),
        namespaces: LabelSelector::default(),
        objects: LabelSelector::default(),
    }
}

/// `a` and `b` with a pod of a shop each, in one pool and zone; nobody guards them.
fn unguarded() -> Snapshot {
    Snapshot {
        nodes: vec![node("a", "user", "1"), node("b", "user", "1")],
        pods: vec![
            pod("shop", "web", 1, Some("a")),
            pod("shop", "web", 2, Some("b")),
        ],
        services: vec![service("guard", "guard", None)],
        ..Snapshot::default()
    }
}

/// Guarded by pods on these nodes.
fn guarded(on: &[&str], webhooks: Vec<Webhook>) -> Snapshot {
    let mut snapshot = unguarded();
    let guards = on.iter().enumerate();
    snapshot
        .pods
        .extend(guards.map(|(number, node)| pod("guard", "guard", number, Some(node))));
    snapshot.webhooks = webhooks;
    snapshot
}

fn of_webhooks(reasons: Vec<Reason>) -> Vec<Reason> {
    let is_of_them = |reason: &Reason| {
        matches!(
            reason,
            Reason::OnlyWebhookBackends { .. } | Reason::WebhookUnanswered { .. }
        )
    };
    reasons.into_iter().filter(is_of_them).collect()
}

/// What the plan says of webhooks at each node, and beside.
fn said(snapshot: &Snapshot, at_once: u32) -> [Vec<Reason>; 3] {
    let found = foreseen_by(at_once, snapshot, &all_pending(snapshot), None);
    [
        of_webhooks(of_node(&found, "a")),
        of_webhooks(of_node(&found, "b")),
        of_webhooks(found.warnings),
    ]
}

fn only(webhooks: &[&str], asked: &[Asked]) -> Vec<Reason> {
    vec![Reason::OnlyWebhookBackends {
        service: "guard/guard".into(),
        webhooks: webhooks.iter().map(|&name| name.to_owned()).collect(),
        asked: asked.to_vec(),
    }]
}

#[test]
fn a_webhook_is_named_where_all_its_backends_are_away_together() {
    let asked = [Asked::Evictions];
    let here = only(&["x"], &asked);
    let none = Vec::new;
    for (on, at_once, a, b) in [
        (&["a"][..], 1, here.clone(), none()),
        (&["b"], 1, none(), here.clone()),
        (&["a", "a"], 1, here.clone(), none()),
        (&["a", "b"], 1, none(), none()),
        (&["a", "b"], 2, here.clone(), here.clone()),
        // The other node of the wave has none of them.
        (&["a"], 2, here.clone(), none()),
    ] {
        let snapshot = guarded(on, vec![webhook("x", &asked)]);
        assert_eq!(
            said(&snapshot, at_once),
            [a, b, none()],
            "{on:?}, {at_once} at once"
        );
    }
}

#[test]
fn nodes_that_answer_for_a_webhook_come_last_in_waves_of_their_own() {
    let asked = [Asked::Evictions];
    for (on, hooks, expected) in [
        (&["a"][..], vec![webhook("x", &asked)], [("b", 1), ("a", 2)]),
        (&["b"], vec![webhook("x", &asked)], [("a", 1), ("b", 2)]),
        (
            &["a", "b"],
            vec![webhook("x", &asked)],
            [("a", 1), ("b", 1)],
        ),
        // Pods of a Service that no webhook names.
        (&["a"], vec![], [("a", 1), ("b", 1)]),
    ] {
        let snapshot = guarded(on, hooks);
        let found = foreseen_by(2, &snapshot, &all_pending(&snapshot), None);
        let targets = found.selection.targets.iter();
        let order: Vec<_> = targets.map(|t| (t.name.as_str(), t.wave)).collect();
        assert_eq!(order, expected, "{on:?}");
    }
}

#[test]
fn a_pod_that_is_not_ready_or_ends_answers_nothing() {
    let asked = [Asked::Nodes];
    for change in [
        (|pod: &mut Pod| pod.ready = false) as fn(&mut Pod),
        |pod| pod.deletion = Some(jiff::Timestamp::UNIX_EPOCH),
        |pod| pod.labels.clear(),
        |pod| pod.key.namespace = "shop".into(),
    ] {
        let mut snapshot = guarded(&["a", "b"], vec![webhook("x", &asked)]);
        change(snapshot.pods.last_mut().expect("a guard"));
        assert_eq!(said(&snapshot, 1), [only(&["x"], &asked), vec![], vec![]]);
    }
}

#[test]
fn webhooks_of_one_service_are_told_together_and_only_of_what_is_done_to_the_node() {
    let mut elsewhere = webhook("elsewhere", &[Asked::NewPods]);
    elsewhere.objects.equal = [("app".to_owned(), "bank".to_owned())].into();
    let mut not_here = webhook("not-here", &[Asked::Evictions]);
    not_here.namespaces.expressions = vec![Requirement {
        key: "name".into(),
        operator: Operator::NotIn,
        values: vec!["shop".into(), "guard".into()],
    }];
    let webhooks = vec![
        webhook("y", &[Asked::Nodes]),
        webhook("x", &[Asked::NewPods, Asked::RemovedPods]),
        elsewhere,
        not_here,
    ];
    let mut snapshot = guarded(&["a"], webhooks);
    snapshot.namespaces = ["shop", "guard"]
        .map(|name| Namespace {
            name: name.into(),
            uid: Uid::new(name),
            labels: [("name".to_owned(), name.to_owned())].into(),
            ending: false,
        })
        .into();
    let asked = [Asked::NewPods, Asked::RemovedPods, Asked::Nodes];
    assert_eq!(said(&snapshot, 1)[0], only(&["x", "y"], &asked));
    // Of namespaces whose labels are not known it is said.
    snapshot.namespaces.clear();
    let asked = [
        Asked::Evictions,
        Asked::NewPods,
        Asked::RemovedPods,
        Asked::Nodes,
    ];
    assert_eq!(said(&snapshot, 1)[0], only(&["not-here", "x", "y"], &asked));
}

#[test]
fn a_webhook_that_nobody_answers_is_told_once_and_what_is_not_known_not_at_all() {
    let asked = [Asked::Evictions];
    let unanswered = vec![Reason::WebhookUnanswered {
        service: "guard/guard".into(),
        webhooks: vec!["x".into()],
        asked: asked.to_vec(),
    }];
    let mut snapshot = guarded(&[], vec![webhook("x", &asked)]);
    assert_eq!(said(&snapshot, 1), [vec![], vec![], unanswered.clone()]);
    snapshot.services.clear();
    assert_eq!(said(&snapshot, 1), [vec![], vec![], unanswered]);
    // Endpoints made by hand.
    snapshot.services = vec![Service {
        selector: [].into(),
        ..service("guard", "guard", None)
    }];
    assert_eq!(said(&snapshot, 1), [vec![], vec![], vec![]]);
    snapshot.services.clear();
    snapshot.unread = vec![Unread {
        what: "services",
        message: "forbidden".into(),
    }];
    assert_eq!(said(&snapshot, 1), [vec![], vec![], vec![]]);
}

#[test]
fn a_balancer_that_sends_to_every_node_is_told_of_nodes_that_it_does_not_leave_out() {
    let mut snapshot = unguarded();
    snapshot.services = vec![
        service("shop", "web", Some(Balanced::ToEveryNode)),
        service("shop", "api", Some(Balanced::ToNodesWithPods)),
        service("shop", "own", None),
    ];
    let told = |snapshot: &Snapshot| {
        let found = foreseen(snapshot, &all_pending(snapshot), None);
        let sent = found.warnings.into_iter().find_map(|reason| match reason {
            Reason::BalancersSendOn { services, nodes } => Some((services, nodes)),
            _ => None,
        });
        sent.map(|(services, nodes)| (services, nodes.len()))
    };
    assert_eq!(told(&snapshot), Some((vec!["shop/web".into()], 2)));
    for (node, left) in [(0, Some(1)), (1, None)] {
        let label = "node.kubernetes.io/exclude-from-external-load-balancers";
        snapshot.nodes[node]
            .labels
            .insert(label.into(), String::new());
        assert_eq!(told(&snapshot).map(|(_, nodes)| nodes), left);
    }
}

#[test]
fn a_balancer_that_sends_to_pods_is_told_only_of_pods_that_stay() {
    let local = Some(Balanced::ToNodesWithPods);
    let mut snapshot = unguarded();
    snapshot.services = vec![
        service("shop", "web", local),
        service("shop", "edge", local),
    ];
    let mut edge = pod("shop", "edge", 1, Some("a"));
    edge.owner = Some(Owner {
        kind: "DaemonSet".into(),
        ..edge.owner.expect("an owner")
    });
    snapshot.pods.push(edge);
    snapshot.pods.sort_by(|a, b| a.key.cmp(&b.key));
    let found = foreseen(&snapshot, &all_pending(&snapshot), None);
    let services = vec!["shop/edge".to_owned()];
    let told = Reason::BalancersSendToStaying { services };
    assert!(of_node(&found, "a").contains(&told), "{found:?}");
    assert!(!of_node(&found, "b").contains(&told), "{found:?}");
}
