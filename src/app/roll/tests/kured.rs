//! Rolls of clusters in which kured reboots nodes too: one of the two has the cluster at a time.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Rolled, roll, roll_with, three};
use crate::core::engine::{Act, Outcome, Step};
use crate::core::event::{Event, What as Told};
use crate::core::reason::Reason;
use crate::edge::cluster::wire::{self, PatchKind};
use crate::edge::connect::Cluster;
use crate::exit::Exit;
use crate::sim::{
    Deed, Hand, KuredAct, KuredDomain, KuredLock, Matching, Sim, What, When, Workload, World,
};

const WEAVE: &str = "weave.works/kured-node-lock";
const SETS: &str = "/apis/apps/v1/namespaces/kube-system/daemonsets/kured";

fn with_kured() -> World {
    three().workload(Workload::daemon_set("kured"))
}

fn forms() -> impl Iterator<Item = KuredLock> {
    [KuredDomain::WeaveWorks, KuredDomain::KuredDev]
        .into_iter()
        .flat_map(|domain| [1, 2].map(|slots| KuredLock { slots, domain }))
}

/// kured begins to hold its lock for a node, and nothing more.
fn takes(node: &str, lock: KuredLock) -> What {
    let node = node.to_owned();
    What::Kured(KuredAct::Takes { node, lock })
}

fn from_the_start(what: What) -> World {
    with_kured().happening(When::At(Duration::ZERO), what)
}

fn client(sim: &Sim) -> kube::Client {
    Cluster::over(sim.service(), "sim", "https://sim.invalid").client
}

async fn annotations(sim: &Sim) -> Value {
    let set: Value = wire::get(&client(sim), SETS).await.expect("a DaemonSet");
    set["metadata"]["annotations"].clone()
}

async fn annotate(sim: &Sim, key: &str, text: &str) {
    let body = json!({"metadata": {"annotations": {key: text}}});
    wire::patch::<Value>(&client(sim), SETS, PatchKind::Merge, &body)
        .await
        .expect("a patch");
}

/// Nothing of ours is left in its lock.
async fn assert_given_back(rolled: &Rolled) {
    let annotations = annotations(&rolled.sim).await.to_string();
    assert!(!annotations.contains("aksreboot/"), "{annotations}");
}

#[tokio::test(start_paused = true)]
async fn its_lock_is_taken_before_the_cordon_anew_before_the_ask_and_given_back_after_each_node() {
    let rolled = roll(with_kured(), &[]).await;
    assert_eq!(rolled.exit(), Exit::Ok, "{:?}", rolled.end);
    let node = |name: &str| {
        [
            "take kured".to_owned(),
            format!("cordon and mark {name}"),
            format!("intend Reboot, {name}"),
            "take kured".to_owned(),
            "ask".to_owned(),
            "remove ask".to_owned(),
            format!("uncordon, intend Settle, {name}"),
            format!("unmark {name}"),
            "free kured".to_owned(),
        ]
    };
    let acts: Vec<String> = rolled
        .acts()
        .into_iter()
        .filter(|act| !act.starts_with("evict") && act != "prove")
        .collect();
    assert_eq!(acts, [node("node-1"), node("node-2")].concat());
    assert_given_back(&rolled).await;
}

#[tokio::test(start_paused = true)]
async fn nodes_of_one_wave_share_it_and_the_last_gives_it_back() {
    let world = with_kured().with_machine("node-2", |machine| machine.zone = Some("1".into()));
    let rolled = roll(world, &["--max-unavailable", "2", "--no-canary"]).await;
    assert_eq!(rolled.exit(), Exit::Ok, "{:?}", rolled.end);
    let acts = rolled.acts();
    let frees = acts.iter().filter(|act| *act == "free kured").count();
    assert_eq!(
        (frees, acts.last().map(String::as_str)),
        (1, Some("free kured"))
    );
    assert_given_back(&rolled).await;
}

/// When a node of the run was in its hands, from the cordon to its end; and when kured rebooted another.
fn in_hand_and_kureds(rolled: &Rolled) -> (Vec<(Timestamp, Timestamp)>, Vec<Timestamp>) {
    let of = |wanted: &dyn Fn(&Told) -> bool| -> Vec<Timestamp> {
        let events = rolled.events.iter();
        events
            .filter(|event| wanted(&event.what))
            .map(|event| event.ts)
            .collect()
    };
    let begins = of(&|what| matches!(what, Told::StepIntent { act: Act::Cordon }));
    let ends = of(&|what| matches!(what, Told::NodeFinished { .. }));
    let kureds = rolled
        .sim
        .chronicle(0)
        .into_iter()
        .filter(|entry| matches!(&entry.deed, Deed::Rebooting(reboot) if reboot.by == Hand::Kured))
        .map(|entry| entry.at)
        .map(|at| rolled.began + at)
        .collect();
    (begins.into_iter().zip(ends).collect(), kureds)
}

/// It tries every minute, and in one of the gaps it comes to its turn.
#[tokio::test(start_paused = true)]
async fn kured_reboots_no_node_while_the_run_has_one_in_hand_whatever_its_form() {
    for lock in forms() {
        let mut begun = false;
        let rolled = roll_with(with_kured(), &["--pause-between", "5m"], |event, sim, _| {
            if event.step == Some(Step::Drain) && !begun {
                begun = true;
                let node = "node-3".to_owned();
                sim.happen(What::Kured(KuredAct::Rolls { node, lock }));
            }
        })
        .await;
        assert_eq!(rolled.exit(), Exit::Ok, "{lock:?}: {:?}", rolled.outcomes);
        let (ours, kureds) = in_hand_and_kureds(&rolled);
        assert_eq!((ours.len(), kureds.len()), (2, 1), "{lock:?}");
        for (from, to) in ours {
            assert!(
                kureds.iter().all(|at| *at < from || *at > to),
                "{lock:?}: {kureds:?} while one was in hand from {from} to {to}"
            );
        }
        assert_given_back(&rolled).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_lock_that_kured_has_is_named_and_nothing_is_touched() {
    for lock in forms() {
        let rolled = roll(from_the_start(takes("node-3", lock)), &[]).await;
        assert_eq!(rolled.exit(), Exit::Locked, "{lock:?}: {:?}", rolled.end);
        let said = rolled.refusal();
        assert!(
            said.contains("kured's lock (DaemonSet kube-system/kured) is held by node-3 since 20")
                && said.contains("expires never"),
            "{said}"
        );
        assert_eq!(rolled.acts(), [""; 0]);
    }
}

#[tokio::test(start_paused = true)]
async fn its_lock_is_ignored_only_where_that_is_asked_for() {
    let world = from_the_start(takes("node-3", KuredLock::SINGLE));
    let rolled = roll(world, &["--ignore-kured-lock"]).await;
    assert_eq!(rolled.exit(), Exit::Ok, "{:?}", rolled.end);
    assert!(!rolled.acts().iter().any(|act| act.ends_with("kured")));
    assert!(
        annotations(&rolled.sim).await[WEAVE]
            .as_str()
            .is_some_and(|text| text.contains("node-3"))
    );
}

#[tokio::test(start_paused = true)]
async fn where_it_may_not_be_written_the_roll_is_refused_before_anything_is_touched() {
    let rolled = roll(with_kured().forbidden("patch", "daemonsets"), &[]).await;
    assert_eq!(rolled.exit(), Exit::Locked, "{:?}", rolled.end);
    assert!(
        rolled.refusal().contains("cannot be had"),
        "{}",
        rolled.refusal()
    );
    assert_eq!(rolled.acts(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn between_two_nodes_the_run_waits_for_kured_with_nothing_in_its_hands() {
    let mut begun = false;
    let rolled = roll_with(with_kured(), &["--pause-between", "1m"], |event, sim, _| {
        if matches!(event.what, Told::NodeFinished { .. }) && !begun {
            begun = true;
            // The event comes before the lock is given back.
            let sim = sim.clone();
            tokio::spawn(async move {
                tokio::time::sleep(Duration::from_secs(30)).await;
                sim.happen(takes("node-3", KuredLock::SINGLE));
                tokio::time::sleep(Duration::from_secs(90)).await;
                let (node, lock) = ("node-3".to_owned(), KuredLock::SINGLE);
                sim.happen(What::Kured(KuredAct::Releases { node, lock }));
            });
        }
    })
    .await;
    assert_eq!(rolled.exit(), Exit::Ok, "{:?}", rolled.outcomes);
    let waited: Vec<&Event> = rolled
        .events
        .iter()
        .filter(|event| {
            matches!(&event.what, Told::StepWaiting { reason: Reason::KuredLock { holders, .. }, .. }
                if holders[0].node == "node-3")
        })
        .collect();
    assert_eq!(waited.len(), 1, "{:?}", rolled.waits());
    assert_eq!(waited[0].step, Some(Step::Gate));
    assert_given_back(&rolled).await;
}

/// The first patch of it is the dry run of the plan.
#[tokio::test(start_paused = true)]
async fn a_lock_that_kured_takes_at_the_same_moment_is_read_again_and_left() {
    let same = Matching::nth(2, "patch", "daemonsets");
    let world = with_kured().happening(When::Before(same), takes("node-3", KuredLock::SINGLE));
    let rolled = roll(world, &["--ready-timeout", "1m"]).await;
    assert_eq!(rolled.exit(), Exit::Locked, "{:?}", rolled.outcomes);
    let (step, why) = rolled.failed("node-1");
    assert_eq!(step, Step::Cordon);
    assert!(matches!(why, Reason::KuredLock { .. }), "{why:?}");
    assert_eq!(rolled.acts(), ["prove", "take kured -> 409"]);
    assert!(!rolled.cordoned("node-1"));
}

/// By a person's hand: no kured takes what is held.
#[tokio::test(start_paused = true)]
async fn a_lock_that_is_lost_while_the_node_drains_stops_the_roll_before_the_ask() {
    for (text, kind) in [
        (r#"{"nodeID":"node-3"}"#, "held by node-3"),
        ("broken", "no form that is known"),
    ] {
        let mut robbing = None;
        let rolled = roll_with(with_kured(), &[], |event, sim, _| {
            if event.step == Some(Step::Drain) && robbing.is_none() {
                let sim = sim.clone();
                robbing = Some(tokio::spawn(async move {
                    annotate(&sim, WEAVE, text).await;
                }));
            }
        })
        .await;
        assert_eq!(rolled.exit(), Exit::Locked, "{:?}", rolled.outcomes);
        let (step, why) = rolled.failed("node-1");
        assert_eq!(step, Step::Reboot);
        let said = crate::render::reason::in_words(why);
        assert!(said.contains(kind), "{said}");
        assert_eq!(rolled.boots("node-1"), 0);
        assert!(!rolled.cordoned("node-1") && !rolled.marked("node-1"));
        let left = annotations(&rolled.sim).await;
        assert_eq!(left[WEAVE], text, "what is not ours is left");
        assert_given_back(&rolled).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_node_that_is_left_in_the_runs_hands_keeps_kured_away_until_the_lock_expires() {
    let world = with_kured().with_machine("node-1", |machine| {
        machine.reboot.ending = crate::sim::Ending::NeverReturns;
    });
    let rolled = roll(world, &[]).await;
    assert_eq!(rolled.exit(), Exit::Stopped, "{:?}", rolled.end);
    assert!(matches!(
        rolled.outcome("node-1"),
        Outcome::Failed {
            step: Step::Return,
            ..
        }
    ));
    let warned = rolled.events.iter().any(|event| {
        matches!(
            &event.what,
            Told::Warning {
                reason: Reason::KuredNotFreed { until: Some(_), .. }
            }
        )
    });
    assert!(warned);
    let sim = &rolled.sim;
    assert!(annotations(sim).await.to_string().contains("aksreboot/"));
    let node = "node-3".to_owned();
    let lock = KuredLock::SINGLE;
    sim.happen(What::Kured(KuredAct::Rolls { node, lock }));
    tokio::time::sleep(Duration::from_secs(600)).await;
    assert_eq!(rolled.boots("node-3"), 0);
    tokio::time::sleep(Duration::from_secs(3 * 3600)).await;
    assert_eq!(rolled.boots("node-3"), 1, "it heals by itself");
}

/// The list that two at once leave reads as a lock for ever to one at once; a roll leaves it in order.
#[tokio::test(start_paused = true)]
async fn an_empty_list_hinders_no_roll_and_is_gone_after_it() {
    let two = KuredLock {
        slots: 2,
        domain: KuredDomain::WeaveWorks,
    };
    let node = "node-3".to_owned();
    let world = from_the_start(takes("node-3", two)).happening(
        When::At(Duration::ZERO),
        What::Kured(KuredAct::Releases { node, lock: two }),
    );
    let rolled = roll(world, &[]).await;
    assert_eq!(rolled.exit(), Exit::Ok, "{:?}", rolled.end);
    assert_eq!(annotations(&rolled.sim).await[WEAVE], Value::Null);
}
