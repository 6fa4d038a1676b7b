//! Holding kured for as long as a hold is there. Takes no lock that a node has, and gives back none but a hold's.

use jiff::Timestamp;

use super::kured_place::{Annotations, Changed, Manner, Place, change, read};
use crate::core::hold::{Hold, is_for_a_hold};
use crate::core::kured_lock::{Standing, standing, value};
use crate::edge::cluster::wire::Refusal;

/// What became of one kured's lock.
pub(crate) enum Outcome {
    Done,
    /// Nothing of the kind was there.
    NotOurs,
    /// The DaemonSet is not there, so its kured reboots nothing.
    Gone,
    /// Nodes hold it, or somebody else.
    Theirs(Vec<String>),
    Unreadable,
    Failed(Refusal),
}

impl From<Changed<Self>> for Outcome {
    fn from(changed: Changed<Self>) -> Self {
        match changed {
            Changed::Done => Self::Done,
            Changed::Gone => Self::Gone,
            Changed::Instead(outcome) => outcome,
            Changed::Failed(refusal) => Self::Failed(refusal),
        }
    }
}

/// Takes the lock for `hold`.
pub(crate) async fn take(client: &kube::Client, place: &Place, hold: &Hold) -> Outcome {
    let taken = change(client, place, Manner::Real, |annotations, now| {
        for key in &place.keys {
            match standing(annotations.get(key).map(String::as_str), now) {
                Standing::Free => {}
                // What an earlier hold left goes over to this one.
                Standing::Ours(by) if is_for_a_hold(&by.node) => {}
                Standing::Ours(by) => return Err(Outcome::Theirs(vec![by.to_string()])),
                Standing::Theirs(nodes) => {
                    return Err(Outcome::Theirs(
                        nodes.iter().map(ToString::to_string).collect(),
                    ));
                }
                Standing::Unreadable => return Err(Outcome::Unreadable),
            }
        }
        let text = value(&hold.kured_holder(), now, hold.until, place.concurrency);
        Ok(place
            .keys
            .iter()
            .map(|key| (key.clone(), Some(text.clone())))
            .collect())
    });
    taken.await.into()
}

/// Whose lock is to be given back.
#[derive(Clone, Copy)]
pub(crate) enum Whose<'h> {
    Of(&'h Hold),
    /// Of whatever hold: the one that is there cannot be read, or is gone already.
    AnyHolds,
}

/// The name by which a hold has the lock there, if one has.
pub(crate) async fn holder(
    client: &kube::Client,
    place: &Place,
    whose: Whose<'_>,
) -> Result<Option<String>, Refusal> {
    match read(client, place).await {
        Ok(seen) => Ok(holds(place, &seen.annotations, whose).0),
        Err(Refusal::Gone(_)) => Ok(None),
        Err(refusal) => Err(refusal),
    }
}

/// Gives the lock back.
pub(crate) async fn give_back(client: &kube::Client, place: &Place, whose: Whose<'_>) -> Outcome {
    let given = change(client, place, Manner::Real, |annotations, _| {
        match holds(place, annotations, whose) {
            (Some(_), keys) => Ok(keys.into_iter().map(|key| (key.clone(), None)).collect()),
            (None, _) => Err(Outcome::NotOurs),
        }
    });
    given.await.into()
}

/// By what name a hold has the lock, and in which annotations.
fn holds<'p>(
    place: &'p Place,
    annotations: &Annotations,
    whose: Whose<'_>,
) -> (Option<String>, Vec<&'p String>) {
    let mut holder = None;
    let keys = place
        .keys
        .iter()
        .filter(|key| {
            let text = annotations.get(*key).map(String::as_str);
            // What has expired is still to be tidied away.
            let Standing::Ours(by) = standing(text, Timestamp::MIN) else {
                return false;
            };
            let wanted = match whose {
                Whose::Of(hold) => by.node == hold.kured_holder(),
                Whose::AnyHolds => is_for_a_hold(&by.node),
            };
            if wanted {
                holder.get_or_insert(by.node);
            }
            wanted
        })
        .collect();
    (holder, keys)
}
