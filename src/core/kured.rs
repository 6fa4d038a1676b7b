//! kured's settings and its lock, read from its DaemonSet. Flags stand in `command` or `args`, as `--key=value` or in two
//! words; from 1.16.2 on the environment wins (kubereboot/kured: cmd/kured/main.go). The lock is JSON in an annotation,
//! in one of two forms (pkg/daemonsetlock).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// One kured of the cluster.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct KuredFound {
    pub(crate) namespace: String,
    pub(crate) name: String,
    pub(crate) image: String,
    /// Of its pods, Ready and wanted.
    pub(crate) ready: u32,
    pub(crate) wanted: u32,
    /// By name without dashes; a value that is kept elsewhere is `None`.
    pub(crate) settings: BTreeMap<String, Option<String>>,
    pub(crate) lock: KuredLock,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(
    tag = "state",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
pub(crate) enum KuredLock {
    Free,
    /// A node's name each, and since when as kured wrote it.
    Held {
        by: Vec<String>,
    },
    Unreadable {
        text: String,
    },
    /// Free to a kured that takes several nodes at once; this one takes one, and waits on it for ever.
    Stuck,
    /// The flags name a DaemonSet that is not there.
    Elsewhere {
        daemon_set: String,
    },
}

/// Settings from the words of a container's command and arguments, and from its environment.
pub(crate) fn settings<'a>(
    words: impl IntoIterator<Item = &'a str>,
    environment: impl IntoIterator<Item = (&'a str, Option<&'a str>)>,
) -> BTreeMap<String, Option<String>> {
    let mut settings = BTreeMap::new();
    let mut words = words.into_iter().peekable();
    while let Some(word) = words.next() {
        let Some(flag) = word.strip_prefix("--") else {
            continue;
        };
        let (key, value) = match flag.split_once('=') {
            Some((key, value)) => (key, value.to_owned()),
            None => (
                flag,
                words
                    .next_if(|next| !next.starts_with("--"))
                    .map_or_else(|| "true".to_owned(), str::to_owned),
            ),
        };
        settings.insert(key.to_owned(), Some(value));
    }
    for (key, value) in environment {
        if let Some(key) = key.strip_prefix("KURED_") {
            let key = key.to_ascii_lowercase().replace('_', "-");
            settings.insert(key, value.map(str::to_owned));
        }
    }
    settings
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct LockText {
    #[serde(rename = "nodeID")]
    node: String,
    created: String,
    locks: Option<Vec<LockText>>,
}

/// The lock as an annotation says it; kured writes an empty text or none when it is free.
pub(crate) fn lock(text: Option<&str>) -> KuredLock {
    let Some(text) = text.filter(|text| !text.trim().is_empty()) else {
        return KuredLock::Free;
    };
    let Ok(lock) = serde_json::from_str::<LockText>(text) else {
        return KuredLock::Unreadable { text: text.into() };
    };
    let by: Vec<String> = lock
        .locks
        .unwrap_or_else(|| {
            vec![LockText {
                node: lock.node,
                created: lock.created,
                locks: None,
            }]
        })
        .into_iter()
        .filter(|entry| !entry.node.is_empty())
        .map(|entry| match entry.created.as_str() {
            "" => entry.node,
            created => format!("{} since {created}", entry.node),
        })
        .collect();
    if by.is_empty() {
        KuredLock::Free
    } else {
        KuredLock::Held { by }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_come_in_one_word_or_two_and_the_environment_wins() {
        let settings = settings(
            [
                "/usr/bin/kured",
                "--period=1h",
                "--concurrency",
                "2",
                "--annotate-nodes",
                "--reboot-days=mon",
            ],
            [
                ("KURED_REBOOT_DAYS", Some("sat,sun")),
                ("KURED_NOTIFY_URL", None),
                ("PATH", Some("/bin")),
            ],
        );
        let of = |key: &str| settings.get(key).cloned();
        assert_eq!(of("period"), Some(Some("1h".into())));
        assert_eq!(of("concurrency"), Some(Some("2".into())));
        assert_eq!(of("annotate-nodes"), Some(Some("true".into())));
        assert_eq!(of("reboot-days"), Some(Some("sat,sun".into())));
        assert_eq!(of("notify-url"), Some(None));
        assert_eq!(settings.len(), 5);
    }

    #[test]
    fn both_forms_of_the_lock_are_read_and_what_is_neither_is_no_free_lock() {
        assert_eq!(lock(None), KuredLock::Free);
        assert_eq!(lock(Some("")), KuredLock::Free);
        assert_eq!(
            lock(Some(
                r#"{"nodeID":"n1","metadata":{"unschedulable":false},"created":"2026-01-02T03:04:05Z","TTL":0}"#
            )),
            KuredLock::Held {
                by: vec!["n1 since 2026-01-02T03:04:05Z".into()]
            }
        );
        assert_eq!(
            lock(Some(
                r#"{"maxOwners":2,"locks":[{"nodeID":"n1"},{"nodeID":"n2"}]}"#
            )),
            KuredLock::Held {
                by: vec!["n1".into(), "n2".into()]
            }
        );
        assert_eq!(lock(Some(r#"{"maxOwners":2,"locks":[]}"#)), KuredLock::Free);
        assert!(matches!(
            lock(Some("{\"locks\":\"frozen\"}")),
            KuredLock::Unreadable { .. }
        ));
    }
}
