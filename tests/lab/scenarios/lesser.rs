//! Every right of the printed roles is needed: a role without one of its verbs is found out by `doctor`, and refused or
//! told by the command.

use serde_json::{Value, json};

use super::roles::{member, run_as};
use crate::suite::lab::Lab;

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
#[ignore = "lab-full"]
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
