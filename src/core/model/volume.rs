//! Volumes, as far as they decide on which nodes the pods that mount them may be.

use super::NodeName;
use super::needs::Term;

/// A PersistentVolume that is bound to a claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Volume {
    pub(crate) name: String,
    /// Namespace and name of its claim.
    pub(crate) claim: (String, String),
    /// The CSI driver that attaches it, which is that of a disk of the old built-in kinds too; `None`: no node counts it.
    pub(crate) driver: Option<String>,
    /// Required node affinity: one of these terms holds. `None` asks for nothing.
    pub(crate) affinity: Option<Vec<Term>>,
}

/// How many volumes of one driver a node may take, as the driver said when it came there (CSINode).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AttachLimit {
    pub(crate) node: NodeName,
    pub(crate) driver: String,
    pub(crate) volumes: u32,
}
