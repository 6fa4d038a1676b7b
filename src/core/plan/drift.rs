//! How the cluster differs from a plan that was made of it: every field of the spec whose value is another now, by its
//! name. Compares; whether a roll goes on is not said here.

use serde_json::Value;

use super::select::Excluded;
use super::spec::{Spec, Target};
use crate::core::reason::Reason;

/// What differs between a spec and one made afresh with the same settings for the same nodes; nothing when the plan still
/// holds. `excluded` says why a target is none any more.
pub(crate) fn drift(
    planned: &Spec,
    now: &Spec,
    excluded: &[Excluded],
) -> Result<Vec<Reason>, serde_json::Error> {
    let mut found = Vec::new();
    compare(
        "cluster",
        &serde_json::to_value(&planned.cluster)?,
        &serde_json::to_value(&now.cluster)?,
        &mut found,
    );
    for target in &planned.targets {
        let field = format!("targets.{}", target.name);
        match now.targets.iter().find(|other| other.name == target.name) {
            Some(other) => compare(
                &field,
                &serde_json::to_value(target)?,
                &serde_json::to_value(other)?,
                &mut found,
            ),
            None => found.push(Reason::PlanDrift {
                field,
                planned: "to reboot".into(),
                now: "not to reboot".into(),
                because: excluded
                    .iter()
                    .filter(|excluded| excluded.name == target.name)
                    .map(|excluded| excluded.reason.clone())
                    .collect(),
            }),
        }
    }
    if found.is_empty() && names(&planned.targets) != names(&now.targets) {
        found.push(Reason::PlanDrift {
            field: "targets".into(),
            planned: names(&planned.targets).join(", "),
            now: names(&now.targets).join(", "),
            because: Vec::new(),
        });
    }
    compare(
        "settings",
        &serde_json::to_value(&planned.settings)?,
        &serde_json::to_value(&now.settings)?,
        &mut found,
    );
    Ok(found)
}

fn names(targets: &[Target]) -> Vec<&str> {
    targets.iter().map(|target| target.name.as_str()).collect()
}

/// Field by field, as deep as both are objects.
fn compare(field: &str, planned: &Value, now: &Value, found: &mut Vec<Reason>) {
    if planned == now {
        return;
    }
    if let (Value::Object(was), Value::Object(is)) = (planned, now) {
        let keys: std::collections::BTreeSet<&String> = was.keys().chain(is.keys()).collect();
        for key in keys {
            let of = |object: &serde_json::Map<String, Value>| {
                object.get(key).cloned().unwrap_or_default()
            };
            compare(&format!("{field}.{key}"), &of(was), &of(is), found);
        }
        return;
    }
    found.push(Reason::PlanDrift {
        field: field.to_owned(),
        planned: in_short(planned),
        now: in_short(now),
        because: Vec::new(),
    });
}

fn in_short(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => "none".into(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::core::drain::DrainSettings;
    use crate::core::evidence::Sentinel;
    use crate::core::model::{BootId, ClusterId, NodeName, Uid};
    use crate::core::plan::{ClusterRef, Settings, Timeouts};

    fn spec() -> Spec {
        let second = Duration::from_secs(1);
        let target = |name: &str, wave| Target {
            name: NodeName::from(name),
            uid: Uid::new(name),
            boot: BootId::new("b1"),
            kernel: None,
            pool: Some("user".into()),
            zone: None,
            cordoned_before: false,
            system: false,
            wave,
        };
        Spec {
            cluster: ClusterRef {
                identity: ClusterId::new("c"),
                server: "https://a".into(),
            },
            targets: vec![target("one", 1), target("two", 2)],
            settings: Settings {
                via: crate::core::plan::Via::Pod,
                image: "i".into(),
                sentinel: Sentinel::System,
                max_unavailable: 1,
                course: crate::core::engine::Course::Roll,
                reboot_all: false,
                ignore_kured_lock: false,
                pace: crate::core::plan::Pace::default(),
                not_counted: vec![],
                drain: DrainSettings::default(),
                timeouts: Timeouts {
                    drain: second,
                    reboot: second,
                    ready: second,
                    sustained_ready: second,
                    settle: second,
                    probe: second,
                },
            },
        }
    }

    fn fields(now: &Spec) -> Vec<String> {
        let found = drift(&spec(), now, &[]).unwrap();
        let field = |reason: &Reason| match reason {
            Reason::PlanDrift { field, .. } => field.clone(),
            other => panic!("{other:?}"),
        };
        found.iter().map(field).collect()
    }

    #[test]
    fn every_field_that_is_another_is_named() {
        assert_eq!(fields(&spec()), [""; 0]);
        let mut now = spec();
        now.cluster.server = "https://b".into();
        now.targets[0].boot = BootId::new("b2");
        now.targets[0].cordoned_before = true;
        now.targets.pop();
        now.settings.timeouts.drain = Duration::from_secs(2);
        assert_eq!(
            fields(&now),
            [
                "cluster.server",
                "targets.one.boot",
                "targets.one.cordonedBefore",
                "targets.two",
                "settings.timeouts.drain",
            ]
        );
    }

    #[test]
    fn another_order_is_a_drift_too() {
        let mut now = spec();
        now.targets.swap(0, 1);
        assert_eq!(fields(&now), ["targets"]);
    }

    #[test]
    fn a_spec_differs_from_another_exactly_when_their_hashes_do() {
        let mut now = spec();
        assert_eq!(now.hash().unwrap(), spec().hash().unwrap());
        now.settings.image = "other".into();
        assert_ne!(now.hash().unwrap(), spec().hash().unwrap());
        assert_eq!(fields(&now), ["settings.image"]);
    }
}
