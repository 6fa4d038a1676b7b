//! In what form the client wants its answer: whole objects, their metadata alone, or a Table.

use hyper::body::Bytes;
use serde_json::{Value, json};

use super::call::Call;
use super::refusal::Refusal;
use crate::sim::json::{list, text};
use crate::sim::kind::Kind;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    Whole,
    /// `PartialObjectMetadata`, or a list of them.
    Metadata,
    Table,
}

impl Shape {
    /// The first form in the `Accept` header that there is. Only nodes have a Table here.
    pub(super) fn wanted(call: &Call, kind: Kind) -> Result<Self, Refusal> {
        // A log is text, whatever is accepted.
        if call.subresource == "log" {
            return Ok(Self::Whole);
        }
        let mut accepted = call.accept.split(',').filter_map(|accept| {
            let mut parts = accept.split(';').map(str::trim);
            let json = matches!(
                parts.next(),
                Some("application/json" | "application/*" | "*/*" | "")
            );
            let form = parts.find_map(|part| part.strip_prefix("as="));
            match form.filter(|_| json) {
                None if json => Some(Self::Whole),
                Some("PartialObjectMetadata" | "PartialObjectMetadataList") => Some(Self::Metadata),
                Some("Table") if kind == Kind::Node => Some(Self::Table),
                _ => None,
            }
        });
        accepted.next().ok_or_else(|| {
            let message = "only the following media types are accepted: application/json";
            Refusal::new(406, "NotAcceptable", message)
        })
    }
}

/// The metadata of an object, or of each object of a list; a Status stays as it is.
pub(super) fn metadata_alone(bytes: Bytes) -> Bytes {
    let Ok(value) = serde_json::from_slice::<Value>(&bytes) else {
        return bytes;
    };
    match text(&value, "/kind") {
        Some("Status") | None => bytes,
        Some(kind) if kind.ends_with("List") => {
            let items: Vec<_> = list(&value, "/items").iter().map(partial).collect();
            let list = json!({
                "kind": "PartialObjectMetadataList", "apiVersion": "meta.k8s.io/v1",
                "metadata": value["metadata"], "items": items,
            });
            list.to_string().into()
        }
        Some(_) => partial(&value).to_string().into(),
    }
}

/// An object's metadata under the kind that says so.
pub(super) fn partial(object: &Value) -> Value {
    json!({
        "kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1",
        "metadata": object["metadata"],
    })
}
