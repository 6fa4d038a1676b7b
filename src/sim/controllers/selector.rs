//! Label selectors as objects carry them: `matchLabels` and `matchExpressions`.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::sim::json::{list, text, texts};

type Labels = BTreeMap<String, String>;

/// Whether the selector matches. None given matches nothing, an empty one everything, as in policy/v1.
pub(in crate::sim) fn matches(selector: Option<&Value>, labels: &Labels) -> bool {
    let Some(selector) = selector.filter(|selector| !selector.is_null()) else {
        return false;
    };
    let equal = texts(selector, "/matchLabels")
        .iter()
        .all(|(key, value)| labels.get(key) == Some(value));
    equal
        && list(selector, "/matchExpressions")
            .iter()
            .all(|expression| holds(expression, labels))
}

/// One requirement, as in selectors and in node affinity. An operator that is not known does not hold.
pub(in crate::sim) fn holds(expression: &Value, labels: &Labels) -> bool {
    let found = text(expression, "/key").and_then(|key| labels.get(key));
    let among = || {
        list(expression, "/values")
            .iter()
            .any(|value| value.as_str() == found.map(String::as_str))
    };
    match text(expression, "/operator") {
        Some("In") => found.is_some() && among(),
        Some("NotIn") => found.is_none() || !among(),
        Some("Exists") => found.is_some(),
        Some("DoesNotExist") => found.is_none(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;

    use super::matches;

    #[test]
    fn no_selector_matches_nothing_and_an_empty_one_everything() {
        let labels = BTreeMap::from([("app".to_owned(), "web".to_owned())]);
        assert!(!matches(None, &labels));
        assert!(matches(Some(&json!({})), &labels));
        let not_in =
            json!({"matchExpressions": [{"key": "app", "operator": "NotIn", "values": ["web"]}]});
        assert!(!matches(Some(&not_in), &labels));
    }
}
