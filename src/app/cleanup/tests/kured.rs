//! kured's lock, where a run that was killed has it.

use super::*;
use crate::edge::cluster::wire::PatchKind;
use crate::sim::Workload;

const LOCK: &str = "weave.works/kured-node-lock";
const SET: &str = "/apis/apps/v1/namespaces/kube-system/daemonsets/kured";

fn beside_kured(world: World) -> World {
    world.workload(Workload::daemon_set("kured"))
}

/// What kured's locks say.
async fn locks(sim: &Sim) -> String {
    let (cluster, _) = over(sim);
    let set: Value = wire::get(&cluster.client, SET).await.expect("a DaemonSet");
    set["metadata"]["annotations"].to_string()
}

async fn write_lock(sim: &Sim, holder: &str) {
    let (cluster, _) = over(sim);
    let text =
        json!({"nodeID": holder, "metadata": {}, "created": sim.now(), "TTL": 0}).to_string();
    let body = json!({"metadata": {"annotations": {LOCK: text}}});
    wire::patch::<Value>(&cluster.client, SET, PatchKind::Merge, &body)
        .await
        .expect("a patch");
}

#[tokio::test(start_paused = true)]
async fn the_lock_of_a_dead_run_is_given_back_when_its_nodes_are_open_again() {
    let sim = killed(beside_kured(stuck()), &[], draining).await;
    assert!(locks(&sim).await.contains("aksreboot/"));
    let (sight, shown) = looked(&sim, Records::Old).await;
    assert!(
        matches!(&shown.kured[..], [(_, Fate::Remove(Because::RunIsOver { run }))] if shown.kured[0].0.as_str() == run),
        "{shown:?}"
    );
    let book = Book::from_here(&sim);
    let told = removed(&sim, &sight, &shown).await.expect("the lock");
    assert!(
        told.iter().all(|(_, outcome)| *outcome == Outcome::Done),
        "{told:?}"
    );
    assert_eq!(
        book.acts(&sim),
        [
            "patch leases aksreboot",
            "patch nodes node-1 (uncordons)",
            "patch daemonsets kured",
            "delete leases aksreboot",
        ]
    );
    assert!(!locks(&sim).await.contains("aksreboot/"));
    assert_clean(&sim).await;
}

#[tokio::test(start_paused = true)]
async fn the_lock_stays_while_a_node_may_still_reboot() {
    let world = beside_kured(ready()).with_machine("node-1", |machine| {
        machine.reboot.ending = crate::sim::Ending::NothingHappens;
    });
    let sim = killed(world, &[], has_asked).await;
    let (_, shown) = looked(&sim, Records::Old).await;
    assert!(
        matches!(shown.kured[..], [(_, Fate::Leave(Stays::MarksAreLeft))]),
        "{shown:?}"
    );
    let told = cleaned(&sim).await;
    assert!(
        !told.iter().any(|(what, _)| what.contains("kured")),
        "{told:?}"
    );
    assert!(locks(&sim).await.contains("aksreboot/"));
}

#[tokio::test(start_paused = true)]
async fn a_lock_of_a_node_of_a_hold_or_of_somebody_is_nobodys_to_give_back() {
    for holder in ["node-2", "aksreboot/ann@bastion/hold-1772600000", "manual"] {
        let sim = killed(beside_kured(stuck()), &["--ignore-kured-lock"], draining).await;
        write_lock(&sim, holder).await;
        let (_, shown) = looked(&sim, Records::Old).await;
        assert_eq!(shown.kured, [], "{holder}");
        cleaned(&sim).await;
        assert!(locks(&sim).await.contains(holder), "{holder}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_lock_is_given_back_too_when_the_lease_of_its_run_is_gone() {
    let sim = Sim::start(beside_kured(ready()), 7);
    write_lock(&sim, "aksreboot/ann@bastion/20260304-080000-0001").await;
    let told = cleaned(&sim).await;
    assert_eq!(
        told,
        [(
            "kured's lock of run 20260304-080000-0001".to_owned(),
            Outcome::Done
        )]
    );
    assert!(!locks(&sim).await.contains("aksreboot/"));
}
