//! Each package that has a newer version, as rows: of all nodes, in their order.

use super::{Report, words};
use crate::core::model::NodeName;
use crate::core::updates::PackageUpdate;
use crate::core::updates::decide::Judged;
use crate::core::updates::ignore::Place;
use crate::render::columns::Gives;
use crate::render::format::sheet::{Cell, Heading, Sheet};
use crate::render::format::table::NONE;

/// One package on one node.
pub(crate) struct Row<'a> {
    pub(super) node: &'a NodeName,
    pub(super) package: &'a PackageUpdate,
    /// The entry of the ignore file that passes over it.
    pub(super) ignored: Option<Place>,
}

/// The packages that the node's list names.
pub(super) fn of(node: &Judged) -> impl Iterator<Item = Row<'_>> {
    let read = node.updates.packages.read();
    let packages = read.map_or(&[][..], |read| &read.packages);
    packages
        .iter()
        .zip(&node.ignored_packages)
        .map(|(package, ignored)| Row {
            node: &node.updates.status.name,
            package,
            ignored: *ignored,
        })
}

/// How many the node counted and did not name.
pub(super) fn omitted(node: &Judged) -> u32 {
    node.updates.packages.read().map_or(0, |read| read.omitted)
}

impl Row<'_> {
    pub(super) fn standing(&self) -> &'static str {
        if self.ignored.is_some() {
            "ignored"
        } else {
            words::standing(self.package.standing)
        }
    }

    pub(super) fn installed(&self) -> &str {
        self.package.installed.as_deref().unwrap_or(NONE)
    }

    /// `openssl 3.0.13-0ubuntu3.1 -> 3.0.13-0ubuntu3.4 (security)`.
    pub(super) fn in_words(&self) -> String {
        let package = self.package;
        let from = package.installed.as_deref().unwrap_or("not installed");
        let mut marks: Vec<&str> = Vec::new();
        if package.security == Some(true) {
            marks.push("security");
        }
        if self.standing() != "pending" {
            marks.push(self.standing());
        }
        let marks = if marks.is_empty() {
            String::new()
        } else {
            format!(" ({})", marks.join(", "))
        };
        format!("{} {from} -> {}{marks}", package.name, package.candidate)
    }
}

/// The packages of all nodes.
pub(crate) fn listed<'a>(report: &'a Report<'_>) -> Vec<Row<'a>> {
    report.nodes.iter().flat_map(of).collect()
}

/// The packages of all nodes, a line each.
pub(crate) fn listed_in_words(report: &Report<'_>) -> Vec<String> {
    let line = |row: Row<'_>| format!("{}: {}", row.node, row.in_words());
    listed(report).into_iter().map(line).collect()
}

pub(crate) fn sheet(rows: &[Row<'_>]) -> Sheet {
    let headings = HEADINGS.map(|text| Heading {
        text: text.to_owned(),
        gives: Gives::Nothing,
    });
    let cells = |row: &Row<'_>| {
        let cells = [
            row.node.as_str(),
            &row.package.name,
            row.installed(),
            &row.package.candidate,
            words::security(row.package.security),
            row.standing(),
        ];
        cells.map(|text| Cell::from(text.to_owned())).into()
    };
    Sheet {
        headings: headings.into(),
        rows: rows.iter().map(cells).collect(),
    }
}

const HEADINGS: [&str; 6] = [
    "NODE",
    "PACKAGE",
    "INSTALLED",
    "CANDIDATE",
    "SECURITY",
    "STANDING",
];
