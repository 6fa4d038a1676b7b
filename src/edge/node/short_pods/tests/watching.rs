//! A server that falls silent, and rights to watch or list that are missing.

use super::*;

#[tokio::test(start_paused = true)]
async fn a_server_that_falls_silent_costs_the_time_limit_and_no_more() {
    let began = Instant::now();
    let (cluster, _) = cluster(|fake, method, path, body| match *method {
        Method::POST => ordinary(fake, method, path, &body, |_| json!({})),
        _ => None,
    });
    let pods = ShortPods::new(&cluster, 16);
    let reason = probe(&pods, &test_node(), &settings())
        .await
        .expect_err("a reason");
    assert!(
        matches!(reason, Reason::ApiUnavailable { .. }),
        "{reason:?}"
    );
    assert!(began.elapsed() <= Duration::from_secs(60) + REMOVE_LIMIT + Duration::from_secs(1));
    // Nobody knows whether the pod is there; whoever ends the command says its name.
    assert_eq!(
        pods.leftovers()
            .remove_all(Duration::from_secs(4))
            .await
            .len(),
        1
    );
}

#[tokio::test(start_paused = true)]
async fn a_pod_out_of_sight_at_its_time_limit_is_the_servers_fault_and_not_the_nodes() {
    let (reason, _) = reason_of(|fake, method, path, body| {
        let lists = fake.calls.iter().filter(|call| call.ends_with("/pods"));
        if *method == Method::GET && lists.count() > 2 {
            return Some(refusal(503, "the server is away"));
        }
        ordinary(fake, method, path, &body, |_| {
            waiting("ContainerCreating", "")
        })
    })
    .await;
    let said = matches!(&reason, Reason::ApiUnavailable { message } if message.contains("is away"));
    assert!(said, "{reason:?}");
}

#[tokio::test(start_paused = true)]
async fn without_the_right_to_watch_pods_are_listed() {
    let (cluster, fake) = cluster(|fake, method, path, body| {
        if path.contains("watch=true") {
            return Some(refusal(
                403,
                "pods is forbidden: User \"ci\" cannot watch resource \"pods\"",
            ));
        }
        if *method == Method::GET
            && fake
                .calls
                .iter()
                .filter(|call| *call == "GET watch")
                .count()
                > 0
        {
            for name in fake.pods.keys().cloned().collect::<Vec<_>>() {
                let status = ended(&fake.pods[&name], 0);
                fake.status_of(&name, status);
            }
        }
        ordinary(fake, method, path, &body, |_| json!({"phase": "Pending"}))
    });
    let pods = ShortPods::new(&cluster, 16);
    assert!(probe(&pods, &test_node(), &settings()).await.is_ok());
    let watches = fake
        .lock()
        .expect("the fake")
        .calls
        .iter()
        .filter(|call| *call == "GET watch")
        .count();
    assert_eq!(watches, 1, "a refused watch is not asked for again");
}

#[tokio::test(start_paused = true)]
async fn the_first_watch_begins_with_what_is_there_and_a_later_one_where_a_list_ended() {
    let (cluster, fake) = cluster(|fake, method, path, body| {
        if let Some((_, from)) = path.split_once("resourceVersion=") {
            let from = from.split('&').next().unwrap_or_default();
            fake.calls.push(format!("from {from:?}"));
        }
        // Its pod ends after the second watch, which says nothing of it, as the first does.
        let watches = fake.calls.iter().filter(|call| *call == "GET watch");
        if watches.count() == 2 {
            for name in fake.pods.keys().cloned().collect::<Vec<_>>() {
                let status = ended(&fake.pods[&name], 0);
                fake.status_of(&name, status);
            }
        }
        ordinary(fake, method, path, &body, |_| json!({"phase": "Pending"}))
    });
    let pods = ShortPods::new(&cluster, 16);
    assert!(probe(&pods, &test_node(), &settings()).await.is_ok());
    let fake = fake.lock().expect("the fake");
    let reads = fake.calls.iter().filter(|call| !call.contains("POST"));
    let reads: Vec<_> = reads.take(5).collect();
    let list = "GET /api/v1/namespaces/aksreboot/pods";
    assert_eq!(
        reads,
        ["GET watch", "from \"\"", list, "GET watch", "from \"4\""]
    );
}

#[tokio::test(start_paused = true)]
async fn without_the_right_to_list_nobody_waits_in_vain() {
    let began = Instant::now();
    let (reason, writes) = reason_of(|fake, method, path, body| match *method {
        Method::GET => Some(refusal(
            403,
            "pods is forbidden: User \"ci\" cannot list resource \"pods\"",
        )),
        _ => ordinary(fake, method, path, &body, |_| json!({})),
    })
    .await;
    assert!(
        matches!(reason, Reason::ApiUnavailable { .. }),
        "{reason:?}"
    );
    assert!(began.elapsed() < Duration::from_secs(5));
    assert_eq!(writes, ["POST pods", "DELETE probe"]);
}

#[tokio::test(start_paused = true)]
async fn a_pod_that_could_not_be_removed_is_removed_before_it_is_made_again() {
    let (cluster, fake) = cluster(|fake, method, path, body| {
        let deletions = fake.calls.iter().filter(|call| call.starts_with("DELETE"));
        if *method == Method::DELETE && deletions.count() == 1 {
            return Some(refusal(503, "the server is away"));
        }
        let is_there = body["metadata"]["name"]
            .as_str()
            .is_some_and(|name| fake.pods.contains_key(name));
        if *method == Method::POST && is_there {
            return Some(refusal(409, "already exists"));
        }
        ordinary(fake, method, path, &body, |_| {
            json!({"phase": "Succeeded", "containerStatuses": [
                {"name": "reboot", "state": {"terminated": {"exitCode": 0, "reason": "Completed", "message": "proved"}}}]})
        })
    });
    let pods = ShortPods::new(&cluster, 16);
    // The name of a proof is the same each time.
    let mut pod = Pod::default();
    pod.metadata.name = Some("prove-1".into());
    for _ in 0..2 {
        let ended = pods
            .run(pod.clone(), "reboot", Duration::from_secs(60))
            .await;
        assert_eq!(ended.expect("an end").message, "proved");
    }
    let fake = fake.lock().expect("the fake");
    assert!(fake.pods.is_empty());
    assert_eq!(
        fake.writes(),
        [
            "POST pods",
            "DELETE prove",
            "DELETE prove",
            "POST pods",
            "DELETE prove"
        ]
    );
    assert!(!pods.leftovers().has("prove-1"));
}
