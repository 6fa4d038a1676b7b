//! Packages and evidence from one reading, over simulated clusters.

use std::future::pending;
use std::pin::pin;

use clap::Parser as _;

use super::*;
use crate::core::evidence::Need;
use crate::core::updates::{Counts, DataAgeBy, Manager, Updates};
use crate::edge::cluster::{Selectors, list_nodes};
use crate::request::status::StatusFlags;
use crate::sim::{Machine, PackageKind, Sim, World};

const DAY: Duration = Duration::from_secs(86_400);

#[derive(Debug, clap::Parser)]
struct Line {
    #[command(flatten)]
    flags: StatusFlags,
}

/// What is known of every node of `world`, by pods, and the requests that it took.
async fn known(world: World, question: Question) -> (Vec<(NodeStatus, Packages)>, Sim) {
    let sim = Sim::start(world.namespace("aksreboot"), 7);
    let cluster = Cluster::over(sim.service(), "sim", "https://sim.invalid");
    let request = Line::parse_from(["status"])
        .flags
        .settle()
        .expect("a request");
    let ways = Ways::Open {
        pods: Ok(()),
        ssh: false,
    };
    let readers = Readers::new(&cluster, &request.probing, ways, question).expect("readers");
    let everything = Selectors {
        labels: "",
        fields: "",
    };
    let nodes = list_nodes(&cluster.client, everything)
        .await
        .expect("nodes");
    let freshness = Freshness {
        max_data_age: 3 * DAY,
        now: sim.now(),
    };
    let stop = pin!(pending());
    let (known, _) = readers
        .read_packages(&nodes.items, freshness, false, stop)
        .await;
    readers.end().await;
    (known, sim)
}

fn updates(packages: &Packages) -> &Updates {
    match packages {
        Packages::Known(updates) => updates,
        other => panic!("{other:?}"),
    }
}

fn nodes() -> World {
    World::default()
        .machine(
            Machine::linux("apt")
                .pending(&["libc6"], DAY)
                .newer(
                    "libc6",
                    "2.39-0ubuntu8.5",
                    "2.39-0ubuntu8.6",
                    PackageKind::Security,
                )
                .newer(
                    "linux-image-6.8.0-1046-azure",
                    "",
                    "6.8.0-1046.52",
                    PackageKind::Plain,
                )
                .newer("snapd", "2.66", "2.67", PackageKind::Phased),
        )
        .machine(Machine::azure_linux("tdnf").newer(
            "openssl",
            "3.3.3-1.azl3",
            "3.3.3-2.azl3",
            PackageKind::Plain,
        ))
        .machine(Machine::linux("stale").package_data(Some(9 * DAY)))
        .machine(Machine::linux("never").package_data(None))
        .machine(Machine::image_managed("image"))
        .machine(Machine::windows("windows"))
}

#[tokio::test(start_paused = true)]
async fn one_pod_a_node_answers_for_the_reboot_and_for_the_packages() {
    let (known, sim) = known(nodes(), Question::Packages).await;
    let of = |name: &str| {
        let found = known
            .iter()
            .find(|(status, _)| status.name.as_str() == name);
        &found.expect("the node").1
    };
    let apt = updates(of("apt"));
    assert_eq!(apt.manager, Manager::Apt);
    assert_eq!(
        Counts::of(&apt.packages),
        Counts {
            pending: 2,
            security: Some(1),
            phased: 1,
            kept_back: 0
        }
    );
    assert_eq!(apt.data.by, Some(DataAgeBy::SuccessStamp));
    let tdnf = updates(of("tdnf"));
    assert_eq!(Counts::of(&tdnf.packages).security, None);
    assert!(matches!(
        of("stale"),
        Packages::Unknown { read: Some(_), .. }
    ));
    assert!(matches!(of("never"), Packages::Unknown { read: None, .. }));
    assert!(matches!(of("image"), Packages::NotApplicable(_)));
    assert!(matches!(of("windows"), Packages::NotApplicable(_)));
    assert_eq!(known[0].0.verdict.need, Need::Yes);

    let log = sim.requests();
    let made = |verb: &str, resource: &str| {
        let those = log
            .iter()
            .filter(|line| line.verb == verb && line.resource == resource);
        those.count()
    };
    assert_eq!(made("create", "pods"), 5);
    assert_eq!(made("delete", "pods"), 5);
    // Only where there is a list.
    assert_eq!(made("get", "pods/log"), 2);
}

#[tokio::test(start_paused = true)]
async fn a_refresh_makes_old_data_new_and_missing_data_there() {
    let (known, _) = known(nodes(), Question::RefreshedPackages).await;
    for name in ["apt", "tdnf", "stale", "never"] {
        let found = known
            .iter()
            .find(|(status, _)| status.name.as_str() == name);
        let (_, packages) = found.expect("the node");
        assert!(updates(packages).data.refreshed, "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn without_the_right_to_logs_the_numbers_are_told_and_the_list_is_not() {
    let world = nodes().forbidden("get", "pods/log");
    let (known, _) = known(world, Question::Packages).await;
    let Packages::Unknown {
        reasons,
        read: Some(updates),
    } = &known[0].1
    else {
        panic!("{:?}", known[0].1);
    };
    assert!(matches!(&reasons[..], [Reason::PackageListCut { counts, .. }] if counts.pending == 2));
    assert_eq!(updates.omitted, 3);
}
