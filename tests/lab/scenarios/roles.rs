//! The roles that `manifests` prints are enough, and what they do not allow is said.

use crate::suite::IMAGE;
use crate::suite::audit::Audit;
use crate::suite::lab::Lab;
use crate::suite::workload::Deployment;

#[test]
fn the_printed_roles_and_policy_are_enough_for_status_and_a_roll() {
    let lab = Lab::begin();
    for part in ["namespace", "read", "roll"] {
        lab.apply_manifests(&[part]);
    }
    // The lab's users are in no group of their own.
    let everybody = "system:authenticated";
    let policy = [
        "--image",
        IMAGE,
        "--read-group",
        everybody,
        "--roll-group",
        everybody,
    ];
    let objects = "validatingadmissionpolicies,validatingadmissionpolicybindings";
    lab.afterwards(&[
        "kubectl",
        "delete",
        objects,
        "aksreboot-pods",
        "--ignore-not-found",
    ]);
    lab.apply_manifests(&[&["policy"], &policy[..]].concat());
    lab.namespace("shop");
    Deployment::new("shop", "web", &["lab-2", "lab-3"]).up(&lab);
    lab.mark("lab-3", &["libc6"]);

    let reader = lab.user(
        "reader",
        &[
            "clusterrole/aksreboot-read",
            "role/aksreboot/aksreboot-read",
        ],
    );
    lab.run_as(&reader, &["status"])
        .exits(0)
        .says("1 of 3 nodes waits for a reboot")
        .does_not_say("unknown");

    let roles = [
        "clusterrole/aksreboot-roll",
        "role/aksreboot/aksreboot-roll",
        "role/kube-node-lease/aksreboot-roll",
    ];
    let roller = lab.user("roller", &roles);
    let (boot, audit) = (
        lab.node("lab-3").boot_id().to_owned(),
        Audit::from_here(&lab),
    );
    let ended = lab.run_as(&roller, &["roll", "--yes"]);
    ended
        .exits(0)
        .says("1 of 1 node rebooted and verified")
        .does_not_say("warning");
    let refused = audit
        .requests()
        .into_iter()
        .find(|request| request.code == 403);
    assert!(refused.is_none(), "{refused:?}\n{ended}");
    assert_ne!(lab.node("lab-3").boot_id(), boot);
    lab.is_as_before(&["lab-3"]);
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
        .says("the user may not create pods in namespace `aksreboot`")
        .says("aksreboot manifests roll");
    let wrote = audit.requests().into_iter().find(|request| {
        let reads = ["get", "list", "watch"].contains(&request.verb.as_str());
        !reads && request.code < 300 && !request.resource.starts_with("selfsubject")
    });
    assert!(wrote.is_none(), "{wrote:?}\n{ended}");
    lab.is_as_before(&["lab-1"]);
}
