//! The shapes of the pods: that the probe pod can change nothing of what it measures, and that the debug pod is kubectl's.

use serde_json::{Value, json};

use crate::suite::audit::Audit;
use crate::suite::lab::Lab;
use crate::suite::{IMAGE, OWN};

/// Tries to write wherever evidence lies, and to talk to the container runtime by the node's own client. One line for
/// each that was let through, and why the client was not.
const ATTACK: &str = r#"
said=
for path in run/reboot-required run/reboot-required.pkgs run/x boot/x boot/vmlinuz-9 etc/x etc/os-release usr/lib/os-release \
    var/lib/x var/lib/dpkg/status var/log/x root/x home/azureuser/x proc/sys/kernel/hostname proc/1/oom_score_adj; do
    if (: >>"/host/$path") 2>/dev/null; then said="$said wrote:$path"; fi
done
libraries=/host/usr/lib/x86_64-linux-gnu
if why=$($libraries/ld-linux-x86-64.so.2 --library-path $libraries /host/usr/bin/ctr --address /host/run/containerd/containerd.sock \
    --connect-timeout 2s version 2>&1); then
    said="$said reached:containerd"
else
    why=${why##*: }
    said="$said refused:${why%\"*}"
fi
printf 'done%s' "$said" >/dev/termination-log
"#;

/// Runs the attack in a pod of this body; what it got through.
fn attack(lab: &Lab, mut pod: Value, name: &str) -> String {
    pod["metadata"] = json!({"name": name, "namespace": OWN});
    pod["spec"]["containers"][0]["command"][2] = ATTACK.into();
    pod["apiVersion"] = "v1".into();
    pod["kind"] = "Pod".into();
    lab.apply(&pod.to_string());
    let ended = || {
        lab.get(&["pod", "-n", OWN, name])["status"]["containerStatuses"][0]["state"]["terminated"]
            .clone()
    };
    lab.until("the attack is over", 60, || ended() != Value::Null);
    let said = ended()["message"].as_str().unwrap_or_default().to_owned();
    lab.kubectl(&[
        "delete",
        "pod",
        "-n",
        OWN,
        name,
        "--grace-period=0",
        "--force",
    ]);
    said
}

#[test]
fn the_probe_pod_can_neither_write_what_it_measures_nor_reach_the_runtime() {
    let lab = Lab::begin();
    lab.apply_manifests(&["namespace"]);
    for node in ["lab-2", "lab-3"] {
        let audit = Audit::from_here(&lab);
        lab.run(&["status", node, "--via", "pod"]).exits(0);
        let sent = audit
            .requests()
            .into_iter()
            .find(|request| request.is("create", "pods", ""))
            .expect("a probe pod")
            .body;
        let volumes = sent["spec"]["volumes"].as_array().expect("volumes");
        for volume in volumes {
            assert_eq!(volume["hostPath"]["type"], "Directory", "{volume}");
        }
        let said = attack(&lab, sent.clone(), "shape-as-it-is");
        assert_eq!(said, "done refused:permission denied", "on {node}");

        // The same attempts do get through for somebody who is more than the probe is: they are worth something.
        let mut root = sent;
        let context = &mut root["spec"]["containers"][0]["securityContext"];
        context["runAsNonRoot"] = false.into();
        context["runAsUser"] = 0.into();
        context["runAsGroup"] = 0.into();
        root["spec"]["containers"][0]["volumeMounts"][0]["readOnly"] = false.into();
        let mount = root["spec"]["containers"][0]["volumeMounts"][0].as_object_mut();
        mount.expect("a mount").remove("recursiveReadOnly");
        let said = attack(&lab, root, "shape-of-root");
        assert!(said.contains("wrote:run/x"), "{said}");
        assert!(said.contains("reached:containerd"), "{said}");
        lab.verb(&[
            "exec",
            node,
            "rm",
            "-f",
            "/run/x",
            "/boot/x",
            "/boot/vmlinuz-9",
            "/etc/x",
            "/var/lib/x",
            "/var/log/x",
            "/root/x",
            "/home/azureuser/x",
            "/run/reboot-required",
            "/run/reboot-required.pkgs",
        ]);
    }
}

#[test]
#[ignore = "lab-full"]
fn the_debug_pod_is_what_this_kubectl_makes() {
    let lab = Lab::begin();
    lab.afterwards(&[
        "kubectl",
        "delete",
        "pods",
        "-l",
        "app.kubernetes.io/managed-by=kubectl-debug",
        "--grace-period=0",
        "--force",
    ]);
    let profiles = [
        "general",
        "legacy",
        "sysadmin",
        "netadmin",
        "baseline",
        "restricted",
    ];
    for profile in profiles {
        let audit = Audit::from_here(&lab);
        let flag = format!("--profile={profile}");
        let image = format!("--image={IMAGE}");
        lab.kubectl(&[
            "debug",
            "node/lab-1",
            &image,
            &flag,
            "--env=ROOT=/host",
            "--env=NONCE=x",
            "--env=OUT=/dev/termination-log",
            "--env=AWAITED_SECONDS=70",
            "--",
            "/bin/sh",
            "-c",
            "true",
        ]);
        // Where nothing can be read, or the image would run as root, the verdict is unknown; the pod was made all the same.
        lab.run(&["status", "lab-1", "--via", "debug", "--profile", profile])
            .exits(0);
        let body = |agent: &str| {
            let made = audit.requests_of(agent);
            let made = made
                .into_iter()
                .find(|request| request.is("create", "pods", ""));
            let mut body = made.expect("a debug pod").body;
            let name = body["metadata"]["name"]
                .as_str()
                .expect("a name")
                .to_owned();
            let (stem, letters) = name.rsplit_once('-').expect("a suffix");
            body["metadata"]["name"] = format!("{stem}-{}", letters.len()).into();
            // kubectl has it in the path alone.
            body["metadata"]["namespace"] = "default".into();
            let container = &mut body["spec"]["containers"][0];
            container["command"][2] = "script".into();
            // kubectl keeps them in a map, so in any order.
            let variables = container["env"].as_array_mut().expect("variables");
            variables.sort_by_key(|variable| variable["name"].to_string());
            let nonce = variables
                .iter_mut()
                .find(|variable| variable["name"] == "NONCE");
            nonce.expect("a nonce")["value"] = "nonce".into();
            body
        };
        assert_eq!(body("aksreboot/"), body("kubectl/"), "profile {profile}");
    }
}
