//! Through a proxy, and not.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional};
use tokio::net::TcpStream;

use super::authority::Authority;
use super::server::{Server, accept, fine, nobody};
use super::{Here, ask, lock, story};

/// A proxy and the heads of the CONNECT requests that it got.
struct Proxy {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Proxy {
    /// Answers CONNECT with `head`, and goes on to `target` if that is a 200.
    async fn http(head: &'static str, target: SocketAddr) -> Self {
        let asked: Arc<Mutex<Vec<String>>> = Arc::default();
        let heard = asked.clone();
        let address = accept(move |mut stream| {
            let heard = heard.clone();
            async move {
                let mut question = Vec::new();
                while !question.ends_with(b"\r\n\r\n") {
                    question.push(stream.read_u8().await.unwrap());
                }
                lock(&heard).push(String::from_utf8(question).unwrap());
                stream.write_all(head.as_bytes()).await.unwrap();
                if head.starts_with("HTTP/1.1 200") {
                    let mut onward = TcpStream::connect(target).await.unwrap();
                    let _ = copy_bidirectional(&mut stream, &mut onward).await;
                }
            }
        })
        .await;
        Self { address, asked }
    }

    /// SOCKS 5 with user and password, then on to `target`; answers `reply` (0 is success) to the request.
    async fn socks(reply: u8, target: SocketAddr) -> Self {
        let asked: Arc<Mutex<Vec<String>>> = Arc::default();
        let heard = asked.clone();
        let address = accept(move |mut stream| {
            let heard = heard.clone();
            async move {
                let take = async |length: usize, stream: &mut TcpStream| {
                    let mut bytes = vec![0; length];
                    stream.read_exact(&mut bytes).await.unwrap();
                    bytes
                };
                let methods = take(2, &mut stream).await[1];
                take(methods.into(), &mut stream).await;
                stream.write_all(&[5, 2]).await.unwrap();
                let user = take(2, &mut stream).await[1];
                let user = take(user.into(), &mut stream).await;
                let password = take(1, &mut stream).await[0];
                let password = take(password.into(), &mut stream).await;
                stream.write_all(&[1, 0]).await.unwrap();
                let head = take(4, &mut stream).await;
                let length = if head[3] == 3 {
                    take(1, &mut stream).await[0].into()
                } else {
                    4
                };
                let host = take(length, &mut stream).await;
                take(2, &mut stream).await;
                lock(&heard).push(format!(
                    "{}:{}@{}",
                    String::from_utf8(user).unwrap(),
                    String::from_utf8(password).unwrap(),
                    if head[3] == 3 {
                        String::from_utf8(host).unwrap()
                    } else {
                        format!("{host:?}")
                    },
                ));
                stream
                    .write_all(&[5, reply, 0, 1, 0, 0, 0, 0, 0, 0])
                    .await
                    .unwrap();
                if reply == 0 {
                    let mut onward = TcpStream::connect(target).await.unwrap();
                    let _ = copy_bidirectional(&mut stream, &mut onward).await;
                }
            }
        })
        .await;
        Self { address, asked }
    }

    fn asked(&self) -> Vec<String> {
        lock(&self.asked).clone()
    }
}

const OPEN: &str = "HTTP/1.1 200 Connection established\r\nx-by: test\r\n\r\n";

/// A server that only a proxy can find, by a name that does not exist.
async fn hidden() -> (Server, Here) {
    let authority = Authority::new();
    let server = Server::tls(authority.sign("cluster.invalid").server(), |_, _| fine()).await;
    let here = Here::new("https://cluster.invalid:6443")
        .cluster("certificate-authority-data", authority.data());
    (server, here)
}

#[tokio::test]
async fn the_environments_proxy_is_asked_for_the_way_and_tls_goes_to_the_server() {
    let (server, here) = hidden().await;
    let proxy = Proxy::http(OPEN, server.address).await;
    // Without a scheme, as many an environment has it.
    let here = here.variable("HTTPS_PROXY", proxy.address.to_string());
    ask(&here.connect(&[]).await.unwrap()).await.unwrap();
    assert_eq!(
        proxy.asked(),
        ["CONNECT cluster.invalid:6443 HTTP/1.1\r\nHost: cluster.invalid:6443\r\n\r\n"]
    );
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test]
async fn a_proxys_password_is_sent_and_never_shown() {
    let (server, here) = hidden().await;
    let proxy = Proxy::http(
        "HTTP/1.1 407 Proxy Authentication Required\r\n\r\n",
        server.address,
    )
    .await;
    let here = here.variable(
        "https_proxy",
        format!("http://jane:p%40ss@{}", proxy.address),
    );
    let failure = ask(&here.connect(&[]).await.unwrap()).await.unwrap_err();
    // jane:p@ss
    assert!(proxy.asked()[0].contains("\r\nProxy-Authorization: Basic amFuZTpwQHNz\r\n"));
    let told = format!("{} {failure:?}", story(&failure));
    for part in [
        "cannot reach https://cluster.invalid:6443 through the proxy",
        "407",
        "USER:PASSWORD",
    ] {
        assert!(told.contains(part), "{part}: {told}");
    }
    assert!(
        told.contains(&format!("http://{}", proxy.address)),
        "{told}"
    );
    for secret in ["p@ss", "p%40ss", "amFuZ"] {
        assert!(!told.contains(secret), "{told}");
    }
}

#[tokio::test]
async fn a_proxy_that_forbids_says_so() {
    let (server, here) = hidden().await;
    let proxy = Proxy::http("HTTP/1.1 403 Forbidden\r\n\r\n", server.address).await;
    let here = here.cluster("proxy-url", format!("http://{}", proxy.address));
    let failure = ask(&here.connect(&[]).await.unwrap()).await.unwrap_err();
    assert!(
        story(&failure).contains("the proxy answered 403 Forbidden"),
        "{}",
        story(&failure)
    );
    assert!(story(&failure).contains("NO_PROXY"));
    assert_eq!(proxy.asked().len(), 1, "a no is not asked for again");
}

#[tokio::test]
async fn a_proxy_that_is_not_there_is_named() {
    let (_server, here) = hidden().await;
    let address = nobody().await;
    for scheme in ["http", "socks5"] {
        let here = Here {
            folder: tempfile::tempdir().unwrap(),
            cluster: here.cluster.clone(),
            user: here.user.clone(),
            proxies: vec![("HTTPS_PROXY", format!("{scheme}://{address}"))],
        };
        let failure = ask(&here.connect(&[]).await.unwrap()).await.unwrap_err();
        let told = story(&failure);
        for part in [
            &format!("through the proxy {scheme}://{address}"),
            "the proxy cannot be reached: connection refused",
            "env | grep -i _proxy",
        ] {
            assert!(told.contains(part), "{part}: {told}");
        }
    }
}

#[tokio::test]
async fn a_proxy_that_speaks_no_http_is_found_out() {
    let (server, here) = hidden().await;
    let proxy = Proxy::http("SSH-2.0-OpenSSH_9.6\r\n\r\n", server.address).await;
    let here = here.variable("HTTPS_PROXY", format!("http://{}", proxy.address));
    let failure = ask(&here.connect(&[]).await.unwrap()).await.unwrap_err();
    assert!(
        story(&failure).contains("the proxy's answer is not HTTP"),
        "{}",
        story(&failure)
    );
}

#[tokio::test]
async fn a_socks_proxy_resolves_the_name_and_gets_its_password() {
    let (server, here) = hidden().await;
    let proxy = Proxy::socks(0, server.address).await;
    let here = here.cluster(
        "proxy-url",
        format!("socks5://jane:p%40ss@{}", proxy.address),
    );
    ask(&here.connect(&[]).await.unwrap()).await.unwrap();
    assert_eq!(proxy.asked(), ["jane:p@ss@cluster.invalid"]);
}

#[tokio::test]
async fn a_socks_proxy_that_refuses_says_so() {
    let (server, here) = hidden().await;
    let proxy = Proxy::socks(2, server.address).await;
    let here = here.cluster("proxy-url", format!("socks5://jane:pw@{}", proxy.address));
    let failure = ask(&here.connect(&[]).await.unwrap()).await.unwrap_err();
    assert!(
        story(&failure).contains("the SOCKS proxy could not connect"),
        "{}",
        story(&failure)
    );
}

#[tokio::test]
async fn no_proxy_is_about_the_server_and_not_about_the_proxy() {
    let (server, here) = hidden().await;
    let proxy = Proxy::http(OPEN, server.address).await;
    let here = here
        .variable("HTTPS_PROXY", format!("http://{}", proxy.address))
        .variable("NO_PROXY", "127.0.0.1,,not/a/rule");
    ask(&here.connect(&[]).await.unwrap()).await.unwrap();
    assert_eq!(proxy.asked().len(), 1);

    let here = here.variable("no_proxy", "unused");
    let direct = Here {
        proxies: vec![
            ("HTTPS_PROXY", format!("http://{}", proxy.address)),
            ("NO_PROXY", ".invalid".to_owned()),
        ],
        ..here
    };
    let failure = ask(&direct.connect(&[]).await.unwrap()).await.unwrap_err();
    assert!(
        story(&failure).contains("cannot be resolved"),
        "{}",
        story(&failure)
    );
    assert_eq!(proxy.asked().len(), 1);
}

#[tokio::test]
async fn a_server_on_this_machine_needs_no_proxy() {
    let server = Server::http(|_, _| fine()).await;
    let here =
        Here::new(&server.url()).variable("HTTP_PROXY", format!("http://{}", nobody().await));
    ask(&here.connect(&[]).await.unwrap()).await.unwrap();
}
