//! Words for people: text from the cluster made harmless, ages, plurals.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::net::Ipv6Addr;
use std::time::Duration;

/// Makes visible what would act instead of being read, so that text from a node, a pod or an annotation drives neither the
/// terminal nor a CI system that reads along: control characters, and what begins a command of GitHub Actions or Azure Pipelines.
/// Line breaks are made visible too: a value never gets a line of its own.
pub(crate) fn sanitise(text: &str) -> Cow<'_, str> {
    let mut harmful = text
        .char_indices()
        .filter(|&(at, c)| is_harmful(text, at, c));
    if harmful.next().is_none() {
        return Cow::Borrowed(text);
    }
    Cow::Owned(
        text.char_indices()
            .map(|(at, c)| {
                if is_harmful(text, at, c) {
                    c.escape_unicode().to_string()
                } else {
                    c.to_string()
                }
            })
            .collect(),
    )
}

fn is_harmful(text: &str, at: usize, c: char) -> bool {
    match c {
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' => true,
        '#' => begins_command(&text[at + 1..]),
        ':' => seen(&text[..at]).next().is_none() && text.trim().parse::<Ipv6Addr>().is_err(),
        c => c.is_control(),
    }
}

/// Azure's agent looks for `##vso[` and `##[` anywhere in a line, GitHub's runner for `##[`; a value may end with the half of
/// it that the next one completes.
fn begins_command(rest: &str) -> bool {
    let start: String = seen(rest).take(4).collect();
    start.starts_with(['#', '[']) || start.eq_ignore_ascii_case("vso[")
}

/// The letters that those programs compare: .NET's comparison passes over some that are not ASCII. GitHub's commands begin with
/// a colon after blanks.
fn seen(text: &str) -> impl Iterator<Item = char> {
    text.chars()
        .filter(|c| c.is_ascii() && !c.is_ascii_whitespace() && !c.is_control())
}

/// How long something has lasted, as kubectl's AGE says it: two units at most, fewer the longer it is.
pub(crate) fn age(span: Duration) -> String {
    let seconds = span.as_secs();
    let (minutes, hours, days, years) = (
        seconds / 60,
        seconds / 3600,
        seconds / 86_400,
        seconds / 31_536_000,
    );
    let two = |large: u64, large_unit: char, small: u64, small_unit: char| {
        if small == 0 {
            format!("{large}{large_unit}")
        } else {
            format!("{large}{large_unit}{small}{small_unit}")
        }
    };
    match seconds {
        ..120 => format!("{seconds}s"),
        120..600 => two(minutes, 'm', seconds % 60, 's'),
        600..10_800 => format!("{minutes}m"),
        10_800..28_800 => two(hours, 'h', minutes % 60, 'm'),
        28_800..172_800 => format!("{hours}h"),
        172_800..691_200 => two(days, 'd', hours % 24, 'h'),
        691_200..63_072_000 => format!("{days}d"),
        63_072_000..252_288_000 => two(years, 'y', days % 365, 'd'),
        _ => format!("{years}y"),
    }
}

/// `1 node`, `2 nodes`.
pub(crate) fn count(number: usize, noun: &str) -> String {
    if number == 1 {
        format!("1 {noun}")
    } else {
        format!("{number} {noun}s")
    }
}

/// A list for a sentence: at most `most` of the items, and how many more there are.
pub(crate) fn some_of<T: std::fmt::Display>(items: &[T], most: usize) -> String {
    let shown: Vec<String> = items.iter().take(most).map(ToString::to_string).collect();
    let mut text = shown.join(", ");
    if items.len() > most {
        let _ = write!(text, " and {} more", items.len() - most);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_said_as_kubectl_says_them() {
        for (seconds, said) in [
            (0, "0s"),
            (119, "119s"),
            (120, "2m"),
            (121, "2m1s"),
            (600, "10m"),
            (10_799, "179m"),
            (10_800, "3h"),
            (11_000, "3h3m"),
            (28_800, "8h"),
            (172_800, "2d"),
            (176_400, "2d1h"),
            (691_200, "8d"),
            (63_072_000, "2y"),
        ] {
            assert_eq!(age(Duration::from_secs(seconds)), said);
        }
    }

    #[test]
    fn hostile_text_has_no_control_character_left() {
        assert_eq!(sanitise("a\x1b[2Jb\nc"), "a\\u{1b}[2Jb\\u{a}c");
        assert_eq!(sanitise("caf\u{e9}"), "caf\u{e9}");
    }

    #[test]
    fn no_text_begins_a_command_of_a_ci_system() {
        for (text, harmless) in [
            ("##vso[task.x]y", r"\u{23}\u{23}vso[task.x]y"),
            ("a ##[error]b", r"a \u{23}\u{23}[error]b"),
            ("#\u{ad}#vso[", "\\u{23}\u{ad}\\u{23}vso["),
            ("::error::x", r"\u{3a}:error::x"),
            (" \u{200b}::warning ::", " \u{200b}\\u{3a}:warning ::"),
            ("C# 8 and F#", "C# 8 and F#"),
            ("2001:db8::1", "2001:db8::1"),
            ("::1", "::1"),
            ("1:2.3-4::5", "1:2.3-4::5"),
        ] {
            assert_eq!(sanitise(text), harmless);
        }
    }

    #[test]
    fn long_lists_say_how_much_more_there_is() {
        assert_eq!(some_of(&["a", "b", "c"], 2), "a, b and 1 more");
        assert_eq!(some_of(&["a", "b"], 2), "a, b");
    }
}
