//! Machines in words: `node node-1 zone=1 pending=libc6 since=3d installed=6.8.0-1046-azure`. The release of the system is
//! not written: it is the usual one, of Linux or of Windows.

use std::fmt::{self, Display, Formatter};
use std::str::FromStr;
use std::time::Duration;

use super::{Span, Unreadable, Word, Words, number, span};
use crate::sim::world::{Ending, Flag, Machine, Package, PackageKind, Probing, System};

/// How long ago a flag was raised when that is not said.
const DAY: Duration = Duration::from_secs(24 * 3600);

impl Display for Machine {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let usual = self.usual();
        write!(f, "node {}", Word(&self.name))?;
        if self.system == System::Windows {
            f.write_str(" windows")?;
        }
        if self.pool != usual.pool {
            write!(f, " pool={}", Word(&self.pool))?;
        }
        if let Some(zone) = &self.zone {
            write!(f, " zone={}", Word(zone))?;
        }
        if let Some(flag) = &self.flag {
            f.write_str(" pending")?;
            if !flag.packages.is_empty() {
                write!(f, "={}", Word(&flag.packages.join(",")))?;
            }
            if flag.age != DAY {
                write!(f, " since={}", Span(flag.age))?;
            }
        }
        if self.kernel != usual.kernel {
            write!(f, " kernel={}", Word(&self.kernel))?;
        }
        for kernel in self
            .installed
            .iter()
            .filter(|kernel| **kernel != self.kernel)
        {
            write!(f, " installed={}", Word(kernel))?;
        }
        for package in &self.packages.newer {
            write!(f, " newer={}", Word(&package.to_string()))?;
        }
        if self.packages.data_age != usual.packages.data_age {
            match self.packages.data_age {
                Some(age) => write!(f, " package-data={}", Span(age))?,
                None => f.write_str(" package-data=none")?,
            }
        }
        if !self.packaging.is_empty() {
            write!(f, " packaging={}", Word(&self.packaging.join(",")))?;
        }
        for image in &self.missing_images {
            write!(f, " missing={}", Word(image))?;
        }
        for (there, word) in [(!self.ready, " not-ready"), (self.cordoned, " cordoned")] {
            f.write_str(if there { word } else { "" })?;
        }
        for (key, value) in &self.labels {
            write!(f, " label={}", Word(&format!("{key}={value}")))?;
        }
        for (key, value) in &self.annotations {
            write!(f, " annotation={}", Word(&format!("{key}={value}")))?;
        }
        match &self.probe {
            Probing::Answers => {}
            Probing::Hangs => f.write_str(" probe-hangs")?,
            Probing::Ends { code, message } => {
                write!(f, " probe-ends={}", Word(&format!("{code}:{message}")))?;
            }
        }
        let (reboot, usual) = (&self.reboot, &usual.reboot);
        for (word, is, usually) in [
            ("shutdown", reboot.shutdown, usual.shutdown),
            ("boot", reboot.boot, usual.boot),
            ("ready-after", reboot.ready_after, usual.ready_after),
        ] {
            if is != usually {
                write!(f, " {word}={}", Span(is))?;
            }
        }
        match &reboot.ending {
            Ending::Normal => Ok(()),
            ending => write!(f, " ends={}", Word(&ending.to_string())),
        }
    }
}

impl Machine {
    fn usual(&self) -> Self {
        match self.system {
            System::Linux => Self::linux(&self.name),
            System::Windows => Self::windows(&self.name),
        }
    }
}

/// What follows the word `node`.
pub(super) fn machine(words: &mut Words) -> Result<Machine, Unreadable> {
    let mut machine = Machine::linux(&words.next("a name")?);
    if words.take("windows") {
        machine = Machine::windows(&machine.name);
    }
    while let Some(word) = words.next_if_any() {
        let (key, value) = word.split_once('=').unwrap_or((&word, ""));
        match key {
            "pool" => machine.pool = value.into(),
            "zone" => machine.zone = Some(value.into()),
            "pending" => {
                machine.flag = Some(Flag {
                    packages: names(value),
                    age: DAY,
                });
            }
            "since" => match &mut machine.flag {
                Some(flag) => flag.age = span(value)?,
                None => return Err(Unreadable::new("`since` without `pending`")),
            },
            "kernel" => {
                machine.kernel = value.into();
                machine.installed = vec![value.into()];
            }
            "installed" => machine.installed.push(value.into()),
            "newer" => machine.packages.newer.push(value.parse()?),
            "package-data" => {
                machine.packages.data_age = match value {
                    "none" => None,
                    age => Some(span(age)?),
                };
            }
            "packaging" => machine.packaging = names(value),
            "missing" => machine.missing_images.push(value.into()),
            "not-ready" => machine.ready = false,
            "cordoned" => machine.cordoned = true,
            "label" => machine.labels.push(pair(value)?),
            "annotation" => machine.annotations.push(pair(value)?),
            "probe-hangs" => machine.probe = Probing::Hangs,
            "probe-ends" => {
                let (code, message) = value.split_once(':').unwrap_or((value, ""));
                machine.probe = Probing::Ends {
                    code: number(code)?,
                    message: message.into(),
                };
            }
            "shutdown" => machine.reboot.shutdown = span(value)?,
            "boot" => machine.reboot.boot = span(value)?,
            "ready-after" => machine.reboot.ready_after = span(value)?,
            "ends" => machine.reboot.ending = value.parse()?,
            _ => return Err(Unreadable::new(format!("`{word}` says nothing of a node"))),
        }
    }
    Ok(machine)
}

impl Display for Ending {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Normal => f.write_str("well"),
            Self::NothingHappens => f.write_str("nowhere"),
            Self::NeverReturns => f.write_str("dead"),
            Self::StaysNotReady => f.write_str("not-ready"),
            Self::KeepsFlag => f.write_str("flagged"),
            Self::Refuses(why) => write!(f, "refused:{why}"),
            Self::Kernel(kernel) => write!(f, "kernel:{kernel}"),
        }
    }
}

impl FromStr for Ending {
    type Err = Unreadable;

    fn from_str(text: &str) -> Result<Self, Unreadable> {
        Ok(match (text, text.split_once(':')) {
            ("well", _) => Self::Normal,
            ("nowhere", _) => Self::NothingHappens,
            ("dead", _) => Self::NeverReturns,
            ("not-ready", _) => Self::StaysNotReady,
            ("flagged", _) => Self::KeepsFlag,
            (_, Some(("refused", why))) => Self::Refuses(why.into()),
            (_, Some(("kernel", kernel))) => Self::Kernel(kernel.into()),
            _ => {
                return Err(Unreadable::new(format!(
                    "`{text}` is no end of a reboot: well, nowhere, dead, not-ready, flagged, refused:WHY or kernel:RELEASE"
                )));
            }
        })
    }
}

/// `NAME,INSTALLED,CANDIDATE[,KIND]`; nothing is installed of what comes along with another.
impl Display for Package {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let installed = self.installed.as_deref().unwrap_or_default();
        write!(f, "{},{installed},{}", self.name, self.candidate)?;
        f.write_str(match self.kind {
            PackageKind::Plain => "",
            PackageKind::Security => ",security",
            PackageKind::Phased => ",phased",
            PackageKind::KeptBack => ",kept-back",
        })
    }
}

impl FromStr for Package {
    type Err = Unreadable;

    fn from_str(text: &str) -> Result<Self, Unreadable> {
        let unreadable = || {
            Unreadable::new(format!(
                "`{text}` is not written NAME,INSTALLED,CANDIDATE[,security|phased|kept-back]"
            ))
        };
        let parts: Vec<&str> = text.split(',').collect();
        let (name, installed, candidate, kind) = match parts[..] {
            [name, installed, candidate] => (name, installed, candidate, PackageKind::Plain),
            [name, installed, candidate, kind] => {
                let kind = match kind {
                    "security" => PackageKind::Security,
                    "phased" => PackageKind::Phased,
                    "kept-back" => PackageKind::KeptBack,
                    _ => return Err(unreadable()),
                };
                (name, installed, candidate, kind)
            }
            _ => return Err(unreadable()),
        };
        Ok(Self::new(name, installed, candidate, kind))
    }
}

pub(super) fn names(text: &str) -> Vec<String> {
    text.split(',')
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
        .collect()
}

fn pair(text: &str) -> Result<(String, String), Unreadable> {
    text.split_once('=')
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .ok_or_else(|| Unreadable::new(format!("`{text}` is not written KEY=VALUE")))
}
