//! Snapshots of clusters that may be: odd names, missing and empty fields, every kind of node, pod, controller and budget.

mod kept;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;
use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;

use self::kept::{budget, controller};
use crate::core::model::{
    Allocatable, BootId, ClusterId, Controller, HostPort, Kernel, LabelSelector, Namespace, Needs,
    Node, NodeName, OperatingSystem, Operator, Owner, Pod, PodKey, PodPhase, PodTerm, Readiness,
    Requirement, Resources, Snapshot, Spread, Taint, Term, Toleration, Uid,
};

const OS_LABEL: &str = "kubernetes.io/os";

/// Names as they should be, and as nobody expects them.
fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[a-z][a-z0-9-]{0,8}",
        1 => "[a-z.]{1,3}/[A-Z_.]{1,5}",
        1 => Just("\u{1b}[31mred".to_owned()),
        1 => Just("ümläut \"quoted\" \\ %2F?limit=1".to_owned()),
        1 => "[a-z0-9]{60}",
    ]
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![2 => Just(String::new()), 3 => name()]
}

fn labels() -> impl Strategy<Value = BTreeMap<String, String>> {
    btree_map(name(), text(), 0..4)
}

fn time() -> impl Strategy<Value = Timestamp> {
    (0_i64..4_000_000_000).prop_map(|second| Timestamp::from_second(second).unwrap())
}

fn uid() -> impl Strategy<Value = Uid> {
    "[0-9a-f]{8}".prop_map(Uid::new)
}

fn requirement() -> impl Strategy<Value = Requirement> {
    let operator = prop_oneof![
        Just(Operator::In),
        Just(Operator::NotIn),
        Just(Operator::Exists),
        Just(Operator::DoesNotExist),
        Just(Operator::Gt),
        Just(Operator::Lt),
        Just(Operator::Unknown),
    ];
    (name(), operator, vec(text(), 0..3)).prop_map(|(key, operator, values)| Requirement {
        key,
        operator,
        values,
    })
}

fn selector() -> impl Strategy<Value = LabelSelector> {
    (labels(), vec(requirement(), 0..2))
        .prop_map(|(equal, expressions)| LabelSelector { equal, expressions })
}

fn toleration() -> impl Strategy<Value = Toleration> {
    (text(), option::of(text()), text(), option::of(0_i64..9000)).prop_map(
        |(key, value, effect, seconds)| Toleration {
            key,
            value,
            effect,
            seconds,
        },
    )
}

fn needs() -> impl Strategy<Value = Needs> {
    let term = (vec(requirement(), 0..2), vec(requirement(), 0..2))
        .prop_map(|(labels, fields)| Term { labels, fields });
    let port = (1_u16.., prop_oneof![Just("TCP"), Just("UDP")], text()).prop_map(
        |(port, protocol, address)| HostPort {
            port,
            protocol: protocol.into(),
            address,
        },
    );
    let company = || {
        (
            option::of(selector()),
            name(),
            vec(name(), 0..2),
            option::of(selector()),
        )
            .prop_map(
                |(selector, topology_key, namespaces, namespace_selector)| PodTerm {
                    selector,
                    topology_key,
                    namespaces,
                    namespace_selector,
                },
            )
    };
    let spread = (
        (1_u32..5, name(), option::of(selector()), vec(name(), 0..2)),
        (option::of(1_u32..4), any::<bool>(), any::<bool>()),
    )
        .prop_map(
            |(
                (max_skew, topology_key, selector, label_keys),
                (min_domains, honor_affinity, honor_taints),
            )| Spread {
                max_skew,
                topology_key,
                selector,
                label_keys,
                min_domains,
                honor_affinity,
                honor_taints,
            },
        );
    let unjudged = prop_oneof![
        4 => Just(vec![]),
        1 => Just(vec!["nvidia.com/gpu".to_owned(), "resourceClaims".to_owned(), "scheduler other".to_owned()]),
    ];
    (
        resources(),
        vec(port, 0..2),
        labels(),
        option::of(vec(term, 0..3)),
        vec(toleration(), 0..3),
        (
            vec(company(), 0..2),
            vec(company(), 0..2),
            vec(spread, 0..2),
        ),
        (
            vec(name(), 0..2),
            prop_oneof![3 => Just(0), 1 => -10..2_000_001_000],
            unjudged,
        ),
    )
        .prop_map(
            |(
                requests,
                ports,
                selector,
                affinity,
                tolerations,
                (apart, near, spread),
                (claims, priority, unjudged),
            )| Needs {
                requests,
                ports,
                selector,
                affinity,
                tolerations,
                apart,
                near,
                spread,
                claims,
                priority,
                unjudged,
            },
        )
}

fn resources() -> impl Strategy<Value = Resources> {
    let amount = |most: u64| prop_oneof![1 => Just(0), 3 => 0..most];
    (amount(100_000), amount(1 << 42))
        .prop_map(|(milli_cpu, memory)| Resources { milli_cpu, memory })
}

fn taint() -> impl Strategy<Value = Taint> {
    let odd = (name(), text(), text());
    let usual = prop_oneof![
        Just(("node.kubernetes.io/unschedulable", "NoSchedule")),
        Just(("node.kubernetes.io/unreachable", "NoExecute")),
        Just(("virtual-kubelet.io/provider", "NoSchedule")),
    ]
    .prop_map(|(key, effect)| (key.to_owned(), String::new(), effect.to_owned()));
    prop_oneof![odd, usual].prop_map(|(key, value, effect)| Taint { key, value, effect })
}

fn node() -> impl Strategy<Value = Node> {
    let os = prop_oneof![
        4 => Just(OperatingSystem::Linux),
        1 => Just(OperatingSystem::Windows),
        1 => text().prop_map(OperatingSystem::Other),
    ];
    let readiness = prop_oneof![
        3 => Just(Readiness::Ready),
        1 => text().prop_map(Readiness::NotReady),
        1 => text().prop_map(Readiness::Unknown),
    ];
    let image = prop_oneof![text(), Just("Ubuntu 24.04.3 LTS".to_owned())];
    let identity = (
        name(),
        uid(),
        option::of(time()),
        option::of(name()),
        option::of(name()),
    );
    let host = (
        os,
        image,
        text(),
        text(),
        option::of(name()),
        (option::of(name()), option::of(name()), option::of(name())),
    );
    let state = (
        labels(),
        labels(),
        vec(taint(), 0..3),
        any::<bool>(),
        readiness,
    );
    let room =
        (resources(), 0_u32..500).prop_map(|(resources, pods)| Allocatable { resources, pods });
    (identity, host, state, room).prop_map(
        |(
            (name, uid, created, boot, kernel),
            (
                os,
                os_image,
                kubelet_version,
                runtime,
                provider_id,
                (internal_ip, external_ip, hostname),
            ),
            (mut labels, annotations, taints, cordoned, readiness),
            allocatable,
        )| {
            // A system that nobody named has no such label either, or it would be named by that.
            if os == OperatingSystem::Other(String::new()) {
                labels.remove(OS_LABEL);
            } else if cordoned {
                labels.insert(OS_LABEL.into(), "linux".into());
            }
            Node {
                name: NodeName::new(name),
                uid,
                resource_version: String::new(),
                created,
                boot: boot.map(BootId::new),
                kernel: kernel.map(Kernel::new),
                os: match os {
                    OperatingSystem::Other(name) if name == "linux" => OperatingSystem::Linux,
                    OperatingSystem::Other(name) if name == "windows" => OperatingSystem::Windows,
                    os => os,
                },
                os_image,
                kubelet_version,
                runtime,
                provider_id,
                internal_ip,
                external_ip,
                hostname,
                labels,
                annotations,
                taints,
                cordoned,
                readiness,
                allocatable,
            }
        },
    )
}

fn owner() -> impl Strategy<Value = Owner> {
    let kind = prop_oneof![
        Just(("apps/v1", "ReplicaSet")),
        Just(("apps/v1", "DaemonSet")),
        Just(("apps/v1", "Deployment")),
        Just(("batch/v1", "Job")),
        Just(("", "Odd")),
    ];
    (kind, name(), uid()).prop_map(|((api_version, kind), name, uid)| Owner {
        api_version: api_version.into(),
        kind: kind.into(),
        name,
        uid,
    })
}

fn pod() -> impl Strategy<Value = Pod> {
    let phase = prop_oneof![
        1 => Just(PodPhase::Pending),
        3 => Just(PodPhase::Running),
        1 => Just(PodPhase::Succeeded),
        1 => Just(PodPhase::Failed),
        1 => Just(PodPhase::Unknown),
    ];
    let identity = (namespace_name(), name(), uid(), option::of(name()));
    let state = (
        phase,
        any::<bool>(),
        any::<bool>(),
        any::<bool>(),
        option::of(time()),
    );
    (identity, state, option::of(owner()), labels(), needs()).prop_map(
        |(
            (namespace, name, uid, node),
            (phase, ready, mirror, empty_dir, deletion),
            owner,
            labels,
            needs,
        )| Pod {
            key: PodKey { namespace, name },
            uid,
            node: node.map(NodeName::new),
            phase,
            ready,
            owner,
            labels,
            mirror,
            empty_dir,
            deletion,
            needs: Arc::new(needs),
        },
    )
}

/// Few enough that things meet in one.
fn namespace_name() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("default".to_owned()),
        Just("kube-system".to_owned()),
        name()
    ]
}

fn namespace() -> impl Strategy<Value = Namespace> {
    (namespace_name(), uid(), labels(), any::<bool>()).prop_map(|(name, uid, labels, ending)| {
        Namespace {
            name,
            uid,
            labels,
            ending,
        }
    })
}

/// In order, and no two of one name.
fn sorted<T, K: Ord>(mut items: Vec<T>, key: impl Fn(&T) -> K) -> Vec<T> {
    let mut seen = BTreeSet::new();
    items.retain(|item| seen.insert(key(item)));
    items.sort_by_key(key);
    items
}

pub(super) fn snapshots() -> impl Strategy<Value = Snapshot> {
    (
        vec(namespace(), 0..4),
        vec(node(), 0..5),
        vec(pod(), 0..8),
        vec(controller(), 0..5),
        vec(budget(), 0..4),
    )
        .prop_map(|(namespaces, nodes, pods, controllers, budgets)| {
            let namespaces = sorted(namespaces, |namespace| namespace.name.clone());
            Snapshot {
                unread: vec![],
                services: vec![],
                webhooks: vec![],
                volumes: vec![],
                attach_limits: vec![],
                identity: namespaces
                    .iter()
                    .find(|namespace| namespace.name == "kube-system")
                    .map(|namespace| ClusterId::new(namespace.uid.as_str())),
                namespaces,
                nodes: sorted(nodes, |node| node.name.clone()),
                pods: sorted(pods, |pod| pod.key.clone()),
                controllers: sorted(controllers, |controller| {
                    let Controller {
                        kind,
                        namespace,
                        name,
                        ..
                    } = controller;
                    (*kind, namespace.clone(), name.clone())
                }),
                budgets: sorted(budgets, |budget| {
                    (budget.namespace.clone(), budget.name.clone())
                }),
            }
        })
}
