//! The roles that `manifests` prints: enough, nothing too much, and by the policy not the way to root that they would be.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::suite::IMAGE;
use crate::suite::audit::{Audit, Request};
use crate::suite::command::Ended;
use crate::suite::lab::Lab;
use crate::suite::workload::Deployment;

/// Somebody in this group and in no other.
fn member<'a>(group: &'a str) -> [&'a str; 6] {
    [
        "--as",
        "somebody",
        "--as-group",
        group,
        "--as-group",
        "system:authenticated",
    ]
}

fn run_as(lab: &Lab, group: &str, words: &[&str]) -> Ended {
    lab.run(&[words, &member(group)[..]].concat())
}

/// Applies everything that is printed; what is not namespaced goes with the test.
fn apply_all(lab: &Lab) {
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
    Deployment::new("shop", "web", &["lab-2", "lab-3"]).up(&lab);
    lab.mark("lab-3", &["libc6"]);

    let audit = Audit::from_here(&lab);
    run_as(&lab, "aksreboot-readers", &["status", "--via", "api"])
        .exits(0)
        .says("3 unknown");
    run_as(&lab, "aksreboot-probers", &["status"])
        .exits(0)
        .says("1 of 3 nodes waits for a reboot")
        .does_not_say("unknown");
    let probed = audit.requests();
    is_exactly_enough(&lab, "probe", &probed, &[]);
    other_pods_are_denied(&lab, &probed);

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
        "delete configmaps aksreboot",
    ];
    is_exactly_enough(&lab, "roll", &audit.requests(), &spared);
    assert_ne!(lab.node("lab-3").boot_id(), boot);
    lab.is_as_before(&["lab-3"]);
}

/// Nothing was refused, and no right of the role went unused but those that are spared.
fn is_exactly_enough(lab: &Lab, part: &str, requests: &[Request], spared: &[&str]) {
    let refused = requests.iter().find(|request| request.code == 403);
    assert!(refused.is_none(), "{refused:?}");
    let unused: Vec<String> = granted(lab, part)
        .into_iter()
        .filter(|right| !spared.contains(&right.as_str()))
        .filter(|right| !requests.iter().any(|request| allows(right, request)))
        .collect();
    assert_eq!(unused, [""; 0], "rights of {part} that nothing asked for");
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
    let changes = [
        ("privileged", format!("{security}/privileged"), json!(true)),
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
            format!("{container}/volumeMounts/0/readOnly"),
            json!(false),
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

/// A role without one verb, for a group of its own.
struct Lesser {
    group: String,
    part: &'static str,
    verb: String,
    resource: String,
}

/// Makes every role that the printed ones become by losing one verb, all at once.
fn lesser_roles(lab: &Lab) -> Vec<Lesser> {
    const LABEL: &str = "aksreboot-lab/lesser";
    let mut lesser = Vec::new();
    let mut made = Vec::new();
    for part in ["probe", "roll", "cleanup"] {
        let printed = lab.run(&["manifests", part]);
        let objects: Vec<Value> = serde_saphyr::from_multiple(&printed.stdout).expect("YAML");
        for (at, object) in objects.iter().enumerate() {
            for (rule, _) in object["rules"].as_array().into_iter().flatten().enumerate() {
                let verbs = object["rules"][rule]["verbs"].as_array().expect("verbs");
                for (verb, word) in verbs.iter().enumerate() {
                    let group = format!("lesser-{}", lesser.len());
                    let mut copies = objects.clone();
                    let verbs = copies[at]["rules"][rule]["verbs"].as_array_mut();
                    verbs.expect("verbs").remove(verb);
                    if copies[at]["rules"][rule]["verbs"] == json!([]) {
                        copies[at]["rules"]
                            .as_array_mut()
                            .expect("rules")
                            .remove(rule);
                    }
                    for mut copy in copies {
                        copy["metadata"]["name"] = group.as_str().into();
                        copy["metadata"]["labels"] = json!({LABEL: "yes"});
                        if copy["subjects"].is_array() {
                            copy["subjects"][0]["name"] = group.as_str().into();
                            copy["roleRef"]["name"] = group.as_str().into();
                        }
                        made.push(copy);
                    }
                    lesser.push(Lesser {
                        group,
                        part,
                        verb: word.as_str().expect("a verb").to_owned(),
                        resource: object["rules"][rule]["resources"][0]
                            .as_str()
                            .expect("a resource")
                            .to_owned(),
                    });
                }
            }
        }
    }
    for kind in ["clusterrolebindings", "clusterroles"] {
        let selected = [kind, "-l", LABEL, "--wait=false"];
        lab.afterwards(&[&["kubectl", "delete"], &selected[..]].concat());
    }
    let selected = [
        "roles,rolebindings",
        "--all-namespaces",
        "-l",
        LABEL,
        "--wait=false",
    ];
    lab.afterwards(&[&["kubectl", "delete"], &selected[..]].concat());
    let list = json!({"apiVersion": "v1", "kind": "List", "items": made}).to_string();
    let (done, said) = lab.kubectl_reading(&list, &["create", "-f", "-"]);
    assert!(done, "{said}");
    lesser
}

#[test]
fn a_role_without_any_one_verb_is_found_out_by_doctor_and_refused_by_the_command() {
    let lab = Lab::begin();
    lab.apply_manifests(&["namespace"]);
    let lesser = lesser_roles(&lab);
    assert!(lesser.len() > 35, "{}", lesser.len());
    // The authorizer learns of new roles a moment later; it has the last of them after all others.
    let last = lesser.last().expect("a role");
    lab.until("the roles hold", 20, || {
        let asked = ["auth", "can-i", "list", "nodes"];
        let words = [&asked[..], &member(&last.group)[..]].concat();
        lab.kubectl_reading("", &words).0
    });
    for Lesser {
        group,
        part,
        verb,
        resource,
    } in &lesser
    {
        let aim = if *part == "probe" { "status" } else { *part };
        let ended = run_as(&lab, group, &["doctor", "--for", aim, "-o", "json"]);
        let document: Value = serde_json::from_str(&ended.stdout).expect("a document");
        let missing: Vec<&Value> = document["checks"]
            .as_array()
            .into_iter()
            .flatten()
            .filter(|check| check["found"]["kind"] == "rightMissing")
            .collect();
        assert_eq!(
            missing.len(),
            1,
            "{part} without {verb} {resource}\n{ended}"
        );
        let right = &missing[0]["found"]["right"];
        let (main, sub) = resource.split_once('/').unwrap_or((resource.as_str(), ""));
        assert_eq!(right["verb"], *verb, "{ended}");
        assert_eq!(right["resource"], main, "{ended}");
        assert_eq!(right["subresource"].as_str().unwrap_or_default(), sub);
        let must = right["need"] == "must";
        assert_eq!(missing[0]["grade"], if must { "fail" } else { "warn" });
        assert!(
            missing[0]["remedies"][0]
                .as_str()
                .is_some_and(|remedy| remedy
                    .starts_with(&format!("aksreboot manifests {part} | kubectl apply -f -"))),
            "{ended}"
        );
        if *part == "roll" && must {
            run_as(&lab, group, &["roll", "--yes"])
                .exits(1)
                .says(&format!("may not {verb} {resource}"))
                .says("aksreboot manifests roll");
        }
        if *part == "probe" && must {
            status_without(&lab, group, verb, resource);
        }
    }
    lab.is_as_before(&["lab-1", "lab-2", "lab-3"]);
}

/// `status` of somebody who lacks one right of the probing role.
fn status_without(lab: &Lab, group: &str, verb: &str, resource: &str) {
    let ended = run_as(lab, group, &["status", "lab-1"]);
    match (verb, resource) {
        ("list", "nodes") => ended.exits(1).says("kubectl auth can-i list nodes"),
        ("create", "pods") => ended.exits(0).says("no permission to create pods"),
        ("list", "pods") => ended.exits(0).says("cannot list resource \"pods\""),
        ("delete", "pods") => ended.exits(0).says("pods could not be deleted"),
        other => panic!("no command was tried without {other:?}"),
    };
    if verb == "delete" {
        let flags = ["-n", "aksreboot", "--all", "--grace-period=0", "--force"];
        lab.kubectl(&[&["delete", "pods"], &flags[..]].concat());
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
