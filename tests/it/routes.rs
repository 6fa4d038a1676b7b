//! The ways into a node as `status` takes them, against a simulated cluster on the loopback interface: which way, why,
//! and what is left behind. Logins go to a stand-in for the ssh program, which is the node as well.

use std::os::unix::fs::PermissionsExt as _;
use std::process::Output;
use std::time::{Duration, Instant};

use aksreboot::sim::{Denial, Machine, What, World, scenes};
use serde_json::Value;

use crate::served::interrupt;
use crate::status::{Lab, document, text};

/// What the stand-in does with a command that is sent to the node: shell text, with the answer's nonce in `$nonce` and
/// the node's boot ID in `$boot`.
pub(crate) const HONEST: &str = r#"printf 'aksreboot-probe 1 %s\nboot-id %s\nos-id ubuntu\nflag present\nend %s 3\n' "$nonce" "$boot" "$nonce""#;

/// A folder with an `ssh` in it. Calls of it are written down; nothing leaves the machine.
pub(crate) fn stand_in(lab: &Lab, master: &str, command: &str) -> std::path::PathBuf {
    let folder = lab.folder.path().join("bin");
    std::fs::create_dir_all(&folder).unwrap();
    let boot = lab.sim.node("node-1").unwrap().boot_id;
    let script = format!(
        r#"#!/bin/sh
echo "$*" >>"{calls}"
log= socket= operation= config=
while [ $# -gt 0 ]; do
    case $1 in
    -E) log=$2; shift ;;
    -S) socket=$2; shift ;;
    -O) operation=$2; shift ;;
    -F) config=$2; shift ;;
    -M) operation=master ;;
    -V) echo "OpenSSH_9.2p1 stand-in" >&2; exit 0 ;;
    -G) printf 'user azureuser\nport 22\nproxyjump bastion\n'; exit 0 ;;
    --) operation=command ;;
    esac
    shift
done
case $operation in
master) {master} ;;
command)
    input=$(cat)
    nonce=$(printf '%s\n' "$input" | sed -n "s/^NONCE='\(.*\)'/\1/p")
    boot={boot}
    {command}
    ;;
exit) rm -f "$socket"; echo closed >>"{calls}" ;;
esac
"#,
        calls = lab.folder.path().join("calls").display(),
    );
    let file = folder.join("ssh");
    std::fs::write(&file, script).unwrap();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o755)).unwrap();
    folder
}

pub(crate) fn calls(lab: &Lab) -> String {
    std::fs::read_to_string(lab.folder.path().join("calls")).unwrap_or_default()
}

/// `status` with the stand-in first on the PATH, and a folder of its own for sockets.
async fn with_ssh(lab: &Lab, bin: &std::path::Path, words: &[&str]) -> Output {
    program_with_ssh(lab, bin, &[&["status"], words].concat()).await
}

pub(crate) async fn program_with_ssh(lab: &Lab, bin: &std::path::Path, words: &[&str]) -> Output {
    let path = format!(
        "{}:{}",
        bin.display(),
        std::env::var("PATH").unwrap_or_default()
    );
    let output = lab
        .program(words)
        .env("PATH", path)
        .env("XDG_RUNTIME_DIR", sockets(lab))
        .output();
    tokio::time::timeout(Duration::from_secs(60), output)
        .await
        .expect("no hang")
        .unwrap()
}

/// Short enough for a socket below it, and empty again afterwards.
pub(crate) fn sockets(lab: &Lab) -> std::path::PathBuf {
    let folder = lab.folder.path().join("run");
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

pub(crate) fn node<'d>(document: &'d Value, name: &str) -> &'d Value {
    let nodes = document["nodes"].as_array().unwrap();
    nodes.iter().find(|node| node["name"] == name).unwrap()
}

fn one_broken() -> World {
    scenes::three()
        .namespace("aksreboot")
        .machine(Machine::linux("node-4").not_ready())
}

#[tokio::test]
async fn ssh_reads_the_node_and_leaves_no_connection_and_no_file() {
    let lab = Lab::of(scenes::three()).await;
    let bin = stand_in(&lab, ":", HONEST);
    let words = [
        "node-1",
        "--via",
        "ssh",
        "--ssh-user",
        "azureuser",
        "-o",
        "json",
    ];
    let output = with_ssh(&lab, &bin, &words).await;
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let document = document(&output);
    let node = node(&document, "node-1");
    assert_eq!(node["reboot"], "yes", "{node}");
    assert_eq!(node["readBy"], "ssh");
    let calls = calls(&lab);
    assert!(calls.contains("-l azureuser"), "{calls}");
    assert!(
        calls.contains("BatchMode=yes") && calls.contains("StrictHostKeyChecking=yes"),
        "{calls}"
    );
    assert_eq!(calls.matches("\nclosed").count(), 1, "{calls}");
    assert_eq!(std::fs::read_dir(sockets(&lab)).unwrap().count(), 0);
    assert_eq!(lab.verbs_on_pods("create"), 0);
}

#[tokio::test]
async fn nothing_of_the_question_stands_in_an_argument_list() {
    let lab = Lab::of(scenes::three()).await;
    let bin = stand_in(&lab, ":", HONEST);
    with_ssh(&lab, &bin, &["node-1", "--via", "ssh"]).await;
    let calls = calls(&lab);
    assert!(calls.contains("exec /bin/sh"), "{calls}");
    assert!(
        !calls.contains("reboot-required") && !calls.contains("NONCE"),
        "{calls}"
    );
}

#[tokio::test]
async fn another_host_behind_the_address_is_unknown() {
    let lab = Lab::of(scenes::three()).await;
    let elsewhere = HONEST.replace(r#""$boot""#, "11111111-2222-3333-4444-555555555555");
    let bin = stand_in(&lab, ":", &elsewhere);
    let output = with_ssh(&lab, &bin, &["node-1", "--via", "ssh", "-o", "json"]).await;
    let document = document(&output);
    let node = node(&document, "node-1");
    assert_eq!(node["reboot"], "unknown", "{node}");
    assert_eq!(node["reasons"][0]["kind"], "bootMismatch");
}

#[tokio::test]
async fn auto_never_logs_in_unasked_and_says_why_a_node_is_read_by_ssh() {
    let lab = Lab::of(one_broken()).await;
    let bin = stand_in(&lab, ":", HONEST);
    let output = with_ssh(&lab, &bin, &["-o", "json"]).await;
    assert_eq!(calls(&lab), "", "{}", text(&output.stderr));
    let unread = document(&output);
    assert_eq!(node(&unread, "node-4")["readBy"], "api");
    assert_eq!(
        node(&unread, "node-4")["readByBecause"]["kind"],
        "nodeNotReady"
    );
    assert_eq!(node(&unread, "node-1")["readByBecause"], Value::Null);

    // The stand-in is node-1 whoever is asked for, so it is another host here; that it was asked is the point.
    let output = with_ssh(&lab, &bin, &["--ssh-user", "azureuser", "-o", "json"]).await;
    let read = document(&output);
    assert_eq!(node(&read, "node-1")["readBy"], "pod");
    assert_eq!(node(&read, "node-4")["reasons"][0]["kind"], "bootMismatch");
    assert_eq!(
        node(&read, "node-4")["readByBecause"]["kind"],
        "nodeNotReady"
    );
    assert_eq!(calls(&lab).matches(" -M ").count(), 1, "{}", calls(&lab));
}

#[tokio::test]
async fn where_pods_are_denied_auto_goes_by_ssh_and_shows_the_denial() {
    let mut world = scenes::three().namespace("aksreboot");
    world.denials.push(Denial {
        resource: "pods".into(),
        namespace: "aksreboot".into(),
        message: "admission webhook \"validation.gatekeeper.sh\" denied the request: [azurepolicy-k8sazurev2blockhostnamespace] hostPath".into(),
    });
    let lab = Lab::of(world).await;
    let bin = stand_in(&lab, ":", HONEST);
    let output = with_ssh(&lab, &bin, &["node-1", "--ssh-user", "azureuser"]).await;
    let err = text(&output.stderr);
    assert!(
        err.contains("note: node-1: read by ssh: an admission policy refuses the probe pod"),
        "{err}"
    );
    assert!(
        err.contains("[azurepolicy-k8sazurev2blockhostnamespace] hostPath"),
        "{err}"
    );
    assert!(
        text(&output.stdout).contains("yes"),
        "{}",
        text(&output.stdout)
    );
    // Without SSH the way round is named.
    let output = with_ssh(&lab, &bin, &["node-1", "--via", "pod"]).await;
    let err = text(&output.stderr);
    assert!(
        err.contains("hint: exclude the namespace aksreboot from that policy"),
        "{err}"
    );
    assert!(err.contains("--via debug, --via ssh"), "{err}");
}

#[tokio::test]
async fn an_unknown_host_key_names_the_command_that_takes_it_and_its_risk() {
    let lab = Lab::of(scenes::three()).await;
    let refusal = r#"{ echo "No ED25519 host key is known for 10.224.0.4 and you have requested strict checking."; echo "Host key verification failed."; } >"$log"; exit 255"#;
    let bin = stand_in(&lab, refusal, HONEST);
    let output = with_ssh(
        &lab,
        &bin,
        &["node-1", "--via", "ssh", "--ssh-user", "azureuser"],
    )
    .await;
    assert_eq!(output.status.code(), Some(0));
    let err = text(&output.stderr);
    assert!(err.contains("No ED25519 host key is known"), "{err}");
    assert!(
        err.contains("hint: ssh -o StrictHostKeyChecking=accept-new azureuser@10.224."),
        "{err}"
    );
    assert!(err.contains("takes whatever key answers now"), "{err}");
}

#[tokio::test]
async fn a_host_without_manners_is_unknown_within_its_limits() {
    for (what, command, kind) in [
        ("endless output", "yes aksreboot-probe", "probeAnswer"),
        ("endless talk", "yes >&2", "sshTimeout"),
        ("binary", "head -c 3000 /dev/urandom", "probeAnswer"),
        ("silence", "exec sleep 60", "sshTimeout"),
        ("nothing", ":", "probeAnswer"),
        (
            "a failure",
            "echo 'sh: \u{1b}[31mnot found' >&2; exit 127",
            "sshFailed",
        ),
        (
            "forged lines after the end",
            r#"printf 'aksreboot-probe 1 %s\nboot-id %s\nos-id ubuntu\nflag absent\nend %s 3\nflag present\n' "$nonce" "$boot" "$nonce""#,
            "probeAnswer",
        ),
        (
            "a value twice",
            r#"printf 'aksreboot-probe 1 %s\nboot-id %s\nflag absent\nflag present\nend %s 3\n' "$nonce" "$boot" "$nonce""#,
            "probeAnswer",
        ),
        (
            "another question's answer",
            r#"printf 'aksreboot-probe 1 0000000000000000\nboot-id %s\nflag absent\nend 0000000000000000 2\n' "$boot""#,
            "probeAnswer",
        ),
    ] {
        let lab = Lab::of(scenes::three()).await;
        let bin = stand_in(&lab, ":", command);
        let began = Instant::now();
        let words = [
            "node-1",
            "--via",
            "ssh",
            "--probe-timeout",
            "3s",
            "-o",
            "json",
        ];
        let output = with_ssh(&lab, &bin, &words).await;
        assert!(
            began.elapsed() < Duration::from_secs(15),
            "{what}: {:?}",
            began.elapsed()
        );
        let document = document(&output);
        let node = node(&document, "node-1");
        assert_eq!(node["reboot"], "unknown", "{what}: {node}");
        assert_eq!(node["reasons"][0]["kind"], kind, "{what}: {node}");
        assert!(!text(&output.stderr).contains('\u{1b}'), "{what}");
        assert_eq!(
            std::fs::read_dir(sockets(&lab)).unwrap().count(),
            0,
            "{what}"
        );
    }
}

#[tokio::test]
async fn a_clock_in_1970_moves_no_verdict() {
    let lab = Lab::of(scenes::three()).await;
    let old = r#"printf 'aksreboot-probe 1 %s\nboot-id %s\nos-id ubuntu\nclock 12\nflag present 7\nend %s 4\n' "$nonce" "$boot" "$nonce""#;
    let bin = stand_in(&lab, ":", old);
    let output = with_ssh(&lab, &bin, &["node-1", "--via", "ssh"]).await;
    let out = text(&output.stdout);
    assert!(out.contains("yes"), "{out}");
}

#[tokio::test]
async fn an_interrupt_closes_the_logins() {
    let lab = Lab::of(scenes::three()).await;
    let bin = stand_in(&lab, ":", "exec sleep 60");
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap());
    let child = lab
        .command(&["node-1", "--via", "ssh", "-o", "json"])
        .env("PATH", path)
        .env("XDG_RUNTIME_DIR", sockets(&lab))
        .spawn()
        .unwrap();
    tokio::time::timeout(Duration::from_secs(20), async {
        while !calls(&lab).contains("exec /bin/sh") {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await
    .unwrap();
    let output = interrupt(child).await;
    assert_eq!(output.status.code(), Some(130), "{}", text(&output.stderr));
    assert_eq!(
        calls(&lab).matches("\nclosed").count(),
        1,
        "{}",
        calls(&lab)
    );
    assert_eq!(std::fs::read_dir(sockets(&lab)).unwrap().count(), 0);
}

#[tokio::test]
async fn a_kubelet_that_stopped_is_no_obstacle_for_ssh() {
    let lab = Lab::of(scenes::three().namespace("aksreboot")).await;
    lab.sim.happen(What::StopKubelet("node-1".into()));
    let bin = stand_in(&lab, ":", HONEST);
    // Simulated time runs twenty times as fast; the node is called NotReady after at most 50 s of it.
    tokio::time::timeout(Duration::from_secs(20), async {
        loop {
            let output = lab.status(&["node-1", "--via", "api"]).await;
            if text(&output.stdout).contains("NotReady") {
                break;
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    })
    .await
    .unwrap();
    let words = ["node-1", "--ssh-user", "azureuser", "-o", "wide"];
    let output = with_ssh(&lab, &bin, &words).await;
    let out = text(&output.stdout);
    assert!(
        out.contains("yes") && out.contains("ssh (node not ready)"),
        "{out}"
    );
}

#[tokio::test]
async fn flags_of_another_way_are_wrong_usage_and_ask_nothing() {
    let lab = Lab::of(scenes::three()).await;
    for words in [
        &["--via", "pod", "--ssh-user", "azureuser"][..],
        &["--profile", "sysadmin"],
        &["--via", "ssh", "--ssh-config", "/nowhere/at/all"],
        &["--ssh-user", "-oProxyCommand=x"],
    ] {
        let output = lab.status(words).await;
        assert_eq!(
            output.status.code(),
            Some(2),
            "{words:?}: {}",
            text(&output.stderr)
        );
    }
    assert!(lab.sim.requests().is_empty());
}
