//! What a plan for 5,000 nodes and 150,000 pods takes beyond its reading: every node is a target.

use std::error::Error;
use std::fs;

use aksreboot::bench::take;
use aksreboot::sim::Sim;

use crate::paused;
use crate::process::{self, Computing, Timer as _};
use crate::worlds::{FIVE_THOUSAND, fleet};

pub(crate) fn measure() -> Result<(), Box<dyn Error>> {
    let taken = paused()?.block_on(async {
        let sim = Sim::start(fleet(FIVE_THOUSAND), 7);
        take(&sim).await
    })?;
    // From here on the peak is the plan's.
    fs::write("/proc/self/clear_refs", "5")?;
    let (before, _) = process::resident()?;
    let began = Computing::begin();
    let planned = taken.plan();
    let took = began.so_far();
    let (_, peak) = process::resident()?;
    println!(
        "{} targets, {} pods, {} findings: {:.2} s, {} MiB beyond the {before} that the read cluster takes",
        planned.targets,
        taken.pods(),
        planned.findings,
        took.as_secs_f64(),
        peak.saturating_sub(before)
    );
    Ok(())
}
