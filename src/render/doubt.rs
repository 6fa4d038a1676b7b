//! Reasons of a verdict in words: short for a table's cell, long for a sentence, and what would help.

use crate::core::drain::OWN_NAMESPACE;
use crate::core::reason::{Denier, KernelSource, Reason};

use super::azure;
use super::package_doubt;
use super::text::count;

/// A few words for a table.
pub(crate) fn in_short(reason: &Reason) -> String {
    match reason {
        Reason::Flag { packages, omitted } => flag(packages, *omitted),
        Reason::KernelPending { .. } => "newer kernel installed".into(),
        Reason::NeedrestartPending { .. } => "needrestart: newer kernel".into(),
        Reason::RebootNeeded => "reboot-needed".into(),
        Reason::Replaced { components } => format!("{} replaced", components.join(",")),
        Reason::SentinelFile { path } => format!("sentinel {path}"),
        Reason::SentinelCommand { .. } => "sentinel command".into(),
        Reason::SecurityPatchBehind { .. } => "security patch behind".into(),
        Reason::UpgradeStatus { status } => format!("AKS upgrade: {status}"),
        Reason::ManagedNode => "managed by AKS".into(),
        Reason::ImageManaged { .. } => "image-managed".into(),
        Reason::NothingRaisesFlag { .. } => "nothing raises the flag".into(),
        Reason::OwnCheckFailed { what, .. } => format!("cannot check {what}"),
        Reason::Livepatch => "livepatch".into(),
        Reason::SentinelNotRun { .. } => "sentinel not run".into(),
        Reason::NotProbed => "not probed".into(),
        Reason::Windows => "Windows".into(),
        Reason::VirtualNode => "virtual node".into(),
        Reason::UnsupportedSystem { id } => format!("cannot judge {id}"),
        Reason::NodeNotReady { .. } => "node not ready".into(),
        Reason::ProbeDenied { .. } => "probe denied".into(),
        Reason::ProbeNamespaceMissing { .. } => "no namespace".into(),
        Reason::ProbeImage { .. } => "no probe image".into(),
        Reason::ProbeNoRoom { .. } => "no room for probe".into(),
        Reason::ProbeTimeout { .. } => "probe timed out".into(),
        Reason::ProbeFailed { .. } => "probe failed".into(),
        Reason::ProbeAnswer { .. } => "unusable answer".into(),
        Reason::Unreadable { what, .. } => format!("unreadable: {what}"),
        Reason::ProbeGivenUp { .. } => "not tried".into(),
        Reason::BootMismatch { .. } => "another boot".into(),
        Reason::SecurityNotKnown { .. } => "security not told apart".into(),
        Reason::SinceNotKnown => "since when is not known".into(),
        Reason::AzureNotAsked => "Azure not asked".into(),
        Reason::AzureUnread { .. } => "Azure not read".into(),
        Reason::NodeImageNotTold => "no node image".into(),
        Reason::LatestImageNotTold { .. } => "newest image not told".into(),
        Reason::Interrupted => "interrupted".into(),
        Reason::ProfileWithoutHost { .. } => "profile shows nothing".into(),
        Reason::SshNoAddress { .. } => "no address".into(),
        Reason::SshHostKey { changed: true, .. } => "host key changed".into(),
        Reason::SshHostKey { .. } => "host key unknown".into(),
        Reason::SshDenied { .. } => "login denied".into(),
        Reason::SshFailed { .. } => "login failed".into(),
        Reason::SshTimeout { .. } => "login timed out".into(),
        Reason::ApiUnavailable { .. } => "API unavailable".into(),
        other => package_doubt::in_short(other).map_or_else(|| kind(other), str::to_owned),
    }
}

/// The packages that want the reboot, each name once. `linux-base` is how the kernel's own hook signs.
fn flag(packages: &[String], omitted: u32) -> String {
    let mut names: Vec<&str> = Vec::new();
    for package in packages {
        let name = if package == "linux-base" || package.starts_with("linux-image-") {
            "kernel"
        } else {
            package
        };
        if !names.contains(&name) {
            names.push(name);
        }
    }
    // The kernel is what most people look for.
    names.sort_by_key(|name| *name != "kernel");
    match (names.is_empty(), omitted) {
        (true, 0) => "flag".into(),
        (true, more) => format!("{more} packages"),
        (false, 0) => names.join(","),
        (false, more) => format!("{},+{more}", names.join(",")),
    }
}

/// The whole story, as the end of a sentence.
pub(crate) fn in_words(reason: &Reason) -> String {
    match reason {
        Reason::Flag { packages, omitted } => {
            format!(
                "/run/reboot-required is there ({})",
                flag(packages, *omitted)
            )
        }
        Reason::KernelPending {
            running,
            installed,
            source,
        } => {
            let by = match source {
                KernelSource::Boot => "",
                // A directory may outlive its kernel.
                KernelSource::Modules => " (by /lib/modules; /boot cannot be listed)",
            };
            format!("kernel {installed} is installed, {running} runs{by}")
        }
        Reason::NeedrestartPending { running, expected } => match expected {
            Some(expected) => format!("needrestart expects kernel {expected}, {running} runs"),
            None => format!("needrestart expects a newer kernel than {running}, which runs"),
        },
        Reason::RebootNeeded => "/run/reboot-needed is there".into(),
        Reason::Replaced { components } => {
            format!("replaced since the boot: {}", components.join(", "))
        }
        Reason::SentinelFile { path } => format!("{path} is there"),
        Reason::SentinelCommand { command } => {
            format!("`{command}` says that a reboot is pending")
        }
        Reason::SecurityPatchBehind { current, golden } => format!(
            "AKS has security patches of {golden} for it, it has those of {}",
            current.as_deref().unwrap_or("its image")
        ),
        Reason::UpgradeStatus { status } => {
            format!("AKS has set it apart in an upgrade ({status})")
        }
        Reason::ManagedNode => "AKS manages this node; customers may not change it".into(),
        Reason::ImageManaged { system } => {
            format!("{system} is updated by its image; there is no flag, and nothing on it would raise one")
        }
        Reason::NothingRaisesFlag { components } => format!(
            "there is no flag, and nothing installed would raise one for {}",
            components.join(", ")
        ),
        Reason::OwnCheckFailed { what, message } => format!(
            "there is no flag, and what was replaced since the boot cannot be checked ({what}: {message})"
        ),
        Reason::Livepatch => {
            "livepatch keeps kernels from raising the flag, and the running one is not known to be the newest".into()
        }
        Reason::SentinelNotRun { why } => {
            let why = match why.as_str() {
                "pod" => "a pod has no root shell of the node",
                "not-root" => "that needs root on the node",
                "no-timeout" => "the node has no `timeout` to bound it",
                other => other,
            };
            format!("the sentinel command was not run: {why}")
        }
        Reason::NotProbed => "only the API was asked, which cannot tell".into(),
        Reason::Windows => "Windows nodes are replaced, not rebooted".into(),
        Reason::VirtualNode => "a virtual node has no host".into(),
        Reason::UnsupportedSystem { id } => {
            format!("there is no flag, which proves nothing on {id}")
        }
        Reason::NodeNotReady { detail } if detail.is_empty() => {
            "the node is not ready and cannot run a probe".into()
        }
        Reason::NodeNotReady { detail } => {
            format!("the node is not ready ({detail}) and cannot run a probe")
        }
        Reason::ProbeDenied { by, message, .. } => {
            let by = match by {
                Denier::Role => "the user's role",
                Denier::PodSecurity => "PodSecurity",
                Denier::Policy => "an admission policy",
                Denier::Other => "the API server",
            };
            format!("{by} refuses the probe pod: {message}")
        }
        Reason::ProbeNamespaceMissing { namespace } => {
            format!("the namespace {namespace} does not exist")
        }
        Reason::ProbeImage { image, message } => {
            format!("the node cannot get the image {image}: {message}")
        }
        Reason::ProbeNoRoom { message } => {
            format!("the node has no room for the probe pod: {message}")
        }
        Reason::ProbeTimeout { seconds, state } => {
            format!("no answer after {seconds} s; the probe pod was {state}")
        }
        Reason::ProbeFailed { message } => format!("the probe pod failed: {message}"),
        Reason::ProbeAnswer { message } => {
            format!("the probe's answer cannot be used: {message}")
        }
        Reason::Unreadable { what, message } => format!("{what} could not be read: {message}"),
        Reason::ProbeGivenUp { failed, last } => {
            format!(
                "not tried, since {failed} probes before failed and none succeeded; the last: {}",
                in_words(last)
            )
        }
        Reason::BootMismatch { api, host } => {
            format!("the probe ran on boot {host}, and the API reports {api}")
        }
        Reason::SecurityNotKnown { packages } => format!(
            "where its packages come from, nothing says which of them mend security faults ({} pending)",
            count(*packages as usize, "such package")
        ),
        Reason::SinceNotKnown => "a reboot is pending, and nothing says since when".into(),
        Reason::AzureNotAsked => "Azure was not asked, which alone knows the newest node image".into(),
        Reason::AzureUnread { trouble } => format!("Azure could not be asked: {}", azure::in_words(trouble)),
        Reason::NodeImageNotTold => {
            "the node has no label with its pool, or none with its node image".into()
        }
        Reason::LatestImageNotTold { pool } => {
            format!("Azure names no newest node image of the pool {pool}")
        }
        Reason::Interrupted => "the command was ended before".into(),
        Reason::ProfileWithoutHost { profile } => {
            format!("a debug pod of the profile {profile} has no sight of the host's files")
        }
        Reason::SshNoAddress { wanted } => {
            format!("the node has no usable address of the type {wanted} to log in to")
        }
        Reason::SshHostKey {
            address,
            changed: true,
            message,
            ..
        } => format!("the host key of {address} is another than the known one: {message}"),
        Reason::SshHostKey {
            address, message, ..
        } => format!("the host key of {address} is not known: {message}"),
        Reason::SshDenied { address, message } => format!("{address} lets nobody in: {message}"),
        Reason::SshFailed { address, message } => format!("SSH to {address}: {message}"),
        Reason::SshTimeout {
            address,
            seconds,
            state,
        } => format!("no answer from {address} by SSH after {seconds} s, while {state}"),
        Reason::ApiUnavailable { message } => format!("the API server: {message}"),
        other => kind(other),
    }
}

/// What would end the doubt, as a command or a sentence.
pub(crate) fn remedy(reason: &Reason) -> Option<String> {
    Some(match reason {
        Reason::ProbeDenied {
            by,
            namespace,
            message,
        } => return denied(*by, namespace, message),
        Reason::SentinelNotRun { .. } => {
            "read by SSH as root (--via ssh), or name a file instead: --sentinel-file".into()
        }
        Reason::NothingRaisesFlag { components } if components.iter().any(|name| name == "kernel") => {
            "let unattended-upgrades or update-notifier raise the flag, or name your own: --sentinel-file".into()
        }
        Reason::ImageManaged { .. } => "compare NODE-IMAGE in -o wide with: az aks nodepool get-upgrades".into(),
        Reason::AzureNotAsked => "--azure, or --azure-cluster RESOURCE_GROUP/NAME".into(),
        Reason::AzureUnread { trouble } => azure::remedy(trouble),
        Reason::ProbeNamespaceMissing { namespace } if namespace == OWN_NAMESPACE => {
            "aksreboot manifests namespace | kubectl apply -f -".into()
        }
        Reason::ProbeNamespaceMissing { .. } => "--namespace with one that is there".into(),
        Reason::ProbeImage { .. } => {
            "--image with a small image that has a shell and that the nodes can pull, such as one of your own registry \
             (--image-pull-secret where it asks who pulls)"
                .into()
        }
        Reason::ProbeTimeout { .. } | Reason::SshTimeout { .. } => {
            "--probe-timeout with a longer time, such as 3m".into()
        }
        Reason::ProbeGivenUp { last, .. } => return remedy(last),
        Reason::NodeNotReady { .. } => {
            "--via ssh --ssh-user USER reads such nodes, as long as their sshd answers".into()
        }
        Reason::ProfileWithoutHost { .. } => "--profile general or --profile sysadmin".into(),
        Reason::SshNoAddress { .. } => {
            "--ssh-address with one of: internal-ip, external-ip, hostname, name".into()
        }
        Reason::SshHostKey {
            changed: true,
            accept,
            ..
        } => format!(
            "AKS makes new keys with each node image; if the node is new: {accept}   (takes whatever key answers now)"
        ),
        Reason::SshHostKey {
            address, accept, ..
        } => format!(
            "{accept}   (takes whatever key answers now; to compare it first: ssh-keyscan {address} | ssh-keygen -lf -)"
        ),
        Reason::SshDenied { .. } => {
            "--ssh-user with the nodes' user (on AKS azureuser), and its key in the agent or the ssh configuration".into()
        }
        _ => return None,
    })
}

/// Where to get the role that a command's pods need, by what `manifests` calls it.
pub(crate) fn role(part: &str) -> String {
    format!(
        "aksreboot manifests {part} | kubectl apply -f -; or another way in: --via debug, --via ssh"
    )
}

/// The way round what refused a pod.
fn denied(by: Denier, namespace: &str, message: &str) -> Option<String> {
    let own = namespace == OWN_NAMESPACE;
    Some(match by {
        Denier::Role if own => role("probe"),
        Denier::Role => format!("the right to create pods in the namespace {namespace}, or --via ssh"),
        Denier::PodSecurity => format!(
            "kubectl label namespace {namespace} pod-security.kubernetes.io/enforce=privileged --overwrite{}",
            if own { "" } else { ", or --namespace with one that allows it" }
        ),
        // Our own policy refuses other groups, and pods of another version than the one that printed it.
        Denier::Policy if message.contains("'aksreboot-pods'") => {
            "an administrator: aksreboot manifests policy | kubectl apply -f - (see --read-group, --image)".into()
        }
        Denier::Policy => format!(
            "exclude the namespace {namespace} from that policy (on AKS: az aks safeguards update, or the Azure Policy \
             assignment); or another way in: {}",
            if own { "--via debug, --via ssh" } else { "--via ssh" }
        ),
        Denier::Other => return None,
    })
}

/// Reasons that no verdict has are named as they are in JSON.
pub(super) fn kind(reason: &Reason) -> String {
    serde_json::to_value(reason)
        .ok()
        .and_then(|value| value["kind"].as_str().map(str::to_owned))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernel_is_named_once_and_first() {
        let packages: Vec<String> = [
            "dbus",
            "libc6",
            "linux-base",
            "linux-image-6.8.0-1030-azure",
        ]
        .map(String::from)
        .into();
        assert_eq!(flag(&packages, 0), "kernel,dbus,libc6");
        assert_eq!(flag(&packages, 40), "kernel,dbus,libc6,+40");
        assert_eq!(flag(&[], 0), "flag");
    }
}
