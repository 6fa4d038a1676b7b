//! A plan as a person reads it before saying yes. What it says is what the plan's JSON says.

use std::fmt::Write as _;
use std::time::Duration;

use serde::Serialize;

use crate::core::evidence::Sentinel;
use crate::core::plan::{Estimate, Plan};
use crate::core::reason::Reason;
use crate::core::window::opens;
use crate::failure::Failure;

use super::reason::{in_words, remedies};
use super::rehearsal;
use super::text::{age, count, sanitise};

/// The plan as text: for which cluster, which nodes in what order, what is left out and why, and by what settings.
pub(crate) fn text(plan: &Plan) -> String {
    let mut out = String::new();
    let (spec, report) = (&plan.spec, &plan.report);
    let mut line = |text: &str| {
        let _ = writeln!(
            out,
            "{}",
            text.lines()
                .map(sanitise)
                .collect::<Vec<_>>()
                .join("\n")
                .trim_end()
        );
    };
    line(&format!(
        "Plan for cluster {} ({})",
        report.context, spec.cluster.server
    ));
    line("");
    let in_turn = in_turn(plan);
    if spec.targets.is_empty() {
        line("No node to reboot.");
    } else {
        let nodes = count(spec.targets.len(), "node");
        line(&format!("{nodes} to reboot{in_turn}:"));
    }
    for (target, pods) in spec.targets.iter().zip(&report.pods_leaving) {
        let mut place = vec![];
        place.extend(target.pool.as_ref().map(|pool| format!("pool {pool}")));
        place.extend(target.zone.as_ref().map(|zone| format!("zone {zone}")));
        place.extend(
            target
                .kernel
                .as_ref()
                .map(|kernel| format!("kernel {kernel}")),
        );
        place.push(format!("{} to evict", count(*pods as usize, "pod")));
        if target.cordoned_before {
            place.push("cordoned already, stays cordoned".into());
        }
        line(&format!(
            "  {}. {}: {}",
            target.wave,
            target.name,
            place.join(", ")
        ));
        let met = report
            .blockers
            .iter()
            .filter(|blocker| blocker.node == target.name);
        for blocker in met {
            line(&format!("       {}", in_words(&blocker.reason)));
        }
    }
    if !report.excluded.is_empty() {
        line("");
        line(&format!(
            "{} left out:",
            count(report.excluded.len(), "node")
        ));
        for excluded in &report.excluded {
            line(&format!(
                "  {}: {}",
                excluded.name,
                in_words(&excluded.reason)
            ));
            if matches!(excluded.reason, Reason::NeverDrains { .. }) {
                for remedy in remedies(&excluded.reason) {
                    line(&format!("    hint: {remedy}"));
                }
            }
        }
    }
    if !report.warnings.is_empty() {
        line("");
        for warning in &report.warnings {
            line(&format!("warning: {}", in_words(warning)));
            for remedy in remedies(warning) {
                line(&format!("  hint: {remedy}"));
            }
        }
    }
    if let Some(rehearsal) = &report.rehearsal {
        line("");
        for said in rehearsal::lines(rehearsal) {
            line(&said);
        }
    }
    if let Some(estimate) = &report.estimate
        && !spec.targets.is_empty()
    {
        line("");
        line(&duration(estimate));
    }
    let (settings, limits) = (&spec.settings, &spec.settings.timeouts);
    line("");
    line(&format!(
        "At most {} unavailable{}. Each step gives up and stops the roll: drain after {}, new boot ID after {}, Ready after {} \
         (held for {}), settle after {}.",
        count(settings.max_unavailable as usize, "node"),
        beside(plan),
        age(limits.drain),
        age(limits.reboot),
        age(limits.ready),
        age(limits.sustained_ready),
        age(limits.settle),
    ));
    if settings.reboot_all {
        line("Nodes are rebooted too on which no reboot is pending.");
    }
    if settings.ignore_kured_lock {
        line("kured's lock is ignored: kured may reboot nodes at the same time.");
    }
    for said in when(plan) {
        line(&said);
    }
    if let Sentinel::File(path) | Sentinel::Command(path) = &settings.sentinel {
        line(&format!(
            "Pending and verified by {path}, not by the system's own flag."
        ));
    }
    let mut drain = vec![];
    if settings.drain.delete_emptydir_data {
        drain.push("data in emptyDir volumes is lost".to_owned());
    }
    if settings.drain.force {
        drain.push("pods without a controller are lost".to_owned());
    }
    if let Some(seconds) = settings.drain.grace_period {
        drain.push(format!("pods get {seconds} s to end"));
    }
    if !drain.is_empty() {
        line(&format!("Drain: {}.", drain.join("; ")));
    }
    line("AKS operations not checked beyond what the nodes show.");
    line(&format!(
        "Plan hash {}.",
        plan.hash.get(..12).unwrap_or(&plan.hash)
    ));
    out
}

/// The range, and what it rests on.
fn duration(estimate: &Estimate) -> String {
    let span = |seconds| age(Duration::from_secs(seconds));
    let basis: Vec<String> = estimate
        .basis
        .iter()
        .map(|basis| {
            if basis.p10 == basis.p90 {
                format!("{} {} s", basis.part, basis.p10)
            } else {
                format!("{} {}-{} s", basis.part, basis.p10, basis.p90)
            }
        })
        .collect();
    format!(
        "Takes {} to {} (p10 to p90), if a node takes what is usual: {}. Waits for budgets that are shut are not counted.",
        span(estimate.p10),
        span(estimate.p90),
        basis.join(", ")
    )
}

/// How the targets follow each other, as the end of a phrase about them.
pub(crate) fn in_turn(plan: &Plan) -> String {
    let targets = &plan.spec.targets;
    let waves = targets.last().map_or(0, |last| last.wave as usize);
    match targets.len() {
        0 | 1 => String::new(),
        nodes if nodes == waves => ", one at a time".into(),
        _ => {
            let in_wave = |wave| targets.iter().filter(|target| target.wave == wave).count();
            let most = targets.iter().map(|target| in_wave(target.wave)).max();
            let most = most.unwrap_or_default();
            format!(
                ", in {} of at most {}",
                count(waves, "wave"),
                count(most, "node")
            )
        }
    }
}

/// Where the limit comes from, and the limits beside it.
fn beside(plan: &Plan) -> String {
    let mut said = String::new();
    if let Some((percent, nodes)) = plan.report.limit_from {
        let _ = write!(said, " ({percent} of {})", count(nodes, "node"));
    }
    let pace = &plan.spec.settings.pace;
    for (per, place) in [(pace.per_pool, "pool"), (pace.per_zone, "zone")] {
        if let Some(per) = per {
            let _ = write!(said, ", {per} in each {place}");
        }
    }
    said
}

/// When nodes begin, where that is not at once.
fn when(plan: &Plan) -> Vec<String> {
    let pace = &plan.spec.settings.pace;
    let mut said = Vec::new();
    if !pace.windows.is_empty() {
        let windows: Vec<String> = pace.windows.iter().map(ToString::to_string).collect();
        let made_at = plan.report.made_at;
        let opens = match opens(&pace.windows, made_at) {
            Some(opens) if opens <= made_at => "open now".into(),
            Some(opens) => format!("opens {}", opens.strftime("%a %Y-%m-%d %H:%M UTC")),
            None => "does not open again".into(),
        };
        said.push(format!(
            "A node begins only within {} ({opens}).",
            windows.join(" or ")
        ));
    }
    if !pace.pause.is_zero() {
        said.push(format!("{} pass between two waves.", age(pace.pause)));
    }
    if !pace.deadline.is_zero() {
        said.push(format!(
            "No node begins later than {} after the yes.",
            age(pace.deadline)
        ));
    }
    said
}

/// What stands in a plan's place when there is none, so that JSON is one document in every case.
#[derive(Debug, Serialize)]
pub(crate) struct Unplanned {
    kind: &'static str,
    v: u32,
    errors: Vec<String>,
    hints: Vec<String>,
}

impl Unplanned {
    pub(crate) fn of(failure: &Failure) -> Self {
        Self {
            kind: "aksreboot/Plan",
            v: 1,
            errors: vec![format!("{:#}", failure.error)],
            hints: failure.hints.clone(),
        }
    }
}
