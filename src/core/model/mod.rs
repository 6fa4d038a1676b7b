//! The cluster as the core sees it: plain values, filled by the edge.

mod labels;
mod name;
mod node;
mod pod;

pub(crate) use labels::ShownLabels;
pub(crate) use name::{BootId, ClusterId, Kernel, NodeName, RunId, Uid};
pub(crate) use node::{Node, NodeKind, OperatingSystem, Readiness, Taint};
pub(crate) use pod::{Owner, Pod, PodKey, PodPhase};
