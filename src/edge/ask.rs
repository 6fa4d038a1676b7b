//! One request whose headers matter: the server's date and its warnings.

use http::Request;
use http::header::{ACCEPT, CONTENT_TYPE, DATE, HeaderMap};
use http_body_util::BodyExt as _;
use hyper::body::Bytes;
use jiff::Timestamp;
use kube::client::Body;
use serde_json::Value;

use crate::edge::cluster::in_words;

/// An answer of any code.
pub(crate) struct Reply {
    pub(crate) code: u16,
    pub(crate) date: Option<Timestamp>,
    pub(crate) warnings: Vec<String>,
    pub(crate) body: Value,
}

impl Reply {
    /// The server's own words where it refused.
    pub(crate) fn message(&self) -> String {
        match self.body["message"].as_str() {
            Some(message) if !message.is_empty() => message.to_owned(),
            _ => format!("HTTP {}", self.code),
        }
    }
}

/// Sends one request. An error is the story of why no answer came.
pub(crate) async fn ask(
    client: &kube::Client,
    method: &str,
    path: &str,
    body: Option<&Value>,
) -> Result<Reply, kube::Error> {
    let bytes = body
        .map(|body| body.to_string().into_bytes())
        .unwrap_or_default();
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header(ACCEPT, "application/json")
        .header(CONTENT_TYPE, "application/json")
        .body(Body::from(bytes))
        .map_err(kube::Error::HttpError)?;
    let (parts, body) = client.send(request).await?.into_parts();
    let body: Bytes = body.collect().await?.to_bytes();
    Ok(Reply {
        code: parts.status.as_u16(),
        date: date(&parts.headers),
        warnings: warnings(&parts.headers),
        body: serde_json::from_slice(&body).unwrap_or_default(),
    })
}

/// As [`ask`], with what went wrong in words.
pub(crate) async fn told(
    client: &kube::Client,
    method: &str,
    path: &str,
    body: Option<&Value>,
) -> Result<Reply, String> {
    ask(client, method, path, body)
        .await
        .map_err(|error| in_words(&error))
}

fn date(headers: &HeaderMap) -> Option<Timestamp> {
    let text = headers.get(DATE)?.to_str().ok()?;
    jiff::fmt::rfc2822::DateTimeParser::new()
        .parse_timestamp(text)
        .ok()
}

/// `Warning: 299 - "text"` (RFC 9111 5.5 in its older form, as Kubernetes sends it).
fn warnings(headers: &HeaderMap) -> Vec<String> {
    headers
        .get_all(http::header::WARNING)
        .iter()
        .filter_map(|value| {
            let text = value.to_str().ok()?;
            let (_, quoted) = text.split_once('"')?;
            let (inner, _) = quoted.rsplit_once('"')?;
            Some(inner.replace("\\\"", "\"").replace("\\\\", "\\"))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_warning_is_taken_out_of_its_quotes() {
        let mut headers = HeaderMap::new();
        for text in [
            "299 - \"would violate PodSecurity \\\"baseline:latest\\\"\"",
            "nonsense",
        ] {
            headers.append(http::header::WARNING, text.parse().expect("a header"));
        }
        assert_eq!(
            warnings(&headers),
            ["would violate PodSecurity \"baseline:latest\""]
        );
    }

    #[test]
    fn the_date_is_that_of_http() {
        let mut headers = HeaderMap::new();
        assert_eq!(date(&headers), None);
        headers.insert(
            DATE,
            "Sun, 06 Nov 1994 08:49:37 GMT".parse().expect("a header"),
        );
        assert_eq!(date(&headers), Timestamp::from_second(784_111_777).ok());
    }
}
