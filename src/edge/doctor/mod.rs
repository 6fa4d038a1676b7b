//! Looks at everything that a command will need, and changes nothing: reads, questions about rights, dry runs, and logins
//! where they were asked for.
//! It judges nothing; `core::doctor` does.

mod ground;
mod logins;
mod nodes;
mod trials;

use std::collections::BTreeSet;

use crate::core::doctor::image::{full_name, is_moving};
use crate::core::doctor::{Check, Found, TrialPod, judge};
use crate::core::mark::{Marked, marked};
use crate::core::model::Node;
use crate::core::plan::aks_signs;
use crate::core::rights::{Aim, Right, rights};
use crate::core::updates::Question;
use crate::edge::clock::Clock;
use crate::edge::cluster::in_words;
use crate::edge::connect::Cluster;
use crate::edge::node::Purpose;
use crate::edge::rights::missing;

pub(crate) use logins::Logins;
use nodes::{Host, hosts};

/// What is to be found out.
#[derive(Clone, Debug)]
pub(crate) struct Examination {
    /// At least one.
    pub(crate) aims: Vec<Aim>,
    pub(crate) image: String,
    /// `None`: nobody is logged in to.
    pub(crate) logins: Option<Logins>,
}

/// Everything that was found, in the order in which a person mends it. An error: the API server did not answer.
pub(crate) async fn examine(
    cluster: &Cluster,
    clock: &Clock,
    examination: &Examination,
) -> Result<Vec<Check>, kube::Error> {
    let aims = &examination.aims;
    let has = |wanted: &[Aim]| wanted.iter().any(|aim| aims.contains(aim));
    let client = &cluster.client;
    let mut found = ground::server(cluster, clock).await?;
    found.extend(rights_of(client, aims).await);
    let listed = hosts(client).await;
    let (hosts, trouble) = match listed {
        Ok(hosts) => (hosts, None),
        Err(error) => (Vec::new(), Some(in_words(&error))),
    };
    let ready = hosts
        .iter()
        .find(|host| host.is_linux() && host.node.readiness.is_ready());
    let node = ready.map(|host| &host.node);
    match &trouble {
        Some(message) => found.push(Found::HostsUnread {
            message: message.clone(),
        }),
        None => found.push(counted(&hosts)),
    }
    if has(&[Aim::Probe, Aim::CheckUpdates, Aim::Roll]) {
        let image = &examination.image;
        let mut tried = Vec::new();
        if has(&[Aim::Probe, Aim::Roll]) {
            let probe = trials::probe(client, node, image).await;
            tried.push((TrialPod::Probe, probe));
        }
        if has(&[Aim::CheckUpdates]) {
            for (pod, question) in [
                (TrialPod::Packages, Question::Packages),
                (TrialPod::Refresh, Question::RefreshedPackages),
            ] {
                let packages = trials::packages(client, node, image, question).await;
                tried.push((pod, packages));
            }
        }
        // What the server warns of is the same for all of them.
        let warnings = tried.first().map(|(_, tried)| tried.warnings.clone());
        found.extend(ground::namespace(client, warnings.unwrap_or_default()).await);
        found.extend(tried.into_iter().map(|(pod, tried)| Found::Admission {
            pod,
            admission: tried.admission,
        }));
        if has(&[Aim::Roll]) {
            let bootable = node.and_then(|node| Some((node, node.boot.as_ref()?)));
            for purpose in [Purpose::Prove, Purpose::Reboot] {
                found.push(trials::reboot(client, bootable, image, purpose).await);
            }
        }
        found.push(trials::anything(client, node, image).await);
        if trouble.is_none() {
            found.push(image_on(&hosts, image));
        }
    }
    if let Some(wanted) = &examination.logins {
        let nodes: Vec<&Node> = hosts.iter().map(|host| &host.node).collect();
        found.extend(logins::tried(wanted, &nodes).await);
    }
    if has(&[Aim::Roll, Aim::RollBySsh]) {
        found.extend(ground::kured(client).await);
    }
    if trouble.is_none() {
        if has(&[Aim::Roll, Aim::RollBySsh]) {
            found.push(at_work(&hosts));
        }
        found.extend(channel(&hosts));
    }
    if has(&[Aim::Drain, Aim::Roll, Aim::RollBySsh, Aim::Cleanup]) {
        let now = has(&[Aim::Roll, Aim::RollBySsh, Aim::Hold]).then(|| clock.wall());
        found.push(ground::lock(client, now).await);
        if trouble.is_none() {
            found.push(marks(&hosts));
        }
        found.push(ground::leftovers(client).await);
    }
    Ok(found.into_iter().map(|found| judge(found, aims)).collect())
}

/// One line for each aim that lacks nothing, one for each right that is missing.
async fn rights_of(client: &kube::Client, aims: &[Aim]) -> Vec<Found> {
    let mut wanted: Vec<Right> = Vec::new();
    for right in aims.iter().flat_map(|aim| rights(*aim)) {
        if !wanted.iter().any(|known| same(known, &right)) {
            wanted.push(right);
        }
    }
    let missing = match missing(client, wanted).await {
        Ok(missing) => missing,
        Err(refusal) => {
            return vec![Found::RightsUnread {
                message: refusal.to_string(),
            }];
        }
    };
    let lacks = |aim: Aim| {
        rights(aim)
            .iter()
            .any(|right| missing.iter().any(|gone| same(gone, right)))
    };
    let mut found: Vec<Found> = aims
        .iter()
        .filter(|aim| !lacks(**aim))
        .map(|aim| Found::RightsHeld {
            aim: *aim,
            count: rights(*aim).len(),
        })
        .collect();
    found.extend(missing.iter().map(|gone| {
        let needing: Vec<(Aim, Right)> = aims
            .iter()
            .filter_map(|aim| {
                let right = rights(*aim).into_iter().find(|right| same(right, gone))?;
                Some((*aim, right))
            })
            .collect();
        // Where one aim must have it, that it merely helps another does not count.
        let right = needing
            .iter()
            .map(|(_, right)| *right)
            .find(|right| right.need == crate::core::rights::Need::Must)
            .unwrap_or(*gone);
        Found::RightMissing {
            aims: needing.into_iter().map(|(aim, _)| aim).collect(),
            right,
        }
    }));
    found
}

fn same(one: &Right, other: &Right) -> bool {
    let key = |right: &Right| (right.verb, right.group, right.resource, right.subresource);
    key(one) == key(other) && one.name == other.name && one.place == other.place
}

fn counted(hosts: &[Host]) -> Found {
    let linux = hosts.iter().filter(|host| host.is_linux()).count();
    let ready = hosts
        .iter()
        .filter(|host| host.is_linux() && host.node.readiness.is_ready())
        .count();
    Found::Hosts {
        ready,
        linux,
        others: hosts.len() - linux,
    }
}

fn image_on(hosts: &[Host], image: &str) -> Found {
    let name = full_name(image);
    let linux = hosts.iter().filter(|host| host.is_linux());
    Found::Image {
        image: image.to_owned(),
        seen_on: linux
            .clone()
            .filter(|host| host.images.contains(&name))
            .count(),
        of: linux.count(),
        moving: is_moving(image),
    }
}

fn at_work(hosts: &[Host]) -> Found {
    let signs = aks_signs(hosts.iter().map(|host| &host.node));
    if signs.is_empty() {
        Found::NoAksAtWork
    } else {
        Found::AksAtWork { signs }
    }
}

/// Which channel patches the nodes cannot be seen from inside the cluster; what can be seen is said.
fn channel(hosts: &[Host]) -> Option<Found> {
    const LIVE: &str = "kubernetes.azure.com/live-patching-current-timestamp";
    const AKS: &str = "kubernetes.azure.com/cluster";
    let aks: Vec<&Host> = hosts
        .iter()
        .filter(|host| {
            host.is_linux() && (host.node.label(AKS).is_some() || host.node.aks().image.is_some())
        })
        .collect();
    if aks.is_empty() {
        return None;
    }
    let images: BTreeSet<String> = aks
        .iter()
        .filter_map(|host| host.node.aks().image)
        .collect();
    Some(Found::Channel {
        nodes: aks.len(),
        patched_live: aks
            .iter()
            .filter(|host| host.node.annotations.contains_key(LIVE))
            .count(),
        images: images.into_iter().collect(),
    })
}

fn marks(hosts: &[Host]) -> Found {
    Found::Marks {
        nodes: hosts
            .iter()
            .filter(|host| marked(&host.node) != Marked::No)
            .map(|host| host.node.name.clone())
            .collect(),
    }
}
