//! `manifests`: its flags.

use clap::{Args, ValueEnum};

use crate::edge::manifests::{Groups, PodPolicy};

/// Print what an administrator applies before others use this tool
///
/// Being allowed to create pods in a namespace that admits privileged pods is being root on every node. The policy
/// admits only the pods of this version of aksreboot, byte for byte: print and apply it again after an upgrade.
#[derive(Clone, Debug, Args)]
#[command(after_help = "Examples:
  aksreboot manifests | kubectl apply -f -
  aksreboot manifests namespace | kubectl apply -f -
  aksreboot manifests policy --roll-group 8d2f6a4e-0000-0000-0000-000000000000")]
pub(crate) struct ManifestsFlags {
    /// Which objects
    #[arg(value_enum, default_value = "all")]
    pub(crate) part: Part,

    /// Group that may list nodes, for `status --via api`; repeat it for several
    #[arg(
        long = "read-group",
        value_name = "GROUP",
        default_value = "aksreboot-readers"
    )]
    read_groups: Vec<String>,

    /// Group that may run status with probe pods; repeat it for several
    #[arg(
        long = "probe-group",
        value_name = "GROUP",
        default_value = "aksreboot-probers"
    )]
    probe_groups: Vec<String>,

    /// Group that may run check-updates; repeat it for several
    #[arg(
        long = "check-group",
        value_name = "GROUP",
        default_value = "aksreboot-checkers"
    )]
    check_groups: Vec<String>,

    /// Group that may run cordon and uncordon; repeat it for several
    #[arg(
        long = "cordon-group",
        value_name = "GROUP",
        default_value = "aksreboot-cordoners"
    )]
    cordon_groups: Vec<String>,

    /// Group that may run drain; repeat it for several
    #[arg(
        long = "drain-group",
        value_name = "GROUP",
        default_value = "aksreboot-drainers"
    )]
    drain_groups: Vec<String>,

    /// Group that may run roll as well; repeat it for several
    #[arg(
        long = "roll-group",
        value_name = "GROUP",
        default_value = "aksreboot-rollers"
    )]
    roll_groups: Vec<String>,

    /// Group that may run roll --via ssh; repeat it for several
    #[arg(
        long = "roll-ssh-group",
        value_name = "GROUP",
        default_value = "aksreboot-ssh-rollers"
    )]
    roll_ssh_groups: Vec<String>,

    /// Group that may run cleanup; repeat it for several
    #[arg(
        long = "cleanup-group",
        value_name = "GROUP",
        default_value = "aksreboot-cleaners"
    )]
    cleanup_groups: Vec<String>,

    /// Group that may run lock and unlock; repeat it for several
    #[arg(
        long = "hold-group",
        value_name = "GROUP",
        default_value = "aksreboot-holders"
    )]
    hold_groups: Vec<String>,

    /// Image that the policy admits, as given to status and roll; repeat it for several
    #[arg(long = "image", value_name = "IMAGE", default_value = crate::edge::node::DEFAULT_IMAGE)]
    images: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Part {
    /// Everything below
    All,
    /// The namespace for pods, lock and run records
    Namespace,
    /// The role for status --via api, which tells no yes from no
    Read,
    /// The roles for status
    Probe,
    /// The roles for check-updates
    CheckUpdates,
    /// The role for cordon and uncordon
    Cordon,
    /// The roles for drain
    Drain,
    /// The roles for roll; whoever has them needs no other
    Roll,
    /// The roles for roll --via ssh, which make no pod
    RollSsh,
    /// The roles for cleanup
    Cleanup,
    /// The roles for lock and unlock
    Hold,
    /// The admission policy for pods in the namespace
    Policy,
}

impl ManifestsFlags {
    pub(crate) fn settle(self) -> (Part, PodPolicy) {
        let groups = Groups {
            read: self.read_groups,
            probe: self.probe_groups,
            check_updates: self.check_groups,
            cordon: self.cordon_groups,
            drain: self.drain_groups,
            roll: self.roll_groups,
            roll_ssh: self.roll_ssh_groups,
            cleanup: self.cleanup_groups,
            hold: self.hold_groups,
        };
        let images = self.images;
        (self.part, PodPolicy { groups, images })
    }
}
