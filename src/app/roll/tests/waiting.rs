//! What waiting costs the API server.

use std::time::Duration;

use super::{Rolled, roll, three};
use crate::exit::Exit;

/// Requests of the whole run in each full minute from one time of the world to another.
fn by_minute(rolled: &Rolled, from: Duration, until: Duration) -> Vec<usize> {
    const MINUTE: Duration = Duration::from_secs(60);
    let requests = rolled.sim.requests();
    let minutes = until.saturating_sub(from).as_secs() / 60;
    (0..u32::try_from(minutes).expect("minutes"))
        .map(|minute| from + MINUTE * minute)
        .map(|begin| {
            let within = begin..begin + MINUTE;
            requests
                .iter()
                .filter(|line| within.contains(&line.at))
                .count()
        })
        .collect()
}

fn asked_at(rolled: &Rolled) -> Duration {
    let requests = rolled.sim.requests();
    let ask = requests.iter().find(|line| {
        line.verb == "create"
            && line.resource == "pods"
            && !line.target.contains("dryRun")
            && line.body.contains("\"name\":\"reboot-")
    });
    ask.expect("an ask").at
}

#[tokio::test(start_paused = true)]
async fn a_minute_of_waiting_for_a_boot_costs_at_most_a_dozen_requests() {
    let slow = Duration::from_secs(250);
    let world = three().with_machine("node-1", |machine| machine.reboot.boot = slow);
    let rolled = roll(world, &["node-1"]).await;
    assert_eq!(rolled.exit(), Exit::Ok, "{:?}", rolled.outcomes);
    let asked = asked_at(&rolled);
    let minutes = by_minute(&rolled, asked + Duration::from_secs(20), asked + slow);
    assert!(minutes.len() >= 3, "{minutes:?}");
    assert!(
        minutes.iter().all(|requests| *requests <= 12),
        "{minutes:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_minute_of_being_ready_for_long_enough_costs_at_most_a_dozen_requests() {
    let rolled = roll(three(), &["node-1", "--sustained-ready", "4m"]).await;
    assert_eq!(rolled.exit(), Exit::Ok, "{:?}", rolled.outcomes);
    // The machine is back within a minute and a half.
    let back = asked_at(&rolled) + Duration::from_secs(90);
    let minutes = by_minute(&rolled, back, back + Duration::from_secs(120));
    assert_eq!(minutes.len(), 2);
    assert!(
        minutes.iter().all(|requests| *requests <= 12),
        "{minutes:?}"
    );
}
