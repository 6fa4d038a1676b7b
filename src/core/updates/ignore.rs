//! What somebody chose to pass over for a while: entries of an ignore file, each with its reason and the day it ends. An
//! entry that has ended passes over nothing, and is said.

use jiff::civil::Date;

use super::PackageUpdate;
pub(crate) use super::pattern::Pattern;
use crate::core::evidence::NodeStatus;

/// The entries in their order, as they are on a day.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Ignores {
    entries: Vec<Ignore>,
    today: Option<Date>,
}

/// One entry. What it does not name, it does not limit; without a package it passes over whole nodes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Ignore {
    pub(crate) node: Option<Pattern>,
    pub(crate) pool: Option<Pattern>,
    pub(crate) package: Option<Pattern>,
    pub(crate) reason: String,
    /// The last day on which it holds, in UTC.
    pub(crate) expires: Date,
}

/// An entry's place in the file, from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place(pub(crate) usize);

impl Ignores {
    pub(crate) fn on(today: Date, entries: Vec<Ignore>) -> Self {
        Self {
            entries,
            today: Some(today),
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (Place, &Ignore)> {
        self.entries
            .iter()
            .enumerate()
            .map(|(at, entry)| (Place(at), entry))
    }

    /// Whether the entry's last day is over.
    pub(crate) fn is_expired(&self, entry: &Ignore) -> bool {
        self.today.is_some_and(|today| today > entry.expires)
    }

    /// The first entry that passes over the whole node.
    pub(super) fn node(&self, node: &NodeStatus) -> Option<Place> {
        self.first(|entry| entry.package.is_none() && entry.is_about(node))
    }

    /// The first entry that passes over the package on the node.
    pub(super) fn package(&self, node: &NodeStatus, package: &PackageUpdate) -> Option<Place> {
        self.first(|entry| {
            let named = entry.package.as_ref();
            named.is_some_and(|pattern| pattern.matches(&package.name)) && entry.is_about(node)
        })
    }

    /// Whether packages of the node are passed over by name.
    pub(super) fn names_packages_of(&self, node: &NodeStatus) -> bool {
        self.first(|entry| entry.package.is_some() && entry.is_about(node))
            .is_some()
    }

    fn first(&self, applies: impl Fn(&Ignore) -> bool) -> Option<Place> {
        self.iter()
            .find(|(_, entry)| !self.is_expired(entry) && applies(entry))
            .map(|(place, _)| place)
    }
}

impl Ignore {
    fn is_about(&self, node: &NodeStatus) -> bool {
        let named = |pattern: &Option<Pattern>, text: Option<&str>| match pattern {
            None => true,
            Some(pattern) => text.is_some_and(|text| pattern.matches(text)),
        };
        named(&self.node, Some(node.name.as_str())) && named(&self.pool, node.pool.as_deref())
    }
}
