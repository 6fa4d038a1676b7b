//! `doctor`: its flags, and the examination that they settle to.

use clap::{Args, ValueEnum};

use super::flags::{ConnectionFlags, SshFlags};
use crate::core::model::NodeName;
use crate::core::rights::Aim;
use crate::edge::doctor::{Examination, Logins};
use crate::exit::Exit;
use crate::failure::Failure;

/// Find out what will not work, and which command mends it
///
/// Asks the API server what each command will need: every right, whether it would admit the pods (as dry runs), and who
/// else has a hand in the cluster. With one of the SSH flags it logs in to nodes as status and check-updates would. Changes
/// nothing.
#[derive(Clone, Debug, Args)]
#[command(after_help = "Exit codes:
  0  nothing fails
  1  something fails, or could not be decided
  2  wrong usage

Examples:
  aksreboot doctor
  aksreboot doctor --for status
  aksreboot doctor --via ssh --ssh-user azureuser
  aksreboot doctor --for check-updates --via ssh
  aksreboot doctor --for roll --image registry.example/busybox:1.36 -o json")]
pub(crate) struct DoctorFlags {
    /// Look only at what these commands need; several with commas
    #[arg(
        long = "for",
        value_name = "COMMAND",
        value_enum,
        value_delimiter = ','
    )]
    aims: Vec<Purpose>,

    /// Image of the pods, as it will be given to status, check-updates and roll
    #[arg(long, value_name = "IMAGE", default_value = crate::edge::node::DEFAULT_IMAGE)]
    image: String,

    /// By which way status and check-updates are to read the nodes
    #[arg(long, value_name = "WAY", value_enum, default_value = "auto")]
    via: Way,

    #[command(flatten)]
    ssh: SshFlags,

    /// Log in to these nodes, instead of up to 48 from all pools; several with commas
    #[arg(
        long = "ssh-node",
        value_name = "NODE",
        value_delimiter = ',',
        help_heading = "SSH"
    )]
    ssh_nodes: Vec<String>,

    /// Format of the data on stdout
    #[arg(
        short,
        long,
        value_name = "FORMAT",
        value_enum,
        default_value = "table"
    )]
    pub(crate) output: Form,

    #[command(flatten)]
    pub(crate) connection: ConnectionFlags,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Form {
    /// A line for each check
    Table,
    /// One JSON document, also on failure
    Json,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Purpose {
    /// status --via api, which tells no yes from no
    Read,
    /// status with probe pods
    Status,
    /// check-updates
    CheckUpdates,
    /// cordon and uncordon
    Cordon,
    /// drain
    Drain,
    /// roll
    Roll,
    /// cleanup
    Cleanup,
    /// lock and unlock
    Hold,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Way {
    /// By probe pods, and by SSH where one of its flags is given
    Auto,
    /// By SSH alone
    Ssh,
}

impl DoctorFlags {
    pub(crate) fn settle(&self) -> Result<Examination, Failure> {
        let logins = self.logins()?;
        let mut aims: Vec<Aim> = self
            .aims
            .iter()
            .map(|purpose| match purpose {
                Purpose::Read => Aim::Read,
                // Nodes that are read by SSH are listed, and no more is asked of the API server.
                Purpose::Status | Purpose::CheckUpdates if self.via == Way::Ssh => Aim::Read,
                Purpose::Status => Aim::Probe,
                Purpose::CheckUpdates => Aim::CheckUpdates,
                Purpose::Cordon => Aim::Cordon,
                Purpose::Drain => Aim::Drain,
                Purpose::Roll if self.via == Way::Ssh => Aim::RollBySsh,
                Purpose::Roll => Aim::Roll,
                Purpose::Cleanup => Aim::Cleanup,
                Purpose::Hold => Aim::Hold,
            })
            .collect();
        if aims.is_empty() {
            aims = match self.via {
                Way::Ssh => vec![Aim::Read],
                Way::Auto => Aim::ALL.to_vec(),
            };
        }
        aims.sort_unstable();
        aims.dedup();
        Ok(Examination {
            aims,
            image: self.image.clone(),
            logins,
        })
    }

    /// Whom to log in to: nobody, unless that was asked for.
    fn logins(&self) -> Result<Option<Logins>, Failure> {
        let asked = match self.via {
            Way::Ssh => Some("--via ssh"),
            Way::Auto => {
                let node = (!self.ssh_nodes.is_empty()).then_some("--ssh-node");
                self.ssh.first_given().or(node)
            }
        };
        let Some(flag) = asked else {
            return Ok(None);
        };
        let reads = |aim: &Purpose| match aim {
            Purpose::Status | Purpose::CheckUpdates => true,
            Purpose::Roll => self.via == Way::Ssh,
            Purpose::Read | Purpose::Cordon | Purpose::Drain | Purpose::Cleanup | Purpose::Hold => {
                false
            }
        };
        if !self.aims.is_empty() && !self.aims.iter().any(reads) {
            return Err(Failure::say(
                Exit::Usage,
                format!(
                    "{flag} has no meaning here: only status, check-updates and, with --via ssh, roll read nodes by SSH"
                ),
            )
            .hint("add one to the commands: --for status, or --for check-updates"));
        }
        Ok(Some(Logins {
            settings: self.ssh.settle()?,
            nodes: self.ssh_nodes.iter().map(NodeName::new).collect(),
        }))
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        doctor: DoctorFlags,
    }

    fn settled(words: &[&str]) -> Result<Examination, Failure> {
        let line = [&["doctor"], words].concat();
        Line::try_parse_from(line).expect("a line").doctor.settle()
    }

    #[test]
    fn nobody_is_logged_in_to_who_did_not_ask_for_it() {
        assert!(settled(&[]).expect("settles").logins.is_none());
        for words in [
            &["--via", "ssh"][..],
            &["--ssh-user", "azureuser"],
            &["--ssh-node", "n1,n2"],
            &["--for", "status,roll", "--ssh-sudo", "never"],
            &["--for", "check-updates", "--via", "ssh"],
            &["--for", "roll", "--via", "ssh"],
        ] {
            assert!(
                settled(words).expect("settles").logins.is_some(),
                "{words:?}"
            );
        }
    }

    #[test]
    fn by_ssh_alone_no_pod_is_asked_about() {
        let examination = settled(&["--via", "ssh"]).expect("settles");
        assert_eq!(examination.aims, [Aim::Read]);
        let examination = settled(&["--via", "ssh", "--for", "status,roll"]).expect("settles");
        assert_eq!(examination.aims, [Aim::Read, Aim::RollBySsh]);
        let words = ["--via", "ssh", "--for", "check-updates"];
        assert_eq!(settled(&words).expect("settles").aims, [Aim::Read]);
        let examination = settled(&["--ssh-user", "u", "--for", "status"]).expect("settles");
        assert_eq!(examination.aims, [Aim::Probe]);
    }

    #[test]
    fn a_command_that_reads_nobody_by_ssh_takes_no_flag_of_it() {
        for words in [
            &["--via", "ssh", "--for", "drain"][..],
            &["--ssh-user", "u", "--for", "roll"],
            &["--ssh-user", "u", "--for", "read,cleanup"],
        ] {
            let failure = settled(words).expect_err("refused");
            assert_eq!(failure.exit, Exit::Usage, "{words:?}");
            assert!(!failure.hints.is_empty(), "{words:?}");
        }
    }
}
