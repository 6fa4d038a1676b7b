//! Debug pods that were left: those of a killed `status --via debug` go when nobody can wait for them any more, and those
//! of a person's own `kubectl debug` never do.

use super::*;
use crate::core::evidence::Sentinel;
use crate::edge::cluster::list_nodes;
use crate::edge::node::{Form, ProbeSettings, ShortPods, probe};
use crate::request::flags::Profile;

/// A `status --via debug` with that time limit, cut off while its pod hangs on node-4.
async fn left_behind(limit: Duration) -> Sim {
    let mut hanging = Machine::linux("node-4");
    hanging.probe = Probing::Hangs;
    let sim = Sim::start(ready().machine(hanging), 7);
    let (cluster, _) = over(&sim);
    let form = Form::Debug {
        namespace: "default".into(),
        profile: Profile::General,
        pull_policy: None,
    };
    let pods = ShortPods::of(&cluster, 8, form);
    let settings = ProbeSettings {
        image: "i:1".into(),
        time_limit: limit,
        sentinel: Sentinel::System,
        run: None,
    };
    let nodes = list_nodes(&cluster.client, "").await.expect("nodes").items;
    let node = nodes
        .into_iter()
        .find(|node| node.name.as_str() == "node-4")
        .expect("the node");
    let made = async {
        while !asked(&sim, "create", "pods", "node-debugger-") {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::select! {
        ended = probe(&pods, &node, &settings) => panic!("{ended:?}"),
        () = made => {}
    }
    sim
}

/// As `kubectl debug node/node-1` makes it.
async fn made_by_kubectl(sim: &Sim) {
    let body = json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": {
            "name": "node-debugger-node-1-abcde",
            "labels": {"app.kubernetes.io/managed-by": "kubectl-debug"},
        },
        "spec": {
            "nodeName": "node-1", "restartPolicy": "Never", "hostPID": true,
            "containers": [{"name": "debugger", "image": "i:1", "command": ["sh"]}],
        },
    });
    let (cluster, _) = over(sim);
    wire::post::<Value>(&cluster.client, "/api/v1/namespaces/default/pods", &body)
        .await
        .expect("a pod");
}

fn fates(shown: &Survey) -> Vec<(&str, &Fate<crate::core::cleanup::Because>)> {
    let mut fates: Vec<_> = shown
        .pods
        .iter()
        .map(|pod| (pod.pod.name.as_str(), &pod.fate))
        .collect();
    fates.sort_by_key(|(name, _)| *name);
    fates
}

#[tokio::test(start_paused = true)]
async fn a_killed_commands_debug_pod_goes_after_its_time_and_a_persons_own_never() {
    let sim = left_behind(Duration::from_secs(20)).await;
    made_by_kubectl(&sim).await;
    let (_, shown) = looked(&sim, Records::Old).await;
    let [(_, theirs), (ours, awaited)] = fates(&shown)[..] else {
        panic!("{shown:?}");
    };
    assert_eq!(*theirs, Fate::Leave(Stays::OfKubectl));
    assert!(ours.starts_with("node-debugger-node-4-"), "{ours}");
    assert!(
        matches!(
            awaited,
            Fate::Leave(Stays::MayBeAwaited {
                seconds: Some(1..=31)
            })
        ),
        "{awaited:?}"
    );
    assert!(shown.is_empty(), "nothing goes yet");

    tokio::time::sleep(Duration::from_secs(3600)).await;
    let book = Book::from_here(&sim);
    let told = cleaned(&sim).await;
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].0.starts_with("pod default/node-debugger-node-4-"));
    assert_eq!(
        book.acts(&sim).len(),
        1,
        "no lock is needed: {:?}",
        book.acts(&sim)
    );
    let (_, shown) = looked(&sim, Records::Old).await;
    let [("node-debugger-node-1-abcde", Fate::Leave(Stays::OfKubectl))] = fates(&shown)[..] else {
        panic!("{shown:?}");
    };
}
