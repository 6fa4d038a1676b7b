//! What the fuzz targets call (`fuzz/`): every parser of text that comes from a node, a cluster or a plugin, with what
//! must hold of its result. Whatever the bytes, nothing may panic, and nothing that is shown may drive a terminal.

use std::time::Duration;

use jiff::Timestamp;

use crate::core::azure;
use crate::core::evidence::{
    AksHints, Answer, Need, Sentinel, is_older, judge, kured_settings, parse_answer, split_answer,
    write_answer,
};
use crate::core::mark::{KEY, marked};
use crate::core::model::{Kernel, Node, Pod};
use crate::core::reason::Reason;
use crate::core::updates::{
    Asked, NodeAnswer, Packages, judge_packages, list_sum, parse_packages, write_node_answer,
};
use crate::edge::cluster::evict::budget_name;
use crate::edge::cluster::pods::SlimPod as DrainedPod;
use crate::edge::cluster::{SlimNode, rows_of};
use crate::edge::connect::read_output;
use crate::edge::hold::{kured, lease};
use crate::edge::node::{SlimPod, certain_refusal, progress};
use crate::render::reason::{in_words, remedies};
use crate::render::text::sanitise;

const NONCE: &str = "0123456789abcdef";
const BOOT: &str = "5a1f3a5e-0000-4000-8000-000000000001";

/// A probe's answer, as it came and as lines between a sound head and end; judged and rendered.
pub fn probe_answer(bytes: &[u8]) {
    one_answer(bytes);
    let lines = bytes.split(|byte| *byte == b'\n').count();
    let mut whole = format!("aksreboot-probe 1 {NONCE}\nboot-id {BOOT}\n").into_bytes();
    whole.extend_from_slice(bytes);
    whole.extend_from_slice(format!("\nend {NONCE} {}\n", lines + 1).as_bytes());
    one_answer(&whole);
}

fn one_answer(bytes: &[u8]) {
    let parsed = parse_answer(bytes, NONCE);
    if let Ok(answer) = &parsed {
        // What was understood can be said again, and means the same.
        let again = write_answer(answer, NONCE);
        // Bytes that are no UTF-8 were replaced, which may make a value too long to be read again.
        if again.len() <= 4096 && !again.contains("%EF%BF%BD") {
            assert_eq!(parse_answer(again.as_bytes(), NONCE).as_ref(), Ok(answer));
        }
    }
    let Some(node) = fuzzed_node() else {
        return;
    };
    for sentinel in [Sentinel::System, Sentinel::File("/run/x".into())] {
        let verdict = judge(&node, parsed.clone().map(|answer| answer.asked(&sentinel)));
        // A verdict that is no plain no has its reason, and a no needs an answer of this boot.
        assert_eq!(verdict.need == Need::No, verdict.reasons.is_empty());
        assert!(verdict.need != Need::No || parsed.is_ok());
        verdict.reasons.iter().chain(&verdict.notes).for_each(shown);
    }
}

/// What a node says of its packages: a stream as it came, and lines and a list, divided by an empty line, between a sound
/// head and end and under a sound announcement; judged and rendered.
pub fn packages(bytes: &[u8]) {
    one_stream(bytes);
    let at = bytes.windows(2).position(|pair| pair == b"\n\n");
    let (lines, list) = bytes.split_at(at.map_or(bytes.len(), |at| at + 1));
    let list = list.get(1..).unwrap_or_default();
    let count = |bytes: &[u8]| bytes.split(|byte| *byte == b'\n').count();
    let packages = count(list).saturating_sub(usize::from(list.ends_with(b"\n")));
    let announced = format!("updates-list {packages} {} {}", list.len(), list_sum(list));
    let mut stream = format!(
        "aksreboot-probe 1 {NONCE}\nboot-id {BOOT}\nclock 1772611200\n{announced}\nupdates-count {packages} - 0 0\n"
    )
    .into_bytes();
    stream.extend_from_slice(lines);
    let between = count(lines).saturating_sub(usize::from(lines.ends_with(b"\n"))) + 4;
    let end = if lines.ends_with(b"\n") { "" } else { "\n" };
    stream.extend_from_slice(format!("{end}end {NONCE} {between}\n").as_bytes());
    stream.extend_from_slice(list);
    one_stream(&stream);
}

fn one_stream(stream: &[u8]) {
    let (bytes, list) = split_answer(stream, NONCE);
    let packages = parse_packages(bytes, NONCE, Ok(list));
    if let Ok(Some(read)) = &packages
        && let Asked::Read(listed) = &read.said
        && let Ok(named) = &listed.packages
    {
        assert_eq!(
            named.len() + listed.omitted as usize,
            listed.counts.total() as usize
        );
        let whole = NodeAnswer {
            evidence: Answer::default(),
            packages: packages.clone(),
        };
        let (again, list) = write_node_answer(&whole, NONCE);
        // Bytes that are no UTF-8 were replaced, which may make a value too long to be read again.
        if !again.contains("%EF%BF%BD") && !list.contains("%EF%BF%BD") {
            let parsed = parse_packages(again.as_bytes(), NONCE, Ok(list.as_bytes()));
            assert_eq!(parsed, packages);
        }
    }
    let Some(node) = fuzzed_node() else {
        return;
    };
    let answer = parse_answer(bytes, NONCE).map(|evidence| NodeAnswer { evidence, packages });
    let day = Duration::from_secs(86_400);
    match judge_packages(&node, answer.as_ref(), day, Timestamp::UNIX_EPOCH) {
        Packages::Known(updates) => {
            assert_eq!(updates.omitted, 0);
            assert!(updates.data.as_of.is_some() && answer.is_ok());
            updates.notes.iter().for_each(shown);
            updates.packages.iter().for_each(|package| {
                harmless(&sanitise(&package.name));
            });
        }
        Packages::Unknown { reasons, .. } => {
            assert!(!reasons.is_empty());
            reasons.iter().for_each(shown);
        }
        Packages::NotApplicable(reason) => shown(&reason),
    }
}

/// A node that runs the boot that a sound answer names.
fn fuzzed_node() -> Option<Node> {
    serde_json::from_str::<SlimNode>(&format!(
        r#"{{"metadata":{{"name":"n"}},"status":{{"nodeInfo":{{"bootID":"{BOOT}","operatingSystem":"linux"}}}}}}"#
    ))
    .ok()
    .map(Node::from)
}

/// The last words of a reboot pod.
pub fn reboot_message(bytes: &[u8]) {
    if let Some(reason) = certain_refusal(&String::from_utf8_lossy(bytes)) {
        shown(&reason);
    }
}

/// A node, the owner mark and AKS's hints in its annotations.
pub fn node(bytes: &[u8]) {
    if let Ok(slim) = serde_json::from_slice::<SlimNode>(bytes) {
        let node = Node::from(slim);
        let _ = (marked(&node), node.kind(), node.pool(), node.zone());
        let hints = node.aks();
        let _ = hints.image_date();
        hints.notes().iter().for_each(shown);
    }
}

/// An owner mark by itself.
pub fn owner_mark(bytes: &[u8]) {
    let Ok(slim) = serde_json::from_str::<SlimNode>(r#"{"metadata":{"name":"n"}}"#) else {
        return;
    };
    let mut node = Node::from(slim);
    let text = String::from_utf8_lossy(bytes).into_owned();
    node.annotations.insert(KEY.to_owned(), text);
    let _ = marked(&node);
}

/// A page of nodes as the server's table.
pub fn table(bytes: &[u8]) {
    for row in rows_of(bytes).into_iter().flatten() {
        row.aks.notes().iter().for_each(shown);
    }
}

/// A pod as the drain sees it, and one of our own.
pub fn pod(bytes: &[u8]) {
    if let Ok(pod) = serde_json::from_slice::<DrainedPod>(bytes) {
        let _ = pod.terminated("probe");
        let _ = Pod::from(pod);
    }
    if let Ok(pod) = serde_json::from_slice::<SlimPod>(bytes) {
        let _ = progress(&pod, "probe");
    }
}

/// The Lease, with its holder's annotation.
pub fn lease(bytes: &[u8]) {
    if let Some(reason) = lease::holder_of(bytes) {
        shown(&reason);
    }
}

/// kured's DaemonSet, and its arguments by themselves.
pub fn kured(bytes: &[u8]) {
    let _ = kured::settings_in(bytes);
    let text = String::from_utf8_lossy(bytes);
    let words = text.split('\n');
    let settings = crate::core::kured::settings(words.clone(), words.map(|word| (word, None)));
    let _ = kured_settings(&settings, &[]);
    let _ = crate::core::kured::lock(Some(&text));
}

/// What a credential plugin printed on stdout and on stderr.
pub fn plugin_output(bytes: &[u8]) {
    let (_, shown) = read_output(bytes, bytes);
    assert!(shown.chars().count() <= 1002, "{}", shown.len());
}

/// What `az` printed: clusters, a pool's newest image, an operation.
pub fn azure(bytes: &[u8]) {
    for listed in azure::clusters(bytes).unwrap_or_default() {
        // What goes back into a command line is none of its flags and no part of a shell's grammar.
        let cluster = &listed.cluster;
        let pools = listed.pools.iter().map(|pool| &pool.name);
        for name in pools.chain([&cluster.name, &cluster.subscription]) {
            let plain = |c: char| c.is_ascii_alphanumeric() || "_-".contains(c);
            assert!(name.chars().all(plain), "{name:?}");
        }
        assert!(!cluster.name.starts_with('-'));
        let found = azure::by_server(vec![listed.clone()], "https://c.azmk8s.io:443");
        assert!(found.is_err() || !listed.hosts.is_empty());
        let _ = listed.operations();
    }
    let _ = (azure::latest_image(bytes), azure::operation(bytes));
}

/// Small texts: kernel releases, image versions, the words of a refused eviction, anything that is shown.
pub fn small_text(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let (a, b) = text.split_once('\n').unwrap_or((&text, ""));
    let (a, b) = (Kernel::new(a), Kernel::new(b));
    assert!(!(is_older(&a, &b) && is_older(&b, &a)), "{a} {b}");
    assert!(!is_older(&a, &a), "{a}");
    let hints = AksHints {
        image: Some(text.to_string()),
        ..AksHints::default()
    };
    let _ = (hints.image_date(), budget_name(&text));
    harmless(&sanitise(&text));
}

fn shown(reason: &Reason) {
    harmless(&sanitise(&in_words(reason)));
    for remedy in remedies(reason) {
        harmless(&sanitise(&remedy));
    }
}

fn harmless(text: &str) {
    assert!(!text.chars().any(char::is_control), "{text:?}");
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use proptest::prelude::*;

    type Parse = fn(&[u8]);

    const TARGETS: [(&str, Parse); 12] = [
        ("probe_answer", super::probe_answer),
        ("packages", super::packages),
        ("reboot_message", super::reboot_message),
        ("node", super::node),
        ("owner_mark", super::owner_mark),
        ("table", super::table),
        ("pod", super::pod),
        ("lease", super::lease),
        ("kured", super::kured),
        ("plugin_output", super::plugin_output),
        ("azure", super::azure),
        ("small_text", super::small_text),
    ];

    fn seeds(target: &str) -> Vec<Vec<u8>> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("fuzz/seeds")
            .join(target);
        let seeds: Vec<Vec<u8>> = fs::read_dir(folder)
            .expect("the seeds")
            .map(|entry| fs::read(entry.expect("a seed").path()).expect("a seed"))
            .collect();
        assert!(!seeds.is_empty(), "{target} has no seed");
        seeds
    }

    #[test]
    fn every_parser_has_a_fuzz_target() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz");
        let manifest = fs::read_to_string(folder.join("Cargo.toml")).expect("the manifest");
        for (target, _) in TARGETS {
            let path = folder.join("targets").join(format!("{target}.rs"));
            let code = fs::read_to_string(path).expect("the target");
            assert!(code.contains(&format!("aksreboot::fuzz::{target}(bytes)")));
            assert!(manifest.contains(&format!("name = \"{target}\"")));
        }
        let targets = fs::read_dir(folder.join("targets")).expect("the targets");
        assert_eq!(targets.count(), TARGETS.len());
    }

    #[test]
    fn every_seed_is_read_by_its_parser() {
        for (target, parse) in TARGETS {
            for seed in seeds(target) {
                parse(&seed);
            }
        }
    }

    /// What comes between the head and the rest is where an answer is easily misread; it was, once.
    #[test]
    fn a_line_end_anywhere_near_the_beginning_of_a_seed_is_taken_by_its_parser() {
        for (target, parse) in TARGETS {
            for seed in seeds(target) {
                for at in 0..=seed.len().min(160) {
                    let mut spoilt = seed.clone();
                    spoilt.insert(at, b'\n');
                    parse(&spoilt);
                }
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        /// The fuzz targets do this for hours; here it keeps every parser total from commit to commit.
        #[test]
        fn any_bytes_and_any_spoilt_seed_are_taken_by_every_parser(
            bytes in proptest::collection::vec(any::<u8>(), 0..300),
            cut in any::<prop::sample::Index>(),
            length in 0usize..20,
            insert in proptest::collection::vec(any::<u8>(), 0..8),
        ) {
            for (target, parse) in TARGETS {
                parse(&bytes);
                for mut seed in seeds(target) {
                    let at = cut.index(seed.len() + 1);
                    let end = (at + length).min(seed.len());
                    seed.splice(at..end, insert.iter().copied());
                    parse(&seed);
                }
            }
        }
    }
}
