//! Newtypes for the strings that name things, so that none is taken for another.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

macro_rules! names {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
        #[serde(transparent)]
        pub(crate) struct $name(String);

        impl $name {
            pub(crate) fn new(text: impl Into<String>) -> Self {
                Self(text.into())
            }

            pub(crate) fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(&self.0)
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.to_owned())
            }
        }
    )+};
}

names! {
    /// `metadata.name` of a Node.
    NodeName,
    /// `metadata.uid` of any object: says that it is still the same one.
    Uid,
    /// `status.nodeInfo.bootID`, the kernel's random identity of one boot.
    BootId,
    /// A kernel release as `uname -r` gives it.
    Kernel,
    /// UID of the namespace `kube-system`, the usual identity of a cluster.
    ClusterId,
    /// `YYYYMMDD-HHMMSS-xxxx`: a DNS label, part of every object that a run makes.
    RunId,
}
