//! 429 for its own sake: nobody may take it for a disruption budget.

use std::time::Duration;

use serde_json::Value;

use super::{Case, case};
use crate::answer::Answer;
use crate::cluster::{Ask, Cluster};
use crate::fixtures::{eviction, hollow_node, ready_pod};
use crate::prepared::THROTTLED;

pub(crate) const CASES: &[Case] = &[
    case!(
        Api,
        a_throttled_request_asks_for_a_second_and_is_no_status,
        Alone
    ),
    case!(Api, a_throttled_eviction_names_no_budget, Alone),
];

/// The answer to a request of a user whose only place on the server is taken.
async fn crowded_out<'c>(c: &'c Cluster, ask: impl Fn() -> Ask<'c>) -> Answer {
    // A version that will not come for long is waited for, for three seconds.
    let waiting = format!("{}?resourceVersion=9000000000000000000", c.all("pods"));
    c.until("the level is in force", async || {
        let occupies = c.request("GET", &waiting).by(THROTTLED).answer();
        let asks = async {
            tokio::time::sleep(Duration::from_millis(500)).await;
            ask().by(THROTTLED).answer().await
        };
        let (_, answer) = futures::join!(occupies, asks);
        (answer.code == 429).then_some(answer)
    })
    .await
}

async fn a_throttled_request_asks_for_a_second_and_is_no_status(c: &Cluster) {
    let answer = crowded_out(c, || c.request("GET", "/api/v1/nodes")).await;
    assert_eq!(answer.header("retry-after"), Some("1"));
    assert_eq!(
        (answer.text.as_str(), &answer.body),
        ("Too many requests, please try again later.\n", &Value::Null)
    );
    let kind = answer.header("content-type");
    assert_eq!(kind, Some("text/plain; charset=utf-8"));
}

async fn a_throttled_eviction_names_no_budget(c: &Cluster) {
    let node = hollow_node(c, "one").await;
    ready_pod(c, "one", "x", &node).await;
    let path = format!("{}/eviction", c.one("pods", "one"));
    let body = eviction(c, "one", Value::Null);
    let answer = crowded_out(c, || c.request("POST", &path).body(&body)).await;
    assert_eq!(answer.header("retry-after"), Some("1"));
    assert!(!answer.text.contains("budget"), "{}", answer.text);
}
