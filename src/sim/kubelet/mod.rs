//! The kubelets: they start the pods that are bound to their node, end those that are deleted, and report. A kubelet
//! that is dead does none of it, and the API shows its pods as they last were.

pub(super) mod own;
mod packages;
mod said;
mod status;

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use self::own::Purpose;
use super::chronicle::Hand;
use super::cluster::Cluster;
use super::contract::{STARTS_IN, STOPS_IN};
use super::controllers::disruption;
use super::host;
use super::jobs::{Concern, HostStep, Job, PodStep};
use super::json::{self, text};
use super::kind::Kind;
use super::store::{Change, Key, Object};
use super::world::System;

/// From an image that cannot be pulled until the kubelet says that it waits before the next try.
const PULL_BACK_OFF: Duration = Duration::from_secs(12);

const NEVER_PULLED: &str = "ErrImageNeverPull";

/// How long containers take to start when the pod does not say.
const STARTS_USUALLY: Duration = Duration::from_secs(2);

/// How long containers take to stop when the pod does not say.
const STOPS_USUALLY: Duration = Duration::from_secs(1);

/// A pod was bound to a node, or deleted: its kubelet, if there is a living one, sees it.
pub(super) fn notice(cluster: &mut Cluster, change: &Change) {
    let pod = &change.object;
    if pod.kind != Kind::Pod || pod.index.node.is_empty() {
        return;
    }
    if change.removed {
        return miss_static_pod(cluster, &pod.index.node);
    }
    let before = change.before.as_ref();
    let bound = before.is_none_or(|before| before.index.node.is_empty());
    let deleted = pod.index.deleting
        && before.is_none_or(|before| {
            !before.index.deleting || grace_of(&before.read()) != grace_of(&pod.read())
        });
    if deleted {
        stop(cluster, pod);
    } else if bound {
        let pace = cluster.rules.paces.controllers;
        pod_later(cluster, pod, pace, PodStep::Accept);
    }
}

/// The kubelets go on with the pods that they find: those that wait are started, those that go are ended.
pub(super) fn take_over(cluster: &mut Cluster) {
    let pods: Vec<_> = cluster
        .store
        .list(Kind::Pod, None)
        .filter(|pod| !pod.index.node.is_empty())
        .filter(|pod| pod.index.deleting || pod.index.phase == "Pending")
        .cloned()
        .collect();
    for pod in pods {
        if pod.index.deleting {
            pod_later(cluster, &pod, STOPS_USUALLY, PodStep::Stopped);
        } else {
            let pace = cluster.rules.paces.controllers;
            pod_later(cluster, &pod, pace, PodStep::Accept);
        }
    }
}

/// A pod is gone from the API. If it came from a file on the machine, the kubelet shows it again.
fn miss_static_pod(cluster: &mut Cluster, node: &str) {
    let Some(host) = cluster.hosts.get(node) else {
        return;
    };
    if host.kubelet_runs() && !host.static_pods.is_empty() {
        let job = Job::Host {
            node: node.to_owned(),
            life: host.life,
            step: HostStep::ShowStaticPods,
        };
        cluster.later(cluster.rules.paces.controllers, job);
    }
}

/// Makes the mirror pods that are missing in the API.
pub(super) fn show_static_pods(cluster: &mut Cluster, node: &str) {
    let pods = cluster
        .hosts
        .get(node)
        .map(|host| host.static_pods.clone())
        .unwrap_or_default();
    for pod in pods {
        if cluster.store.get(Kind::Pod, &Key::of(&pod)).is_none() {
            cluster.create(Kind::Pod, pod);
        }
    }
}

/// Lets a step of a pod become due, if its kubelet lives now and lives still then.
fn pod_later(cluster: &mut Cluster, pod: &Object, delay: Duration, step: PodStep) {
    let Some(host) = cluster.hosts.get(&pod.index.node) else {
        return;
    };
    if host.kubelet_runs() {
        let job = Job::Pod {
            key: pod.key.clone(),
            uid: pod.index.lasting.uid.clone(),
            life: host.life,
            step,
        };
        cluster.later(delay, job);
    }
}

pub(super) fn step(cluster: &mut Cluster, key: &Key, uid: &str, life: u32, step: PodStep) {
    let Some(pod) = cluster.store.get(Kind::Pod, key).cloned() else {
        return;
    };
    let lives = cluster
        .hosts
        .get(&pod.index.node)
        .is_some_and(|host| host.life == life);
    if pod.index.lasting.uid != uid || !lives {
        return;
    }
    if step == PodStep::Stopped {
        return stopped(cluster, &pod);
    }
    if pod.index.deleting || pod.index.finished() {
        return;
    }
    match step {
        PodStep::Accept => accept(cluster, &pod),
        PodStep::BackOff => {
            let image = status::image(&pod.read()).to_owned();
            let message = format!("Back-off pulling image \"{image}\"");
            status::waiting(cluster, &pod, "ImagePullBackOff", &message);
        }
        PodStep::Run => run(cluster, &pod),
        PodStep::Ready => status::ready(cluster, &pod),
        PodStep::Finish => own::finish(cluster, &pod),
        PodStep::Deadline => status::deadline_exceeded(cluster, &pod),
        PodStep::Stopped => {}
    }
}

/// The kubelet looks at a pod for the first time in its life: is the image there, may it start?
fn accept(cluster: &mut Cluster, pod: &Arc<Object>) {
    let (deadline, image, never_pulled) = {
        let value = pod.read();
        (
            json::number(&value, "/spec/activeDeadlineSeconds"),
            status::image(&value).to_owned(),
            text(&value, "/spec/containers/0/imagePullPolicy") == Some("Never"),
        )
    };
    if let Some(seconds) = deadline {
        let deadline = Duration::from_secs(seconds.unsigned_abs());
        pod_later(cluster, pod, deadline, PodStep::Deadline);
    }
    let Some(host) = cluster.hosts.get(&pod.index.node) else {
        return;
    };
    // Our own image is one for Linux.
    let no_platform = host.machine.system == System::Windows && own::purpose(pod).is_some();
    if host.has_image(&image) && !no_platform {
        status::waiting(cluster, pod, "ContainerCreating", "");
        let start = match own::purpose(pod) {
            Some(_) => cluster.rules.paces.own_pods / 2,
            None => STARTS_USUALLY / 2,
        };
        pod_later(cluster, pod, start, PodStep::Run);
    } else if never_pulled {
        status::waiting(cluster, pod, NEVER_PULLED, &never_pulled_message(&image));
    } else {
        let message = format!(
            "failed to pull and unpack image \"{image}\": failed to resolve reference \"{image}\": not found"
        );
        status::waiting(cluster, pod, "ErrImagePull", &message);
        pod_later(cluster, pod, PULL_BACK_OFF, PodStep::BackOff);
    }
}

fn run(cluster: &mut Cluster, pod: &Arc<Object>) {
    let absent = absent_images(cluster, pod);
    let Some(pod) = status::running(cluster, pod, &absent) else {
        return;
    };
    // What waits for ever keeps the pod from being of use.
    if !absent.is_empty() {
        return;
    }
    match own::purpose(&pod) {
        Some(Purpose::Probe | Purpose::Reboot | Purpose::Described) => {
            let pace = cluster.rules.paces.own_pods / 2;
            pod_later(cluster, &pod, pace, PodStep::Finish);
        }
        None => {
            let starts = told(&pod.read(), STARTS_IN).unwrap_or(STARTS_USUALLY);
            pod_later(cluster, &pod, starts, PodStep::Ready);
        }
    }
}

/// The images of a pod's further containers that its node has not, nor may pull. Without that of the first nothing runs.
fn absent_images(cluster: &Cluster, pod: &Object) -> Vec<String> {
    let Some(host) = cluster.hosts.get(&pod.index.node) else {
        return Vec::new();
    };
    if host.machine.missing_images.is_empty() {
        return Vec::new();
    }
    json::list(&pod.value(), "/spec/containers")
        .iter()
        .filter(|container| text(container, "/imagePullPolicy") == Some("Never"))
        .filter_map(|container| text(container, "/image"))
        .filter(|image| !host.has_image(image))
        .map(str::to_owned)
        .collect()
}

/// The state of a container whose image is not there and not to be pulled.
fn never_pulled(image: &str) -> Value {
    waiting_state(NEVER_PULLED, &never_pulled_message(image))
}

fn never_pulled_message(image: &str) -> String {
    format!("Container image \"{image}\" is not present with pull policy of Never")
}

/// A deleted pod's containers get their signal.
fn stop(cluster: &mut Cluster, pod: &Object) {
    let value = pod.read();
    let stops = told(&value, STOPS_IN).unwrap_or(STOPS_USUALLY);
    // Nothing of a finished pod runs any more.
    let stops = if pod.index.finished() {
        Duration::ZERO
    } else {
        stops.min(grace_of(&value))
    };
    pod_later(cluster, pod, stops, PodStep::Stopped);
}

/// The containers of a deleted pod are gone, so the pod goes, unless a finalizer holds it.
fn stopped(cluster: &mut Cluster, pod: &Arc<Object>) {
    if !pod.index.deleting {
        return;
    }
    let mut value = pod.take();
    status::set_ended(&mut value);
    json::set(&mut value, "/metadata/deletionGracePeriodSeconds", 0);
    cluster.replace(pod, value);
}

/// After a boot: what ran is started again, what shall run once has failed, what was deleted is gone.
pub(super) fn restart_pods(cluster: &mut Cluster, node: &str) {
    for pod in cluster.store.pods_on(node) {
        if pod.index.deleting {
            pod_later(cluster, &pod, STOPS_USUALLY, PodStep::Stopped);
        } else if !pod.index.finished() {
            restart(cluster, &pod);
        }
    }
}

fn restart(cluster: &mut Cluster, pod: &Arc<Object>) {
    let (started, once) = {
        let value = pod.read();
        let statuses = json::list(&value, "/status/containerStatuses");
        let first = statuses.first();
        (
            first.is_some_and(|status| json::at(status, "/state/running").is_some()),
            text(&value, "/spec/restartPolicy") == Some("Never"),
        )
    };
    if !started {
        pod_later(cluster, pod, STOPS_USUALLY, PodStep::Accept);
    } else if once {
        let message = own::left_message(pod);
        status::finished(cluster, pod, 255, "Unknown", &message);
    } else {
        status::restarted(cluster, pod);
        let scatter = cluster
            .chance
            .between(Duration::from_secs(1), Duration::from_secs(4));
        pod_later(cluster, pod, scatter, PodStep::Run);
    }
}

/// One pod of a workload is not Ready for a while. It has been so for long enough that its budgets know.
pub(super) fn fail_readiness(
    cluster: &mut Cluster,
    namespace: &str,
    app: &str,
    not_on: &str,
    lasts: Duration,
) {
    let pod = cluster
        .store
        .list(Kind::Pod, Some(namespace))
        .filter(|pod| pod.index.ready && pod.index.node != not_on)
        .find(|pod| {
            pod.index
                .lasting
                .labels
                .get("app")
                .is_some_and(|own| own == app)
        })
        .cloned();
    if let Some(pod) = pod {
        status::unready(cluster, &pod);
        for budget in disruption::budgets_of(cluster, &pod) {
            let concern = Concern::Object(Kind::Budget, budget.key.clone());
            cluster.later(Duration::ZERO, Job::Reconcile(concern));
        }
        pod_later(cluster, &pod, lasts, PodStep::Ready);
    }
}

/// A kubelet was restarted on a machine that ran on: pods go on, and what it missed is made up for.
pub(super) fn resume_pods(cluster: &mut Cluster, node: &str) {
    for pod in cluster.store.pods_on(node) {
        if pod.index.deleting {
            pod_later(cluster, &pod, STOPS_USUALLY, PodStep::Stopped);
        } else if pod.index.phase == "Running" && own::purpose(&pod).is_none() {
            pod_later(cluster, &pod, STOPS_USUALLY, PodStep::Ready);
        } else if !pod.index.finished() {
            pod_later(cluster, &pod, STOPS_USUALLY, PodStep::Accept);
        }
    }
}

/// The reboot script of a pod has made its call.
fn ask_for_reboot(cluster: &mut Cluster, pod: &Object) {
    let by = Hand::Asked(pod.key.name.clone());
    host::reboot(cluster, &pod.index.node, by);
}

fn told(pod: &Value, annotation: &str) -> Option<Duration> {
    json::at(pod, "/metadata/annotations")?
        .get(annotation)?
        .as_str()?
        .parse()
        .ok()
        .map(Duration::from_millis)
}

fn grace_of(pod: &Value) -> Duration {
    let seconds = json::number(pod, "/metadata/deletionGracePeriodSeconds").unwrap_or(0);
    Duration::from_secs(seconds.unsigned_abs())
}

/// The state of a container that does not run yet.
fn waiting_state(reason: &str, message: &str) -> Value {
    if message.is_empty() {
        json!({"waiting": {"reason": reason}})
    } else {
        json!({"waiting": {"reason": reason, "message": message}})
    }
}
