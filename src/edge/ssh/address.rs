//! What of a node is connected to. Addresses come from the cluster, so nothing but an address may pass: `ssh` would take
//! a destination that begins with a dash for an option.

use std::net::IpAddr;

use crate::core::model::Node;
use crate::core::reason::Reason;
use crate::request::flags::SshAddress;

pub(super) fn address(node: &Node, kind: SshAddress) -> Result<String, Reason> {
    let (wanted, found, is_ip) = match kind {
        SshAddress::InternalIp => ("InternalIP", node.internal_ip.as_deref(), true),
        SshAddress::ExternalIp => ("ExternalIP", node.external_ip.as_deref(), true),
        SshAddress::Hostname => ("Hostname", node.hostname.as_deref(), false),
        SshAddress::Name => ("name", Some(node.name.as_str()), false),
    };
    found
        .filter(|text| {
            if is_ip {
                text.parse::<IpAddr>().is_ok()
            } else {
                is_host_name(text)
            }
        })
        .map(str::to_owned)
        .ok_or_else(|| Reason::SshNoAddress {
            wanted: wanted.into(),
        })
}

fn is_host_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text.len() <= 253
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "-._".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::evidence::test_node;

    fn of(internal: &str, hostname: &str, kind: SshAddress) -> Option<String> {
        let node = Node {
            internal_ip: Some(internal.into()),
            hostname: Some(hostname.into()),
            ..test_node()
        };
        address(&node, kind).ok()
    }

    #[test]
    fn an_address_is_one_and_no_option_of_ssh() {
        use SshAddress::{ExternalIp, Hostname, InternalIp};
        for good in ["10.224.0.4", "fd00::4"] {
            assert_eq!(of(good, "", InternalIp).as_deref(), Some(good));
        }
        for bad in ["", "-oProxyCommand=touch /x", "10.0.0.1 -v", "host"] {
            assert_eq!(of(bad, "", InternalIp), None, "{bad}");
        }
        assert_eq!(
            of("", "aks-1.local", Hostname).as_deref(),
            Some("aks-1.local")
        );
        for bad in ["", "-l", "a b", "a;b", "user@host", "ssh://host"] {
            assert_eq!(of("", bad, Hostname), None, "{bad}");
        }
        assert_eq!(of("10.224.0.4", "n", ExternalIp), None);
    }
}
