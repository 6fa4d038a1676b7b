//! The pictures of `--watch`: a table that is drawn over and over in its place, or rows that are added with their time.
//! Between two pictures the terminal is as it was: a program that is killed leaves it in order.

use std::fmt::Write as _;

use jiff::Timestamp;
use unicode_width::UnicodeWidthStr as _;

use crate::core::evidence::NodeStatus;
use crate::render::columns::Gives;
use crate::render::format::sheet::{Cell, Frame, Heading, Layout, Sheet};
use crate::render::text::count;

/// No cursor, and long lines are cut by the terminal itself: their number is what the next picture goes by.
const BEGIN: &str = "\x1b[?25l\x1b[?7l";
const END: &str = "\x1b[?7h\x1b[?25h";
const TO_LINE_END: &str = "\x1b[K";
const TO_SCREEN_END: &str = "\x1b[J";

/// A picture that takes the place of the one before.
#[derive(Debug, Default)]
pub(crate) struct InPlace {
    /// How many lines the last picture had.
    lines: usize,
}

impl InPlace {
    /// The table with the sentences below it, as tall as the terminal at most.
    pub(crate) fn picture(
        &mut self,
        sheet: &Sheet,
        frame: Frame,
        (width, height): (usize, usize),
        below: &[String],
    ) -> String {
        let table = sheet.text(frame);
        let all: Vec<&str> = table.lines().collect();
        let below: Vec<String> = below.iter().flat_map(|line| wrapped(line, width)).collect();
        // The last sentences count most: the summary, and whether the API answers.
        let below = &below[below.len().saturating_sub(height.saturating_sub(4).max(1))..];
        // The cursor's own line is the last of the terminal.
        let room = height.saturating_sub(below.len() + 1).max(2);
        let mut lines: Vec<String> = Vec::new();
        if all.len() > room {
            lines.extend(all[..room - 1].iter().map(|&line| line.to_owned()));
            lines.push(format!(
                "\u{2026} and {}; --pending, --pool or -l show fewer",
                count(all.len() - (room - 1), "more node")
            ));
        } else {
            lines.extend(all.into_iter().map(str::to_owned));
        }
        lines.extend(below.iter().cloned());
        lines.truncate(height.saturating_sub(1).max(1));

        let mut out = String::from(BEGIN);
        if self.lines > 0 {
            let _ = write!(out, "\x1b[{}A\r", self.lines);
        }
        for line in &lines {
            out.push_str(line);
            out.push_str(TO_LINE_END);
            out.push_str("\r\n");
        }
        out.push_str(TO_SCREEN_END);
        out.push_str(END);
        self.lines = lines.len();
        out
    }
}

/// The line in as many as it needs, parted at blanks.
fn wrapped(line: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in line.split(' ') {
        let full = lines
            .last()
            .is_some_and(|last| !last.is_empty() && last.width() + 1 + word.width() > width);
        match lines.last_mut() {
            Some(last) if !full => {
                if !last.is_empty() {
                    last.push(' ');
                }
                last.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

/// Rows below each other, each with the time of its change, in the columns of the first table.
#[derive(Debug)]
pub(crate) struct OneByOne {
    layout: Layout,
}

impl OneByOne {
    /// The first table, and what lays out later rows.
    pub(crate) fn begin(sheet: Sheet, frame: Frame, now: Timestamp) -> (Self, String) {
        let sheet = timed(sheet, now);
        let begun = Self {
            layout: sheet.layout(frame),
        };
        let text = sheet.text(frame);
        (begun, text)
    }

    /// The rows of `sheet`, without its headings.
    pub(crate) fn more(&self, sheet: Sheet, now: Timestamp) -> String {
        let sheet = timed(sheet, now);
        sheet.rows.iter().map(|row| self.layout.line(row)).collect()
    }
}

/// With the time before all else.
fn timed(mut sheet: Sheet, now: Timestamp) -> Sheet {
    sheet.headings.insert(
        0,
        Heading {
            text: "TIME".into(),
            gives: Gives::Nothing,
        },
    );
    for row in &mut sheet.rows {
        row.insert(0, Cell::from(hour(now)));
    }
    sheet
}

/// `14:03:22Z`, as the lines of a roll have it.
pub(crate) fn hour(now: Timestamp) -> String {
    now.strftime("%H:%M:%SZ").to_string()
}

/// A node that is gone, as its last row.
pub(crate) fn departed(node: &NodeStatus) -> NodeStatus {
    NodeStatus {
        status: "Gone".into(),
        ..node.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_sentence_is_parted_at_blanks_and_a_long_word_stays_whole() {
        assert_eq!(wrapped("one two three", 7), ["one two", "three"]);
        assert_eq!(wrapped("one verylongword", 5), ["one", "verylongword"]);
        assert_eq!(wrapped("* pool", 80), ["* pool"]);
    }

    #[test]
    fn the_last_sentence_is_there_however_low_the_terminal() {
        let sheet = Sheet {
            headings: vec![Heading {
                text: "NAME".into(),
                gives: Gives::Nothing,
            }],
            rows: (0..9)
                .map(|at| vec![Cell::from(format!("n{at}"))])
                .collect(),
        };
        let below: Vec<String> = (0..9).map(|at| format!("sentence {at}")).collect();
        for height in 4..12 {
            let text = InPlace::default().picture(&sheet, Frame::default(), (80, height), &below);
            assert!(text.contains("sentence 8"), "{height}: {text}");
            assert!(text.contains("NAME"), "{height}: {text}");
            assert!(text.matches("\r\n").count() < height, "{height}: {text}");
        }
    }
}
