//! rpm's kernel releases and its order of versions (`rpmvercmp`, rpm-version(7)).

use std::cmp::Ordering;

use super::debian::value;

/// Version with release, and flavour: `5.14.0-427.el9.x86_64+64k` is (`5.14.0-427.el9`, `x86_64+64k`). The flavour is the
/// architecture and what follows it; a rescue image has a flavour of its own.
pub(super) fn split(release: &str) -> (&str, &str) {
    if release.contains("-rescue-") {
        return ("", "rescue");
    }
    for architecture in [".x86_64", ".aarch64", ".ppc64le", ".s390x"] {
        if let Some(at) = release.rfind(architecture) {
            return (&release[..at], &release[at + 1..]);
        }
    }
    (release, "")
}

/// The flavour of an Azure Linux kernel: `6.6.57.mshv1-2.azl3` is `6.6 mshv .azl3`. Its kernels of one flavour stay in one
/// series, and `kernel-hwe` differs from `kernel` in nothing else.
pub(super) fn series(release: &str) -> String {
    let (version, tail) = release.split_once('-').unwrap_or((release, ""));
    let series: Vec<&str> = version.split('.').take(2).collect();
    let letters: String = version.chars().filter(char::is_ascii_alphabetic).collect();
    let tag = tail.split_once('.').map_or("", |(_, tag)| tag);
    format!("{} {letters} {tag}", series.join("."))
}

/// Version first, then release, each by `rpmvercmp`.
pub(super) fn order(a: &str, b: &str) -> Ordering {
    let (version_a, release_a) = a.split_once('-').unwrap_or((a, ""));
    let (version_b, release_b) = b.split_once('-').unwrap_or((b, ""));
    compare(version_a, version_b).then_with(|| compare(release_a, release_b))
}

/// Segments of digits or letters; whatever separates them does not count. `~` sorts before everything, even the end, and
/// `^` after the end but before anything else. Digits are newer than letters, and what has more is newer.
fn compare(mut a: &str, mut b: &str) -> Ordering {
    loop {
        a = a.trim_start_matches(is_separator);
        b = b.trim_start_matches(is_separator);
        let order = rank(a).cmp(&rank(b));
        if order.is_ne() {
            return order;
        }
        match rank(a) {
            Rank::End => return Ordering::Equal,
            Rank::Tilde | Rank::Caret => {
                (a, b) = (&a[1..], &b[1..]);
                continue;
            }
            Rank::Segment => {}
        }
        let order = match (first_is_digit(a), first_is_digit(b)) {
            (true, false) => return Ordering::Greater,
            (false, true) => return Ordering::Less,
            (true, true) => {
                let (x, y) = (segment(&mut a), segment(&mut b));
                value(x).cmp(&value(y))
            }
            (false, false) => segment(&mut a).cmp(segment(&mut b)),
        };
        if order.is_ne() {
            return order;
        }
    }
}

/// What comes next, in the order in which rpm sorts it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Tilde,
    End,
    Caret,
    Segment,
}

fn rank(text: &str) -> Rank {
    match text.chars().next() {
        Some('~') => Rank::Tilde,
        None => Rank::End,
        Some('^') => Rank::Caret,
        Some(_) => Rank::Segment,
    }
}

fn is_separator(c: char) -> bool {
    !c.is_ascii_alphanumeric() && c != '~' && c != '^'
}

fn first_is_digit(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit())
}

/// Takes the leading run of digits, or of letters, off `text`.
fn segment<'a>(text: &mut &'a str) -> &'a str {
    let digits = first_is_digit(text);
    let end = text
        .find(|c: char| {
            if digits {
                !c.is_ascii_digit()
            } else {
                !c.is_ascii_alphabetic()
            }
        })
        .unwrap_or(text.len());
    let (segment, rest) = text.split_at(end);
    *text = rest;
    segment
}
