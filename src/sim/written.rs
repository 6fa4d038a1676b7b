//! The JSON text of one object, and where in it are the parts that are asked for alone or copied into the next version. It
//! knows the places, and no rule about what is there.

use std::ops::Range;

use hyper::body::Bytes;
use serde::Serialize;
use serde_json::{Map, Value};

/// So many bytes of JSON most objects take.
const USUALLY: usize = 2048;

/// An object's text.
#[derive(Clone, Debug, Default)]
pub(super) struct Written {
    pub(super) json: Bytes,
    places: Places,
}

/// Where the values are; empty for what is not there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Places {
    metadata: Range<usize>,
    /// The digits of `metadata.resourceVersion`.
    version: Range<usize>,
    spec: Range<usize>,
}

impl Written {
    pub(super) fn of(value: &Value) -> Self {
        let mut draft = Draft {
            json: Vec::with_capacity(USUALLY),
            places: Places::default(),
        };
        draft.write(value, None);
        Self {
            json: draft.json.into(),
            places: draft.places,
        }
    }

    /// The object's metadata, under the kind that says that it is no more.
    pub(super) fn metadata_alone(&self) -> Bytes {
        let mut out = PARTIAL.to_vec();
        out.extend_from_slice(self.metadata());
        out.push(b'}');
        out.into()
    }

    fn metadata(&self) -> &[u8] {
        self.at(&self.places.metadata)
    }

    fn at(&self, place: &Range<usize>) -> &[u8] {
        self.json.get(place.clone()).unwrap_or_default()
    }

    /// The same text with another version in it.
    pub(super) fn under(&self, version: u64) -> Self {
        let mut draft = Draft {
            json: self.json.to_vec(),
            places: self.places.clone(),
        };
        draft.stamp(version);
        Self {
            json: draft.json.into(),
            places: draft.places,
        }
    }
}

/// What stands before the metadata in an answer that has nothing else.
const PARTIAL: &[u8] =
    b"{\"kind\":\"PartialObjectMetadata\",\"apiVersion\":\"meta.k8s.io/v1\",\"metadata\":";

/// A text while it is made. Made again and again in the same room.
#[derive(Debug, Default)]
pub(super) struct Draft {
    json: Vec<u8>,
    places: Places,
}

impl Draft {
    /// Puts the text of a value in the place of what is there. With `spec`, the text of a version whose spec is the same, the
    /// spec is copied from there: the scripts in our pods are longer than all the rest.
    pub(super) fn write(&mut self, value: &Value, spec: Option<&Written>) {
        self.json.clear();
        self.places = Places::default();
        let Value::Object(members) = value else {
            put(&mut self.json, value);
            return;
        };
        self.each(members, |draft, key, member| {
            let begin = draft.json.len();
            match (key, member, spec) {
                ("spec", _, Some(same)) => {
                    draft.json.extend_from_slice(same.at(&same.places.spec));
                }
                ("metadata", Value::Object(metadata), _) => draft.metadata(metadata),
                _ => put(&mut draft.json, member),
            }
            match key {
                "spec" => draft.places.spec = begin..draft.json.len(),
                "metadata" => draft.places.metadata = begin..draft.json.len(),
                _ => {}
            }
        });
    }

    fn metadata(&mut self, members: &Map<String, Value>) {
        self.each(members, |draft, key, member| {
            let begin = draft.json.len();
            put(&mut draft.json, member);
            if key == "resourceVersion" && member.is_string() {
                // Between its quotes.
                draft.places.version = begin + 1..draft.json.len() - 1;
            }
        });
    }

    fn each(
        &mut self,
        members: &Map<String, Value>,
        mut member: impl FnMut(&mut Self, &str, &Value),
    ) {
        let mut mark = b'{';
        for (key, value) in members {
            self.json.push(mark);
            mark = b',';
            put(&mut self.json, key);
            self.json.push(b':');
            member(self, key, value);
        }
        if mark == b'{' {
            self.json.push(mark);
        }
        self.json.push(b'}');
    }

    /// Whether it says the same as a text, to the byte. The keys of a value are sorted, so equal values have equal texts.
    pub(super) fn is(&self, text: &Written) -> bool {
        self.json == text.json
    }

    /// Puts another version in the place of the one that is there.
    pub(super) fn stamp(&mut self, version: u64) {
        let Range { start, end } = self.places.version;
        if start == end {
            return;
        }
        let digits = version.to_string();
        let new_end = start + digits.len();
        self.json.splice(start..end, digits.into_bytes());
        let moved = |at: usize| if at >= end { at - end + new_end } else { at };
        for place in [
            &mut self.places.metadata,
            &mut self.places.version,
            &mut self.places.spec,
        ] {
            *place = moved(place.start)..moved(place.end);
        }
    }

    /// A text of its own of what is there.
    pub(super) fn copied(&self) -> Written {
        Written {
            json: Bytes::copy_from_slice(&self.json),
            places: self.places.clone(),
        }
    }
}

/// Not by `Display`, which takes twice as long.
fn put<T: Serialize + ?Sized>(json: &mut Vec<u8>, value: &T) {
    // A value's keys are texts and its numbers finite, so nothing of it cannot be written.
    let _ = serde_json::to_writer(json, value);
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Draft, Written};

    fn pod() -> Value {
        json!({
            "apiVersion": "v1", "kind": "Pod",
            "metadata": {"name": "a", "annotations": {"said": "\"resourceVersion\":\"9\""}, "resourceVersion": "9", "uid": "u"},
            "spec": {"containers": [{"args": ["a \"b\"\n\tc"]}], "metadata": {"resourceVersion": "9"}},
            "status": {"phase": "Pending"},
        })
    }

    fn parsed(bytes: &[u8]) -> Value {
        serde_json::from_slice(bytes).unwrap()
    }

    #[test]
    fn an_object_is_written_as_it_is_with_its_parts_in_their_places() {
        let text = Written::of(&pod());
        assert_eq!(&text.json[..], pod().to_string().as_bytes());
        assert_eq!(parsed(text.metadata()), pod()["metadata"]);
        assert_eq!(parsed(text.at(&text.places.spec)), pod()["spec"]);
        assert_eq!(text.at(&text.places.version), b"9");
        let alone = parsed(&text.metadata_alone());
        assert_eq!(
            alone,
            json!({"apiVersion": "meta.k8s.io/v1", "kind": "PartialObjectMetadata", "metadata": pod()["metadata"]})
        );
        for odd in [
            json!({}),
            json!({"metadata": {}}),
            json!({"metadata": null, "spec": 1}),
            json!(["a"]),
        ] {
            assert_eq!(&Written::of(&odd).json[..], odd.to_string().as_bytes());
        }
    }

    #[test]
    fn a_longer_version_moves_what_stands_behind_it_and_nothing_else() {
        let text = Written::of(&pod());
        for version in [8, 10, 123_456] {
            let mut then = pod();
            then["metadata"]["resourceVersion"] = version.to_string().into();
            let restamped = text.under(version);
            let anew = Written::of(&then);
            assert_eq!(restamped.json, anew.json);
            assert_eq!(restamped.places, anew.places);
            assert_eq!(restamped.under(9).json, text.json);
        }
    }

    #[test]
    fn a_spec_that_is_the_same_is_copied() {
        let before = Written::of(&pod());
        let mut after = pod();
        after["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z".into();
        after["status"]["phase"] = "Running".into();
        let mut draft = Draft::default();
        draft.write(&after, Some(&before));
        let anew = Written::of(&after);
        assert_eq!(draft.copied().json, anew.json);
        assert_eq!(draft.copied().places, anew.places);
        assert!(draft.is(&anew) && !draft.is(&before));
        draft.write(&pod(), None);
        assert!(draft.is(&before));
    }
}
