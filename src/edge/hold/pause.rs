//! The hold in the cluster: a ConfigMap that is there while nothing may be rebooted.

use k8s_openapi::api::core::v1::ConfigMap;
use serde::Deserialize;
use serde_json::json;
use std::collections::BTreeMap;

use crate::core::drain::{MANAGED_BY, OWN_NAMESPACE};
use crate::core::hold::{Held, Hold};
use crate::edge::cluster::wire::{self, Refusal};

pub(crate) const NAME: &str = "aksreboot-hold";
const KEY: &str = "hold";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Map {
    metadata: Meta,
    #[serde(default)]
    data: Option<BTreeMap<String, String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Meta {
    resource_version: String,
}

/// A hold as it was read, so that this very one can be taken away.
pub(crate) struct Seen {
    pub(crate) held: Held,
    /// What it was read from.
    pub(crate) text: String,
    version: String,
}

/// What the cluster says at this moment.
pub(crate) async fn read(client: &kube::Client) -> Result<Seen, Refusal> {
    match wire::get::<Map>(client, &path()).await {
        Ok(map) => {
            // The object alone says that somebody holds.
            let text = map
                .data
                .and_then(|mut data| data.remove(KEY))
                .unwrap_or_default();
            Ok(Seen {
                held: Held::parse(Some(&text)),
                text,
                version: map.metadata.resource_version,
            })
        }
        Err(Refusal::Gone(_)) => Ok(Seen {
            held: Held::No,
            text: String::new(),
            version: String::new(),
        }),
        Err(refusal) => Err(refusal),
    }
}

/// Sets a hold where there is none; `Conflict`: there is one.
pub(crate) async fn set(client: &kube::Client, hold: &Hold) -> Result<(), Refusal> {
    let text = serde_json::to_string(hold).map_err(|error| Refusal::Passing(error.to_string()))?;
    let mut map = ConfigMap::default();
    map.metadata.name = Some(NAME.into());
    map.metadata.namespace = Some(OWN_NAMESPACE.into());
    map.metadata.labels = Some([(MANAGED_BY.to_owned(), "aksreboot".to_owned())].into());
    map.data = Some([(KEY.to_owned(), text)].into());
    wire::make(client, &collection(), &map).await?;
    Ok(())
}

/// Takes away the hold that was read. `Conflict`: it is another by now.
pub(crate) async fn remove(client: &kube::Client, seen: &Seen) -> Result<(), Refusal> {
    let body = json!({"preconditions": {"resourceVersion": seen.version}});
    match wire::delete(client, &path(), &body).await {
        Ok(()) | Err(Refusal::Gone(_)) => Ok(()),
        Err(refusal) => Err(refusal),
    }
}

fn collection() -> String {
    format!("/api/v1/namespaces/{OWN_NAMESPACE}/configmaps")
}

fn path() -> String {
    format!("{}/{NAME}", collection())
}
