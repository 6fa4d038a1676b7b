//! The shape of one of our pods as conditions on its fields, made from the pod itself: what its builder sets must be
//! so, and what it leaves out must be absent. Conditions are data; how they are written for the API server is `cel`'s.

use serde_json::Value;

/// The longest that a pod of ours may live.
const LONGEST_LIFE: i64 = 3600;

/// One step from an object to a part of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Field(String),
    Item(usize),
}

/// What is asked of a field.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Test {
    Is(Value),
    /// A list of so many items.
    Count(usize),
    AtMost(i64),
    /// A text that this regular expression finds something in.
    Matches(&'static str),
    Absent,
    /// There, whatever it says.
    Present,
    /// Absent or false.
    Off,
    /// Absent or an empty list.
    Empty,
    /// One of these; absent counts as the empty text.
    OneOf(&'static [&'static str]),
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Condition {
    pub(super) at: Vec<Step>,
    pub(super) test: Test,
}

/// What differs from pod to pod, by its place: a test, or `None` for what may be anything.
const VARYING: &[(&str, Option<Test>)] = &[
    ("spec.nodeName", None),
    ("spec.tolerations", None),
    ("spec.imagePullSecrets", None),
    (
        "spec.activeDeadlineSeconds",
        Some(Test::AtMost(LONGEST_LIFE)),
    ),
    // Compared with the images that the policy names.
    ("spec.containers.0.image", None),
    // When such an image is fetched again is the user's choice, but for a pod that must not fetch at all.
    ("spec.containers.0.imagePullPolicy", None),
    // Only less or more of the node's room; clusters fill in their own.
    ("spec.containers.0.resources", None),
];

/// The pull policy of the reboot pods: what they run was proved to be there.
const NEVER_PULLS: &str = "Never";

/// API servers before 1.31 drop it.
const NOT_EVERYWHERE: &str = "recursiveReadOnly";

/// Environment variables whose value differs from pod to pod.
const VARIABLES: &[(&str, &str)] = &[
    ("NONCE", "^[0-9a-f]{16}$"),
    ("BOOT_ID", "^[0-9a-f-]{36}$"),
    ("NOT_AFTER", "^[0-9]{1,12}$"),
    ("PATIENCE", "^[0-9]{1,12}$"),
    // A file that is only looked for, or none.
    ("SENTINEL_FILE", "^(-|/[A-Za-z0-9._/-]{1,199})$"),
];

/// Fields by which a pod or container could do more than ours, or let others do so, where ours does not set them.
const SPEC: &[(&str, Test)] = &[
    ("initContainers", Test::Empty),
    ("ephemeralContainers", Test::Empty),
    ("hostNetwork", Test::Off),
    ("hostPID", Test::Off),
    ("hostIPC", Test::Off),
    ("shareProcessNamespace", Test::Off),
    // The API server fills in the namespace's own, whose token ours does not mount.
    ("serviceAccountName", Test::OneOf(&["", "default"])),
    ("runtimeClassName", Test::Absent),
    ("resourceClaims", Test::Empty),
    ("volumes", Test::Empty),
    ("activeDeadlineSeconds", Test::AtMost(LONGEST_LIFE)),
];
const CONTAINER: &[(&str, Test)] = &[
    ("args", Test::Empty),
    ("env", Test::Empty),
    ("envFrom", Test::Empty),
    ("lifecycle", Test::Absent),
    ("restartPolicy", Test::Absent),
    ("livenessProbe", Test::Absent),
    ("readinessProbe", Test::Absent),
    ("startupProbe", Test::Absent),
    ("ports", Test::Empty),
    ("volumeMounts", Test::Empty),
    ("volumeDevices", Test::Empty),
    ("workingDir", Test::OneOf(&[""])),
    ("stdin", Test::Off),
    ("tty", Test::Off),
];
const POD_SECURITY: &[(&str, Test)] = &[
    ("runAsUser", Test::Absent),
    ("runAsGroup", Test::Absent),
    ("fsGroup", Test::Absent),
    ("supplementalGroups", Test::Empty),
    ("sysctls", Test::Empty),
    ("seLinuxOptions", Test::Absent),
    ("appArmorProfile", Test::Absent),
    ("seccompProfile", Test::Absent),
    ("windowsOptions", Test::Absent),
];
const CONTAINER_SECURITY: &[(&str, Test)] = &[
    ("privileged", Test::Off),
    ("runAsUser", Test::Absent),
    ("runAsGroup", Test::Absent),
    ("seLinuxOptions", Test::Absent),
    ("appArmorProfile", Test::Absent),
    ("seccompProfile", Test::Absent),
    ("procMount", Test::OneOf(&["", "Default"])),
    ("windowsOptions", Test::Absent),
];
const CAPABILITIES: &[(&str, Test)] = &[("add", Test::Empty)];
const MOUNT: &[(&str, Test)] = &[
    ("readOnly", Test::Off),
    ("subPath", Test::OneOf(&[""])),
    ("subPathExpr", Test::OneOf(&[""])),
    ("mountPropagation", Test::OneOf(&["", "None"])),
];
const VARIABLE: &[(&str, Test)] = &[("valueFrom", Test::Absent)];
const PROFILE: &[(&str, Test)] = &[("localhostProfile", Test::Absent)];

/// The conditions on the specification that hold for `pod` and for every pod that its builder makes.
pub(super) fn conditions(pod: &Value) -> Vec<Condition> {
    let mut conditions = Vec::new();
    walk(
        &mut vec![Step::Field("spec".into())],
        &pod["spec"],
        &mut conditions,
    );
    conditions
}

fn walk(at: &mut Vec<Step>, value: &Value, out: &mut Vec<Condition>) {
    let varying = VARYING.iter().find(|(place, _)| *place == dotted(at));
    if let Some((_, test)) = varying.filter(|_| value != NEVER_PULLS) {
        out.extend(test.iter().map(|test| condition(at, test.clone())));
        return;
    }
    match value {
        Value::Object(fields) if fields.is_empty() => out.push(condition(at, Test::Present)),
        Value::Object(fields) => {
            let variable = fields.get("name").and_then(Value::as_str).and_then(|name| {
                VARIABLES
                    .iter()
                    .find(|(known, _)| *known == name && fields.contains_key("value"))
            });
            for (name, part) in fields {
                if name == NOT_EVERYWHERE {
                    continue;
                }
                at.push(Step::Field(name.clone()));
                match variable {
                    Some((_, expression)) if name == "value" => {
                        out.push(condition(at, Test::Matches(expression)));
                    }
                    _ => walk(at, part, out),
                }
                at.pop();
            }
            for (name, test) in siblings(at) {
                if !fields.contains_key(*name) {
                    at.push(Step::Field((*name).into()));
                    out.push(condition(at, test.clone()));
                    at.pop();
                }
            }
        }
        Value::Array(items) => {
            out.push(condition(at, Test::Count(items.len())));
            for (index, item) in items.iter().enumerate() {
                at.push(Step::Item(index));
                walk(at, item, out);
                at.pop();
            }
        }
        scalar => out.push(condition(at, Test::Is(scalar.clone()))),
    }
}

/// What an object at this place could have besides what it has.
fn siblings(at: &[Step]) -> &'static [(&'static str, Test)] {
    let names: Vec<&str> = at
        .iter()
        .map(|step| match step {
            Step::Field(name) => name,
            Step::Item(_) => "",
        })
        .collect();
    match names.as_slice() {
        ["spec"] => SPEC,
        ["spec", "containers", ""] => CONTAINER,
        ["spec", "securityContext"] => POD_SECURITY,
        ["spec", "containers", "", "securityContext"] => CONTAINER_SECURITY,
        [.., "capabilities"] => CAPABILITIES,
        [.., "volumeMounts", ""] => MOUNT,
        [.., "env", ""] => VARIABLE,
        [.., "seccompProfile" | "appArmorProfile"] => PROFILE,
        _ => &[],
    }
}

fn condition(at: &[Step], test: Test) -> Condition {
    Condition {
        at: at.to_vec(),
        test,
    }
}

fn dotted(at: &[Step]) -> String {
    let steps: Vec<String> = at
        .iter()
        .map(|step| match step {
            Step::Field(name) => name.clone(),
            Step::Item(index) => index.to_string(),
        })
        .collect();
    steps.join(".")
}
