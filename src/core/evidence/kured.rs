//! What kured takes for evidence: its settings as its DaemonSet gives them, by arguments and environment (`core::kured`), turned into
//! paths on the host. Total: arguments are other people's text.

use std::collections::BTreeMap;

use super::sentinel::Sentinel;

/// The directories that kured's pod sees of the host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mount {
    /// Where the pod sees it.
    pub(crate) at: String,
    /// What it is on the host.
    pub(crate) host: String,
}

/// kured's own settings, as far as they say when it reboots.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct KuredSettings {
    /// What it looks at, as the operator would name it here.
    pub(crate) sentinel: KuredSentinel,
    /// How often it looks; `None`: the default of an hour.
    pub(crate) period: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum KuredSentinel {
    /// The system's flag, its default.
    Flag,
    /// Something else, which status can be told to look at too.
    Own(Sentinel),
    /// A file of its container that is on no mounted directory of the host: kured never sees it.
    NotOnHost(String),
    /// Set from elsewhere (a ConfigMap, a Secret).
    Elsewhere(&'static str),
}

/// What kured takes for evidence, by its settings (`None`: a value from elsewhere) and what its pod sees of the host.
pub(crate) fn kured_settings(
    settings: &BTreeMap<String, Option<String>>,
    mounts: &[Mount],
) -> KuredSettings {
    let setting = |flag: &'static str| match settings.get(flag) {
        Some(Some(value)) => Setting::Is(value.clone()),
        Some(None) => Setting::Elsewhere(flag),
        None => Setting::Default,
    };
    let command = setting("reboot-sentinel-command");
    let file = setting("reboot-sentinel");
    let sentinel = match (command, file) {
        // The command overrides the file.
        (Setting::Is(command), _) if !command.is_empty() => {
            KuredSentinel::Own(Sentinel::Command(command))
        }
        (Setting::Elsewhere(flag), _) | (_, Setting::Elsewhere(flag)) => {
            KuredSentinel::Elsewhere(flag)
        }
        (_, Setting::Is(path)) => match on_host(&path, mounts) {
            Some(path) if is_the_flag(&path) => KuredSentinel::Flag,
            Some(path) => KuredSentinel::Own(Sentinel::File(path)),
            None => KuredSentinel::NotOnHost(path),
        },
        (_, Setting::Default) => KuredSentinel::Flag,
    };
    let period = match setting("period") {
        Setting::Is(period) if !["1h", "1h0m", "1h0m0s", "60m"].contains(&period.as_str()) => {
            Some(period)
        }
        Setting::Is(_) | Setting::Default | Setting::Elsewhere(_) => None,
    };
    KuredSettings { sentinel, period }
}

enum Setting {
    Default,
    Is(String),
    Elsewhere(&'static str),
}

/// The path on the host of a path in the pod: by the longest mount that it lies below.
fn on_host(path: &str, mounts: &[Mount]) -> Option<String> {
    let below = |mount: &Mount| -> Option<String> {
        let rest = path.strip_prefix(mount.at.trim_end_matches('/'))?;
        rest.starts_with('/')
            .then(|| format!("{}{rest}", mount.host.trim_end_matches('/')))
    };
    mounts
        .iter()
        .filter_map(|mount| Some((mount.at.len(), below(mount)?)))
        .max_by_key(|(length, _)| *length)
        .map(|(_, path)| path)
}

fn is_the_flag(path: &str) -> bool {
    matches!(path, "/var/run/reboot-required" | "/run/reboot-required")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn mounts() -> Vec<Mount> {
        vec![Mount {
            at: "/sentinel".into(),
            host: "/var/run".into(),
        }]
    }

    fn settings(words: &[&str], environment: &[(&str, Option<&str>)]) -> KuredSettings {
        let settings =
            crate::core::kured::settings(words.iter().copied(), environment.iter().copied());
        kured_settings(&settings, &mounts())
    }

    /// The plain manifest gives flags in `command`, the chart in `args`; both mount `/var/run` at `/sentinel`.
    #[test]
    fn kureds_default_is_the_flag_however_it_is_spelt() {
        for words in [
            &["/usr/bin/kured"][..],
            &[
                "/usr/bin/kured",
                "--reboot-sentinel=/sentinel/reboot-required",
            ],
            &[
                "--ds-name=kured",
                "--reboot-sentinel",
                "/sentinel/reboot-required",
                "--period=1h",
            ],
        ] {
            assert_eq!(
                settings(words, &[]),
                KuredSettings {
                    sentinel: KuredSentinel::Flag,
                    period: None
                }
            );
        }
    }

    #[test]
    fn a_file_of_its_own_is_named_as_it_is_on_the_host() {
        let kured = settings(
            &["--reboot-sentinel=/sentinel/my-flag", "--period", "4h"],
            &[],
        );
        assert_eq!(
            kured.sentinel,
            KuredSentinel::Own(Sentinel::File("/var/run/my-flag".into()))
        );
        assert_eq!(kured.period.as_deref(), Some("4h"));
        assert_eq!(
            settings(&["--reboot-sentinel=/var/run/reboot-required"], &[]).sentinel,
            KuredSentinel::NotOnHost("/var/run/reboot-required".into())
        );
    }

    #[test]
    fn the_command_overrides_the_file_and_the_environment_the_arguments() {
        let command = KuredSentinel::Own(Sentinel::Command("sh -c 'x'".into()));
        assert_eq!(
            settings(
                &[
                    "--reboot-sentinel=/sentinel/a",
                    "--reboot-sentinel-command=sh -c 'x'"
                ],
                &[]
            )
            .sentinel,
            command
        );
        assert_eq!(
            settings(
                &["--reboot-sentinel=/sentinel/a"],
                &[("KURED_REBOOT_SENTINEL", Some("/sentinel/b"))]
            )
            .sentinel,
            KuredSentinel::Own(Sentinel::File("/var/run/b".into()))
        );
        assert_eq!(
            settings(&[], &[("KURED_REBOOT_SENTINEL_COMMAND", None)]).sentinel,
            KuredSentinel::Elsewhere("reboot-sentinel-command")
        );
    }

    proptest! {
        #[test]
        fn any_arguments_are_settings(words in proptest::collection::vec("(--(reboot-sentinel|period)(-command)?)?=?.{0,8}", 0..6)) {
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            let _ = settings(&words, &[]);
        }
    }
}
