//! What a run that is gone on with meets, and how that ends.

use std::time::Duration;

use serde_json::Value;

use super::life::{At, RUN, Work, amiss, another, live};
use crate::app::roll::tests::assert_exactly;
use crate::core::engine::Outcome;
use crate::core::event::What as Told;
use crate::core::reason::Reason;
use crate::core::rights::Aim;
use crate::edge::cluster::wire;
use crate::edge::connect::Cluster;
use crate::exit::Exit;
use crate::sim::{RequestLine, Sim, What, Workload, scenes};

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
async fn to_go_on_takes_the_rights_of_a_roll_and_no_others() {
    let sim = Sim::start(scenes::three().namespace("aksreboot"), 7);
    let cut = live(&sim, "laptop", Work::Roll(&[]), At::Line(12)).await;
    assert!(cut.end.is_none());
    let from = sim.requests().len();
    let resumed = live(&sim, "bastion", Work::Resume(None), At::Never).await;
    assert_eq!(resumed.exit(), Exit::Ok);
    let lines: Vec<RequestLine> = sim
        .requests()
        .split_off(from)
        .into_iter()
        .filter(|line| !line.resource.is_empty() && line.resource != "selfsubjectaccessreviews")
        .collect();
    // A namespace that is there and a record that is there are not made, and nothing is planned anew.
    let spared = [
        "list deployments",
        "list namespaces",
        "list poddisruptionbudgets",
        "list replicasets",
        "list services",
        "list validatingwebhookconfigurations",
        "list mutatingwebhookconfigurations",
        "list persistentvolumes",
        "list csinodes",
        "list statefulsets",
        // Only of a budget that is shut, and where there are volumes.
        "get poddisruptionbudgets",
        "get persistentvolumeclaims",
        "list volumeattachments",
        "get namespaces",
        "create configmaps",
        "create leases",
        "get replicationcontrollers",
        "get statefulsets",
        // Only of a kured.
        "get daemonsets",
        "patch daemonsets",
        "delete configmaps",
        "get pods",
        "watch pods",
    ];
    assert_exactly(Aim::Roll, &lines, &spared);
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
    let (alive, seen) = tokio::join!(live(&sim, "laptop", Work::Roll(&[]), At::Never), async {
        // It has its first node in hand by then.
        while !sim.node("node-1").is_some_and(|node| node.cordoned) {
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
        live(&sim, "bastion", Work::Resume(None), At::Never).await
    });
    let (exit, why) = seen.refusal();
    assert_eq!(exit, Exit::Locked);
    assert!(why.contains("tester on laptop"), "{why}");
    assert_eq!(alive.exit(), Exit::Ok);
    assert_eq!(amiss(&sim, &["node-1", "node-2"], &[]).await, [""; 0]);
}

/// As a laptop that slept: nothing of it is lost, and it wakes up while another goes on with its run.
#[tokio::test(start_paused = true)]
async fn a_process_that_was_only_suspended_finds_the_lock_lost_and_does_nothing_more() {
    let sim = Sim::start(scenes::three(), 7);
    let mut suspended = live(&sim, "laptop", Work::Roll(&[]), At::Never);
    tokio::select! {
        biased;
        _ = &mut suspended => panic!("it came to its end"),
        () = cordoned(&sim) => {}
    }
    let (second, first) = tokio::join!(
        live(&sim, "bastion", Work::Resume(None), At::Never),
        async {
            // By then the Lease has been watched for its whole term, and is taken over.
            tokio::time::sleep(Duration::from_secs(75)).await;
            assert!(sim.node("node-2").is_some_and(|node| node.boots == 0));
            suspended.await
        }
    );
    assert_eq!(second.exit(), Exit::Ok);
    assert_eq!(first.exit(), Exit::Locked, "{:?}", first.events.last());
    assert_eq!(amiss(&sim, &["node-1", "node-2"], &[]).await, [""; 0]);
}

async fn cordoned(sim: &Sim) {
    while !sim.node("node-1").is_some_and(|node| node.cordoned) {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_node_that_another_machine_stands_for_by_now_is_left_out_and_the_rest_goes_on() {
    let sim = Sim::start(scenes::three(), 7);
    let cut = async {
        cordoned(&sim).await;
    };
    tokio::select! {
        biased;
        () = cut => {}
        _ = live(&sim, "laptop", Work::Roll(&[]), At::Never) => panic!("it came to its end"),
    }
    sim.happen(What::ReplaceNode("node-1".into()));
    tokio::time::sleep(Duration::from_secs(120)).await;
    let resumed = live(&sim, "bastion", Work::Resume(None), At::Never).await;
    assert_eq!(resumed.exit(), Exit::Stopped, "{:?}", resumed.events.last());
    let left_out = resumed.events.iter().any(|event| {
        matches!(
            &event.what,
            Told::NodeFinished {
                outcome: Outcome::Skipped {
                    reason: Reason::NodeReplaced { .. }
                }
            }
        )
    });
    assert!(left_out);
    assert_eq!(sim.node("node-2").expect("a node").boots, 1);
    assert!(!sim.node("node-2").expect("a node").cordoned);
}

#[tokio::test(start_paused = true)]
async fn kureds_lock_that_a_killed_run_has_is_known_again_and_given_back() {
    let world = scenes::three()
        .namespace("aksreboot")
        .workload(Workload::daemon_set("kured"));
    let sim = Sim::start(world, 7);
    let locked = async || {
        let path = "/apis/apps/v1/namespaces/kube-system/daemonsets/kured";
        let client = Cluster::over(sim.service(), "sim", "https://sim.invalid").client;
        let set: Value = wire::get(&client, path).await.expect("a DaemonSet");
        set["metadata"]["annotations"].to_string()
    };
    let cut = live(&sim, "laptop", Work::Roll(&[]), At::Line(20)).await;
    assert!(cut.end.is_none());
    assert!(locked().await.contains("@laptop/"), "{}", locked().await);
    let resumed = live(&sim, "bastion", Work::Resume(None), At::Never).await;
    assert_eq!(resumed.exit(), Exit::Ok);
    assert!(!locked().await.contains("aksreboot/"), "{}", locked().await);
}
