//! The ask for a reboot over SSH: the guard of the reboot pod, run as a transient unit of the host's systemd. What keeps it to
//! one ask a boot is a mark on the host, since no API server is asked.

use std::time::Duration;

use jiff::Timestamp;

use crate::core::model::{BootId, Node};
use crate::core::reason::Reason;
use crate::edge::node::{
    ON_HOST_SCRIPT, REBOOT_SCRIPT, RebootMessage, nonce, parse_reboot_message,
};

use super::Ssh;
use super::asked::{Looked, mark_of, unreadable};
use super::command::{answer_after, with_variables};

impl Ssh {
    /// Whether `boot` of `node` was asked to end. An error where that is not known.
    pub(crate) async fn look_for_ask(
        &self,
        node: &Node,
        boot: &BootId,
        limit: Duration,
    ) -> Result<Looked, Reason> {
        let nonce = nonce()?;
        let mark = mark_of(boot);
        let variables = [
            ("WANTED", "look"),
            ("NONCE", &nonce),
            ("BOOT_ID", boot.as_str()),
            ("MARK", &mark),
        ];
        let input = with_variables(&variables, ON_HOST_SCRIPT);
        let output = self.said(node, limit, &input).await?;
        looked(answer_after(&output, &head(&nonce)))
    }

    /// Runs the reboot script: everything but the call, or with it.
    ///
    /// `Ok`: the script's last word. An error: the host did not say, and with the call may have been asked or not.
    pub(crate) async fn ask_to_reboot(
        &self,
        node: &Node,
        boot: &BootId,
        not_after: Timestamp,
        prove: bool,
        limit: Duration,
    ) -> Result<RebootMessage, Reason> {
        let nonce = nonce()?;
        let mark = mark_of(boot);
        let unit = format!(
            "aksreboot-{}-{boot}.service",
            if prove { "prove" } else { "reboot" }
        );
        let variables = [
            ("WANTED", "ask"),
            ("NONCE", &nonce),
            ("BOOT_ID", boot.as_str()),
            ("NOT_AFTER", &not_after.as_second().to_string()),
            ("PROVE", if prove { "1" } else { "0" }),
            ("MARK", &mark),
            ("UNIT", &unit),
            ("REBOOT", REBOOT_SCRIPT),
        ];
        let input = with_variables(&variables, ON_HOST_SCRIPT);
        let output = self.said(node, limit, &input).await?;
        let said = answer_after(&output, &head(&nonce));
        said.and_then(parse_reboot_message).ok_or_else(unreadable)
    }
}

fn head(nonce: &str) -> String {
    format!("aksreboot-host 1 {nonce}\n")
}

fn looked(said: Option<&str>) -> Result<Looked, Reason> {
    match said.map(str::trim_end) {
        Some("asked") => Ok(Looked::Asked),
        Some("free") => Ok(Looked::Free),
        Some(other) => match other.strip_prefix("boot ") {
            Some(boot) => Ok(Looked::OtherBoot(boot.into())),
            None => Err(unreadable()),
        },
        None => Err(unreadable()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_plain_word_says_whether_a_boot_was_asked() {
        assert_eq!(looked(Some("asked\n")), Ok(Looked::Asked));
        assert_eq!(looked(Some("free\n")), Ok(Looked::Free));
        assert_eq!(
            looked(Some("boot 5a1f\n")),
            Ok(Looked::OtherBoot("5a1f".into()))
        );
        for odd in [
            None,
            Some(""),
            Some("unreadable\n"),
            Some("free\nasked\n"),
            Some("askedfree"),
        ] {
            assert!(looked(odd).is_err(), "{odd:?}");
        }
    }
}
