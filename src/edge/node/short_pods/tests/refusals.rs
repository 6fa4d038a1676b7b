//! What an API server refuses or does not say at a pod's creation.

use super::*;

#[tokio::test(start_paused = true)]
async fn refusals_at_creation_need_no_pod_and_no_delete() {
    let (missing, writes) = reason_of(|_, method, _, _| match *method {
        Method::POST => Some(refusal(404, "namespaces \"aksreboot\" not found")),
        _ => Some((200, json!({"items": []}))),
    })
    .await;
    assert_eq!(
        missing,
        Reason::ProbeNamespaceMissing {
            namespace: "aksreboot".into()
        }
    );
    assert_eq!(writes, ["POST pods"]);
    let words = "pods \"p\" is forbidden: violates PodSecurity \"baseline:latest\"";
    let (denied, _) = reason_of(|_, method, _, _| match *method {
        Method::POST => Some(refusal(
            403,
            "pods \"p\" is forbidden: violates PodSecurity \"baseline:latest\"",
        )),
        _ => Some((200, json!({"items": []}))),
    })
    .await;
    assert_eq!(
        denied,
        Reason::ProbeDenied {
            by: Denier::PodSecurity,
            namespace: "aksreboot".into(),
            message: words.into()
        }
    );
}

#[tokio::test(start_paused = true)]
async fn a_policy_that_chose_no_code_denies_like_any_other() {
    let (denied, _) = reason_of(|_, method, _, _| match *method {
        Method::POST => Some(refusal(
            422,
            "pods \"p\" is forbidden: ValidatingAdmissionPolicy 'safe' with binding 'safe' denied request: no",
        )),
        _ => Some((200, json!({"items": []}))),
    })
    .await;
    assert!(
        matches!(
            denied,
            Reason::ProbeDenied {
                by: Denier::Policy,
                ..
            }
        ),
        "{denied:?}"
    );
    let (invalid, _) = reason_of(|_, method, _, _| match *method {
        Method::POST => Some(refusal(
            422,
            "Pod \"p\" is invalid: spec.containers[0].image",
        )),
        _ => Some((200, json!({"items": []}))),
    })
    .await;
    assert!(
        matches!(invalid, Reason::ApiUnavailable { .. }),
        "{invalid:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_creation_whose_answer_got_lost_is_found_to_have_happened() {
    let (cluster, fake) = cluster(|fake, method, path, body| {
        if *method == Method::POST {
            let posts = fake
                .calls
                .iter()
                .filter(|call| call.starts_with("POST"))
                .count();
            if posts == 1 {
                ordinary(fake, method, path, &body, |pod| ended(pod, 0));
                return None;
            }
            return Some(refusal(409, "pods already exists"));
        }
        ordinary(fake, method, path, &body, |pod| ended(pod, 0))
    });
    let pods = ShortPods::new(&cluster, 16);
    assert!(probe(&pods, &test_node(), &settings()).await.is_ok());
    assert!(fake.lock().expect("the fake").pods.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_namespace_whose_service_account_is_not_there_yet_is_waited_for() {
    let (cluster, fake) = cluster(|fake, method, path, body| {
        let posts = fake.calls.iter().filter(|call| call.starts_with("POST"));
        if *method == Method::POST && posts.count() == 1 {
            return Some(refusal(
                403,
                "pods \"p\" is forbidden: error looking up service account aksreboot/default: serviceaccount \
                 \"default\" not found",
            ));
        }
        ordinary(fake, method, path, &body, |pod| ended(pod, 0))
    });
    let pods = ShortPods::new(&cluster, 16);
    assert!(probe(&pods, &test_node(), &settings()).await.is_ok());
    let writes = fake.lock().expect("the fake").writes();
    let posts = writes.iter().filter(|call| call.starts_with("POST"));
    assert_eq!(posts.count(), 2);
}
