//! What `doctor` prints: a line for each check, under what is not fine the command that mends it, and the same as a
//! document.

mod logins;
mod remedies;
#[cfg(test)]
mod tests;
mod words;

use std::fmt::Write as _;

use serde::Serialize;

use crate::core::doctor::{Check, Found, Grade};

use super::text::sanitise;

pub(crate) use words::right_in_words;

const fn grade(grade: Grade) -> &'static str {
    match grade {
        Grade::Ok => "ok",
        Grade::Warn => "warn",
        Grade::Unknown => "unknown",
        Grade::Fail => "fail",
    }
}

/// The lines for people.
pub(crate) fn text(checks: &[Check]) -> String {
    let mut text = String::new();
    for (at, check) in checks.iter().enumerate() {
        let (title, found) = (words::title(&check.found), words::found(&check.found));
        let _ = writeln!(
            text,
            "{:<8} {}  {title:<11}  {}",
            grade(check.grade),
            check.code,
            sanitise(&found)
        );
        let mends = remedies(check);
        // One command for several in a row stands under the last of them.
        if checks.get(at + 1).map(remedies).as_ref() == Some(&mends) {
            continue;
        }
        for remedy in mends {
            let _ = writeln!(text, "{:>18}mend: {}", "", sanitise(&remedy));
        }
    }
    text
}

/// How many there are of what is not fine, for stderr.
pub(crate) fn summary(checks: &[Check]) -> String {
    let number = |wanted: Grade| checks.iter().filter(|check| check.grade == wanted).count();
    let parts: Vec<String> = [
        (Grade::Fail, "failed"),
        (Grade::Unknown, "could not be decided"),
        (Grade::Warn, "to be known"),
        (Grade::Ok, "fine"),
    ]
    .iter()
    .filter(|(grade, _)| number(*grade) > 0)
    .map(|(grade, word)| format!("{} {word}", number(*grade)))
    .collect();
    format!(
        "{}: {}; nothing was changed",
        super::text::count(checks.len(), "check"),
        parts.join(", ")
    )
}

fn remedies(check: &Check) -> Vec<String> {
    if check.grade == Grade::Ok {
        Vec::new()
    } else {
        remedies::remedies(&check.found)
    }
}

/// The document of `-o json`, version 1. Fields are added, never changed.
#[derive(Serialize)]
pub(crate) struct Document<'a> {
    kind: &'static str,
    v: u8,
    cluster: ClusterName<'a>,
    checks: Vec<Entry<'a>>,
    /// What kept the document from being whole, in words.
    errors: &'a [String],
}

#[derive(Serialize)]
struct ClusterName<'a> {
    context: &'a str,
    server: &'a str,
}

#[derive(Serialize)]
struct Entry<'a> {
    code: &'static str,
    grade: Grade,
    check: &'static str,
    found: &'a Found,
    words: String,
    remedies: Vec<String>,
}

impl<'a> Document<'a> {
    pub(crate) fn new(
        context: &'a str,
        server: &'a str,
        checks: &'a [Check],
        errors: &'a [String],
    ) -> Self {
        let entry = |check: &'a Check| Entry {
            code: check.code,
            grade: check.grade,
            check: words::title(&check.found),
            found: &check.found,
            words: words::found(&check.found),
            remedies: remedies(check),
        };
        Self {
            kind: "aksreboot/Doctor",
            v: 1,
            cluster: ClusterName { context, server },
            checks: checks.iter().map(entry).collect(),
            errors,
        }
    }
}
