//! The query of a request, as values.

use serde_json::json;

use super::refusal::Refusal;
use super::select::{Fields, Labels};

/// What a request's query asks for. Parameters that are not known are ignored, as by the API server.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a parameter of its own on the wire"
)]
#[derive(Clone, Debug, Default)]
pub(super) struct Query {
    pub(super) watch: bool,
    pub(super) limit: Option<usize>,
    pub(super) go_on: Option<String>,
    pub(super) version: Option<String>,
    pub(super) labels: Labels,
    pub(super) fields: Fields,
    pub(super) bookmarks: bool,
    pub(super) initial_events: bool,
    pub(super) timeout: Option<u64>,
    pub(super) dry_run: bool,
    pub(super) grace: Option<i64>,
    /// `includeObject` of a Table.
    pub(super) include_object: Option<String>,
    pub(super) container: Option<String>,
    /// Of a log.
    pub(super) limit_bytes: Option<usize>,
}

impl Query {
    pub(super) fn parse(text: &str) -> Result<Self, Refusal> {
        let mut query = Self::default();
        for (key, value) in pairs(text) {
            match key.as_str() {
                "watch" => query.watch = yes(&value),
                "limit" => {
                    let limit: usize = number(&key, &value)?;
                    query.limit = (limit > 0).then_some(limit);
                }
                "continue" => query.go_on = (!value.is_empty()).then_some(value),
                "resourceVersion" => query.version = (!value.is_empty()).then_some(value),
                "labelSelector" => query.labels = Labels::parse(&value)?,
                "fieldSelector" => query.fields = Fields::parse(&value)?,
                "allowWatchBookmarks" => query.bookmarks = yes(&value),
                "sendInitialEvents" => query.initial_events = yes(&value),
                "timeoutSeconds" => query.timeout = Some(number(&key, &value)?),
                "dryRun" if value == "All" => query.dry_run = true,
                "dryRun" => return Err(invalid_dry_run("CreateOptions", &value)),
                "gracePeriodSeconds" => query.grace = Some(number(&key, &value)?),
                "includeObject" => query.include_object = Some(value),
                "limitBytes" => query.limit_bytes = Some(number(&key, &value)?),
                "container" => query.container = Some(value),
                _ => {}
            }
        }
        Ok(query)
    }
}

/// Only `All` is a dry run; anything else might be meant as one.
pub(super) fn invalid_dry_run(options: &str, value: &str) -> Refusal {
    let why = format!("Unsupported value: []string{{\"{value}\"}}: supported values: \"All\"");
    let message = format!("{options}.meta.k8s.io \"\" is invalid: dryRun: {why}");
    let cause = json!({"reason": "FieldValueNotSupported", "message": why, "field": "dryRun"});
    Refusal::new(422, "Invalid", message)
        .with_details(json!({"group": "meta.k8s.io", "kind": options}))
        .with_cause(&cause)
}

fn yes(value: &str) -> bool {
    matches!(value, "true" | "1")
}

fn number<N: std::str::FromStr>(key: &str, value: &str) -> Result<N, Refusal> {
    value
        .parse()
        .map_err(|_| Refusal::bad_request(format!("invalid value \"{value}\" for parameter {key}")))
}

fn pairs(query: &str) -> impl Iterator<Item = (String, String)> {
    query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decoded(key), decoded(value))
        })
}

/// Percent-decoded; what is no escape stays as it is.
pub(super) fn decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut index = 0;
    while let Some(&byte) = bytes.get(index) {
        let escaped = text
            .get(index + 1..index + 3)
            .filter(|_| byte == b'%')
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match (byte, escaped) {
            (_, Some(byte)) => {
                out.push(byte);
                index += 3;
            }
            (b'+', None) => {
                out.push(b' ');
                index += 1;
            }
            (byte, None) => {
                out.push(byte);
                index += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::{Query, decoded};

    #[test]
    fn escapes_are_decoded_and_broken_ones_left() {
        assert_eq!(decoded("a%3Db+c%2"), "a=b c%2");
    }

    #[test]
    fn an_unknown_dry_run_is_refused_rather_than_carried_out() {
        assert!(Query::parse("dryRun=true").is_err());
        assert!(Query::parse("dryRun=All").unwrap().dry_run);
    }
}
