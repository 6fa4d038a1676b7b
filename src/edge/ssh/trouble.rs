//! What ssh says when a login fails, told apart by its remedy. ssh's words are all there is: it has one exit code for
//! everything.

use std::io;

use openssh::Error;

use crate::core::reason::Reason;

/// What a login was to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Login<'a> {
    pub(super) address: &'a str,
    pub(super) user: Option<&'a str>,
    pub(super) config: Option<&'a str>,
}

impl Login<'_> {
    /// The same login by hand, with an option.
    fn by_hand(&self, option: &str) -> String {
        let mut words = vec!["ssh".to_owned()];
        if !option.is_empty() {
            words.push(format!("-o {option}"));
        }
        if let Some(config) = self.config {
            words.push(format!("-F {config}"));
        }
        words.push(match self.user {
            Some(user) => format!("{user}@{}", self.address),
            None => self.address.to_owned(),
        });
        words.push("true".into());
        words.join(" ")
    }
}

/// Why the login did not come about.
pub(super) fn refused(login: Login<'_>, error: &Error) -> Reason {
    let (Error::Connect(source) | Error::Master(source) | Error::Ssh(source)) = error else {
        return failed(login, error.to_string());
    };
    if source.kind() == io::ErrorKind::NotFound {
        return failed(login, "there is no ssh program on the PATH".into());
    }
    by_words(login, source.to_string().trim())
}

fn by_words(login: Login<'_>, said: &str) -> Reason {
    let changed =
        said.contains("IDENTIFICATION HAS CHANGED") || said.contains("host key has changed");
    if changed
        || said.contains("host key is known for")
        || said.contains("Host key verification failed")
    {
        let accept = login.by_hand("StrictHostKeyChecking=accept-new");
        return Reason::SshHostKey {
            address: login.address.to_owned(),
            changed,
            message: in_one_line(said),
            accept: if changed {
                format!("{} && {accept}", forget(said, login.address))
            } else {
                accept
            },
        };
    }
    if said.contains("Permission denied (") || said.contains("Too many authentication failures") {
        return Reason::SshDenied {
            address: login.address.to_owned(),
            message: in_one_line(said),
        };
    }
    // A jump host's own ssh has nobody to tell its story to.
    if said.contains("UNKNOWN port 65535") || said.is_empty() {
        return failed(
            login,
            format!(
                "{}; by hand ssh says more: {}",
                if said.is_empty() {
                    "ssh gives no reason"
                } else {
                    "the jump host closed the connection"
                },
                login.by_hand("")
            ),
        );
    }
    failed(login, in_one_line(said))
}

/// The command that removes the known key: from the file and under the name where ssh found it, which need not be the usual
/// ones. Only plain words are taken over, as somebody will copy them into a shell.
fn forget(said: &str, address: &str) -> String {
    let plain = |word: &&str| {
        let plain = |c: char| c.is_ascii_alphanumeric() || "._/:[]-".contains(c);
        !word.is_empty() && word.chars().all(plain)
    };
    let lines = || said.lines().map(str::trim);
    let name = lines()
        .filter_map(|line| line.strip_prefix("Host key for "))
        .filter_map(|rest| rest.split_once(" has changed"))
        .map(|(name, _)| name)
        .find(plain)
        .map_or_else(|| address.to_owned(), in_quotes_where_needed);
    // `Offending ED25519 key in FILE:LINE`.
    let file = lines()
        .filter(|line| line.starts_with("Offending "))
        .filter_map(|line| line.split_once(" key in ")?.1.rsplit_once(':'))
        .map(|(file, _)| file)
        .find(plain)
        .map(|file| format!("-f {file} "))
        .unwrap_or_default();
    format!("ssh-keygen {file}-R {name}")
}

/// `[10.0.0.4]:2222` is a pattern to a shell.
fn in_quotes_where_needed(name: &str) -> String {
    if name.starts_with('[') {
        format!("'{name}'")
    } else {
        name.to_owned()
    }
}

pub(super) fn failed(login: Login<'_>, message: String) -> Reason {
    Reason::SshFailed {
        address: login.address.to_owned(),
        message,
    }
}

/// ssh frames its warnings; a sentence has no frames.
pub(super) fn in_one_line(said: &str) -> String {
    said.lines()
        .map(|line| line.trim_matches(|c: char| c == '@' || c.is_whitespace()))
        .filter(|line| !line.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOGIN: Login<'_> = Login {
        address: "10.224.0.4",
        user: Some("azureuser"),
        config: None,
    };

    #[test]
    fn an_unknown_key_names_the_command_that_takes_it() {
        let reason = by_words(
            LOGIN,
            "No ED25519 host key is known for 10.224.0.4 and you have requested strict checking.\r\nHost key verification failed.",
        );
        let Reason::SshHostKey {
            changed: false,
            accept,
            message,
            ..
        } = reason
        else {
            panic!("{reason:?}");
        };
        assert_eq!(
            accept,
            "ssh -o StrictHostKeyChecking=accept-new azureuser@10.224.0.4 true"
        );
        assert!(!message.contains('\n') && !message.contains('\r'));
    }

    #[test]
    fn another_key_than_the_known_one_is_forgotten_first() {
        let reason = by_words(
            Login {
                config: Some("/etc/lab/config"),
                user: None,
                ..LOGIN
            },
            "@@@@@@@@@@@\n@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @\n@@@@@@@@@@@\nIT IS POSSIBLE …\nHost key verification failed.",
        );
        let Reason::SshHostKey {
            changed: true,
            accept,
            message,
            ..
        } = reason
        else {
            panic!("{reason:?}");
        };
        assert_eq!(
            accept,
            "ssh-keygen -R 10.224.0.4 && ssh -o StrictHostKeyChecking=accept-new -F /etc/lab/config 10.224.0.4 true"
        );
        assert!(message.starts_with("WARNING: REMOTE HOST"), "{message}");
    }

    #[test]
    fn the_key_is_forgotten_where_ssh_found_it_and_by_no_word_of_a_stranger() {
        let said = |file: &str, name: &str| {
            format!(
                "Offending ED25519 key in {file}:7\r\nHost key for {name} has changed and you have requested strict checking."
            )
        };
        for (file, name, command) in [
            (
                "/home/me/.ssh/known_hosts",
                "10.224.0.4",
                "ssh-keygen -f /home/me/.ssh/known_hosts -R 10.224.0.4",
            ),
            (
                "/k",
                "[10.224.0.4]:2222",
                "ssh-keygen -f /k -R '[10.224.0.4]:2222'",
            ),
            ("/k;reboot", "x$(reboot)", "ssh-keygen -R 10.224.0.4"),
        ] {
            assert_eq!(forget(&said(file, name), "10.224.0.4"), command);
        }
    }

    #[test]
    fn each_story_has_its_own_reason() {
        let denied = by_words(
            LOGIN,
            "azureuser@10.224.0.4: Permission denied (publickey).",
        );
        assert!(matches!(denied, Reason::SshDenied { .. }), "{denied:?}");
        for (said, told) in [
            (
                "connect to host 10.224.0.4 port 22: Connection timed out",
                "timed out",
            ),
            ("Connection closed by UNKNOWN port 65535", "jump host"),
            ("", "by hand"),
        ] {
            let reason = by_words(LOGIN, said);
            let Reason::SshFailed { message, .. } = &reason else {
                panic!("{reason:?}");
            };
            assert!(message.contains(told), "{message}");
        }
    }
}
