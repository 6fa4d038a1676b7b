//! Workloads and budgets as their owners apply them.

use serde_json::{Value, json};

use crate::sim::cluster::Cluster;
use crate::sim::contract::{STARTS_IN, STOPS_IN};
use crate::sim::controllers::volumes::DETACHES_IN;
use crate::sim::http::defaults;
use crate::sim::json;
use crate::sim::kind::Kind;
use crate::sim::kubelet;
use crate::sim::store::Key;
use crate::sim::world::{Bound, Budget, Placement, System, Workload, WorkloadKind};

pub(in crate::sim) fn workload(cluster: &mut Cluster, workload: &Workload) {
    let name = &workload.name;
    let metadata = json!({"name": name, "namespace": workload.namespace, "labels": {"app": name}});
    let selector = json!({"matchLabels": {"app": name}});
    let template = template(workload);
    claim(cluster, workload);
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
            cluster.create(Kind::Pod, defaults::pod(pod));
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
            .map(|node| node.index.lasting.uid.clone());
        let mut pod = template.clone();
        let metadata = &mut pod["metadata"];
        metadata["name"] = format!("{}-{node}", workload.name).into();
        metadata["namespace"] = workload.namespace.as_str().into();
        metadata["annotations"]["kubernetes.io/config.mirror"] = "0123456789abcdef".into();
        metadata["ownerReferences"] = json!([
            {"apiVersion": "v1", "kind": "Node", "name": node, "uid": uid, "controller": true}
        ]);
        pod["spec"]["nodeName"] = node.as_str().into();
        if let Some(host) = cluster.hosts.get_mut(&node) {
            host.static_pods.push(defaults::pod(pod));
        }
        kubelet::show_static_pods(cluster, &node);
    }
}

/// The claim that the pods of a workload with a disk mount, bound already.
fn claim(cluster: &mut Cluster, workload: &Workload) {
    let Some(detaches_in) = workload.disk else {
        return;
    };
    let claim = json!({
        "metadata": {
            "name": workload.name, "namespace": workload.namespace,
            "annotations": {DETACHES_IN: detaches_in.as_millis().to_string()},
        },
        "spec": {
            "accessModes": ["ReadWriteOnce"], "volumeName": format!("pv-{}", workload.name),
            "resources": {"requests": {"storage": "1Gi"}},
        },
        "status": {"phase": "Bound"},
    });
    cluster.create(Kind::Claim, claim);
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
    if workload.disk.is_some() {
        let claim = json!({"claimName": workload.name});
        volumes.push(json!({"name": "disk", "persistentVolumeClaim": claim}));
    }
    if !volumes.is_empty() {
        spec["volumes"] = volumes.into();
    }
    let (milli_cpu, memory_mib) = workload.requests;
    if workload.requests != (0, 0) {
        spec["containers"][0]["resources"]["requests"] =
            json!({"cpu": format!("{milli_cpu}m"), "memory": format!("{memory_mib}Mi")});
    }
    if let Some(label) = &workload.apart_by {
        spec["affinity"]["podAntiAffinity"] = json!({"requiredDuringSchedulingIgnoredDuringExecution": [{
            "topologyKey": label, "labelSelector": {"matchLabels": {"app": workload.name}},
        }]});
    }
    let mut metadata = json!({
        "labels": {"app": workload.name},
        "annotations": {STARTS_IN: millis(workload.starts_in), STOPS_IN: millis(workload.stops_in)},
    });
    for (key, value) in &workload.labels {
        metadata["labels"][key] = value.as_str().into();
    }
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
pub(in crate::sim) fn set_bound(budget: &mut Value, bound: &Bound) {
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
