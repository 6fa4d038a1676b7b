//! Whether Azure is asked about the cluster, and which of its clusters it is.

use std::str::FromStr;

use clap::Args;

use crate::core::azure::{AzureSearch, is_cluster, is_group, names};

#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Azure")]
pub(crate) struct AzureFlags {
    /// Ask Azure about the cluster's node images, upgrade channels and running operations, by the az on the PATH and its
    /// login
    #[arg(long)]
    azure: bool,

    /// The cluster in Azure, as RESOURCE_GROUP/NAME or as its resource ID, instead of the one whose API server has the
    /// name of this cluster's. Implies --azure
    #[arg(long, value_name = "CLUSTER")]
    azure_cluster: Option<ClusterName>,
}

impl AzureFlags {
    /// `None`: Azure is not asked.
    pub(crate) fn settle(&self) -> Option<AzureSearch> {
        match &self.azure_cluster {
            Some(ClusterName(search)) => Some(search.clone()),
            None => self.azure.then_some(AzureSearch::ByServer),
        }
    }
}

#[derive(Clone, Debug)]
struct ClusterName(AzureSearch);

impl FromStr for ClusterName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Some(cluster) = names(text) {
            return Ok(Self(AzureSearch::Named {
                subscription: Some(cluster.subscription),
                resource_group: cluster.resource_group,
                name: cluster.name,
            }));
        }
        match text.split_once('/') {
            Some((group, name)) if is_group(group) && is_cluster(name) => {
                Ok(Self(AzureSearch::Named {
                    subscription: None,
                    resource_group: group.to_owned(),
                    name: name.to_owned(),
                }))
            }
            _ => Err("RESOURCE_GROUP/NAME, or /subscriptions/…/managedClusters/NAME as az aks show prints it in `id`".into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        azure: AzureFlags,
    }

    fn settled(words: &[&str]) -> Result<Option<AzureSearch>, clap::Error> {
        let line = [&["x"], words].concat();
        Line::try_parse_from(line).map(|line| line.azure.settle())
    }

    #[test]
    fn azure_is_asked_only_when_that_is_said() {
        assert_eq!(settled(&[]).expect("a line"), None);
        assert_eq!(
            settled(&["--azure"]).expect("a line"),
            Some(AzureSearch::ByServer)
        );
    }

    #[test]
    fn a_cluster_is_named_by_its_group_or_by_its_whole_id() {
        let short = settled(&["--azure-cluster", "rg-prod/aks-prod"]).expect("a line");
        assert_eq!(
            short,
            Some(AzureSearch::Named {
                subscription: None,
                resource_group: "rg-prod".into(),
                name: "aks-prod".into(),
            })
        );
        let id = "/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/c";
        let whole = settled(&["--azure-cluster", id]).expect("a line");
        assert!(matches!(
            whole,
            Some(AzureSearch::Named {
                subscription: Some(_),
                ..
            })
        ));
        for text in ["aks-prod", "a/b/c", "rg/--help", "/aks", "rg/", "r g/c"] {
            assert!(settled(&["--azure-cluster", text]).is_err(), "{text}");
        }
    }
}
