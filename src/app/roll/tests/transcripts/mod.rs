//! Rolls as files that a person can read and review: a world, its weather, a command, and what was then sent, heard and
//! told, in its order (docs/simulation.md). The same file is input and expectation.

mod file;
mod lines;
mod request;

use std::fs;
use std::path::PathBuf;

use super::bench::roll_seeded;
use crate::sim::World;

use file::Scenario;

/// Set to anything, it has the transcripts written anew.
const REWRITE: &str = "AKSREBOOT_REWRITE";

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src/app/roll/tests/transcripts")
}

/// Runs one file and compares.
async fn plays(name: &str) {
    let path = folder().join(format!("{name}.txt"));
    let text =
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let scenario: Scenario = text
        .parse()
        .unwrap_or_else(|error| panic!("{name}.txt: {error}"));
    let world = scenario.world.clone().under(&scenario.weather);
    let arguments: Vec<&str> = scenario.arguments.iter().map(String::as_str).collect();
    let rolled = Box::pin(roll_seeded(world, scenario.seed, &arguments, |_, _, _| {})).await;
    let now = scenario.with_transcript(&lines::transcript(&scenario.world, &rolled));
    if now == text {
        return;
    }
    if std::env::var_os(REWRITE).is_some() {
        fs::write(&path, now).unwrap();
        return;
    }
    panic!(
        "{name}.txt is not what happens any more:\n{}\nif that is right: {REWRITE}=1 cargo test --lib transcripts, and review the difference",
        first_difference(&text, &now)
    );
}

/// The first lines that differ, with a few before them.
fn first_difference(was: &str, is: &str) -> String {
    let (was, is): (Vec<&str>, Vec<&str>) = (was.lines().collect(), is.lines().collect());
    let same = was
        .iter()
        .zip(&is)
        .take_while(|(was, is)| was == is)
        .count();
    let signed = |sign: &'static str, lines: &[&str]| {
        let lines: Vec<String> = lines.iter().map(|line| format!("{sign} {line}")).collect();
        lines.join("\n")
    };
    let next = |lines: &'_ [&str]| lines.len().min(same + 4);
    let before = signed(" ", &was[same.saturating_sub(3)..same]);
    let was = signed("-", &was[same..next(&was)]);
    let is = signed("+", &is[same..next(&is)]);
    [before, was, is].join("\n")
}

macro_rules! transcripts {
    ($($name:ident,)*) => {
        $(
            #[tokio::test(start_paused = true)]
            async fn $name() {
                plays(stringify!($name)).await;
            }
        )*

        const NAMES: [&str; [$(stringify!($name)),*].len()] = [$(stringify!($name)),*];
    };
}

transcripts! {
    a_budget_opens_late,
    a_conflict_on_the_cordon,
    a_namespace_ends_during_the_drain,
    a_node_is_replaced_while_it_reboots,
    a_node_never_becomes_ready,
    a_node_returns_with_the_same_boot_id,
    a_node_was_cordoned_before,
    a_pod_has_two_budgets,
    a_pod_refuses_to_die,
    all_good,
    kured_takes_its_lock_in_the_middle,
    sigint_in_drain,
    sigint_in_return,
    somebody_uncordons_during_the_drain,
    the_api_answers_503_for_a_minute,
    the_lock_is_lost,
    the_reply_to_the_reboot_is_lost,
}

#[test]
fn every_file_is_played() {
    let mut files: Vec<String> = fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter_map(|name| name.strip_suffix(".txt").map(str::to_owned))
        .collect();
    files.sort();
    assert_eq!(files, NAMES);
}

#[test]
fn what_a_file_says_wrongly_is_named() {
    for (text, words) in [
        ("world\n  node a\ntranscript\n", "no section `command`"),
        (
            "world\n  nod a\ncommand\n  roll\n",
            "`nod` is no kind of object",
        ),
        ("weather\n  at 3s: it rains\ncommand\n  roll\n", "line 1"),
        ("sky\n", "`sky` is no section"),
        ("seed x\n", "`x` is no seed"),
    ] {
        let error = text.parse::<Scenario>().err().unwrap_or_default();
        assert!(error.contains(words), "{text}: {error}");
    }
    let world: World = "node a".parse().unwrap();
    assert_eq!(
        "world\n  node a\ncommand\n  roll a\n"
            .parse::<Scenario>()
            .unwrap()
            .world,
        world
    );
}

#[test]
fn a_night_as_it_is_printed_is_a_file_of_the_same_world_and_weather() {
    for seed in 0..50 {
        let scenario: Scenario = super::nights::text_of(seed).parse().expect("a file");
        let world = World::drawn(seed);
        assert_eq!(scenario.seed, seed);
        assert_eq!(scenario.weather, crate::sim::Weather::drawn(seed, &world));
        assert_eq!(scenario.world, world);
    }
}
