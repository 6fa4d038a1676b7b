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
        (Some("http" | "https"), Some(host)) if !host.is_empty() => Ok(url),
        (Some("socks5" | "socks5h"), Some(host)) if !host.is_empty() => {
            with_port(url, 1080).map_err(|_| ProxyError::NotUrl { from })
        }
        (Some(scheme), Some(host)) if !host.is_empty() => Err(ProxyError::Scheme {
            from,
            scheme: scheme.to_owned(),
        }),
        _ => Err(ProxyError::NotUrl { from }),
    }
}

fn with_port(url: Uri, usual: u16) -> Result<Uri, http::Error> {
    match (url.port(), url.authority()) {
        (None, Some(authority)) => {
            let authority = format!("{}:{usual}", authority.as_str().trim_end_matches(':'));
            let mut parts = url.into_parts();
            parts.authority = Some(authority.parse()?);
            Ok(Uri::from_parts(parts)?)
        }
        _ => Ok(url),
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

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(server: &str, set: &[(&str, &str)], configured: Option<&str>) -> Option<String> {
        let variables = Variables::read(|name| {
            set.iter()
                .find(|(known, _)| *known == name)
                .map(|(_, value)| (*value).to_owned())
        });
        proxy_for(&server.parse().unwrap(), configured, &variables)
            .unwrap()
            .map(|url| url.to_string())
    }

    #[test]
    fn each_scheme_has_its_own_variable() {
        let both = [
            ("HTTP_PROXY", "http://plain"),
            ("HTTPS_PROXY", "http://tls"),
        ];
        assert_eq!(chosen("https://a.b", &both, None).unwrap(), "http://tls/");
        assert_eq!(chosen("http://a.b", &both, None).unwrap(), "http://plain/");
        assert_eq!(chosen("https://a.b", &both[..1], None), None);
        assert_eq!(
            chosen("https://a.b", &[("ALL_PROXY", "http://p")], None),
            None
        );
    }

    #[test]
    fn capitals_go_first_and_the_empty_string_is_nothing() {
        let set = [
            ("https_proxy", "http://small"),
            ("HTTPS_PROXY", "http://big"),
        ];
        assert_eq!(chosen("https://a.b", &set, None).unwrap(), "http://big/");
        let set = [("https_proxy", "http://small"), ("HTTPS_PROXY", "")];
        assert_eq!(chosen("https://a.b", &set, None).unwrap(), "http://small/");
    }

    #[test]
    fn the_kubeconfigs_proxy_wins_and_no_proxy_does_not_touch_it() {
        let set = [("HTTPS_PROXY", "http://env"), ("NO_PROXY", "*")];
        let configured = Some("socks5://mine:1080");
        assert_eq!(
            chosen("https://a.b", &set, configured).unwrap(),
            "socks5://mine:1080/"
        );
        assert_eq!(
            chosen("https://localhost", &[], Some("http://p")).unwrap(),
            "http://p/"
        );
        assert_eq!(chosen("https://a.b", &set, Some("")), None);
    }

    #[test]
    fn no_proxy_follows_gos_rules() {
        for (none, server, direct) in [
            ("example.com", "https://example.com", true),
            ("example.com", "https://api.example.com", true),
            ("example.com", "https://notexample.com", false),
            ("example.com", "https://example.com.evil", false),
            (".example.com", "https://example.com", false),
            (".example.com", "https://api.example.com", true),
            ("*.example.com", "https://api.example.com", true),
            ("*.example.com", "https://example.com", false),
            ("*example.com", "https://example.com", false),
            ("EXAMPLE.com", "https://api.Example.COM", true),
            ("example.com:443", "https://example.com", true),
            ("example.com:443", "https://example.com:6443", false),
            ("example.com:6443", "https://api.example.com:6443", true),
            ("a.b, example.com ,c.d", "https://example.com", true),
            (",,example.com", "https://example.com", true),
            ("*", "https://example.com", true),
            ("a.b,*", "https://example.com", true),
            ("", "https://example.com", false),
            (":443", "https://example.com", false),
            (".", "https://example.com", false),
            ("10.0.0.4", "https://10.0.0.4:6443", true),
            ("10.0.0.4:6443", "https://10.0.0.4:6443", true),
            ("10.0.0.4:443", "https://10.0.0.4:6443", false),
            ("0.0.4", "https://10.0.0.4", false),
            ("10.0.0.0/8", "https://10.200.3.4", true),
            ("10.0.0.0/8", "https://11.0.0.1", false),
            ("0.0.0.0/0", "https://11.0.0.1", true),
            ("10.0.0.0/33", "https://10.0.0.1", false),
            ("10.0.0.0/8", "https://ten.example.com", false),
            ("fd00::/8", "https://[fd12::1]:6443", true),
            ("fd00::/8", "https://[fe80::1]", false),
            ("fd12::1", "https://[fd12::1]:6443", true),
            ("[fd12::1]:6443", "https://[fd12::1]:6443", true),
            ("[fd12::1]:443", "https://[fd12::1]:6443", false),
            // Whatever the list says:
            ("", "https://localhost:6443", true),
            ("", "https://127.0.0.1:6443", true),
            ("", "https://127.8.8.8", true),
            ("", "https://[::1]:6443", true),
            ("", "https://localhost.example.com", false),
        ] {
            let set = [("HTTPS_PROXY", "http://proxy:3128"), ("NO_PROXY", none)];
            assert_eq!(
                chosen(server, &set, None).is_none(),
                direct,
                "NO_PROXY={none} {server}"
            );
        }
    }

    #[test]
    fn a_proxy_without_a_scheme_is_an_http_proxy() {
        for (value, url) in [
            ("proxy:3128", "http://proxy:3128/"),
            ("proxy", "http://proxy/"),
            ("u:p@proxy:3128", "http://u:p@proxy:3128/"),
            ("https://proxy", "https://proxy/"),
            ("socks5h://proxy:99", "socks5h://proxy:99/"),
            ("socks5://u:p@proxy", "socks5://u:p@proxy:1080/"),
            ("socks5://[fd00::1]", "socks5://[fd00::1]:1080/"),
        ] {
            assert_eq!(
                chosen("https://a.b", &[("HTTPS_PROXY", value)], None).unwrap(),
                url
            );
        }
    }

    #[test]
    fn a_proxy_that_cannot_be_used_is_an_error_without_its_password() {
        for value in [
            "http://u:s3cret@ho st",
            "ftp://u:s3cret@proxy",
            "http://u:s3c%zz ret@",
            "://s3cret",
        ] {
            let variables =
                Variables::read(|name| (name == "HTTPS_PROXY").then(|| value.to_owned()));
            let error = proxy_for(&"https://a.b".parse().unwrap(), None, &variables).unwrap_err();
            assert!(!format!("{error} {error:?}").contains("s3c"), "{error:?}");
            assert!(error.to_string().contains("HTTPS_PROXY"));
        }
    }

    #[test]
    fn http_proxy_is_not_followed_in_a_cgi_program() {
        let variables = Variables::read(|name| {
            ["HTTP_PROXY", "REQUEST_METHOD"]
                .contains(&name)
                .then(|| "x".to_owned())
        });
        let plain = proxy_for(&"http://a.b".parse().unwrap(), None, &variables);
        assert_eq!(plain, Err(ProxyError::Cgi));
        assert_eq!(
            proxy_for(&"https://a.b".parse().unwrap(), None, &variables),
            Ok(None)
        );
    }

    #[test]
    fn what_is_shown_of_a_url_has_no_password() {
        for (url, safe) in [
            ("http://u:s3cret@proxy:3128", "http://proxy:3128"),
            ("https://[::1]:6443/k8s/", "https://[::1]:6443/k8s/"),
        ] {
            assert_eq!(shown(&url.parse().unwrap()), safe);
        }
    }
}
