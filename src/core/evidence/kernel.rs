//! Which of the installed kernels the next boot would bring: the newest of the running kernel's own flavour, by the
//! distribution's own order of versions. Other flavours may lie beside it and say nothing (`-azure` and `-azure-fde`,
//! `+64k`, Azure Linux's `kernel-hwe` of another series).

mod debian;
mod rpm;

use std::cmp::Ordering;

use super::answer::Answer;
use super::system::System;
use crate::core::model::Kernel;

/// How a family of systems names and orders its kernels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Naming {
    /// `6.8.0-1021-azure`: by deb-version(7).
    Debian,
    /// `5.14.0-427.13.1.el9_4.x86_64+64k`: by rpm's rpmvercmp.
    Rpm,
    /// `6.6.57.1-6.azl3`: rpm's order; its flavours differ in the series alone.
    AzureLinux,
}

/// How the node's kernels are named, or `None` where they cannot be compared: on a system whose names are not known, and
/// where the kernel comes in one piece from the ESP, which `/boot` does not show.
pub(super) fn naming(answer: &Answer, running: &Kernel) -> Option<Naming> {
    if answer.traits.names("uki") || running.as_str().contains("-fde") {
        return None;
    }
    match System::of(answer) {
        System::Debian | System::Ubuntu => Some(Naming::Debian),
        System::Rpm => match answer.os.id.as_deref() {
            Some("azurelinux" | "mariner") => Some(Naming::AzureLinux),
            _ => Some(Naming::Rpm),
        },
        System::Suse | System::Image | System::Other => None,
    }
}

/// The newest of `installed` that has the flavour of `running`, or `None` where there is none of it.
pub(crate) fn newest_installed(
    naming: Naming,
    running: &Kernel,
    installed: &[String],
) -> Option<Kernel> {
    let flavour = naming.flavour(running.as_str());
    installed
        .iter()
        .filter(|release| naming.flavour(release) == flavour)
        .max_by(|a, b| naming.order(a, b))
        .map(Kernel::new)
}

/// Whether `a` is an older kernel than `b`, where nothing but their releases is known. Of two namings neither is older.
pub(crate) fn is_older(a: &Kernel, b: &Kernel) -> bool {
    let naming = Naming::told_by(a.as_str());
    naming == Naming::told_by(b.as_str()) && naming.is_older(a, b)
}

impl Naming {
    /// By the release alone: rpm's end in a distribution tag or an architecture after a dot.
    pub(super) fn told_by(release: &str) -> Self {
        let tagged = |tag: &str| release.contains(tag);
        if tagged(".azl") || tagged(".cm2") || tagged(".cm1") {
            Self::AzureLinux
        } else if [".el", ".fc", ".amzn", ".x86_64", ".aarch64"]
            .iter()
            .any(|tag| tagged(tag))
        {
            Self::Rpm
        } else {
            Self::Debian
        }
    }

    /// Whether `a` is an older kernel than `b`. Meant for two of one flavour.
    pub(super) fn is_older(self, a: &Kernel, b: &Kernel) -> bool {
        self.order(a.as_str(), b.as_str()) == Ordering::Less
    }

    fn flavour(self, release: &str) -> String {
        match self {
            Self::Debian => debian::split(release).1.to_owned(),
            Self::Rpm => rpm::split(release).1.to_owned(),
            Self::AzureLinux => rpm::series(release),
        }
    }

    fn order(self, a: &str, b: &str) -> Ordering {
        match self {
            Self::Debian => debian::order(debian::split(a).0, debian::split(b).0),
            Self::Rpm | Self::AzureLinux => rpm::order(rpm::split(a).0, rpm::split(b).0),
        }
    }
}

#[cfg(test)]
mod tests;
