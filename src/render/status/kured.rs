//! What kured goes by, where that is another thing than what `status` went by.

use crate::core::evidence::{KuredSentinel, KuredSettings, Sentinel};

/// One sentence on a kured of the cluster, or `None` where it goes by the same evidence as often as it does by default.
pub(crate) fn kured_note(name: &str, kured: &KuredSettings, asked: &Sentinel) -> Option<String> {
    let (goes_by, flag) = match &kured.sentinel {
        KuredSentinel::Flag if asked.is_system() => (None, None),
        KuredSentinel::Own(own) if own == asked => (None, None),
        KuredSentinel::Flag | KuredSentinel::Own(Sentinel::System) => {
            (Some("goes by /run/reboot-required".to_owned()), None)
        }
        KuredSentinel::Own(Sentinel::File(path)) => (
            Some(format!("goes by {path}")),
            Some(format!("--sentinel-file {}", quoted(path))),
        ),
        KuredSentinel::Own(Sentinel::Command(command)) => (
            Some(format!("goes by the command `{command}`")),
            Some(format!("--sentinel-command {}", quoted(command))),
        ),
        KuredSentinel::NotOnHost(path) => (
            Some(format!(
                "goes by {path} of its own container, where no directory of the host is mounted: it never sees a flag"
            )),
            None,
        ),
        KuredSentinel::Elsewhere(variable) => (
            Some(format!(
                "goes by what {variable} holds, which is set from elsewhere"
            )),
            None,
        ),
    };
    let period = kured
        .period
        .as_ref()
        .map(|period| format!("looks every {period}"));
    let said: Vec<String> = goes_by.into_iter().chain(period).collect();
    if said.is_empty() {
        return None;
    }
    let same = flag
        .map(|flag| format!("; to go by the same: {flag}"))
        .unwrap_or_default();
    Some(format!(
        "kured (DaemonSet {name}) {}{same}",
        said.join(" and ")
    ))
}

/// As a shell takes it.
fn quoted(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._/-".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn note(sentinel: KuredSentinel, period: Option<&str>, asked: &Sentinel) -> Option<String> {
        let period = period.map(str::to_owned);
        kured_note(
            "kube-system/kured",
            &KuredSettings { sentinel, period },
            asked,
        )
    }

    #[test]
    fn kureds_other_evidence_comes_with_the_flag_that_goes_by_it() {
        let file = || Sentinel::File("/var/run/mine".into());
        assert_eq!(note(KuredSentinel::Flag, None, &Sentinel::System), None);
        assert_eq!(note(KuredSentinel::Own(file()), None, &file()), None);
        assert_eq!(
            note(KuredSentinel::Own(file()), Some("4h"), &Sentinel::System).as_deref(),
            Some(
                "kured (DaemonSet kube-system/kured) goes by /var/run/mine and looks every 4h; to go by the same: --sentinel-file /var/run/mine"
            )
        );
        let command = Sentinel::Command("sh -c '! x'".into());
        assert_eq!(
            note(KuredSentinel::Own(command), None, &Sentinel::System).as_deref(),
            Some(
                r"kured (DaemonSet kube-system/kured) goes by the command `sh -c '! x'`; to go by the same: --sentinel-command 'sh -c '\''! x'\'''"
            )
        );
    }
}
