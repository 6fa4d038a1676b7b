//! Durations as they are written in worlds and weather: `1h30m`, `90s`, `250ms`.

use std::fmt;
use std::time::Duration;

use super::Unreadable;

/// A duration as it is written.
pub(in crate::sim) struct Span(pub(in crate::sim) Duration);

/// Milliseconds in each unit, largest first.
const UNITS: [(&str, u128); 5] = [
    ("d", 86_400_000),
    ("h", 3_600_000),
    ("m", 60_000),
    ("s", 1000),
    ("ms", 1),
];

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut left = self.0.as_millis();
        if left == 0 {
            return f.write_str("0s");
        }
        for (unit, millis) in UNITS {
            if left >= millis {
                write!(f, "{}{unit}", left / millis)?;
                left %= millis;
            }
        }
        Ok(())
    }
}

pub(in crate::sim) fn span(text: &str) -> Result<Duration, Unreadable> {
    let unreadable = || Unreadable::new(format!("`{text}` is no duration such as 1m30s"));
    let mut total = Duration::ZERO;
    let mut rest = text;
    while !rest.is_empty() {
        let digits = rest
            .find(|c: char| !c.is_ascii_digit())
            .ok_or_else(unreadable)?;
        let (number, after) = rest.split_at(digits);
        let letters = after
            .find(|c: char| c.is_ascii_digit())
            .unwrap_or(after.len());
        let (unit, after) = after.split_at(letters);
        let (_, millis) = UNITS
            .into_iter()
            .find(|(name, _)| *name == unit)
            .ok_or_else(unreadable)?;
        let number: u64 = number.parse().map_err(|_| unreadable())?;
        let millis = u64::try_from(millis)
            .ok()
            .and_then(|millis| millis.checked_mul(number));
        total += Duration::from_millis(millis.ok_or_else(unreadable)?);
        rest = after;
    }
    if text.is_empty() {
        Err(unreadable())
    } else {
        Ok(total)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Span, span};

    #[test]
    fn durations_are_read_back_as_they_were() {
        for (millis, text) in [
            (0, "0s"),
            (250, "250ms"),
            (1500, "1s500ms"),
            (90_000, "1m30s"),
            (3_600_000, "1h"),
        ] {
            let duration = Duration::from_millis(millis);
            assert_eq!(Span(duration).to_string(), text);
            assert_eq!(span(text), Ok(duration));
        }
        assert_eq!(span("90s"), Ok(Duration::from_secs(90)));
        for wrong in ["", "s", "5", "5x", "-5s", "5 s"] {
            assert!(span(wrong).is_err(), "{wrong}");
        }
    }
}
