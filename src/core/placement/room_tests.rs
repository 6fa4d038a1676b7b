use std::sync::Arc;

use super::Room;
use crate::core::evidence::test_node;
use crate::core::model::{
    Allocatable, AttachLimit, LabelSelector, Labels, Needs, Node, NodeName, Owner, Pod, PodKey,
    PodPhase, PodTerm, Resources, Snapshot, Spread, Taint, Uid, Volume,
};
use crate::core::reason::Reason;

/// A node with room for two thousandths of a processor, in the pool `user` and a zone.
fn node(name: &str, zone: &str) -> Node {
    let labels = [
        ("kubernetes.io/hostname", name),
        ("topology.kubernetes.io/zone", zone),
        ("kubernetes.azure.com/agentpool", "user"),
    ];
    Node {
        name: NodeName::from(name),
        labels: labels
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .into(),
        taints: vec![],
        cordoned: false,
        allocatable: Allocatable {
            resources: Resources {
                milli_cpu: 2,
                memory: 1000,
            },
            pods: 10,
        },
        ..test_node()
    }
}

fn asking(milli_cpu: u64) -> Needs {
    Needs {
        requests: Resources {
            milli_cpu,
            memory: 0,
        },
        ..Needs::default()
    }
}

fn pod(name: &str, node: &str, needs: &Arc<Needs>) -> Pod {
    Pod {
        key: PodKey {
            namespace: "shop".into(),
            name: name.into(),
        },
        uid: Uid::new(name),
        node: Some(node.into()),
        phase: PodPhase::Running,
        ready: true,
        owner: Some(Owner {
            api_version: "apps/v1".into(),
            kind: "ReplicaSet".into(),
            name: "web".into(),
            uid: Uid::new("rs"),
        }),
        labels: web(),
        mirror: false,
        empty_dir: false,
        deletion: None,
        needs: Arc::clone(needs),
    }
}

fn web() -> Labels {
    [("app".to_owned(), "web".to_owned())].into()
}

fn selector() -> LabelSelector {
    LabelSelector {
        equal: web(),
        expressions: vec![],
    }
}

fn company(key: &str) -> Vec<PodTerm> {
    vec![PodTerm {
        selector: Some(selector()),
        topology_key: key.into(),
        namespaces: vec![],
        namespace_selector: None,
    }]
}

/// Three nodes in two zones.
fn three(pods: Vec<Pod>) -> Snapshot {
    Snapshot {
        nodes: vec![node("a", "1"), node("b", "1"), node("c", "2")],
        pods,
        ..Snapshot::default()
    }
}

/// What becomes of all pods of node `a`.
fn judged(snapshot: &Snapshot) -> Vec<Reason> {
    let gone = NodeName::from("a");
    let on_it = |pod: &&Pod| pod.node.as_ref() == Some(&gone);
    let leaving: Vec<&Pod> = snapshot.pods.iter().filter(on_it).collect();
    let mut room = Room::of_cluster(snapshot, leaving.iter().copied());
    let wave = [(&gone, leaving)];
    let first = room.judge(&wave);
    assert_eq!(room.judge(&wave), first, "it takes everything back");
    first.into_iter().flatten().collect()
}

/// The pods without room and what they lack.
fn lacks(snapshot: &Snapshot) -> (usize, Vec<(String, u32)>) {
    match &judged(snapshot)[..] {
        [] => (0, vec![]),
        [Reason::NoRoom { pods, why, .. }] => (
            pods.len(),
            why.iter()
                .map(|lack| (lack.what.clone(), lack.nodes))
                .collect(),
        ),
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_is_placed_takes_room_from_what_comes_after() {
    let one = Arc::new(asking(1));
    let mut pods: Vec<Pod> = ["p1", "p2"].map(|name| pod(name, "a", &one)).into();
    pods.extend(["b", "c"].map(|node| pod(&format!("on-{node}"), node, &one)));
    assert_eq!(lacks(&three(pods.clone())).0, 0);
    pods.push(pod("p3", "a", &one));
    assert_eq!(
        lacks(&three(pods)),
        (1, vec![("Insufficient cpu".to_owned(), 2)])
    );
}

#[test]
fn a_pod_that_an_empty_node_would_take_is_told_with_its_pool() {
    let two = Arc::new(asking(2));
    let pods = vec![
        pod("p", "a", &two),
        pod("x", "b", &two),
        pod("y", "c", &two),
    ];
    assert!(matches!(
        &judged(&three(pods))[..],
        [Reason::NoRoom { pool: Some(pool), nodes: 2, .. }] if pool == "user"
    ));
    let three_cpus = Arc::new(asking(3));
    assert!(matches!(
        &judged(&three(vec![pod("p", "a", &three_cpus)]))[..],
        [Reason::NoRoom { pool: None, .. }]
    ));
}

#[test]
fn selectors_taints_and_cordons_leave_no_room() {
    let mut needs = asking(0);
    needs.selector = [("kubernetes.io/hostname".to_owned(), "a".to_owned())].into();
    let pinned = three(vec![pod("p", "a", &Arc::new(needs))]);
    assert_eq!(
        lacks(&pinned).1,
        [(
            "node(s) didn't match Pod's node affinity/selector".to_owned(),
            2
        )]
    );
    let mut tainted = three(vec![pod("p", "a", &Arc::new(asking(0)))]);
    tainted.nodes[1].cordoned = true;
    tainted.nodes[2].taints.push(Taint {
        key: "gpu".into(),
        value: String::new(),
        effect: "NoSchedule".into(),
    });
    assert_eq!(lacks(&tainted).1.len(), 2);
}

#[test]
fn pods_that_must_be_apart_need_a_domain_each() {
    let mut needs = asking(0);
    needs.apart = company("kubernetes.io/hostname");
    let needs = Arc::new(needs);
    let mut pods: Vec<Pod> = ["a", "b"]
        .map(|node| pod(&format!("on-{node}"), node, &needs))
        .into();
    assert_eq!(lacks(&three(pods.clone())).0, 0);
    pods.push(pod("on-c", "c", &needs));
    assert_eq!(
        lacks(&three(pods)).1,
        [("node(s) didn't match pod anti-affinity rules".to_owned(), 2)]
    );
}

#[test]
fn a_pod_that_others_do_not_want_near_stays_away() {
    let mut averse = asking(0);
    averse.apart = company("topology.kubernetes.io/zone");
    let averse = Arc::new(averse);
    let mut guard = pod("guard", "b", &averse);
    guard.labels = [("app".to_owned(), "guard".to_owned())].into();
    let mut other = pod("other", "c", &averse);
    other.labels = guard.labels.clone();
    let snapshot = three(vec![pod("p", "a", &Arc::new(asking(0))), guard, other]);
    assert_eq!(
        lacks(&snapshot).1,
        [(
            "node(s) didn't satisfy existing pods anti-affinity rules".to_owned(),
            2
        )]
    );
}

#[test]
fn company_that_leaves_with_a_pod_is_looked_for_where_it_went() {
    let mut needs = asking(0);
    needs.near = company("kubernetes.io/hostname");
    let needs = Arc::new(needs);
    // The first of the two may be anywhere, the second is with it.
    let snapshot = three(vec![pod("p1", "a", &needs), pod("p2", "a", &needs)]);
    assert_eq!(lacks(&snapshot).0, 0);
    let mut alone = pod("p", "a", &needs);
    alone.labels = Labels::new();
    assert_eq!(
        lacks(&three(vec![alone])).1,
        [("node(s) didn't match pod affinity rules".to_owned(), 2)]
    );
}

#[test]
fn a_spread_over_nodes_counts_the_cordoned_one_as_empty() {
    let spread = |honor_taints| Spread {
        max_skew: 1,
        topology_key: "kubernetes.io/hostname".into(),
        selector: Some(selector()),
        label_keys: vec![],
        min_domains: None,
        honor_affinity: true,
        honor_taints,
    };
    let mut needs = asking(0);
    needs.spread = vec![spread(false)];
    let needs = Arc::new(needs);
    let each: Vec<Pod> = ["a", "b", "c"]
        .map(|node| pod(&format!("on-{node}"), node, &needs))
        .into();
    assert_eq!(
        lacks(&three(each)).1,
        [(
            "node(s) didn't match pod topology spread constraints".to_owned(),
            2
        )]
    );
    let two: Vec<Pod> = ["a", "b"]
        .map(|node| pod(&format!("on-{node}"), node, &needs))
        .into();
    assert_eq!(lacks(&three(two)).0, 0);
    // A spread that looks at taints does not.
    let mut needs = asking(0);
    needs.spread = vec![spread(true)];
    let needs = Arc::new(needs);
    let each: Vec<Pod> = ["a", "b", "c"]
        .map(|node| pod(&format!("on-{node}"), node, &needs))
        .into();
    assert_eq!(lacks(&three(each)).0, 0);
}

#[test]
fn a_pod_with_a_claim_stays_in_its_zone() {
    let mut needs = asking(1);
    needs.claims = vec!["data".into()];
    let full = Arc::new(asking(2));
    let snapshot = three(vec![
        pod("db-0", "a", &Arc::new(needs)),
        pod("x", "b", &full),
    ]);
    assert_eq!(
        lacks(&snapshot).1,
        [
            ("Insufficient cpu".to_owned(), 1),
            ("node(s) had volume node affinity conflict".to_owned(), 1),
        ]
    );
}

#[test]
fn pods_that_leave_together_share_what_a_node_takes_of_volumes() {
    let of = |name: &str| {
        let mut needs = asking(0);
        needs.claims = vec![format!("data-{name}")];
        pod(name, "a", &Arc::new(needs))
    };
    let mut snapshot = three(vec![of("db-0"), of("db-1")]);
    snapshot.volumes = ["db-0", "db-1"]
        .map(|name| Volume {
            name: name.into(),
            claim: ("shop".into(), format!("data-{name}")),
            driver: Some("disk".into()),
            affinity: None,
        })
        .into();
    let mut limited = |volumes: [u32; 2]| {
        snapshot.attach_limits = ["b", "c"]
            .into_iter()
            .zip(volumes)
            .map(|(node, volumes)| AttachLimit {
                node: node.into(),
                driver: "disk".into(),
                volumes,
            })
            .collect();
        judged(&snapshot)
    };
    assert_eq!(limited([1, 1]), []);
    assert_eq!(limited([2, 0]), []);
    let one = limited([1, 0]);
    assert!(
        matches!(&one[..], [Reason::RoomByOrder { pods }] if pods.len() == 2),
        "{one:?}"
    );
    let none = limited([0, 0]);
    assert!(
        matches!(&none[..], [Reason::NoRoom { why, .. }] if why[0].what == "node(s) exceed max volume count"),
        "{none:?}"
    );
}

#[test]
fn what_is_not_judged_is_said_and_what_nobody_makes_again_needs_no_room() {
    let mut needs = asking(0);
    needs.unjudged = vec!["nvidia.com/gpu".into()];
    let snapshot = three(vec![pod("p", "a", &Arc::new(needs))]);
    assert!(matches!(
        &judged(&snapshot)[..],
        [Reason::RoomNotJudged { .. }]
    ));
    let mut lone = pod("p", "a", &Arc::new(asking(9)));
    lone.owner = None;
    assert_eq!(judged(&three(vec![lone])), []);
    let mut done = pod("p", "a", &Arc::new(asking(9)));
    done.phase = PodPhase::Succeeded;
    assert_eq!(judged(&three(vec![done])), []);
}

#[test]
fn nodes_that_go_side_by_side_leave_no_room_for_each_other() {
    let one = Arc::new(asking(1));
    let snapshot = three(
        ["a", "a", "b", "b"]
            .iter()
            .enumerate()
            .map(|(number, node)| pod(&format!("p{number}"), node, &one))
            .collect(),
    );
    let (a, b) = (NodeName::from("a"), NodeName::from("b"));
    let on = |name: &NodeName| -> Vec<&Pod> {
        let pods = snapshot.pods.iter();
        pods.filter(|pod| pod.node.as_ref() == Some(name)).collect()
    };
    let mut room = Room::of_cluster(&snapshot, &snapshot.pods);
    // Each alone leaves its pods the third node; together they share it.
    assert_eq!(room.judge(&[(&a, on(&a))]), [vec![]]);
    let together = room.judge(&[(&a, on(&a)), (&b, on(&b))]);
    assert_eq!(together[0], []);
    assert!(
        matches!(&together[1][..], [Reason::NoRoom { pods, nodes: 1, .. }] if pods.len() == 2),
        "{together:?}"
    );
}

#[test]
fn where_the_order_decides_who_finds_room_that_is_what_is_said() {
    // Two parts are free on one node, and one pod wants both of them. All others are full.
    let (both, one) = (Arc::new(asking(2)), Arc::new(asking(1)));
    let mut large = pod("large", "a", &both);
    large.owner.as_mut().expect("an owner").uid = Uid::new("other");
    let mut pods = vec![large, pod("small", "a", &one), pod("full", "b", &both)];
    let [Reason::RoomByOrder { pods: perhaps }] = &judged(&three(pods.clone()))[..] else {
        panic!("{:?}", judged(&three(pods)));
    };
    assert_eq!(perhaps.len(), 2, "either may come first");

    // Of three that are alike one finds room whoever comes first.
    pods = ["p1", "p2", "p3"].map(|name| pod(name, "a", &both)).into();
    pods.push(pod("full", "b", &both));
    let (without, _) = lacks(&three(pods));
    assert_eq!(without, 2);
}
