//! The requests that came, in their order: what sequence tests look at.

use std::fmt;
use std::time::Duration;

/// One request and its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestLine {
    /// Counted from 0, in the order of arrival.
    pub place: usize,
    /// Since the world's start.
    pub at: Duration,
    pub method: String,
    /// Path and query.
    pub target: String,
    /// As in RBAC: get, list, watch, create, update, patch, delete, deletecollection.
    pub verb: String,
    /// With the subresource: `pods/eviction`.
    pub resource: String,
    /// Empty for none, or all.
    pub namespace: String,
    /// Empty for a whole kind.
    pub name: String,
    /// The first 4,096 bytes of what was sent.
    pub body: String,
    /// The answer's code; none was lost on its way, or is still awaited.
    pub status: Option<u16>,
}

impl fmt::Display for RequestLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = self.at.as_secs_f64();
        write!(f, "{at:.3} {} {}", self.method, self.target)?;
        if !self.body.is_empty() {
            write!(f, " {}", self.body)?;
        }
        match self.status {
            Some(status) => write!(f, " -> {status}"),
            None => write!(f, " -> no answer"),
        }
    }
}

#[derive(Debug, Default)]
pub(in crate::sim) struct Log {
    /// Nobody will look: nothing is kept.
    pub(in crate::sim) off: bool,
    /// How many requests have come, kept or not.
    pub(in crate::sim) arrived: usize,
    pub(in crate::sim) lines: Vec<RequestLine>,
}

const BODY_KEPT: usize = 4096;

impl Log {
    /// Notes a request that has come; the answer follows by its place.
    pub(super) fn arrived(&mut self, call: &super::call::Call, at: Duration) -> usize {
        self.arrived += 1;
        if self.off {
            return usize::MAX;
        }
        let body = call.body_text();
        let kept = (0..=BODY_KEPT.min(body.len()))
            .rev()
            .find(|end| body.is_char_boundary(*end))
            .unwrap_or(0);
        self.lines.push(RequestLine {
            place: self.lines.len(),
            at,
            method: call.method.to_string(),
            target: call.target.clone(),
            verb: call.verb.into(),
            resource: call.resource(),
            namespace: call.namespace.clone(),
            name: call.name.clone(),
            body: body[..kept].to_owned(),
            status: None,
        });
        self.lines.len() - 1
    }

    pub(super) fn answered(&mut self, place: usize, status: u16) {
        if let Some(line) = self.lines.get_mut(place) {
            line.status = Some(status);
        }
    }
}
