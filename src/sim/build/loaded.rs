//! From a snapshot of a real cluster to a running one. Just the fields that the edge reads are written, as they are in
//! the snapshot; then the cluster's own controllers and kubelets take over.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::spec;
use crate::core::model::{
    Amount, Bound, Budget, Controller, ControllerKind, Namespace, Node, OperatingSystem, Owner,
    Pod, PodPhase, Readiness, Snapshot, Uid,
};
use crate::sim::clock::Moment;
use crate::sim::cluster::Cluster;
use crate::sim::heartbeats::NODE_LEASES;
use crate::sim::host::{HEARTBEAT, Host, Kubelet};
use crate::sim::json::set;
use crate::sim::kind::Kind;
use crate::sim::world::Machine;
use crate::sim::{controllers, kubelet};

/// How long a kubelet of which nobody knows has been silent.
const SILENT_FOR: Moment = Moment::from_secs(3600);

pub(super) fn load(cluster: &mut Cluster, snapshot: &Snapshot, machines: Vec<Machine>) {
    for described in &snapshot.namespaces {
        cluster.adopt(Kind::Namespace, namespace(described));
        // What its controllers did is done; they look at it again only when it changes.
        cluster.accounts.insert(described.name.clone());
    }
    for (described, machine) in snapshot.nodes.iter().zip(machines) {
        cluster.adopt(Kind::Node, node(described));
        host(cluster, described, machine);
    }
    for described in &snapshot.controllers {
        let kind = match described.kind {
            ControllerKind::Deployment => Kind::Deployment,
            ControllerKind::ReplicaSet => Kind::ReplicaSet,
            ControllerKind::StatefulSet => Kind::StatefulSet,
            ControllerKind::DaemonSet => Kind::DaemonSet,
        };
        cluster.adopt(kind, controller(described));
    }
    for described in &snapshot.budgets {
        cluster.adopt(Kind::Budget, budget(described));
    }
    for described in &snapshot.pods {
        cluster.adopt(Kind::Pod, pod(described));
    }
    controllers::take_over(cluster);
    kubelet::take_over(cluster);
}

fn metadata(namespace: &str, name: &str, uid: &Uid) -> Value {
    let mut metadata = json!({"name": name, "uid": uid});
    if !namespace.is_empty() {
        metadata["namespace"] = namespace.into();
    }
    metadata
}

/// The references to an owner that is the controller.
fn owners(owner: Option<&Owner>) -> Value {
    owner
        .map(|owner| {
            json!({
                "apiVersion": owner.api_version, "kind": owner.kind, "name": owner.name,
                "uid": owner.uid, "controller": true,
            })
        })
        .into_iter()
        .collect()
}

fn namespace(described: &Namespace) -> Value {
    let mut metadata = metadata("", &described.name, &described.uid);
    metadata["labels"] = json!(described.labels);
    let mut phase = "Active";
    if described.ending {
        phase = "Terminating";
        metadata["deletionTimestamp"] = json!(Timestamp::UNIX_EPOCH);
        metadata["deletionGracePeriodSeconds"] = 0.into();
    }
    json!({"metadata": metadata, "status": {"phase": phase}})
}

fn node(described: &Node) -> Value {
    let mut metadata = metadata("", described.name.as_str(), &described.uid);
    metadata["labels"] = json!(described.labels);
    metadata["annotations"] = json!(described.annotations);
    if let Some(created) = described.created {
        metadata["creationTimestamp"] = json!(created);
    }
    let taints: Vec<_> = described
        .taints
        .iter()
        .map(|taint| json!({"key": taint.key, "value": taint.value, "effect": taint.effect}))
        .collect();
    let mut spec = json!({});
    if described.cordoned {
        spec["unschedulable"] = true.into();
    }
    if !taints.is_empty() {
        spec["taints"] = taints.into();
    }
    if let Some(id) = &described.provider_id {
        spec["providerID"] = id.as_str().into();
    }
    let (ready, reason) = match &described.readiness {
        Readiness::Ready => ("True", "KubeletReady"),
        Readiness::NotReady(reason) => ("False", reason.as_str()),
        Readiness::Unknown(reason) => ("Unknown", reason.as_str()),
    };
    let addresses: Vec<_> = [
        ("InternalIP", &described.internal_ip),
        ("ExternalIP", &described.external_ip),
        ("Hostname", &described.hostname),
    ]
    .into_iter()
    .filter_map(|(kind, address)| Some(json!({"type": kind, "address": address.as_ref()?})))
    .collect();
    let allocatable = described.allocatable;
    let mut amounts = spec::amounts(allocatable.resources);
    amounts["pods"] = allocatable.pods.to_string().into();
    let mut info = json!({
        "operatingSystem": operating_system(&described.os), "osImage": described.os_image,
        "kubeletVersion": described.kubelet_version,
        "containerRuntimeVersion": described.runtime,
    });
    if let Some(boot) = &described.boot {
        info["bootID"] = json!(boot);
    }
    if let Some(kernel) = &described.kernel {
        info["kernelVersion"] = json!(kernel);
    }
    json!({
        "metadata": metadata,
        "spec": spec,
        "status": {
            "nodeInfo": info,
            "conditions": [
                {"type": "Ready", "status": ready, "reason": reason, "lastHeartbeatTime": HEARTBEAT}
            ],
            "addresses": addresses,
            "allocatable": amounts,
        },
    })
}

fn operating_system(os: &OperatingSystem) -> &str {
    match os {
        OperatingSystem::Linux => "linux",
        OperatingSystem::Windows => "windows",
        OperatingSystem::Other(name) => name,
    }
}

fn host(cluster: &mut Cluster, node: &Node, machine: Machine) {
    let name = machine.name.clone();
    let silent = matches!(node.readiness, Readiness::Unknown(_));
    let last = cluster.now.saturating_sub(SILENT_FOR);
    let host = Host {
        boot_id: node
            .boot
            .as_ref()
            .map_or("", |boot| boot.as_str())
            .to_owned(),
        kernel: machine.kernel.clone(),
        flag: None,
        boots: 0,
        booted: None,
        life: 0,
        kubelet: if silent {
            Kubelet::Dead {
                renewal: last,
                heartbeat: last,
            }
        } else {
            Kubelet::RunningSince(cluster.now)
        },
        static_pods: Vec::new(),
        rebooting: false,
        machine,
    };
    let renewed = cluster
        .clock
        .micros(if silent { last } else { cluster.now });
    cluster.hosts.insert(name.clone(), host);
    let uid = cluster.chance.uuid();
    cluster.adopt(
        Kind::Lease,
        json!({
            "metadata": metadata(NODE_LEASES, &name, &Uid::new(uid)),
            "spec": {"holderIdentity": name, "leaseDurationSeconds": 40, "renewTime": renewed},
        }),
    );
}

fn controller(described: &Controller) -> Value {
    let mut metadata = metadata(&described.namespace, &described.name, &described.uid);
    metadata["generation"] = 1.into();
    metadata["ownerReferences"] = owners(described.owner.as_ref());
    let template = &described.template;
    let mut spec = json!({
        "selector": spec::selector(&described.selector),
        "template": {
            "metadata": {"labels": template.labels},
            "spec": spec::spec(&template.needs, template.empty_dir),
        },
    });
    let status = if described.kind == ControllerKind::DaemonSet {
        json!({
            "observedGeneration": 1, "desiredNumberScheduled": described.wanted,
            "numberReady": described.ready,
        })
    } else {
        spec["replicas"] = described.wanted.into();
        json!({"observedGeneration": 1, "readyReplicas": described.ready})
    };
    if described.first > 0 {
        spec["ordinals"] = json!({"start": described.first});
    }
    json!({"metadata": metadata, "spec": spec, "status": status})
}

fn budget(described: &Budget) -> Value {
    let mut metadata = metadata(&described.namespace, &described.name, &described.uid);
    metadata["generation"] = described.generation.into();
    let mut spec = json!({});
    if let Some(selector) = &described.selector {
        spec["selector"] = spec::selector(selector);
    }
    let amount = |amount: &Amount| match amount {
        Amount::Pods(pods) => Value::from(*pods),
        Amount::Share(share) => share.as_str().into(),
    };
    match &described.bound {
        Bound::MinAvailable(least) => spec["minAvailable"] = amount(least),
        Bound::MaxUnavailable(most) => spec["maxUnavailable"] = amount(most),
        Bound::None => {}
    }
    if described.always_allow_unhealthy {
        spec["unhealthyPodEvictionPolicy"] = "AlwaysAllow".into();
    }
    let counted = described.counted;
    let mut status = json!({
        "observedGeneration": counted.observed_generation,
        "disruptionsAllowed": counted.allowed,
        "currentHealthy": counted.healthy,
        "desiredHealthy": counted.desired,
        "expectedPods": counted.expected,
    });
    if !described.disrupted.is_empty() {
        status["disruptedPods"] = json!(described.disrupted);
    }
    json!({"metadata": metadata, "spec": spec, "status": status})
}

fn pod(described: &Pod) -> Value {
    let mut metadata = metadata(
        &described.key.namespace,
        &described.key.name,
        &described.uid,
    );
    metadata["labels"] = json!(described.labels);
    metadata["ownerReferences"] = owners(described.owner.as_ref());
    if described.mirror {
        metadata["annotations"] = json!({"kubernetes.io/config.mirror": "loaded"});
    }
    if let Some(deletion) = described.deletion {
        metadata["deletionTimestamp"] = json!(deletion);
        // What is left of it is not in a snapshot; a pod that is gone without it would be wrong sooner.
        metadata["deletionGracePeriodSeconds"] = 30.into();
    }
    let mut spec = spec::spec(&described.needs, described.empty_dir);
    spec["terminationGracePeriodSeconds"] = 30.into();
    spec["restartPolicy"] = "Always".into();
    if let Some(node) = &described.node {
        spec["nodeName"] = json!(node);
    }
    let phase = match described.phase {
        PodPhase::Pending => "Pending",
        PodPhase::Running => "Running",
        PodPhase::Succeeded => "Succeeded",
        PodPhase::Failed => "Failed",
        PodPhase::Unknown => "Unknown",
    };
    let ready = if described.ready { "True" } else { "False" };
    let mut status = json!({"phase": phase, "conditions": [{"type": "Ready", "status": ready}]});
    if described.phase == PodPhase::Running {
        let container = json!({
            "name": spec["containers"][0]["name"], "image": spec["containers"][0]["image"],
            "imageID": "", "restartCount": 0, "ready": described.ready, "started": true,
            "lastState": {}, "state": {"running": {}},
        });
        set(&mut status, "/containerStatuses", vec![container]);
    }
    json!({"metadata": metadata, "spec": spec, "status": status})
}
