//! Asks Azure about the cluster through the operator's own `az` and its login. Reads only; installs no extension of az,
//! answers no question of it, and puts nothing into its arguments but names of the cluster and its pools.

use std::ffi::OsString;
use std::process::Stdio;
use std::time::Duration;

use futures::StreamExt as _;
use tokio::process::Command;

use crate::core::azure::{
    AzureCluster, AzurePool, AzureSearch, AzureTrouble, AzureView, Latest, Listed, Operation,
    by_server, clusters, latest_image, operation,
};

use super::presentable;
use super::process::{self, Cut};

/// az takes one to three seconds for a command, and a minute where a login has to be renewed over a slow link.
const LIMIT: Duration = Duration::from_secs(60);
/// A subscription's clusters are about ten KiB each.
const MOST_OUTPUT: u64 = 64 * 1024 * 1024;
/// Each az is a Python of some 100 MiB.
const AT_ONCE: usize = 4;

pub(crate) struct Az {
    program: OsString,
    limit: Duration,
}

impl Az {
    pub(crate) fn on_the_path() -> Self {
        // On Windows it is a batch file, which is not found by its bare name.
        let program = if cfg!(windows) { "az.cmd" } else { "az" };
        Self {
            program: program.into(),
            limit: LIMIT,
        }
    }

    /// What Azure says of the cluster whose API server is `server`, or of the one that was named.
    pub(crate) async fn view(
        &self,
        search: &AzureSearch,
        server: &str,
    ) -> Result<AzureView, AzureTrouble> {
        let listed = match search {
            AzureSearch::ByServer => by_server(self.clusters(&["aks", "list"]).await?, server)?,
            AzureSearch::Named {
                subscription,
                resource_group,
                name,
            } => {
                self.named(subscription.as_deref(), resource_group, name)
                    .await?
            }
        };
        let (latest, (last, mut unread)) = futures::join!(
            self.latest_images(&listed.cluster, &listed.pools),
            self.last_operation(&listed.cluster)
        );
        for lacks in &listed.lacks {
            unread.push(self.too_old(lacks).await);
        }
        let mut operations = listed.operations();
        // The cluster's own state has it already, where it says anything; this one knows since when.
        if let Some(last) = last {
            operations.retain(|operation| operation.pool.is_some());
            operations.insert(0, last);
        }
        let pools = listed
            .pools
            .into_iter()
            .zip(latest)
            .map(|(pool, latest)| AzurePool { latest, ..pool })
            .collect();
        Ok(AzureView {
            cluster: listed.cluster,
            channels: listed.channels,
            pools,
            operations,
            unread,
        })
    }

    async fn named(
        &self,
        subscription: Option<&str>,
        resource_group: &str,
        name: &str,
    ) -> Result<Listed, AzureTrouble> {
        let (group, name) = (
            format!("--resource-group={resource_group}"),
            format!("--name={name}"),
        );
        let mut words = vec!["aks", "show", group.as_str(), name.as_str()];
        let subscription = subscription.map(|id| format!("--subscription={id}"));
        words.extend(subscription.as_deref());
        let mut found = self.clusters(&words).await?;
        found.pop().ok_or_else(|| AzureTrouble::Unreadable {
            command: told(&words),
            message: "no cluster".into(),
        })
    }

    async fn clusters(&self, words: &[&str]) -> Result<Vec<Listed>, AzureTrouble> {
        let printed = self.ask(words).await?;
        clusters(&printed).map_err(|message| AzureTrouble::Unreadable {
            command: told(words),
            message,
        })
    }

    /// In the order of the pools.
    async fn latest_images(&self, cluster: &AzureCluster, pools: &[AzurePool]) -> Vec<Latest> {
        futures::stream::iter(pools)
            .map(|pool| async {
                match self.latest_image(cluster, &pool.name).await {
                    Ok(latest) => latest,
                    Err(trouble) => Latest::Unread { trouble },
                }
            })
            .buffered(AT_ONCE)
            .collect()
            .await
    }

    async fn latest_image(
        &self,
        cluster: &AzureCluster,
        pool: &str,
    ) -> Result<Latest, AzureTrouble> {
        let names = [
            format!("--subscription={}", cluster.subscription),
            format!("--resource-group={}", cluster.resource_group),
            format!("--cluster-name={}", cluster.name),
            format!("--nodepool-name={pool}"),
        ];
        let words: Vec<&str> = ["aks", "nodepool", "get-upgrades"]
            .into_iter()
            .chain(names.iter().map(String::as_str))
            .collect();
        let printed = self.ask(&words).await?;
        latest_image(&printed).map_err(|message| AzureTrouble::Unreadable {
            command: told(&words),
            message,
        })
    }

    /// The operation that goes on, by az's extension `aks-preview`. Without it the states of cluster and pools say as
    /// much but for the time, so its absence is no trouble.
    async fn last_operation(
        &self,
        cluster: &AzureCluster,
    ) -> (Option<Operation>, Vec<AzureTrouble>) {
        let names = [
            format!("--subscription={}", cluster.subscription),
            format!("--resource-group={}", cluster.resource_group),
            format!("--name={}", cluster.name),
        ];
        let words: Vec<&str> = ["aks", "operation", "show-latest"]
            .into_iter()
            .chain(names.iter().map(String::as_str))
            .collect();
        let read = self.ask(&words).await.and_then(|printed| {
            operation(&printed).map_err(|message| AzureTrouble::Unreadable {
                command: told(&words),
                message,
            })
        });
        match read {
            Ok(operation) => (operation, Vec::new()),
            // A cluster that never had an operation has none to show.
            Err(AzureTrouble::TooOld { .. } | AzureTrouble::NoSuchCluster { .. }) => {
                (None, Vec::new())
            }
            Err(trouble) => (None, vec![trouble]),
        }
    }

    /// What az prints on stdout for these words.
    async fn ask(&self, words: &[&str]) -> Result<Vec<u8>, AzureTrouble> {
        let ended = match process::run(self.command(words), self.limit, MOST_OUTPUT).await {
            Ok(ended) => ended,
            Err(Cut::NotStarted(error)) if error.kind() == std::io::ErrorKind::NotFound => {
                return Err(AzureTrouble::NoAz);
            }
            Err(Cut::NotStarted(error)) => {
                return Err(AzureTrouble::Failed {
                    command: told(words),
                    message: error.to_string(),
                });
            }
            Err(Cut::TimedOut { .. }) => {
                return Err(AzureTrouble::TimedOut {
                    command: told(words),
                    seconds: self.limit.as_secs(),
                });
            }
        };
        if ended.status.success() {
            return Ok(ended.stdout);
        }
        let message = presentable(&ended.stderr);
        if is_unknown(&message) {
            let lacks = told(words.get(..3).unwrap_or(words));
            return Err(self.too_old(&lacks).await);
        }
        Err(understood(words, message))
    }

    async fn too_old(&self, lacks: &str) -> AzureTrouble {
        AzureTrouble::TooOld {
            version: self.version().await,
            lacks: lacks.to_owned(),
        }
    }

    async fn version(&self) -> Option<String> {
        let command = self.command(&["version"]);
        let ended = process::run(command, self.limit, MOST_OUTPUT).await.ok()?;
        let printed: serde_json::Value = serde_json::from_slice(&ended.stdout).ok()?;
        let version = printed["azure-cli"].as_str()?;
        (version.len() < 40).then(|| version.to_owned())
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command
            .args(words)
            .args(["--only-show-errors", "--output=json"])
            // Else a command of an extension asks whether to install it, or does.
            .env("AZURE_EXTENSION_USE_DYNAMIC_INSTALL", "no")
            .env("AZURE_CORE_NO_COLOR", "true")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        // az is a script that starts a Python, which shall end with it.
        process::apart(&mut command);
        command
    }
}

/// The command as a person repeats it.
fn told(words: &[&str]) -> String {
    format!("az {}", words.join(" "))
}

/// az's words for a command or a flag that it does not have.
fn is_unknown(message: &str) -> bool {
    message.contains("misspelled or not recognized")
        || message.contains("unrecognized arguments")
        || message.contains("is not in the 'az")
}

/// az has one exit code for nearly everything; its words tell the remedies apart. A refusal may speak of logging in
/// again, so it is looked for first.
fn understood(words: &[&str], message: String) -> AzureTrouble {
    let says = |parts: &[&str]| parts.iter().any(|part| message.contains(part));
    if says(&["AuthorizationFailed", "does not have authorization"]) {
        AzureTrouble::Denied { message }
    } else if says(&["az login", "AADSTS", "No subscription found"]) {
        AzureTrouble::NotLoggedIn { message }
    } else if says(&[
        "ResourceNotFound",
        "ResourceGroupNotFound",
        "SubscriptionNotFound",
    ]) {
        AzureTrouble::NoSuchCluster { message }
    } else {
        AzureTrouble::Failed {
            command: told(words),
            message,
        }
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests;
