//! Each kind of trouble, made for real, and what it says of itself.

use std::time::{Duration, Instant};

use http_body_util::Full;
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::authority::Authority;
use super::server::{Answer, Server, accept, fine, json, nobody, status};
use super::{Here, ask, story};
use crate::exit::Exit;

/// The story of asking a server that cannot answer well.
async fn told(here: &Here, arguments: &[&str]) -> String {
    let cluster = here.connect(arguments).await.unwrap();
    let failure = ask(&cluster).await.unwrap_err();
    assert_eq!(failure.exit, Exit::Failed);
    assert!(!failure.hints.is_empty(), "what next? {failure:?}");
    let story = story(&failure);
    assert!(story.starts_with("read the version: "), "{story}");
    assert!(!story.contains("s3cret"), "{story}");
    story
}

fn assert_says(story: &str, parts: &[&str]) {
    for part in parts {
        assert!(story.contains(part), "no `{part}` in: {story}");
    }
}

#[tokio::test]
async fn a_port_where_nobody_listens() {
    let url = format!("http://{}", nobody().await);
    let story = told(&Here::new(&url), &[]).await;
    assert_says(
        &story,
        &[
            &format!("cannot reach {url}"),
            "connection refused",
            "kubectl config view",
        ],
    );
}

#[tokio::test]
async fn a_name_that_leads_nowhere() {
    let story = told(&Here::new("https://no-such-cluster.invalid:443"), &[]).await;
    assert_says(
        &story,
        &[
            "`no-such-cluster.invalid` cannot be resolved",
            "az aks show",
            "VPN",
        ],
    );
}

#[tokio::test]
async fn a_server_that_accepts_and_says_nothing() {
    let address = accept(|stream| async move {
        std::future::pending::<()>().await;
        drop(stream);
    })
    .await;
    let start = Instant::now();
    for scheme in ["http", "https"] {
        let here = Here::new(&format!("{scheme}://{address}"));
        let story = told(&here, &["--request-timeout", "200ms"]).await;
        assert_says(&story, &["no answer within 200ms", "--request-timeout"]);
    }
    assert!(start.elapsed() < Duration::from_secs(5));
}

#[tokio::test(start_paused = true)]
async fn a_server_with_which_no_connection_comes_about() {
    // TCP connects, and then TLS gets no answer; a network that drops packets looks the same from above.
    let address = accept(|stream| async move {
        std::future::pending::<()>().await;
        drop(stream);
    })
    .await;
    let start = tokio::time::Instant::now();
    let story = told(&Here::new(&format!("https://{address}")), &[]).await;
    assert_says(&story, &["no connection within 15s", "private cluster"]);
    assert_eq!(
        start.elapsed().as_secs(),
        15,
        "not tried again: that would be the whole limit"
    );
}

#[tokio::test]
async fn a_server_that_never_finishes_its_answer() {
    let address = accept(|mut stream| async move {
        stream.read_u8().await.unwrap();
        let head =
            b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n{";
        stream.write_all(head).await.unwrap();
        std::future::pending::<()>().await;
    })
    .await;
    let here = Here::new(&format!("http://{address}"));
    let story = told(&here, &["--request-timeout", "1s"]).await;
    assert_says(&story, &["no end of the answer within 1s"]);
}

#[tokio::test]
async fn a_server_that_hangs_up() {
    let address = accept(|stream| async move { drop(stream) }).await;
    let story = told(&Here::new(&format!("http://{address}")), &[]).await;
    assert_says(&story, &["broken off before an answer"]);
}

#[tokio::test]
async fn a_certificate_of_another_authority() {
    // The second: a cluster that was made anew, whose authority has the old one's name.
    for (theirs, ours) in [("other", "ca"), ("ca", "ca")] {
        let theirs = Authority::named(theirs).sign("127.0.0.1").server();
        let server = Server::tls(theirs, |_, _| fine()).await;
        let here = Here::new(&format!("https://{}", server.address))
            .cluster("certificate-authority-data", Authority::named(ours).data());
        let story = told(&here, &[]).await;
        assert_says(
            &story,
            &[
                "authority that the kubeconfig does not trust",
                "az aks get-credentials",
            ],
        );
        assert_eq!(server.seen().len(), 0);

        let cluster = here.connect(&[]).await.unwrap();
        ask(&cluster).await.unwrap_err();
        assert_eq!(
            cluster.requests.count(),
            1,
            "it gets no better by asking again"
        );
    }
}

#[tokio::test]
async fn a_certificate_for_another_name() {
    let authority = Authority::new();
    let server = Server::tls(authority.sign("elsewhere").server(), |_, _| fine()).await;
    let here = Here::new(&format!("https://{}", server.address))
        .cluster("certificate-authority-data", authority.data());
    assert_says(&told(&here, &[]).await, &["elsewhere", "--tls-server-name"]);
}

#[tokio::test]
async fn a_certificate_that_has_expired() {
    let authority = Authority::new();
    let server = Server::tls(authority.sign_expired("127.0.0.1").server(), |_, _| fine()).await;
    let here = Here::new(&format!("https://{}", server.address))
        .cluster("certificate-authority-data", authority.data());
    assert_says(
        &told(&here, &[]).await,
        &["expired", "date -u", "rotate-certs"],
    );
}

#[tokio::test]
async fn a_server_that_speaks_no_tls() {
    let server = Server::http(|_, _| fine()).await;
    let here = Here::new(&format!("https://{}", server.address));
    assert_says(&told(&here, &[]).await, &["does not speak TLS"]);
}

#[tokio::test]
async fn a_server_that_wants_tls() {
    let server = Server::http(|_, _| {
        let mut answer = Answer::new(Full::from(
            "Client sent an HTTP request to an HTTPS server.\n",
        ));
        *answer.status_mut() = http::StatusCode::BAD_REQUEST;
        answer
    })
    .await;
    assert_says(
        &told(&Here::new(&server.url()), &[]).await,
        &["speaks https"],
    );
}

#[tokio::test]
async fn credentials_that_are_not_accepted() {
    let server = Server::http(|_, _| status(401, "Unauthorized", "Unauthorized")).await;
    let story = told(&Here::new(&server.url()), &[]).await;
    assert_says(
        &story,
        &[
            "401",
            "az aks get-credentials",
            "kubelogin convert-kubeconfig",
        ],
    );
}

#[tokio::test]
async fn something_that_is_not_allowed() {
    for (message, hint) in [
        (
            r#"nodes is forbidden: User "jane" cannot list resource "nodes" in API group "" at the cluster scope"#,
            "kubectl auth can-i list nodes /",
        ),
        (
            r#"x is forbidden: User "jane" cannot create resource "pods/eviction" in API group "" in the namespace "kube-system""#,
            "kubectl auth can-i create pods --subresource=eviction -n kube-system /",
        ),
        (
            r#"x is forbidden: User "jane" cannot list resource "poddisruptionbudgets" in API group "policy" at the cluster scope"#,
            "kubectl auth can-i list poddisruptionbudgets.policy /",
        ),
        (
            r#"x is forbidden: User "jane" cannot $(reboot) resource "nodes" in API group """#,
            "kubectl auth can-i --list /",
        ),
        ("admission says no", "kubectl auth can-i --list /"),
    ] {
        let server = Server::http(move |_, _| status(403, "Forbidden", message)).await;
        let story = told(&Here::new(&server.url()), &[]).await;
        assert_says(&story, &["403", message, hint, "aksreboot manifests"]);
    }
}

#[tokio::test]
async fn a_web_page_in_place_of_an_answer() {
    for code in [200, 403, 502] {
        let server = Server::http(move |_, _| {
            let mut answer = Answer::new(Full::from("<html><title>Sign in</title></html>"));
            *answer.status_mut() = http::StatusCode::from_u16(code).unwrap();
            let kind = "text/html; charset=utf-8".parse().unwrap();
            answer.headers_mut().insert("content-type", kind);
            answer
        })
        .await;
        let story = told(&Here::new(&server.url()), &[]).await;
        assert_says(
            &story,
            &[
                "not an API server's: a web page",
                &code.to_string(),
                "_proxy",
            ],
        );
    }
}

#[tokio::test]
async fn a_redirect_to_a_login() {
    let server = Server::http(|_, _| {
        let mut answer = Answer::new(Full::default());
        *answer.status_mut() = http::StatusCode::FOUND;
        let target = "https://login.example/?session=s3cret".parse().unwrap();
        answer.headers_mut().insert("location", target);
        answer
    })
    .await;
    let story = told(&Here::new(&server.url()), &[]).await;
    assert_says(&story, &["a redirect to https://login.example/", "302"]);
}

#[tokio::test]
async fn an_answer_of_another_shape_is_not_quoted() {
    let server = Server::http(|_, _| json(200, &json!({"major": 31_415_926}))).await;
    let cluster = Here::new(&server.url()).connect(&[]).await.unwrap();
    let error = cluster.client.apiserver_version().await.unwrap_err();
    let story = story(&super::super::explain(error, "read the version"));
    assert_says(&story, &["not what the Kubernetes API promises"]);
    assert!(!story.contains("31415926"), "{story}");
}

#[tokio::test]
async fn a_user_that_no_header_can_name() {
    let failure = Here::new("http://127.0.0.1:1")
        .connect(&["--as", "a\nb"])
        .await;
    let Err(failure) = failure else {
        panic!("taken")
    };
    assert_eq!(failure.exit, Exit::Usage);
    assert_says(&story(&failure), &["impersonate"]);
}
