//! Following nodes: what happens to them is seen, what is on them is read again, and nothing stays.

use std::time::Duration;

use serde_json::Value;

use crate::suite::lab::Lab;

#[test]
#[ignore = "lab-full"]
fn a_watch_sees_marks_cordons_and_reboots_and_leaves_no_pod() {
    let lab = Lab::begin();
    lab.apply_manifests(&["namespace"]);
    let before = lab.node("lab-1").boot_id().to_owned();
    lab.mark("lab-1", &["libc6"]);
    let watch = lab.start(&["status", "--watch", "--probe-every", "30s", "-o", "json"]);
    std::thread::sleep(Duration::from_secs(10));
    // The API knows nothing of a mark; only the next reading does.
    lab.mark("lab-2", &["openssl"]);
    lab.afterwards(&["kubectl", "uncordon", "lab-3"]);
    lab.kubectl(&["cordon", "lab-3"]);
    std::thread::sleep(Duration::from_secs(35));
    lab.verb(&["exec", "lab-1", "systemctl", "reboot"]);
    lab.until_back("lab-1", &before);
    std::thread::sleep(Duration::from_secs(20));
    watch.signal("INT");
    let ended = watch.end();
    ended.exits(130);

    let lines: Vec<Value> = ended
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).expect("a document a line"))
        .collect();
    let last = |name: &str| {
        lines
            .iter()
            .rfind(|line| line["node"]["name"] == name)
            .unwrap_or_else(|| panic!("{name} was never shown\n{ended}"))
    };
    assert_eq!(last("lab-2")["node"]["reboot"], "yes", "{ended}");
    assert_eq!(
        last("lab-3")["node"]["status"],
        "Ready,SchedulingDisabled",
        "{ended}"
    );
    let rebooted = &last("lab-1")["node"];
    assert_eq!(rebooted["reboot"], "no", "{ended}");
    assert_eq!(rebooted["bootId"], lab.node("lab-1").boot_id(), "{ended}");
    assert_eq!(lab.own("pods"), Vec::<String>::new(), "{ended}");
}
