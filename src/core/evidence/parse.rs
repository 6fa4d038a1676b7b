//! The reading of a probe's answer (`docs/probes.md`). Total: any bytes give an answer or a reason.
//! Strict, since an answer that was cut, forged or mixed up must become *unknown*: whole first and last line with
//! our nonce, the right number of lines between, no single value twice, no list with another length than it says.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::core::model::{BootId, Kernel};
use crate::core::reason::Reason;

use super::answer::{
    Answer, Flag, Installed, KernelState, Listing, Needrestart, OsRelease, PatchFacts, Watch,
    WatchedBy,
};
use super::sentinel::{Sentinel, SentinelSaid};
use super::wire::{Parsed, lines, number, time, unescape};

/// The kubelet's limit for a termination message; the script stays below it.
const LARGEST_ANSWER: usize = 4096;

/// What a probe said that was asked under `nonce`. Every refusal is [`Reason::ProbeAnswer`].
pub(crate) fn parse_answer(bytes: &[u8], nonce: &str) -> Result<Answer, Reason> {
    parse(bytes, nonce).map_err(|message| Reason::ProbeAnswer { message })
}

fn parse(bytes: &[u8], nonce: &str) -> Parsed<Answer> {
    if bytes.len() > LARGEST_ANSWER {
        return Err(format!("{} bytes long", bytes.len()));
    }
    let lines = lines(bytes, nonce)?;
    let mut entries = Entries::default();
    for (key, value) in lines {
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
    components: BTreeMap<String, Installed>,
}

/// Every list, and the key of its items.
const LISTS: [(&str, &str); 8] = [
    ("pkgs", "pkg"),
    ("vmlinuz", "vmlinuz-file"),
    ("modules", "module"),
    ("packaging", "packaging-process"),
    ("writers", "writer"),
    ("traits", "trait"),
    ("timers", "timer"),
    ("apt-periodic", "apt-setting"),
];

impl<'a> Entries<'a> {
    fn add(&mut self, key: &'a str, value: &'a str) -> Parsed<()> {
        match key {
            _ if LISTS.iter().any(|(_, item)| *item == key) => {
                self.items.entry(key).or_default().push(unescape(value)?);
            }
            "component" => {
                let (name, at) = value.split_once(' ').ok_or("`component` without a time")?;
                if self
                    .components
                    .insert(unescape(name)?, installed(at)?)
                    .is_some()
                {
                    return Err(format!("`component {name}` twice"));
                }
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
        let [
            packages,
            kernels,
            modules,
            busy,
            writers,
            traits,
            timers,
            apt,
        ] = self.listings()?;
        let answer = Answer {
            boot: self.text("boot-id")?.map(BootId::new),
            kernel: self.text("kernel")?.map(Kernel::new),
            os: OsRelease {
                id: self.text("os-id")?,
                version: self.text("os-version")?,
                variant: self.text("os-variant")?,
            },
            flag: self.flag("flag")?,
            reboot_needed: self.flag("reboot-needed")?,
            asked: Sentinel::System,
            sentinel: self.sentinel()?,
            packages,
            kernels,
            modules,
            busy,
            clock: self.time("clock")?,
            watch: Watch {
                booted: self.time("boot-time")?,
                started: self.time("run-time")?,
                components: std::mem::take(&mut self.components),
                by: match self.single.get("components-by") {
                    None => None,
                    Some(&"files") => Some(WatchedBy::Files),
                    Some(&"rpm") => Some(WatchedBy::Rpm),
                    Some(_) => return Err("`components-by` in another form".into()),
                },
            },
            writers,
            traits,
            patching: PatchFacts {
                timers,
                apt,
                dnf_apply: self.text("dnf-apply")?,
                changed: self.time("packages-changed")?,
                ran: self.time("patch-run")?,
            },
            needrestart: self.needrestart()?,
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

    fn time(&self, key: &str) -> Parsed<Option<Timestamp>> {
        self.single.get(key).map(|value| time(value)).transpose()
    }

    fn flag(&self, key: &str) -> Parsed<Flag> {
        self.single
            .get(key)
            .map_or(Ok(Flag::NotRead), |value| flag(key, value))
    }

    fn sentinel(&self) -> Parsed<SentinelSaid> {
        let said = self
            .single
            .get("sentinel-command")
            .map(|value| match value.split_once(' ') {
                Some(("exit", code)) => Ok(SentinelSaid::Exit(number(code)?)),
                Some(("refused", why)) => Ok(SentinelSaid::Refused(unescape(why)?)),
                _ => Err("`sentinel-command` in another form".to_owned()),
            });
        match (said, self.flag("sentinel-file")?) {
            (None, Flag::NotRead) => Ok(SentinelSaid::NotRead),
            (None, flag) => Ok(SentinelSaid::File(flag)),
            (Some(said), Flag::NotRead) => said,
            (Some(_), _) => Err("two sentinels".into()),
        }
    }

    fn needrestart(&self) -> Parsed<Option<Needrestart>> {
        let expected = self.text("needrestart-kernel")?.map(Kernel::new);
        let state = match self.single.get("needrestart") {
            None => return Ok(None),
            Some(&"unknown") => KernelState::Unknown,
            Some(&"current") => KernelState::Current,
            Some(&"pending") => KernelState::Pending,
            Some(_) => return Err("`needrestart` in another form".into()),
        };
        Ok(Some(Needrestart { state, expected }))
    }

    /// In the order of [`LISTS`].
    fn listings(&mut self) -> Parsed<[Listing; LISTS.len()]> {
        let mut listings: [Listing; LISTS.len()] = Default::default();
        for (listing, (list, item)) in listings.iter_mut().zip(LISTS) {
            *listing = self.listing(list, item)?;
        }
        Ok(listings)
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

fn installed(value: &str) -> Parsed<Installed> {
    match value.split_once(' ') {
        None if value == "absent" => Ok(Installed::Absent),
        None => Ok(Installed::At(time(value)?)),
        Some(("unreadable", why)) => Ok(Installed::Unreadable(unescape(why)?)),
        Some(_) => Err("`component` in another form".into()),
    }
}

fn flag(key: &str, value: &str) -> Parsed<Flag> {
    match value.split_once(' ') {
        None if value == "absent" => Ok(Flag::Absent),
        None if value == "present" => Ok(Flag::Present(None)),
        Some(("present", at)) => Ok(Flag::Present(Some(time(at)?))),
        Some(("unreadable", why)) => Ok(Flag::Unreadable(unescape(why)?)),
        _ => Err(format!("`{key}` in another form")),
    }
}

#[cfg(test)]
mod tests;
