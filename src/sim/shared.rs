//! The cluster under its lock, and the task that lets time pass over it.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Context, Poll, Waker};

use tokio::time::{Instant, Sleep};

use super::cluster::Cluster;

pub(super) struct Shared {
    cluster: Mutex<Cluster>,
}

impl Shared {
    pub(super) fn new(cluster: Cluster) -> Arc<Self> {
        Arc::new(Self {
            cluster: Mutex::new(cluster),
        })
    }

    /// The cluster at this moment; what is due may not have been done yet.
    pub(super) fn lock(&self) -> MutexGuard<'_, Cluster> {
        let mut cluster = self.cluster.lock().unwrap_or_else(PoisonError::into_inner);
        cluster.now = cluster.clock.now();
        cluster
    }

    /// Does something to the cluster at this moment, after everything that is due.
    pub(super) fn with<R>(&self, act: impl FnOnce(&mut Cluster) -> R) -> R {
        let mut cluster = self.lock();
        cluster.run_due();
        let result = act(&mut cluster);
        // There may be an earlier job now than the driver sleeps for.
        let driver = cluster.driver.take();
        let woken = std::mem::take(&mut cluster.watches.woken);
        drop(cluster);
        woken.into_iter().chain(driver).for_each(Waker::wake);
        result
    }
}

/// Carries out each job when it is due, until nobody has the cluster any more.
pub(super) async fn drive(cluster: Weak<Shared>) {
    let mut sleep: Option<Pin<Box<Sleep>>> = None;
    poll_fn(|context| poll_driver(&cluster, &mut sleep, context)).await;
}

fn poll_driver(
    shared: &Weak<Shared>,
    sleep: &mut Option<Pin<Box<Sleep>>>,
    context: &mut Context<'_>,
) -> Poll<()> {
    loop {
        let Some(shared) = shared.upgrade() else {
            return Poll::Ready(());
        };
        let mut cluster = shared.lock();
        cluster.run_due();
        cluster.driver = Some(context.waker().clone());
        let woken = std::mem::take(&mut cluster.watches.woken);
        let due = cluster.jobs.next_due();
        let due: Option<Instant> = due.map(|due| cluster.clock.instant(due));
        drop(cluster);
        woken.into_iter().for_each(Waker::wake);
        let Some(due) = due else {
            return Poll::Pending;
        };
        match sleep {
            Some(sleep) => sleep.as_mut().reset(due),
            None => *sleep = Some(Box::pin(tokio::time::sleep_until(due))),
        }
        match sleep.as_mut().map(|sleep| sleep.as_mut().poll(context)) {
            Some(Poll::Ready(())) => {}
            Some(Poll::Pending) | None => return Poll::Pending,
        }
    }
}
