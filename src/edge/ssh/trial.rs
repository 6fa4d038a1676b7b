//! A login as a trial, for `doctor`: all that reading a node by SSH takes, done once, and as whom the script came to run.
//! Before the login the ssh program itself and what its configuration settles.

use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;
use tokio::time::timeout;

use crate::core::doctor::SshSettled;
use crate::core::doctor::logins::RanAs;
use crate::core::evidence::{Sentinel, another_boot, parse_answer};
use crate::core::model::Node;
use crate::core::reason::Reason;
use crate::edge::node::{Inquiry, ScriptSettings, nonce};
use crate::request::flags::Sudo;

use super::Ssh;
use super::address::address;
use super::command::{answer_of, input};
use super::trouble::in_one_line;

/// ssh answers both questions without a connection; `Match exec` in a configuration may take a moment.
const ANSWERS_WITHIN: Duration = Duration::from_secs(10);
/// An address of the range for documentation, where no node has one.
const NOBODY: &str = "192.0.2.1";
/// Of what sudo says.
const KEPT_WORDS: usize = 300;

impl Ssh {
    /// ssh's version, and what its configuration comes to for `node`; or why ssh is of no use.
    pub(crate) async fn program(
        &self,
        node: Option<&Node>,
    ) -> Result<(String, SshSettled), String> {
        let (_, version) = asked(&["-V".into()]).await?;
        let address = node
            .and_then(|node| address(node, self.settings.address).ok())
            .unwrap_or_else(|| NOBODY.to_owned());
        let config = self.folder.path().join("config").display().to_string();
        let mut words = vec!["-G".to_owned(), "-F".to_owned(), config];
        if let Some(user) = &self.settings.user {
            words.extend(["-l".to_owned(), user.clone()]);
        }
        words.extend(["--".to_owned(), address]);
        let (settled, _) = asked(&words).await?;
        Ok((version, understood(&settled)))
    }

    /// Logs in, runs the script as `status` would, and compares the boot.
    pub(crate) async fn try_login(&self, node: &Node, limit: Duration) -> Result<RanAs, Reason> {
        let nonce = nonce()?;
        let script = input(&ScriptSettings::on_host(
            &nonce,
            &Sentinel::System,
            Inquiry::EVIDENCE,
        ));
        let first = whoami(&nonce, self.settings.sudo);
        let output = self.said(node, limit, &(first + &script)).await?;
        let answer = parse_answer(answer_of(&output, &nonce), &nonce)?;
        match another_boot(node, &answer) {
            Some(doubt) => Err(doubt),
            None => Ok(ran_as(&output, &nonce)),
        }
    }
}

/// What ssh prints on stdout and stderr, in this order, when it succeeds; else what it complains of.
async fn asked(words: &[String]) -> Result<(String, String), String> {
    let running = Command::new("ssh")
        .args(words)
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    let output = match timeout(ANSWERS_WITHIN, running).await {
        Err(_) => return Err(format!("ssh {} does not end", words[0])),
        Ok(Err(error)) if error.kind() == std::io::ErrorKind::NotFound => {
            return Err("there is no ssh program on the PATH".into());
        }
        Ok(Err(error)) => return Err(format!("ssh does not start: {error}")),
        Ok(Ok(output)) => output,
    };
    let said = in_one_line(&String::from_utf8_lossy(&output.stderr));
    if output.status.success() {
        Ok((String::from_utf8_lossy(&output.stdout).into_owned(), said))
    } else {
        Err(format!("the ssh configuration is refused: {said}"))
    }
}

/// The lines of `ssh -G` that a person looks for.
fn understood(settled: &str) -> SshSettled {
    let value = |key: &str| {
        settled
            .lines()
            .filter_map(|line| line.split_once(' '))
            .find_map(|(name, value)| (name == key).then(|| value.to_owned()))
    };
    SshSettled {
        user: value("user").unwrap_or_default(),
        port: value("port").unwrap_or_default(),
        jump: value("proxyjump")
            .or_else(|| value("proxycommand"))
            .filter(|jump| jump != "none"),
    }
}

/// Said before the answer, where its reader passes over what it does not know: the user's number, and why sudo refused.
fn whoami(nonce: &str, sudo: Sudo) -> String {
    let why = match sudo {
        Sudo::Auto => format!(
            "[ \"$(id -u)\" = 0 ] || printf 'aksreboot-sudo %s %s\\n' {nonce} \"$(LC_ALL=C sudo -n true 2>&1 </dev/null | tr '\\n' ' ')\"\n"
        ),
        Sudo::Never => String::new(),
    };
    format!("printf 'aksreboot-uid %s %s\\n' {nonce} \"$(id -u)\"\n{why}")
}

fn ran_as(output: &[u8], nonce: &str) -> RanAs {
    let text = String::from_utf8_lossy(output);
    let told = |key: &str| {
        let head = format!("{key} {nonce} ");
        text.lines()
            .find_map(|line| line.strip_prefix(head.as_str()))
            .map(|said| said.trim().chars().take(KEPT_WORDS).collect::<String>())
    };
    if told("aksreboot-uid").as_deref() == Some("0") {
        RanAs::Root
    } else {
        RanAs::User {
            sudo: told("aksreboot-sudo"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_ran_the_script_is_told_by_this_question_alone() {
        let nonce = "0123456789abcdef";
        let other = "fedcba9876543210";
        let output = format!(
            "aksreboot-uid {other} 0\nWelcome\naksreboot-uid {nonce} 1000\naksreboot-sudo {nonce} sudo: a password is required \n"
        );
        assert_eq!(
            ran_as(output.as_bytes(), nonce),
            RanAs::User {
                sudo: Some("sudo: a password is required".into())
            }
        );
        let root = format!("aksreboot-uid {nonce} 0\n");
        assert_eq!(ran_as(root.as_bytes(), nonce), RanAs::Root);
        assert_eq!(ran_as(b"", nonce), RanAs::User { sudo: None });
    }

    #[test]
    fn of_a_configuration_user_port_and_way_are_shown() {
        let settled = understood("host 10.0.0.4\nuser azureuser\nport 2222\nproxyjump bastion\n");
        assert_eq!(settled.user, "azureuser");
        assert_eq!(settled.port, "2222");
        assert_eq!(settled.jump.as_deref(), Some("bastion"));
        assert_eq!(understood("user a\nproxycommand none\n").jump, None);
    }
}
