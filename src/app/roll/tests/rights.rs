//! The table of rights against what a roll really asks for: nothing is asked that is not in the table, and nothing is in
//! the table that is never asked.

use std::collections::BTreeSet;
use std::time::Duration;

use super::{Rolled, roll, three};
use crate::core::rights::{Aim, Place, Right, rights};
use crate::exit::Exit;
use crate::sim::{Disturbance, Matching, RequestLine, Sim, What, When, Workload, World};

/// A roll in which everything comes up that a roll may have to ask for.
async fn eventful() -> Rolled {
    let lost = Matching::nth(2, "create", "pods").holding("\"name\":\"reboot-");
    let world = three()
        .namespace("aksreboot")
        .workload(Workload::stateful_set("db", 2))
        .workload(Workload::daemon_set("kured"))
        .workload(Workload::deployment("disk", 3).with_disk(Duration::from_secs(3)))
        // Then the roll looks whether the ask is there.
        .happening(When::Before(lost), What::Disturb(Disturbance::LoseAnswer))
        // Then it reads the node again before it tries once more.
        .happening(
            When::Before(Matching::first("patch", "nodes")),
            What::Touch("node-1".into()),
        );
    let rolled = roll(world, &[]).await;
    assert_eq!(rolled.exit(), Exit::Ok, "{:?}", rolled.end);
    rolled
}

/// Whether the right allows the request, by the rules of RBAC.
fn allows(right: &Right, line: &RequestLine) -> bool {
    let resource = right.role_resource();
    let place = match right.place.namespace() {
        None => true,
        Some(namespace) => line.namespace == namespace,
    };
    let named = right.name.is_empty() || right.name == line.name;
    right.verb == line.verb && resource == line.resource && place && named
}

fn needs_a_right(line: &RequestLine) -> bool {
    !line.resource.is_empty() && line.resource != "selfsubjectaccessreviews"
}

/// The requests that need a right.
pub(in crate::app) fn asked(sim: &Sim) -> Vec<RequestLine> {
    let lines = sim.requests();
    lines.into_iter().filter(needs_a_right).collect()
}

/// The requests are allowed by the rights of `aim`, and each right by one of them, but for those that are spared.
pub(in crate::app) fn assert_exactly(aim: Aim, lines: &[RequestLine], spared: &[&str]) {
    let rights = rights(aim);
    for line in lines {
        assert!(
            rights.iter().any(|right| allows(right, line)),
            "no right allows {line}"
        );
    }
    let unused: BTreeSet<String> = rights
        .iter()
        .filter(|right| !lines.iter().any(|line| allows(right, line)))
        .map(|right| format!("{} {}", right.verb, right.role_resource()))
        .filter(|right| !spared.contains(&right.as_str()))
        .collect();
    assert_eq!(unused, BTreeSet::new());
}

#[tokio::test(start_paused = true)]
async fn a_roll_asks_for_all_that_its_role_allows_and_for_nothing_else() {
    // There are no ReplicationControllers here; records are removed when there are more than twenty.
    let spared = [
        "get replicationcontrollers",
        "delete configmaps",
        // Only of a budget that is shut.
        "get poddisruptionbudgets",
        // Only where a pod with a claim stays.
        "get persistentvolumeclaims",
    ];
    assert_exactly(Aim::Roll, &asked(&eventful().await.sim), &spared);
}

#[tokio::test(start_paused = true)]
async fn each_right_that_a_roll_must_have_is_named_when_it_is_missing_and_nothing_is_touched() {
    for right in rights(Aim::Roll) {
        let world: World = three()
            .namespace("aksreboot")
            .forbidden(right.verb, &right.role_resource());
        let rolled = roll(world, &[]).await;
        if right.need == crate::core::rights::Need::Helps {
            continue;
        }
        assert_eq!(rolled.exit(), Exit::Failed, "{right:?}");
        let said = rolled.refusal();
        let named = format!("{} {}", right.verb, right.role_resource());
        assert!(said.contains(&named), "{right:?}: {said}");
        if let (Place::Own | Place::NodeLeases, Some(namespace)) =
            (right.place, right.place.namespace())
        {
            assert!(said.contains(namespace), "{said}");
        }
        assert_eq!(rolled.acts(), [""; 0], "{right:?}");
        assert!(
            rolled
                .sim
                .requests()
                .iter()
                .all(|line| line.method == "GET" || line.resource == "selfsubjectaccessreviews"),
            "{right:?}: something was written"
        );
    }
}
