//! What the package manager of a machine would say: pending packages, and how old its data is.

use std::time::Duration;

/// The packages of a machine, as far as a newer version of them is known there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packages {
    pub newer: Vec<Package>,
    /// How long before the world's start the data was fetched; `None`: there is no data.
    pub data_age: Option<Duration>,
}

/// A package with a newer version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Package {
    pub name: String,
    /// Nothing for one that comes along with another.
    pub installed: Option<String>,
    pub candidate: String,
    pub kind: PackageKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PackageKind {
    Plain,
    Security,
    Phased,
    KeptBack,
}

impl Default for Packages {
    fn default() -> Self {
        Self {
            newer: Vec::new(),
            data_age: Some(Duration::from_secs(6 * 3600)),
        }
    }
}

impl Package {
    pub fn new(name: &str, installed: &str, candidate: &str, kind: PackageKind) -> Self {
        Self {
            name: name.into(),
            installed: (!installed.is_empty()).then(|| installed.into()),
            candidate: candidate.into(),
            kind,
        }
    }
}
