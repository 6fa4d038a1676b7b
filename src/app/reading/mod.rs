//! Reading nodes, as every command does that shows what they say: by which ways, which nodes, and until a signal ends it.

mod ground;
mod pick;
mod readers;

use std::future::Future;
use std::pin::Pin;

use crate::exit::Exit;
use crate::failure::Failure;

pub(super) use ground::ways;
pub(super) use pick::pick;
pub(super) use readers::{Freshness, Readers};

/// What `work` comes to, or the failure that a signal makes of the command before it has anything to show.
pub(super) async fn unless_stopped<Stop: Future<Output = Exit>, T>(
    stop: &mut Pin<&mut Stop>,
    work: impl Future<Output = T>,
) -> Result<T, Failure> {
    tokio::select! {
        biased;
        exit = stop => Err(Failure::say(exit, "ended before the nodes were listed")),
        done = work => Ok(done),
    }
}
