//! Credential plugins: shell scripts that write down each time they run.

use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::authority::{Authority, Signed};
use super::server::{Server, fine, status};
use super::{Here, ask, story};
use crate::exit::Exit;

/// A user whose plugin is a script; `$n` is how often it has run, this time included.
fn scripted(here: Here, script: &str, more: &Value) -> Here {
    let path = here.path("plugin");
    let runs = here.path("runs");
    let text = format!(
        "echo run >>'{runs}'\nn=$(wc -l <'{runs}' | tr -d ' ')\n{script}\n",
        runs = runs.display()
    );
    std::fs::write(&path, text).unwrap();
    let mut exec = json!({
        "apiVersion": "client.authentication.k8s.io/v1",
        "command": "/bin/sh",
        "args": [path],
        "interactiveMode": "IfAvailable",
    });
    for (key, value) in more.as_object().into_iter().flatten() {
        exec[key] = value.clone();
    }
    here.user(json!({"exec": exec}))
}

fn runs(here: &Here) -> usize {
    std::fs::read_to_string(here.path("runs"))
        .unwrap_or_default()
        .lines()
        .count()
}

/// Shell that prints a credential with token `t$n`, which expires when told.
fn token(expires: &str) -> String {
    format!(r#"printf '{{"kind":"ExecCredential","status":{{"token":"t%s"{expires}}}}}' "$n""#)
}

const FAR: &str = r#","expirationTimestamp":"2999-01-01T00:00:00Z""#;
const PAST: &str = r#","expirationTimestamp":"2020-01-01T00:00:00Z""#;

async fn here_and_server() -> (Here, Server) {
    let server = Server::http(|_, _| fine()).await;
    (Here::new(&server.url()), server)
}

fn authorizations(server: &Server) -> Vec<String> {
    server
        .seen()
        .iter()
        .map(|seen| seen.header("authorization").join(","))
        .collect()
}

#[tokio::test]
async fn a_plugin_runs_once_for_a_connection() {
    let (here, server) = here_and_server().await;
    let here = scripted(here, &token(FAR), &json!({}));
    let cluster = here.connect(&[]).await.unwrap();
    assert_eq!(runs(&here), 1, "its trouble shows before any request");
    let all = futures::future::join_all((0..8).map(|_| ask(&cluster))).await;
    assert!(all.iter().all(Result::is_ok));
    assert_eq!(authorizations(&server), vec!["Bearer t1"; 8]);
    assert_eq!(runs(&here), 1);
}

#[tokio::test]
async fn a_plugin_runs_once_over_tls_too() {
    let authority = Authority::new();
    let server = Server::tls(authority.sign("127.0.0.1").server(), |_, _| fine()).await;
    let here = Here::new(&format!("https://{}", server.address))
        .cluster("certificate-authority-data", authority.data());
    let here = scripted(here, &token(""), &json!({}));
    ask(&here.connect(&[]).await.unwrap()).await.unwrap();
    assert_eq!(authorizations(&server), ["Bearer t1"]);
    assert_eq!(runs(&here), 1);
}

#[tokio::test]
async fn an_expired_token_is_renewed_before_it_is_used() {
    let (here, server) = here_and_server().await;
    let script = format!(
        "if [ $n = 1 ]; then {}; else {}; fi",
        token(PAST),
        token(FAR)
    );
    let here = scripted(here, &script, &json!({}));
    let cluster = here.connect(&[]).await.unwrap();
    let all = futures::future::join_all((0..8).map(|_| ask(&cluster))).await;
    assert!(all.iter().all(Result::is_ok));
    assert_eq!(authorizations(&server), vec!["Bearer t2"; 8]);
    assert_eq!(runs(&here), 2, "eight requests waited for one renewal");
}

#[tokio::test]
async fn a_refused_token_is_asked_for_again_with_the_next_request() {
    let server = Server::http(|_, seen| match seen.header("authorization")[..] {
        ["Bearer t1"] => status(401, "Unauthorized", "Unauthorized"),
        _ => fine(),
    })
    .await;
    let here = scripted(Here::new(&server.url()), &token(""), &json!({}));
    let cluster = here.connect(&[]).await.unwrap();
    ask(&cluster).await.unwrap_err();
    ask(&cluster).await.unwrap();
    ask(&cluster).await.unwrap();
    assert_eq!(
        authorizations(&server),
        ["Bearer t1", "Bearer t2", "Bearer t2"]
    );
    assert_eq!(runs(&here), 2);
}

#[tokio::test]
async fn a_plugins_trouble_at_renewal_is_explained_like_the_first() {
    let (here, _server) = here_and_server().await;
    let script = format!(
        "if [ $n = 1 ]; then {}; else echo no login >&2; exit 3; fi",
        token(PAST)
    );
    let here = scripted(here, &script, &json!({}));
    let failure = ask(&here.connect(&[]).await.unwrap()).await.unwrap_err();
    let told = story(&failure);
    assert!(
        told.contains("credential plugin `/bin/sh` failed (exit status: 3): no login"),
        "{told}"
    );
}

#[tokio::test]
async fn a_plugin_gets_what_the_protocol_promises() {
    let (here, _server) = here_and_server().await;
    let script = format!(
        "printf '%s' \"$KUBERNETES_EXEC_INFO\" >'{}'; printf '%s' \"$FLAVOUR\" >'{}'; cat >/dev/null; {}",
        here.path("info").display(),
        here.path("flavour").display(),
        token(FAR)
    );
    let here = scripted(
        here,
        &script,
        &json!({"provideClusterInfo": true, "env": [{"name": "FLAVOUR", "value": "mild"}]}),
    );
    // `cat` ends: nobody's terminal is its stdin.
    here.connect(&[]).await.unwrap();
    let info: Value = serde_json::from_slice(&std::fs::read(here.path("info")).unwrap()).unwrap();
    assert_eq!(
        info,
        json!({
            "apiVersion": "client.authentication.k8s.io/v1",
            "kind": "ExecCredential",
            "spec": {"interactive": false, "cluster": {"server": here.cluster["server"]}},
        })
    );
    assert_eq!(
        std::fs::read_to_string(here.path("flavour")).unwrap(),
        "mild"
    );
}

#[tokio::test]
async fn a_plugin_may_ask_only_when_somebody_can_answer() {
    for (mode, present, interactive) in [
        (json!("IfAvailable"), true, true),
        (json!(null), true, true),
        (json!("Always"), true, true),
        (json!("Never"), true, false),
        (json!("IfAvailable"), false, false),
        (json!(null), false, false),
        (json!("Never"), false, false),
    ] {
        let (here, _server) = here_and_server().await;
        let script = format!(
            "printf '%s' \"$KUBERNETES_EXEC_INFO\" >'{}'; {}",
            here.path("info").display(),
            token(FAR)
        );
        let here = scripted(here, &script, &json!({"interactiveMode": mode}));
        here.connect_as(&[], present).await.unwrap();
        let info: Value =
            serde_json::from_slice(&std::fs::read(here.path("info")).unwrap()).unwrap();
        assert_eq!(info["spec"]["interactive"], interactive, "{mode} {present}");
    }
}

#[tokio::test]
async fn a_plugin_that_must_ask_is_refused_where_nobody_can_answer() {
    let (here, _server) = here_and_server().await;
    let here = scripted(here, &token(FAR), &json!({"interactiveMode": "Always"}));
    let Err(failure) = here.connect(&[]).await else {
        panic!("connected")
    };
    assert_eq!(failure.exit, Exit::Usage);
    assert!(
        story(&failure).contains("there is no terminal"),
        "{}",
        story(&failure)
    );
    assert_eq!(runs(&here), 0);
}

#[tokio::test]
async fn a_plugin_that_is_missing_is_named_with_the_way_to_get_it() {
    for (command, hint) in [
        ("/nowhere/kubelogin", "az aks install-cli"),
        ("no-such-plugin-anywhere", "brew install it"),
    ] {
        let (here, _server) = here_and_server().await;
        let exec = json!({"command": command, "installHint": "brew\n  install it"});
        let Err(failure) = here.user(json!({"exec": exec})).connect(&[]).await else {
            panic!("connected")
        };
        let told = story(&failure);
        assert_eq!(failure.exit, Exit::Failed);
        assert!(told.contains(&format!("`{command}` not found")), "{told}");
        assert!(told.contains(hint), "{told}");
    }
}

#[tokio::test]
async fn a_plugin_that_fails_is_quoted_without_its_secrets() {
    let (here, _server) = here_and_server().await;
    let script = r#"
echo '{"status":{"token":"s3cret-on-stdout"}}'
echo 'AADSTS700016: app 04b07795-8ddb-461a-bbee-02f9e1bf7b46 not found' >&2
echo 'token eyJhbGciOiJub25lIn0.eyJzdWIiOiJqYW5lIn0.c2ln and key 0123456789abcdef0123456789abcdef0123456789' >&2
exit 1"#;
    let here = scripted(here, script, &json!({}));
    let Err(failure) = here.connect(&[]).await else {
        panic!("connected")
    };
    let told = format!("{} {failure:?}", story(&failure));
    for part in [
        "exit status: 1",
        "AADSTS700016: app 04b07795-8ddb-461a-bbee-02f9e1bf7b46 not found | token",
    ] {
        assert!(told.contains(part), "{told}");
    }
    for secret in ["s3cret", "eyJ", "0123456789abcdef"] {
        assert!(!told.contains(secret), "{told}");
    }
}

#[tokio::test]
async fn what_is_no_credential_is_refused_and_not_quoted() {
    for (script, what) in [
        ("echo s3cret", "no ExecCredential"),
        ("echo '{\"status\": \"s3cret\"}'", "no ExecCredential"),
        ("echo '{}'", "without a status"),
        (
            "echo '{\"status\": {\"token\": \"\"}}'",
            "neither a token nor",
        ),
        (
            "echo '{\"status\": {\"clientKeyData\": \"s3cret\"}}'",
            "without its certificate",
        ),
        (
            "echo '{\"status\": {\"token\": \"s3cret\", \"expirationTimestamp\": \"s3cret\"}}'",
            "RFC 3339",
        ),
        ("true", "printed nothing"),
    ] {
        let (here, _server) = here_and_server().await;
        let here = scripted(here, script, &json!({}));
        let Err(failure) = here.connect(&[]).await else {
            panic!("connected")
        };
        let told = format!("{} {failure:?}", story(&failure));
        assert!(told.contains(what), "{script}: {told}");
        assert!(!told.contains("s3cret"), "{told}");
    }
}

#[tokio::test]
async fn a_plugin_may_answer_in_yaml() {
    let (here, server) = here_and_server().await;
    let here = scripted(
        here,
        "printf 'kind: ExecCredential\\nstatus:\\n  token: yaml\\n'",
        &json!({}),
    );
    ask(&here.connect(&[]).await.unwrap()).await.unwrap();
    assert_eq!(authorizations(&server), ["Bearer yaml"]);
}

#[tokio::test]
async fn what_a_plugin_leaves_running_does_not_hold_the_connection() {
    let (here, _server) = here_and_server().await;
    let here = scripted(here, &format!("{}; sleep 30 &", token(FAR)), &json!({}));
    let start = Instant::now();
    here.connect(&[]).await.unwrap();
    assert!(
        start.elapsed() < Duration::from_secs(10),
        "{:?}",
        start.elapsed()
    );
}

#[tokio::test]
async fn a_fixed_token_goes_before_a_plugin() {
    let (here, server) = here_and_server().await;
    let here = scripted(here, &token(FAR), &json!({}));
    let exec = here.user["exec"].clone();
    let here = here.user(json!({"token": "fixed", "exec": exec}));
    ask(&here.connect(&[]).await.unwrap()).await.unwrap();
    assert_eq!(authorizations(&server), ["Bearer fixed"]);
    assert_eq!(runs(&here), 0);
}

/// Shell that prints the `$n`th of the credentials that lie in files.
fn certificates(here: &Here, signed: &[&Signed], expires: &[&str]) -> String {
    for (at, (signed, expires)) in signed.iter().zip(expires).enumerate() {
        let answer = json!({"status": {
            "clientCertificateData": signed.certificate,
            "clientKeyData": signed.key,
            "expirationTimestamp": expires,
        }});
        write(&here.path(&format!("answer-{}", at + 1)), &answer);
    }
    format!("cat '{}'-$n", here.path("answer").display())
}

fn write(path: &Path, value: &Value) {
    std::fs::write(path, value.to_string()).unwrap();
}

#[tokio::test]
async fn a_client_certificate_of_a_plugin_is_used_and_followed_when_it_changes() {
    let authority = Authority::new();
    let (first, second) = (authority.sign("jane-1"), authority.sign("jane-2"));
    let config = authority.asking(&authority.sign("127.0.0.1"));
    let server = Server::tls(config, |_, _| fine()).await;
    let here = Here::new(&format!("https://{}", server.address))
        .cluster("certificate-authority-data", authority.data());

    // It is renewed a minute before its end: some seconds from now.
    let soon = jiff::Timestamp::from_second(now() + 64)
        .unwrap()
        .to_string();
    let script = certificates(&here, &[&first, &second], &[&soon, "2999-01-01T00:00:00Z"]);
    let here = scripted(here, &script, &json!({}));
    let cluster = here.connect(&[]).await.unwrap();
    ask(&cluster).await.unwrap();
    assert_eq!(runs(&here), 1);
    while runs(&here) == 1 {
        tokio::time::sleep(Duration::from_millis(50)).await;
        ask(&cluster).await.unwrap();
    }
    ask(&cluster).await.unwrap();

    let shown: Vec<_> = server
        .seen()
        .into_iter()
        .map(|seen| seen.certificate)
        .collect();
    assert_eq!(shown.first(), Some(&Some(first.der())));
    assert_eq!(shown.last(), Some(&Some(second.der())));
    assert_eq!(runs(&here), 2);
}

#[expect(
    clippy::disallowed_methods,
    reason = "an expiry in a test is wall time too"
)]
fn now() -> i64 {
    jiff::Timestamp::now().as_second()
}
