//! How `status` shows what it read: formats, selection, order, and changes as they come, by the program as it is run.

use aksreboot::sim::{Machine, What, scenes};
use serde_json::Value;
use tokio::process::Command;

use crate::schemas::assert_valid;
use crate::status::{Lab, document, text, verdicts};

#[tokio::test]
async fn the_other_formats_say_what_json_says() {
    let lab = Lab::of(scenes::three().namespace("aksreboot")).await;
    let of = async |arguments: &[&str]| {
        let output = lab.status(arguments).await;
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        text(&output.stdout).to_owned()
    };
    let yaml: Value = serde_saphyr::from_str(&of(&["-o", "yaml"]).await).unwrap();
    assert_valid("status.v1.json", &yaml);
    assert_eq!(yaml["nodes"][2]["reboot"], "no");
    assert_eq!(
        of(&[
            "-o",
            "jsonpath={range .items[?(@.reboot==\"yes\")]}{.name}{\"\\n\"}{end}{.summary.yes}"
        ])
        .await,
        "node-1\nnode-2\n2"
    );
    assert_eq!(
        of(&[
            "-o",
            "custom-columns=NAME:.name,WHY:.reasons[*].packages[0]",
            "--sort-by",
            "reboot"
        ])
        .await,
        "NAME     WHY\nnode-1   libc6\nnode-2   dbus\nnode-3   <none>\n"
    );
    assert_eq!(
        of(&["-o", "name", "--pending", "--sort-by", "since"]).await,
        "node/node-1\nnode/node-2\n"
    );
    assert_eq!(
        of(&["--no-headers", "--color", "always", "node-3"])
            .await
            .matches("\x1b[")
            .count(),
        2,
        "one word is painted"
    );
}

#[tokio::test]
async fn what_is_not_understood_is_refused_before_anything_is_asked() {
    let lab = Lab::of(scenes::three()).await;
    for (arguments, said) in [
        (
            &["-o", "jsonpath={.nodes[*}"][..],
            "at character 8: a bracket that is not closed",
        ),
        (&["-o", "custom-columns=NAME"], "HEADER:PATH"),
        (&["--sort-by", "kernl"], "near: kernel"),
        (&["-o", "xml"], "the formats are"),
        (
            &["--field-selector", "status.phase=x"],
            "metadata.name and spec.unschedulable",
        ),
        (&["--watch", "-o", "name"], "--watch"),
    ] {
        let output = lab.status(arguments).await;
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        let err = text(&output.stderr);
        assert!(err.contains(said), "{arguments:?}: {err}");
        assert!(output.stdout.is_empty(), "{arguments:?}");
    }
    assert!(lab.sim.requests().is_empty());
}

#[tokio::test]
async fn pools_and_fields_select_and_nothing_else_is_read() {
    let world = scenes::three()
        .namespace("aksreboot")
        .machine(Machine::linux("other-1").pool("other"));
    let lab = Lab::of(world).await;
    lab.sim.happen(What::Cordon("node-2".into()));
    let cordoned = lab
        .status(&["-o", "json", "--field-selector", "spec.unschedulable=true"])
        .await;
    assert_eq!(verdicts(&document(&cordoned)), [("node-2", "yes")]);
    let other = lab.status(&["-o", "json", "--pool", "other"]).await;
    assert_eq!(verdicts(&document(&other)), [("other-1", "no")]);
    assert_eq!(lab.verbs_on_pods("create"), 2);
    let none = lab
        .status(&["-o", "json", "--pool", "oter", "--via", "api"])
        .await;
    assert_eq!(none.status.code(), Some(1));
    assert_eq!(
        document(&none)["errors"],
        serde_json::json!(["pool oter was not found; the pools are other, user"])
    );
}

#[tokio::test]
async fn of_pending_nodes_alone_the_unknown_ones_are_still_told() {
    let world = scenes::three()
        .namespace("aksreboot")
        .machine(Machine::linux("node-4").not_ready());
    let lab = Lab::of(world).await;
    let output = lab.status(&["--pending"]).await;
    assert!(!text(&output.stdout).contains("node-4"));
    let err = text(&output.stderr);
    assert!(
        err.contains("2 of 4 nodes wait for a reboot: 1 kernel, 1 dbus, oldest "),
        "{err}"
    );
    assert!(err.ends_with("; 1 unknown (node not ready)\n"), "{err}");
    let output = lab.status(&["--pending", "-o", "name"]).await;
    assert_eq!(text(&output.stdout), "node/node-1\nnode/node-2\n");
    assert!(text(&output.stderr).starts_with("note: 1 node may be pending too"));
    let output = lab.status(&["--pending", "-o", "json"]).await;
    let document = document(&output);
    assert_eq!(document["nodes"].as_array().map(Vec::len), Some(2));
    assert_eq!(document["summary"]["unknown"], 1);
}

#[cfg(unix)]
#[tokio::test]
async fn a_watch_ends_with_130_and_leaves_no_pod() {
    use tokio::io::{AsyncBufReadExt as _, BufReader};
    let lab = Lab::of(scenes::three().namespace("aksreboot")).await;
    let mut child = lab.command(&["--watch", "-o", "json"]).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    for _ in 0..3 {
        let line = lines.next_line().await.unwrap().unwrap();
        assert_valid(
            "status-change.v1.json",
            &serde_json::from_str(&line).unwrap(),
        );
    }
    lab.sim.happen(What::RemoveNode("node-2".into()));
    let line = lines.next_line().await.unwrap().unwrap();
    let gone: Value = serde_json::from_str(&line).unwrap();
    assert_valid("status-change.v1.json", &gone);
    assert_eq!(
        (&gone["type"], &gone["name"]),
        (&"gone".into(), &"node-2".into())
    );
    let id = child.id().unwrap().to_string();
    let killed = Command::new("kill")
        .args(["-INT", &id])
        .status()
        .await
        .unwrap();
    assert!(killed.success());
    assert_eq!(child.wait().await.unwrap().code(), Some(130));
    assert_eq!(lab.verbs_on_pods("create"), lab.verbs_on_pods("delete"));
}
