//! Answers that are errors, in the API server's own words: a Status with reason, details and causes.

use http::StatusCode;
use serde_json::{Value, json};

use super::Answer;
use crate::sim::kind::Kind;

/// Why a request is not carried out.
#[derive(Clone, Debug)]
pub(in crate::sim) struct Refusal {
    code: u16,
    reason: String,
    message: String,
    details: Option<Value>,
    /// Seconds; sent as a header too.
    retry_after: Option<u32>,
    /// Not from the API machinery: plain text.
    plain: bool,
}

impl Refusal {
    pub(in crate::sim) fn new(code: u16, reason: &str, message: impl Into<String>) -> Self {
        Self {
            code,
            reason: reason.into(),
            message: message.into(),
            details: None,
            retry_after: None,
            plain: false,
        }
    }

    /// The path is not one that is served.
    pub(super) fn no_such_path() -> Self {
        Self {
            plain: true,
            ..Self::new(404, "", "404 page not found\n")
        }
    }

    /// The group is served, the kind is not.
    pub(super) fn no_such_kind() -> Self {
        let message = "the server could not find the requested resource";
        Self::new(404, "NotFound", message).with_details(json!({}))
    }

    pub(super) fn method_not_allowed() -> Self {
        let message = "the server does not allow this method on the requested resource";
        Self::new(405, "MethodNotAllowed", message).with_details(json!({}))
    }

    pub(super) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(400, "BadRequest", message)
    }

    pub(super) fn unsupported_media_type() -> Self {
        let message = "the body of the request was in an unknown format - accepted media types include: \
                       application/json-patch+json, application/merge-patch+json, \
                       application/strategic-merge-patch+json";
        Self::new(415, "UnsupportedMediaType", message)
    }

    pub(super) fn not_found(kind: Kind, name: &str) -> Self {
        let message = format!("{} \"{name}\" not found", kind.qualified());
        Self::new(404, "NotFound", message).about(kind, name)
    }

    pub(super) fn already_exists(kind: Kind, name: &str) -> Self {
        let message = format!("{} \"{name}\" already exists", kind.qualified());
        Self::new(409, "AlreadyExists", message).about(kind, name)
    }

    pub(super) fn conflict(kind: Kind, name: &str, why: &str) -> Self {
        let message = format!(
            "Operation cannot be fulfilled on {} \"{name}\": {why}",
            kind.qualified()
        );
        Self::new(409, "Conflict", message).about(kind, name)
    }

    /// The resourceVersion given is not the newest.
    pub(super) fn stale(kind: Kind, name: &str) -> Self {
        let why = "the object has been modified; please apply your changes to the latest version and try again";
        Self::conflict(kind, name, why)
    }

    pub(super) fn forbidden(kind: Kind, name: &str, why: &str) -> Self {
        let message = format!("{} \"{name}\" is forbidden: {why}", kind.qualified());
        Self::new(403, "Forbidden", message).about(kind, name)
    }

    pub(super) fn invalid(kind: Kind, name: &str, field: &str, why: &str) -> Self {
        let message = format!(
            "{} \"{name}\" is invalid: {field}: {why}",
            kind.qualified_kind()
        );
        let reason = if why.starts_with("Required value") {
            "FieldValueRequired"
        } else {
            "FieldValueInvalid"
        };
        let cause = json!({"reason": reason, "message": why, "field": field});
        Self::new(422, "Invalid", message)
            .about_words(kind.resource().name, kind, name)
            .with_cause(&cause)
    }

    /// The object is not the one that a deletion was for. Alone among the conflicts this names the kind, not its plural.
    pub(super) fn precondition(kind: Kind, name: &str, why: &str) -> Self {
        let message = format!(
            "Operation cannot be fulfilled on {} \"{name}\": {why}",
            kind.qualified_kind()
        );
        Self::new(409, "Conflict", message).about_words(kind.resource().name, kind, name)
    }

    /// A JSON patch that does not apply; the server tells no more.
    pub(super) fn unprocessable_patch() -> Self {
        let message = "the server rejected our request due to an error in our request";
        Self::new(422, "Invalid", message).with_details(json!({}))
    }

    pub(super) fn expired(message: impl Into<String>) -> Self {
        Self::new(410, "Expired", message)
    }

    /// Priority and fairness has no room for this user: the one refusal that is no Status.
    pub(super) fn throttled() -> Self {
        Self {
            plain: true,
            retry_after: Some(1),
            ..Self::new(429, "", "Too many requests, please try again later.\n")
        }
    }

    pub(super) fn unavailable() -> Self {
        let message = "the server is currently unable to handle the request";
        Self::new(503, "ServiceUnavailable", message)
    }

    /// With the one cause that tells a disruption budget from throttling.
    pub(super) fn budget(cause: &str, retry_after: u32) -> Self {
        let message = "Cannot evict pod as it would violate the pod's disruption budget.";
        let cause = json!({"reason": "DisruptionBudget", "message": cause});
        let mut details = json!({"causes": [cause]});
        if retry_after > 0 {
            details["retryAfterSeconds"] = retry_after.into();
        }
        Self {
            retry_after: (retry_after > 0).then_some(retry_after),
            ..Self::new(429, "TooManyRequests", message).with_details(details)
        }
    }

    #[must_use]
    pub(super) fn about(self, kind: Kind, name: &str) -> Self {
        self.about_words(kind.resource().plural, kind, name)
    }

    #[must_use]
    fn about_words(self, word: &str, kind: Kind, name: &str) -> Self {
        let mut details = json!({"kind": word});
        if !name.is_empty() {
            details["name"] = name.into();
        }
        let group = kind.resource().group;
        if !group.is_empty() {
            details["group"] = group.into();
        }
        self.with_details(details)
    }

    #[must_use]
    pub(super) fn with_details(mut self, details: Value) -> Self {
        self.details = Some(details);
        self
    }

    #[must_use]
    pub(super) fn with_cause(mut self, cause: &Value) -> Self {
        let details = self.details.get_or_insert_with(|| json!({}));
        details["causes"] = json!([cause]);
        self
    }

    #[must_use]
    pub(in crate::sim) fn retry_after(mut self, seconds: Option<u32>) -> Self {
        self.retry_after = seconds;
        if let Some(seconds) = seconds {
            let details = self.details.get_or_insert_with(|| json!({}));
            details["retryAfterSeconds"] = seconds.into();
        }
        self
    }

    /// The Status object, as answers and watches carry it.
    pub(super) fn status(&self) -> Value {
        let mut status = json!({
            "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
            "message": self.message, "code": self.code,
        });
        if !self.reason.is_empty() {
            status["reason"] = self.reason.as_str().into();
        }
        if let Some(details) = &self.details {
            status["details"] = details.clone();
        }
        status
    }
}

impl From<Refusal> for Answer {
    fn from(refusal: Refusal) -> Self {
        let code = StatusCode::from_u16(refusal.code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut answer = if refusal.plain {
            Self::plain(code, refusal.message)
        } else {
            Self::json(code, &refusal.status())
        };
        answer.retry_after = refusal.retry_after;
        answer
    }
}
