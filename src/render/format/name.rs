//! `-o name`: kind and name, a line each, as kubectl prints and takes them.

use std::fmt::{Display, Write as _};

pub(crate) fn lines(kind: &str, names: impl IntoIterator<Item = impl Display>) -> String {
    names.into_iter().fold(String::new(), |mut text, name| {
        let _ = writeln!(text, "{kind}/{name}");
        text
    })
}
