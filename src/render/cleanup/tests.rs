//! The list as a person reads it.

use std::time::Duration;

use super::*;
use crate::core::cleanup::{NodeFate, OwnPod, PodEnd, PodFate, Whose};
use crate::core::engine::Step;
use crate::core::model::{RunId, Uid};
use crate::core::reason::Reason;

fn pod(name: &str) -> OwnPod {
    OwnPod {
        namespace: "aksreboot".into(),
        name: name.into(),
        uid: Uid::new("u"),
        purpose: "probe".into(),
        run: None,
        node: Some("node-1".into()),
        boot: None,
        created: None,
        lifetime: Some(Duration::from_secs(70)),
        end: PodEnd::Running,
        whose: Whose::Ours,
    }
}

#[test]
fn what_goes_comes_first_and_what_stays_says_why() {
    let run = RunId::new("20261123-175200-abcd");
    let survey = Survey {
        kured: vec![(
            run.clone(),
            Fate::Remove(Because::RunIsOver {
                run: run.to_string(),
            }),
        )],
        pods: vec![
            PodFate {
                pod: pod("probe-1"),
                fate: Fate::Leave(Stays::MayBeAwaited { seconds: Some(12) }),
            },
            PodFate {
                pod: pod("probe-2"),
                fate: Fate::Remove(Because::PastItsTime {
                    age_seconds: 600,
                    limit_seconds: 70,
                }),
            },
            PodFate {
                pod: pod("reboot-3"),
                fate: Fate::Leave(Stays::CouldStillFire),
            },
            PodFate {
                pod: pod("reboot-4"),
                fate: Fate::Remove(Because::DidNotAsk {
                    why: Reason::PackagingBusy {
                        processes: vec!["dpkg".into()],
                    },
                }),
            },
        ],
        marks: vec![
            NodeFate {
                node: "node-1".into(),
                fate: Fate::Remove(MarkFate {
                    run: run.clone(),
                    step: Step::Reboot,
                    restores: Restores::Uncordon,
                    look_again: true,
                }),
            },
            NodeFate {
                node: "node-2".into(),
                fate: Fate::Leave(Stays::MarkUnreadable {
                    text: "{\"v\":9}\u{1b}[2J".into(),
                }),
            },
        ],
        lease: Some(Fate::Leave(Stays::MarksAreLeft)),
        records: vec![("aksreboot-run-1".into(), Because::Older { kept: 20 })],
    };
    insta::assert_snapshot!(text(&survey));
}
