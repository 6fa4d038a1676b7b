//! The roles that `manifests` prints: enough, nothing too much, and by the policy not the way to root that they would be.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::scenarios::packages::as_before;
use crate::suite::IMAGE;
use crate::suite::audit::{Audit, Request};
use crate::suite::command::Ended;
use crate::suite::lab::Lab;
use crate::suite::workload::Deployment;

/// Somebody in this group and in no other.
pub(crate) fn member(group: &str) -> [&str; 6] {
    [
        "--as",
        "somebody",
        "--as-group",
        group,
        "--as-group",
        "system:authenticated",
    ]
}

pub(crate) fn run_as(lab: &Lab, group: &str, words: &[&str]) -> Ended {
    lab.run(&[words, &member(group)[..]].concat())
}

/// Applies everything that is printed; what is not namespaced goes with the test.
pub(crate) fn apply_all(lab: &Lab) {
    lab.afterwards(&[
        "kubectl",
        "delete",
        "validatingadmissionpolicies,validatingadmissionpolicybindings,clusterroles,clusterrolebindings",
        "-l",
        "app.kubernetes.io/managed-by=aksreboot",
        "--ignore-not-found",
        "--wait=false",
    ]);
    lab.apply_manifests(&["--image", IMAGE]);
}

/// `verb resource place` of every right in a printed role.
fn granted(lab: &Lab, part: &str) -> BTreeSet<String> {
    let printed = lab.run(&["manifests", part]);
    let objects: Vec<Value> = serde_saphyr::from_multiple(&printed.stdout).expect("YAML");
    let mut rights = BTreeSet::new();
    for object in objects {
        let place = object["metadata"]["namespace"].as_str().unwrap_or("*");
        for rule in object["rules"].as_array().into_iter().flatten() {
            for (resource, verb) in pairs(rule) {
                rights.insert(format!("{verb} {resource} {place}"));
            }
        }
    }
    assert!(!rights.is_empty(), "{printed}");
    rights
}

fn pairs(rule: &Value) -> Vec<(String, String)> {
    let texts = |value: &Value| -> Vec<String> {
        let items = value.as_array().into_iter().flatten();
        items
            .map(|item| item.as_str().unwrap_or_default().to_owned())
            .collect()
    };
    let (resources, verbs) = (texts(&rule["resources"]), texts(&rule["verbs"]));
    resources
        .into_iter()
        .flat_map(|resource| {
            verbs
                .clone()
                .into_iter()
                .map(move |verb| (resource.clone(), verb))
        })
        .collect()
}

/// Whether a right of this form allows the request.
fn allows(right: &str, request: &Request) -> bool {
    let resource = match request.subresource.as_str() {
        "" => request.resource.clone(),
        subresource => format!("{}/{subresource}", request.resource),
    };
    [request.namespace.as_str(), "*"]
        .iter()
        .any(|place| right == format!("{} {resource} {place}", request.verb))
}

#[test]
fn the_printed_roles_are_used_to_the_last_right_and_the_policy_keeps_other_pods_out() {
    let lab = Lab::begin();
    apply_all(&lab);
    lab.namespace("shop");
    // On the node that is rolled, so that there is something to evict.
    Deployment::new("shop", "web", &["lab-3"]).up(&lab);
    lab.mark("lab-3", &["libc6"]);

    let audit = Audit::from_here(&lab);
    run_as(&lab, "aksreboot-readers", &["status", "--via", "api"])
        .exits(0)
        .says("3 unknown");
    run_as(&lab, "aksreboot-probers", &["status"])
        .exits(0)
        .says("1 of 3 nodes waits for a reboot")
        .does_not_say("unknown");
    lab.afterwards(&["kubelet", "lab-2", "start"]);
    // After ten seconds without a word a watch is not believed any more, and a list follows.
    let unheard = |group: &str, command: &str, code: i32| {
        lab.verb(&["kubelet", "lab-2", "stop"]);
        let words = [command, "lab-2", "--probe-timeout", "15s"];
        run_as(&lab, group, &words).exits(code).says("unknown");
        lab.verb(&["kubelet", "lab-2", "start"]);
    };
    unheard("aksreboot-probers", "status", 0);
    is_exactly_enough(&lab, "probe", &audit, &[]);
    other_pods_are_denied(&lab, &audit.requests());

    as_before(&lab, "lab-3");
    lab.verb(&["packages", "lab-3", "apt"]);
    let audit = Audit::from_here(&lab);
    unheard("aksreboot-checkers", "check-updates", 1);
    run_as(&lab, "aksreboot-checkers", &["check-updates", "lab-3"])
        .exits(100)
        .says("5 packages pending in all, 4 for security");
    is_exactly_enough(&lab, "check-updates", &audit, &[]);
    other_package_pods_are_denied(&lab, &audit.requests());
    run_as(
        &lab,
        "aksreboot-checkers",
        &["check-updates", "lab-3", "--refresh"],
    )
    .exits(100);
    run_as(&lab, "aksreboot-probers", &["check-updates", "lab-3"])
        .exits(1)
        .says("are for the group of check-updates");

    let (boot, audit) = (
        lab.node("lab-3").boot_id().to_owned(),
        Audit::from_here(&lab),
    );
    let ended = run_as(&lab, "aksreboot-rollers", &["roll", "--yes"]);
    ended
        .exits(0)
        .says("1 of 1 node rebooted and verified")
        .does_not_say("warning");
    // What a roll in which nothing goes wrong does not come to: the simulated ones do.
    let spared = [
        "get nodes *",
        "get pods aksreboot",
        "get statefulsets *",
        "get replicationcontrollers *",
        "get poddisruptionbudgets *",
        "list volumeattachments *",
        "get persistentvolumeclaims *",
        // No pod mounts a claim.
        "list persistentvolumes *",
        "list csinodes *",
        "delete configmaps aksreboot",
        // There is no kured.
        "get daemonsets kube-system",
        "patch daemonsets kube-system",
    ];
    is_exactly_enough(&lab, "roll", &audit, &spared);
    assert_ne!(lab.node("lab-3").boot_id(), boot);
    lab.is_as_before(&["lab-3"]);
    run_as(
        &lab,
        "aksreboot-cleaners",
        &["cleanup", "--yes", "--records", "all"],
    )
    .exits(0)
    .says("pods in other namespaces than aksreboot may not be listed")
    .says("removed run record");
}

/// Nothing was refused, and no right of the role went unused but those that are spared.
pub(super) fn is_exactly_enough(lab: &Lab, part: &str, audit: &Audit, spared: &[&str]) {
    let refused = audit
        .requests()
        .into_iter()
        .find(|request| request.code == 403);
    assert!(refused.is_none(), "{refused:?}");
    let granted = granted(lab, part);
    let unused = || -> Vec<String> {
        let requests = audit.requests();
        granted
            .iter()
            .filter(|right| !spared.contains(&right.as_str()))
            .filter(|right| !requests.iter().any(|request| allows(right, request)))
            .cloned()
            .collect()
    };
    // A watch is written down when the server has noticed its end.
    let end = Instant::now() + Duration::from_secs(10);
    while !unused().is_empty() && Instant::now() < end {
        std::thread::sleep(Duration::from_millis(200));
    }
    assert_eq!(unused(), [""; 0], "rights of {part} that nothing asked for");
}

/// Each is the probe pod with one thing changed, put before the API server by somebody who may make probe pods.
fn other_pods_are_denied(lab: &Lab, requests: &[Request]) {
    let made = requests
        .iter()
        .find(|request| request.is("create", "pods", "") && request.name.starts_with("probe-"));
    let mut genuine = made.expect("a probe pod").body.clone();
    genuine["apiVersion"] = "v1".into();
    genuine["kind"] = "Pod".into();
    let name = genuine["metadata"]["name"].clone();
    let container = "/spec/containers/0";
    let security = format!("{container}/securityContext");
    let mount = &genuine["spec"]["containers"][0]["volumeMounts"][0];
    let writable = json!({"name": mount["name"], "mountPath": mount["mountPath"]});
    let changes = [
        // The API server itself refuses privilege without escalation.
        ("privileged", security.clone(), json!({"privileged": true})),
        ("hostpid", "/spec/hostPID".into(), json!(true)),
        ("hostnetwork", "/spec/hostNetwork".into(), json!(true)),
        ("root", format!("{security}/runAsUser"), json!(0)),
        (
            "capability",
            format!("{security}/capabilities/add"),
            json!(["SYS_ADMIN"]),
        ),
        (
            "image",
            format!("{container}/image"),
            json!("docker.io/library/busybox:1"),
        ),
        (
            "command",
            format!("{container}/command"),
            json!(["/bin/sh", "-c", "id"]),
        ),
        ("account", "/spec/serviceAccountName".into(), json!("other")),
        (
            "token",
            "/spec/automountServiceAccountToken".into(),
            json!(true),
        ),
        (
            "writable",
            format!("{container}/volumeMounts"),
            json!([writable]),
        ),
        (
            "second",
            "/spec/containers/1".into(),
            json!({"name": "second", "image": IMAGE, "command": ["id"]}),
        ),
        (
            "before",
            "/spec/initContainers".into(),
            json!([{"name": "before", "image": IMAGE, "command": ["id"]}]),
        ),
        (
            "label",
            "/metadata/labels/aksreboot.dev~1purpose".into(),
            json!("reboot"),
        ),
    ];
    // A ServiceAccount that is not there is refused for that alone.
    lab.afterwards(&[
        "kubectl",
        "delete",
        "serviceaccount",
        "-n",
        "aksreboot",
        "other",
    ]);
    lab.kubectl(&["create", "serviceaccount", "-n", "aksreboot", "other"]);
    let mut pods = vec![genuine.clone()];
    for (kind, pointer, value) in &changes {
        let mut pod = genuine.clone();
        pod["metadata"]["name"] = format!("probe-{kind}").into();
        let (parent, key) = pointer.rsplit_once('/').expect("a pointer");
        let key = key.replace("~1", "/");
        let parent = pod.pointer_mut(parent).expect("a parent");
        match parent.as_array_mut() {
            Some(items) => items.push(value.clone()),
            None => parent[key.as_str()] = value.clone(),
        }
        pods.push(pod);
    }
    let list = json!({"apiVersion": "v1", "kind": "List", "items": pods}).to_string();
    let words = ["create", "--dry-run=server", "-f", "-"];
    let (_, said) = lab.kubectl_reading(
        &list,
        &[&words[..], &member("aksreboot-probers")[..]].concat(),
    );
    let admitted: Vec<&str> = said
        .lines()
        .filter(|line| line.contains(" created (server dry run)"))
        .collect();
    let genuine = name.as_str().expect("a name");
    assert_eq!(
        admitted,
        [format!("pod/{genuine} created (server dry run)")],
        "{said}"
    );
    for (kind, ..) in &changes {
        let line = said
            .lines()
            .find(|line| line.contains(&format!("pods \"probe-{kind}\" is forbidden")))
            .unwrap_or_else(|| panic!("{kind} was not refused: {said}"));
        assert!(
            line.contains("ValidatingAdmissionPolicy 'aksreboot-pods'"),
            "{line}"
        );
    }
    // The rolling group's pods are not the probing group's.
    let mut reboot = pods[0].clone();
    reboot["metadata"]["name"] = "reboot-0123456789".into();
    let (done, said) = lab.kubectl_reading(
        &reboot.to_string(),
        &[&words[..], &member("aksreboot-probers")[..]].concat(),
    );
    assert!(
        !done && said.contains("reboot pods are for the rolling group"),
        "{said}"
    );
}

/// Each is the pod that asks a package manager with one thing changed, put before the API server by somebody who may make
/// such pods: it is root on the node's files, so the rest of it is what keeps it from being root on the node.
fn other_package_pods_are_denied(lab: &Lab, requests: &[Request]) {
    let made = requests
        .iter()
        .find(|request| request.is("create", "pods", "") && request.name.starts_with("packages-"));
    let mut genuine = made.expect("a pod").body.clone();
    genuine["apiVersion"] = "v1".into();
    genuine["kind"] = "Pod".into();
    let container = "/spec/containers/0";
    let changes = [
        ("genuine", "/metadata/labels/x", json!("y")),
        ("hostpid", "/spec/hostPID", json!(true)),
        ("hostnetwork", "/spec/hostNetwork", json!(true)),
        (
            "command",
            &format!("{container}/command"),
            json!(["/bin/sh", "-c", "id"]),
        ),
        ("question", &format!("{container}/env/6/value"), json!("id")),
        (
            "capability",
            &format!("{container}/securityContext/capabilities/add"),
            json!(["SYS_CHROOT", "SYS_ADMIN"]),
        ),
        (
            "scratch",
            "/spec/volumes/1",
            json!({"name": "scratch", "hostPath": {"path": "/"}}),
        ),
        (
            "mount",
            &format!("{container}/volumeMounts/1/mountPath"),
            json!("/host/etc"),
        ),
        (
            "writable",
            &format!("{container}/volumeMounts/0"),
            json!({"name": "host", "mountPath": "/host"}),
        ),
    ];
    for (kind, pointer, value) in changes {
        let mut pod = genuine.clone();
        pod["metadata"]["name"] = format!("packages-{kind}").into();
        let (parent, key) = pointer.rsplit_once('/').expect("a pointer");
        let parent = pod.pointer_mut(parent).expect("a parent");
        match key.parse::<usize>() {
            Ok(index) => parent[index] = value,
            Err(_) => parent[key] = value,
        }
        let words = ["create", "--dry-run=server", "-f", "-"];
        let (done, said) = lab.kubectl_reading(
            &pod.to_string(),
            &[&words[..], &member("aksreboot-checkers")[..]].concat(),
        );
        assert_eq!(done, kind == "genuine", "{kind}: {said}");
        assert!(
            done || said.contains("this is not the packages pod"),
            "{kind}: {said}"
        );
    }
}

#[test]
fn without_the_right_to_make_pods_status_reads_the_api_and_a_roll_is_refused() {
    let lab = Lab::begin();
    lab.mark("lab-1", &["libc6"]);
    lab.afterwards(&["kubectl", "delete", "clusterrole", "lab-nodes"]);
    let nodes = ["--verb=get,list", "--resource=nodes"];
    lab.kubectl(&[&["create", "clusterrole", "lab-nodes"], &nodes[..]].concat());
    let viewer = lab.user("viewer", &["clusterrole/view", "clusterrole/lab-nodes"]);
    lab.run_as(&viewer, &["status"])
        .exits(0)
        .says("no permission to create pods in the namespace aksreboot")
        .says("3 unknown");

    let audit = Audit::from_here(&lab);
    let ended = lab.run_as(&viewer, &["roll", "--yes"]);
    ended
        .exits(1)
        .says("create pods in namespace aksreboot")
        .says("aksreboot manifests roll");
    let wrote = audit.requests().into_iter().find(|request| {
        let reads = ["get", "list", "watch"].contains(&request.verb.as_str());
        !reads && request.code < 300 && !request.resource.starts_with("selfsubject")
    });
    assert!(wrote.is_none(), "{wrote:?}\n{ended}");
    lab.is_as_before(&["lab-1"]);
}
