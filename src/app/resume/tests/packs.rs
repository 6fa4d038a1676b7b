//! Records of more nodes than stand in them one by one.

use std::io::Write as _;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::{Compression, write::GzEncoder};
use serde_json::{Value, json};

use super::life::{At, RUN, Work, live};
use crate::core::engine::Outcome;
use crate::core::model::RunId;
use crate::edge::cluster::wire::{self, PatchKind};
use crate::edge::connect::Cluster;
use crate::edge::hold::record;
use crate::exit::Exit;
use crate::sim::{Machine, Sim, World};

fn ten() -> Sim {
    let world = (0..10).fold(World::default(), |world, node| {
        let pending = Machine::linux(&format!("node-{node}"));
        world.machine(pending.pending(&["dbus"], Duration::from_secs(3600)))
    });
    Sim::start(world, 7)
}

fn client(sim: &Sim) -> kube::Client {
    Cluster::over(sim.service(), "sim", "https://sim.invalid").client
}

fn path() -> String {
    format!("/api/v1/namespaces/aksreboot/configmaps/aksreboot-run-{RUN}")
}

async fn map(sim: &Sim) -> Value {
    wire::get(&client(sim), &path()).await.expect("the record")
}

/// Puts a pack of that content into the record, as somebody might who can write there.
async fn slip_in(sim: &Sim, plain: &[u8]) {
    let mut zip = GzEncoder::new(Vec::new(), Compression::best());
    zip.write_all(plain).expect("in memory");
    let pack = STANDARD.encode(zip.finish().expect("in memory"));
    let patch = json!({"binaryData": {"nodes.zzz.json.gz": pack}});
    wire::change(&client(sim), &path(), PatchKind::Merge, &patch)
        .await
        .expect("changed");
}

fn keys<'m>(map: &'m Value, part: &str, prefix: &str) -> Vec<&'m str> {
    let members = map[part].as_object().into_iter().flatten();
    members
        .map(|(key, _)| key.as_str())
        .filter(|key| key.starts_with(prefix))
        .collect()
}

async fn verified(sim: &Sim) -> usize {
    let read = record::read(&client(sim), &RunId::new(RUN)).await;
    let (recorded, _) = read.expect("an answer").expect("a record");
    let notes = recorded.notes.values();
    notes
        .filter(|note| note.settled && matches!(note.outcome, Some(Outcome::Verified { .. })))
        .count()
}

#[tokio::test(start_paused = true)]
async fn outcomes_are_packed_and_read_as_if_they_were_not() {
    let sim = ten();
    let rolled = live(&sim, "laptop", Work::Roll(&[]), At::Never).await;
    assert_eq!(rolled.exit(), Exit::Ok);
    let map = map(&sim).await;
    assert_eq!(map["data"]["v"], "2");
    assert_eq!(keys(&map, "binaryData", "nodes.").len(), 3, "{map:#}");
    assert_eq!(keys(&map, "data", "node.").len(), 1, "{map:#}");
    assert_eq!(verified(&sim).await, 10);
}

#[tokio::test(start_paused = true)]
async fn a_small_record_has_no_packs_and_the_older_format() {
    let sim = ten();
    let rolled = live(
        &sim,
        "laptop",
        Work::Roll(&["node-1", "node-2", "node-3"]),
        At::Never,
    )
    .await;
    assert_eq!(rolled.exit(), Exit::Ok);
    let map = map(&sim).await;
    assert_eq!(map["data"]["v"], "1");
    assert_eq!(keys(&map, "data", "node.").len(), 3);
    assert_eq!(verified(&sim).await, 3);
}

/// Cut off after every 23rd request of the later part, gone on with from another machine: each node's outcome is there, and each rebooted once.
#[tokio::test(start_paused = true)]
async fn a_cut_loses_no_outcome_that_was_packed() {
    let whole = live(&ten(), "laptop", Work::Roll(&[]), At::Never).await;
    for cut in (whole.requests / 3..whole.requests).step_by(23) {
        let sim = ten();
        let _cut = live(&sim, "laptop", Work::Roll(&[]), At::Request(cut)).await;
        let resumed = live(&sim, "bastion", Work::Resume(None), At::Never).await;
        assert_eq!(resumed.exit(), Exit::Ok, "cut after {cut} requests");
        assert_eq!(verified(&sim).await, 10, "cut after {cut} requests");
        for node in 0..10 {
            let view = sim.node(&format!("node-{node}")).expect("a node");
            assert_eq!(view.boots, 1, "node-{node}, cut after {cut} requests");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_pack_that_unzips_to_more_than_a_record_holds_is_not_read_to_its_end() {
    let sim = ten();
    live(&sim, "laptop", Work::Roll(&[]), At::Never).await;
    let mut bomb = b"{\"node.a\":\"".to_vec();
    bomb.resize(2 << 20, b' ');
    bomb.extend(b"\"}");
    slip_in(&sim, &bomb).await;
    let read = record::read(&client(&sim), &RunId::new(RUN)).await;
    let Err(record::Unusable::Broken(why)) = read.expect("an answer") else {
        panic!("the record was taken for a good one");
    };
    assert!(why.starts_with("`nodes.zzz.json.gz`: EOF"), "{why}");
}

#[tokio::test(start_paused = true)]
async fn a_pack_says_nothing_but_outcomes() {
    let sim = ten();
    live(&sim, "laptop", Work::Roll(&[]), At::Never).await;
    let before = map(&sim).await["data"]["session.0"].clone();
    let session = before
        .as_str()
        .expect("a session")
        .replace("laptop", "nowhere");
    let odd = json!({"session.0": session, "session.9": session, "ended": "null", "v": "9"});
    slip_in(&sim, odd.to_string().as_bytes()).await;
    let read = record::read(&client(&sim), &RunId::new(RUN)).await;
    let (recorded, _) = read.expect("an answer").expect("a record");
    assert_eq!(recorded.sessions.keys().collect::<Vec<_>>(), [&0]);
    assert!(recorded.ended.is_some());
    assert_eq!(verified(&sim).await, 10);
}
