//! What `cleanup` found: what goes and what stays, each with its reason, and how a person ends what it cannot.

mod document;
#[cfg(test)]
mod tests;

use std::fmt::Write as _;

use crate::core::cleanup::{Because, Fate, MarkFate, ON_ITS_WAY, Restores, Stays, Survey};
use crate::core::model::NodeName;

use super::reason;
use super::text::sanitise;

use document::{Decision, Kind, Thing};
pub(crate) use document::{Document, VERSION};

/// A line for each thing, those that go first.
pub(crate) fn text(survey: &Survey) -> String {
    let (mut goes, mut stays) = (String::new(), String::new());
    for thing in things(survey) {
        let (lines, does) = match thing.decision {
            Decision::Remove => (&mut goes, "remove"),
            Decision::Leave => (&mut stays, "leave "),
        };
        let _ = writeln!(
            lines,
            "{does}  {}: {}",
            sanitise(&named(&thing)),
            sanitise(&thing.words)
        );
        if let Some(by_hand) = &thing.by_hand {
            let _ = writeln!(lines, "          by hand: {}", sanitise(by_hand));
        }
    }
    goes + &stays
}

fn named(thing: &Thing<'_>) -> String {
    match thing.what {
        Kind::Pod => {
            let node = thing
                .node
                .map_or_else(String::new, |node| format!(" on {node}"));
            format!(
                "pod {}/{}{node}",
                thing.namespace.unwrap_or_default(),
                thing.name
            )
        }
        Kind::Mark => format!("mark of node {}", thing.name),
        Kind::Lock => "the lock".into(),
        Kind::KuredLock => format!("kured's lock of run {}", thing.name),
        Kind::RunRecord => format!("run record {}", thing.name),
    }
}

/// Everything that was seen, with what becomes of it.
fn things(survey: &Survey) -> Vec<Thing<'_>> {
    let pods = survey.pods.iter().map(|fate| {
        let pod = &fate.pod;
        let delete = format!("kubectl delete pod -n {} {}", pod.namespace, pod.name);
        let by_hand = match &fate.fate {
            Fate::Leave(Stays::CouldStillFire | Stays::MayBeQueued { .. }) => Some(format!(
                "{delete}  # when you know that the node will not reboot"
            )),
            Fate::Leave(Stays::OfKubectl) => Some(delete),
            _ => None,
        };
        let thing = Thing::new(Kind::Pod, &pod.name).on(&pod.namespace, pod.node.as_ref());
        with_fate(thing, &fate.fate, by_hand)
    });
    let marks = survey.marks.iter().map(|fate| {
        let name = &fate.node;
        let thing = Thing::new(Kind::Mark, name.as_str());
        match &fate.fate {
            Fate::Remove(goes) => thing.goes_back(goes, mark(goes)),
            Fate::Leave(why) => thing.stays(why, leaves(why), mark_by_hand(name, why)),
        }
    });
    let lock = survey
        .lease
        .iter()
        .map(|fate| with_fate(Thing::new(Kind::Lock, "aksreboot"), fate, None));
    let records = survey
        .records
        .iter()
        .map(|(name, why)| Thing::new(Kind::RunRecord, name).goes(why, because(why)));
    let kured = survey
        .kured
        .iter()
        .map(|(run, fate)| with_fate(Thing::new(Kind::KuredLock, run.as_str()), fate, None));
    pods.chain(marks)
        .chain(kured)
        .chain(lock)
        .chain(records)
        .collect()
}

fn with_fate<'s>(thing: Thing<'s>, fate: &'s Fate<Because>, by_hand: Option<String>) -> Thing<'s> {
    match fate {
        Fate::Remove(why) => thing.goes(why, because(why)),
        Fate::Leave(why) => thing.stays(why, leaves(why), by_hand),
    }
}

fn because(because: &Because) -> String {
    match because {
        Because::RunIsOver { run } => format!("run {run} is over"),
        Because::PastItsTime {
            age_seconds,
            limit_seconds,
        } => format!("{age_seconds} s old, and nobody waits for it longer than {limit_seconds} s"),
        Because::BootIsOver => "made for an earlier boot of the node".into(),
        Because::NodeIsGone => "its node is gone".into(),
        Because::DidNotAsk { why } => {
            format!("it did not ask for a reboot: {}", reason::in_words(why))
        }
        Because::NothingOutstanding => "it ended too long ago for a reboot to come of it".into(),
        Because::NobodyHoldsIt => "nobody holds it".into(),
        Because::Older { kept } => format!("not among the newest {kept}"),
        Because::Asked => "--records all".into(),
    }
}

fn mark(fate: &MarkFate) -> String {
    let MarkFate {
        run,
        step,
        restores,
        look_again,
    } = fate;
    let does = match restores {
        Restores::Uncordon => "uncordons the node, which was not cordoned before",
        Restores::MarkAlone => "the cordon stays as it is",
    };
    let waits = if *look_again {
        format!(
            "; after {} s in which no request for the reboot comes",
            ON_ITS_WAY.as_secs()
        )
    } else {
        String::new()
    };
    format!(
        "run {run} is over, it was at {}; {does}{waits}",
        step.word()
    )
}

fn leaves(stays: &Stays) -> String {
    match stays {
        Stays::RunIsAlive { by } => format!("{}, and is alive", reason::in_words(by)),
        Stays::LockUnread { message } => {
            format!("whether a run is alive cannot be found out: {message}")
        }
        Stays::MayBeAwaited {
            seconds: Some(seconds),
        } => format!("a command may be waiting for it, for {seconds} s more at most"),
        Stays::MayBeAwaited { seconds: None } => {
            "a command may be waiting for it, and its age is not known".into()
        }
        Stays::CouldStillFire => {
            "it has not ended, and the node is on the boot that it was made to end: it could still reboot it".into()
        }
        Stays::MayBeQueued { seconds } => {
            let until = match seconds {
                Some(seconds) => format!(", for {} min more at most", seconds.div_ceil(60)),
                None => String::new(),
            };
            format!("it asked for the reboot, which the host may still have in its queue{until}")
        }
        Stays::NotOurs => "it carries our label, and is not a pod that aksreboot makes".into(),
        Stays::OfKubectl => "made by somebody's kubectl debug, who may still be in it".into(),
        Stays::MarkUnreadable { text } => {
            format!("not a mark that this version can read: {text}")
        }
        Stays::NodeReplaced => "another machine has the node's name now".into(),
        Stays::MoreToRestore => "the run changed more than this version can put back".into(),
        Stays::NotReady => {
            "the node rebooted and is not Ready; it stays out of service until it is".into()
        }
        Stays::AskOutstanding { pod } => {
            format!("a reboot may still come by pod {pod}; the node stays cordoned until then")
        }
        Stays::AskBySsh { .. } => {
            "a reboot may still come: it was to be asked for over SSH, and only the host can say whether it was; the node stays cordoned until it has rebooted".into()
        }
        Stays::MarksAreLeft => "marks that are left speak of its run".into(),
    }
}

/// How a person takes a node back into their own hands.
fn mark_by_hand(node: &NodeName, stays: &Stays) -> Option<String> {
    let unmark = format!("kubectl annotate node {node} aksreboot.dev/run-");
    match stays {
        Stays::RunIsAlive { .. }
        | Stays::LockUnread { .. }
        | Stays::MayBeAwaited { .. }
        | Stays::CouldStillFire
        | Stays::MayBeQueued { .. }
        | Stays::AskOutstanding { .. }
        | Stays::NotOurs
        | Stays::OfKubectl
        | Stays::MarksAreLeft => None,
        Stays::AskBySsh { run } => Some(format!("aksreboot resume {run}, with its SSH flags")),
        Stays::NotReady => Some(format!("kubectl describe node {node}")),
        Stays::NodeReplaced => Some(unmark),
        Stays::MarkUnreadable { .. } | Stays::MoreToRestore => Some(format!(
            "{unmark}; and, if it was not cordoned before: kubectl uncordon {node}"
        )),
    }
}
