//! Words for people: text from the cluster made harmless, ages, plurals.

use std::borrow::Cow;

/// Makes control characters visible, so that text from a node, a pod or an annotation cannot drive the terminal.
/// Line breaks are made visible too: a value never gets a line of its own.
pub(crate) fn sanitise(text: &str) -> Cow<'_, str> {
    let harmful = |c: char| {
        c.is_control()
            || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}')
    };
    if !text.contains(harmful) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(
        text.chars()
            .map(|c| {
                if harmful(c) {
                    c.escape_unicode().to_string()
                } else {
                    c.to_string()
                }
            })
            .collect(),
    )
}
