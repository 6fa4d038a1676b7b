//! A plan read back from a file. Takes only what this version wrote or would write: a field that it does not know might
//! change what a roll does.

use serde_json::Value;

use super::spec::{KIND, Plan, VERSION};

/// Why a text is no plan that can be carried out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NoPlan {
    #[error("it is not a plan: {0}")]
    Unreadable(String),
    #[error("it holds no plan, but why there was none: {0}")]
    Unplanned(String),
    #[error("it is a plan of version {0}, and this program knows version {VERSION}")]
    Newer(u64),
    #[error("it was changed after it was made: its spec has the hash {found}, not {written}")]
    Changed { written: String, found: String },
    #[error("its spec holds what this program does not know")]
    Unknown,
}

/// The plan that `text` holds, whole and unchanged.
pub(crate) fn read(text: &str) -> Result<Plan, NoPlan> {
    let unreadable = |error: serde_json::Error| NoPlan::Unreadable(error.to_string());
    let value: Value = serde_json::from_str(text).map_err(unreadable)?;
    let is = |field: &str| value.get(field).and_then(Value::as_str);
    if is("kind") != Some(KIND) {
        return Err(NoPlan::Unreadable(format!("it has no kind {KIND}")));
    }
    match value.get("v").and_then(Value::as_u64) {
        Some(v) if v > u64::from(VERSION) => return Err(NoPlan::Newer(v)),
        Some(_) => {}
        None => return Err(NoPlan::Unreadable("it has no version".into())),
    }
    if let Some(errors) = value.get("errors").and_then(Value::as_array) {
        let errors: Vec<&str> = errors.iter().filter_map(Value::as_str).collect();
        return Err(NoPlan::Unplanned(errors.join("; ")));
    }
    let found = super::spec::hash_of(value.get("spec").unwrap_or(&Value::Null));
    let written = is("hash").unwrap_or_default().to_owned();
    if found != written {
        return Err(NoPlan::Changed { written, found });
    }
    let plan: Plan = serde_json::from_value(value).map_err(unreadable)?;
    match plan.spec.hash() {
        Ok(known) if known == plan.hash => Ok(plan),
        _ => Err(NoPlan::Unknown),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_plan_says_what_it_is_instead() {
        for (text, words) in [
            ("", "not a plan"),
            ("{}", "no kind"),
            (r#"{"kind":"aksreboot/Plan"}"#, "no version"),
            (r#"{"kind":"aksreboot/Plan","v":2}"#, "version 2"),
            (
                r#"{"kind":"aksreboot/Plan","v":1,"errors":["no such node"],"hints":[]}"#,
                "no such node",
            ),
            (
                r#"{"kind":"aksreboot/Plan","v":1,"hash":"00","spec":{}}"#,
                "was changed",
            ),
        ] {
            let error = read(text).expect_err(text).to_string();
            assert!(error.contains(words), "{text}: {error}");
        }
    }
}
