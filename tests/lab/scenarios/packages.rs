//! What `check-updates` reads of real nodes: apt of two releases and dnf, by a pod, a debug pod and SSH, without a trace.

use serde_json::{Value, json};

use crate::suite::command::Ended;
use crate::suite::lab::Lab;

/// The nodes of the document, whatever the exit code.
fn nodes(ended: &Ended) -> Vec<Value> {
    let document: Value =
        serde_json::from_str(&ended.stdout).unwrap_or_else(|error| panic!("{error}\n{ended}"));
    document["nodes"].as_array().expect("nodes").clone()
}

/// Name, installed and candidate version, security and standing of each package of a node.
fn packages(node: &Value) -> Vec<Value> {
    let list = node["packages"]["list"].as_array().expect("a list");
    list.iter()
        .map(|package| {
            json!([
                package["name"],
                package["installed"],
                package["candidate"],
                package["security"],
                package["standing"]
            ])
        })
        .collect()
}

fn ssh_config(lab: &Lab) -> String {
    lab.verb(&["ssh-config"]).trim().to_owned()
}

/// Without sources and packages, as nodes begin.
pub(super) fn as_before(lab: &Lab, node: &str) {
    lab.afterwards(&[
        "exec",
        node,
        "sh",
        "-c",
        "rm -rf /etc/apt/sources.list.d/* /var/lib/apt/lists/*_* /srv/lab /etc/yum.repos.d/lab.repo /var/cache/dnf/*; \
         apt-mark unhold lab-held; dpkg --purge $(dpkg-query -W -f '${Package} ' 'lab-*' 'linux-image-*lab' 2>/dev/null); \
         ln -sf ../usr/lib/os-release /etc/os-release",
    ]);
}

/// What apt has for the packages of the lab.
fn by_apt() -> Vec<Value> {
    vec![
        json!(["lab-greedy", "1.0-1", "1.0-2", false, "keptBack"]),
        json!(["lab-held", "1.0-1", "1.0-2", false, "keptBack"]),
        json!(["lab-masked", "1.0-1", "1.0-3", true, "pending"]),
        json!(["lab-phased", "1.0-1", "1.0-2", false, "phased"]),
        json!(["lab-plain", "1.0-1", "1.0-2", false, "pending"]),
        json!(["lab-secure", "1.0-1", "1.0-2", true, "pending"]),
        json!(["linux-image-6.1.0-2-lab", null, "1.0-2", true, "pending"]),
        json!(["linux-image-lab", "1.0-1", "1.0-2", true, "pending"]),
    ]
}

#[test]
fn two_releases_of_apt_say_the_same_by_a_pod_a_debug_pod_and_ssh() {
    let lab = Lab::begin();
    lab.apply_manifests(&["namespace"]);
    for node in ["lab-2", "lab-3"] {
        as_before(&lab, node);
        lab.verb(&["packages", node, "apt"]);
        // The new kernel is what plain `upgrade` leaves out.
        let plain = lab.verb(&["exec", node, "apt-get", "-s", "upgrade"]);
        assert!(!plain.contains("Inst linux-image"), "{plain}");
    }
    lab.mark("lab-2", &["libc6"]);
    let config = ssh_config(&lab);
    for words in [
        &["--via", "pod"][..],
        &["--via", "debug"],
        &["--via", "ssh", "--ssh-config", &config],
        &[
            "--via",
            "ssh",
            "--ssh-config",
            &config,
            "--ssh-sudo",
            "never",
        ],
    ] {
        let ended = lab.run(&[&["check-updates", "-o", "json"], words].concat());
        // A node without any package data is not one without pending packages.
        ended.exits(1).says("lab-1: apt has no package data at all");
        let nodes = nodes(&ended);
        assert_eq!(nodes[0]["packages"]["answer"], "unknown", "{ended}");
        assert_eq!(nodes[0]["packages"]["pending"], Value::Null, "{ended}");
        for node in &nodes[1..] {
            assert_eq!(packages(node), by_apt(), "{words:?}\n{ended}");
            assert_eq!(node["packages"]["pending"], 5, "{ended}");
            assert_eq!(node["packages"]["security"], 4, "{ended}");
        }
        // Both from one reading.
        assert_eq!(nodes[1]["reboot"], "yes", "{ended}");
    }
    lab.is_as_before(&[]);
}

#[test]
fn three_hundred_packages_are_all_named() {
    let lab = Lab::begin();
    lab.apply_manifests(&["namespace"]);
    as_before(&lab, "lab-2");
    lab.afterwards(&[
        "exec",
        "lab-2",
        "cp",
        "/var/lib/dpkg/status-lab",
        "/var/lib/dpkg/status",
    ]);
    lab.verb(&[
        "exec",
        "lab-2",
        "cp",
        "/var/lib/dpkg/status",
        "/var/lib/dpkg/status-lab",
    ]);
    lab.verb(&["packages", "lab-2", "apt", "many"]);
    let config = ssh_config(&lab);
    for words in [
        &["--via", "pod"][..],
        &["--via", "ssh", "--ssh-config", &config],
    ] {
        let ended = lab.run(&[&["check-updates", "lab-2", "-o", "json"], words].concat());
        ended.exits(100);
        let node = nodes(&ended).remove(0);
        assert_eq!(node["packages"]["pending"], 305, "{ended}");
        assert_eq!(node["packages"]["omitted"], 0, "{ended}");
        let many = packages(&node).into_iter().filter(|package| {
            package[0]
                .as_str()
                .is_some_and(|name| name.starts_with("lab-many-"))
        });
        assert_eq!(many.count(), 300, "{ended}");
    }
}

#[test]
fn old_data_a_held_lock_and_a_source_that_was_never_fetched_are_said() {
    let lab = Lab::begin();
    lab.apply_manifests(&["namespace"]);
    as_before(&lab, "lab-2");
    lab.verb(&["packages", "lab-2", "apt"]);

    let words = ["check-updates", "lab-2", "--via", "pod", "-o", "json"];
    // So that the data is older than the youngest age that can be asked for.
    std::thread::sleep(std::time::Duration::from_secs(3));
    let ended = lab.run(&[&words[..], &["--max-data-age", "1s"]].concat());
    ended
        .exits(1)
        .says("the package data is of")
        .says("hint: --refresh");
    let node = nodes(&ended).remove(0);
    assert_eq!(node["packages"]["answer"], "unknown", "{ended}");
    assert_eq!(packages(&node), by_apt(), "what was read is kept\n{ended}");

    // As dpkg holds it: a lock of the kernel's, which the file alone does not show.
    let hold = "use Fcntl; open F, '>>', '/var/lib/dpkg/lock-frontend' or die; \
                my $lock = pack('s s l! l! i', F_WRLCK, 0, 0, 0, 0); fcntl(F, F_SETLK, $lock) or die; sleep 120";
    lab.afterwards(&["exec", "lab-2", "systemctl", "stop", "lab-lock"]);
    lab.verb(&[
        "exec",
        "lab-2",
        "systemd-run",
        "--quiet",
        "--unit",
        "lab-lock",
        "perl",
        "-e",
        hold,
    ]);
    let ended = lab.run(&words);
    ended.exits(100);
    let node = nodes(&ended).remove(0);
    let notes = node["notes"].to_string() + &node["packages"].to_string();
    assert!(notes.contains("/var/lib/dpkg/lock-frontend"), "{ended}");
    assert_eq!(packages(&node), by_apt(), "{ended}");

    let add = "echo 'deb [trusted=yes] http://10.71.0.1:8081 lab-many main' >/etc/apt/sources.list.d/more.list";
    lab.verb(&["exec", "lab-2", "sh", "-c", add]);
    lab.run(&words)
        .exits(1)
        .says("apt has no package data of 1 configured source: 10.71.0.1:8081_dists_lab-many");
}

/// Everything below the places where package managers keep things: path, kind, size, times and content.
fn traces(lab: &Lab, node: &str) -> String {
    let look = "for place in /var/lib/apt /var/cache /tmp /var/tmp /var/lib/dpkg /var/lib/rpm /var/lib/dnf /var/log/apt \
                /var/log/dnf.log /var/log/dnf.librepo.log /var/log/dnf.rpm.log /var/log/hawkey.log /root /etc; do \
                find $place -xdev -printf '%p %y %s %T@ %C@\\n'; find $place -xdev -type f -exec sha256sum {} +; done 2>/dev/null | sort";
    lab.verb(&["exec", node, "sh", "-c", look])
}

#[test]
#[ignore = "lab-full"]
fn a_refresh_leaves_no_trace_on_the_node() {
    let lab = Lab::begin();
    lab.apply_manifests(&["namespace"]);
    let config = ssh_config(&lab);
    for node in ["lab-2", "lab-3"] {
        as_before(&lab, node);
        lab.verb(&["packages", node, "apt"]);
        lab.verb(&["packages", node, "rpm"]);
        // What the host does at its own updates is not done at ours.
        let hook = "echo 'APT::Update::Post-Invoke-Success { \"date +%N >/var/cache/hook\"; };' >/etc/apt/apt.conf.d/99hook; \
                    apt-get -q update";
        lab.afterwards(&[
            "exec",
            node,
            "rm",
            "-f",
            "/etc/apt/apt.conf.d/99hook",
            "/var/cache/hook",
        ]);
        lab.verb(&["exec", node, "sh", "-c", hook]);
        for system in ["debian", "fedora"] {
            let name = format!("rm -f /etc/os-release; echo ID={system} >/etc/os-release");
            lab.verb(&["exec", node, "sh", "-c", &name]);
            for freshness in [&[][..], &["--refresh"]] {
                for way in [
                    &["--via", "pod"][..],
                    &["--via", "debug"],
                    &["--via", "ssh", "--ssh-config", &config],
                    &[
                        "--via",
                        "ssh",
                        "--ssh-config",
                        &config,
                        "--ssh-sudo",
                        "never",
                    ],
                ] {
                    // What would write into the node's own /tmp is not asked there.
                    let is_refused =
                        way[1] == "debug" && (system == "fedora" || !freshness.is_empty());
                    let before = traces(&lab, node);
                    // A container that passes for a node of these systems has no boot time to compare with.
                    let words = ["check-updates", node, "-o", "json", "--fail-on", "pending"];
                    let ended = lab.run(&[&words[..], way, freshness].concat());
                    let after = traces(&lab, node);
                    if is_refused {
                        ended.exits(1).says("--via pod or --via ssh can ask it");
                    } else {
                        ended.exits(100);
                        let told = nodes(&ended).remove(0)["packages"].clone();
                        assert_eq!(told["refreshed"], !freshness.is_empty(), "{ended}");
                    }
                    let new: Vec<&str> = after
                        .lines()
                        .filter(|line| !before.contains(line))
                        // By SSH a folder was there for a moment; its parent's time is all that is left.
                        .filter(|line| {
                            !(way[1] == "ssh"
                                && (line.starts_with("/tmp d ") || line.starts_with("/var/tmp d ")))
                        })
                        .collect();
                    assert_eq!(new, [""; 0], "{node} {system} {way:?} {freshness:?}");
                    assert_eq!(before.lines().count(), after.lines().count());
                }
            }
        }
    }
}

#[test]
fn dnf_tells_security_by_advisories_and_azure_linux_does_not_tell() {
    let lab = Lab::begin();
    lab.apply_manifests(&["namespace"]);
    let config = ssh_config(&lab);
    for node in ["lab-2", "lab-3"] {
        as_before(&lab, node);
        lab.verb(&["packages", node, "rpm"]);
        for (system, security) in [("fedora", json!(1)), ("azurelinux", Value::Null)] {
            let name = format!("rm -f /etc/os-release; echo ID={system} >/etc/os-release");
            lab.verb(&["exec", node, "sh", "-c", &name]);
            let mut said = Vec::new();
            for way in [
                &["--via", "pod"][..],
                &["--via", "ssh", "--ssh-config", &config],
            ] {
                // A container that passes for a node of these systems has no boot time to compare with.
                let words = ["check-updates", node, "-o", "json", "--fail-on", "pending"];
                let ended = lab.run(&[&words[..], way].concat());
                ended.exits(100);
                let told = nodes(&ended).remove(0)["packages"].clone();
                assert_eq!(told["manager"], "dnf", "{ended}");
                assert_eq!(told["pending"], 2, "{ended}");
                assert_eq!(told["security"], security, "{ended}");
                said.push((told["list"].clone(), told["dataAsOf"].clone()));
            }
            assert_eq!(said[0], said[1]);
        }
    }
}
