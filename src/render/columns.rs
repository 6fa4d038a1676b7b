//! Columns as values: a header and how to get the cell. One list of them serves every format that has columns.

use super::colour::Tint;

/// One column of a table of `Row`s, seen under `View` (what cells depend on besides their row, such as the time).
pub(crate) struct Column<Row, View> {
    pub(crate) header: &'static str,
    pub(crate) when: When,
    pub(crate) cell: fn(&Row, &View) -> String,
    /// How the cell is painted where there is colour; its words say the same.
    pub(crate) tint: fn(&Row, &View) -> Tint,
    /// What the column gives when the terminal is too narrow for all.
    pub(crate) gives: Gives,
}

/// For columns without colour.
pub(crate) fn plain<Row, View>(_: &Row, _: &View) -> Tint {
    Tint::Plain
}

/// In which tables a column is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum When {
    Always,
    /// In `-o wide` alone.
    Wide,
}

/// Columns give room in the order of their numbers, one after another, until the rest fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Gives {
    Nothing,
    /// Goes away.
    All {
        order: u8,
    },
    /// Becomes as narrow as this.
    Width {
        order: u8,
        least: usize,
        cut: Cut,
    },
}

/// Where a text that is too long loses its letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cut {
    /// Names of nodes differ at their end.
    Middle,
    End,
}
