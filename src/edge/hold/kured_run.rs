//! kured's lock in the hands of a run: taken before a node is touched, taken anew before it is asked to reboot, given back when
//! the run has no node in hand. Takes no lock that a node has, and gives back none but the run's own.

use std::collections::BTreeSet;
use std::time::Duration;

use jiff::Timestamp;

use super::kured_place::{Annotations, Changed, Manner, Place, change, places, read};
use crate::core::engine::KuredSeen;
use crate::core::hold::is_for_a_hold;
use crate::core::kured_lock::{KuredHolder, Standing, holders_run, standing, value};
use crate::core::model::RunId;
use crate::core::reason::Reason;
use crate::edge::cluster::wire::Refusal;

/// Whose name is written, and for how long.
#[derive(Clone, Debug)]
pub(crate) struct Claim {
    pub(crate) run: RunId,
    /// The name in the lock, which ends with the run.
    pub(crate) holder: String,
    pub(crate) span: Duration,
}

/// How the locks stand; changes nothing.
pub(crate) async fn look(client: &kube::Client, run: &RunId) -> Result<KuredSeen, Refusal> {
    let known = match known(client).await? {
        Ok(known) => known,
        Err(held) => return Ok(KuredSeen::Held(held)),
    };
    let mut all = KuredSeen::Absent;
    for place in &known {
        let free = match read(client, place).await {
            Ok(seen) => match judge(place, &seen.annotations, seen.now, run) {
                Ok(()) => Changed::Done,
                Err(held) => Changed::Instead(held),
            },
            Err(Refusal::Gone(_)) => Changed::Gone,
            Err(refusal) => Changed::Failed(refusal),
        };
        match had(place, free)? {
            Had::Yes => all = KuredSeen::Free,
            Had::NotThere => {}
            Had::No(held) => return Ok(KuredSeen::Held(held)),
        }
    }
    Ok(all)
}

/// Takes every lock, or takes it anew. Where one cannot be had, those that could stay taken: they are given back with the rest.
pub(crate) async fn take(
    client: &kube::Client,
    claim: &Claim,
    manner: Manner,
) -> Result<KuredSeen, Refusal> {
    let known = match known(client).await? {
        Ok(known) => known,
        Err(held) => return Ok(KuredSeen::Held(held)),
    };
    let mut all = KuredSeen::Absent;
    for place in &known {
        let taken = change(client, place, manner, |annotations, now| {
            judge(place, annotations, now, &claim.run)?;
            let until = now.checked_add(claim.span).unwrap_or(Timestamp::MAX);
            let text = value(&claim.holder, now, Some(until), place.concurrency);
            Ok(place
                .keys
                .iter()
                .map(|key| (key.clone(), Some(text.clone())))
                .collect())
        });
        match had(place, taken.await)? {
            Had::Yes => all = KuredSeen::Taken,
            Had::NotThere => {}
            Had::No(held) => return Ok(KuredSeen::Held(held)),
        }
    }
    Ok(all)
}

/// The runs that a lock names, alive or not.
pub(crate) async fn runs(client: &kube::Client) -> Result<BTreeSet<RunId>, Refusal> {
    let mut runs = BTreeSet::new();
    for place in places(client).await?.known {
        let seen = match read(client, &place).await {
            Ok(seen) => seen,
            Err(Refusal::Gone(_)) => continue,
            Err(refusal) => return Err(refusal),
        };
        for text in place
            .keys
            .iter()
            .filter_map(|key| seen.annotations.get(key))
        {
            // One whose time is over says it too.
            if let Standing::Ours(by) = standing(Some(text), Timestamp::MIN)
                && !is_for_a_hold(&by.node)
                && let Some(run) = holders_run(&by.node)
            {
                runs.insert(RunId::new(run));
            }
        }
    }
    Ok(runs)
}

/// Gives back what the run has.
pub(crate) async fn give_back(client: &kube::Client, run: &RunId) -> Result<(), Refusal> {
    for place in places(client).await?.known {
        let given = change(client, &place, Manner::Real, |annotations, _| {
            let ours: Vec<&String> = place
                .keys
                .iter()
                .filter(|key| {
                    let text = annotations.get(*key).map(String::as_str);
                    matches!(standing(text, Timestamp::MIN), Standing::Ours(by) if is_of(&by, run))
                })
                .collect();
            if ours.is_empty() {
                Err(())
            } else {
                Ok(ours.into_iter().map(|key| (key.clone(), None)).collect())
            }
        });
        match given.await {
            Changed::Done | Changed::Gone | Changed::Instead(()) => {}
            Changed::Failed(refusal) => return Err(refusal),
        }
    }
    Ok(())
}

/// Where the locks are. `Err`: of one of them that is not known.
async fn known(client: &kube::Client) -> Result<Result<Vec<Place>, Reason>, Refusal> {
    let places = places(client).await?;
    Ok(match places.unknown.into_iter().next() {
        None => Ok(places.known),
        Some((daemon_set, setting)) => Err(Reason::KuredNotHeld {
            daemon_set,
            message: format!(
                "its setting {setting} comes from another object, so where its lock is is not known"
            ),
        }),
    })
}

/// Whether a lock is to be had.
enum Had {
    Yes,
    /// Its DaemonSet is not there, so its kured reboots nothing.
    NotThere,
    No(Reason),
}

fn had(place: &Place, changed: Changed<Reason>) -> Result<Had, Refusal> {
    Ok(match changed {
        Changed::Done => Had::Yes,
        Changed::Gone => Had::NotThere,
        Changed::Instead(held) => Had::No(held),
        Changed::Failed(Refusal::Denied(status)) => Had::No(Reason::KuredNotHeld {
            daemon_set: place.to_string(),
            message: status.message,
        }),
        Changed::Failed(refusal) => return Err(refusal),
    })
}

/// `Err`: why the run may not have it.
fn judge(
    place: &Place,
    annotations: &Annotations,
    now: Timestamp,
    run: &RunId,
) -> Result<(), Reason> {
    for key in &place.keys {
        let text = annotations.get(key).map(String::as_str);
        let holders = match standing(text, now) {
            Standing::Free => continue,
            Standing::Ours(by) if is_of(&by, run) => continue,
            Standing::Ours(by) => vec![by],
            Standing::Theirs(holders) => holders,
            Standing::Unreadable => {
                return Err(Reason::KuredNotHeld {
                    daemon_set: place.to_string(),
                    message: format!(
                        "its lock ({key}) is in no form that is known, and kured acts on none such: {}",
                        text.unwrap_or_default()
                    ),
                });
            }
        };
        return Err(Reason::KuredLock {
            daemon_set: place.to_string(),
            holders,
        });
    }
    Ok(())
}

fn is_of(holder: &KuredHolder, run: &RunId) -> bool {
    holders_run(&holder.node) == Some(run.as_str())
}
