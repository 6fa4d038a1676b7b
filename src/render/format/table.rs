//! Tables of rows under columns that are values: who shows what is said in `columns`, how it is laid out in `sheet`.

use super::sheet::{Cell, Heading, Sheet};
use crate::render::columns::{Column, When};

/// kubectl's word for a value that is not there.
pub(crate) const NONE: &str = "<none>";

/// Whether the columns that are for `-o wide` alone are there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Breadth {
    Narrow,
    Wide,
}

/// The rows under those columns that a table of this breadth has.
pub(crate) fn table<'a, Row: 'a, View: 'a>(
    columns: impl IntoIterator<Item = &'a Column<Row, View>>,
    rows: impl IntoIterator<Item = &'a Row>,
    view: &View,
    breadth: Breadth,
) -> Sheet {
    let shown: Vec<&Column<Row, View>> = columns
        .into_iter()
        .filter(|column| breadth == Breadth::Wide || column.when == When::Always)
        .collect();
    Sheet {
        headings: shown
            .iter()
            .map(|column| Heading {
                text: column.header.to_owned(),
                gives: column.gives,
            })
            .collect(),
        rows: rows
            .into_iter()
            .map(|row| {
                shown
                    .iter()
                    .map(|column| Cell::tinted(&(column.cell)(row, view), (column.tint)(row, view)))
                    .collect()
            })
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::sheet::Frame;
    use super::*;
    use crate::render::colour::Tint;
    use crate::render::columns::{Cut, Gives, plain};

    type Row = (&'static str, &'static str, &'static str);

    const COLUMNS: &[Column<Row, ()>] = &[
        Column {
            header: "NAME",
            when: When::Always,
            cell: |row, ()| row.0.to_owned(),
            tint: plain,
            gives: Gives::Width {
                order: 2,
                least: 8,
                cut: Cut::Middle,
            },
        },
        Column {
            header: "WHY",
            when: When::Always,
            cell: |row, ()| row.1.to_owned(),
            tint: |_, ()| Tint::Wanting,
            gives: Gives::All { order: 1 },
        },
        Column {
            header: "IMAGE",
            when: When::Wide,
            cell: |row, ()| row.2.to_owned(),
            tint: plain,
            gives: Gives::Nothing,
        },
    ];
    const ROWS: &[Row] = &[
        ("aks-blue-vmss000000", "kernel", "i"),
        ("b", "\x1b[31m", "a long one"),
    ];

    fn shown(breadth: Breadth, width: Option<usize>) -> String {
        table(COLUMNS, ROWS, &(), breadth).text(Frame {
            width,
            ..Frame::default()
        })
    }

    #[test]
    fn a_table_looks_like_kubectls() {
        insta::assert_snapshot!(shown(Breadth::Narrow, None), @r"
        NAME                  WHY
        aks-blue-vmss000000   kernel
        b                     \u{1b}[31m
        ");
    }

    #[test]
    fn columns_give_way_in_their_order() {
        let narrow = |width| shown(Breadth::Narrow, Some(width));
        assert_eq!(narrow(25), "NAME\naks-blue-vmss000000\nb\n");
        assert_eq!(narrow(10), "NAME\naks\u{2026}000000\nb\n");
        assert_eq!(narrow(3), "NAME\naks\u{2026}0000\nb\n");
    }

    #[test]
    fn a_table_without_rows_has_no_headers() {
        assert_eq!(
            table(COLUMNS, &[], &(), Breadth::Wide).text(Frame::default()),
            ""
        );
    }

    #[test]
    fn colour_is_around_the_words_and_moves_no_column() {
        let frame = Frame {
            colour: true,
            ..Frame::default()
        };
        let painted = table(COLUMNS, ROWS, &(), Breadth::Wide).text(frame);
        assert!(painted.contains("\x1b[33mkernel\x1b[0m"), "{painted:?}");
        let bare = painted.replace("\x1b[33m", "").replace("\x1b[0m", "");
        assert_eq!(bare, shown(Breadth::Wide, None));
    }

    #[test]
    fn wide_letters_count_as_what_they_take() {
        let rows: &[Row] = &[
            ("\u{7bc0}\u{70b9}-\u{4e00}\u{53f7}-\u{65b0}", "x", ""),
            ("n-1", "y", ""),
        ];
        let sheet = table(COLUMNS, rows, &(), Breadth::Narrow);
        insta::assert_snapshot!(sheet.text(Frame::default()), @r"
        NAME           WHY
        節点-一号-新   x
        n-1            y
        ");
        // Half a letter is not shown: a column may stay one narrower.
        let text = sheet.text(Frame {
            width: Some(9),
            ..Frame::default()
        });
        insta::assert_snapshot!(text, @r"
        NAME
        節…号-新
        n-1
        ");
    }
}
