//! Webhooks that fail closed and are served by a pod of the node that is drained: denying, gone, leaving with the node, and asked about
//! the removal of their own pod. And what a plan says of such a node.

use std::time::Duration;

use crate::suite::IMAGE;
use crate::suite::audit::Audit;
use crate::suite::condition;
use crate::suite::lab::Lab;
use crate::suite::webhook::{Asked, GUARD, NAME, Webhook, down, reached_on};
use crate::suite::workload::budget;

use super::drains::{NODE, RESTORED, SHOP, answers, is_drained, pods, shop, show};

const ADMITS: Webhook<'static> = Webhook {
    asked: Asked::Evictions,
    namespace: SHOP,
    nodes: &[NODE],
    denies: "",
};

fn failed() -> String {
    format!("failed calling webhook \"{NAME}\"")
}

#[test]
#[ignore = "lab-full"]
fn a_webhook_that_denies_evictions_stops_the_drain_with_its_words_and_the_node_is_opened() {
    let lab = Lab::begin();
    shop(&lab, &[NODE]);
    Webhook {
        denies: "not before Monday",
        ..ADMITS
    }
    .up(&lab);
    let before = [pods(&lab, SHOP), pods(&lab, GUARD)].concat();
    let audit = Audit::from_here(&lab);
    let ended = lab.run(&["drain", NODE, "--timeout", "60s"]);
    show(&ended);
    ended
        .exits(3)
        .says("lab-1: stopped at drain: evicting ")
        .says(&format!(
            "admission webhook \"{NAME}\" denied the request: not before Monday"
        ))
        .says(RESTORED);
    lab.is_as_before(&[NODE]);
    assert_eq!([pods(&lab, SHOP), pods(&lab, GUARD)].concat(), before);
    let answers = answers(&audit, &before);
    assert!(
        !answers.is_empty() && answers.iter().all(|code| *code == 403),
        "{answers:?}"
    );
    assert!(answers.len() <= before.len(), "asked again: {answers:?}");
}

#[test]
#[ignore = "lab-full"]
fn a_webhook_that_nobody_answers_is_tried_again_until_the_limit_and_the_node_is_opened() {
    let lab = Lab::begin();
    shop(&lab, &[NODE]);
    ADMITS.up(&lab);
    down(&lab);
    let (before, audit) = (pods(&lab, SHOP), Audit::from_here(&lab));
    let ended = lab.run(&["drain", NODE, "--timeout", "9s"]);
    show(&ended);
    ended
        .exits(3)
        .says("lab-1: stopped at drain: evicting shop/web-")
        .says(&failed())
        .says(RESTORED);
    lab.is_as_before(&[NODE]);
    assert_eq!(pods(&lab, SHOP), before, "{ended}");
    let named = ended.line(&failed()).at;
    let tried = ended
        .line("drain: stops: ")
        .at
        .saturating_duration_since(named);
    assert!(
        tried > Duration::from_secs(7),
        "given up after {tried:?}\n{ended}"
    );
    let answers = answers(&audit, &before);
    assert!(answers.iter().all(|code| *code == 500), "{answers:?}");
    assert!((4..=6).contains(&answers.len()), "every 2 s: {answers:?}");
}

#[test]
#[ignore = "lab-full"]
fn a_webhook_whose_pod_leaves_with_the_node_is_waited_for_until_it_answers_elsewhere() {
    let lab = Lab::begin();
    shop(&lab, &[NODE, "lab-2"]);
    Webhook {
        nodes: &[NODE, "lab-2"],
        ..ADMITS
    }
    .up(&lab);
    // Shut, so that the webhook's pod leaves first.
    budget(&lab, SHOP, "web", 1);
    let before = [pods(&lab, SHOP), pods(&lab, GUARD)].concat();
    let audit = Audit::from_here(&lab);
    let mut running = lab.start(&["drain", NODE, "--timeout", "90s"]);
    running.until(&failed());
    lab.kubectl(&["delete", "poddisruptionbudget", "-n", SHOP, "web"]);
    lab.until("the webhook's pod is Ready elsewhere", 60, || {
        let pods = lab.get(&["pods", "-n", GUARD]);
        let mut pods = pods["items"].as_array().into_iter().flatten();
        pods.any(|pod| pod["spec"]["nodeName"] == "lab-2" && condition(pod, "Ready"))
    });
    assert_eq!(
        pods(&lab, SHOP),
        before[..1],
        "gone without the webhook's yes"
    );
    reached_on(&lab, "lab-2");
    let ended = running.end();
    show(&ended);
    is_drained(&lab, SHOP, &ended);
    assert_eq!(pods(&lab, GUARD), [], "{ended}");
    let answers = answers(&audit, &before);
    let of = |wanted: u64| answers.iter().filter(|code| **code == wanted).count();
    assert_eq!(of(201), 2, "{answers:?}\n{ended}");
    assert!(of(429) > 0 && of(500) > 0, "{answers:?}\n{ended}");
    assert_eq!(answers.last(), Some(&201), "{answers:?}\n{ended}");
}

#[test]
#[ignore = "lab-full"]
fn a_pod_whose_removal_only_it_could_admit_is_waited_for_and_the_node_is_opened_so_that_it_can() {
    let lab = Lab::begin();
    lab.apply_manifests(&["namespace"]);
    Webhook {
        asked: Asked::Removals,
        ..ADMITS
    }
    .up(&lab);
    let (before, audit) = (pods(&lab, GUARD), Audit::from_here(&lab));
    let ended = lab.run(&["drain", NODE, "--timeout", "15s"]);
    show(&ended);
    ended
        .exits(3)
        .says("lab-1: stopped at drain: 1 pod still on the node: guard/guard-")
        .says(RESTORED);
    lab.is_as_before(&[NODE]);
    assert_eq!(answers(&audit, &before), [201], "{ended}");
    // The next pod starts on the open node, and answers for the removal of the one before.
    lab.until("the pod that has ended is removed", 90, || {
        let now = pods(&lab, GUARD);
        now.len() == 1 && now != before
    });
}

#[test]
#[ignore = "lab-full"]
fn a_plan_names_a_webhook_that_fails_closed_and_would_miss_the_node_and_one_that_nobody_answers() {
    let lab = Lab::begin();
    shop(&lab, &[NODE]);
    ADMITS.up(&lab);
    lab.mark(NODE, &["libc6"]);
    let plans = |words: &str| {
        let ended = lab.run(&["plan", NODE, "--image", IMAGE]);
        ended.exits(0);
        assert!(ended.stdout.contains(words), "{words}\n{ended}");
    };
    plans(&format!(
        "while it is away nobody answers webhook {NAME}, which fails closed (Service {GUARD}/{GUARD}): "
    ));
    down(&lab);
    plans(&format!(
        "nobody answers webhook {NAME}, which fails closed: Service {GUARD}/{GUARD} has no Ready pod, so "
    ));
    lab.is_as_before(&[NODE]);
}
