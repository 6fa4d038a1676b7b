//! The conditions themselves, evaluated here; that they mean the same to an API server is the lab's to show.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::core::evidence::test_node;
use crate::core::model::BootId;
use crate::core::updates::Question;
use crate::edge::manifests::shape::{Condition, Step, Test, conditions};
use crate::edge::node::{
    Purpose, RebootPod, example_pods, reboot_pod, trial_packages, trial_probe,
};

fn field<'v>(pod: &'v Value, at: &[Step]) -> Option<&'v Value> {
    at.iter()
        .try_fold(pod, |value, step| match step {
            Step::Field(name) => value.get(name),
            Step::Item(index) => value.get(index),
        })
        .filter(|value| !value.is_null())
}

fn holds(Condition { at, test }: &Condition, pod: &Value) -> bool {
    let value = field(pod, at);
    let items = || value.and_then(Value::as_array).map_or(0, Vec::len);
    let text = || value.and_then(Value::as_str).unwrap_or_default();
    match test {
        Test::Is(wanted) => value == Some(wanted),
        Test::Count(count) => items() == *count,
        Test::AtMost(most) => value.and_then(Value::as_i64).is_some_and(|it| it <= *most),
        // Close enough to the expressions in use: one class of characters.
        Test::Matches(expression) => {
            let hex = |c: char| c.is_ascii_hexdigit() && !c.is_ascii_uppercase();
            match *expression {
                "^[0-9a-f]{16}$" => text().len() == 16 && text().chars().all(hex),
                "^[0-9a-f-]{36}$" => {
                    text().len() == 36 && text().chars().all(|c| c == '-' || hex(c))
                }
                "^[0-9]{1,12}$" => {
                    (1..=12).contains(&text().len()) && text().chars().all(|c| c.is_ascii_digit())
                }
                "^(-|/[A-Za-z0-9._/-]{1,199})$" => {
                    let plain = |c: char| c.is_ascii_alphanumeric() || "._/-".contains(c);
                    text() == "-" || text().starts_with('/') && text().chars().all(plain)
                }
                other => panic!("an expression that this test does not know: {other}"),
            }
        }
        Test::Absent => value.is_none(),
        Test::Present => value.is_some(),
        Test::Off => value.is_none_or(|it| it == false),
        Test::Empty => items() == 0,
        Test::OneOf(values) => values.contains(&text()),
    }
}

fn fits(shape: &str, pod: &Value) -> bool {
    let (_, example) = example_pods()
        .into_iter()
        .find(|(name, _)| *name == shape)
        .expect("a shape");
    let example = serde_json::to_value(example).expect("JSON");
    conditions(&example)
        .iter()
        .all(|condition| holds(condition, pod))
}

fn probe() -> Value {
    let pod = trial_probe(&test_node(), "registry.example/tools:7").expect("a pod");
    serde_json::to_value(pod).expect("JSON")
}

fn packages(question: Question) -> Value {
    let pod = trial_packages(&test_node(), "registry.example/tools:7", question).expect("a pod");
    serde_json::to_value(pod).expect("JSON")
}

/// A pod of each shape.
fn pods() -> [(&'static str, Value); 5] {
    [
        ("probe", probe()),
        ("packages", packages(Question::Packages)),
        ("refresh", packages(Question::RefreshedPackages)),
        ("prove", reboot(Purpose::Prove)),
        ("reboot", reboot(Purpose::Reboot)),
    ]
}

fn reboot(purpose: Purpose) -> Value {
    let boot = BootId::new("0f0f0f0f-1111-4222-8333-444444444444");
    let pod = reboot_pod(
        RebootPod {
            node: &test_node(),
            boot: &boot,
            not_after: Timestamp::from_second(1_900_000_000).expect("a time"),
            image: "registry.example/tools:7",
            lifetime: std::time::Duration::from_secs(3600),
            run: Some(&crate::core::model::RunId::new("20261123-175200-abcd")),
        },
        purpose,
    );
    serde_json::to_value(pod).expect("JSON")
}

#[test]
fn every_pod_that_is_made_fits_the_policy_whatever_its_node_image_boot_and_run() {
    for (shape, pod) in pods() {
        assert!(fits(shape, &pod), "{shape}");
    }
    assert_eq!(pods().len(), example_pods().len());
}

#[test]
fn one_shape_is_not_another() {
    for (shape, _) in pods() {
        for (other, pod) in pods() {
            assert_eq!(fits(shape, &pod), shape == other, "{other} as {shape}");
        }
    }
}

#[test]
fn what_the_api_server_fills_in_does_not_matter() {
    let mut pod = probe();
    for (pointer, value) in [
        ("/spec/serviceAccountName", json!("default")),
        ("/spec/dnsPolicy", json!("ClusterFirst")),
        ("/spec/priority", json!(0)),
        ("/spec/imagePullSecrets", json!([{"name": "registry"}])),
        ("/spec/schedulerName", json!("default-scheduler")),
        (
            "/spec/containers/0/resources",
            json!({"limits": {"cpu": "1"}}),
        ),
    ] {
        set(&mut pod, pointer, value);
    }
    assert!(fits("probe", &pod));
}

#[test]
fn only_pods_that_read_may_fetch_their_image() {
    for (shape, pod) in pods() {
        let may = !matches!(shape, "prove" | "reboot");
        for policy in ["Always", "IfNotPresent"] {
            let mut pod = pod.clone();
            set(
                &mut pod,
                "/spec/containers/0/imagePullPolicy",
                json!(policy),
            );
            assert_eq!(fits(shape, &pod), may, "{shape} {policy}");
        }
    }
}

#[test]
fn a_file_is_all_that_a_probe_pod_may_be_told() {
    for (value, may) in [
        ("-", true),
        ("", false),
        ("/run/my-flag", true),
        ("run/my-flag", false),
        ("/run/x; reboot", false),
    ] {
        let mut pod = probe();
        let env = pod.pointer("/spec/containers/0/env").expect("variables");
        let at = env
            .as_array()
            .expect("a list")
            .iter()
            .position(|variable| variable["name"] == "SENTINEL_FILE")
            .expect("the variable");
        set(
            &mut pod,
            &format!("/spec/containers/0/env/{at}/value"),
            json!(value),
        );
        assert_eq!(fits("probe", &pod), may, "{value}");
    }
}

fn set(pod: &mut Value, pointer: &str, value: Value) {
    let (parent, name) = pointer.rsplit_once('/').expect("a pointer");
    let parent = pod.pointer_mut(parent).expect("a parent");
    match name.parse::<usize>() {
        Ok(index) if index == parent.as_array().map_or(0, Vec::len) => {
            parent.as_array_mut().expect("a list").push(value);
        }
        Ok(index) => parent[index] = value,
        Err(_) => parent[name] = value,
    }
}

#[test]
fn no_pod_that_can_do_more_fits_any_shape() {
    let more = [
        ("/spec/hostNetwork", json!(true)),
        ("/spec/hostIPC", json!(true)),
        ("/spec/shareProcessNamespace", json!(true)),
        ("/spec/serviceAccountName", json!("cluster-admin")),
        ("/spec/automountServiceAccountToken", json!(true)),
        ("/spec/runtimeClassName", json!("other")),
        ("/spec/activeDeadlineSeconds", json!(3601)),
        ("/spec/restartPolicy", json!("Always")),
        ("/spec/initContainers", json!([{"name": "more"}])),
        ("/spec/ephemeralContainers", json!([{"name": "more"}])),
        ("/spec/containers/1", json!({"name": "more"})),
        ("/spec/securityContext/runAsUser", json!(0)),
        (
            "/spec/securityContext/seccompProfile/type",
            json!("Unconfined"),
        ),
        (
            "/spec/securityContext/appArmorProfile",
            json!({"type": "Unconfined"}),
        ),
        ("/spec/securityContext/supplementalGroups", json!([6])),
        ("/spec/volumes/0/hostPath/path", json!("/etc")),
        ("/spec/volumes/0/hostPath/type", json!("DirectoryOrCreate")),
        ("/spec/containers/0/command/2", json!("sleep 1d")),
        ("/spec/containers/0/args", json!(["-c", "true"])),
        (
            "/spec/containers/0/envFrom",
            json!([{"secretRef": {"name": "s"}}]),
        ),
        ("/spec/containers/0/env/0/value", json!("/")),
        (
            "/spec/containers/0/lifecycle",
            json!({"postStart": {"exec": {"command": ["sh"]}}}),
        ),
        (
            "/spec/containers/0/livenessProbe",
            json!({"exec": {"command": ["sh"]}}),
        ),
        ("/spec/containers/0/stdin", json!(true)),
        ("/spec/containers/0/workingDir", json!("/host/root")),
        ("/spec/containers/0/volumeMounts/0/readOnly", json!(false)),
        (
            "/spec/containers/0/volumeMounts/0/mountPropagation",
            json!("Bidirectional"),
        ),
        ("/spec/containers/0/volumeMounts/0/subPath", json!("etc")),
        ("/spec/containers/0/securityContext/privileged", json!(true)),
        (
            "/spec/containers/0/securityContext/allowPrivilegeEscalation",
            json!(true),
        ),
        (
            "/spec/containers/0/securityContext/readOnlyRootFilesystem",
            json!(false),
        ),
        (
            "/spec/containers/0/securityContext/procMount",
            json!("Unmasked"),
        ),
        (
            "/spec/containers/0/securityContext/seLinuxOptions",
            json!({"type": "spc_t"}),
        ),
        (
            "/spec/containers/0/securityContext/seccompProfile",
            json!({"type": "Unconfined"}),
        ),
        (
            "/spec/containers/0/securityContext/capabilities/add",
            json!(["SYS_ADMIN"]),
        ),
        (
            "/spec/containers/0/securityContext/capabilities/add/0",
            json!("SYS_ADMIN"),
        ),
        (
            "/spec/containers/0/securityContext/capabilities/drop",
            json!([]),
        ),
        (
            "/spec/volumes/1",
            json!({"name": "scratch", "hostPath": {"path": "/"}}),
        ),
        (
            "/spec/containers/0/volumeMounts/1/mountPath",
            json!("/host/etc"),
        ),
    ];
    for (shape, pod) in pods() {
        assert!(fits(shape, &pod));
        for (pointer, value) in &more {
            let mut pod = pod.clone();
            if pod
                .pointer(pointer.rsplit_once('/').expect("a pointer").0)
                .is_none()
            {
                continue;
            }
            // That is what makes it one of its shape.
            if pod.pointer(pointer) == Some(value) {
                assert!(
                    shape == "refresh" || pointer.contains("runAs"),
                    "{shape} {pointer}"
                );
                continue;
            }
            set(&mut pod, pointer, value.clone());
            assert!(!fits(shape, &pod), "{shape} fits with {pointer} = {value}");
        }
    }
    let only_probe = [
        ("/spec/hostPID", json!(true)),
        ("/spec/containers/0/securityContext/runAsUser", json!(0)),
        (
            "/spec/containers/0/securityContext/runAsNonRoot",
            json!(false),
        ),
        (
            "/spec/containers/0/securityContext/appArmorProfile",
            json!({"type": "Unconfined"}),
        ),
    ];
    for (pointer, value) in only_probe {
        let mut pod = probe();
        set(&mut pod, pointer, value.clone());
        assert!(!fits("probe", &pod), "probe fits with {pointer} = {value}");
    }
}
