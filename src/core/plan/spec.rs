//! What a plan consists of, and its hash.

use std::time::Duration;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::estimate::Estimate;
use super::pace::{Amount, Pace};
use super::select::Excluded;
use crate::core::drain::DrainSettings;
use crate::core::engine::Course;
use crate::core::evidence::Sentinel;
use crate::core::model::{BootId, ClusterId, Kernel, NodeName, Uid};
use crate::core::reason::Reason;
use crate::core::rehearsal::Rehearsal;

pub(crate) const KIND: &str = "aksreboot/Plan";
pub(crate) const VERSION: u32 = 1;

/// `{"kind":"aksreboot/Plan","v":1,"hash","spec","report"}`; `roll` obeys only `spec`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Plan {
    kind: String,
    v: u32,
    /// SHA-256 of the spec, as hexadecimal digits.
    pub(crate) hash: String,
    pub(crate) spec: Spec,
    pub(crate) report: Report,
}

/// Everything that changes what a run does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Spec {
    pub(crate) cluster: ClusterRef,
    /// In the order in which they are taken.
    pub(crate) targets: Vec<Target>,
    pub(crate) settings: Settings,
}

/// Which cluster a plan is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct ClusterRef {
    /// UID of the namespace `kube-system`.
    pub(crate) identity: ClusterId,
    pub(crate) server: String,
}

/// One node to reboot, and that it is this node on this boot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Target {
    pub(crate) name: NodeName,
    pub(crate) uid: Uid,
    pub(crate) boot: BootId,
    pub(crate) kernel: Option<Kernel>,
    pub(crate) pool: Option<String>,
    pub(crate) zone: Option<String>,
    pub(crate) cordoned_before: bool,
    /// Of the control plane or of a system pool: such nodes go one at a time.
    #[serde(default, skip_serializing_if = "is_not")]
    pub(crate) system: bool,
    /// Counts from 1; the nodes of a wave are away side by side, and the next wave begins when all of them have ended.
    pub(crate) wave: u32,
}

/// How nodes are read and asked to reboot.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Via {
    /// By short-lived pods.
    #[default]
    Pod,
    /// By logging in.
    Ssh,
}

impl Via {
    // serde asks by reference.
    #[allow(clippy::trivially_copy_pass_by_ref)]
    pub(in crate::core) fn is_pod(&self) -> bool {
        *self == Self::Pod
    }
}

/// Every setting of a run, resolved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Settings {
    #[serde(default, skip_serializing_if = "Course::is_roll")]
    pub(crate) course: Course,
    #[serde(default, skip_serializing_if = "Via::is_pod")]
    pub(crate) via: Via,
    /// Image of the probe and reboot pods.
    pub(crate) image: String,
    /// What counts as a pending reboot.
    #[serde(default, skip_serializing_if = "Sentinel::is_system")]
    pub(crate) sentinel: Sentinel,
    /// Of the whole cluster's nodes; what a percentage came to when the plan was made.
    pub(crate) max_unavailable: u32,
    /// Nodes are rebooted too on which nothing is pending.
    #[serde(default, skip_serializing_if = "is_not")]
    pub(crate) reboot_all: bool,
    /// Neither honour kured's lock nor take it.
    #[serde(default, skip_serializing_if = "is_not")]
    pub(crate) ignore_kured_lock: bool,
    #[serde(default, skip_serializing_if = "Pace::is_plain")]
    pub(crate) pace: Pace,
    /// Nodes that do not count as unavailable.
    pub(crate) not_counted: Vec<NodeName>,
    pub(crate) drain: DrainSettings,
    pub(crate) timeouts: Timeouts,
}

/// Time limits of the steps; whole seconds in the plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Timeouts {
    #[serde(with = "seconds")]
    #[schemars(with = "u64")]
    pub(crate) drain: Duration,
    /// From the ask to the new boot ID.
    #[serde(with = "seconds")]
    #[schemars(with = "u64")]
    pub(crate) reboot: Duration,
    /// From the new boot ID to Ready for long enough; also how long Gate waits for its conditions and Verify for its proofs.
    #[serde(with = "seconds")]
    #[schemars(with = "u64")]
    pub(crate) ready: Duration,
    /// How long Ready must hold without a break.
    #[serde(with = "seconds")]
    #[schemars(with = "u64")]
    pub(crate) sustained_ready: Duration,
    #[serde(with = "seconds")]
    #[schemars(with = "u64")]
    pub(crate) settle: Duration,
    #[serde(with = "seconds")]
    #[schemars(with = "u64")]
    pub(crate) probe: Duration,
}

/// What a plan tells beside the spec; nothing of it changes what a run does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Report {
    pub(crate) context: String,
    pub(crate) excluded: Vec<Excluded>,
    /// What the targets' drains will meet, in the order of the targets.
    #[serde(default)]
    pub(crate) blockers: Vec<Blocker>,
    pub(crate) warnings: Vec<Reason>,
    /// Pods that each target's drain removes, in the order of the targets.
    pub(crate) pods_leaving: Vec<u32>,
    /// How long it will take; absent in plans of an older version.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) estimate: Option<Estimate>,
    pub(crate) made_at: Timestamp,
    pub(crate) made_by: String,
    /// The percentage that the limit was given as, and of how many nodes; absent where it was a number.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) limit_from: Option<(Amount, usize)>,
    /// Absent where nobody asked for it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) rehearsal: Option<Rehearsal>,
}

/// Something that a node's drain will meet, and wait for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Blocker {
    pub(crate) node: NodeName,
    pub(crate) reason: Reason,
}

impl Spec {
    /// SHA-256 of the spec as JSON with sorted keys and no spaces. (serde_json's map is sorted, which a test holds.)
    pub(crate) fn hash(&self) -> Result<String, serde_json::Error> {
        Ok(hash_of(&serde_json::to_value(self)?))
    }
}

/// SHA-256 of JSON with sorted keys and no spaces, as a value is written.
pub(super) fn hash_of(value: &serde_json::Value) -> String {
    hex(&Sha256::digest(value.to_string().as_bytes()))
}

impl Plan {
    pub(crate) fn new(spec: Spec, report: Report) -> Result<Self, serde_json::Error> {
        Ok(Self {
            kind: KIND.into(),
            v: VERSION,
            hash: spec.hash()?,
            spec,
            report,
        })
    }
}

/// Lower-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut out, byte| {
            let _ = write!(out, "{byte:02x}");
            out
        })
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes what it may skip by reference"
)]
fn is_not(flag: &bool) -> bool {
    !*flag
}

/// Spans as whole seconds.
pub(super) mod seconds {
    use std::time::Duration;

    use serde::{Deserialize as _, Deserializer, Serializer};

    pub(in crate::core::plan) fn serialize<S: Serializer>(
        span: &Duration,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(span.as_secs())
    }

    pub(in crate::core::plan) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Duration, D::Error> {
        u64::deserialize(deserializer).map(Duration::from_secs)
    }
}
