//! `lock` and `unlock` as they are run: exit codes, streams, and what stands in the cluster meanwhile.

use std::time::Duration;

use aksreboot::sim::{KuredAct, KuredLock, What, When, World, scenes};
use serde_json::json;

use crate::command::{Cluster, code, err, out};

const HOLDS: &str = "/api/v1/namespaces/aksreboot/configmaps";
const KURED: &str = "/apis/apps/v1/namespaces/kube-system/daemonsets/kured";

fn ready() -> World {
    scenes::three().namespace("aksreboot")
}

/// With a kured that has nothing to do.
fn with_kured() -> Cluster {
    let act = |act: fn(String, KuredLock) -> KuredAct| {
        What::Kured(act("node-3".into(), KuredLock::SINGLE))
    };
    Cluster::serve(
        ready()
            .happening(
                When::At(Duration::ZERO),
                act(|node, lock| KuredAct::Takes { node, lock }),
            )
            .happening(
                When::At(Duration::from_secs(1)),
                act(|node, lock| KuredAct::Releases { node, lock }),
            ),
    )
}

/// kured's DaemonSet, as another client reads it.
fn kured(cluster: &Cluster) -> String {
    cluster.ask("GET", KURED, "json", "")
}

/// After the act that ended its part.
fn settle() {
    std::thread::sleep(Duration::from_millis(100));
}

#[test]
fn a_hold_is_set_once_refuses_a_roll_is_told_and_taken_away_after_a_yes() {
    let cluster = Cluster::serve(ready());
    let nothing = cluster.run(&["unlock"]);
    assert_eq!(code(&nothing), 0);
    assert_eq!(err(&nothing), "there is no hold; nothing was changed\n");

    let set = cluster.run(&["lock", "--reason", "month-end freeze", "--until", "8h"]);
    assert_eq!((code(&set), out(&set)), (0, ""), "{}", err(&set));
    for arguments in [
        &["lock", "--reason", "mine"][..],
        &["roll", "--yes"],
        &["resume", "--yes"],
    ] {
        let refused = cluster.run(arguments);
        assert_eq!(code(&refused), 5, "{arguments:?}: {}", err(&refused));
        assert!(
            err(&refused).contains("month-end freeze"),
            "{arguments:?}: {}",
            err(&refused)
        );
    }
    let doctor = cluster.run(&["doctor"]);
    assert!(
        out(&doctor).contains("month-end freeze"),
        "{}",
        out(&doctor)
    );

    let unasked = cluster.run(&["unlock"]);
    assert_eq!(code(&unasked), 2);
    assert!(
        err(&unasked).contains("month-end freeze") && err(&unasked).contains("--yes"),
        "{}",
        err(&unasked)
    );
    let ended = cluster.run(&["unlock", "--yes"]);
    assert_eq!(code(&ended), 0, "{}", err(&ended));
    assert!(
        err(&ended).ends_with("hold taken away\n"),
        "{}",
        err(&ended)
    );
    assert_eq!(code(&cluster.run(&["lock", "--reason", "mine"])), 0);
}

#[test]
fn what_is_no_hold_is_refused_before_anything_is_asked() {
    let cluster = Cluster::serve(ready());
    for arguments in [
        &["lock"][..],
        &["lock", "--reason", " "],
        &["lock", "--reason", "two\nlines"],
        &["lock", "--reason", "r", "--until", "tomorrow"],
        &["lock", "--reason", "r", "--until", "2020-01-01T00:00:00Z"],
    ] {
        assert_eq!(code(&cluster.run(arguments)), 2, "{arguments:?}");
    }
    assert!(err(&cluster.run(&["unlock"])).contains("there is no hold"));
}

#[test]
fn a_hold_that_cannot_be_read_is_shown_in_whole_and_goes_with_what_it_has_of_kureds() {
    let cluster = with_kured();
    settle();
    let set = cluster.run(&["lock", "--reason", "freeze"]);
    assert_eq!(code(&set), 0, "{}", err(&set));
    assert!(kured(&cluster).contains("aksreboot/"));
    let newer = json!({"data": {"hold": "{\"v\":9,\"why\":\"\u{1b}[31mcomet\"}"}}).to_string();
    let path = format!("{HOLDS}/aksreboot-hold");
    let answer = cluster.ask("PATCH", &path, "merge-patch+json", &newer);
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");

    assert_eq!(code(&cluster.run(&["roll", "--yes"])), 5);
    let shown = cluster.run(&["unlock"]);
    assert_eq!(code(&shown), 2);
    assert!(
        err(&shown).contains("comet")
            && err(&shown).contains("is had for it, by aksreboot/")
            && !err(&shown).contains('\u{1b}'),
        "{}",
        err(&shown)
    );
    assert!(kured(&cluster).contains("aksreboot/"));
    let ended = cluster.run(&["unlock", "--yes"]);
    assert_eq!(code(&ended), 0, "{}", err(&ended));
    assert!(!kured(&cluster).contains("aksreboot/"));
}

#[test]
fn kureds_lock_is_given_back_though_somebody_removed_the_hold() {
    let cluster = with_kured();
    settle();
    assert_eq!(code(&cluster.run(&["lock", "--reason", "freeze"])), 0);
    let path = format!("{HOLDS}/aksreboot-hold");
    cluster.ask("DELETE", &path, "json", "{}");
    let ended = cluster.run(&["unlock", "--yes"]);
    assert_eq!(code(&ended), 0, "{}", err(&ended));
    assert!(err(&ended).contains("given back"), "{}", err(&ended));
    assert!(!kured(&cluster).contains("aksreboot/"));
}

#[test]
fn a_daemon_set_that_kureds_flags_name_in_vain_hinders_nobody() {
    let cluster = Cluster::serve(ready());
    let set = json!({
        "apiVersion": "apps/v1", "kind": "DaemonSet",
        "metadata": {"name": "kured", "namespace": "aksreboot"},
        "spec": {
            "selector": {"matchLabels": {"name": "kured"}},
            "template": {
                "metadata": {"labels": {"name": "kured"}},
                "spec": {"containers": [{
                    "name": "kured", "image": "ghcr.io/kubereboot/kured:1.23.0",
                    "command": ["/usr/bin/kured", "--ds-name=gone", "--ds-namespace=aksreboot"],
                }]},
            },
        },
    });
    cluster.post("/apis/apps/v1/namespaces/aksreboot/daemonsets", &set);
    let held = cluster.run(&["lock", "--reason", "freeze"]);
    assert_eq!(code(&held), 0, "{}", err(&held));
    assert!(
        err(&held)
            .contains("DaemonSet aksreboot/gone, where kured looks for its lock, is not there"),
        "{}",
        err(&held)
    );
    assert_eq!(code(&cluster.run(&["unlock", "--yes"])), 0);
}

#[test]
fn a_kured_whose_lock_is_nowhere_to_be_known_is_not_said_to_be_held() {
    let cluster = Cluster::serve(ready());
    let set = json!({
        "apiVersion": "apps/v1", "kind": "DaemonSet",
        "metadata": {"name": "kured", "namespace": "aksreboot"},
        "spec": {
            "selector": {"matchLabels": {"name": "kured"}},
            "template": {
                "metadata": {"labels": {"name": "kured"}},
                "spec": {"containers": [{
                    "name": "kured", "image": "ghcr.io/kubereboot/kured:1.23.0",
                    "command": ["/usr/bin/kured"],
                    "env": [{"name": "KURED_DS_NAME", "valueFrom": {"configMapKeyRef": {"name": "c", "key": "k"}}}],
                }]},
            },
        },
    });
    cluster.post("/apis/apps/v1/namespaces/aksreboot/daemonsets", &set);
    let held = cluster.run(&["lock", "--reason", "freeze"]);
    assert_eq!(code(&held), 1, "{}", err(&held));
    assert!(
        err(&held).contains("kured is not: kured aksreboot/kured has its setting ds-name"),
        "{}",
        err(&held)
    );
}
