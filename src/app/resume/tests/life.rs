//! One life of a run: a process that rolls or resumes, from its start to its end or to the moment at which it is cut off.
//! From that moment on nothing of it reaches the cluster, and no answer reaches it.

use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use clap::Parser as _;
use futures::FutureExt as _;
use futures::future::BoxFuture;
use http::{Request, Response};
use kube::client::Body;
use tokio::sync::Notify;
use tower::{BoxError, Service};

use crate::app::planning::Planned;
use crate::app::rehearsal::tried;
use crate::app::resume::{go_on, look};
use crate::app::roll::Surroundings;
use crate::app::run::{Executed, execute, exit_code};
use crate::core::event::Event;
use crate::core::mark;
use crate::core::model::RunId;
use crate::edge::clock::Clock;
use crate::edge::connect::Cluster;
use crate::edge::hold::lease::{Standing, standing};
use crate::edge::identity;
use crate::edge::node::ShortPods;
use crate::edge::operator::Operator;
use crate::edge::runner::Sink;
use crate::edge::signals::Signals;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::request::planning::RollRequest;
use crate::request::roll::RollFlags;
use crate::sim::{Sim, SimBody, SimService};

/// Where a life is cut off, counted from the moment at which its plan was made or its run was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum At {
    /// After the server has carried out so many requests; their answers are lost.
    Request(usize),
    /// After so many journal lines.
    Line(usize),
    Never,
}

#[derive(Clone, Copy)]
pub(super) enum Work<'a> {
    Roll(&'a [&'a str]),
    Resume(Option<&'a str>),
}

/// What came of it.
pub(super) struct Life {
    /// `None`: cut off. `Some(None)`: there was no run to go on with.
    pub(super) end: Option<Result<Option<Exit>, Failure>>,
    pub(super) requests: usize,
    pub(super) events: Vec<Event>,
    /// What it changed after it had been suspended.
    pub(super) late: Vec<String>,
}

impl Life {
    pub(super) fn exit(&self) -> Exit {
        match &self.end {
            Some(Ok(Some(exit))) => *exit,
            Some(Ok(None)) => panic!("no run to go on with"),
            Some(Err(failure)) => panic!("{:#}", failure.error),
            None => panic!("cut off"),
        }
    }

    pub(super) fn refusal(&self) -> (Exit, String) {
        match &self.end {
            Some(Err(failure)) => (failure.exit, format!("{:#}", failure.error)),
            other => panic!("not refused: {:?}", other.as_ref().map(Result::is_ok)),
        }
    }
}

#[derive(Debug, clap::Parser)]
struct Line {
    #[command(flatten)]
    flags: RollFlags,
}

/// The run that every roll here carries out.
pub(super) const RUN: &str = "20260101-000000-0001";

pub(super) fn live<'a>(
    sim: &'a Sim,
    host: &'a str,
    work: Work<'a>,
    at: At,
) -> Pin<Box<dyn Future<Output = Life> + 'a>> {
    Box::pin(lived(sim, host, work, at, None))
}

/// Is not cut off there but suspended, until `meanwhile` has happened. What is on its way to the server arrives.
pub(super) fn suspended<'a>(
    sim: &'a Sim,
    host: &'a str,
    work: Work<'a>,
    at: At,
    meanwhile: Pin<Box<dyn Future<Output = ()> + 'a>>,
) -> Pin<Box<dyn Future<Output = Life> + 'a>> {
    Box::pin(lived(sim, host, work, at, Some(meanwhile)))
}

async fn lived(
    sim: &Sim,
    host: &str,
    work: Work<'_>,
    at: At,
    meanwhile: Option<Pin<Box<dyn Future<Output = ()> + '_>>>,
) -> Life {
    let cut = Arc::new(Cut {
        at,
        wakes: meanwhile.is_some(),
        ..Cut::default()
    });
    let service = Cutting {
        inner: sim.service(),
        cut: Arc::clone(&cut),
    };
    let clock = Clock::simulated(sim.now());
    let mut around = Surroundings {
        ssh: None,
        run: RunId::new(RUN),
        cluster: Cluster::over(service, "sim", "https://sim.invalid"),
        clock,
        operator: Operator::SaidYes,
        signals: Signals::none(),
        user: "tester".into(),
        host: host.into(),
        talk: |_| {},
        keep_journal: false,
    };
    let mut eyes = Eyes {
        cut: Arc::clone(&cut),
        events: Vec::new(),
    };
    let end = {
        let mut carried = std::pin::pin!(carry(work, &mut around, &cut, &mut eyes));
        let end = tokio::select! {
            biased;
            () = cut.comes() => None,
            end = &mut carried => Some(end),
        };
        match (end, meanwhile) {
            (None, Some(meanwhile)) => {
                meanwhile.await;
                cut.woken.store(true, Ordering::Relaxed);
                Some(carried.await)
            }
            (end, _) => end,
        }
    };
    Life {
        end,
        requests: cut.requests.load(Ordering::Relaxed),
        events: eyes.events,
        late: std::mem::take(&mut *cut.late.lock().expect("writes")),
    }
}

async fn carry(
    work: Work<'_>,
    around: &mut Surroundings,
    cut: &Cut,
    sink: &mut dyn Sink,
) -> Result<Option<Exit>, Failure> {
    let (plan, executed) = match work {
        Work::Roll(arguments) => {
            let words = ["roll"].iter().chain(arguments);
            let line = Line::try_parse_from(words).expect("arguments that parse");
            let request = RollRequest::settle(&line.flags.planning)?;
            let probes = ShortPods::new(&around.cluster, request.probes_at_once);
            let Planned::Plan(plan, _) = tried(&request, around, &probes).await? else {
                panic!("nothing to roll");
            };
            cut.counts.store(true, Ordering::Relaxed);
            let executed = execute(&plan, around, &probes, sink).await?;
            probes.leftovers().remove_all(Duration::from_secs(5)).await;
            (*plan, executed)
        }
        Work::Resume(named) => {
            let named = named.map(RunId::new);
            let Some(found) = look(named.as_ref(), around).await? else {
                return Ok(None);
            };
            around.run = found.recorded.run.clone();
            let probes = found.probes(around);
            cut.counts.store(true, Ordering::Relaxed);
            let executed = go_on(&found, around, &probes, sink).await?;
            probes.leftovers().remove_all(Duration::from_secs(5)).await;
            (found.recorded.plan, executed)
        }
    };
    Ok(Some(match executed {
        Executed::NotBegun(exit) => exit,
        Executed::Ended { ended, outcomes } => exit_code(&plan, &ended, &outcomes),
    }))
}

/// When a life ends before its end.
struct Cut {
    at: At,
    /// It is suspended there, and wakes.
    wakes: bool,
    woken: AtomicBool,
    /// Writes that were carried out since it woke.
    late: Mutex<Vec<String>>,
    /// The plan is made, the run is found: from now on it counts.
    counts: AtomicBool,
    dead: AtomicBool,
    requests: AtomicUsize,
    lines: AtomicUsize,
    off: Notify,
}

impl Default for Cut {
    fn default() -> Self {
        Self {
            at: At::Never,
            wakes: false,
            woken: AtomicBool::new(false),
            late: Mutex::default(),
            counts: AtomicBool::new(false),
            dead: AtomicBool::new(false),
            requests: AtomicUsize::new(0),
            lines: AtomicUsize::new(0),
            off: Notify::new(),
        }
    }
}

impl Cut {
    /// Whoever falls asleep has sent what it was about to send.
    async fn comes(&self) {
        self.off.notified().await;
        if self.wakes {
            for _ in 0..16 {
                tokio::task::yield_now().await;
            }
        }
    }

    fn reached(&self, at: At) -> bool {
        if self.at != at {
            return false;
        }
        self.dead.store(!self.wakes, Ordering::Relaxed);
        self.off.notify_one();
        true
    }
}

#[derive(Clone)]
struct Cutting {
    inner: SimService,
    cut: Arc<Cut>,
}

impl Service<Request<Body>> for Cutting {
    type Response = Response<SimBody>;
    type Error = BoxError;
    type Future = BoxFuture<'static, Result<Response<SimBody>, BoxError>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let cut = Arc::clone(&self.cut);
        if cut.dead.load(Ordering::Relaxed) {
            return std::future::pending().boxed();
        }
        let query = request.uri().query().unwrap_or_default();
        let changes = request.method() != http::Method::GET && !query.contains("dryRun=All");
        let is_late = cut.woken.load(Ordering::Relaxed) && changes;
        let told = is_late.then(|| format!("{} {}", request.method(), request.uri().path()));
        let mut answer = self.inner.call(request).boxed();
        if cut.wakes {
            // What was sent arrives, also while its sender sleeps.
            let arriving = tokio::spawn(answer);
            answer = async move { arriving.await.expect("the server") }.boxed();
        }
        async move {
            if cut.dead.load(Ordering::Relaxed) {
                return std::future::pending().await;
            }
            let answer = answer.await;
            if let (Some(told), Ok(answered)) = (told, &answer)
                && answered.status().is_success()
            {
                cut.late.lock().expect("writes").push(told);
            }
            if cut.counts.load(Ordering::Relaxed) {
                let number = cut.requests.fetch_add(1, Ordering::Relaxed) + 1;
                if cut.reached(At::Request(number)) {
                    if cut.wakes {
                        // The answer is there, and nobody awake to take it.
                        tokio::time::sleep(Duration::from_millis(1)).await;
                    } else {
                        return std::future::pending().await;
                    }
                }
            }
            answer
        }
        .boxed()
    }
}

struct Eyes {
    cut: Arc<Cut>,
    events: Vec<Event>,
}

impl Sink for Eyes {
    fn take(&mut self, event: &Event) -> io::Result<()> {
        self.events.push(event.clone());
        let number = self.cut.lines.fetch_add(1, Ordering::Relaxed) + 1;
        self.cut.reached(At::Line(number));
        Ok(())
    }
}

/// What is wrong with a cluster on which a run has come to its good end; empty when nothing is.
pub(super) async fn amiss(sim: &Sim, rebooted: &[&str], cordoned: &[&str]) -> Vec<String> {
    let mut amiss = Vec::new();
    for name in ["node-1", "node-2", "node-3"] {
        let node = sim.node(name).expect("a node");
        let boots = u32::from(rebooted.contains(&name));
        if node.boots != boots {
            amiss.push(format!("{name} booted {} times", node.boots));
        }
        if node.cordoned != cordoned.contains(&name) {
            amiss.push(format!("{name} is cordoned: {}", node.cordoned));
        }
        if node.annotations.contains_key(mark::KEY) {
            amiss.push(format!("{name} is marked"));
        }
    }
    for pod in sim.pods_in("aksreboot") {
        amiss.push(format!("pod {pod} is left"));
    }
    let cluster = Cluster::over(sim.service(), "sim", "https://sim.invalid");
    match standing(&cluster.client).await {
        Ok(Standing::Free) => {}
        Ok(Standing::Interrupted { run }) => amiss.push(format!("the lock says interrupted {run}")),
        Ok(Standing::Held(_)) => amiss.push("the lock is held".into()),
        Err(refusal) => amiss.push(format!("the lock: {refusal}")),
    }
    amiss
}

/// A runtime of its own in virtual time.
pub(super) fn in_virtual_time<T>(test: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime")
        .block_on(test)
}

/// Another run's ID.
pub(super) fn another() -> String {
    identity::named("2026-02-02T00:00:00Z".parse().expect("a time"), 2).to_string()
}
