//! aksreboot's own pods, carried out by their contract: a probe pod answers what is true on the machine, a reboot pod
//! refuses, proves or asks.

use std::sync::Arc;

use serde_json::Value;

use super::{packages, said, status};
use crate::core::evidence::{Flag, SentinelSaid};
use crate::core::reason::Reason;
use crate::core::updates::{NodeAnswer, PackagesAnswer, write_node_answer, write_packages};
use crate::sim::chronicle::Deed;
use crate::sim::cluster::Cluster;
use crate::sim::contract::{
    BOOT_ID, DEBUGGED_BY, ENDS, MANAGED_BY, NONCE, NOT_AFTER, PROVE, PURPOSE, QUESTION,
    REBOOT_HEAD, REFRESH, REFUSED, SENTINEL_FILE,
};
use crate::sim::host::Host;
use crate::sim::json::{list, number, text};
use crate::sim::store::Object;
use crate::sim::world::{Ending, Probing};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    Probe,
    Reboot,
    /// Nobody's in particular; its annotation says how it ends.
    Described,
}

/// What a pod that ends by itself is for; `None` for those that run until they are stopped.
pub(super) fn purpose(pod: &Object) -> Option<Purpose> {
    let (key, value) = MANAGED_BY;
    if pod.index.lasting.labels.contains_key(ENDS) {
        return Some(Purpose::Described);
    }
    match pod.index.lasting.labels.get(key).map(String::as_str) {
        Some(by) if by == value => {}
        // The same script in the pod that kubectl would make; its nonce tells it from somebody's own debug pod.
        Some(DEBUGGED_BY) if environment(&pod.read(), NONCE).is_some() => {
            return Some(Purpose::Probe);
        }
        _ => return None,
    }
    match pod.index.lasting.labels.get(PURPOSE).map(String::as_str) {
        Some("probe") => Some(Purpose::Probe),
        // The same pod; only its environment says that it shall leave out the call.
        Some("reboot" | "prove") => Some(Purpose::Reboot),
        _ => None,
    }
}

/// What the package manager on the machine says to this pod, if the pod asks it.
fn asked(cluster: &Cluster, host: &Host, pod: &Value) -> Result<Option<PackagesAnswer>, Reason> {
    environment(pod, QUESTION).ok_or(Reason::NotProbed)?;
    let refresh = environment(pod, REFRESH) == Some("yes");
    Ok(packages::said(cluster, host, refresh))
}

/// What a pod has written besides its last words: the list of packages that it found.
pub(in crate::sim) fn list_in_log(cluster: &Cluster, pod: &Object) -> Option<String> {
    if purpose(pod) != Some(Purpose::Probe) {
        return None;
    }
    let host = cluster.hosts.get(&pod.index.node)?;
    let packages = asked(cluster, host, &pod.read()).ok()?;
    Some(write_packages(packages.as_ref()).1)
}

/// The script in the pod has done its work.
pub(super) fn finish(cluster: &mut Cluster, pod: &Arc<Object>) {
    match purpose(pod) {
        Some(Purpose::Probe) => probe(cluster, pod),
        Some(Purpose::Reboot) => reboot(cluster, pod),
        Some(Purpose::Described) => {
            let end = described(&pod.read()).unwrap_or_default();
            let code = number(&end, "/code").unwrap_or(0);
            let message = text(&end, "/message").unwrap_or_default();
            let reason = if code == 0 { "Completed" } else { "Error" };
            let code = i32::try_from(code).unwrap_or(1);
            status::finished(cluster, pod, code, reason, message);
        }
        None => {}
    }
}

/// How the containers of a pod end, by its own account.
fn described(pod: &Value) -> Option<Value> {
    let text = pod.pointer("/metadata/annotations")?.get(ENDS)?.as_str()?;
    serde_json::from_str(text).ok()
}

/// What such a pod has written besides its last words.
pub(in crate::sim) fn described_log(pod: &Value) -> Option<String> {
    Some(text(&described(pod)?, "/log")?.to_owned())
}

fn probe(cluster: &mut Cluster, pod: &Arc<Object>) {
    let Some(host) = cluster.hosts.get(&pod.index.node) else {
        return;
    };
    match host.machine.probe.clone() {
        Probing::Answers => {
            let value = pod.read();
            let nonce = environment(&value, NONCE).unwrap_or_default();
            let mut answer = said::answer(cluster, host);
            // The machines have no files but those that the answer is about.
            if environment(&value, SENTINEL_FILE).is_some_and(|path| path.starts_with('/')) {
                answer.sentinel = SentinelSaid::File(Flag::Absent);
            }
            let answer = NodeAnswer {
                packages: asked(cluster, host, &value),
                evidence: answer,
            };
            let (answer, _) = write_node_answer(&answer, nonce);
            // Whoever holds it while it is changed would have it copied.
            drop(value);
            status::finished(cluster, pod, 0, "Completed", &answer);
        }
        Probing::Hangs => {}
        Probing::Ends { code, message } => {
            let reason = if code == 0 { "Completed" } else { "Error" };
            status::finished(cluster, pod, code, reason, &message);
        }
    }
}

fn reboot(cluster: &mut Cluster, pod: &Arc<Object>) {
    let Some(host) = cluster.hosts.get(&pod.index.node) else {
        return;
    };
    let value = pod.read();
    let now = cluster.clock.timestamp(cluster.now).as_second();
    let refusal = refusal(host, &value, now);
    let proves = environment(&value, PROVE) == Some("1");
    drop(value);
    if let Some(why) = refusal {
        let message = format!("{REBOOT_HEAD}\nrefused {why}\n");
        let node = pod.index.node.clone();
        cluster.note_deed(Deed::Refused { node });
        status::finished(cluster, pod, REFUSED, "Error", &message);
    } else if proves {
        let message = format!("{REBOOT_HEAD}\nproved\n");
        status::finished(cluster, pod, 0, "Completed", &message);
    } else {
        // Whether the kubelet still tells of the container's end before it dies itself is chance.
        let told =
            host.machine.reboot.ending != Ending::NothingHappens && cluster.chance.below(3) == 0;
        if told {
            let message = left_message(pod);
            status::finished(cluster, pod, 137, "Error", &message);
        }
        super::ask_for_reboot(cluster, pod);
    }
}

/// What the termination message of a pod holds that was killed in its work.
pub(super) fn left_message(pod: &Object) -> String {
    match purpose(pod) {
        Some(Purpose::Reboot) => format!("{REBOOT_HEAD}\nasking\n"),
        Some(Purpose::Probe | Purpose::Described) | None => String::new(),
    }
}

/// Why the script on this machine would not reboot it, in its words.
fn refusal(host: &Host, pod: &Value, now: i64) -> Option<String> {
    if let Ending::Refuses(why) = &host.machine.reboot.ending {
        return Some(why.clone());
    }
    if environment(pod, BOOT_ID) != Some(host.boot_id.as_str()) {
        return Some(format!("boot-id {}", host.boot_id));
    }
    let not_after = environment(pod, NOT_AFTER).and_then(|text| text.parse::<i64>().ok());
    if not_after.is_none_or(|not_after| now > not_after) {
        return Some(format!("not-after {now}"));
    }
    if !host.machine.packaging.is_empty() {
        return Some(format!("packaging {}", host.machine.packaging.join(" ")));
    }
    None
}

/// A variable in the environment of the first container that has it.
fn environment<'p>(pod: &'p Value, name: &str) -> Option<&'p str> {
    list(pod, "/spec/containers")
        .iter()
        .flat_map(|container| list(container, "/env"))
        .find(|variable| text(variable, "/name") == Some(name))
        .map(|variable| text(variable, "/value").unwrap_or_default())
}
