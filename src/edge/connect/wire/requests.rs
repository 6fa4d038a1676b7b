//! What goes over the wire, and what comes back of it.

use std::io::Write as _;
use std::time::Instant;

use http_body_util::Full;
use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::api::policy::v1::Eviction;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{DeleteOptions, Preconditions};
use kube::Api;
use kube::api::{ObjectMeta, PostParams};
use kube::core::Status;
use serde_json::json;

use super::authority::Authority;
use super::server::{Answer, Server, fine, status};
use super::{Here, ask, story};

#[tokio::test]
async fn a_request_says_who_asks_and_as_whom() {
    let server = Server::http(|_, _| fine()).await;
    let cluster = Here::new(&server.url())
        .connect(&[
            "--as",
            "jane",
            "--as-group",
            "ops",
            "--as-group",
            "dev",
            "--as-uid",
            "42",
        ])
        .await
        .unwrap();
    ask(&cluster).await.unwrap();

    let seen = &server.seen()[0];
    let version = env!("CARGO_PKG_VERSION");
    let (os, arch) = (std::env::consts::OS, std::env::consts::ARCH);
    assert_eq!(
        seen.header("user-agent"),
        [format!("aksreboot/{version} ({os}/{arch})")]
    );
    assert_eq!(seen.header("authorization"), ["Bearer s3cret-t0ken"]);
    assert_eq!(seen.header("impersonate-user"), ["jane"]);
    assert_eq!(seen.header("impersonate-group"), ["ops", "dev"]);
    assert_eq!(seen.header("impersonate-uid"), ["42"]);
    assert_eq!(
        (cluster.context.as_str(), cluster.namespace.as_str()),
        ("here", "space")
    );
    assert_eq!(cluster.server, server.url());
    assert_eq!(cluster.requests.count(), 1);
    assert!(cluster.warnings.is_empty());
}

#[tokio::test]
async fn connecting_alone_sends_nothing() {
    let server = Server::http(|_, _| fine()).await;
    let cluster = Here::new(&server.url()).connect(&[]).await.unwrap();
    assert_eq!(server.seen().len(), 0);
    assert_eq!(cluster.requests.count(), 0);
}

#[tokio::test]
async fn a_password_and_a_token_file_are_credentials_too() {
    let server = Server::http(|_, _| fine()).await;
    let here = Here::new(&server.url());
    std::fs::write(here.path("token"), "from-a-file").unwrap();
    let token_file = here.path("token");
    let here = here.user(json!({"tokenFile": token_file}));
    ask(&here.connect(&[]).await.unwrap()).await.unwrap();
    let here = here.user(json!({"username": "jane", "password": "pw"}));
    ask(&here.connect(&[]).await.unwrap()).await.unwrap();

    let seen = server.seen();
    assert_eq!(seen[0].header("authorization"), ["Bearer from-a-file"]);
    assert_eq!(seen[1].header("authorization"), ["Basic amFuZTpwdw=="]);
}

#[tokio::test]
async fn a_compressed_answer_is_unpacked() {
    let server = Server::http(|_, seen| {
        assert!(seen.header("accept-encoding").contains(&"gzip"));
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packed.write_all(br#"{"major":"1"}"#).unwrap();
        Answer::new(Full::from(packed.finish().unwrap()))
            .map_with_header("content-encoding", "gzip")
    })
    .await;
    let cluster = Here::new(&server.url()).connect(&[]).await.unwrap();
    assert_eq!(ask(&cluster).await.unwrap(), r#"{"major":"1"}"#);
}

#[tokio::test]
async fn a_server_below_a_path_is_asked_below_it() {
    let server = Server::http(|_, _| fine()).await;
    let url = format!("{}/k8s/clusters/c-1", server.url());
    let cluster = Here::new(&url).connect(&[]).await.unwrap();
    ask(&cluster).await.unwrap();
    assert_eq!(server.seen()[0].target, "/k8s/clusters/c-1/version");
    assert_eq!(cluster.server, url);
}

#[tokio::test]
async fn a_refused_eviction_is_one_request_and_comes_back_at_once() {
    let refusal = "Cannot evict pod as it would violate the pod's disruption budget.";
    let server = Server::http(move |_, _| status(429, "TooManyRequests", refusal)).await;
    let cluster = Here::new(&server.url()).connect(&[]).await.unwrap();
    let start = Instant::now();
    let kube::Error::Api(answer) = evict(&cluster).await.unwrap_err() else {
        panic!("not the server's answer");
    };
    assert_eq!((answer.code, answer.message.as_str()), (429, refusal));
    assert_eq!(server.seen().len(), 1);
    // kube's own retry takes minutes.
    assert!(start.elapsed().as_secs() < 10, "{:?}", start.elapsed());
}

#[tokio::test]
async fn the_delete_options_of_an_eviction_reach_the_server() {
    let server = Server::http(|_, _| status(201, "", "")).await;
    let cluster = Here::new(&server.url()).connect(&[]).await.unwrap();
    evict(&cluster).await.unwrap();
    let seen = &server.seen()[0];
    assert_eq!(seen.target, "/api/v1/namespaces/ns/pods/web-1/eviction?");
    assert_eq!(
        seen.json(),
        json!({
            "apiVersion": "policy/v1",
            "kind": "Eviction",
            "metadata": {"name": "web-1", "namespace": "ns"},
            "deleteOptions": {"gracePeriodSeconds": 7, "preconditions": {"uid": "u-1"}},
        })
    );
}

/// An eviction as the library must send it: `Api::evict` would lose the options.
async fn evict(cluster: &super::Cluster) -> Result<Status, kube::Error> {
    let eviction = Eviction {
        metadata: ObjectMeta {
            name: Some("web-1".to_owned()),
            namespace: Some("ns".to_owned()),
            ..ObjectMeta::default()
        },
        delete_options: Some(DeleteOptions {
            grace_period_seconds: Some(7),
            preconditions: Some(Preconditions {
                uid: Some("u-1".to_owned()),
                ..Preconditions::default()
            }),
            ..DeleteOptions::default()
        }),
    };
    Api::<Pod>::namespaced(cluster.client.clone(), "ns")
        .create_subresource("eviction", "web-1", &PostParams::default(), &eviction)
        .await
}

#[tokio::test]
async fn a_client_certificate_of_the_kubeconfig_is_shown_to_the_server() {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    let authority = Authority::new();
    let client = authority.sign("jane");
    let config = authority.asking(&authority.sign("127.0.0.1"));
    let server = Server::tls(config, |_, _| fine()).await;
    let here = Here::new(&format!("https://{}", server.address))
        .cluster("certificate-authority-data", authority.data())
        .user(json!({
            "client-certificate-data": STANDARD.encode(&client.certificate),
            "client-key-data": STANDARD.encode(&client.key),
        }));
    ask(&here.connect(&[]).await.unwrap()).await.unwrap();
    assert_eq!(server.seen()[0].certificate, Some(client.der()));

    let failure = ask(&here.user(json!({})).connect(&[]).await.unwrap())
        .await
        .unwrap_err();
    assert!(
        story(&failure).contains("client certificate"),
        "{}",
        story(&failure)
    );
}

#[tokio::test]
async fn a_certificate_that_is_not_verified_is_warned_of() {
    let authority = Authority::new();
    let server = Server::tls(authority.sign("elsewhere").server(), |_, _| fine()).await;
    let cluster = Here::new(&format!("https://{}", server.address))
        .cluster("insecure-skip-tls-verify", true)
        .connect(&[])
        .await
        .unwrap();
    ask(&cluster).await.unwrap();
    assert!(cluster.warnings[0].contains("insecure-skip-tls-verify"));
}

#[tokio::test]
async fn a_server_is_verified_by_the_name_that_the_kubeconfig_gives() {
    let authority = Authority::new();
    let server = Server::tls(authority.sign("kubernetes").server(), |_, _| fine()).await;
    let cluster = Here::new(&format!("https://{}", server.address))
        .cluster("certificate-authority-data", authority.data())
        .cluster("tls-server-name", "kubernetes")
        .connect(&[])
        .await
        .unwrap();
    ask(&cluster).await.unwrap();
}

trait WithHeader {
    fn map_with_header(self, name: &'static str, value: &'static str) -> Self;
}

impl WithHeader for Answer {
    fn map_with_header(mut self, name: &'static str, value: &'static str) -> Self {
        self.headers_mut().insert(name, value.parse().unwrap());
        self
    }
}
