//! What az prints, read leniently: an unknown field is passed over, one of another kind is as good as missing. Names that
//! go back into a command line are taken only in the form that Azure allows.

use jiff::Timestamp;
use serde_json::Value;

use super::{AzureCluster, AzurePool, Channels, Latest, Listed, Operation, is_at_work};

/// Longer than any name, version or state of Azure's.
const LONGEST: usize = 256;

/// The clusters of `az aks list`, or the one of `az aks show`. Entries without usable names are passed over.
pub(crate) fn clusters(printed: &[u8]) -> Result<Vec<Listed>, String> {
    match json(printed)? {
        Value::Array(clusters) => Ok(clusters.iter().filter_map(cluster).collect()),
        one @ Value::Object(_) => match cluster(&one) {
            Some(cluster) => Ok(vec![cluster]),
            None => Err("a cluster without an ID".into()),
        },
        _ => Err("neither a list nor a cluster".into()),
    }
}

/// The newest image by `az aks nodepool get-upgrades`.
pub(crate) fn latest_image(printed: &[u8]) -> Result<Latest, String> {
    let profile = json(printed)?;
    if !profile.is_object() {
        return Err("no upgrade profile".into());
    }
    // `az rest` and older versions have it one level down.
    let version = text(&profile["latestNodeImageVersion"])
        .or_else(|| text(&profile["properties"]["latestNodeImageVersion"]));
    Ok(version.map_or(Latest::NotTold, |version| Latest::Image { version }))
}

/// The operation of `az aks operation show-latest`, if it goes on.
pub(crate) fn operation(printed: &[u8]) -> Result<Option<Operation>, String> {
    let operation = json(printed)?;
    let state = text(&operation["status"]).ok_or("an operation without a status")?;
    Ok(is_at_work(&state).then(|| Operation {
        pool: None,
        state,
        since: text(&operation["startTime"]).and_then(|time| time.parse::<Timestamp>().ok()),
    }))
}

fn json(printed: &[u8]) -> Result<Value, String> {
    serde_json::from_slice(printed).map_err(|error| format!("not JSON: {error}"))
}

fn text(value: &Value) -> Option<String> {
    let text = value.as_str()?;
    (!text.is_empty() && text.len() <= LONGEST).then(|| text.to_owned())
}

fn cluster(value: &Value) -> Option<Listed> {
    let names = names(value["id"].as_str()?)?;
    let upgrades = &value["autoUpgradeProfile"];
    let pools = value["agentPoolProfiles"].as_array();
    Some(Listed {
        cluster: names,
        hosts: ["fqdn", "privateFqdn", "azurePortalFqdn"]
            .iter()
            .filter_map(|key| text(&value[key]))
            .collect(),
        channels: Channels {
            upgrade: text(&upgrades["upgradeChannel"]),
            node_os: text(&upgrades["nodeOsUpgradeChannel"]),
        },
        pools: pools.into_iter().flatten().filter_map(pool).collect(),
        state: text(&value["provisioningState"]),
        lacks: lacks(value),
    })
}

/// az prints a field that it knows as null where there is nothing to say. `autoUpgradeProfile` may be null as a whole.
fn lacks(cluster: &Value) -> Vec<&'static str> {
    let upgrades = &cluster["autoUpgradeProfile"];
    let knows_channel = match cluster.get("autoUpgradeProfile") {
        Some(Value::Null) => true,
        Some(_) => upgrades.get("nodeOsUpgradeChannel").is_some(),
        None => false,
    };
    let channel = (!knows_channel).then_some("nodeOsUpgradeChannel");
    let pools = cluster["agentPoolProfiles"].as_array();
    channel
        .into_iter()
        .chain(pools.is_none().then_some("agentPoolProfiles"))
        .collect()
}

fn pool(value: &Value) -> Option<AzurePool> {
    Some(AzurePool {
        name: text(&value["name"]).filter(|name| is_pool(name))?,
        image: text(&value["nodeImageVersion"]),
        latest: Latest::NotTold,
        state: text(&value["provisioningState"]),
    })
}

/// The names in a resource ID of a managed cluster, whose words come in any case.
pub(crate) fn names(id: &str) -> Option<AzureCluster> {
    let words: Vec<&str> = id.strip_prefix('/')?.split('/').collect();
    let [s, subscription, g, group, p, provider, kind, name] = words[..] else {
        return None;
    };
    let is = |word: &str, wanted: &str| word.eq_ignore_ascii_case(wanted);
    let is_managed_cluster = is(s, "subscriptions")
        && is(g, "resourceGroups")
        && is(p, "providers")
        && is(provider, "Microsoft.ContainerService")
        && is(kind, "managedClusters");
    (is_managed_cluster && is_subscription(subscription) && is_group(group) && is_cluster(name))
        .then(|| AzureCluster {
            subscription: subscription.to_owned(),
            resource_group: group.to_owned(),
            name: name.to_owned(),
        })
}

fn is_subscription(text: &str) -> bool {
    text.len() == 36 && text.chars().all(|c| c.is_ascii_hexdigit() || c == '-')
}

/// Letters and digits of any language, and `. _ - ( )`.
pub(crate) fn is_group(text: &str) -> bool {
    let letter = |c: char| c.is_alphanumeric() || "._-()".contains(c);
    !text.is_empty()
        && text.chars().count() <= 90
        && !text.ends_with('.')
        && text.chars().all(letter)
}

pub(crate) fn is_cluster(text: &str) -> bool {
    let letter = |c: char| c.is_ascii_alphanumeric() || "_-".contains(c);
    text.len() <= 63
        && text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text.chars().all(letter)
}

fn is_pool(text: &str) -> bool {
    !text.is_empty() && text.len() <= 12 && text.chars().all(|c| c.is_ascii_alphanumeric())
}
