//! Many probes at once: what they share, how many there are, when the rest is given up.

use super::*;

fn many(count: usize) -> Vec<Node> {
    (0..count)
        .map(|number| Node {
            name: NodeName::new(format!("n{number}")),
            uid: Uid::new(format!("u{number}")),
            ..test_node()
        })
        .collect()
}

async fn probe_many(count: usize, at_once: usize, rule: Rule) -> Arc<Mutex<Fake>> {
    let (cluster, fake) = cluster(rule);
    let nodes = many(count);
    let pods = ShortPods::new(&cluster, at_once);
    let settings = settings();
    let answers: Vec<_> = probe_all(&pods, nodes.iter().enumerate(), &settings)
        .collect()
        .await;
    assert_eq!(answers.len(), count);
    assert!(answers.iter().all(|(_, answer)| answer.is_ok()));
    fake
}

#[tokio::test(start_paused = true)]
async fn many_probes_share_their_watches() {
    let fake = probe_many(64, 64, |fake, method, path, body| {
        ordinary(fake, method, path, &body, |pod| ended(pod, 0))
    })
    .await;
    let fake = fake.lock().expect("the fake");
    let watches = fake
        .calls
        .iter()
        .filter(|call| *call == "GET watch")
        .count();
    assert!(watches <= 3, "{watches} watches for 64 pods");
}

#[tokio::test(start_paused = true)]
async fn there_are_never_more_pods_than_allowed_at_once() {
    probe_many(12, 4, |fake, method, path, body| {
        if *method == Method::POST {
            assert!(fake.pods.len() < 4, "more pods at once than allowed");
        }
        ordinary(fake, method, path, &body, |pod| ended(pod, 0))
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_watch_that_never_answers_is_replaced_by_lists() {
    let began = Instant::now();
    probe_many(1, 1, |fake, method, path, body| {
        if path.contains("watch=true") {
            return None;
        }
        ordinary(fake, method, path, &body, |pod| ended(pod, 0))
    })
    .await;
    assert!(
        began.elapsed() < Duration::from_secs(20),
        "{:?}",
        began.elapsed()
    );
}

#[tokio::test(start_paused = true)]
async fn what_fails_everywhere_is_not_tried_on_thousands() {
    let (cluster, fake) = cluster(|fake, method, path, body| {
        ordinary(fake, method, path, &body, |_| {
            waiting("ErrImagePull", "no such host")
        })
    });
    let nodes = many(1000);
    let pods = ShortPods::new(&cluster, 16);
    let settings = settings();
    let answers: Vec<_> = probe_all(&pods, nodes.iter().enumerate(), &settings)
        .collect()
        .await;
    assert_eq!(answers.len(), 1000);
    assert!(
        answers
            .iter()
            .filter(|(_, answer)| matches!(answer, Err(Reason::ProbeGivenUp { .. })))
            .count()
            > 900
    );
    let posts = fake
        .lock()
        .expect("the fake")
        .calls
        .iter()
        .filter(|call| call.starts_with("POST"))
        .count();
    assert!(posts <= 48, "{posts}");
}
