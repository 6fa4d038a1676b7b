//! Which family of systems a node runs, by its os-release: what an absent flag proves there, and how its kernels are
//! ordered. A system that is not known for certain is `Other`, and its absent flag proves nothing.

use super::answer::Answer;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum System {
    /// Packages raise the flag themselves, through hooks that may be missing.
    Debian,
    /// As Debian, and libc6 asks for a reboot too.
    Ubuntu,
    /// rpm with dnf or tdnf: nothing raises the flag at once.
    Rpm,
    /// libzypp raises a flag of another name.
    Suse,
    /// Comes and goes as a whole image; no package manager works on it.
    Image,
    Other,
}

impl System {
    pub(crate) fn of(answer: &Answer) -> Self {
        let id = answer.os.id.as_deref().unwrap_or_default();
        let variant = answer.os.variant.as_deref().unwrap_or_default();
        // Azure Container Linux and OS Guard go by the ID of Azure Linux; the CoreOS editions by that of their parent.
        let image = matches!(
            id,
            "flatcar"
                | "coreos"
                | "azurecontainerlinux"
                | "rhcos"
                | "cos"
                | "bottlerocket"
                | "talos"
                | "sle-micro"
                | "sl-micro"
                | "opensuse-microos"
                | "opensuse-leap-micro"
        ) || matches!(
            variant,
            "azurecontainerlinux" | "osguard" | "coreos" | "iot" | "silverblue"
        );
        match id {
            _ if image || answer.traits.names("ostree") => Self::Image,
            "debian" => Self::Debian,
            "ubuntu" => Self::Ubuntu,
            "azurelinux" | "mariner" | "rhel" | "centos" | "rocky" | "almalinux" | "fedora" => {
                Self::Rpm
            }
            "sles" | "sled" | "sle_hpc" | "opensuse-leap" | "opensuse-tumbleweed" => Self::Suse,
            _ => Self::Other,
        }
    }
}

/// The system as a person calls it: the variant where it says more than the ID.
pub(crate) fn name(answer: &Answer) -> String {
    let id = answer.os.id.as_deref().unwrap_or("unknown");
    match answer.os.variant.as_deref() {
        Some("azurecontainerlinux") => "Azure Container Linux".into(),
        Some("osguard") => "Azure Linux OS Guard".into(),
        Some(variant @ ("coreos" | "iot" | "silverblue")) => format!("{id} {variant}"),
        _ => match id {
            "flatcar" => "Flatcar".into(),
            "azurecontainerlinux" => "Azure Container Linux".into(),
            id => id.to_owned(),
        },
    }
}
