//! Rows of cells laid out as kubectl lays them out: upper-case headings, three blanks between columns, nothing else.
//! Never wrapped. Cut only for a terminal, by what the columns say they can give.

use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use crate::render::colour::Tint;
use crate::render::columns::{Cut, Gives};
use crate::render::text::sanitise;

/// kubectl's.
const GAP: usize = 3;

/// A table before it has a width.
#[derive(Debug)]
pub(crate) struct Sheet {
    pub(crate) headings: Vec<Heading>,
    pub(crate) rows: Vec<Vec<Cell>>,
}

#[derive(Clone, Debug)]
pub(crate) struct Heading {
    pub(crate) text: String,
    pub(crate) gives: Gives,
}

/// A text without control characters, and how it is painted where there is colour.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Cell {
    text: String,
    tint: Tint,
}

impl Cell {
    pub(crate) fn tinted(text: &str, tint: Tint) -> Self {
        Self {
            text: sanitise(text).into_owned(),
            tint,
        }
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::tinted(&text, Tint::Plain)
    }
}

/// What a sheet is laid out for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Frame {
    pub(crate) headers: bool,
    /// Columns of the terminal; `None` where nobody minds long lines.
    pub(crate) width: Option<usize>,
    pub(crate) colour: bool,
}

impl Default for Frame {
    fn default() -> Self {
        Self {
            headers: true,
            width: None,
            colour: false,
        }
    }
}

impl Sheet {
    /// The lines, one for each row. Empty without rows.
    pub(crate) fn text(&self, frame: Frame) -> String {
        if self.rows.is_empty() {
            return String::new();
        }
        let layout = self.layout(frame);
        let mut text = String::new();
        if frame.headers {
            text.push_str(&layout.headings());
        }
        for row in &self.rows {
            text.push_str(&layout.line(row));
        }
        text
    }

    /// How wide each column becomes. Later rows can be laid out by it too.
    pub(crate) fn layout(&self, frame: Frame) -> Layout {
        let natural: Vec<usize> = self
            .headings
            .iter()
            .enumerate()
            .map(|(at, heading)| {
                let header = if frame.headers {
                    heading.text.width()
                } else {
                    0
                };
                self.rows
                    .iter()
                    .map(|row| row[at].text.width())
                    .fold(header, usize::max)
            })
            .collect();
        let gives: Vec<Gives> = self.headings.iter().map(|heading| heading.gives).collect();
        Layout {
            widths: fit(&natural, &gives, frame.width),
            headings: self.headings.clone(),
            fixed: frame.width.is_some(),
            colour: frame.colour,
        }
    }
}

/// The widths of a sheet's columns.
#[derive(Clone, Debug)]
pub(crate) struct Layout {
    headings: Vec<Heading>,
    /// `None` for columns that went away.
    widths: Vec<Option<usize>>,
    /// Cells that do not fit are shortened; else the line grows.
    fixed: bool,
    colour: bool,
}

impl Layout {
    pub(crate) fn headings(&self) -> String {
        let cells: Vec<Cell> = self
            .headings
            .iter()
            .map(|heading| Cell::tinted(&heading.text, Tint::Plain))
            .collect();
        self.line(&cells)
    }

    pub(crate) fn line(&self, cells: &[Cell]) -> String {
        let mut out = String::new();
        // Blanks are owed, and paid when something follows: a line has none at its end.
        let mut owed = 0;
        for ((cell, width), heading) in cells.iter().zip(&self.widths).zip(&self.headings) {
            let Some(width) = *width else { continue };
            let text = if self.fixed {
                shorten(&cell.text, width, heading.gives)
            } else {
                cell.text.clone()
            };
            if text.is_empty() {
                owed += width + GAP;
                continue;
            }
            out.extend(std::iter::repeat_n(' ', owed));
            owed = width.saturating_sub(text.width()) + GAP;
            if self.colour {
                out.push_str(&cell.tint.painted(&text));
            } else {
                out.push_str(&text);
            }
        }
        out.push('\n');
        out
    }
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
    let mut taken = 0;
    letters
        .take_while(|letter| {
            taken += letter.width().unwrap_or(0);
            taken <= width
        })
        .collect()
}
