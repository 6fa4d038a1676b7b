//! Tables that look like kubectl's: upper-case headers, three blanks between columns, nothing else. Never wrapped.
//! Cut only for a terminal, by what the columns say they can give.

use unicode_width::UnicodeWidthStr as _;

use crate::render::columns::{Column, Cut, Gives, When};
use crate::render::text::sanitise;

/// kubectl's.
const GAP: usize = 3;
/// kubectl's word for a value that is not there.
pub(crate) const NONE: &str = "<none>";

/// What a table is made for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Frame {
    pub(crate) headers: bool,
    pub(crate) wide: bool,
    /// Columns of the terminal; `None` where nobody minds long lines.
    pub(crate) width: Option<usize>,
}

/// The table, a line for each row. Empty without rows.
pub(crate) fn table<Row, View>(
    columns: &[Column<Row, View>],
    rows: &[Row],
    view: &View,
    frame: Frame,
) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let shown: Vec<&Column<Row, View>> = columns
        .iter()
        .filter(|column| frame.wide || column.when == When::Always)
        .collect();
    let mut cells: Vec<Vec<String>> = shown
        .iter()
        .map(|column| {
            rows.iter()
                .map(|row| sanitise(&(column.cell)(row, view)).into_owned())
                .collect()
        })
        .collect();
    if frame.headers {
        for (column, cells) in shown.iter().zip(&mut cells) {
            cells.insert(0, column.header.to_owned());
        }
    }
    let natural: Vec<usize> = cells
        .iter()
        .map(|cells| cells.iter().map(|cell| cell.width()).max().unwrap_or(0))
        .collect();
    let gives: Vec<Gives> = shown.iter().map(|column| column.gives).collect();
    let widths = fit(&natural, &gives, frame.width);
    let mut text = String::new();
    for line in 0..cells.first().map_or(0, Vec::len) {
        let mut out = String::new();
        for ((cells, width), gives) in cells.iter().zip(&widths).zip(&gives) {
            let Some(width) = *width else { continue };
            let cell = shorten(&cells[line], width, *gives);
            let blanks = width - cell.width() + GAP;
            out.push_str(&cell);
            out.extend(std::iter::repeat_n(' ', blanks));
        }
        text.push_str(out.trim_end());
        text.push('\n');
    }
    text
}

/// The widths that fit into `width`, `None` for columns that went away.
fn fit(natural: &[usize], gives: &[Gives], width: Option<usize>) -> Vec<Option<usize>> {
    let mut widths: Vec<Option<usize>> = natural.iter().copied().map(Some).collect();
    let Some(width) = width else {
        return widths;
    };
    let total = |widths: &[Option<usize>]| {
        widths
            .iter()
            .flatten()
            .map(|width| width + GAP)
            .sum::<usize>()
            .saturating_sub(GAP)
    };
    let mut order: Vec<(u8, usize)> = gives
        .iter()
        .enumerate()
        .filter_map(|(at, gives)| match gives {
            Gives::Nothing => None,
            Gives::All { order } | Gives::Width { order, .. } => Some((*order, at)),
        })
        .collect();
    order.sort_unstable();
    for (_, at) in order {
        let excess = total(&widths).saturating_sub(width);
        if excess == 0 {
            break;
        }
        widths[at] = match gives[at] {
            Gives::Nothing => widths[at],
            Gives::All { .. } => None,
            Gives::Width { least, .. } => {
                widths[at].map(|now| now.min(least.max(now.saturating_sub(excess))))
            }
        };
    }
    // A column that was narrowed before another went away gets back what is left over.
    for at in 0..widths.len() {
        let spare = width.saturating_sub(total(&widths));
        if let Some(now) = &mut widths[at] {
            *now = natural[at].min(*now + spare);
        }
    }
    widths
}

/// The text in at most `width` columns, with an ellipsis where letters are missing.
fn shorten(text: &str, width: usize, gives: Gives) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let room = width.saturating_sub(1);
    let tail = match gives {
        Gives::Width {
            cut: Cut::Middle, ..
        } => room * 2 / 3,
        _ => 0,
    };
    let head = take_width(text.chars(), room - tail);
    let end: String = take_width(text.chars().rev(), tail).chars().rev().collect();
    format!("{head}\u{2026}{end}")
}

fn take_width(letters: impl Iterator<Item = char>, width: usize) -> String {
    let mut text = String::new();
    for letter in letters {
        text.push(letter);
        if text.width() > width {
            text.pop();
            break;
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLUMNS: &[Column<(&str, &str, &str), ()>] = &[
        Column {
            header: "NAME",
            when: When::Always,
            cell: |row, ()| row.0.to_owned(),
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
            gives: Gives::All { order: 1 },
        },
        Column {
            header: "IMAGE",
            when: When::Wide,
            cell: |row, ()| row.2.to_owned(),
            gives: Gives::Nothing,
        },
    ];
    const ROWS: &[(&str, &str, &str)] = &[
        ("aks-blue-vmss000000", "kernel", "i"),
        ("b", "\x1b[31m", "a long one"),
    ];

    fn shown(wide: bool, width: Option<usize>) -> String {
        let frame = Frame {
            headers: true,
            wide,
            width,
        };
        table(COLUMNS, ROWS, &(), frame)
    }

    #[test]
    fn a_table_looks_like_kubectls() {
        insta::assert_snapshot!(shown(false, None), @r"
        NAME                  WHY
        aks-blue-vmss000000   kernel
        b                     \u{1b}[31m
        ");
    }

    #[test]
    fn columns_give_way_in_their_order() {
        assert_eq!(shown(false, Some(25)), "NAME\naks-blue-vmss000000\nb\n");
        assert_eq!(shown(false, Some(10)), "NAME\naks\u{2026}000000\nb\n");
        assert_eq!(
            shown(false, Some(3)),
            "NAME\nak\u{2026}0000\nb\n".replace("ak\u{2026}0000", "aks\u{2026}0000")
        );
    }

    #[test]
    fn a_table_without_rows_has_no_headers() {
        let frame = Frame {
            headers: true,
            wide: true,
            width: None,
        };
        assert_eq!(table(COLUMNS, &[], &(), frame), "");
    }
}
