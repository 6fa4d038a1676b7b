//! Debian's kernel releases and its order of versions (deb-version(7)).

use std::cmp::Ordering;

/// Version and flavour: `6.8.0-1021-azure-fde` is (`6.8.0-1021`, `azure-fde`). The flavour starts with the first part
/// that does not start with a digit.
pub(super) fn split(release: &str) -> (&str, &str) {
    let mut start = 0;
    for part in release.split('-') {
        if start > 0 && !part.starts_with(|c: char| c.is_ascii_digit()) {
            return (&release[..start - 1], &release[start..]);
        }
        start += part.len() + 1;
    }
    (release, "")
}

/// The order of one version part: runs of non-digits, in which `~` sorts before the end and letters before all else, and
/// runs of digits by their value.
pub(super) fn order(mut a: &str, mut b: &str) -> Ordering {
    while !(a.is_empty() && b.is_empty()) {
        let (word_a, word_b) = (run(&mut a, false), run(&mut b, false));
        let weights = |word: &str| -> Vec<u32> { word.chars().map(weight).chain([1]).collect() };
        let (number_a, number_b) = (run(&mut a, true), run(&mut b, true));
        let order = weights(word_a)
            .cmp(&weights(word_b))
            .then_with(|| value(number_a).cmp(&value(number_b)));
        if order.is_ne() {
            return order;
        }
    }
    Ordering::Equal
}

/// Sorts runs of digits by their value, however long.
pub(super) fn value(digits: &str) -> (usize, &str) {
    let digits = digits.trim_start_matches('0');
    (digits.len(), digits)
}

/// Where a character sorts among non-digits; 1 is the end of the run.
fn weight(c: char) -> u32 {
    match c {
        '~' => 0,
        c if c.is_ascii_alphabetic() => u32::from(c),
        c => u32::from(c) + 256,
    }
}

/// Takes the leading run of digits, or of non-digits, off `text`.
fn run<'a>(text: &mut &'a str, digits: bool) -> &'a str {
    let end = text
        .find(|c: char| c.is_ascii_digit() != digits)
        .unwrap_or(text.len());
    let (run, rest) = text.split_at(end);
    *text = rest;
    run
}
