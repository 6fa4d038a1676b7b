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
                format!("ssh-keygen -R {} && {accept}", login.address)
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
