//! The cluster as the core sees it: plain values, filled by the edge.

mod labels;
mod name;
mod needs;
mod node;
mod pod;
mod resources;
mod selectors;
mod service;
mod snapshot;
mod volume;

pub(crate) use labels::ShownLabels;
pub(crate) use name::{BootId, ClusterId, Kernel, NodeName, RunId, Uid};
pub(crate) use needs::{
    HostPort, LabelSelector, Labels, Needs, Operator, PodTerm, Requirement, Spread, Term,
    Toleration,
};
pub(crate) use node::{Node, NodeKind, OperatingSystem, Readiness, Taint};
pub(crate) use pod::{Owner, Pod, PodKey, PodPhase};
pub(crate) use resources::{Allocatable, Resources};
pub(crate) use selectors::SelectorIndex;
pub(crate) use service::{Asked, Balanced, Service, Webhook};
pub(crate) use snapshot::{
    Amount, Bound, Budget, Controller, ControllerKind, Counted, Namespace, Snapshot, Template,
    Unread,
};
pub(crate) use volume::{AttachLimit, Volume};
