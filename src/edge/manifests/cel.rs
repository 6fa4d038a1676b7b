//! Conditions in CEL, the language of admission policies. Fields are reached by optional selection (Kubernetes 1.29 and
//! later), so that an absent parent is an absent field and not an error.

use serde_json::Value;

use super::shape::{Condition, Step, Test};

/// Texts that are written as a variable of this name.
pub(super) type Named<'a> = &'a [(&'a str, &'a str)];

/// All conditions as one expression.
pub(super) fn all(conditions: &[Condition], named: Named<'_>) -> String {
    conditions
        .iter()
        .map(|condition| format!("({})", one(condition, named)))
        .collect::<Vec<_>>()
        .join(" &&\n")
}

fn one(Condition { at, test }: &Condition, named: Named<'_>) -> String {
    let field = field(at);
    match test {
        Test::Is(value) => format!("{field} == optional.of({})", literal(value, named)),
        Test::Count(count) => format!("{field}.orValue([]).size() == {count}"),
        Test::AtMost(most) => format!("{field}.orValue({}) <= {most}", most + 1),
        Test::Matches(expression) => {
            format!("{field}.orValue('').matches({})", text(expression))
        }
        Test::Absent => format!("!{field}.hasValue()"),
        Test::Present => format!("{field}.hasValue()"),
        Test::Off => format!("!{field}.orValue(false)"),
        Test::Empty => format!("{field}.orValue([]).size() == 0"),
        Test::OneOf(values) => {
            let values: Vec<String> = values.iter().map(|value| text(value)).collect();
            format!("{field}.orValue('') in [{}]", values.join(", "))
        }
    }
}

fn field(at: &[Step]) -> String {
    at.iter()
        .fold("object".to_owned(), |path, step| match step {
            Step::Field(name) => format!("{path}.?{name}"),
            Step::Item(index) => format!("{path}[?{index}]"),
        })
}

fn literal(value: &Value, named: Named<'_>) -> String {
    match value {
        Value::String(value) => named
            .iter()
            .find(|(_, known)| known == value)
            .map_or_else(|| text(value), |(name, _)| format!("variables.{name}")),
        other => other.to_string(),
    }
}

/// A list of texts.
pub(super) fn texts<'a>(values: impl IntoIterator<Item = &'a String>) -> String {
    let values: Vec<String> = values.into_iter().map(|value| text(value)).collect();
    format!("[{}]", values.join(", "))
}

/// A string literal. CEL's escapes are a superset of what is needed here.
pub(super) fn text(value: &str) -> String {
    let mut literal = String::from("'");
    for c in value.chars() {
        match c {
            '\'' => literal.push_str("\\'"),
            '\\' => literal.push_str("\\\\"),
            '\n' => literal.push_str("\\n"),
            '\t' => literal.push_str("\\t"),
            c => literal.push(c),
        }
    }
    literal + "'"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_becomes_one_literal() {
        assert_eq!(text("a'b\\c\nd\te\"f"), r#"'a\'b\\c\nd\te"f'"#);
    }

    #[test]
    fn a_field_is_reached_through_parents_that_may_be_absent() {
        let condition = Condition {
            at: vec![
                Step::Field("spec".into()),
                Step::Field("volumes".into()),
                Step::Item(0),
                Step::Field("name".into()),
            ],
            test: Test::Is("long script".into()),
        };
        assert_eq!(
            one(&condition, &[("script", "long script")]),
            "object.?spec.?volumes[?0].?name == optional.of(variables.script)"
        );
    }
}
