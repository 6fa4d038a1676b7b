//! `roll`: flags → settled values.

use crate::core::drain::DrainSettings;
use crate::core::model::NodeName;
use crate::core::plan::{Settings, Timeouts};
use crate::exit::Exit;
use crate::failure::Failure;

use super::flags::roll::RollFlags;

/// What a roll was asked to do.
pub(crate) struct RollRequest {
    /// Named nodes in the order given; empty is every node.
    pub(crate) names: Vec<NodeName>,
    /// Label selector; empty picks everything.
    pub(crate) selector: String,
    pub(crate) settings: Settings,
}

impl RollRequest {
    pub(crate) fn settle(flags: &RollFlags) -> Result<Self, Failure> {
        let mut names: Vec<NodeName> = Vec::new();
        for name in &flags.nodes {
            let name = NodeName::new(name.strip_prefix("node/").unwrap_or(name));
            if names.contains(&name) {
                return Err(
                    Failure::say(Exit::Usage, format!("node `{name}` is named twice"))
                        .hint("name each node once; perhaps one of them was meant to be another"),
                );
            }
            names.push(name);
        }
        let mut not_counted: Vec<NodeName> = flags
            .not_counted
            .iter()
            .map(|name| NodeName::new(name.as_str()))
            .collect();
        not_counted.sort();
        not_counted.dedup();
        let limits = &flags.limits;
        Ok(Self {
            names,
            selector: flags.selector.clone().unwrap_or_default(),
            settings: Settings {
                image: flags.image.clone(),
                max_unavailable: flags.max_unavailable,
                not_counted,
                drain: DrainSettings::from(&flags.drain),
                timeouts: Timeouts {
                    drain: limits.drain_timeout,
                    reboot: limits.reboot_timeout,
                    ready: limits.ready_timeout,
                    sustained_ready: limits.sustained_ready,
                    settle: limits.settle_timeout,
                    probe: limits.probe_timeout,
                },
            },
        })
    }
}
