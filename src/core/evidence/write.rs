//! The answer as the probe script prints it. The program itself only reads answers; simulated nodes write them.

use jiff::Timestamp;

use super::answer::{Answer, Flag, Installed, KernelState, Listing, WatchedBy};
use super::sentinel::SentinelSaid;
use super::wire::{escape, framed};
use crate::core::model::{BootId, Kernel};

/// The first line names format and nonce, the last repeats the nonce with the number of lines between.
pub(crate) fn write_answer(answer: &Answer, nonce: &str) -> String {
    framed(&answer_lines(answer), nonce)
}

/// The lines between.
pub(in crate::core) fn answer_lines(answer: &Answer) -> Vec<String> {
    let mut lines = Lines::default();
    lines.texts(answer);
    lines.times(answer);
    lines.flag("flag", &answer.flag);
    lines.flag("reboot-needed", &answer.reboot_needed);
    match &answer.sentinel {
        SentinelSaid::NotRead => {}
        SentinelSaid::File(flag) => lines.flag("sentinel-file", flag),
        SentinelSaid::Exit(code) => lines.put("sentinel-command", &format!("exit {code}")),
        SentinelSaid::Refused(why) => {
            lines.put("sentinel-command", &format!("refused {}", escape(why)));
        }
    }
    if let Some(needrestart) = &answer.needrestart {
        let state = match needrestart.state {
            KernelState::Unknown => "unknown",
            KernelState::Current => "current",
            KernelState::Pending => "pending",
        };
        lines.put("needrestart", state);
        if let Some(kernel) = &needrestart.expected {
            lines.text("needrestart-kernel", kernel.as_str());
        }
    }
    match answer.watch.by {
        None => {}
        Some(WatchedBy::Files) => lines.put("components-by", "files"),
        Some(WatchedBy::Rpm) => lines.put("components-by", "rpm"),
    }
    for (name, installed) in &answer.watch.components {
        let installed = match installed {
            Installed::Absent => "absent".to_owned(),
            Installed::At(at) => at.as_second().to_string(),
            Installed::Unreadable(why) => format!("unreadable {}", escape(why)),
        };
        lines.put("component", &format!("{} {installed}", escape(name)));
    }
    for (list, item, listing) in [
        ("writers", "writer", &answer.writers),
        ("traits", "trait", &answer.traits),
        ("timers", "timer", &answer.patching.timers),
        ("apt-periodic", "apt-setting", &answer.patching.apt),
        ("packaging", "packaging-process", &answer.busy),
        ("vmlinuz", "vmlinuz-file", &answer.kernels),
        ("modules", "module", &answer.modules),
        ("pkgs", "pkg", &answer.packages),
    ] {
        lines.listing(list, item, listing);
    }
    lines.0
}

#[derive(Default)]
struct Lines(Vec<String>);

impl Lines {
    fn put(&mut self, key: &str, value: &str) {
        self.0.push(format!("{key} {value}"));
    }

    fn text(&mut self, key: &str, text: &str) {
        self.put(key, &escape(text));
    }

    fn texts(&mut self, answer: &Answer) {
        for (key, value) in [
            ("boot-id", answer.boot.as_ref().map(BootId::as_str)),
            ("kernel", answer.kernel.as_ref().map(Kernel::as_str)),
            ("os-id", answer.os.id.as_deref()),
            ("os-version", answer.os.version.as_deref()),
            ("os-variant", answer.os.variant.as_deref()),
            ("dnf-apply", answer.patching.dnf_apply.as_deref()),
        ] {
            if let Some(value) = value {
                self.text(key, value);
            }
        }
    }

    fn times(&mut self, answer: &Answer) {
        for (key, at) in [
            ("clock", answer.clock),
            ("boot-time", answer.watch.booted),
            ("run-time", answer.watch.started),
            ("packages-changed", answer.patching.changed),
            ("patch-run", answer.patching.ran),
        ] {
            if let Some(at) = at {
                self.put(key, &Timestamp::as_second(at).to_string());
            }
        }
    }

    fn flag(&mut self, key: &str, flag: &Flag) {
        match flag {
            Flag::NotRead => {}
            Flag::Absent => self.put(key, "absent"),
            Flag::Present(None) => self.put(key, "present"),
            Flag::Present(Some(at)) => self.put(key, &format!("present {}", at.as_second())),
            Flag::Unreadable(why) => self.put(key, &format!("unreadable {}", escape(why))),
        }
    }

    fn listing(&mut self, list: &str, item: &str, listing: &Listing) {
        match listing {
            Listing::NotRead => {}
            Listing::Absent => self.put(list, "absent"),
            Listing::Unreadable(why) => self.put(list, &format!("unreadable {}", escape(why))),
            Listing::Read { names, omitted } => {
                self.put(list, &format!("read {}", names.len() + *omitted as usize));
                for name in names {
                    self.text(item, name);
                }
                if *omitted > 0 {
                    self.put("omitted", &format!("{item} {omitted}"));
                }
            }
        }
    }
}
