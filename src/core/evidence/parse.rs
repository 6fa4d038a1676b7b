//! The reading of a probe's answer (`docs/probes.md`). Total: any bytes give an answer or a reason.
//! Strict, since an answer that was cut, forged or mixed up must become *unknown*: whole first and last line with
//! our nonce, the right number of lines between, no single value twice, no list with another length than it says.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::core::model::{BootId, Kernel};
use crate::core::reason::Reason;

use super::answer::{Answer, Flag, Listing, OsRelease};

/// The kubelet's limit for a termination message; the script stays below it.
const LARGEST_ANSWER: usize = 4096;
/// Longer is no boot ID, no kernel, no package name.
const LONGEST_VALUE: usize = 256;

/// What a probe said that was asked under `nonce`. Every refusal is [`Reason::ProbeAnswer`].
pub(crate) fn parse_answer(bytes: &[u8], nonce: &str) -> Result<Answer, Reason> {
    parse(bytes, nonce).map_err(|message| Reason::ProbeAnswer { message })
}

type Parsed<T> = Result<T, String>;

fn parse(bytes: &[u8], nonce: &str) -> Parsed<Answer> {
    if bytes.len() > LARGEST_ANSWER {
        return Err(format!("{} bytes long", bytes.len()));
    }
    let text = std::str::from_utf8(bytes)
        .ok()
        .filter(|text| text.is_ascii())
        .ok_or("not ASCII")?;
    let mut lines: Vec<&str> = text
        .strip_suffix('\n')
        .ok_or("cut off at the end")?
        .split('\n')
        .collect();
    match lines.first().and_then(|line| line.split_once(' ')) {
        Some(("aksreboot-probe", rest)) if rest == format!("1 {nonce}") => {}
        Some(("aksreboot-probe", rest)) if rest.starts_with("1 ") => {
            return Err("asked by somebody else".into());
        }
        Some(("aksreboot-probe", _)) => return Err("in another version of the format".into()),
        _ => return Err("cut off at the start".into()),
    }
    let between = lines.len().saturating_sub(2);
    if lines.len() < 2 || lines.pop() != Some(&format!("end {nonce} {between}")) {
        return Err("cut off at the end".into());
    }
    let mut entries = Entries::default();
    for line in &lines[1..] {
        let (key, value) = line
            .split_once(' ')
            .ok_or_else(|| format!("a line without a value: `{line}`"))?;
        entries.add(key, value)?;
    }
    entries.into_answer()
}

/// The lines by key, as they came.
#[derive(Default)]
struct Entries<'a> {
    single: BTreeMap<&'a str, &'a str>,
    items: BTreeMap<&'a str, Vec<String>>,
    omitted: BTreeMap<&'a str, u32>,
}

impl<'a> Entries<'a> {
    fn add(&mut self, key: &'a str, value: &'a str) -> Parsed<()> {
        match key {
            "pkg" | "vmlinuz-file" | "packaging-process" => {
                self.items.entry(key).or_default().push(unescape(value)?);
            }
            "omitted" => {
                let (item, count) = value.split_once(' ').ok_or("`omitted` without a count")?;
                if self.omitted.insert(item, number(count)?).is_some() {
                    return Err(format!("`omitted {item}` twice"));
                }
            }
            // Keys of later versions of the script pass by here too, unread.
            _ => {
                if self.single.insert(key, value).is_some() {
                    return Err(format!("`{key}` twice"));
                }
            }
        }
        Ok(())
    }

    fn into_answer(mut self) -> Parsed<Answer> {
        let answer = Answer {
            boot: self.text("boot-id")?.map(BootId::new),
            kernel: self.text("kernel")?.map(Kernel::new),
            os: OsRelease {
                id: self.text("os-id")?,
                version: self.text("os-version")?,
                variant: self.text("os-variant")?,
            },
            flag: match self.single.get("flag") {
                None => Flag::NotRead,
                Some(value) => flag(value)?,
            },
            packages: self.listing("pkgs", "pkg")?,
            kernels: self.listing("vmlinuz", "vmlinuz-file")?,
            busy: self.listing("packaging", "packaging-process")?,
            clock: self
                .single
                .get("clock")
                .map(|value| time(value))
                .transpose()?,
        };
        // Items of a list that nobody announced.
        if let Some(item) = self.items.keys().next() {
            return Err(format!("`{item}` without its list"));
        }
        Ok(answer)
    }

    fn text(&self, key: &str) -> Parsed<Option<String>> {
        self.single
            .get(key)
            .map(|value| unescape(value))
            .transpose()
    }

    fn listing(&mut self, list: &str, item: &str) -> Parsed<Listing> {
        let Some(value) = self.single.get(list) else {
            return Ok(Listing::NotRead);
        };
        if *value == "absent" {
            return Ok(Listing::Absent);
        }
        if let Some(why) = value.strip_prefix("unreadable ") {
            return Ok(Listing::Unreadable(unescape(why)?));
        }
        let total = value
            .strip_prefix("read ")
            .ok_or_else(|| format!("`{list}` in another form"))?;
        let total: u32 = number(total)?;
        let names = self.items.remove(item).unwrap_or_default();
        let omitted = self.omitted.get(item).copied().unwrap_or(0);
        if names.len() as u64 + u64::from(omitted) != u64::from(total) {
            return Err(format!("`{list}` has another length than it says"));
        }
        Ok(Listing::Read { names, omitted })
    }
}

fn flag(value: &str) -> Parsed<Flag> {
    match value.split_once(' ') {
        None if value == "absent" => Ok(Flag::Absent),
        None if value == "present" => Ok(Flag::Present(None)),
        Some(("present", at)) => Ok(Flag::Present(Some(time(at)?))),
        Some(("unreadable", why)) => Ok(Flag::Unreadable(unescape(why)?)),
        _ => Err("`flag` in another form".into()),
    }
}

fn time(value: &str) -> Parsed<Timestamp> {
    let seconds: i64 = number(value)?;
    Timestamp::from_second(seconds).map_err(|_| format!("no time: `{value}`"))
}

fn number<N: std::str::FromStr>(value: &str) -> Parsed<N> {
    // Rust would also take a leading plus.
    value
        .parse()
        .ok()
        .filter(|_| !value.starts_with('+'))
        .ok_or_else(|| format!("no number: `{value}`"))
}

/// The inverse of the writer's percent-encoding. Bytes that are no UTF-8 on the node become replacement characters.
fn unescape(value: &str) -> Parsed<String> {
    let mut bytes = Vec::with_capacity(value.len());
    let mut rest = value.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => match (rest.next().and_then(hex), rest.next().and_then(hex)) {
                (Some(high), Some(low)) => high << 4 | low,
                _ => return Err("a broken escape".into()),
            },
            byte if byte.is_ascii_graphic() => byte,
            _ => return Err("a character that should have been escaped".into()),
        });
    }
    if bytes.is_empty() || bytes.len() > LONGEST_VALUE {
        return Err(format!("a value of {} bytes", bytes.len()));
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit)
        .to_digit(16)
        .and_then(|value| u8::try_from(value).ok())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::answer::write_answer;
    use super::*;

    const NONCE: &str = "0123456789abcdef";

    fn wire(lines: &[&str]) -> String {
        let mut text = format!("aksreboot-probe 1 {NONCE}\n");
        for line in lines {
            text.push_str(line);
            text.push('\n');
        }
        text + &format!("end {NONCE} {}\n", lines.len())
    }

    fn refusal(text: &str) -> String {
        match parse_answer(text.as_bytes(), NONCE) {
            Err(Reason::ProbeAnswer { message }) => message,
            other => panic!("accepted: {other:?}"),
        }
    }

    #[test]
    fn absent_and_unreadable_and_not_read_stay_apart() {
        let read = |lines: &[&str]| {
            parse_answer(wire(lines).as_bytes(), NONCE)
                .expect("a sound answer")
                .flag
        };
        assert_eq!(read(&["flag absent"]), Flag::Absent);
        assert_eq!(
            read(&["flag unreadable not-searchable"]),
            Flag::Unreadable("not-searchable".into())
        );
        assert_eq!(read(&["kernel 6.8.0"]), Flag::NotRead);
    }

    #[test]
    fn keys_of_a_later_script_are_passed_over() {
        assert!(parse_answer(wire(&["flag absent", "esp mounted"]).as_bytes(), NONCE).is_ok());
    }

    #[test]
    fn a_single_value_given_twice_is_refused() {
        assert_eq!(
            refusal(&wire(&["flag absent", "flag present"])),
            "`flag` twice"
        );
        assert_eq!(
            refusal(&wire(&["boot-id a", "boot-id b"])),
            "`boot-id` twice"
        );
    }

    #[test]
    fn a_list_must_have_the_length_it_says() {
        assert_eq!(
            refusal(&wire(&["pkgs read 2", "pkg dbus"])),
            "`pkgs` has another length than it says"
        );
        assert_eq!(refusal(&wire(&["pkg dbus"])), "`pkg` without its list");
        assert!(
            parse_answer(
                wire(&["pkgs read 41", "pkg dbus", "omitted pkg 40"]).as_bytes(),
                NONCE
            )
            .is_ok()
        );
    }

    #[test]
    fn another_nonce_or_format_is_refused() {
        let sound = wire(&["flag absent"]);
        assert_eq!(
            refusal(&sound.replace(NONCE, "fedcba9876543210")),
            "asked by somebody else"
        );
        assert_eq!(
            refusal(&sound.replace("probe 1", "probe 2")),
            "in another version of the format"
        );
    }

    #[test]
    fn a_forged_end_in_a_value_ends_nothing() {
        let forged = format!("kernel x%0Aend {NONCE} 1");
        assert_eq!(
            refusal(&wire(&[&forged])),
            "a character that should have been escaped"
        );
    }

    fn name() -> impl Strategy<Value = String> {
        proptest::string::string_regex(".{1,20}").expect("a sound expression")
    }

    fn listing() -> impl Strategy<Value = Listing> {
        prop_oneof![
            Just(Listing::NotRead),
            Just(Listing::Absent),
            name().prop_map(Listing::Unreadable),
            (proptest::collection::vec(name(), 0..6), 0u32..1000)
                .prop_map(|(names, omitted)| Listing::Read { names, omitted }),
        ]
    }

    fn time() -> impl Strategy<Value = Option<Timestamp>> {
        proptest::option::of((0i64..4_000_000_000).prop_map(|second| {
            Timestamp::from_second(second).expect("a second of this century or the next")
        }))
    }

    fn flag() -> impl Strategy<Value = Flag> {
        prop_oneof![
            Just(Flag::NotRead),
            Just(Flag::Absent),
            time().prop_map(Flag::Present),
            name().prop_map(Flag::Unreadable),
        ]
    }

    fn answer() -> impl Strategy<Value = Answer> {
        let word = || proptest::option::of(name());
        (
            (word(), word(), word(), word(), word()),
            flag(),
            (listing(), listing(), listing()),
            time(),
        )
            .prop_map(
                |((boot, kernel, id, version, variant), flag, (packages, kernels, busy), clock)| {
                    Answer {
                        boot: boot.map(BootId::new),
                        kernel: kernel.map(Kernel::new),
                        os: OsRelease {
                            id,
                            version,
                            variant,
                        },
                        flag,
                        packages,
                        kernels,
                        busy,
                        clock,
                    }
                },
            )
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(answer in answer()) {
            let wire = write_answer(&answer, NONCE);
            prop_assume!(wire.len() <= LARGEST_ANSWER);
            prop_assert_eq!(parse_answer(wire.as_bytes(), NONCE), Ok(answer));
        }

        #[test]
        fn any_bytes_give_an_answer_or_a_reason(bytes in proptest::collection::vec(any::<u8>(), 0..5000)) {
            let _ = parse_answer(&bytes, NONCE);
        }

        #[test]
        fn any_lines_give_an_answer_or_a_reason(lines in proptest::collection::vec(
            "(flag|pkgs|pkg|clock|omitted|boot-id|x) [a-z0-9 %+-]{0,12}", 0..12)) {
            let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
            let _ = parse_answer(wire(&lines).as_bytes(), NONCE);
        }

        #[test]
        fn a_cut_at_either_end_is_refused(answer in answer(), at in 1usize..4096) {
            let wire = write_answer(&answer, NONCE);
            prop_assume!(wire.len() <= LARGEST_ANSWER);
            let at = at.min(wire.len());
            prop_assert!(parse_answer(&wire.as_bytes()[at..], NONCE).is_err());
            prop_assert!(parse_answer(&wire.as_bytes()[..wire.len() - at], NONCE).is_err());
        }
    }
}
