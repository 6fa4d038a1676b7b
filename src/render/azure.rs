//! Why Azure could not be asked, in words, and the command that mends it.

use crate::core::azure::AzureTrouble;

use super::text::some_of;

/// As the end of a sentence.
pub(crate) fn in_words(trouble: &AzureTrouble) -> String {
    match trouble {
        AzureTrouble::NoAz => "there is no az on the PATH".into(),
        AzureTrouble::TooOld { version, lacks } => match version {
            Some(version) => format!("az {version} is too old: it does not know {lacks}"),
            None => format!("az is too old: it does not know {lacks}"),
        },
        AzureTrouble::NotLoggedIn { message } => format!("az is not logged in: {message}"),
        AzureTrouble::Denied { message } => format!("the login of az may not read it: {message}"),
        AzureTrouble::NoSuchServer { host, clusters } => {
            format!("none of the {clusters} clusters that az lists has the API server {host}")
        }
        AzureTrouble::NoSuchCluster { message } => {
            format!("the cluster that was named is not there: {message}")
        }
        AzureTrouble::Several { host, clusters } => format!(
            "{} clusters have the API server {host}: {}",
            clusters.len(),
            some_of(clusters, 5)
        ),
        AzureTrouble::TimedOut { command, seconds } => {
            format!("{command} did not end within {seconds} s")
        }
        AzureTrouble::Failed { command, message } => format!("{command} failed: {message}"),
        AzureTrouble::Unreadable { command, message } => {
            format!("what {command} printed cannot be used: {message}")
        }
    }
}

/// What mends it.
pub(crate) fn remedy(trouble: &AzureTrouble) -> String {
    match trouble {
        AzureTrouble::NoAz => {
            "install the Azure CLI (https://aka.ms/azure-cli), or leave --azure out".into()
        }
        AzureTrouble::TooOld { .. } => "az upgrade".into(),
        AzureTrouble::NotLoggedIn { .. } => {
            "az login  # in a pipeline: az login --service-principal, or --federated-token".into()
        }
        AzureTrouble::Denied { .. } => {
            "az role assignment create --assignee USER --role Reader --scope CLUSTER-ID".into()
        }
        AzureTrouble::NoSuchServer { .. } => {
            "az account set --subscription NAME, or --azure-cluster RESOURCE_GROUP/NAME (or the whole resource ID)".into()
        }
        AzureTrouble::NoSuchCluster { .. } => {
            "az aks list --query '[].id'  # --azure-cluster takes one of these".into()
        }
        AzureTrouble::Several { .. } => "--azure-cluster RESOURCE_GROUP/NAME".into(),
        AzureTrouble::TimedOut { command, .. }
        | AzureTrouble::Failed { command, .. }
        | AzureTrouble::Unreadable { command, .. } => format!("{command}  # by hand"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_trouble_has_words_and_a_command() {
        let message = || "ERROR: no".to_owned();
        let command = || "az aks list".to_owned();
        for (trouble, words, mends) in [
            (AzureTrouble::NoAz, "no az on the PATH", "aka.ms/azure-cli"),
            (
                AzureTrouble::TooOld {
                    version: Some("2.30.0".into()),
                    lacks: command(),
                },
                "az 2.30.0 is too old: it does not know az aks list",
                "az upgrade",
            ),
            (
                AzureTrouble::NotLoggedIn { message: message() },
                "not logged in",
                "az login",
            ),
            (
                AzureTrouble::Denied { message: message() },
                "may not read it",
                "--role Reader",
            ),
            (
                AzureTrouble::NoSuchServer {
                    host: "10.0.0.1".into(),
                    clusters: 3,
                },
                "none of the 3 clusters",
                "--azure-cluster",
            ),
            (
                AzureTrouble::NoSuchCluster { message: message() },
                "is not there",
                "az aks list",
            ),
            (
                AzureTrouble::Several {
                    host: "h".into(),
                    clusters: vec!["a/b".into(), "a/c".into()],
                },
                "2 clusters have the API server h: a/b, a/c",
                "--azure-cluster",
            ),
            (
                AzureTrouble::TimedOut {
                    command: command(),
                    seconds: 60,
                },
                "did not end within 60 s",
                "by hand",
            ),
        ] {
            assert!(in_words(&trouble).contains(words), "{}", in_words(&trouble));
            assert!(remedy(&trouble).contains(mends), "{}", remedy(&trouble));
        }
    }
}
