//! How old something may be, or how long it has waited: durations that people say in days.

use std::time::Duration;

use super::connection::parse_duration;

const DAY: Duration = Duration::from_secs(86_400);

/// `7d`, `36h`, `1d12h`; more than nothing. A number needs its unit: days and seconds are too easily taken for one another.
pub(crate) fn age(text: &str) -> Result<Duration, String> {
    let wrong = || format!("`{text}` is no duration such as 7d, 36h or 1d12h");
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(format!("`{text}` has no unit; such as {text}d"));
    }
    let (days, rest) = match text.split_once('d') {
        None => (0, text),
        Some((days, rest)) => (days.parse::<u32>().map_err(|_| wrong())?, rest),
    };
    let rest = match rest {
        "" => Duration::ZERO,
        rest if rest.ends_with(|c: char| c.is_ascii_alphabetic()) => {
            parse_duration(rest).map_err(|_| wrong())?
        }
        _ => return Err(wrong()),
    };
    let whole = DAY
        .checked_mul(days)
        .and_then(|days| days.checked_add(rest))
        .ok_or_else(wrong)?;
    if whole.is_zero() {
        return Err(format!("`{text}` is no time at all"));
    }
    Ok(whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_age_is_said_in_days_hours_and_less() {
        for (text, hours) in [("7d", 168), ("36h", 36), ("1d12h", 36), ("90m", 1)] {
            let said = age(text).map(|age| age.as_secs() / 3600);
            assert_eq!(said, Ok(hours), "{text}");
        }
        for text in [
            "",
            "7",
            "d",
            "-1d",
            "1.5d",
            "0d",
            "0s",
            "7d3",
            "7days",
            "week",
            "99999999999d",
        ] {
            assert!(age(text).is_err(), "{text}");
        }
    }
}
