//! Which proxy, if any, a request to the API server goes through: Go's rules (`golang.org/x/net/http/httpproxy`),
//! so that what works for kubectl works here. kube's own choice is not used: it matches NO_PROXY against the address
//! of the proxy. Nothing here prints a proxy's password.

use std::net::IpAddr;

use http::Uri;

/// The environment's say, each variable in capitals first and only if it is not empty.
#[derive(Clone, Default)]
pub(super) struct Variables {
    http: Option<String>,
    https: Option<String>,
    none: String,
    /// `REQUEST_METHOD` is set: in a CGI program a client's `Proxy:` header becomes HTTP_PROXY.
    cgi: bool,
}

impl Variables {
    /// `look` gives a variable's value.
    pub(super) fn read(look: impl Fn(&str) -> Option<String>) -> Self {
        let either = |names: [&str; 2]| {
            names
                .into_iter()
                .find_map(|name| look(name).filter(|value| !value.is_empty()))
        };
        Self {
            http: either(["HTTP_PROXY", "http_proxy"]),
            https: either(["HTTPS_PROXY", "https_proxy"]),
            none: either(["NO_PROXY", "no_proxy"]).unwrap_or_default(),
            cgi: look("REQUEST_METHOD").is_some_and(|value| !value.is_empty()),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ProxyError {
    /// Not quoted: it may hold a password.
    #[error("the proxy in {from} is not a URL")]
    NotUrl { from: &'static str },
    #[error("the proxy in {from} has the scheme `{scheme}`; http, https and socks5 are served")]
    Scheme { from: &'static str, scheme: String },
    #[error("HTTP_PROXY is not followed in a CGI program (REQUEST_METHOD is set)")]
    Cgi,
}

/// The proxy for `server`. `configured` is the kubeconfig's `proxy-url`: it wins, and NO_PROXY does not touch it.
pub(super) fn proxy_for(
    server: &Uri,
    configured: Option<&str>,
    variables: &Variables,
) -> Result<Option<Uri>, ProxyError> {
    if let Some(url) = configured.filter(|url| !url.is_empty()) {
        return parse(url, "`proxy-url` of the kubeconfig").map(Some);
    }
    let (url, from) = if server.scheme_str() == Some("https") {
        (&variables.https, "HTTPS_PROXY")
    } else {
        (&variables.http, "HTTP_PROXY")
    };
    let Some(url) = url else { return Ok(None) };
    if !goes_through(server, &variables.none) {
        return Ok(None);
    }
    if from == "HTTP_PROXY" && variables.cgi {
        return Err(ProxyError::Cgi);
    }
    parse(url, from).map(Some)
}

/// A URL as one may be shown: without user and password.
pub(super) fn shown(url: &Uri) -> String {
    let scheme = url.scheme_str().unwrap_or("http");
    let host = url.host().unwrap_or_default();
    let port = url.port_u16().map(|port| format!(":{port}"));
    let path = Some(url.path()).filter(|path| *path != "/");
    format!(
        "{scheme}://{host}{}{}",
        port.unwrap_or_default(),
        path.unwrap_or_default()
    )
}

fn parse(text: &str, from: &'static str) -> Result<Uri, ProxyError> {
    // `proxy:3128` and `user:pw@proxy:3128` are common, and mean http.
    let whole = if text.contains("://") {
        text.to_owned()
    } else {
        format!("http://{text}")
    };
    let url: Uri = whole.parse().map_err(|_| ProxyError::NotUrl { from })?;
    match (url.scheme_str(), url.host()) {
        (Some("http" | "https" | "socks5" | "socks5h"), Some(host)) if !host.is_empty() => Ok(url),
        (Some(scheme), Some(host)) if !host.is_empty() => Err(ProxyError::Scheme {
            from,
            scheme: scheme.to_owned(),
        }),
        _ => Err(ProxyError::NotUrl { from }),
    }
}

/// Go's `useProxy`: not for this machine, not for what NO_PROXY names.
fn goes_through(server: &Uri, none: &str) -> bool {
    let host = server
        .host()
        .unwrap_or_default()
        .trim_start_matches('[')
        .trim_end_matches(']')
        .to_ascii_lowercase();
    let port = server.port_u16().unwrap_or(match server.scheme_str() {
        Some("http") => 80,
        _ => 443,
    });
    let address: Option<IpAddr> = host.parse().ok();
    if host == "localhost" || address.is_some_and(|address| address.to_canonical().is_loopback()) {
        return false;
    }
    !none
        .split(',')
        .map(|entry| entry.trim().to_ascii_lowercase())
        .any(|entry| names(&entry, &host, port, address))
}

/// Whether one entry of NO_PROXY names the host. What cannot be read names nothing, as in Go.
fn names(entry: &str, host: &str, port: u16, address: Option<IpAddr>) -> bool {
    if entry.is_empty() {
        return false;
    }
    if entry == "*" {
        return true;
    }
    if let Some((network, length)) = entry.split_once('/') {
        return match (network.parse(), length.parse(), address) {
            (Ok(network), Ok(length), Some(address)) => within(network, length, address),
            _ => false,
        };
    }
    let (name, wanted_port) = split_port(entry);
    if wanted_port.is_some_and(|wanted| wanted.parse() != Ok(port)) || name.is_empty() {
        return false;
    }
    if let Ok(named) = name.parse::<IpAddr>() {
        return address.is_some_and(|address| address.to_canonical() == named.to_canonical());
    }
    // A suffix of an address is not a domain that the address is in.
    if address.is_some() {
        return false;
    }
    // `*.x` and `.x`: what is under x; `x`: that too, and x itself.
    let under = |domain: &str| {
        host.strip_suffix(domain)
            .is_some_and(|head| head.len() > 1 && head.ends_with('.'))
    };
    match name.strip_prefix("*.").or_else(|| name.strip_prefix('.')) {
        Some(domain) => under(domain),
        None => host == name || under(name),
    }
}

/// `host:port`, `[v6]:port`, or a bare host or IPv6 address.
fn split_port(entry: &str) -> (&str, Option<&str>) {
    if let Some(rest) = entry.strip_prefix('[') {
        let (name, tail) = rest.split_once(']').unwrap_or((rest, ""));
        return (name, tail.strip_prefix(':'));
    }
    match entry.split_once(':') {
        Some((name, port)) if !port.contains(':') => (name, Some(port).filter(|p| !p.is_empty())),
        _ => (entry, None),
    }
}

fn within(network: IpAddr, length: u32, address: IpAddr) -> bool {
    match (network.to_canonical(), address.to_canonical()) {
        (IpAddr::V4(network), IpAddr::V4(address)) if length <= 32 => {
            let mask = u32::MAX.checked_shl(32 - length).unwrap_or(0);
            u32::from(network) & mask == u32::from(address) & mask
        }
        (IpAddr::V6(network), IpAddr::V6(address)) if length <= 128 => {
            let mask = u128::MAX.checked_shl(128 - length).unwrap_or(0);
            u128::from(network) & mask == u128::from(address) & mask
        }
        _ => false,
    }
}
