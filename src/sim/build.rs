//! From the world's description to the objects that the API serves: nodes, workloads, budgets.

use serde_json::{Value, json};

use super::BEFORE_START;
use super::clock::{Clock, Moment};
use super::cluster::{Cluster, NODE_LEASES, Rules};
use super::contract::{STARTS_IN, STOPS_IN};
use super::faults::{Happening, What, When};
use super::host::{self, HEARTBEAT, Host, Kubelet};
use super::jobs::Job;
use super::json;
use super::kind::Kind;
use super::store::Key;
use super::world::{Bound, Budget, Machine, Placement, System, Workload, WorkloadKind, World};

/// Registers a machine's node, Ready and open; with it goes its Lease.
pub(super) fn node(cluster: &mut Cluster, machine: Machine) {
    let boot_id = cluster.chance.uuid();
    let windows = machine.system == System::Windows;
    let ordinal = cluster.hosts.len() + 4;
    let zone = machine
        .zone
        .as_deref()
        .map_or_else(|| "0".to_owned(), |zone| format!("westeurope-{zone}"));
    let mut labels = json!({
        "agentpool": machine.pool,
        "kubernetes.azure.com/agentpool": machine.pool,
        "kubernetes.azure.com/mode": if machine.pool == "system" { "system" } else { "user" },
        "kubernetes.azure.com/node-image-version": machine.os.node_image,
        "kubernetes.io/arch": "amd64",
        "kubernetes.io/hostname": machine.name,
        "kubernetes.io/os": if windows { "windows" } else { "linux" },
        "node.kubernetes.io/instance-type": "Standard_D4ds_v5",
        "topology.kubernetes.io/region": "westeurope",
        "topology.kubernetes.io/zone": zone,
    });
    for (key, value) in &machine.labels {
        *json::member(&mut labels, key) = value.as_str().into();
    }
    let mut annotations = json!({"volumes.kubernetes.io/controller-managed-attach-detach": "true"});
    for (key, value) in &machine.annotations {
        *json::member(&mut annotations, key) = value.as_str().into();
    }
    let time = cluster.time();
    let mut value = json!({
        "metadata": {"name": machine.name, "labels": labels, "annotations": annotations},
        "spec": {"providerID": format!(
            "azure:///subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/mc_demo_demo_westeurope/\
             providers/Microsoft.Compute/virtualMachineScaleSets/aks-{}-vmss/virtualMachines/{ordinal}",
            machine.pool
        )},
        "status": {
            "addresses": [
                {"type": "InternalIP", "address": format!("10.224.{}.{}", ordinal / 250, ordinal % 250 + 4)},
                {"type": "Hostname", "address": machine.name},
            ],
            "capacity": {"cpu": "4", "memory": "16374300Ki", "pods": "110"},
            "allocatable": {"cpu": "3860m", "memory": "12878364Ki", "pods": "110"},
            "nodeInfo": {
                "architecture": "amd64",
                "bootID": boot_id,
                "containerRuntimeVersion": if windows { "containerd://2.0.4+azure" } else { "containerd://1.7.29-1" },
                "kernelVersion": machine.kernel,
                "kubeProxyVersion": "",
                "kubeletVersion": cluster.rules.version,
                "machineID": cluster.chance.uuid().replace('-', ""),
                "operatingSystem": if windows { "windows" } else { "linux" },
                "osImage": machine.os.image,
                "systemUUID": cluster.chance.uuid(),
            },
        },
    });
    for (name, reason) in [
        ("MemoryPressure", "KubeletHasSufficientMemory"),
        ("DiskPressure", "KubeletHasNoDiskPressure"),
        ("PIDPressure", "KubeletHasSufficientPID"),
    ] {
        let condition = json!({
            "type": name, "status": "False", "reason": reason, "lastHeartbeatTime": HEARTBEAT,
        });
        json::set_condition(&mut value, condition, &time);
    }
    json::set_condition(&mut value, host::ready(), &time);
    let name = machine.name.clone();
    let host = Host {
        boot_id,
        kernel: machine.kernel.clone(),
        flag: None,
        boots: 0,
        life: 0,
        kubelet: Kubelet::RunningSince(cluster.now),
        rebooting: false,
        machine,
    };
    cluster.hosts.insert(name.clone(), host);
    let node = cluster.create(Kind::Node, value);
    let renewed = cluster.clock.micros(cluster.now);
    cluster.create(
        Kind::Lease,
        json!({
            "metadata": {
                "name": name, "namespace": NODE_LEASES,
                "ownerReferences": [{"apiVersion": "v1", "kind": "Node", "name": name, "uid": node.index.uid}],
            },
            "spec": {"holderIdentity": name, "leaseDurationSeconds": 40, "renewTime": renewed},
        }),
    );
}

/// Removes a node with everything that was on it.
pub(super) fn forget_node(cluster: &mut Cluster, name: &str) {
    for pod in cluster.store.pods_on(name) {
        cluster.remove(Kind::Pod, &pod.key);
    }
    cluster.remove(Kind::Lease, &Key::new(NODE_LEASES, name));
    cluster.remove(Kind::Node, &Key::of_cluster(name));
}

/// The flag of a machine, as of the world's start.
pub(super) fn raise_flag(host: &mut Host, start: Moment) {
    host.flag = host
        .machine
        .flag
        .as_ref()
        .map(|flag| (start.saturating_sub(flag.age), flag.packages.clone()));
}

pub(super) fn workload(cluster: &mut Cluster, workload: &Workload) {
    let name = &workload.name;
    let metadata = json!({"name": name, "namespace": workload.namespace, "labels": {"app": name}});
    let selector = json!({"matchLabels": {"app": name}});
    let template = template(workload);
    let (kind, spec) = match workload.kind {
        WorkloadKind::Deployment => (
            Kind::Deployment,
            json!({"replicas": workload.replicas, "selector": selector, "template": template}),
        ),
        WorkloadKind::StatefulSet => (
            Kind::StatefulSet,
            json!({
                "replicas": workload.replicas, "selector": selector, "template": template,
                "serviceName": name,
            }),
        ),
        WorkloadKind::DaemonSet => (
            Kind::DaemonSet,
            json!({"selector": selector, "template": template}),
        ),
        WorkloadKind::Bare => {
            let mut pod = template;
            pod["metadata"]["name"] = name.as_str().into();
            pod["metadata"]["namespace"] = workload.namespace.as_str().into();
            cluster.create(Kind::Pod, super::http::defaults::pod(pod));
            return;
        }
        WorkloadKind::Mirror => return mirrors(cluster, workload, &template),
    };
    cluster.create(kind, json!({"metadata": metadata, "spec": spec}));
}

fn mirrors(cluster: &mut Cluster, workload: &Workload, template: &Value) {
    let nodes: Vec<_> = cluster
        .hosts
        .values()
        .map(|host| &host.machine)
        .filter(|machine| match &workload.placement {
            Placement::Anywhere => machine.system == System::Linux,
            Placement::Pool(pool) => machine.pool == *pool,
            Placement::Node(node) => machine.name == *node,
        })
        .map(|machine| machine.name.clone())
        .collect();
    for node in nodes {
        let uid = cluster
            .store
            .get(Kind::Node, &Key::of_cluster(node.as_str()))
            .map(|node| node.index.uid.clone());
        let mut pod = template.clone();
        let metadata = &mut pod["metadata"];
        metadata["name"] = format!("{}-{node}", workload.name).into();
        metadata["namespace"] = workload.namespace.as_str().into();
        metadata["annotations"]["kubernetes.io/config.mirror"] = "0123456789abcdef".into();
        metadata["ownerReferences"] = json!([
            {"apiVersion": "v1", "kind": "Node", "name": node, "uid": uid, "controller": true}
        ]);
        pod["spec"]["nodeName"] = node.as_str().into();
        cluster.create(Kind::Pod, super::http::defaults::pod(pod));
    }
}

fn template(workload: &Workload) -> Value {
    let millis = |duration: std::time::Duration| duration.as_millis().to_string();
    let mut spec = json!({
        "containers": [{"name": workload.name, "image": format!("registry.example/{}:1", workload.name)}],
        "nodeSelector": {"kubernetes.io/os": "linux"},
        "terminationGracePeriodSeconds": workload.grace.as_secs(),
    });
    match &workload.placement {
        Placement::Anywhere => {}
        Placement::Pool(pool) => {
            spec["nodeSelector"]["kubernetes.azure.com/agentpool"] = pool.as_str().into();
        }
        Placement::Node(node) => spec["nodeName"] = node.as_str().into(),
    }
    let mut volumes = Vec::new();
    if workload.empty_dir {
        volumes.push(json!({"name": "scratch", "emptyDir": {}}));
    }
    if workload.host_path {
        volumes.push(json!({"name": "host", "hostPath": {"path": "/var/log"}}));
    }
    if !volumes.is_empty() {
        spec["volumes"] = volumes.into();
    }
    let mut metadata = json!({
        "labels": {"app": workload.name},
        "annotations": {STARTS_IN: millis(workload.starts_in), STOPS_IN: millis(workload.stops_in)},
    });
    if !workload.finalizers.is_empty() {
        metadata["finalizers"] = json!(workload.finalizers);
    }
    json!({"metadata": metadata, "spec": spec})
}

pub(super) fn budget(cluster: &mut Cluster, budget: &Budget) {
    let selector = match &budget.app {
        Some(app) => json!({"matchLabels": {"app": app}}),
        None => json!({}),
    };
    let mut value = json!({
        "metadata": {"name": budget.name, "namespace": budget.namespace},
        "spec": {"selector": selector},
    });
    if budget.always_allow_unhealthy {
        value["spec"]["unhealthyPodEvictionPolicy"] = "AlwaysAllow".into();
    }
    set_bound(&mut value, &budget.bound);
    cluster.create(Kind::Budget, value);
}

/// Writes the bound into a budget's spec, as a number where it is one.
pub(super) fn set_bound(budget: &mut Value, bound: &Bound) {
    let (key, other, text) = match bound {
        Bound::MinAvailable(text) => ("minAvailable", "maxUnavailable", text),
        Bound::MaxUnavailable(text) => ("maxUnavailable", "minAvailable", text),
    };
    let spec = json::entry(budget, "/spec");
    json::unset(spec, &format!("/{other}"));
    spec[key] = text
        .parse::<i64>()
        .map_or_else(|_| text.as_str().into(), Value::from);
}

/// The namespaces that every cluster has.
const NAMESPACES: [&str; 4] = ["default", "kube-system", "kube-public", NODE_LEASES];

/// How long before its start the world's broken machines broke.
const BROKEN_FOR: Moment = Moment::from_secs(2 * 3600);

/// The described cluster, brought into its state by its own controllers before anybody looks.
pub(super) fn cluster(world: World, seed: u64) -> Cluster {
    let World {
        start,
        version,
        namespaces,
        machines,
        workloads,
        budgets,
        happenings,
        denials,
        forbidden,
        paces,
        speed,
    } = world;
    let beginning = start.checked_sub(BEFORE_START).unwrap_or(start);
    let clock = Clock::new(beginning, Moment::ZERO, 1);
    let rules = Rules {
        version,
        denials,
        forbidden,
        paces,
    };
    let mut cluster = Cluster::new(clock, seed, rules);
    cluster.now = Moment::ZERO;
    for name in NAMESPACES.into_iter().map(str::to_owned).chain(namespaces) {
        let labels = json!({"kubernetes.io/metadata.name": name});
        cluster.create(
            Kind::Namespace,
            json!({"metadata": {"name": name, "labels": labels}}),
        );
    }
    for machine in machines {
        node(&mut cluster, machine);
    }
    for described in &workloads {
        workload(&mut cluster, described);
    }
    for described in &budgets {
        budget(&mut cluster, described);
    }
    cluster.run_ahead(BEFORE_START - BROKEN_FOR);
    disable(&mut cluster);
    cluster.run_ahead(BEFORE_START);
    cluster.store.forget();
    cluster.clock = Clock::new(beginning, BEFORE_START, speed);
    for Happening { when, what } in happenings {
        match when {
            When::At(after) => cluster.later(after, Job::Happen(what)),
            When::Before(matching) => cluster.script.await_request(matching, None, what),
            When::After(matching, later) => {
                cluster.script.await_request(matching, Some(later), what);
            }
        }
    }
    cluster
}

/// What was wrong with machines from the start befalls them when the workloads are on them.
fn disable(cluster: &mut Cluster) {
    let names: Vec<_> = cluster.hosts.keys().cloned().collect();
    for name in names {
        let Some(host) = cluster.hosts.get_mut(&name) else {
            continue;
        };
        raise_flag(host, BEFORE_START);
        let (ready, cordoned) = (host.machine.ready, host.machine.cordoned);
        if cordoned {
            cluster.happen(What::Cordon(name.clone()));
        }
        if !ready {
            host::stop_kubelet(cluster, &name);
        }
    }
}
