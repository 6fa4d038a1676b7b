//! `-o name`: kind and name, a line each, as kubectl prints and takes them.

use std::fmt::Display;

pub(crate) fn lines(kind: &str, names: impl IntoIterator<Item = impl Display>) -> String {
    names
        .into_iter()
        .map(|name| format!("{kind}/{name}\n"))
        .collect()
}
