//! What a run that is gone on with meets, and how that ends.

use super::life::{At, RUN, Work, amiss, another, live};
use crate::core::event::What as Told;
use crate::exit::Exit;
use crate::sim::{Sim, scenes};

#[tokio::test(start_paused = true)]
async fn numbers_of_events_go_on_and_the_run_keeps_its_name() {
    let sim = Sim::start(scenes::three(), 7);
    let first = live(&sim, "laptop", Work::Roll(&[]), At::Line(12)).await;
    let second = live(&sim, "bastion", Work::Resume(Some(RUN)), At::Never).await;
    assert_eq!(second.exit(), Exit::Ok);
    let (last, next) = (&first.events[11], &second.events[0]);
    assert!(matches!(next.what, Told::RunResumed { .. }), "{next:?}");
    assert!(next.seq > last.seq);
    assert_eq!(next.run, last.run);
    assert_eq!(amiss(&sim, &["node-1", "node-2"], &[]).await, [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn there_is_nothing_to_go_on_with_where_no_run_was_or_the_last_is_finished() {
    let sim = Sim::start(scenes::three(), 7);
    let none = live(&sim, "laptop", Work::Resume(None), At::Never).await;
    assert!(matches!(none.end, Some(Ok(None))));
    let rolled = live(&sim, "laptop", Work::Roll(&[]), At::Never).await;
    assert_eq!(rolled.exit(), Exit::Ok);
    let none = live(&sim, "laptop", Work::Resume(None), At::Never).await;
    assert!(matches!(none.end, Some(Ok(None))));
}

#[tokio::test(start_paused = true)]
async fn a_run_that_is_not_known_is_refused_by_its_name() {
    let sim = Sim::start(scenes::three(), 7);
    let other = another();
    let refused = live(&sim, "laptop", Work::Resume(Some(&other)), At::Never).await;
    let (exit, why) = refused.refusal();
    assert_eq!(exit, Exit::Refused);
    assert!(why.contains(&other) && why.contains("no record"), "{why}");
}

#[tokio::test(start_paused = true)]
async fn a_run_that_is_alive_is_left_alone() {
    let sim = Sim::start(scenes::three(), 7);
    let (alive, seen) = tokio::join!(
        live(&sim, "laptop", Work::Roll(&[]), At::Never),
        async {
            // It has its first node in hand by then.
            while !sim.node("node-1").is_some_and(|node| node.cordoned) {
                tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            }
            live(&sim, "bastion", Work::Resume(None), At::Never).await
        }
    );
    let (exit, why) = seen.refusal();
    assert_eq!(exit, Exit::Locked);
    assert!(why.contains("tester on laptop"), "{why}");
    assert_eq!(alive.exit(), Exit::Ok);
    assert_eq!(amiss(&sim, &["node-1", "node-2"], &[]).await, [""; 0]);
}
