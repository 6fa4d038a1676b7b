//! What a probe says of a node, and its writing on the wire (`docs/probes.md`).
//! Nothing here judges; a field that was not read is `None`, never a "no".

use jiff::Timestamp;

use crate::core::model::{BootId, Kernel};

/// One probe's answer. Every field is `None` (or `NotRead`) when the probe did not say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) boot: Option<BootId>,
    /// `uname -r` on the node.
    pub(crate) kernel: Option<Kernel>,
    pub(crate) os: OsRelease,
    /// `/run/reboot-required`.
    pub(crate) flag: Flag,
    /// `/run/reboot-required.pkgs`, sorted, each name once.
    pub(crate) packages: Listing,
    /// The releases of `/boot/vmlinuz-*`.
    pub(crate) kernels: Listing,
    /// Package managers at work right now, by process name.
    pub(crate) busy: Listing,
    /// The node's own clock.
    pub(crate) clock: Option<Timestamp>,
}

/// `/etc/os-release`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct OsRelease {
    pub(crate) id: Option<String>,
    pub(crate) version: Option<String>,
    pub(crate) variant: Option<String>,
}

/// The flag that a package raises when it wants a reboot. Its existence counts, never its content.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Flag {
    #[default]
    NotRead,
    Absent,
    /// With its modification time, where that could be read.
    Present(Option<Timestamp>),
    /// There may be a flag; why that could not be seen, in the script's words.
    Unreadable(String),
}

/// A list of names on the node.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Listing {
    #[default]
    NotRead,
    Absent,
    Unreadable(String),
    /// The names, and how many more were left out for want of room.
    Read {
        names: Vec<String>,
        omitted: u32,
    },
}

/// The answer as the probe script prints it: the first line names format and nonce, the last repeats the nonce
/// with the number of lines between.
pub(crate) fn write_answer(answer: &Answer, nonce: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    let mut put = |key: &str, value: &str| lines.push(format!("{key} {}", escape(value)));
    if let Some(boot) = &answer.boot {
        put("boot-id", boot.as_str());
    }
    if let Some(kernel) = &answer.kernel {
        put("kernel", kernel.as_str());
    }
    for (key, value) in [
        ("os-id", &answer.os.id),
        ("os-version", &answer.os.version),
        ("os-variant", &answer.os.variant),
    ] {
        if let Some(value) = value {
            put(key, value);
        }
    }
    if let Some(clock) = answer.clock {
        put("clock", &clock.as_second().to_string());
    }
    match &answer.flag {
        Flag::NotRead => {}
        Flag::Absent => lines.push("flag absent".into()),
        Flag::Present(None) => lines.push("flag present".into()),
        Flag::Present(Some(at)) => lines.push(format!("flag present {}", at.as_second())),
        Flag::Unreadable(why) => lines.push(format!("flag unreadable {}", escape(why))),
    }
    for (list, item, listing) in [
        ("pkgs", "pkg", &answer.packages),
        ("vmlinuz", "vmlinuz-file", &answer.kernels),
        ("packaging", "packaging-process", &answer.busy),
    ] {
        match listing {
            Listing::NotRead => {}
            Listing::Absent => lines.push(format!("{list} absent")),
            Listing::Unreadable(why) => lines.push(format!("{list} unreadable {}", escape(why))),
            Listing::Read { names, omitted } => {
                lines.push(format!("{list} read {}", names.len() + *omitted as usize));
                lines.extend(names.iter().map(|name| format!("{item} {}", escape(name))));
                if *omitted > 0 {
                    lines.push(format!("omitted {item} {omitted}"));
                }
            }
        }
    }
    let head = format!("aksreboot-probe 1 {nonce}");
    let end = format!("end {nonce} {}", lines.len());
    lines.insert(0, head);
    lines.push(end);
    lines.join("\n") + "\n"
}

/// Percent-encodes everything but the characters of ordinary names.
fn escape(text: &str) -> String {
    use std::fmt::Write as _;
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"._+:~/@-".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}
