//! What to do about trouble before the first request: kubeconfig, flags, proxy settings, credential plugins.

use std::path::Path;

use super::config::ConfigError;
use super::kubeconfig::LoadError;
use super::plugin::PluginError;
use crate::exit::Exit;
use crate::failure::Failure;

/// As many names as a person reads in a hint.
const MOST_NAMES: usize = 10;

pub(super) const GET_CREDENTIALS: &str =
    "az aks get-credentials --resource-group GROUP --name CLUSTER --overwrite-existing";

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        use ConfigError as E;
        let (exit, hints) = match &error {
            E::Load(error) => of_load(error),
            E::Proxy(_) => (
                Exit::Failed,
                vec!["a proxy is given as http://HOST:PORT, https://HOST:PORT or socks5://HOST:PORT; characters with a meaning in URLs are percent-encoded in its password".to_owned()],
            ),
            E::NoServer(cluster) | E::BadServer { cluster, .. } => (
                Exit::Failed,
                vec![format!("kubectl config set-cluster {} --server=https://HOST:PORT", quoted(cluster))],
            ),
            E::Authority { .. } | E::BadAuthority(_) => (
                Exit::Failed,
                vec![format!("fetch the kubeconfig again: {GET_CREDENTIALS}")],
            ),
            E::AuthProvider(_) => (
                Exit::Failed,
                vec!["kubelogin convert-kubeconfig -l azurecli".to_owned()],
            ),
            E::GroupsWithoutUser => (Exit::Usage, vec!["add --as USER".to_owned()]),
            E::NotInCluster(_) => (
                Exit::Failed,
                vec!["outside of a pod leave --in-cluster out: the kubeconfig is used".to_owned()],
            ),
        };
        with(exit, error, hints)
    }
}

fn of_load(error: &LoadError) -> (Exit, Vec<String>) {
    use LoadError as E;
    match error {
        E::NoFile(_) | E::NoPlace => (
            Exit::Failed,
            vec![
                GET_CREDENTIALS.to_owned(),
                "name another file with --kubeconfig FILE or KUBECONFIG; in a pod, use --in-cluster".to_owned(),
            ],
        ),
        E::Unreadable { path, .. } => (Exit::Failed, vec![format!("ls -l {}", quoted_path(path))]),
        E::Malformed { path, .. } => (
            Exit::Failed,
            vec![format!("kubectl config view --kubeconfig {}", quoted_path(path))],
        ),
        E::Mixed(_) => (Exit::Failed, vec!["kubectl config view".to_owned()]),
        E::NoCurrentContext { known } => (
            Exit::Usage,
            vec![names("context", known), "choose one with --context NAME, or kubectl config use-context NAME".to_owned()],
        ),
        E::UnknownContext { name, known } => (Exit::Usage, among("context", name, known)),
        E::UnknownCluster { name, known, .. } => (Exit::Usage, among("cluster", name, known)),
        E::UnknownUser { name, known, .. } => (Exit::Usage, among("user", name, known)),
    }
}

impl From<PluginError> for Failure {
    fn from(error: PluginError) -> Self {
        let hints = of_plugin(&error);
        let exit = match error {
            PluginError::NeedsTerminal { .. } => Exit::Usage,
            _ => Exit::Failed,
        };
        with(exit, error, hints)
    }
}

pub(super) fn of_plugin(error: &PluginError) -> Vec<String> {
    use PluginError as E;
    let kubelogin = error
        .command()
        .and_then(|command| Path::new(command).file_stem())
        .is_some_and(|name| name == "kubelogin");
    let mut hints = Vec::new();
    match error {
        E::NotFound {
            command,
            install_hint,
        } => {
            if kubelogin {
                hints.push(
                    "az aks install-cli    (or https://azure.github.io/kubelogin/install.html)"
                        .to_owned(),
                );
            } else {
                hints.push(format!("install `{command}`, or put it on PATH"));
            }
            // Words of the kubeconfig, on one line.
            hints.extend(
                install_hint
                    .as_deref()
                    .map(|hint| hint.split_whitespace().collect::<Vec<_>>().join(" ")),
            );
        }
        E::NeedsTerminal { .. } | E::TimedOut { .. } | E::Failed { .. } if kubelogin => {
            hints.push(
                "with the login of `az login`: kubelogin convert-kubeconfig -l azurecli".to_owned(),
            );
            hints.push(
                "on a CI runner: kubelogin convert-kubeconfig -l workloadidentity".to_owned(),
            );
        }
        E::NeedsTerminal { .. } => {
            hints.push(
                "run this from a terminal, or use a kubeconfig whose credentials need no person"
                    .to_owned(),
            );
        }
        E::TimedOut { command, .. } | E::Failed { command, .. } | E::BadAnswer { command, .. } => {
            hints.push(format!(
                "see what kubectl says: kubectl get --raw /version    (it runs `{command}` too)"
            ));
        }
        E::NoCommand | E::NotStarted { .. } => {
            hints.push("kubectl config view --minify".to_owned());
        }
    }
    hints
}

fn with(exit: Exit, error: impl Into<anyhow::Error>, hints: Vec<String>) -> Failure {
    hints
        .into_iter()
        .fold(Failure::new(exit, error), Failure::hint)
}

/// What there is instead of an unknown name: the nearest, then all of them.
fn among(kind: &str, wrong: &str, known: &[String]) -> Vec<String> {
    nearest(wrong, known)
        .map(|name| format!("did you mean --{kind} {}", quoted(name)))
        .into_iter()
        .chain([names(kind, known)])
        .collect()
}

fn names(kind: &str, known: &[String]) -> String {
    let shown: Vec<&str> = known.iter().take(MOST_NAMES).map(String::as_str).collect();
    let more = known.len().saturating_sub(MOST_NAMES);
    match (shown.is_empty(), more) {
        (true, _) => format!("the kubeconfig has no {kind}s"),
        (false, 0) => format!("known {kind}s: {}", shown.join(", ")),
        (false, more) => format!("known {kind}s: {} and {more} more", shown.join(", ")),
    }
}

/// The known name that a slip of the finger may have meant.
fn nearest<'k>(wrong: &str, known: &'k [String]) -> Option<&'k String> {
    known
        .iter()
        .map(|name| (distance(&wrong.to_lowercase(), &name.to_lowercase()), name))
        .min_by_key(|(distance, _)| *distance)
        .filter(|(distance, _)| *distance <= 1 + wrong.chars().count() / 4)
        .map(|(_, name)| name)
}

/// Levenshtein's: insertions, deletions and substitutions.
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (i, l) in left.chars().enumerate() {
        let mut corner = row[0];
        row[0] = i + 1;
        for (j, r) in right.iter().enumerate() {
            let substituted = corner + usize::from(l != *r);
            corner = row[j + 1];
            row[j + 1] = substituted.min(corner + 1).min(row[j] + 1);
        }
    }
    row[right.len()]
}

/// A word as a shell takes it.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@%+,=".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

fn quoted_path(path: &Path) -> String {
    quoted(&path.display().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owned(names: &[&str]) -> Vec<String> {
        names.iter().map(ToString::to_string).collect()
    }

    fn unknown(name: &str, known: &[&str]) -> Failure {
        ConfigError::from(LoadError::UnknownContext {
            name: name.to_owned(),
            known: owned(known),
        })
        .into()
    }

    #[test]
    fn a_slip_of_the_finger_gets_the_nearest_name() {
        let failure = unknown("porduction", &["staging", "production"]);
        assert_eq!(failure.exit, Exit::Usage);
        assert_eq!(
            failure.hints,
            [
                "did you mean --context production",
                "known contexts: staging, production"
            ]
        );
        assert_eq!(
            unknown("xyz", &["staging"]).hints,
            ["known contexts: staging"]
        );
        assert_eq!(unknown("x", &[]).hints, ["the kubeconfig has no contexts"]);
    }

    #[test]
    fn a_long_list_of_names_is_cut_and_says_so() {
        let known: Vec<String> = (0..25).map(|at| format!("cluster-{at}")).collect();
        let told = names("context", &known);
        assert!(told.ends_with("cluster-9 and 15 more"), "{told}");
    }

    #[test]
    fn distances_are_levenshteins() {
        for (left, right, wanted) in [
            ("", "", 0),
            ("abc", "abc", 0),
            ("", "abc", 3),
            ("kitten", "sitting", 3),
            ("flaw", "lawn", 2),
        ] {
            assert_eq!(distance(left, right), wanted);
            assert_eq!(distance(right, left), wanted);
        }
    }

    #[test]
    fn a_name_in_a_command_is_one_word_of_a_shell() {
        assert_eq!(quoted("aks-prod_1.x"), "aks-prod_1.x");
        assert_eq!(quoted("a b;$(reboot)"), "'a b;$(reboot)'");
        assert_eq!(quoted("it's"), r"'it'\''s'");
        assert_eq!(quoted(""), "''");
    }
}
