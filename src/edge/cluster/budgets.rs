//! The pods that hold a disruption budget shut: those that it is for and that are not Ready. Read only to be shown, so what the
//! server does not say is left out.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Deserialize;

use super::pods::SlimPod;
use super::watch::{Scope, list};
use super::wire::{self, Refusal, encode};
use crate::core::model::{Pod, PodKey};

#[derive(Deserialize)]
struct Budget {
    spec: Spec,
}

#[derive(Deserialize)]
struct Spec {
    #[serde(default)]
    selector: Option<Selector>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Selector {
    match_labels: BTreeMap<String, String>,
    match_expressions: Vec<Expression>,
}

#[derive(Deserialize)]
struct Expression {
    key: String,
    operator: String,
    #[serde(default)]
    values: Vec<String>,
}

/// The pods of the budget that are neither Ready nor finished, by name; none where that cannot be read.
pub(crate) async fn unready(client: &kube::Client, namespace: &str, budget: &str) -> Vec<PodKey> {
    match read(client, namespace, budget).await {
        Ok(mut pods) => {
            pods.sort();
            pods
        }
        Err(refusal) => {
            tracing::debug!(namespace, budget, %refusal, "the pods of a budget were not read");
            Vec::new()
        }
    }
}

async fn read(
    client: &kube::Client,
    namespace: &str,
    budget: &str,
) -> Result<Vec<PodKey>, Refusal> {
    let path = format!(
        "/apis/policy/v1/namespaces/{}/poddisruptionbudgets/{}",
        encode(namespace),
        encode(budget)
    );
    let found: Budget = wire::get(client, &path).await?;
    // A selector that is absent picks no pod, an empty one every pod.
    let Some(selector) = found.spec.selector.as_ref().map(text) else {
        return Ok(Vec::new());
    };
    let scope = Scope {
        path: format!("/api/v1/namespaces/{}/pods", encode(namespace)),
        field_selector: None,
        label_selector: (!selector.is_empty()).then_some(selector),
    };
    let pods = list::<SlimPod>(client, &scope).await?;
    Ok(pods
        .items
        .into_iter()
        .map(Pod::from)
        .filter(|pod| !pod.ready && !pod.phase.is_finished())
        .map(|pod| pod.key)
        .collect())
}

/// The selector as a request carries it.
fn text(selector: &Selector) -> String {
    let labels = selector.match_labels.iter();
    let mut terms: Vec<String> = labels
        .map(|(key, value)| format!("{key}={value}"))
        .collect();
    terms.extend(selector.match_expressions.iter().map(|expression| {
        let Expression {
            key,
            operator,
            values,
        } = expression;
        match operator.as_str() {
            "Exists" => key.clone(),
            "DoesNotExist" => format!("!{key}"),
            other => {
                let mut term = format!("{key} {} (", other.to_lowercase());
                let _ = write!(term, "{})", values.join(","));
                term
            }
        }
    }));
    terms.join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_selector_is_asked_with_in_the_servers_own_grammar() {
        let selector: Selector = serde_json::from_value(serde_json::json!({
            "matchLabels": {"app": "web"},
            "matchExpressions": [
                {"key": "tier", "operator": "In", "values": ["a", "b"]},
                {"key": "old", "operator": "NotIn", "values": ["yes"]},
                {"key": "owner", "operator": "Exists"},
                {"key": "spot", "operator": "DoesNotExist"},
            ],
        }))
        .expect("a selector");
        assert_eq!(
            text(&selector),
            "app=web,tier in (a,b),old notin (yes),owner,!spot"
        );
        assert_eq!(text(&Selector::default()), "");
    }
}
