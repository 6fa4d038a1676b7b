//! Random weather over random worlds, through the real roll in virtual time: whatever comes, the invariants of
//! docs/design.md hold at every request, fault and event. A night is all of it by one number.

mod invariants;
mod requests;
mod standing;

use std::any::Any;
use std::collections::BTreeMap;
use std::env;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::Rolled;
use super::bench::roll_seeded;
use crate::sim::{Deed, Ending, Fault, Machine, Weather, What, Workload, World};

/// How many nights `cargo test` lets come; `AKSREBOOT_NIGHTS` names another number.
const NIGHTS: u64 = 500;
/// A roll that has not ended by then never will: three nodes, every step to its end, and some spare.
const LONGEST: Duration = Duration::from_secs(12 * 3600);
/// So many of the failed nights are told.
const TOLD: usize = 3;

/// A world, its weather, and what is run in it.
struct Night {
    seed: u64,
    world: World,
    weather: Weather,
    arguments: Vec<String>,
}

impl Night {
    fn of(seed: u64) -> Self {
        let world = World::drawn(seed);
        let weather = Weather::drawn(seed, &world);
        let arguments = arguments(seed, &world);
        Self {
            seed,
            world,
            weather,
            arguments,
        }
    }

    /// In the form of a file of `tests/transcripts`, so that it can become one.
    fn text(&self) -> String {
        let indented = |text: String| {
            text.lines()
                .fold(String::new(), |out, line| out + "  " + line + "\n")
        };
        format!(
            "seed {}\n\nworld\n{}\nweather\n{}\ncommand\n  roll {}\n",
            self.seed,
            indented(self.world.to_string()),
            indented(self.weather.to_string()),
            self.arguments.join(" ")
        )
    }

    /// Lets it come, on a runtime of its own. What went wrong, in words.
    fn pass(&self) -> Result<Rolled, String> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .map_err(|error| error.to_string())?;
        let arguments: Vec<&str> = self.arguments.iter().map(String::as_str).collect();
        let world = self.world.clone().under(&self.weather);
        let roll = async {
            let roll = roll_seeded(world, self.seed, &arguments, |_, _, _| {});
            tokio::time::timeout(LONGEST, Box::pin(roll)).await
        };
        catch_unwind(AssertUnwindSafe(|| runtime.block_on(roll)))
            .map_err(|panic| format!("panicked: {}", said(panic.as_ref())))?
            .map_err(|_| format!("did not end within {LONGEST:?}"))
    }

    fn judge(&self, rolled: &Rolled) -> Vec<String> {
        invariants::broken(&self.world, rolled)
    }
}

/// The night of a number as a failure prints it.
pub(super) fn text_of(seed: u64) -> String {
    Night::of(seed).text()
}

/// What a roll of this world needs, and short or usual limits.
fn arguments(seed: u64, world: &World) -> Vec<String> {
    let mut arguments = Vec::new();
    let bare = |workload: &Workload| workload.kind == crate::sim::WorkloadKind::Bare;
    if world.workloads.iter().any(bare) {
        arguments.push("--force".to_owned());
    }
    if world.workloads.iter().any(|workload| workload.empty_dir) {
        arguments.push("--delete-emptydir-data".to_owned());
    }
    if seed.is_multiple_of(2) {
        let limits = [
            ("--drain-timeout", "3m"),
            ("--reboot-timeout", "3m"),
            ("--ready-timeout", "4m"),
            ("--settle-timeout", "3m"),
        ];
        for (flag, limit) in limits {
            arguments.extend([flag.to_owned(), limit.to_owned()]);
        }
    }
    match seed % 5 {
        0 => arguments.extend(["--max-unavailable", "2"].map(str::to_owned)),
        1 => arguments.extend(["--max-unavailable", "75%", "--no-canary"].map(str::to_owned)),
        _ => {}
    }
    // What is down already would refuse the roll.
    let down = |machine: &&Machine| machine.cordoned || !machine.ready;
    for machine in world.machines.iter().filter(down) {
        arguments.extend(["--not-counted".to_owned(), machine.name.clone()]);
    }
    arguments
}

fn said(panic: &(dyn Any + Send)) -> &str {
    panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("without words")
}

/// The faults that came about.
fn faults(rolled: &Rolled) -> Vec<Fault> {
    let mut came = Vec::new();
    let mut endings: BTreeMap<String, Fault> = BTreeMap::new();
    for entry in rolled.sim.chronicle(0) {
        match entry.deed {
            // How a reboot ends is no fault before there is one.
            Deed::Happened(What::WillEnd { node, ending }) if ending != Ending::Normal => {
                let what = What::WillEnd {
                    node: node.clone(),
                    ending,
                };
                endings.extend(Fault::of(&what).map(|fault| (node, fault)));
            }
            Deed::Happened(what) => came.extend(Fault::of(&what)),
            Deed::Rebooting(reboot) => came.extend(endings.remove(&reboot.node)),
            Deed::NotRebooting { node } | Deed::Refused { node } => {
                came.extend(endings.remove(&node));
            }
            _ => {}
        }
    }
    came
}

/// What came of many nights.
struct Passed {
    /// How often each fault came.
    came: BTreeMap<Fault, u64>,
    /// The nights that broke an invariant, with their stories.
    failed: Vec<(u64, String)>,
    /// How many ended with each exit code.
    ends: BTreeMap<u8, u64>,
}

/// Lets the nights from `first` on come, on every processor there is.
fn pass_all(first: u64, count: u64) -> Passed {
    let next = AtomicU64::new(first);
    let came = Mutex::new(BTreeMap::new());
    let failed = Mutex::new(Vec::new());
    let ends = Mutex::new(BTreeMap::new());
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= first + count {
                        break;
                    }
                    let night = Night::of(seed);
                    let broken = match night.pass() {
                        Ok(rolled) => {
                            let mut came = came.lock().unwrap();
                            for fault in faults(&rolled) {
                                *came.entry(fault).or_insert(0) += 1;
                            }
                            *ends
                                .lock()
                                .unwrap()
                                .entry(rolled.exit().code())
                                .or_insert(0) += 1;
                            drop(came);
                            night.judge(&rolled)
                        }
                        Err(why) => vec![why],
                    };
                    if !broken.is_empty() {
                        let story = format!("{}\n{}", night.text(), broken.join("\n"));
                        failed.lock().unwrap().push((seed, story));
                    }
                }
            });
        }
    });
    let mut failed = failed.into_inner().unwrap();
    failed.sort();
    Passed {
        came: came.into_inner().unwrap(),
        failed,
        ends: ends.into_inner().unwrap(),
    }
}

fn number(name: &str) -> Option<u64> {
    let text = env::var(name).ok()?;
    Some(
        text.parse()
            .unwrap_or_else(|_| panic!("{name}={text} is no number")),
    )
}

#[test]
fn whatever_the_weather_every_invariant_holds_at_every_event() {
    let began = std::time::Instant::now();
    let (first, count) = match number("AKSREBOOT_NIGHT") {
        Some(seed) => (seed, 1),
        None => (0, number("AKSREBOOT_NIGHTS").unwrap_or(NIGHTS)),
    };
    let Passed { came, failed, ends } = pass_all(first, count);
    println!(
        "{count} nights in {:.1} s; how often each fault came:",
        began.elapsed().as_secs_f64()
    );
    for fault in Fault::ALL {
        println!("{:>6}  {}", came.get(&fault).unwrap_or(&0), fault.words());
    }
    println!("exit codes: {ends:?}");
    for (seed, story) in failed.iter().take(TOLD) {
        println!("\n{story}\nagain: AKSREBOOT_NIGHT={seed} cargo test --lib nights -- --nocapture");
    }
    let seeds: Vec<u64> = failed.iter().map(|(seed, _)| *seed).collect();
    assert!(
        seeds.is_empty(),
        "{} nights broke an invariant: {seeds:?}",
        seeds.len()
    );
    if count >= NIGHTS {
        let never: Vec<&str> = Fault::ALL
            .iter()
            .filter(|fault| !came.contains_key(fault))
            .map(|fault| fault.words())
            .collect();
        assert_eq!(never, Vec::<&str>::new(), "these faults never came");
    }
}

#[test]
fn the_same_night_twice_gives_the_same_bytes_of_events_and_the_same_requests() {
    for seed in 0..40 {
        let told = || {
            let rolled = Night::of(seed).pass().expect("a night that ends");
            let events: Vec<String> = rolled
                .events
                .iter()
                .map(|event| serde_json::to_string(event).expect("an event as JSON"))
                .collect();
            let requests: Vec<_> = rolled
                .sim
                .requests()
                .iter()
                .map(|line| {
                    (
                        line.at,
                        line.verb.clone(),
                        line.resource.clone(),
                        line.status,
                    )
                })
                .collect();
            (events, requests)
        };
        let (first, second) = (told(), told());
        assert_eq!(first.0, second.0, "events of night {seed}");
        assert_eq!(first.1, second.1, "requests of night {seed}");
    }
}
