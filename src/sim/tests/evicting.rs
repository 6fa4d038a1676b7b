//! Evictions: every answer that there is, and what follows from one.

use std::time::Duration;

use serde_json::{Value, json};

use super::support::Bench;
use crate::sim::{Bound, Budget, Matching, What, When, Workload, World, scenes};

async fn pods_of(bench: &Bench, app: &str) -> Vec<Value> {
    let path = format!("/api/v1/namespaces/default/pods?labelSelector=app%3D{app}");
    let (_, list) = bench.get(&path).await;
    list["items"].as_array().unwrap().clone()
}

fn name(pod: &Value) -> &str {
    pod["metadata"]["name"].as_str().unwrap()
}

async fn evict(bench: &Bench, name: &str, options: Value) -> (u16, Value) {
    let mut eviction = json!({
        "apiVersion": "policy/v1", "kind": "Eviction",
        "metadata": {"name": name, "namespace": "default"},
    });
    if !options.is_null() {
        eviction["deleteOptions"] = options;
    }
    let path = format!("/api/v1/namespaces/default/pods/{name}/eviction");
    bench.send("POST", &path, &[], eviction).await
}

async fn budget(bench: &Bench, name: &str) -> Value {
    let path = format!("/apis/policy/v1/namespaces/default/poddisruptionbudgets/{name}");
    bench.get(&path).await.1
}

#[tokio::test(start_paused = true)]
async fn a_granted_eviction_charges_the_budget_and_the_next_is_refused_with_its_counts() {
    let bench = Bench::of(scenes::three());
    let pods = pods_of(&bench, "web").await;
    let (code, granted) = evict(&bench, name(&pods[0]), Value::Null).await;
    assert_eq!((code, &granted["status"]), (201, &json!("Success")));
    let (code, refused) = evict(&bench, name(&pods[1]), Value::Null).await;
    assert_eq!(code, 429);
    assert_eq!(refused["reason"], "TooManyRequests");
    assert_eq!(
        refused["message"],
        "Cannot evict pod as it would violate the pod's disruption budget."
    );
    assert_eq!(refused["details"].get("retryAfterSeconds"), None);
    // The counts are still those from before the first eviction: the controller is a little behind.
    assert_eq!(
        refused["details"]["causes"],
        json!([{
            "reason": "DisruptionBudget",
            "message": "The disruption budget web needs 1 healthy pods and has 2 currently",
        }])
    );
    tokio::time::sleep(Duration::from_millis(600)).await;
    let (_, refused) = evict(&bench, name(&pods[1]), Value::Null).await;
    assert_eq!(
        refused["details"]["causes"][0]["message"],
        "The disruption budget web needs 1 healthy pods and has 1 currently"
    );
    bench
        .until(
            "the replacement is Ready and the budget opens",
            async |bench| evict(bench, name(&pods[1]), Value::Null).await.0 == 201,
        )
        .await;
}

#[tokio::test(start_paused = true)]
async fn an_evicted_pod_says_so_and_gets_its_grace_period() {
    let bench = Bench::of(scenes::three());
    let pods = pods_of(&bench, "web").await;
    let uid = &pods[0]["metadata"]["uid"];
    let options = json!({"gracePeriodSeconds": 7, "preconditions": {"uid": uid}});
    let (code, _) = evict(&bench, name(&pods[0]), options).await;
    assert_eq!(code, 201);
    let pod = &pods_of(&bench, "web").await[0];
    assert_eq!(pod["metadata"]["deletionGracePeriodSeconds"], 7);
    let conditions = pod["status"]["conditions"].as_array().unwrap();
    let target = conditions
        .iter()
        .find(|c| c["type"] == "DisruptionTarget")
        .unwrap();
    assert_eq!(target["reason"], "EvictionByEvictionAPI");
}

#[tokio::test(start_paused = true)]
async fn an_eviction_of_another_uid_is_a_conflict_and_still_costs_the_budget() {
    let bench = Bench::of(scenes::three());
    let pods = pods_of(&bench, "web").await;
    let other = json!({"preconditions": {"uid": "another"}});
    let (code, conflict) = evict(&bench, name(&pods[0]), other).await;
    assert_eq!((code, &conflict["details"]["kind"]), (409, &json!("Pod")));
    assert_eq!(pods_of(&bench, "web").await.len(), 2);
    let spent = budget(&bench, "web").await;
    assert_eq!(spent["status"]["disruptionsAllowed"], 0);
    assert!(spent["status"]["disruptedPods"][name(&pods[0])].is_string());
    tokio::time::sleep(Duration::from_secs(130)).await;
    assert_eq!(
        budget(&bench, "web").await["status"]["disruptionsAllowed"],
        1
    );
}

#[tokio::test(start_paused = true)]
async fn what_is_not_there_is_not_found_and_a_wrong_name_a_bad_request() {
    let bench = Bench::of(scenes::three());
    let (code, status) = evict(&bench, "nobody", Value::Null).await;
    assert_eq!(
        (code, &status["message"]),
        (404, &json!("pods \"nobody\" not found"))
    );
    let path = "/api/v1/namespaces/default/pods/a/eviction";
    let (code, _) = bench
        .send("POST", path, &[], json!({"metadata": {"name": "b"}}))
        .await;
    assert_eq!(code, 400);
}

#[tokio::test(start_paused = true)]
async fn two_budgets_over_one_pod_are_a_server_error_without_a_reason() {
    let world = scenes::three().budget(Budget::max_unavailable("web", 1).named("second"));
    let bench = Bench::of(world);
    let pods = pods_of(&bench, "web").await;
    let (code, status) = evict(&bench, name(&pods[0]), Value::Null).await;
    assert_eq!(code, 500);
    assert_eq!(status.get("reason"), None);
    assert_eq!(
        status["message"],
        "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support."
    );
}

#[tokio::test(start_paused = true)]
async fn a_budget_that_was_just_changed_is_still_being_processed() {
    let bench = Bench::of(scenes::three());
    let pods = pods_of(&bench, "web").await;
    bench.sim.happen(What::Bound {
        budget: "web".into(),
        bound: Bound::MaxUnavailable("50%".into()),
    });
    let (code, status) = evict(&bench, name(&pods[0]), Value::Null).await;
    assert_eq!(
        (code, &status["details"]["retryAfterSeconds"]),
        (429, &json!(10))
    );
    assert_eq!(
        status["details"]["causes"][0]["message"],
        "The disruption budget web is still being processed by the server."
    );
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(evict(&bench, name(&pods[0]), Value::Null).await.0, 201);
}

#[tokio::test(start_paused = true)]
async fn a_dry_run_asks_the_budget_and_leaves_it_alone() {
    let bench = Bench::of(scenes::three());
    let pods = pods_of(&bench, "web").await;
    for pod in &pods {
        let (code, _) = evict(&bench, name(pod), json!({"dryRun": ["All"]})).await;
        assert_eq!(code, 201, "each alone would pass");
    }
    assert_eq!(
        budget(&bench, "web").await["status"]["disruptionsAllowed"],
        1
    );
    assert_eq!(pods_of(&bench, "web").await.len(), 2);
}

/// One slow pod that is not Ready beside a budget that wants it to be.
fn unready(always_allow: bool) -> World {
    let mut guard = Budget::min_available("slow", 1);
    guard.always_allow_unhealthy = always_allow;
    World::default()
        .machine(crate::sim::Machine::linux("node-1"))
        .workload(Workload::deployment("slow", 1).starting_in(Duration::from_secs(90 * 24 * 3600)))
        .budget(guard)
}

#[tokio::test(start_paused = true)]
async fn an_unready_pod_is_held_by_a_budget_in_need_unless_it_always_allows() {
    for (always_allow, expected) in [(false, 429), (true, 201)] {
        let bench = Bench::of(unready(always_allow));
        let pods = pods_of(&bench, "slow").await;
        assert_eq!(pods[0]["status"]["phase"], "Running");
        let (code, _) = evict(&bench, name(&pods[0]), Value::Null).await;
        assert_eq!(code, expected, "AlwaysAllow {always_allow}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_conflict_over_an_unready_pod_looks_like_a_budget() {
    let bench = Bench::of(unready(true));
    let pods = pods_of(&bench, "slow").await;
    let other = json!({"preconditions": {"uid": "another"}});
    let (code, status) = evict(&bench, name(&pods[0]), other).await;
    assert_eq!(
        (code, &status["details"]["retryAfterSeconds"]),
        (429, &json!(10))
    );
}

#[tokio::test(start_paused = true)]
async fn what_serves_nobody_is_evicted_past_its_budget() {
    let world = scenes::three()
        .workload(Workload::deployment("stuck", 1).in_pool("no-such-pool"))
        .budget(Budget::max_unavailable("stuck", 0));
    let bench = Bench::of(world);
    let pods = pods_of(&bench, "stuck").await;
    assert_eq!(pods[0]["status"]["phase"], "Pending");
    assert_eq!(evict(&bench, name(&pods[0]), Value::Null).await.0, 201);
    let web = pods_of(&bench, "web").await;
    for _ in 0..2 {
        let (code, _) = evict(&bench, name(&web[0]), Value::Null).await;
        assert_eq!(code, 201, "going already, so it costs nothing more");
    }
}

#[tokio::test(start_paused = true)]
async fn an_eviction_in_a_namespace_that_goes_away_says_so() {
    let world = scenes::three().workload(
        Workload::bare("slow", "node-3")
            .stopping_in(Duration::from_secs(60), Duration::from_secs(60)),
    );
    let bench = Bench::of(world);
    bench
        .send("DELETE", "/api/v1/namespaces/default", &[], Value::Null)
        .await;
    let (code, status) = evict(&bench, "slow", Value::Null).await;
    assert_eq!(code, 403);
    assert_eq!(
        status["details"]["causes"][0]["reason"],
        "NamespaceTerminating"
    );
}

#[tokio::test(start_paused = true)]
async fn a_stateful_pod_comes_back_under_its_name_elsewhere_only_when_it_is_gone() {
    let world = scenes::three().workload(
        Workload::stateful_set("db", 1)
            .stopping_in(Duration::from_secs(20), Duration::from_secs(60)),
    );
    let bench = Bench::of(world);
    let before = &pods_of(&bench, "db").await[0];
    let node = before["spec"]["nodeName"].as_str().unwrap().to_owned();
    bench.sim.happen(What::Cordon(node.clone()));
    assert_eq!(evict(&bench, "db-0", Value::Null).await.0, 201);
    tokio::time::sleep(Duration::from_secs(15)).await;
    let still = &pods_of(&bench, "db").await[0];
    assert_eq!(still["metadata"]["uid"], before["metadata"]["uid"]);
    bench
        .until("another pod has the name", async |bench| {
            let pods = pods_of(bench, "db").await;
            pods.first().is_some_and(|pod| {
                pod["status"]["phase"] == "Running"
                    && pod["metadata"]["uid"] != before["metadata"]["uid"]
            })
        })
        .await;
    let after = &pods_of(&bench, "db").await[0];
    assert_ne!(after["spec"]["nodeName"], node.as_str());
}

#[tokio::test(start_paused = true)]
async fn a_budget_can_be_opened_by_an_act_that_waits_for_a_request() {
    let world = scenes::three()
        .happening(
            When::Before(Matching::first("create", "pods/eviction")),
            What::Bound {
                budget: "web".into(),
                bound: Bound::MinAvailable("2".into()),
            },
        )
        .happening(
            When::After(
                Matching::nth(2, "create", "pods/eviction"),
                Duration::from_secs(5),
            ),
            What::Bound {
                budget: "web".into(),
                bound: Bound::MinAvailable("1".into()),
            },
        );
    let bench = Bench::of(world);
    let pods = pods_of(&bench, "web").await;
    let start = tokio::time::Instant::now();
    let mut codes = Vec::new();
    while codes.last() != Some(&201) {
        codes.push(evict(&bench, name(&pods[0]), Value::Null).await.0);
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    assert_eq!(codes.len(), 8, "{codes:?}");
    assert_eq!(start.elapsed(), Duration::from_secs(8));
}
