//! Markdown as GitHub has it: what the cluster said is either code or escaped, so that it makes no link, no heading, no cell
//! and no HTML.

use std::fmt::Write as _;

use crate::render::text::sanitise;

/// A text that is shown as it is, in code. What would end the code or the cell is made visible.
pub(crate) fn code(text: &str) -> String {
    if text.is_empty() {
        return String::new();
    }
    let mut out = String::from("`");
    for c in sanitise(text).chars() {
        match c {
            '`' | '|' => out.extend(c.escape_unicode()),
            c => out.push(c),
        }
    }
    out.push('`');
    out
}

/// A sentence, whose words may come from anywhere.
pub(crate) fn escaped(text: &str) -> String {
    let mut out = String::new();
    for c in sanitise(text).chars() {
        match c {
            '|' => out.extend(c.escape_unicode()),
            // Plain in running text; all other punctuation can be escaped, and what is escaped means nothing.
            ',' | ';' | '(' | ')' | '\'' | '"' | '/' | '%' | '?' => out.push(c),
            c if c.is_ascii_punctuation() => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
    out
}

/// A table of cells that are Markdown already.
pub(crate) fn table<const N: usize>(
    headings: [&str; N],
    rows: impl IntoIterator<Item = [String; N]>,
) -> String {
    let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
    let mut text = line(&headings.map(str::to_owned));
    let _ = writeln!(text, "|{}", " --- |".repeat(N));
    for row in rows {
        text.push_str(&line(&row));
    }
    text
}
