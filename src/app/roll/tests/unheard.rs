//! Kubelets are not heard for a while after an outage of the API server. At the gate that is waited out, and is no word about
//! the node; but not for ever.

use std::time::Duration;

use super::{Rolled, roll, three};
use crate::core::engine::{Outcome, Step};
use crate::core::reason::Reason;
use crate::exit::Exit;
use crate::sim::{Away, Matching, What as Happens, When};

const AWAY: Duration = Duration::from_secs(180);

/// The gate's own probe pod; two were made before, for the plan.
fn probe_pod() -> Matching {
    Matching::nth(3, "create", "pods").holding("\"name\":\"probe-")
}

fn proof_pod() -> Matching {
    Matching::first("create", "pods").holding("\"name\":\"prove-")
}

/// The API server goes away when a pod was made, and the node's kubelet is heard again so long after it is back; or never.
async fn silent_after(made: Matching, silence: Option<Duration>) -> Rolled {
    let world = three()
        .happening(
            When::Before(made.clone()),
            Happens::StopKubelet("node-1".into()),
        )
        .happening(
            When::After(made.clone(), Duration::ZERO),
            Happens::Away(Away::Gone, AWAY),
        );
    let world = match silence {
        Some(silence) => world.happening(
            When::After(made, AWAY + silence),
            Happens::StartKubelet("node-1".into()),
        ),
        None => world,
    };
    roll(world, &["node-1"]).await
}

#[tokio::test(start_paused = true)]
async fn a_kubelet_that_is_heard_again_late_after_an_outage_at_the_gate_is_waited_for() {
    for made in [probe_pod(), proof_pod()] {
        for silence in [5, 45, 70, 100] {
            let silence = Duration::from_secs(silence);
            let rolled = silent_after(made.clone(), Some(silence)).await;
            assert_eq!(
                rolled.exit(),
                Exit::Ok,
                "{made:?} {silence:?}: {:?} {:?}",
                rolled.end,
                rolled.outcomes
            );
            assert_eq!(rolled.boots("node-1"), 1);
            rolled.assert_nothing_left(&["node-1", "node-2", "node-3"]);
        }
    }
}

/// It is not Ready by then, as the API server says, and the node is as it was.
#[tokio::test(start_paused = true)]
async fn a_kubelet_that_is_not_heard_again_after_an_outage_ends_the_roll_in_two_minutes() {
    for made in [probe_pod(), proof_pod()] {
        let rolled = silent_after(made.clone(), None).await;
        assert_eq!(rolled.exit(), Exit::Stopped, "{:?}", rolled.end);
        let (step, reason) = rolled.failed("node-1");
        assert_eq!(step, Step::Gate);
        assert!(matches!(reason, Reason::NodeNotReady { .. }), "{reason:?}");
        assert!(!rolled.cordoned("node-1") && !rolled.marked("node-1"));
        let most = AWAY + Duration::from_secs(150);
        assert!(rolled.took < most, "{:?}", rolled.took);
    }
}

/// Without an outage a kubelet that takes up no pod is the node's own trouble, at once.
#[tokio::test(start_paused = true)]
async fn a_probe_that_times_out_without_an_outage_ends_the_roll() {
    let world = three().happening(
        When::Before(probe_pod()),
        Happens::StopKubelet("node-1".into()),
    );
    let rolled = roll(world, &["node-1", "--probe-timeout", "20s"]).await;
    let Outcome::Failed { step, reason, .. } = rolled.outcome("node-1") else {
        panic!("{:?}", rolled.outcomes)
    };
    assert_eq!(*step, Step::Gate);
    let Reason::VerdictUnknown { because } = reason else {
        panic!("{reason:?}")
    };
    assert!(matches!(because[..], [Reason::ProbeTimeout { .. }]));
}

/// What came over the cluster while another node was in hand holds for the next one too.
#[tokio::test(start_paused = true)]
async fn an_outage_before_a_nodes_turn_is_known_at_its_gate() {
    // Cordon, intent, uncordon, and the mark goes.
    let last = Matching::nth(4, "patch", "nodes").named("node-1");
    let second = "node-2";
    let world = three()
        .happening(
            When::Before(last.clone()),
            Happens::StopKubelet(second.into()),
        )
        .happening(
            When::After(last.clone(), Duration::ZERO),
            Happens::Away(Away::Gone, AWAY),
        )
        .happening(
            When::After(last, AWAY + Duration::from_secs(90)),
            Happens::StartKubelet(second.into()),
        );
    let rolled = roll(world, &[]).await;
    assert_eq!(rolled.exit(), Exit::Ok, "{:?}", rolled.outcomes);
    assert_eq!((rolled.boots("node-1"), rolled.boots(second)), (1, 1));
}
