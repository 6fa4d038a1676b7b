//! What `cleanup` found: what goes and what stays, each with its reason, and how a person ends what it cannot.

use std::fmt::Write as _;

use crate::core::cleanup::{Because, Fate, MarkFate, ON_ITS_WAY, PodFate, Restores, Stays, Survey};
use crate::core::model::NodeName;

use super::reason;
use super::text::sanitise;

/// A line for each thing, those that go first.
pub(crate) fn text(survey: &Survey) -> String {
    let (mut goes, mut stays) = (String::new(), String::new());
    let remove = |goes: &mut String, what: &str, why: &str| {
        let _ = writeln!(goes, "remove  {}: {}", sanitise(what), sanitise(why));
    };
    let leave = |stays: &mut String, what: &str, why: &Stays, by_hand: Option<String>| {
        let why = leaves(why);
        let _ = writeln!(stays, "leave   {}: {}", sanitise(what), sanitise(&why));
        if let Some(by_hand) = by_hand {
            let _ = writeln!(stays, "          by hand: {}", sanitise(&by_hand));
        }
    };
    for PodFate { pod, fate } in &survey.pods {
        let node = pod
            .node
            .as_ref()
            .map_or_else(String::new, |node| format!(" on {node}"));
        let what = format!("pod {}/{}{node}", pod.namespace, pod.name);
        match fate {
            Fate::Remove(why) => remove(&mut goes, &what, &because(why)),
            Fate::Leave(why) => {
                let by_hand = matches!(why, Stays::CouldStillFire | Stays::MayBeQueued { .. })
                    .then(|| {
                        format!("kubectl delete pod -n {} {}  # when you know that the node will not reboot", pod.namespace, pod.name)
                    });
                leave(&mut stays, &what, why, by_hand);
            }
        }
    }
    for node in &survey.marks {
        let what = format!("mark of node {}", node.node);
        match &node.fate {
            Fate::Remove(fate) => remove(&mut goes, &what, &mark(fate)),
            Fate::Leave(why) => leave(&mut stays, &what, why, mark_by_hand(&node.node, why)),
        }
    }
    match &survey.lease {
        Some(Fate::Remove(why)) => remove(&mut goes, "the lock", &because(why)),
        Some(Fate::Leave(why)) => leave(&mut stays, "the lock", why, None),
        None => {}
    }
    for (name, why) in &survey.records {
        remove(&mut goes, &format!("run record {name}"), &because(why));
    }
    goes + &stays
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
        | Stays::MarksAreLeft => None,
        Stays::NotReady => Some(format!("kubectl describe node {node}")),
        Stays::NodeReplaced => Some(unmark),
        Stays::MarkUnreadable { .. } | Stays::MoreToRestore => Some(format!(
            "{unmark}; and, if it was not cordoned before: kubectl uncordon {node}"
        )),
    }
}

#[cfg(test)]
mod tests;
