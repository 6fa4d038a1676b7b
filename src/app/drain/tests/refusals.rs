//! What is refused before anything is changed.

use super::bench::{drain, world};
use crate::core::mark;
use crate::core::rights::{Aim, Need, rights};
use crate::exit::Exit;
use crate::sim::{Workload, scenes};

#[tokio::test(start_paused = true)]
async fn every_missing_flag_is_named_on_every_node_before_the_first_cordon() {
    let mut cache = Workload::bare("cache", "node-2");
    cache.empty_dir = true;
    let drained = drain(
        world().workload(cache),
        &["node-1", "node-2", "--ignore-daemonsets=false"],
    )
    .await;
    assert_eq!(drained.exit(), Exit::Refused);
    let said = drained.refusal();
    for flag in ["--delete-emptydir-data", "--force", "--ignore-daemonsets"] {
        assert!(said.contains(&format!("add {flag}")), "{flag}: {said}");
    }
    assert!(said.contains("default/cache"), "{said}");
    assert_eq!(drained.writes(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn a_name_that_is_no_node_refuses_the_others_too_and_the_near_one_is_named() {
    let drained = drain(world(), &["node-1", "nod-2"]).await;
    assert_eq!(drained.exit(), Exit::Refused);
    let said = drained.refusal();
    assert!(
        said.contains("`nod-2`") && said.contains("did you mean `node-2`?"),
        "{said}"
    );
    assert_eq!(drained.writes(), [""; 0]);
    let drained = drain(world(), &["-l", "pool=none"]).await;
    assert_eq!(drained.exit(), Exit::Refused);
    let drained = drain(world(), &["-l", " "]).await;
    assert_eq!(drained.exit(), Exit::Usage);
}

#[tokio::test(start_paused = true)]
async fn a_node_with_the_mark_of_a_run_is_not_drained_by_hand() {
    let marked = world().with_machine("node-1", |machine| {
        machine
            .annotations
            .push((mark::KEY.into(), "{\"v\":9}".into()));
    });
    let drained = drain(marked, &["node-1"]).await;
    assert_eq!(drained.exit(), Exit::Locked);
    assert_eq!(drained.writes(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn without_the_namespace_of_the_lock_and_somebody_to_ask_nothing_begins() {
    let drained = drain(scenes::three(), &["node-1"]).await;
    assert_eq!(drained.exit(), Exit::Usage);
    let said = drained.refusal();
    assert!(said.contains("aksreboot drain --yes"), "{said}");
    assert_eq!(drained.writes(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn each_right_that_a_drain_must_have_is_named_when_it_is_missing() {
    for right in rights(Aim::Drain) {
        if right.need == Need::Helps {
            continue;
        }
        let lacking = world().forbidden(right.verb, &right.role_resource());
        let drained = drain(lacking, &["node-1"]).await;
        assert_eq!(drained.exit(), Exit::Failed, "{right:?}");
        let named = format!("{} {}", right.verb, right.role_resource());
        assert!(
            drained.refusal().contains(&named),
            "{right:?}: {}",
            drained.refusal()
        );
        assert_eq!(drained.writes(), [""; 0], "{right:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn who_may_not_delete_pods_is_told_so_before_a_drain_that_deletes() {
    let lacking = world().forbidden("delete", "pods");
    let drained = drain(lacking, &["node-1", "--disable-eviction"]).await;
    assert_eq!(drained.exit(), Exit::Failed);
    assert!(
        drained.refusal().contains("past every budget"),
        "{}",
        drained.refusal()
    );
    assert_eq!(drained.writes(), [""; 0]);
}
