//! Whole rolls in virtual time: the real engine on the simulated cluster.

use std::error::Error;
use std::time::Duration;

use aksreboot::bench::{Rolled, plan, roll, roll_watched};
use aksreboot::sim::{Sim, World, scenes};

use crate::paused;
use crate::process::{self, Computing, Timer as _};
use crate::worlds::{FIVE_HUNDRED, FIVE_HUNDRED_SPARSE, THOUSAND, fleet as fleet_of};

/// Where the roll's own pods are; made beforehand, since its making is told on stderr.
const OWN: &str = "aksreboot";

/// Two of three nodes, a hundred times over: the median, without the first that fills caches.
pub(crate) fn three() -> Result<(), Box<dyn Error>> {
    let mut times = Vec::new();
    let mut first = None;
    for _ in 0..101 {
        let Once {
            built,
            took,
            rolled,
        } = once(scenes::three().namespace(OWN))?;
        times.push(built + took);
        assert_eq!(
            *first.get_or_insert(rolled),
            rolled,
            "the same seed, another run"
        );
    }
    times.remove(0);
    times.sort();
    println!(
        "3-node roll: {:.2} ms median, {:.2} ms at most, of 100",
        times[50].as_secs_f64() * 1000.0,
        times[99].as_secs_f64() * 1000.0
    );
    Ok(())
}

/// 500 nodes, all of them rolled one after the other: with 5,000 pods, and with 1,200.
pub(crate) fn fleet() -> Result<(), Box<dyn Error>> {
    for (pods, shape) in [("5,000", FIVE_HUNDRED), ("1,200", FIVE_HUNDRED_SPARSE)] {
        let mut seen = None;
        for _ in 0..3 {
            let Once {
                built,
                took,
                rolled,
            } = once(fleet_of(shape).namespace(OWN))?;
            assert_eq!(
                *seen.get_or_insert(rolled),
                rolled,
                "the same seed, another run"
            );
            println!(
                "500-node roll, {pods} pods: {:.2} s (world made in {:.2} s before it), {} events, {} requests, \
                 {:.1} h simulated, peak {} MiB",
                took.as_secs_f64(),
                built.as_secs_f64(),
                rolled.events,
                rolled.requests,
                rolled.took.as_secs_f64() / 3600.0,
                process::resident()?.1,
            );
        }
    }
    Ok(())
}

/// 1,000 nodes one after the other, and what this process holds after each hundredth: the cluster keeps no log meanwhile.
pub(crate) fn thousand() -> Result<(), Box<dyn Error>> {
    let runtime = paused()?;
    runtime.block_on(async {
        let sim = Sim::start(fleet_of(THOUSAND).namespace(OWN), 7);
        sim.keep_no_log();
        let mut held = Vec::new();
        let rolled = roll_watched(&sim, &[], |done| {
            if done % 100 == 0 {
                held.push(process::resident());
            }
        })
        .await?;
        if !rolled.verified {
            return Err("the roll left nodes unverified".into());
        }
        let held = held
            .into_iter()
            .map(|both| both.map(|(now, _)| now.to_string()))
            .collect::<Result<Vec<_>, _>>()?;
        println!(
            "1,000-node roll, cluster and all: {} MiB after each hundredth node, {:.1} h simulated",
            held.join(", "),
            rolled.took.as_secs_f64() / 3600.0,
        );
        Ok(())
    })
}

/// The plan of 500 nodes, and the same plan rehearsed, from the first request to the last word of it.
pub(crate) fn rehearsal() -> Result<(), Box<dyn Error>> {
    for (pods, shape) in [("5,000", FIVE_HUNDRED), ("1,200", FIVE_HUNDRED_SPARSE)] {
        let runtime = paused()?;
        runtime.block_on(async {
            let sim = Sim::start(fleet_of(shape).namespace(OWN), 7);
            let began = Computing::begin();
            plan(&sim, &[]).await?;
            let plain = began.so_far();
            let began = Computing::begin();
            plan(&sim, &["--rehearse"]).await?;
            let rehearsed = began.so_far();
            println!(
                "500-node plan, {pods} pods: {:.2} s, {:.2} s with its rehearsal; peak {} MiB",
                plain.as_secs_f64(),
                rehearsed.as_secs_f64(),
                process::resident()?.1,
            );
            Ok::<_, Box<dyn Error>>(())
        })?;
    }
    Ok(())
}

/// One roll, and what its world and it took to compute.
struct Once {
    built: Duration,
    took: Duration,
    rolled: Rolled,
}

fn once(world: World) -> Result<Once, Box<dyn Error>> {
    let runtime = paused()?;
    runtime.block_on(async {
        let began = Computing::begin();
        let sim = Sim::start(world, 7);
        // As a rehearsal does, and nobody looks at it here.
        sim.keep_no_log();
        let built = began.so_far();
        let began = Computing::begin();
        let rolled = roll(&sim, &[]).await?;
        if !rolled.verified {
            return Err("the roll left nodes unverified".into());
        }
        Ok(Once {
            built,
            took: began.so_far(),
            rolled,
        })
    })
}
