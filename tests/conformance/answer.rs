//! What came back for one request, and what may be expected of it.

use http::HeaderMap;
use serde_json::{Value, json};

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) code: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
    /// Null when the text is no JSON.
    pub(crate) body: Value,
}

impl Answer {
    pub(crate) fn new(code: u16, headers: HeaderMap, bytes: &[u8]) -> Self {
        let body = serde_json::from_slice(bytes).unwrap_or_default();
        let text = String::from_utf8_lossy(bytes).into_owned();
        Self {
            code,
            headers,
            text,
            body,
        }
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The body of an answer with this code.
    #[track_caller]
    pub(crate) fn is(self, code: u16) -> Value {
        assert_eq!(self.code, code, "{}", self.text);
        self.body
    }

    /// The body of an answer that is not a refusal.
    #[track_caller]
    pub(crate) fn ok(self) -> Value {
        assert!(self.code < 300, "{}: {}", self.code, self.text);
        self.body
    }

    /// A Status that says no, in these words: `code`, `reason`, `message`, `details`, and none that is not given.
    #[track_caller]
    pub(crate) fn refused(self, expected: Value) {
        let Value::Object(mut status) = self.body else {
            panic!("no Status but {} {}", self.code, self.text);
        };
        let mut part = |key: &str| status.remove(key).unwrap_or_default();
        let frame = [
            part("kind"),
            part("apiVersion"),
            part("metadata"),
            part("status"),
        ];
        assert_eq!(
            frame,
            [json!("Status"), json!("v1"), json!({}), json!("Failure")]
        );
        assert_eq!(
            serde_json::to_string_pretty(&status).unwrap(),
            serde_json::to_string_pretty(&expected).unwrap(),
            "(left: the answer, right: what is relied upon)"
        );
        assert_eq!(json!(self.code), expected["code"], "the HTTP code");
    }
}

/// The texts at a pointer in each item of a list.
pub(crate) fn each(list: &Value, pointer: &str) -> Vec<String> {
    items(list).iter().map(|item| text(item, pointer)).collect()
}

/// The names in a list.
pub(crate) fn names(list: &Value) -> Vec<String> {
    each(list, "/metadata/name")
}

pub(crate) fn items(list: &Value) -> &[Value] {
    list["items"].as_array().map_or(&[], Vec::as_slice)
}

pub(crate) fn text(value: &Value, pointer: &str) -> String {
    let found = value.pointer(pointer).and_then(Value::as_str);
    found.unwrap_or_default().to_owned()
}

/// The condition of that type, in its `status.conditions`.
pub(crate) fn condition<'v>(object: &'v Value, kind: &str) -> Option<&'v Value> {
    let conditions = object["status"]["conditions"].as_array()?;
    conditions
        .iter()
        .find(|condition| condition["type"] == kind)
}

pub(crate) fn holds(object: &Value, kind: &str) -> bool {
    condition(object, kind).is_some_and(|condition| condition["status"] == "True")
}
