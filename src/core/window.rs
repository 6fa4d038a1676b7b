//! When a node may start: a window is open while a clock on the wall of its time zone shows a time within it. It knows no
//! present; that is passed in.

use std::fmt;
use std::str::FromStr;

use jiff::civil::{Time, Weekday};
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};
use serde::{Deserialize, Serialize};

/// Days, times and a time zone, such as `sat,sun 22:00-04:00 Europe/Berlin`. A window over midnight belongs to the day
/// on which it begins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) struct Window {
    /// As it was given.
    text: String,
    /// Monday first.
    days: [bool; 7],
    /// Minutes since midnight.
    from: u16,
    /// Minutes since midnight, the first that is outside; at most `from` when it is on the next day.
    until: u16,
    zone: TimeZone,
}

const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const MIDNIGHT: u16 = 24 * 60;
/// A window opens at least once within so many days, even when a change of the clock leaves one out.
const WITHIN: i32 = 16;

impl Window {
    /// Whether it is open at that moment. In an hour that the clock shows twice it is open both times, and one that the
    /// clock leaves out is not there to be open in.
    pub(crate) fn is_open(&self, at: Timestamp) -> bool {
        let there = at.to_zoned(self.zone.clone());
        let minute = minute_of(there.time());
        let today = self.days[index(there.weekday())];
        let yesterday = self.days[index(there.weekday().previous())];
        if self.from < self.until {
            today && (self.from..self.until).contains(&minute)
        } else {
            (today && minute >= self.from) || (yesterday && minute < self.until)
        }
    }

    /// The first moment, not before `at`, at which it is open. `None` only at the end of all dates.
    pub(crate) fn opens(&self, at: Timestamp) -> Option<Timestamp> {
        if self.is_open(at) {
            return Some(at);
        }
        let today = at.to_zoned(self.zone.clone()).date();
        let begins = (-1..=WITHIN).flat_map(|days| {
            let date = today.checked_add(Span::new().days(days)).ok();
            let local = date.map(|date| date.to_datetime(time_of(self.from)));
            let ambiguous = local.map(|local| self.zone.to_ambiguous_zoned(local));
            let both = ambiguous.map(|local| [local.clone().earlier(), local.later()]);
            both.into_iter()
                .flatten()
                .filter_map(Result::ok)
                .map(|zoned| zoned.timestamp())
        });
        // Where the clock jumps over a beginning, the jump is the beginning.
        let jumps = self.zone.following(at).map(|jump| jump.timestamp()).take(4);
        begins
            .chain(jumps)
            .filter(|moment| *moment >= at && self.is_open(*moment))
            .min()
    }
}

/// The first moment, not before `at`, at which one of the windows is open; without windows it is always so.
pub(crate) fn opens(windows: &[Window], at: Timestamp) -> Option<Timestamp> {
    if windows.is_empty() {
        return Some(at);
    }
    windows.iter().filter_map(|window| window.opens(at)).min()
}

fn index(day: Weekday) -> usize {
    usize::try_from(day.to_monday_zero_offset()).unwrap_or_default()
}

fn minute_of(time: Time) -> u16 {
    u16::try_from(i32::from(time.hour()) * 60 + i32::from(time.minute())).unwrap_or_default()
}

fn time_of(minute: u16) -> Time {
    let part = |number: u16| i8::try_from(number).unwrap_or_default();
    Time::new(part(minute / 60), part(minute % 60), 0, 0).unwrap_or(Time::midnight())
}

impl FromStr for Window {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let words: Vec<&str> = text.split_whitespace().collect();
        let (days, times, zone) = match words.as_slice() {
            [days, times, zone] => (days_of(days)?, times, zone),
            [times, zone] if times.contains(':') => ([true; 7], times, zone),
            [.., times] if times.contains(':') => {
                return Err(format!(
                    "the time zone is missing: `{text} Europe/Berlin`, or `{text} UTC`"
                ));
            }
            _ => {
                return Err(
                    "expected days, times and a time zone, such as `sat,sun 22:00-04:00 Europe/Berlin`"
                        .into(),
                );
            }
        };
        let (from, until) = times
            .split_once('-')
            .and_then(|(from, until)| Some((clock(from)?, clock(until)?)))
            .ok_or_else(|| format!("`{times}` is no span of times, such as `22:00-04:00`"))?;
        if from == until || from == MIDNIGHT {
            return Err(format!(
                "`{times}` is no span of times; a whole day is `00:00-24:00`"
            ));
        }
        let zone = TimeZone::get(zone).map_err(|_| {
            format!("no time zone `{zone}` is known here; names are those of /usr/share/zoneinfo, or `UTC`")
        })?;
        Ok(Self {
            text: words.join(" "),
            days,
            from,
            until,
            zone,
        })
    }
}

/// `sat,sun`, `mon-fri`, `fri-mon`, `daily`.
fn days_of(text: &str) -> Result<[bool; 7], String> {
    if text.eq_ignore_ascii_case("daily") {
        return Ok([true; 7]);
    }
    let day = |name: &str| {
        DAYS.iter()
            .position(|day| day.eq_ignore_ascii_case(name))
            .ok_or_else(|| {
                format!(
                    "`{name}` is no day; days are {} and `daily`",
                    DAYS.join(", ")
                )
            })
    };
    let mut days = [false; 7];
    for part in text.split(',') {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let (first, last) = (day(first)?, day(last)?);
        let many = (last + 7 - first) % 7;
        for offset in 0..=many {
            days[(first + offset) % 7] = true;
        }
    }
    Ok(days)
}

/// `HH:MM` in minutes since midnight; `24:00` is the end of a day.
fn clock(text: &str) -> Option<u16> {
    let (hours, minutes) = text.split_once(':')?;
    let number = |digits: &str| {
        let plain = digits.len() == 2 && digits.bytes().all(|byte| byte.is_ascii_digit());
        digits.parse::<u16>().ok().filter(|_| plain)
    };
    let (hours, minutes) = (number(hours)?, number(minutes)?);
    let minute = hours * 60 + minutes;
    (minutes < 60 && minute <= MIDNIGHT).then_some(minute)
}

impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl TryFrom<String> for Window {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Window> for String {
    fn from(window: Window) -> Self {
        window.text
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;
    use proptest::prelude::*;

    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a time")
    }

    fn window(text: &str) -> Window {
        text.parse().expect("a window")
    }

    #[test]
    fn a_window_over_midnight_belongs_to_the_day_on_which_it_begins() {
        let window = window("sat,sun 22:00-04:00 Europe/Berlin");
        for (moment, open) in [
            // 2026-11-28 is a Saturday; Berlin is an hour ahead of UTC in winter.
            ("2026-11-28T02:00:00Z", false),
            ("2026-11-28T20:59:59Z", false),
            ("2026-11-28T21:00:00Z", true),
            ("2026-11-29T02:59:59Z", true),
            ("2026-11-29T03:00:00Z", false),
            ("2026-11-30T02:00:00Z", true),
            ("2026-11-30T22:00:00Z", false),
        ] {
            assert_eq!(window.is_open(at(moment)), open, "{moment}");
        }
        assert_eq!(
            window.opens(at("2026-11-30T22:00:00Z")),
            Some(at("2026-12-05T21:00:00Z"))
        );
    }

    #[test]
    fn a_beginning_that_the_clock_jumps_over_is_the_jump() {
        // On 2026-03-29 Berlin's clock goes from 02:00 to 03:00, at 01:00 UTC.
        let skipped = window("sun 02:30-05:00 Europe/Berlin");
        assert_eq!(
            skipped.opens(at("2026-03-28T12:00:00Z")),
            Some(at("2026-03-29T01:00:00Z"))
        );
        // One that is all within the hour that is left out is not open on that day.
        let within = window("sun 02:10-02:50 Europe/Berlin");
        assert_eq!(
            within.opens(at("2026-03-28T12:00:00Z")),
            Some(at("2026-04-05T00:10:00Z"))
        );
    }

    #[test]
    fn an_hour_that_comes_twice_is_open_twice() {
        // On 2026-10-25 Berlin's clock goes from 03:00 back to 02:00, at 01:00 UTC.
        let twice = window("sun 02:30-02:45 Europe/Berlin");
        assert_eq!(
            twice.opens(at("2026-10-25T00:00:00Z")),
            Some(at("2026-10-25T00:30:00Z"))
        );
        assert_eq!(
            twice.opens(at("2026-10-25T00:45:00Z")),
            Some(at("2026-10-25T01:30:00Z"))
        );
        assert_eq!(
            twice.opens(at("2026-10-25T01:45:00Z")),
            Some(at("2026-11-01T01:30:00Z"))
        );
    }

    #[test]
    fn what_is_no_window_is_refused_with_what_was_wrong() {
        for (text, wrong) in [
            ("sat 22:00-04:00", "the time zone is missing"),
            ("22:00-04:00", "the time zone is missing"),
            (
                "sat 22:00-04:00 Europe/Berlln",
                "no time zone `Europe/Berlln`",
            ),
            ("sta 22:00-04:00 UTC", "`sta` is no day"),
            ("sat, 22:00-04:00 UTC", "`` is no day"),
            ("sat 22-04 UTC", "no span of times"),
            ("sat 22:00-22:00 UTC", "a whole day is"),
            ("sat 24:00-04:00 UTC", "a whole day is"),
            ("sat 22:60-04:00 UTC", "no span of times"),
            ("", "expected days, times and a time zone"),
            (
                "sat sun 22:00-04:00 UTC",
                "expected days, times and a time zone",
            ),
        ] {
            let refused = text.parse::<Window>().expect_err(text);
            assert!(refused.contains(wrong), "{text}: {refused}");
        }
        assert_eq!(
            window("mon-fri  01:00-24:00 UTC").to_string(),
            "mon-fri 01:00-24:00 UTC"
        );
        assert!(window("00:00-24:00 UTC").is_open(at("2026-11-28T23:59:59Z")));
    }

    /// Looks at the clock on the wall once a minute.
    fn by_looking(window: &Window, from: Timestamp) -> Option<Timestamp> {
        (0..WITHIN * 24 * 60)
            .map(|minutes| from + SignedDuration::from_mins(minutes.into()))
            .find(|moment| {
                let there = moment.to_zoned(window.zone.clone());
                let (hour, minute) = (there.hour(), there.minute());
                let now = u16::try_from(hour).unwrap() * 60 + u16::try_from(minute).unwrap();
                let day = |date: jiff::civil::Date| {
                    window.days[usize::try_from(date.weekday().to_monday_zero_offset()).unwrap()]
                };
                let (today, yesterday) = (there.date(), there.date().yesterday().unwrap());
                let over_midnight = window.until <= window.from;
                let begun = now >= window.from && day(today);
                match (over_midnight, begun) {
                    (false, begun) => begun && now < window.until,
                    (true, true) => true,
                    (true, false) => now < window.until && day(yesterday),
                }
            })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn a_window_opens_when_somebody_who_looks_every_minute_sees_it_open(
            days in 1..128u8,
            from in 0..MIDNIGHT,
            until in 1..=MIDNIGHT,
            zone in prop::sample::select(vec![
                "UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "America/St_Johns",
            ]),
            // Around the changes of the clock in spring and autumn of several years, and anywhere else.
            near in prop::sample::select(vec![
                1_774_746_000_i64, 1_792_890_000, 1_772_953_200, 1_793_512_800, 1_775_401_200, 1_791_043_200, 1_800_000_000,
            ]),
            minutes in -9000..9000_i64,
        ) {
            prop_assume!(from != until);
            let names: Vec<&str> = (0..7).filter(|day| days & (1 << day) != 0).map(|day| DAYS[day]).collect();
            let text = format!(
                "{} {:02}:{:02}-{:02}:{:02} {zone}",
                names.join(","), from / 60, from % 60, until / 60, until % 60
            );
            let window = window(&text);
            let from = Timestamp::from_second(near / 60 * 60 + minutes * 60).expect("a time");
            prop_assert_eq!(window.opens(from), by_looking(&window, from), "{} from {}", text, from);
        }
    }
}
