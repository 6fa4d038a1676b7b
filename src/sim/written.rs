//! The JSON text of one object in pieces, and where in it are the parts that are asked for alone or taken over into the next
//! version. It knows the places, and no rule about what is there.

use std::ops::Range;

use hyper::body::Bytes;
use serde::Serialize;
use serde_json::{Map, Value};

/// So many bytes of JSON most objects take.
const USUALLY: usize = 2048;

/// A text in the pieces that it is stored in.
pub(super) type Pieces = [Bytes; 3];

/// All of a text in one piece.
pub(super) fn joined(pieces: &Pieces) -> Bytes {
    match pieces {
        [all, between, after] if between.is_empty() && after.is_empty() => all.clone(),
        _ => pieces.concat().into(),
    }
}

/// An object's text.
#[derive(Clone, Debug, Default)]
pub(super) struct Written {
    /// All but the bulk.
    rest: Bytes,
    /// Where in the rest the bulk belongs.
    split: usize,
    /// A member that most changes leave alone, which versions share.
    bulk: Bytes,
    places: Places,
}

/// Where the values are in the rest; empty for what is not there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Places {
    metadata: Range<usize>,
    /// The digits of `metadata.resourceVersion`.
    version: Range<usize>,
    parts: [Range<usize>; PARTS.len()],
}

/// The members that are taken over from one version into the next where they are known to be the same.
const PARTS: [&str; 4] = ["binaryData", "data", "spec", "status"];
/// Of these the first that is there is the bulk: the plan in a run record, the script in one of our pods.
const BULKS: [&str; 2] = ["binaryData", "spec"];

/// What an object has in common with the version before.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Same {
    parts: [bool; PARTS.len()],
    /// All metadata but the version, which is still the old one.
    metadata: bool,
}

impl Same {
    /// The parts of which this is true.
    pub(super) fn those(same: impl Fn(&str) -> bool) -> Self {
        Self {
            parts: PARTS.map(same),
            metadata: false,
        }
    }

    /// Everything but the status.
    pub(super) fn but_status() -> Self {
        Self {
            metadata: true,
            ..Self::those(|part| part != "status")
        }
    }

    pub(super) fn has(self, name: &str) -> bool {
        part(name).is_some_and(|part| self.parts[part])
    }
}

fn part(name: &str) -> Option<usize> {
    PARTS.iter().position(|part| *part == name)
}

impl Written {
    pub(super) fn of(value: &Value) -> Self {
        let mut draft = Draft {
            rest: Vec::with_capacity(USUALLY),
            ..Draft::default()
        };
        draft.write(value, None);
        draft.into_written()
    }

    pub(super) fn pieces(&self) -> Pieces {
        [
            self.rest.slice(..self.split),
            self.bulk.clone(),
            self.rest.slice(self.split..),
        ]
    }

    pub(super) fn whole(&self) -> Bytes {
        joined(&self.pieces())
    }

    pub(super) fn value(&self) -> Value {
        serde_json::from_slice(&self.whole()).unwrap_or_default()
    }

    /// The object's metadata, under the kind that says that it is no more.
    pub(super) fn metadata_alone(&self) -> Bytes {
        let mut out = PARTIAL.to_vec();
        out.extend_from_slice(self.at(&self.places.metadata));
        out.push(b'}');
        out.into()
    }

    fn at(&self, place: &Range<usize>) -> &[u8] {
        self.rest.get(place.clone()).unwrap_or_default()
    }

    /// The same text with another version in it.
    pub(super) fn under(&self, version: u64) -> Self {
        let mut draft = Draft {
            rest: self.rest.to_vec(),
            split: self.split,
            taken: Some(self.bulk.clone()),
            places: self.places.clone(),
            ..Draft::default()
        };
        draft.stamp(version);
        draft.into_written()
    }
}

/// What stands before the metadata in an answer that has nothing else.
const PARTIAL: &[u8] =
    b"{\"kind\":\"PartialObjectMetadata\",\"apiVersion\":\"meta.k8s.io/v1\",\"metadata\":";

/// A text while it is made. Made again and again in the same room.
#[derive(Debug, Default)]
pub(super) struct Draft {
    rest: Vec<u8>,
    split: usize,
    /// The bulk: that of the version before, or another.
    taken: Option<Bytes>,
    bulk: Vec<u8>,
    places: Places,
}

impl Draft {
    /// Puts the text of a value in the place of what is there. What it has in common with the version of the text is taken
    /// over from there.
    pub(super) fn write(&mut self, value: &Value, before: Option<(&Written, Same)>) {
        self.rest.clear();
        self.bulk.clear();
        self.taken = None;
        self.places = Places::default();
        if let Value::Object(members) = value {
            let bulk = BULKS.into_iter().find(|bulk| members.contains_key(*bulk));
            // Of an object that has none, nothing is between the rest and its end.
            self.split = usize::MAX;
            self.each(members, |draft, key, member| match (part(key), member) {
                (Some(part), _) if bulk == Some(key) => draft.bulk(part, member, before),
                (Some(part), _) => draft.part(part, member, before),
                (None, Value::Object(metadata)) if key == "metadata" => match before {
                    Some((text, same)) if same.metadata => draft.same_metadata(text),
                    _ => draft.metadata(metadata),
                },
                _ => put(&mut draft.rest, member),
            });
        } else {
            put(&mut self.rest, value);
        }
        self.split = self.split.min(self.rest.len());
    }

    fn bulk(&mut self, part: usize, member: &Value, before: Option<(&Written, Same)>) {
        self.split = self.rest.len();
        match before {
            Some((text, same)) if same.parts[part] => self.taken = Some(text.bulk.clone()),
            _ => put(&mut self.bulk, member),
        }
        // Whoever changes anything may still leave this as it was.
        if let Some((text, _)) = before
            && self.taken.is_none()
            && self.bulk == text.bulk
        {
            self.taken = Some(text.bulk.clone());
        }
    }

    fn part(&mut self, part: usize, member: &Value, before: Option<(&Written, Same)>) {
        let begin = self.rest.len();
        match before {
            Some((text, same)) if same.parts[part] => {
                let old = text.at(&text.places.parts[part]);
                self.rest.extend_from_slice(old);
            }
            _ => put(&mut self.rest, member),
        }
        self.places.parts[part] = begin..self.rest.len();
    }

    fn same_metadata(&mut self, text: &Written) {
        let begin = self.rest.len();
        let Places {
            metadata, version, ..
        } = &text.places;
        self.rest.extend_from_slice(text.at(metadata));
        self.places.metadata = begin..self.rest.len();
        if !version.is_empty() {
            let moved = |at: usize| at - metadata.start + begin;
            self.places.version = moved(version.start)..moved(version.end);
        }
    }

    fn metadata(&mut self, members: &Map<String, Value>) {
        let all = self.rest.len();
        self.each(members, |draft, key, member| {
            let begin = draft.rest.len();
            put(&mut draft.rest, member);
            if key == "resourceVersion" && member.is_string() {
                // Between its quotes.
                draft.places.version = begin + 1..draft.rest.len() - 1;
            }
        });
        self.places.metadata = all..self.rest.len();
    }

    fn each(
        &mut self,
        members: &Map<String, Value>,
        mut member: impl FnMut(&mut Self, &str, &Value),
    ) {
        let mut mark = b'{';
        for (key, value) in members {
            self.rest.push(mark);
            mark = b',';
            put(&mut self.rest, key);
            self.rest.push(b':');
            member(self, key, value);
        }
        if mark == b'{' {
            self.rest.push(mark);
        }
        self.rest.push(b'}');
    }

    /// Whether it says the same as a text, to the byte. The keys of a value are sorted, so equal values have equal texts.
    pub(super) fn is(&self, text: &Written) -> bool {
        let bulk = self.taken.as_deref().unwrap_or(&self.bulk);
        self.split == text.split && self.rest == text.rest && *bulk == text.bulk
    }

    /// Puts another version in the place of the one that is there.
    pub(super) fn stamp(&mut self, version: u64) {
        let Range { start, end } = self.places.version;
        if start == end {
            return;
        }
        let digits = version.to_string();
        let new_end = start + digits.len();
        self.rest.splice(start..end, digits.into_bytes());
        let moved = |at: usize| if at >= end { at - end + new_end } else { at };
        let Places {
            metadata,
            version,
            parts,
        } = &mut self.places;
        for place in [metadata, version].into_iter().chain(parts) {
            *place = moved(place.start)..moved(place.end);
        }
        self.split = moved(self.split);
    }

    /// A text of its own of what is there.
    pub(super) fn copied(&self) -> Written {
        Written {
            rest: Bytes::copy_from_slice(&self.rest),
            split: self.split,
            bulk: self
                .taken
                .clone()
                .unwrap_or_else(|| Bytes::copy_from_slice(&self.bulk)),
            places: self.places.clone(),
        }
    }

    fn into_written(self) -> Written {
        Written {
            rest: self.rest.into(),
            split: self.split,
            bulk: self.taken.unwrap_or_else(|| self.bulk.into()),
            places: self.places,
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

    use super::{Draft, PARTS, Same, Written, joined};

    fn pod() -> Value {
        json!({
            "apiVersion": "v1", "kind": "Pod",
            "metadata": {"name": "a", "annotations": {"said": "\"resourceVersion\":\"9\""}, "resourceVersion": "9", "uid": "u"},
            "spec": {"containers": [{"args": ["a \"b\"\n\tc"]}], "metadata": {"resourceVersion": "9"}},
            "status": {"phase": "Pending"},
        })
    }

    fn map() -> Value {
        json!({
            "apiVersion": "v1", "kind": "ConfigMap", "binaryData": {"plan": "cGxhbg=="}, "data": {"v": "1"},
            "metadata": {"name": "a", "resourceVersion": "9", "uid": "u"},
        })
    }

    fn parsed(bytes: &[u8]) -> Value {
        serde_json::from_slice(bytes).unwrap()
    }

    #[test]
    fn an_object_is_written_as_it_is_with_its_parts_in_their_places() {
        for (object, bulk) in [(pod(), "spec"), (map(), "binaryData")] {
            let text = Written::of(&object);
            assert_eq!(&text.whole()[..], object.to_string().as_bytes());
            assert_eq!(text.value(), object);
            assert_eq!(parsed(&text.bulk), object[bulk]);
            for (name, place) in PARTS.iter().zip(&text.places.parts) {
                match object.get(name).filter(|_| *name != bulk) {
                    Some(member) => assert_eq!(parsed(text.at(place)), *member),
                    None => assert_eq!(*place, 0..0),
                }
            }
            assert_eq!(text.at(&text.places.version), b"9");
            assert_eq!(
                parsed(&text.metadata_alone()),
                json!({
                    "apiVersion": "meta.k8s.io/v1", "kind": "PartialObjectMetadata", "metadata": object["metadata"],
                })
            );
        }
        for odd in [
            json!({}),
            json!({"metadata": {}}),
            json!({"metadata": null, "spec": 1}),
            json!(["a"]),
        ] {
            let text = Written::of(&odd);
            assert_eq!(&text.whole()[..], odd.to_string().as_bytes());
            assert_eq!(joined(&text.under(7).pieces()), text.whole());
        }
    }

    #[test]
    fn a_longer_version_moves_what_stands_behind_it_and_nothing_else() {
        for object in [pod(), map()] {
            let text = Written::of(&object);
            for version in [8, 10, 123_456] {
                let mut then = object.clone();
                then["metadata"]["resourceVersion"] = version.to_string().into();
                let restamped = text.under(version);
                let anew = Written::of(&then);
                assert_eq!(restamped.pieces(), anew.pieces());
                assert_eq!(restamped.places, anew.places);
                assert_eq!(restamped.under(9).pieces(), text.pieces());
            }
        }
    }

    #[test]
    fn what_is_the_same_is_taken_over_and_a_bulk_is_never_copied() {
        let mut draft = Draft::default();
        for (object, changed, same) in [
            (pod(), "status", Same::those(|name| name == "spec")),
            (map(), "data", Same::those(|name| name == "binaryData")),
            (pod(), "status", Same::default()),
            (pod(), "status", Same::but_status()),
        ] {
            let before = Written::of(&object);
            let mut after = object.clone();
            if !same.metadata {
                after["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z".into();
            }
            after[changed]["k"] = "longer than it was".into();
            draft.write(&after, Some((&before, same)));
            let (new, anew) = (draft.copied(), Written::of(&after));
            assert_eq!(new.pieces(), anew.pieces());
            assert_eq!(new.places, anew.places);
            assert_eq!(new.bulk.as_ptr(), before.bulk.as_ptr());
            assert!(draft.is(&anew) && !draft.is(&before));
            draft.write(&object, None);
            assert!(draft.is(&before));
        }
    }
}
