//! SIGINT and SIGTERM. The first is news that a run acts on; the second means now.

use tokio::sync::watch;
use tokio::task::JoinSet;

use super::runner::Signal;

/// Listens from its making to its dropping.
pub(crate) struct Signals {
    first: watch::Receiver<Option<Signal>>,
    second: watch::Receiver<bool>,
    _task: JoinSet<()>,
}

impl Signals {
    /// Begins to listen; from now on a signal no longer ends the process by itself.
    pub(crate) fn listen() -> std::io::Result<Self> {
        let (tell_first, first) = watch::channel(None);
        let (tell_second, second) = watch::channel(false);
        let mut source = Source::new()?;
        let mut task = JoinSet::new();
        task.spawn(async move {
            let signal = source.next().await;
            let _ = tell_first.send(Some(signal));
            source.next().await;
            let _ = tell_second.send(true);
            // Nothing comes after this; the channels stay open until the listener is dropped.
            std::future::pending::<()>().await;
        });
        Ok(Self {
            first,
            second,
            _task: task,
        })
    }

    /// For worlds without signals.
    pub(crate) fn none() -> Self {
        let (tell_first, first) = watch::channel(None);
        let (tell_second, second) = watch::channel(false);
        let mut task = JoinSet::new();
        task.spawn(async move {
            let _open = (tell_first, tell_second);
            std::future::pending::<()>().await;
        });
        Self {
            first,
            second,
            _task: task,
        }
    }

    /// For tests: a signal comes when the sender says so.
    #[cfg(test)]
    pub(crate) fn by_hand() -> (watch::Sender<Option<Signal>>, Self) {
        let (tell_first, first) = watch::channel(None);
        let (tell_second, second) = watch::channel(false);
        let mut task = JoinSet::new();
        task.spawn(async move {
            let _open = tell_second;
            std::future::pending::<()>().await;
        });
        let signals = Self {
            first,
            second,
            _task: task,
        };
        (tell_first, signals)
    }

    pub(crate) fn first(&self) -> watch::Receiver<Option<Signal>> {
        self.first.clone()
    }

    /// Returns at the first signal.
    pub(crate) async fn wait_first(&self) -> Signal {
        let mut first = self.first.clone();
        match first.wait_for(Option::is_some).await.map(|signal| *signal) {
            Ok(Some(signal)) => signal,
            Ok(None) | Err(_) => std::future::pending().await,
        }
    }

    /// Returns at the second signal.
    pub(crate) async fn wait_second(&self) {
        let mut second = self.second.clone();
        if second.wait_for(|second| *second).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

#[cfg(unix)]
struct Source {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Source {
    fn new() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    async fn next(&mut self) -> Signal {
        tokio::select! {
            biased;
            _ = self.interrupt.recv() => Signal::Interrupt,
            _ = self.terminate.recv() => Signal::Terminate,
        }
    }
}

#[cfg(not(unix))]
struct Source;

#[cfg(not(unix))]
impl Source {
    fn new() -> std::io::Result<Self> {
        Ok(Self)
    }

    async fn next(&mut self) -> Signal {
        // Without a console there is nothing that could interrupt.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
        Signal::Interrupt
    }
}
