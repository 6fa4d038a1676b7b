//! The one list of cases. Each is a sentence about the API server, its controllers or its kubelets that something in
//! aksreboot rests on; it asserts codes, reasons, messages, details and effects.

mod admission;
mod controllers;
mod deleting;
mod evicting;
mod kubelet;
mod namespaces;
mod objects;
mod own_pods;
mod patching;
mod permissions;
mod reading;
mod refused_evictions;
mod selecting;
mod tables;
mod throttling;
mod volumes;
mod watching;
mod workloads;
mod writing;

use futures::future::LocalBoxFuture;

use crate::cluster::Cluster;

/// One case.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    pub(crate) needs: Needs,
    pub(crate) turn: Turn,
    pub(crate) run: for<'c> fn(&'c Cluster) -> LocalBoxFuture<'c, ()>,
}

/// What must be there for a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Needs {
    Api,
    /// An API server whose objects nobody else writes: a controller would put right at once what the case puts wrong.
    NobodyElse,
    /// The controller manager and the scheduler.
    Controllers,
    /// Nodes with kubelets, besides.
    Kubelets,
}

/// When a case is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Turn {
    Any,
    /// After all others and alone, for what it does is felt by every case.
    Alone,
}

macro_rules! case {
    ($needs:ident, $name:ident) => {
        case!($needs, $name, Any)
    };
    ($needs:ident, $name:ident, $turn:ident) => {
        $crate::cases::Case {
            name: stringify!($name),
            needs: $crate::cases::Needs::$needs,
            turn: $crate::cases::Turn::$turn,
            run: |cluster| Box::pin($name(cluster)),
        }
    };
}
use case;

pub(crate) fn all() -> impl Iterator<Item = &'static Case> {
    [
        reading::CASES,
        selecting::CASES,
        tables::CASES,
        writing::CASES,
        patching::CASES,
        watching::CASES,
        deleting::CASES,
        namespaces::CASES,
        objects::CASES,
        volumes::CASES,
        evicting::CASES,
        refused_evictions::CASES,
        permissions::CASES,
        throttling::CASES,
        admission::CASES,
        controllers::CASES,
        workloads::CASES,
        kubelet::CASES,
        own_pods::CASES,
    ]
    .into_iter()
    .flatten()
}
