//! The samples of `tests/data/nodes`: systems that cannot run here, from the files of a host to the reasons of its verdict.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};

use jiff::{SignedDuration, Timestamp};

use super::host::{Host, shells};
use super::{BOOT, answer};
use crate::core::evidence::{Answer, Installed, Verdict, judge, test_node};
use crate::core::model::{BootId, Kernel, Node};
use crate::core::reason::Reason;
use crate::edge::cluster::SlimNode;

/// One state of a sample: what to build, and what has to come of it.
#[derive(Clone, Debug, Default)]
struct State {
    name: String,
    steps: Vec<Step>,
    running: String,
    replaced: Vec<String>,
    clock_set: bool,
    wanted: Vec<(String, Vec<String>)>,
}

#[derive(Clone, Debug)]
enum Step {
    Dir(String, Option<u32>),
    Link(String, String),
    File(String, String),
    Remove(String),
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/nodes")
}

/// The states of a sample's text, each with what was said before the first of them.
fn states(text: &str) -> Vec<State> {
    let mut base = State::default();
    let mut states: Vec<State> = Vec::new();
    for line in text.lines() {
        let state = states.last_mut().unwrap_or(&mut base);
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        let words = || rest.split(' ').map(str::to_owned).collect::<Vec<_>>();
        match word {
            "" | "#" => {}
            "|" => match state.steps.last_mut() {
                Some(Step::File(_, content)) => {
                    content.push_str(rest);
                    content.push('\n');
                }
                other => panic!("content of no file: {other:?}"),
            },
            "dir" => {
                let (path, mode) = rest.split_once(' ').map_or((rest, None), |(path, mode)| {
                    (path, Some(u32::from_str_radix(mode, 8).expect("a mode")))
                });
                state.steps.push(Step::Dir(path.into(), mode));
            }
            "link" => {
                let (path, target) = rest.split_once(' ').expect("a target");
                state.steps.push(Step::Link(path.into(), target.into()));
            }
            "file" => state.steps.push(Step::File(rest.into(), String::new())),
            "remove" => state.steps.push(Step::Remove(rest.into())),
            "running" => state.running = rest.into(),
            "replaced" => state.replaced = words(),
            "clock" => state.clock_set = true,
            "verdict" | "reasons" | "notes" | "patched" => {
                state.wanted.push((word.into(), words()));
            }
            "state" => {
                let mut next = base.clone();
                next.name = rest.into();
                states.push(next);
            }
            other => panic!("a sample does not have `{other}`"),
        }
    }
    states
}

fn build(host: &Host, steps: &[Step]) {
    let at = |path: &str| host.root().join(path.trim_start_matches('/'));
    let parent = |path: &Path| fs::create_dir_all(path.parent().expect("a parent")).expect("made");
    let mut modes = Vec::new();
    for step in steps {
        match step {
            Step::Dir(path, mode) => {
                fs::create_dir_all(at(path)).expect("a directory");
                modes.extend(mode.map(|mode| (at(path), mode)));
            }
            Step::Link(path, target) => {
                parent(&at(path));
                let _ = fs::remove_file(at(path));
                symlink(target, at(path)).expect("a link");
            }
            Step::File(path, content) => {
                parent(&at(path));
                fs::write(at(path), content).expect("a file");
            }
            Step::Remove(path) => {
                let gone = fs::symlink_metadata(at(path)).expect("something to remove");
                if gone.is_dir() {
                    fs::remove_dir_all(at(path)).expect("removed");
                } else {
                    fs::remove_file(at(path)).expect("removed");
                }
            }
        }
    }
    for (path, mode) in modes {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("permissions");
    }
}

/// Sets what no file can be made to say: the running kernel, and when parts were installed.
fn set_times(answer: &mut Answer, state: &State) {
    let boot = Timestamp::from_second(1_800_000_000).expect("a time");
    let hours = |hours| boot + SignedDuration::from_hours(hours);
    answer.kernel = Some(Kernel::new(state.running.as_str()));
    answer.clock = Some(hours(48));
    for time in [&mut answer.watch.booted, &mut answer.watch.started] {
        *time = time.map(|_| boot);
    }
    if state.clock_set {
        answer.watch.booted = Some(hours(3));
    }
    for (name, installed) in &mut answer.watch.components {
        if let Installed::At(at) = installed {
            *at = hours(if state.replaced.contains(name) {
                1
            } else {
                -24
            });
        }
    }
    for name in &state.replaced {
        assert!(
            matches!(answer.watch.components.get(name), Some(Installed::At(_))),
            "{}: {name} was not found by the script",
            state.name
        );
    }
}

fn kinds(reasons: &[Reason]) -> Vec<String> {
    let kinds: Vec<String> = reasons
        .iter()
        .map(|reason| {
            let value = serde_json::to_value(reason).expect("JSON");
            value["kind"].as_str().expect("a kind").to_owned()
        })
        .collect();
    if kinds.is_empty() {
        vec!["none".to_owned()]
    } else {
        kinds
    }
}

fn word(value: impl serde::Serialize) -> Vec<String> {
    let value = serde_json::to_value(value).expect("JSON");
    vec![value.as_str().expect("a word").to_owned()]
}

fn found(verdict: &Verdict, what: &str) -> Vec<String> {
    match what {
        "verdict" => word(verdict.need),
        "reasons" => kinds(&verdict.reasons),
        "notes" => kinds(&verdict.notes),
        _ => word(verdict.patching.as_ref().expect("it was probed").by),
    }
}

#[test]
fn every_sample_gets_its_verdict_from_the_script_to_the_reasons() {
    let shells = shells();
    let node = Node {
        boot: Some(BootId::new(BOOT)),
        ..test_node()
    };
    let mut judged = 0;
    let mut wrong = Vec::new();
    for entry in fs::read_dir(folder()).expect("the samples") {
        let path = entry.expect("a sample").path();
        if path.extension().is_none_or(|end| end != "txt") {
            continue;
        }
        let text = fs::read_to_string(&path).expect("a sample");
        assert!(
            text.contains("onstructed"),
            "{} has no origin",
            path.display()
        );
        for state in states(&text) {
            let host = Host::bare();
            build(&host, &state.steps);
            // Every shell meets every system; not each state thrice, which would take its time.
            let mut answer = answer(&shells[judged % shells.len()], &host);
            set_times(&mut answer, &state);
            let verdict = judge(&node, Ok(answer.clone()));
            assert!(
                !state.wanted.is_empty(),
                "{}: {}",
                path.display(),
                state.name
            );
            for (what, wanted) in &state.wanted {
                let found = found(&verdict, what);
                if found != *wanted {
                    wrong.push(format!(
                        "{}, {}: {what} {found:?}, not {wanted:?}, by {answer:?}",
                        path.display(),
                        state.name
                    ));
                }
            }
            judged += 1;
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    assert!(judged > 60, "{judged} states");
}

#[test]
fn every_sampled_node_is_judged_by_what_the_api_says_of_it() {
    let text = fs::read_to_string(folder().join("nodes.json")).expect("the samples");
    let samples: Vec<serde_json::Value> = serde_json::from_str(&text).expect("JSON");
    for mut sample in samples {
        let node: Node = serde_json::from_value::<SlimNode>(sample["node"].take())
            .expect("a node")
            .into();
        let verdict = judge(&node, Err(Reason::NotProbed));
        let wanted = |key: &str| -> Vec<String> {
            serde_json::from_value(sample[key].clone()).unwrap_or(vec!["none".into()])
        };
        assert_eq!(
            word(verdict.need),
            [sample["verdict"].as_str().expect("one")]
        );
        assert_eq!(kinds(&verdict.reasons), wanted("reasons"), "{}", node.name);
        assert_eq!(kinds(&verdict.notes), wanted("notes"), "{}", node.name);
    }
}
