//! Who has the Lease, for whoever wants to know and not to have it; and whether that run lives, by the same rules by
//! which the lock is taken over.

use std::time::Duration;

use super::{LOOK_EVERY, Lease, STATE, TERM, Verdict, Watched, dead_or_held, held_by, path};
use crate::core::reason::Reason;
use crate::edge::clock::Clock;
use crate::edge::cluster::wire::{self, Refusal};

/// What the Lease says at this moment.
pub(crate) enum Standing {
    /// There is none, or it is empty.
    Free,
    /// Given back by a run that left nodes marked.
    Interrupted {
        run: String,
    },
    Held(Reason),
}

/// What the Lease stands for, judged by looking at it for as long as that takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Life {
    /// There is no Lease.
    Absent,
    /// Nobody holds it; the run that left it so, if it says.
    Unheld {
        run: Option<String>,
    },
    Alive(Reason),
    /// Its run is dead: its process is gone, or its Lease was seen unchanged for its whole term.
    Dead {
        run: String,
    },
}

/// Whoever the Lease names, alive or not.
pub(crate) async fn standing(client: &kube::Client) -> Result<Standing, Refusal> {
    match wire::get::<Lease>(client, &path()).await {
        Ok(lease) => Ok(
            match (lease.spec.holder_identity.as_deref(), state(&lease)) {
                (Some(holder), _) if !holder.is_empty() => Standing::Held(held_by(&lease)),
                (_, Some(run)) => Standing::Interrupted { run },
                (_, None) => Standing::Free,
            },
        ),
        Err(Refusal::Gone(_)) => Ok(Standing::Free),
        Err(refusal) => Err(refusal),
    }
}

/// Finds out whether the holder lives; takes up to a term. `notice` is told how long, once, when it takes watching. What
/// was watched serves a later taking of the lock.
pub(crate) async fn life(
    client: &kube::Client,
    this_host: &str,
    clock: &Clock,
    mut notice: impl FnMut(&str, Duration),
) -> Result<(Life, Watched), Refusal> {
    let mut watched = Watched::default();
    loop {
        let lease = match wire::get::<Lease>(client, &path()).await {
            Ok(lease) => lease,
            Err(Refusal::Gone(_)) => return Ok((Life::Absent, watched)),
            Err(refusal) => return Err(refusal),
        };
        let holder = lease.spec.holder_identity.clone().unwrap_or_default();
        let life = match dead_or_held(&lease, this_host, clock, &mut watched) {
            Verdict::Free if holder.is_empty() => Life::Unheld { run: state(&lease) },
            Verdict::Free => Life::Dead { run: holder },
            Verdict::Held => Life::Alive(held_by(&lease)),
            Verdict::Watch { first } => {
                if first {
                    notice(&holder, TERM);
                }
                tokio::time::sleep(LOOK_EVERY).await;
                continue;
            }
        };
        return Ok((life, watched));
    }
}

/// The run of which the annotation says that it was interrupted.
fn state(lease: &Lease) -> Option<String> {
    let state = lease.metadata.annotations.as_ref()?.get(STATE)?;
    state.strip_prefix("interrupted ").map(str::to_owned)
}
