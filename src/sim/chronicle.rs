//! What came about in the cluster, in its order: requests, faults, reboots. Sequence tests and invariants read it; nothing
//! in the cluster does.

use std::time::Duration;

use super::cluster::Cluster;
use super::faults::What;
use super::http::log::RequestLine;
use super::kind::Kind;
use super::store::{Key, Object};

/// One thing that came about.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Since the world's start.
    pub at: Duration,
    pub deed: Deed,
}

#[derive(Clone, Debug)]
pub enum Deed {
    /// A request has come.
    Arrived(RequestLine),
    /// It was carried out, or refused, with this code; whether the answer found its way is in the line.
    Done(RequestLine, u16),
    /// It came to nothing: lost on its way, or the server was away.
    Lost(RequestLine),
    Happened(What),
    Rebooting(Reboot),
    /// A machine was to reboot, and does not.
    NotRebooting {
        node: String,
    },
    /// The reboot script in a pod refused on the host.
    Refused {
        node: String,
    },
    /// The kubelet registered a new boot.
    Booted {
        node: String,
        boot_id: String,
        /// The flag is there.
        flagged: bool,
    },
    /// `spec.unschedulable` of a node changed.
    Unschedulable {
        node: String,
        is: bool,
    },
    /// The condition Ready of a node changed, as the API tells it.
    Ready {
        node: String,
        is: bool,
    },
    Bound {
        namespace: String,
        pod: String,
        node: String,
    },
    /// An owner mark says a step, or, with none, is gone.
    Marked {
        node: String,
        step: Option<String>,
    },
}

/// A machine that begins to reboot.
#[derive(Clone, Debug)]
pub struct Reboot {
    pub node: String,
    pub uid: String,
    /// The boot that ends.
    pub boot_id: String,
    pub by: Hand,
    /// The pods on the machine at that moment.
    pub pods: Vec<PodThere>,
}

/// Who reboots a machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hand {
    /// A reboot pod of aksreboot, by its name.
    Asked(String),
    /// A person, or the machine itself.
    Other,
    Kured,
    AutoRepair,
}

/// A pod on a machine that begins to reboot.
#[derive(Clone, Debug)]
pub struct PodThere {
    pub namespace: String,
    pub name: String,
    /// Kind of its controller.
    pub controller: Option<String>,
    pub mirror: bool,
    /// Of aksreboot itself.
    pub own: bool,
    pub finished: bool,
}

#[derive(Debug, Default)]
pub(super) struct Chronicle {
    entries: Vec<(Duration, Noted)>,
}

/// A deed; a request by its place in the log.
#[derive(Debug)]
enum Noted {
    Arrived(usize),
    Done(usize, u16),
    Lost(usize),
    Other(Box<Deed>),
}

impl Cluster {
    pub(super) fn note_arrival(&mut self, place: usize) {
        self.note(Noted::Arrived(place));
    }

    /// A request was carried out or refused.
    pub(super) fn note_done(&mut self, place: usize, code: u16) {
        self.note(Noted::Done(place, code));
    }

    pub(super) fn note_lost(&mut self, place: usize) {
        self.note(Noted::Lost(place));
    }

    pub(super) fn note_deed(&mut self, deed: Deed) {
        self.note(Noted::Other(Box::new(deed)));
    }

    fn note(&mut self, noted: Noted) {
        // What brought the world about is not what comes over it.
        if self.log.off || self.now < super::BEFORE_START {
            return;
        }
        let at = self.since_start();
        self.chronicle.entries.push((at, noted));
    }

    /// How many entries there are.
    pub(super) fn chronicle_length(&self) -> usize {
        self.chronicle.entries.len()
    }

    /// The entries from the n-th on.
    pub(super) fn chronicle_from(&self, place: usize) -> Vec<Entry> {
        let line = |place: &usize| self.log.lines.get(*place).cloned();
        let entry = |(at, noted): &(Duration, Noted)| {
            let deed = match noted {
                Noted::Arrived(place) => Deed::Arrived(line(place)?),
                Noted::Done(place, code) => Deed::Done(line(place)?, *code),
                Noted::Lost(place) => Deed::Lost(line(place)?),
                Noted::Other(deed) => deed.as_ref().clone(),
            };
            Some(Entry { at: *at, deed })
        };
        let entries = self.chronicle.entries.get(place..).unwrap_or_default();
        entries.iter().filter_map(entry).collect()
    }

    /// A machine begins to reboot.
    pub(super) fn note_reboot(&mut self, node: &str, by: Hand) {
        let Some(host) = self.hosts.get(node) else {
            return;
        };
        let object = self.store.get(Kind::Node, &Key::of_cluster(node));
        let reboot = Reboot {
            node: node.to_owned(),
            uid: object
                .map(|node| node.index.lasting.uid.clone())
                .unwrap_or_default(),
            boot_id: host.boot_id.clone(),
            by,
            pods: self
                .store
                .pods_on(node)
                .iter()
                .map(|pod| Self::pod_there(pod))
                .collect(),
        };
        self.note_deed(Deed::Rebooting(reboot));
    }

    fn pod_there(pod: &Object) -> PodThere {
        let lasting = &pod.index.lasting;
        PodThere {
            namespace: pod.key.namespace.clone(),
            name: pod.key.name.clone(),
            controller: lasting.controller_kind.clone(),
            mirror: lasting.mirror,
            own: super::contract::is_ours(pod),
            finished: pod.index.finished(),
        }
    }
}
