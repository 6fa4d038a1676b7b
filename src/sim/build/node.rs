//! Nodes as their kubelets register them.

use serde_json::json;

use crate::sim::cluster::Cluster;
use crate::sim::heartbeats::NODE_LEASES;
use crate::sim::host::{self, HEARTBEAT, Host, Kubelet};
use crate::sim::json;
use crate::sim::kind::Kind;
use crate::sim::store::Key;
use crate::sim::world::{Machine, System};

/// Registers a machine's node, Ready and open; with it goes its Lease.
pub(in crate::sim) fn node(cluster: &mut Cluster, machine: Machine) {
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
        "kubernetes.azure.com/os-sku": sku(&machine),
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
    let offers = machine.offers;
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
            "capacity": {"cpu": "4", "memory": "16374300Ki", "pods": offers.pods.to_string()},
            "allocatable": {
                "cpu": format!("{}m", offers.milli_cpu), "memory": format!("{}Mi", offers.memory_mib),
                "pods": offers.pods.to_string(),
            },
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
    if !machine.taints.is_empty() {
        let taints = machine.taints.iter();
        value["spec"]["taints"] = taints
            .map(|taint| json!({"key": taint.key, "value": taint.value, "effect": taint.effect}))
            .collect();
    }
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
        booted: None,
        life: 0,
        kubelet: Kubelet::RunningSince(cluster.now),
        static_pods: Vec::new(),
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
                "ownerReferences": [{"apiVersion": "v1", "kind": "Node", "name": name, "uid": node.index.lasting.uid}],
            },
            "spec": {"holderIdentity": name, "leaseDurationSeconds": 40, "renewTime": renewed},
        }),
    );
}

/// How AKS calls the system.
fn sku(machine: &Machine) -> &'static str {
    match (machine.os.id.as_str(), machine.os.variant.as_deref()) {
        _ if machine.system == System::Windows => "Windows",
        (_, Some("azurecontainerlinux")) => "AzureContainerLinux",
        ("azurelinux", _) => "AzureLinux",
        _ => "Ubuntu",
    }
}

/// Removes a node with everything that was on it.
pub(in crate::sim) fn forget_node(cluster: &mut Cluster, name: &str) {
    for pod in cluster.store.pods_on(name) {
        cluster.remove(Kind::Pod, &pod.key);
    }
    cluster.remove(Kind::Lease, &Key::new(NODE_LEASES, name));
    cluster.remove(Kind::Node, &Key::of_cluster(name));
}
