//! Drain, judgement by judgement: who goes when, who is not waited for, and what an outage does to the clock.

use std::sync::Arc;

use super::*;
use crate::core::engine::{Course, Eviction};
use crate::core::model::{Needs, Toleration};

fn named(name: &str) -> Pod {
    let mut named = pod();
    named.key.name = name.into();
    named.uid = Uid::from(name);
    named
}

fn of_priority(name: &str, priority: i32) -> Pod {
    Pod {
        needs: Arc::new(Needs {
            priority,
            ..Needs::default()
        }),
        ..named(name)
    }
}

fn tolerating(name: &str) -> Pod {
    Pod {
        needs: Arc::new(Needs {
            tolerations: vec![Toleration {
                key: String::new(),
                value: None,
                effect: String::new(),
                seconds: None,
            }],
            ..Needs::default()
        }),
        ..named(name)
    }
}

impl Bench {
    /// The same node with these pods on it, the drain just begun.
    fn with_pods(pods: &[Pod]) -> Self {
        let mut bench = Self::new();
        bench.seen.empty_lists = 0;
        bench.seen.pods = Some(
            pods.iter()
                .map(|pod| (pod.uid.clone(), pod.clone()))
                .collect(),
        );
        bench.seen.note_residents();
        bench
    }

    fn by_hand(mut self) -> Self {
        self.settings.course = Course::Drain;
        self
    }

    fn evicts(&self) -> Vec<String> {
        match self.says(Step::Drain) {
            Check::Act(acts) => acts
                .iter()
                .map(|act| match act {
                    Act::Evict { pod, .. } => pod.name.clone(),
                    other => panic!("{other:?}"),
                })
                .collect(),
            _ => Vec::new(),
        }
    }
}

#[test]
fn system_critical_pods_are_asked_to_go_when_all_others_are_gone() {
    let pods = [
        of_priority("dns", 2_000_000_000),
        of_priority("web", 1_000_000),
        named("plain"),
    ];
    let mut bench = Bench::with_pods(&pods);
    assert_eq!(bench.evicts(), ["plain", "web"]);
    for gone in ["plain", "web"] {
        assert!(!bench.evicts().contains(&"dns".to_owned()));
        bench
            .seen
            .pods
            .as_mut()
            .expect("pods")
            .remove(&Uid::from(gone));
    }
    assert_eq!(bench.evicts(), ["dns"]);
}

#[test]
fn on_request_each_priority_is_a_tier_and_a_terminating_pod_holds_the_next() {
    let mut low = of_priority("low", -5);
    let mut bench = Bench::with_pods(&[low.clone(), named("plain"), of_priority("high", 100)]);
    bench.settings.drain.by_priority = true;
    assert_eq!(bench.evicts(), ["low"]);
    low.deletion = Some(Timestamp::UNIX_EPOCH);
    let pods = bench.seen.pods.as_mut().expect("pods");
    pods.insert(low.uid.clone(), low.clone());
    assert!(matches!(bench.says(Step::Drain), Check::Wait { .. }));
    bench.seen.pods.as_mut().expect("pods").remove(&low.uid);
    assert_eq!(bench.evicts(), ["plain"]);
}

#[test]
fn a_pod_that_tolerates_the_cordon_is_evicted_once_and_left_when_it_comes_back() {
    let mut bench = Bench::with_pods(&[tolerating("agent-1")]);
    assert_eq!(bench.evicts(), ["agent-1"], "its budget is asked");
    let again = tolerating("agent-2");
    bench
        .seen
        .learn_list(vec![again.clone()], &bench.settings.drain, bench.now);
    assert_eq!(
        bench.seen.back_again(&bench.settings.drain),
        std::slice::from_ref(&again.key)
    );
    bench
        .seen
        .learn_list(vec![again], &bench.settings.drain, bench.now);
    assert_eq!(bench.says(Step::Drain), Check::Done);
}

#[test]
fn a_pod_that_came_late_and_tolerates_no_cordon_has_to_go_too() {
    let mut bench = Bench::with_pods(&[]);
    bench
        .seen
        .learn_list(vec![named("late")], &bench.settings.drain, bench.now);
    assert_eq!(bench.evicts(), ["late"]);
    // Nothing would make it again: it does not come back by itself.
    let mut bare = tolerating("bare");
    bare.owner = None;
    bench.settings.drain.force = true;
    bench
        .seen
        .learn_list(vec![bare], &bench.settings.drain, bench.now);
    assert_eq!(bench.evicts(), ["bare"]);
}

/// A scheduler that has not heard of the cordon puts the next where the last one was.
#[test]
fn pods_that_keep_coming_are_evicted_in_rounds_each_later_than_the_one_before() {
    let mut bench = Bench::with_pods(&[named("web-0")]);
    assert_eq!(bench.evicts(), ["web-0"]);
    let begun = bench.now.mono;
    let mut evicted = Vec::new();
    for half_second in 0..120_u32 {
        bench.now.mono = begun + Duration::from_millis(500) * half_second;
        // Two are there at any time, as long as the scheduler sends them.
        let name = |last| format!("late-{}-{last}", evicted.len());
        let pods = ["a", "b"].map(|last| named(&name(last)));
        bench
            .seen
            .learn_list(pods.to_vec(), &bench.settings.drain, bench.now);
        let goes = bench.evicts();
        if goes.is_empty() {
            assert!(
                matches!(bench.says(Step::Drain), Check::Wait { again: Some(again), .. } if again == bench.seen.latecomers.next()),
                "it is woken for the next round"
            );
        } else {
            assert_eq!(goes, [name("a"), name("b")], "all of a round");
            evicted.push((bench.now.mono.saturating_sub(begun)).as_secs());
            for uid in &goes {
                assert!(bench.seen.came_late(&Uid::new(uid.as_str())));
                bench.seen.latecomers.evicted(bench.now.mono);
            }
        }
    }
    assert_eq!(evicted, [0, 2, 6, 14, 29, 44, 59]);
}

#[test]
fn a_drain_by_hand_ends_when_the_mark_is_off_and_the_node_cordoned() {
    let mut bench = Bench::new().by_hand();
    assert_eq!(bench.says(Step::Drain), Check::Act(vec![Act::Unmark]));
    bench.node().annotations.clear();
    assert_eq!(bench.says(Step::Drain), Check::Done);
    bench.node().cordoned = false;
    assert!(matches!(bench.says(Step::Drain), Check::Blocked(_)));
    // Before it is empty, a mark that is gone is somebody else's doing.
    let mut bench = Bench::with_pods(&[named("web")]).by_hand();
    bench.node().annotations.clear();
    assert_eq!(bench.says(Step::Drain), Check::Blocked(Reason::MarkChanged));
}

#[test]
fn a_deletion_is_skipped_strictly_after_its_time_and_the_pod_named() {
    let mut stuck = named("stuck");
    stuck.deletion = Some(Timestamp::UNIX_EPOCH);
    let mut bench = Bench::with_pods(&[stuck]).by_hand();
    bench.settings.drain.skip_wait_for_delete = Some(10);
    let at = |seconds| Timestamp::UNIX_EPOCH + span(seconds);
    bench.now.wall = at(10);
    let Check::Wait {
        again: Some(again), ..
    } = bench.says(Step::Drain)
    else {
        panic!("{:?}", bench.says(Step::Drain));
    };
    assert!(again > bench.now.mono);
    assert!(
        bench
            .seen
            .left_running(&bench.settings.drain, bench.now.wall)
            .is_empty()
    );
    bench.now.wall = at(11);
    bench.seen.empty_lists = 2;
    assert_eq!(bench.says(Step::Drain), Check::Act(vec![Act::Unmark]));
    assert_eq!(
        bench
            .seen
            .left_running(&bench.settings.drain, bench.now.wall)
            .len(),
        1
    );
}

#[test]
fn pods_that_go_are_listed_again_from_time_to_time() {
    let mut bench = Bench::with_pods(&[named("web")]);
    let granted = Eviction::Granted;
    bench.seen.evictions.insert(Uid::from("web"), granted);
    bench.now.mono = span(159);
    assert!(matches!(
        bench.says(Step::Drain),
        Check::Wait { again: Some(again), .. } if again == span(160)
    ));
    bench.now.mono = span(160);
    assert_eq!(bench.says(Step::Drain), Check::Act(vec![Act::ListPods]));
    // A pod that waits for a budget is asked for again and again, which tells whether it is there.
    bench.seen.evictions.clear();
    assert!(matches!(bench.says(Step::Drain), Check::Act(acts) if !acts.contains(&Act::ListPods)));
    // Not at the end of its time, which is the drain's.
    bench
        .seen
        .evictions
        .insert(Uid::from("web"), Eviction::Granted);
    bench.settings.timeouts.drain = span(60);
    assert!(matches!(
        bench.says(Step::Drain),
        Check::Blocked(Reason::Terminating { .. })
    ));
}

#[test]
fn an_outage_stops_the_clock_and_a_failure_of_one_pods_webhook_does_not() {
    let mut bench = Bench::with_pods(&[named("web")]);
    bench.settings.timeouts.drain = span(60);
    bench
        .seen
        .evictions
        .insert(Uid::from("web"), Eviction::Granted);
    // Begun at 100 s.
    bench.now.mono = span(161);
    assert!(matches!(
        bench.says(Step::Drain),
        Check::Blocked(Reason::Terminating { .. })
    ));
    bench.seen.api_is_away(span(110));
    bench.seen.api_is_back(span(140));
    bench.seen.last_list = Some(span(140));
    assert!(matches!(
        bench.says(Step::Drain),
        Check::Wait { until, .. } if until == span(190)
    ));
    bench.seen.begin_step();
    let failed = |message: &str| Reason::ApiUnavailable {
        message: message.into(),
    };
    bench
        .seen
        .failed(failed("failed calling webhook (500)"), bench.now);
    assert_eq!(bench.seen.away(span(999)), Duration::ZERO);
    bench.seen.failed(failed("connection refused"), bench.now);
    assert_eq!(bench.seen.away(span(171)), span(10));
}

#[test]
fn a_shut_budget_is_looked_at_once_and_again_after_a_while() {
    let web = named("web");
    let mut bench = Bench::with_pods(std::slice::from_ref(&web));
    let budget = Reason::Budget {
        pod: web.key.clone(),
        budget: "web".into(),
        message: "needs 2".into(),
        unready: vec![],
    };
    let blocked = Eviction::Blocked {
        at: span(101),
        reason: budget,
        not_before: span(101),
    };
    bench.seen.evictions.insert(web.uid.clone(), blocked);
    let look = Act::ReadBudget {
        namespace: web.key.namespace.clone(),
        budget: "web".into(),
    };
    assert_eq!(bench.says(Step::Drain), Check::Act(vec![look.clone()]));
    let key = (web.key.namespace.clone(), "web".to_owned());
    bench
        .seen
        .unready
        .insert(key, (span(101), vec![named("web-2").key]));
    assert!(matches!(
        bench.says(Step::Drain),
        Check::Wait { why: Reason::Budget { unready, .. }, .. } if unready.len() == 1
    ));
    bench.now.mono = span(111);
    assert!(matches!(bench.says(Step::Drain), Check::Act(acts) if acts.contains(&look)));
}

/// On a node of 110 pods a list and the watch overlapped: the drain waited for ever for pods that had left between the two.
#[test]
fn a_list_that_was_under_way_does_not_bring_back_a_pod_that_has_left() {
    let web = named("web");
    let mut bench = Bench::with_pods(std::slice::from_ref(&web));
    bench.seen.learn_gone(web.uid.clone());
    let (drain, now) = (bench.settings.drain.clone(), bench.now);
    bench.seen.learn_list(vec![web], &drain, now);
    assert!(bench.seen.leaving(&drain).is_empty());
    assert_eq!(bench.seen.empty_lists, 1);
}
