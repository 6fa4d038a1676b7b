//! Runs that were killed around their ask.

use super::*;
use crate::edge::cluster::list_nodes;
use crate::edge::node::{Purpose, trial_reboot};
use crate::sim::Ending;

/// The run is killed with its intent written and its ask on the way.
pub(super) async fn killed_before_the_ask() -> Sim {
    let ask = || Matching::first("create", "pods").holding("\"name\":\"reboot-");
    // The dry run is the first of this name.
    let late = Matching { nth: 2, ..ask() };
    let world = ready().happening(
        When::Before(late),
        What::Disturb(Disturbance::Delay(Duration::from_secs(600))),
    );
    killed(world, &[], |sim| {
        asked(sim, "patch", "nodes", "\\\"step\\\":\\\"Reboot\\\"")
    })
    .await
}

#[tokio::test(start_paused = true)]
async fn an_intent_without_an_ask_is_watched_before_the_node_is_opened() {
    let sim = killed_before_the_ask().await;
    assert!(!has_asked(&sim));
    let (sight, shown) = looked(&sim, Records::Old).await;
    let (book, began) = (Book::from_here(&sim), sim.now());
    removed(&sim, &sight, &shown).await.expect("the lock");
    let took = Duration::try_from(sim.now().duration_since(began)).expect("forward");
    assert!(took >= crate::core::cleanup::ON_ITS_WAY, "{took:?}");
    let acts = book.acts(&sim);
    assert_eq!(
        acts.first().map(String::as_str),
        Some("patch leases aksreboot")
    );
    let changes: Vec<&String> = acts
        .iter()
        .filter(|act| !act.contains("patch leases"))
        .collect();
    assert_eq!(
        changes,
        ["patch nodes node-1 (uncordons)", "delete leases aksreboot"]
    );
    assert!(!is_cordoned(&sim, "node-1"));
}

#[tokio::test(start_paused = true)]
async fn an_ask_that_comes_late_keeps_the_node_cordoned_until_it_has_rebooted() {
    let sim = killed_before_the_ask().await;
    let (sight, shown) = looked(&sim, Records::Old).await;
    let late = async {
        tokio::time::sleep(Duration::from_secs(20)).await;
        let (cluster, _) = over(&sim);
        let nodes = list_nodes(&cluster.client, "").await.expect("nodes").items;
        let boot = nodes[0].boot.clone().expect("a boot");
        let mut pod = serde_json::to_value(trial_reboot(&nodes[0], &boot, "i:1", Purpose::Reboot))
            .expect("JSON");
        let not_after = sim.now().as_second() + 300;
        pod["spec"]["containers"][0]["env"][3]["value"] = not_after.to_string().into();
        let path = "/api/v1/namespaces/aksreboot/pods";
        wire::post::<Value>(&cluster.client, path, &pod)
            .await
            .expect("a pod");
    };
    let (told, ()) = tokio::join!(removed(&sim, &sight, &shown), late);
    let told = told.expect("the lock");
    assert!(
        told.iter()
            .any(|(what, outcome)| what == "mark of node node-1" && *outcome == Outcome::Changed),
        "{told:?}"
    );
    assert!(is_cordoned(&sim, "node-1") && is_marked(&sim, "node-1"));

    tokio::time::sleep(Duration::from_secs(120)).await;
    assert_eq!(sim.node("node-1").expect("a node").boots, 1);
    let book = Book::from_here(&sim);
    cleaned(&sim).await;
    assert_eq!(
        book.acts(&sim),
        [
            "patch leases aksreboot",
            "delete pods reboot",
            "patch nodes node-1 (uncordons)",
            "delete leases aksreboot",
        ]
    );
    assert_clean(&sim).await;
}

#[tokio::test(start_paused = true)]
async fn with_an_ask_outstanding_nothing_is_touched() {
    let world = ready().with_machine("node-1", |machine| {
        machine.reboot.ending = Ending::NothingHappens;
    });
    let sim = killed(world, &[], has_asked).await;
    let (_, shown) = looked(&sim, Records::Old).await;
    assert!(shown.is_empty(), "{shown:?}");
    assert!(matches!(
        shown.marks[0].fate,
        Fate::Leave(Stays::AskOutstanding { .. })
    ));
    assert!(matches!(shown.pods[0].fate, Fate::Leave(_)));
    assert_eq!(shown.lease, Some(Fate::Leave(Stays::MarksAreLeft)));
}
