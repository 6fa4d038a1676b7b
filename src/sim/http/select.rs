//! Selectors as requests carry them: `labelSelector` with equality and sets, `fieldSelector` with equality.

use serde_json::Value;

use super::refusal::Refusal;
use crate::sim::json::text;
use crate::sim::kind::Kind;
use crate::sim::store::Object;

/// All of these hold, or the object is not meant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Labels(Vec<Requirement>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Requirement {
    In(String, Vec<String>),
    NotIn(String, Vec<String>),
    Exists(String),
    Missing(String),
}

impl Labels {
    pub(super) fn parse(text: &str) -> Result<Self, Refusal> {
        split_outside_brackets(text)
            .into_iter()
            .map(|part| requirement(part).ok_or_else(|| unparsable(part)))
            .collect::<Result<_, _>>()
            .map(Self)
    }

    fn match_object(&self, object: &Object) -> bool {
        let labels = &object.index.lasting.labels;
        let among = |key: &str, values: &[String]| labels.get(key).map(|own| values.contains(own));
        self.0.iter().all(|requirement| match requirement {
            Requirement::In(key, values) => among(key, values) == Some(true),
            Requirement::NotIn(key, values) => among(key, values) != Some(true),
            Requirement::Exists(key) => labels.contains_key(key),
            Requirement::Missing(key) => !labels.contains_key(key),
        })
    }
}

fn unparsable(part: &str) -> Refusal {
    Refusal::bad_request(format!("unable to parse requirement: {part}"))
}

fn split_outside_brackets(text: &str) -> Vec<&str> {
    let mut depth = 0_usize;
    text.split(|c| {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        c == ',' && depth == 0
    })
    .map(str::trim)
    .filter(|part| !part.is_empty())
    .collect()
}

fn requirement(part: &str) -> Option<Requirement> {
    if let Some((key, set)) = part.split_once('(') {
        let values = set
            .strip_suffix(')')?
            .split(',')
            .map(|value| value.trim().to_owned())
            .collect();
        let mut words = key.split_whitespace();
        let (key, operator) = (words.next()?.to_owned(), words.next()?);
        return match operator {
            "in" => Some(Requirement::In(key, values)),
            "notin" => Some(Requirement::NotIn(key, values)),
            _ => None,
        };
    }
    let one = |value: &str| vec![value.trim().to_owned()];
    let name = |key: &str| Some(key.trim().to_owned()).filter(|key| is_name(key));
    if let Some((key, value)) = part.split_once("!=") {
        return Some(Requirement::NotIn(name(key)?, one(value)));
    }
    if let Some((key, value)) = part.split_once("==").or_else(|| part.split_once('=')) {
        return Some(Requirement::In(name(key)?, one(value)));
    }
    match part.strip_prefix('!') {
        Some(key) => Some(Requirement::Missing(name(key)?)),
        None => Some(Requirement::Exists(name(part)?)),
    }
}

fn is_name(key: &str) -> bool {
    !key.is_empty()
        && key
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_./".contains(&byte))
}

/// Fields and their values; with `false` the value they must not have.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Fields(Vec<(String, bool, String)>);

impl Fields {
    pub(super) fn parse(text: &str) -> Result<Self, Refusal> {
        text.split(',')
            .filter(|part| !part.is_empty())
            .map(|part| {
                let (field, equal, value) = part
                    .split_once("!=")
                    .map(|(field, value)| (field, false, value))
                    .or_else(|| {
                        part.split_once("==")
                            .map(|(field, value)| (field, true, value))
                    })
                    .or_else(|| {
                        part.split_once('=')
                            .map(|(field, value)| (field, true, value))
                    })
                    .ok_or_else(|| {
                        Refusal::bad_request(format!("invalid field selector: '{part}'"))
                    })?;
                Ok((field.to_owned(), equal, value.to_owned()))
            })
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// An error names the first field by which this kind cannot be selected.
    pub(super) fn check(&self, kind: Kind) -> Result<(), Refusal> {
        match self
            .0
            .iter()
            .find(|(field, ..)| !is_selectable(kind, field))
        {
            Some((field, ..)) => Err(Refusal::bad_request(format!(
                "field label not supported: {field}"
            ))),
            None => Ok(()),
        }
    }

    fn match_object(&self, object: &Object) -> bool {
        if self.0.is_empty() {
            return true;
        }
        let mut value = None;
        self.0.iter().all(|(field, equal, wanted)| {
            let own = match field.as_str() {
                "metadata.name" => object.key.name.as_str(),
                "metadata.namespace" => object.key.namespace.as_str(),
                "spec.nodeName" => object.index.node.as_str(),
                "status.phase" => object.index.phase.as_str(),
                other => {
                    let value: &Value = value.get_or_insert_with(|| object.value());
                    let pointer = format!("/{}", other.replace('.', "/"));
                    match value.pointer(&pointer) {
                        Some(Value::Bool(true)) => "true",
                        // A flag that is not there is not set.
                        None | Some(Value::Bool(false)) if other == "spec.unschedulable" => "false",
                        _ => text(value, &pointer).unwrap_or_default(),
                    }
                }
            };
            (own == wanted) == *equal
        })
    }

    /// The one name that is selected, if so.
    pub(super) fn name(&self) -> Option<&str> {
        self.value_of("metadata.name")
    }

    /// The one node whose pods are selected, if so.
    pub(super) fn node(&self) -> Option<&str> {
        self.value_of("spec.nodeName")
    }

    fn value_of(&self, wanted: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(field, equal, _)| field == wanted && *equal)
            .map(|(.., value)| value.as_str())
    }
}

fn is_selectable(kind: Kind, field: &str) -> bool {
    match field {
        "metadata.name" => true,
        "metadata.namespace" => kind.resource().namespaced,
        "spec.nodeName" | "spec.restartPolicy" | "spec.schedulerName" | "status.podIP" => {
            kind == Kind::Pod
        }
        "status.phase" => matches!(kind, Kind::Pod | Kind::Namespace),
        "spec.unschedulable" => kind == Kind::Node,
        "reason" | "type" | "reportingComponent" => kind == Kind::Event,
        _ => kind == Kind::Event && field.starts_with("involvedObject."),
    }
}

/// What a list or a watch is about.
#[derive(Clone, Debug)]
pub(super) struct Selection {
    pub(super) kind: Kind,
    /// None: all.
    pub(super) namespace: Option<String>,
    pub(super) labels: Labels,
    pub(super) fields: Fields,
}

impl Selection {
    pub(super) fn holds(&self, object: &Object) -> bool {
        object.kind == self.kind
            && self
                .namespace
                .as_ref()
                .is_none_or(|namespace| *namespace == object.key.namespace)
            && self.labels.match_object(object)
            && self.fields.match_object(object)
    }

    /// Whether it leaves out anything by its labels or fields.
    pub(super) fn selects(&self) -> bool {
        !self.labels.0.is_empty() || !self.fields.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::{Labels, Requirement};

    #[test]
    fn commas_inside_a_set_do_not_part_requirements() {
        let labels = Labels::parse("a in (x, y),b!=z,!c,d").unwrap();
        let texts = |values: &[&str]| values.iter().map(|&v| v.to_owned()).collect::<Vec<_>>();
        assert_eq!(
            labels.0,
            [
                Requirement::In("a".into(), texts(&["x", "y"])),
                Requirement::NotIn("b".into(), texts(&["z"])),
                Requirement::Missing("c".into()),
                Requirement::Exists("d".into()),
            ]
        );
    }

    #[test]
    fn what_is_no_requirement_is_refused() {
        for text in ["a in x", "a ~ b", "=b", "a like (b)"] {
            assert!(Labels::parse(text).is_err(), "{text}");
        }
    }
}
