//! NAME=VALUE, a line each: GitLab's dotenv reports and the file of GitHub's step outputs. Names and values are ours: words and
//! numbers, which need no quotes.

use std::fmt::{Display, Write as _};

pub(crate) fn lines(pairs: impl IntoIterator<Item = (impl Display, impl Display)>) -> String {
    pairs
        .into_iter()
        .fold(String::new(), |mut text, (name, value)| {
            let _ = writeln!(text, "{name}={value}");
            text
        })
}
