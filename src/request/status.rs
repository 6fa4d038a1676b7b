//! `status`: its flags, and the request that they settle to.

use clap::Args;

use crate::core::evidence::Sentinel;

use super::flags::{
    ConnectionFlags, Output, OutputFlags, ProbeFlags, ProbePodFlags, Selection, SelectionFlags, Via,
};

/// Show which nodes wait for a reboot, and why
///
/// Every node gets one of four verdicts: yes, no, unknown (with the reason), or n-a for nodes that this tool does not
/// reboot. Nothing is changed on any node. Nodes are read by short-lived pods in the namespace aksreboot, which are
/// deleted again.
#[derive(Clone, Debug, Args)]
#[command(after_help = "Exit codes:
  0  the nodes were listed, whatever the verdicts
  1  they could not be listed, or a named node does not exist
  2  wrong usage

Examples:
  aksreboot status
  aksreboot status -l agentpool=blue -o wide
  aksreboot status aks-blue-12345678-vmss000000 -o json")]
pub(crate) struct StatusFlags {
    #[command(flatten)]
    selection: SelectionFlags,
    #[command(flatten)]
    output: OutputFlags,
    #[command(flatten)]
    probe: ProbeFlags,
    #[command(flatten)]
    pub(crate) connection: ConnectionFlags,
}

/// What `status` is to do.
#[derive(Clone, Debug)]
pub(crate) struct StatusRequest {
    pub(crate) selection: Selection,
    pub(crate) output: Output,
    pub(crate) headers: bool,
    pub(crate) via: Via,
    pub(crate) pod: ProbePodFlags,
    /// What counts as a pending reboot.
    pub(crate) sentinel: Sentinel,
}

impl StatusFlags {
    pub(crate) fn settle(&self) -> StatusRequest {
        StatusRequest {
            selection: self.selection.clone().settle(),
            output: self.output.output,
            headers: !self.output.no_headers,
            via: self.probe.via,
            pod: self.probe.pod.clone(),
            sentinel: self.probe.sentinel(),
        }
    }
}
