//! `plan` as a user runs it: the plan that `roll` would show, and nothing changed.

use aksreboot::sim::{Machine, World, scenes};
use serde_json::Value;

use crate::command::{Cluster, code, err, out};
use crate::schemas::assert_valid;

fn hash_line(text: &str) -> &str {
    text.lines()
        .find(|line| line.starts_with("Plan hash"))
        .unwrap_or_else(|| panic!("no hash in: {text}"))
}

#[test]
fn a_plan_is_what_the_roll_shows_and_nothing_is_changed_by_it() {
    let cluster = Cluster::serve(scenes::three().namespace("aksreboot"));
    let plan = cluster.run(&["plan", "--drain-timeout", "7m"]);
    assert_eq!(code(&plan), 0, "{}", err(&plan));
    // Without a terminal the roll shows its plan and ends there.
    let roll = cluster.run(&["roll", "--drain-timeout", "7m"]);
    assert_eq!(hash_line(out(&plan)), hash_line(out(&roll)));
    assert_eq!(out(&plan), out(&roll));
    let other = cluster.run(&["plan", "--drain-timeout", "8m"]);
    assert_ne!(hash_line(out(&plan)), hash_line(out(&other)));
    let after = cluster.run(&["status"]);
    assert!(
        err(&after).contains("2 of 3 nodes wait for a reboot"),
        "{}",
        err(&after)
    );
    assert!(!out(&after).contains("SchedulingDisabled"));
}

#[test]
fn a_plan_is_data_too_and_names_are_a_line_each() {
    let cluster = Cluster::serve(scenes::three().namespace("aksreboot"));
    let output = cluster.run(&["plan", "-o", "json"]);
    let plan: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        (&plan["kind"], &plan["v"]),
        (&"aksreboot/Plan".into(), &1.into())
    );
    let names: Vec<_> = plan["spec"]["targets"]
        .as_array()
        .unwrap()
        .iter()
        .map(|target| target["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["node-1", "node-2"]);
    assert_eq!(plan["report"]["excluded"][0]["name"], "node-3");
    let output = cluster.run(&["plan", "-o", "name"]);
    assert_eq!(out(&output), "node/node-1\nnode/node-2\n");
}

#[test]
fn a_plan_in_a_file_is_for_its_owner_and_a_roll_by_it_shows_the_same_one() {
    let cluster = Cluster::serve(scenes::three().namespace("aksreboot"));
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("tonight.json");
    let path = file.to_str().unwrap();
    let plan = cluster.run(&["plan", "--drain-timeout", "7m", "--out", path]);
    assert_eq!(code(&plan), 0, "{}", err(&plan));
    let written: Value = serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
    assert_valid("plan.v1.json", &written);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(&file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    // Without a terminal the roll shows its plan and ends there.
    let roll = cluster.run(&["roll", "--plan", path]);
    assert_eq!(code(&roll), 2, "{}", err(&roll));
    assert_eq!(hash_line(out(&plan)), hash_line(out(&roll)));
    // The plan has its settings and its nodes; others beside it would be surprises.
    for more in [
        &["node-1"][..],
        &["--drain-timeout", "8m"],
        &["-l", "a=b"],
        &["--force"],
        &["--image", "x"],
    ] {
        let roll = cluster.run(&[&["roll", "--plan", path], more].concat());
        assert_eq!(code(&roll), 2, "{more:?}");
        assert!(err(&roll).contains("cannot be used with"), "{}", err(&roll));
    }
    let nowhere = cluster.run(&["plan", "--out", "/nowhere/plan.json"]);
    assert_eq!(code(&nowhere), 1);
    assert!(
        err(&nowhere).contains("write the plan /nowhere/plan.json"),
        "{}",
        err(&nowhere)
    );
    let missing = cluster.run(&["roll", "--plan", "/nowhere/plan.json"]);
    assert_eq!(code(&missing), 2);
    assert!(
        err(&missing).contains("read the plan /nowhere/plan.json"),
        "{}",
        err(&missing)
    );
}

#[test]
fn json_is_one_document_whatever_became_of_the_plan() {
    let full = scenes::three()
        .namespace("aksreboot")
        .machine(Machine::linux("broken").not_ready());
    let nothing = World::default()
        .namespace("aksreboot")
        .machine(Machine::linux("calm"));
    let cases: [(World, &[&str], i32); 4] = [
        (full.clone(), &[], 4),
        (full.clone(), &["node-9"], 4),
        (full, &["--context", "red"], 2),
        (nothing, &[], 0),
    ];
    for (world, arguments, exit) in cases {
        let cluster = Cluster::serve(world);
        let output = cluster.run(&[&["plan", "-o", "json"], arguments].concat());
        assert_eq!(code(&output), exit, "{arguments:?}: {}", err(&output));
        let document: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(document["kind"], "aksreboot/Plan", "{arguments:?}");
        assert_eq!(document["errors"].is_array(), exit != 0, "{arguments:?}");
        if exit == 0 {
            assert_eq!(document["spec"]["targets"], Value::Array(Vec::new()));
        }
    }
}

#[test]
fn a_plan_without_its_namespace_names_the_command_that_makes_it() {
    let cluster = Cluster::serve(scenes::three());
    let output = cluster.run(&["plan"]);
    assert_eq!(code(&output), 2);
    let hint = "hint: aksreboot manifests namespace | kubectl apply -f -";
    assert!(err(&output).contains(hint), "{}", err(&output));
}

#[test]
fn a_flag_that_only_pods_have_is_refused_where_nodes_are_logged_in_to() {
    let cluster = Cluster::serve(scenes::three().namespace("aksreboot"));
    for words in [
        ["--image", "registry.example.com/busybox:1"],
        ["--image-pull-policy", "always"],
        ["--image-pull-secret", "regcred"],
        ["--probe-cpu", "50m"],
        ["--probe-memory", "64Mi"],
        ["--probe-toleration", "sku=gpu"],
    ] {
        for command in ["plan", "roll"] {
            let output = cluster.run(&[&[command, "--via", "ssh"], &words[..]].concat());
            assert_eq!(code(&output), 2, "{words:?}: {}", err(&output));
            let said = format!("{} has no meaning here", words[0]);
            assert!(err(&output).contains(&said), "{}", err(&output));
            assert!(
                err(&output).contains("hint: leave it out"),
                "{}",
                err(&output)
            );
        }
        let output = cluster.run(&[&["plan"], &words[..]].concat());
        assert!(!err(&output).contains("has no meaning"), "{}", err(&output));
    }
}
