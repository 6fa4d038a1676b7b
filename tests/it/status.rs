//! `status` as it is run, against a simulated cluster on the loopback interface: exit codes, streams, what is left behind.

use std::process::{Output, Stdio};
use std::time::Duration;

use aksreboot::sim::{
    Away, Disturbance, Forbidden, Machine, Matching, Probing, Sim, What, When, World, scenes, serve,
};
use serde_json::Value;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::process::Command;

use crate::schemas::assert_valid;
use crate::served::interrupt;

/// A served cluster and a kubeconfig for it.
pub(crate) struct Lab {
    pub(crate) sim: Sim,
    pub(crate) folder: TempDir,
}

impl Lab {
    pub(crate) async fn of(mut world: World) -> Self {
        world.speed = 20;
        let sim = Sim::start(world, 7);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(serve(sim.clone(), listener));
        let folder = tempfile::tempdir().unwrap();
        let kubeconfig = format!(
            "apiVersion: v1\nkind: Config\ncurrent-context: sim\n\
             contexts: [{{name: sim, context: {{cluster: sim, user: sim}}}}]\n\
             clusters: [{{name: sim, cluster: {{server: 'http://{address}'}}}}]\n\
             users: [{{name: sim, user: {{}}}}]\n"
        );
        std::fs::write(folder.path().join("config"), kubeconfig).unwrap();
        Self { sim, folder }
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        self.program(&[&["status"], arguments].concat())
    }

    pub(crate) fn program(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(assert_cmd::cargo::cargo_bin!("aksreboot"));
        command
            .args(arguments)
            .env("KUBECONFIG", self.folder.path().join("config"))
            .env_remove("RUST_BACKTRACE")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        for proxy in [
            "HTTP_PROXY",
            "HTTPS_PROXY",
            "ALL_PROXY",
            "http_proxy",
            "https_proxy",
            "all_proxy",
        ] {
            command.env_remove(proxy);
        }
        command
    }

    pub(crate) async fn status(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().await.unwrap()
    }

    pub(crate) fn verbs_on_pods(&self, verb: &str) -> usize {
        self.sim
            .requests()
            .iter()
            .filter(|request| request.verb == verb && request.resource == "pods")
            .count()
    }
}

pub(crate) fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

/// The document on stdout, which is one of the committed schema.
pub(crate) fn document(output: &Output) -> Value {
    let document = serde_json::from_slice(&output.stdout).unwrap_or_else(|error| {
        panic!("{error}: {} {}", text(&output.stdout), text(&output.stderr))
    });
    assert_valid("status.v1.json", &document);
    document
}

pub(crate) fn verdicts(document: &Value) -> Vec<(&str, &str)> {
    document["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|node| {
            (
                node["name"].as_str().unwrap(),
                node["reboot"].as_str().unwrap(),
            )
        })
        .collect()
}

#[tokio::test]
async fn every_node_is_read_by_a_pod_that_is_gone_afterwards() {
    let lab = Lab::of(scenes::three().namespace("aksreboot")).await;
    let output = lab.status(&["-o", "json"]).await;
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let document = document(&output);
    assert_eq!(
        verdicts(&document),
        [("node-1", "yes"), ("node-2", "yes"), ("node-3", "no")]
    );
    let first = &document["nodes"][0];
    assert_eq!(
        first["reasons"][0]["packages"],
        serde_json::json!(["libc6", "linux-base"])
    );
    assert_eq!(first["readBy"], "pod");
    assert_eq!(first["notes"][0]["kind"], "kernelPending");
    assert!(
        text(&output.stderr)
            .contains("\n2 of 3 nodes wait for a reboot: 1 kernel, 1 dbus, oldest "),
        "{}",
        text(&output.stderr)
    );
    assert_eq!(
        (lab.verbs_on_pods("create"), lab.verbs_on_pods("delete")),
        (3, 3)
    );
}

#[tokio::test]
async fn without_the_namespace_nothing_is_made_and_the_command_is_named() {
    let lab = Lab::of(scenes::three()).await;
    let output = lab.status(&[]).await;
    assert_eq!(output.status.code(), Some(0));
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(out.lines().count(), 4, "{out}");
    assert_eq!(out.matches("unknown   not probed").count(), 3, "{out}");
    assert!(
        err.contains("hint: aksreboot manifests namespace | kubectl apply -f -"),
        "{err}"
    );
    assert!(
        lab.sim
            .requests()
            .iter()
            .all(|request| request.method == "GET"),
        "something was written"
    );
}

#[tokio::test]
async fn without_the_right_to_make_pods_the_api_alone_is_asked() {
    let mut world = scenes::three().namespace("aksreboot");
    world.forbidden.push(Forbidden {
        verb: "create".into(),
        resource: "pods".into(),
    });
    let lab = Lab::of(world).await;
    let output = lab.status(&["-o", "json"]).await;
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let document = document(&output);
    assert!(
        verdicts(&document)
            .iter()
            .all(|(_, need)| *need == "unknown")
    );
    assert_eq!(lab.verbs_on_pods("create"), 0);
}

#[tokio::test]
async fn a_node_that_does_not_exist_is_told_and_the_others_are_shown() {
    let lab = Lab::of(scenes::three()).await;
    let output = lab
        .status(&["node-3", "nod-1", "node-3", "--via", "api", "-o", "json"])
        .await;
    assert_eq!(output.status.code(), Some(1));
    let document = document(&output);
    assert_eq!(verdicts(&document), [("node-3", "unknown")]);
    let told = "node nod-1 was not found; near: node-1";
    assert!(
        document["errors"][0].as_str().unwrap().starts_with(told),
        "{document}"
    );
    assert!(text(&output.stderr).contains(told));
}

#[tokio::test]
async fn a_cluster_that_is_gone_gives_one_document_and_code_1() {
    let lab = Lab::of(scenes::three()).await;
    lab.sim
        .happen(What::Away(Away::Gone, Duration::from_secs(36_000)));
    let output = lab.status(&["-o", "json"]).await;
    assert_eq!(output.status.code(), Some(1));
    let document = document(&output);
    assert_eq!(document["kind"], "aksreboot/Status");
    assert_eq!(document["nodes"], serde_json::json!([]));
    assert_eq!(document["errors"].as_array().map(Vec::len), Some(1));
    assert!(text(&output.stderr).starts_with("error: "));
}

#[tokio::test]
async fn a_broken_kubeconfig_gives_one_document_too() {
    let lab = Lab::of(scenes::three()).await;
    std::fs::write(lab.folder.path().join("config"), "kind: [").unwrap();
    let output = lab.status(&["-o", "json"]).await;
    assert_ne!(output.status.code(), Some(0));
    assert_eq!(
        document(&output)["errors"].as_array().map(Vec::len),
        Some(1)
    );
}

#[tokio::test]
async fn unreachable_windows_and_hanging_nodes_are_never_a_no() {
    let mut hanging = Machine::linux("node-4");
    hanging.probe = Probing::Hangs;
    let mut imageless = Machine::linux("node-5");
    imageless.missing_images.push("*".into());
    let mut failing = Machine::linux("node-6");
    failing.probe = Probing::Ends {
        code: 127,
        message: "sh: not found".into(),
    };
    let world = scenes::three()
        .namespace("aksreboot")
        .machine(hanging)
        .machine(imageless)
        .machine(failing)
        .machine(Machine::linux("node-7").not_ready())
        .machine(Machine::windows("node-8"));
    let lab = Lab::of(world).await;
    let output = lab.status(&["-o", "json", "--probe-timeout", "8s"]).await;
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let document = document(&output);
    let nodes = document["nodes"].as_array().unwrap();
    let why = |name: &str| {
        let node = nodes.iter().find(|node| node["name"] == name).unwrap();
        (
            node["reboot"].as_str().unwrap().to_owned(),
            node["reasons"][0]["kind"].as_str().unwrap().to_owned(),
        )
    };
    for (name, need, reason) in [
        ("node-4", "unknown", "probeTimeout"),
        ("node-5", "unknown", "probeImage"),
        ("node-6", "unknown", "probeFailed"),
        ("node-7", "unknown", "nodeNotReady"),
        ("node-8", "notApplicable", "windows"),
    ] {
        assert_eq!(why(name), (need.to_owned(), reason.to_owned()), "{name}");
    }
    assert_eq!(
        lab.verbs_on_pods("create"),
        6,
        "no pod for a node that is not ready, nor for Windows"
    );
    assert_eq!(lab.verbs_on_pods("delete"), 6);
}

#[cfg(unix)]
#[tokio::test]
async fn an_interrupt_removes_the_pods_and_shows_what_was_read() {
    let mut hanging = Machine::linux("node-4");
    hanging.probe = Probing::Hangs;
    let lab = Lab::of(scenes::three().namespace("aksreboot").machine(hanging)).await;
    let child = lab.command(&["-o", "json"]).spawn().unwrap();
    // Three pods are done with, the fourth runs.
    tokio::time::timeout(Duration::from_secs(20), async {
        while lab.verbs_on_pods("delete") < 3 || lab.verbs_on_pods("create") < 4 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await
    .unwrap();
    // The server has seen the third deletion; its reply has yet to reach the program.
    tokio::time::sleep(Duration::from_millis(500)).await;
    let output = interrupt(child).await;
    assert_eq!(output.status.code(), Some(130), "{}", text(&output.stderr));
    assert_eq!(
        verdicts(&document(&output)),
        [
            ("node-1", "yes"),
            ("node-2", "yes"),
            ("node-3", "no"),
            ("node-4", "unknown")
        ]
    );
    assert_eq!(lab.verbs_on_pods("delete"), 4);
}

/// A real time that is long beside a signal's way to the program, and short beside its patience.
#[cfg(unix)]
#[tokio::test]
async fn an_interrupt_loses_no_answer_whose_pod_is_being_deleted() {
    let mut world = scenes::three().namespace("aksreboot");
    // Simulated time runs twenty times as fast: each deletion is answered after 0.3 s.
    for number in 1..=3 {
        world = world.happening(
            When::Before(Matching::nth(number, "delete", "pods")),
            What::Disturb(Disturbance::DelayAnswer(Duration::from_secs(6))),
        );
    }
    let lab = Lab::of(world).await;
    let child = lab.command(&["-o", "json"]).spawn().unwrap();
    tokio::time::timeout(Duration::from_secs(20), async {
        while lab.verbs_on_pods("delete") < 3 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await
    .unwrap();
    let output = interrupt(child).await;
    assert_eq!(output.status.code(), Some(130), "{}", text(&output.stderr));
    assert_eq!(
        verdicts(&document(&output)),
        [("node-1", "yes"), ("node-2", "yes"), ("node-3", "no")]
    );
}

#[tokio::test]
async fn names_are_for_scripts_and_nothing_else_is_said() {
    let lab = Lab::of(scenes::three()).await;
    let output = lab.status(&["-o", "name", "--via", "api"]).await;
    assert_eq!(
        text(&output.stdout),
        "node/node-1\nnode/node-2\nnode/node-3\n"
    );
    assert_eq!(text(&output.stderr), "");
}

#[tokio::test]
async fn an_empty_selection_is_said_and_no_failure() {
    let lab = Lab::of(scenes::three()).await;
    let output = lab
        .status(&["--via", "api", "-l", "agentpool=nowhere"])
        .await;
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(text(&output.stdout), "");
    assert_eq!(text(&output.stderr), "no node is selected\n");
}

#[tokio::test]
async fn names_and_a_selector_exclude_each_other() {
    let lab = Lab::of(scenes::three()).await;
    let output = lab.status(&["node-1", "-l", "a=b"]).await;
    assert_eq!(output.status.code(), Some(2));
    assert!(lab.sim.requests().is_empty());
}
