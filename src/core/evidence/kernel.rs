//! Which of the installed kernels the next boot would bring: the newest of the running kernel's own flavour,
//! by Debian's order of versions. Other flavours may lie beside it and say nothing (`-azure` and `-azure-fde`).

use std::cmp::Ordering;

use crate::core::model::Kernel;

/// The newest of `installed` that has the flavour of `running`, or `None` where there is none of it.
pub(crate) fn newest_installed(running: &Kernel, installed: &[String]) -> Option<Kernel> {
    let (_, flavour) = split(running.as_str());
    installed
        .iter()
        .filter(|release| split(release).1 == flavour)
        .max_by(|a, b| order(split(a).0, split(b).0))
        .map(Kernel::new)
}

/// Whether `a` is an older kernel than `b`. Meant for two of one flavour.
pub(crate) fn is_older(a: &Kernel, b: &Kernel) -> bool {
    order(split(a.as_str()).0, split(b.as_str()).0) == Ordering::Less
}

/// Version and flavour: `6.8.0-1021-azure-fde` is (`6.8.0-1021`, `azure-fde`). The flavour starts with the first part
/// that does not start with a digit.
fn split(release: &str) -> (&str, &str) {
    let mut start = 0;
    for part in release.split('-') {
        if start > 0 && !part.starts_with(|c: char| c.is_ascii_digit()) {
            return (&release[..start - 1], &release[start..]);
        }
        start += part.len() + 1;
    }
    (release, "")
}

/// Debian's order of one version part (deb-version(7)): runs of non-digits, in which `~` sorts before the end and
/// letters before all else, and runs of digits by their value.
fn order(mut a: &str, mut b: &str) -> Ordering {
    while !(a.is_empty() && b.is_empty()) {
        let (word_a, word_b) = (run(&mut a, false), run(&mut b, false));
        let weights = |word: &str| -> Vec<u32> { word.chars().map(weight).chain([1]).collect() };
        let (number_a, number_b) = (run(&mut a, true), run(&mut b, true));
        let value = |digits: &str| {
            let digits = digits.trim_start_matches('0');
            (digits.len(), digits.to_owned())
        };
        let order = weights(word_a)
            .cmp(&weights(word_b))
            .then_with(|| value(number_a).cmp(&value(number_b)));
        if order.is_ne() {
            return order;
        }
    }
    Ordering::Equal
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

#[cfg(test)]
mod tests {
    use super::*;

    fn newest(running: &str, installed: &[&str]) -> Option<String> {
        let installed: Vec<String> = installed.iter().map(|name| (*name).to_owned()).collect();
        newest_installed(&Kernel::new(running), &installed).map(|kernel| kernel.to_string())
    }

    #[test]
    fn numbers_count_by_value_not_by_letters() {
        assert_eq!(
            newest(
                "6.8.0-997-azure",
                &["6.8.0-997-azure", "6.8.0-1039-azure", "6.8.0-1021-azure"]
            ),
            Some("6.8.0-1039-azure".into())
        );
    }

    #[test]
    fn another_flavour_is_no_newer_kernel() {
        assert_eq!(
            newest(
                "6.8.0-1021-azure",
                &["6.8.0-1021-azure", "6.11.0-1-azure-fde", "6.14.0-2-generic"]
            ),
            Some("6.8.0-1021-azure".into())
        );
        assert_eq!(newest("6.8.0-1021-azure", &["6.14.0-2-generic"]), None);
        assert_eq!(newest("6.8.0-1021-azure", &["6.8.0-2000-azure.old"]), None);
    }

    #[test]
    fn versions_sort_as_debian_sorts_them() {
        for (older, newer) in [
            ("6.1.0-18-amd64", "6.1.0-21-amd64"),
            ("6.8.0-amd64", "6.10.0-amd64"),
            ("6.12~rc3-amd64", "6.12-amd64"),
            ("6.1.99-amd64", "6.1.99+deb12-amd64"),
            ("6.1.099-amd64", "6.1.100-amd64"),
        ] {
            let (older, newer) = (Kernel::new(older), Kernel::new(newer));
            assert!(is_older(&older, &newer), "{older} < {newer}");
            assert!(!is_older(&newer, &older), "{newer} > {older}");
            assert!(!is_older(&older, &older));
        }
    }

    #[test]
    fn any_text_is_ordered_without_a_panic() {
        for text in [
            "",
            "-",
            "--",
            "é-1-ü",
            "6.8.0-",
            "-6",
            "~",
            "00000000000000000000000001",
        ] {
            assert_eq!(order(text, text), Ordering::Equal);
            let _ = split(text);
        }
    }
}
