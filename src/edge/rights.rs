//! Asks the API server which rights the user has. Every user may ask; the answer is the authorizer's, webhooks included.

use futures::StreamExt as _;
use serde::Deserialize;
use serde_json::json;

use super::cluster::wire::{self, Refusal};
use crate::core::rights::Right;

const PATH: &str = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
/// Each is answered in a millisecond; more at once would open connections for nothing.
const AT_ONCE: usize = 8;

#[derive(Deserialize)]
struct Review {
    status: Status,
}

#[derive(Deserialize)]
struct Status {
    allowed: bool,
}

/// Those of `rights` that the user has not, in their order.
pub(crate) async fn missing(
    client: &kube::Client,
    rights: impl IntoIterator<Item = Right>,
) -> Result<Vec<Right>, Refusal> {
    let answers: Vec<Result<(Right, bool), Refusal>> = futures::stream::iter(rights)
        .map(|right| async move { Ok((right, is_granted(client, &right).await?)) })
        .buffered(AT_ONCE)
        .collect()
        .await;
    let mut missing = Vec::new();
    for answer in answers {
        let (right, granted) = answer?;
        if !granted {
            missing.push(right);
        }
    }
    Ok(missing)
}

async fn is_granted(client: &kube::Client, right: &Right) -> Result<bool, Refusal> {
    let review = json!({
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SelfSubjectAccessReview",
        "spec": {"resourceAttributes": {
            "verb": right.verb,
            "group": right.group,
            "resource": right.resource,
            "subresource": right.subresource,
            "name": right.name,
            "namespace": right.place.namespace().unwrap_or_default(),
        }},
    });
    let review: Review = wire::post(client, PATH, &review).await?;
    Ok(review.status.allowed)
}
