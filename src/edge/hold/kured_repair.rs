//! Finding kured's locks that nobody will give back, and removing one as it was seen.

use std::collections::BTreeSet;

use super::kured_place::{Changed, Manner, Place, change, places, read};
use super::lease::{Standing, standing};
use crate::core::kured_trouble::{Beside, KuredTrouble, trouble};
use crate::core::model::NodeName;
use crate::core::reason::Reason;
use crate::edge::cluster::list_nodes;
use crate::edge::cluster::wire::Refusal;

/// A lock that is not in order.
pub(crate) struct Found {
    pub(crate) place: Place,
    pub(crate) trouble: KuredTrouble,
    key: String,
    text: String,
}

impl Found {
    /// What is written, for whoever decides on it.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }
}

/// What there is. Where nodes or the Lease may not be read, less is called trouble.
pub(crate) async fn find(client: &kube::Client) -> Result<Vec<Found>, Refusal> {
    let mut written = Vec::new();
    for place in places(client).await?.known {
        match read(client, &place).await {
            Ok(seen) => {
                for key in &place.keys {
                    if let Some(text) = seen.annotations.get(key) {
                        written.push((place.clone(), key.clone(), text.clone(), seen.now));
                    }
                }
            }
            Err(Refusal::Gone(_)) => {}
            Err(refusal) => return Err(refusal),
        }
    }
    if written.is_empty() {
        return Ok(Vec::new());
    }
    let nodes = match list_nodes(client, "").await {
        Ok(listed) => Some(
            listed
                .items
                .into_iter()
                .map(|node| node.name)
                .collect::<BTreeSet<NodeName>>(),
        ),
        Err(error) => match Refusal::from(error) {
            Refusal::Denied(_) => None,
            refusal => return Err(refusal),
        },
    };
    let run = match standing(client).await {
        Ok(Standing::Held(Reason::LockHeld { run, .. })) => Ok(Some(run.to_string())),
        Ok(Standing::Interrupted { run }) => Ok(Some(run)),
        Ok(Standing::Free) => Ok(None),
        Ok(Standing::Held(_)) | Err(Refusal::Denied(_)) => Err(()),
        Err(refusal) => return Err(refusal),
    };
    let found = written.into_iter().filter_map(|(place, key, text, now)| {
        let beside = Beside {
            now,
            concurrency: place.concurrency,
            nodes: nodes.as_ref(),
            run: run.as_ref().map(Option::as_deref).map_err(|&()| ()),
        };
        let trouble = trouble(Some(&text), &beside)?;
        Some(Found {
            place,
            trouble,
            key,
            text,
        })
    });
    Ok(found.collect())
}

/// Removes the lock that was shown; `false`: it is another by now, and stays.
pub(crate) async fn remove(client: &kube::Client, found: &Found) -> Result<bool, Refusal> {
    let removed = change(client, &found.place, Manner::Real, |annotations, _| {
        if annotations.get(&found.key) == Some(&found.text) {
            Ok([(found.key.clone(), None)].into())
        } else {
            Err(())
        }
    });
    match removed.await {
        Changed::Done => Ok(true),
        Changed::Gone | Changed::Instead(()) => Ok(false),
        Changed::Failed(refusal) => Err(refusal),
    }
}
