//! The events of one watch as they come, each decoded from the line it is told on. The client's own way copies every line
//! twice and looks at each byte of it for the end; the lines of a watch of pods are most of what a roll reads. When to watch
//! again, and from where, is the caller's.

use std::io;

use futures::{AsyncBufReadExt as _, Stream, stream};
use http::Request;
use http::header::{ACCEPT_ENCODING, HeaderValue};
use kube::Error;
use kube::core::{Status, WatchEvent};
use serde::de::DeserializeOwned;

/// Asks for a watch. A refusal is an error of the request, or of the first event where the server says it there; a connection
/// that is cut between two chunks ends the stream as the server's own end does.
pub(crate) async fn events<T: DeserializeOwned>(
    client: &kube::Client,
    mut request: Request<Vec<u8>>,
) -> Result<impl Stream<Item = Result<WatchEvent<T>, Error>> + use<T>, Error> {
    // From 1.37 on each event is compressed by itself, and tower-http reads the first of them alone.
    request
        .headers_mut()
        .entry(ACCEPT_ENCODING)
        .or_insert(HeaderValue::from_static("identity"));
    let body = Box::pin(client.request_stream(request).await?);
    Ok(stream::try_unfold(
        (body, Vec::new()),
        |(mut body, mut line)| async move {
            line.clear();
            match body.read_until(b'\n', &mut line).await {
                Ok(0) => Ok(None),
                Ok(_) => Ok(event(&line)?.map(|event| (event, (body, line)))),
                Err(error) if is_an_end(&error) => Ok(None),
                Err(error) => Err(Error::ReadEvents(error)),
            }
        },
    ))
}

/// The event of a line; none of a line that is cut off, after which nothing more is to be believed.
fn event<T: DeserializeOwned>(line: &[u8]) -> Result<Option<WatchEvent<T>>, Error> {
    match serde_json::from_slice(line) {
        Ok(event) => Ok(Some(event)),
        Err(error) if error.is_eof() => Ok(None),
        Err(error) => Err(match serde_json::from_slice::<Status>(line) {
            Ok(status) => Error::Api(Box::new(status)),
            Err(_) => Error::SerdeError(error),
        }),
    }
}

/// A proxy, or a TLS peer, that closes without a word: watches end so every few minutes.
fn is_an_end(error: &io::Error) -> bool {
    let mut cause = error.get_ref().map(|inner| inner as &dyn std::error::Error);
    while let Some(this) = cause {
        let eof = this
            .downcast_ref::<io::Error>()
            .is_some_and(|inner| inner.kind() == io::ErrorKind::UnexpectedEof);
        if eof || this.to_string().contains("unexpected EOF during chunk") {
            return true;
        }
        cause = this.source();
    }
    false
}

#[cfg(test)]
mod tests {
    use futures::StreamExt as _;
    use http::Response;
    use http_body_util::StreamBody;
    use hyper::body::{Bytes, Frame};
    use kube::client::Body;
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    struct Named {
        name: String,
    }

    /// What becomes of an answer whose body comes in these pieces.
    async fn told(pieces: Vec<io::Result<&'static str>>) -> Vec<String> {
        let pieces = std::sync::Mutex::new(Some(pieces));
        let service = tower::service_fn(move |request: Request<Body>| {
            assert_eq!(request.headers()[ACCEPT_ENCODING], "identity");
            let pieces = pieces.lock().unwrap().take().unwrap();
            let frames = pieces
                .into_iter()
                .map(|piece| piece.map(|text| Frame::data(Bytes::from_static(text.as_bytes()))));
            let body = StreamBody::new(stream::iter(frames));
            async { Ok::<_, io::Error>(Response::new(body)) }
        });
        let client = kube::Client::new(service, "default");
        let request = Request::get("/api/v1/nodes?watch=true").body(Vec::new());
        let events = events::<Named>(&client, request.unwrap()).await.unwrap();
        events
            .map(|event| match event {
                Ok(WatchEvent::Added(named)) => format!("added {}", named.name),
                Ok(WatchEvent::Deleted(named)) => format!("deleted {}", named.name),
                Ok(other) => format!("{other:?}"),
                Err(Error::Api(status)) => format!("refused {}", status.code),
                Err(error) => error.to_string(),
            })
            .collect()
            .await
    }

    const A: &str = "{\"type\":\"ADDED\",\"object\":{\"name\":\"a\"}}\n";

    #[tokio::test]
    async fn lines_are_told_however_they_are_cut_into_pieces() {
        let all = told(vec![
            Ok(A),
            Ok("{\"type\":\"ADDED\",\"obj"),
            Ok("ect\":{\"name\":\"b\"}}\n{\"type\":\"DELETED\",\"object\":{\"name\":\"a\"}}\n"),
            Ok("{\"type\":\"ADDED\",\"object\":{\"name\":\"c\"}}"),
        ]);
        assert_eq!(all.await, ["added a", "added b", "deleted a", "added c"]);
    }

    #[tokio::test]
    async fn a_line_that_is_cut_off_is_no_event_and_no_error() {
        let cut = io::Error::new(io::ErrorKind::UnexpectedEof, "the peer closed");
        assert_eq!(told(vec![Ok(A), Ok("{\"type\":\"ADD")]).await, ["added a"]);
        assert_eq!(
            told(vec![Ok(A), Ok("{\"type\":\"ADD"), Err(cut)]).await,
            ["added a"]
        );
    }

    #[tokio::test]
    async fn what_else_breaks_or_is_no_event_is_an_error() {
        let reset = io::Error::new(io::ErrorKind::ConnectionReset, "reset");
        let broken = told(vec![Ok(A), Err(reset)]).await;
        assert_eq!(broken.len(), 2, "{broken:?}");
        let status =
            "{\"kind\":\"Status\",\"status\":\"Failure\",\"message\":\"gone\",\"code\":410}\n";
        assert_eq!(
            told(vec![Ok(A), Ok(status)]).await,
            ["added a", "refused 410"]
        );
        let odd = told(vec![Ok("nonsense\n")]).await;
        assert_eq!(odd.len(), 1, "{odd:?}");
    }
}
