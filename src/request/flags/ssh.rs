//! How nodes are logged in to. The rest is in the user's own ssh configuration: keys, ports, jump hosts.

use std::path::{Path, PathBuf};

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, ValueEnum};

use crate::core::plan::Via;
use crate::exit::Exit;
use crate::failure::Failure;

#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "SSH")]
pub(crate) struct SshFlags {
    /// User on the nodes, instead of the one in the ssh configuration. With --via auto this allows SSH
    #[arg(id = "ssh-user", long = "ssh-user", value_name = "USER", value_parser = user)]
    user: Option<String>,

    /// What of a node is connected to [default: internal-ip]
    #[arg(id = "ssh-address", long = "ssh-address", value_name = "KIND")]
    address: Option<SshAddress>,

    /// Configuration file of ssh, instead of the user's and the machine's
    #[arg(id = "ssh-config", long = "ssh-config", value_name = "FILE")]
    config: Option<PathBuf>,

    /// Whether the script is run by `sudo -n` where the user is not root [default: auto]
    #[arg(id = "ssh-sudo", long = "ssh-sudo", value_name = "WHEN")]
    sudo: Option<Sudo>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum SshAddress {
    /// The node's address of type InternalIP
    #[default]
    InternalIp,
    /// Of type ExternalIP
    ExternalIp,
    /// Of type Hostname
    Hostname,
    /// The node's name
    Name,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Sudo {
    /// Where it asks for no password; else the script says what it could not read
    #[default]
    Auto,
    /// Not at all
    Never,
}

/// Takes `pod` or `ssh`.
pub(crate) fn via() -> impl TypedValueParser<Value = Via> {
    PossibleValuesParser::new(["pod", "ssh"]).map(|way| match way.as_str() {
        "ssh" => Via::Ssh,
        _ => Via::Pod,
    })
}

/// How nodes are logged in to.
#[derive(Clone, Debug, Default)]
pub(crate) struct SshSettings {
    pub(crate) user: Option<String>,
    pub(crate) address: SshAddress,
    /// Absolute; `None`: the user's own and the machine's.
    pub(crate) config: Option<PathBuf>,
    pub(crate) sudo: Sudo,
}

impl SshFlags {
    /// The first flag given, which is how SSH is asked for.
    pub(crate) fn first_given(&self) -> Option<&'static str> {
        [
            ("--ssh-user", self.user.is_some()),
            ("--ssh-address", self.address.is_some()),
            ("--ssh-config", self.config.is_some()),
            ("--ssh-sudo", self.sudo.is_some()),
        ]
        .into_iter()
        .find_map(|(flag, given)| given.then_some(flag))
    }

    /// How nodes are logged in to for a plan that goes that way; a flag of SSH is refused for one that does not.
    pub(crate) fn logins_for(&self, via: Via) -> Result<Option<SshSettings>, Failure> {
        match (via, self.first_given()) {
            (Via::Ssh, _) => self.settle().map(Some),
            (Via::Pod, None) => Ok(None),
            (Via::Pod, Some(flag)) => Err(Failure::say(
                Exit::Usage,
                format!("{flag} has no meaning here: nodes are read and rebooted by pods"),
            )
            .hint("to do both by SSH: --via ssh")),
        }
    }

    pub(crate) fn settle(&self) -> Result<SshSettings, Failure> {
        Ok(SshSettings {
            user: self.user.clone(),
            address: self.address.unwrap_or_default(),
            config: self.config.as_deref().map(config_file).transpose()?,
            sudo: self.sudo.unwrap_or_default(),
        })
    }
}

/// The file's absolute path. It goes into another configuration file, so it has none of the characters that mean
/// something there.
fn config_file(path: &Path) -> Result<PathBuf, Failure> {
    let absolute = path.canonicalize().map_err(|error| {
        Failure::new(Exit::Usage, error).during(format!("read --ssh-config {}", path.display()))
    })?;
    let plain =
        |text: &str| !text.contains(|c: char| c.is_control() || "\"'\\*?[]{}~$%".contains(c));
    if absolute.to_str().is_some_and(plain) {
        Ok(absolute)
    } else {
        Err(Failure::say(
            Exit::Usage,
            format!(
                "--ssh-config {}: the path has characters that ssh reads as patterns",
                absolute.display()
            ),
        )
        .hint("copy the file to a plain path and name that"))
    }
}

/// A login name that ssh cannot take for anything else.
fn user(text: &str) -> Result<String, String> {
    let plain = |c: char| c.is_alphanumeric() || "._-+\\".contains(c);
    if !text.is_empty() && !text.starts_with('-') && text.chars().all(plain) {
        Ok(text.to_owned())
    } else {
        Err("a login name, without a host and without blanks".into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_is_no_option_and_no_host() {
        for text in ["azureuser", "DOMAIN\\me", "first.last"] {
            assert!(user(text).is_ok(), "{text}");
        }
        for text in ["", "-oProxyCommand=x", "me@host", "a b", "a;b"] {
            assert!(user(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_configuration_that_is_not_there_or_would_be_a_pattern_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let missing = config_file(&folder.path().join("none")).expect_err("missing");
        assert_eq!(missing.exit, Exit::Usage);
        let odd = folder.path().join("a*b");
        std::fs::write(&odd, "").expect("a file");
        assert_eq!(config_file(&odd).expect_err("odd").exit, Exit::Usage);
        let plain = folder.path().join("config");
        std::fs::write(&plain, "").expect("a file");
        assert!(config_file(&plain).is_ok_and(|path| path.is_absolute()));
    }
}
