//! Probe pods, reboot pods, and what a reboot does to a node and its pods.

use std::time::Duration;

use serde_json::json;

use super::support::{Bench, own_pod, reboot_pod};
use crate::sim::{Ending, Probing, scenes};

#[tokio::test(start_paused = true)]
async fn a_probe_pod_answers_what_is_true_on_the_machine() {
    let bench = Bench::of(scenes::three());
    bench
        .create_pod(
            "default",
            own_pod("probe-1", "probe", "node-1", &[("NONCE", "abc")]),
        )
        .await;
    let (code, words) = bench.last_words("default", "probe-1").await;
    let boot = bench.sim.node("node-1").unwrap().boot_id;
    assert_eq!(code, 0);
    assert!(
        words.starts_with(&format!("aksreboot-probe 1 abc\nboot-id {boot}\n")),
        "{words}"
    );
    assert!(words.contains("\npkg libc6\npkg linux-base\n"), "{words}");
    assert!(words.contains("\nflag present 1772352000\n"), "{words}");
    assert!(
        words.contains("\nvmlinuz-file 6.8.0-1046-azure\n"),
        "{words}"
    );
}

#[tokio::test(start_paused = true)]
async fn an_image_that_is_not_there_keeps_a_probe_pod_waiting() {
    let bench = Bench::of(scenes::three().with_machine("node-1", |machine| {
        machine.missing_images = vec!["busybox:1.36".into()];
    }));
    bench
        .create_pod(
            "default",
            own_pod("probe-1", "probe", "node-1", &[("NONCE", "abc")]),
        )
        .await;
    let reason = async |bench: &Bench| {
        let (_, pod) = bench.get("/api/v1/namespaces/default/pods/probe-1").await;
        pod["status"]["containerStatuses"][0]["state"]["waiting"]["reason"].clone()
    };
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(reason(&bench).await, "ErrImagePull");
    tokio::time::sleep(Duration::from_secs(15)).await;
    assert_eq!(reason(&bench).await, "ImagePullBackOff");
}

#[tokio::test(start_paused = true)]
async fn of_a_long_message_the_end_is_kept() {
    let bench = Bench::of(scenes::three().with_machine("node-1", |machine| {
        machine.probe = Probing::Ends {
            code: 0,
            message: format!("head{}tail", "x".repeat(5000)),
        };
    }));
    bench
        .create_pod("default", own_pod("probe-1", "probe", "node-1", &[]))
        .await;
    let (_, words) = bench.last_words("default", "probe-1").await;
    assert_eq!(words.len(), 4096);
    assert!(words.ends_with("xtail") && !words.contains("head"));
}

#[tokio::test(start_paused = true)]
async fn a_reboot_pod_proves_without_rebooting() {
    let bench = Bench::of(scenes::three());
    bench
        .create_pod("default", reboot_pod(&bench, "node-1", true))
        .await;
    let (code, words) = bench.last_words("default", "reboot-node-1").await;
    assert_eq!((code, words.as_str()), (0, "aksreboot-reboot 1\nproved\n"));
    assert_eq!(bench.sim.node("node-1").unwrap().boots, 0);
}

#[tokio::test(start_paused = true)]
async fn a_reboot_pod_refuses_another_boot_and_a_late_hour() {
    let bench = Bench::of(scenes::three());
    let boot = bench.sim.node("node-1").unwrap().boot_id;
    let now = bench.sim.now().as_second();
    let late = (now - 1).to_string();
    let soon = (now + 60).to_string();
    for (name, env, words) in [
        (
            "other",
            [("BOOT_ID", "0"), ("NOT_AFTER", &soon)],
            format!("refused boot-id {boot}\n"),
        ),
        (
            "late",
            [("BOOT_ID", &boot), ("NOT_AFTER", &late)],
            "refused not-after ".into(),
        ),
    ] {
        bench
            .create_pod("default", own_pod(name, "reboot", "node-1", &env))
            .await;
        let (code, said) = bench.last_words("default", name).await;
        assert_eq!(code, 3);
        assert!(
            said.starts_with(&format!("aksreboot-reboot 1\n{words}")),
            "{said}"
        );
    }
    assert_eq!(bench.sim.node("node-1").unwrap().boots, 0);
}

#[tokio::test(start_paused = true)]
async fn a_reboot_gives_a_new_boot_a_new_kernel_and_the_same_pods_again() {
    let bench = Bench::of(scenes::three());
    let before = bench.sim.node("node-1").unwrap();
    bench
        .create_pod("default", reboot_pod(&bench, "node-1", false))
        .await;
    bench
        .until("the API shows another boot", async |bench| {
            let (_, node) = bench.get("/api/v1/nodes/node-1").await;
            node["status"]["nodeInfo"]["bootID"] != before.boot_id.as_str()
        })
        .await;
    let booted = bench.sim.node("node-1").unwrap();
    assert_eq!((booted.boots, booted.ready, booted.flag), (1, false, false));
    assert_eq!(booted.kernel, "6.8.0-1046-azure");
    assert_eq!(booted.uid, before.uid);
    bench
        .until("the node is Ready without taints", async |bench| {
            let node = bench.sim.node("node-1").unwrap();
            node.ready && node.taints.is_empty()
        })
        .await;
    bench
        .until("its pods are Ready again", async |bench| {
            let (_, pods) = bench
                .get("/api/v1/pods?fieldSelector=spec.nodeName%3Dnode-1")
                .await;
            pods["items"].as_array().unwrap().iter().all(|pod| {
                let own = pod["metadata"]["labels"]["aksreboot.dev/purpose"] == "reboot";
                let status = &pod["status"];
                let ready = status["conditions"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .any(|condition| condition["type"] == "Ready" && condition["status"] == "True");
                if own {
                    status["phase"] == "Failed"
                } else {
                    ready && status["containerStatuses"][0]["restartCount"] == 1
                }
            })
        })
        .await;
    let (_, words) = bench.last_words("default", "reboot-node-1").await;
    assert_eq!(words, "aksreboot-reboot 1\nasking\n");
    let (_, events) = bench
        .get("/api/v1/namespaces/default/events?fieldSelector=reason%3DRebooted")
        .await;
    assert_eq!(events["items"][0]["involvedObject"]["name"], "node-1");
}

#[tokio::test(start_paused = true)]
async fn a_machine_that_is_long_away_is_called_unreachable_and_loses_its_pods() {
    let mut world = scenes::three();
    world = world.with_machine("node-1", |machine| {
        machine.reboot.boot = Duration::from_secs(900);
    });
    let bench = Bench::of(world);
    bench
        .create_pod("default", reboot_pod(&bench, "node-1", false))
        .await;
    let ready = async |bench: &Bench| {
        let (_, node) = bench.get("/api/v1/nodes/node-1").await;
        node["status"]["conditions"][3]["status"].clone()
    };
    tokio::time::sleep(Duration::from_secs(25)).await;
    assert_eq!(
        ready(&bench).await,
        "True",
        "nobody has missed the kubelet yet"
    );
    tokio::time::sleep(Duration::from_secs(35)).await;
    assert_eq!(ready(&bench).await, "Unknown");
    let taints = bench.sim.node("node-1").unwrap().taints;
    assert_eq!(taints, ["node.kubernetes.io/unreachable"; 2]);
    tokio::time::sleep(Duration::from_secs(400)).await;
    let (_, sets) = bench
        .get("/apis/apps/v1/namespaces/default/deployments/web")
        .await;
    assert_eq!(sets["status"]["readyReplicas"], 2, "replaced elsewhere");
    tokio::time::sleep(Duration::from_secs(600)).await;
    assert_eq!(ready(&bench).await, "True");
    let (_, pods) = bench
        .get("/api/v1/namespaces/default/pods?labelSelector=app%3Dweb")
        .await;
    assert_eq!(
        pods["items"].as_array().unwrap().len(),
        2,
        "the old one is gone"
    );
}

#[tokio::test(start_paused = true)]
async fn each_ending_of_a_reboot_is_what_its_name_says() {
    for (ending, boots, ready, flag, kernel) in [
        (Ending::Normal, 1, true, false, "6.8.0-1046-azure"),
        (Ending::NothingHappens, 0, true, true, "6.8.0-1044-azure"),
        (
            Ending::Refuses("init".into()),
            0,
            true,
            true,
            "6.8.0-1044-azure",
        ),
        (Ending::NeverReturns, 0, false, true, "6.8.0-1044-azure"),
        (Ending::StaysNotReady, 1, false, false, "6.8.0-1046-azure"),
        (Ending::KeepsFlag, 1, true, true, "6.8.0-1046-azure"),
        (
            Ending::Kernel("6.8.0-1001-azure".into()),
            1,
            true,
            false,
            "6.8.0-1001-azure",
        ),
    ] {
        let world = scenes::three().with_machine("node-1", |machine| {
            machine.reboot.ending = ending.clone();
        });
        let bench = Bench::of(world);
        bench
            .create_pod("default", reboot_pod(&bench, "node-1", false))
            .await;
        tokio::time::sleep(Duration::from_secs(300)).await;
        let node = bench.sim.node("node-1").unwrap();
        assert_eq!(
            (node.boots, node.ready, node.flag, node.kernel.as_str()),
            (boots, ready, flag, kernel),
            "{ending:?}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn the_same_seed_gives_the_same_bytes() {
    let run = async |seed| {
        let bench = Bench::with_seed(scenes::three(), seed);
        let (_, nodes) = bench.get("/api/v1/nodes").await;
        let version = nodes["metadata"]["resourceVersion"]
            .as_str()
            .unwrap()
            .to_owned();
        let watch = |kind: &str| {
            let path =
                format!("/api/v1/{kind}?watch=true&resourceVersion={version}&timeoutSeconds=200");
            let service = Bench {
                sim: bench.sim.clone(),
                client: bench.client.clone(),
            };
            tokio::spawn(async move { service.send_raw("GET", &path, &[], json!(null)).await.1 })
        };
        let watches = [watch("nodes"), watch("pods")];
        bench
            .create_pod("default", reboot_pod(&bench, "node-1", false))
            .await;
        let mut bytes = Vec::new();
        for watch in watches {
            bytes.extend(watch.await.unwrap());
        }
        let log: Vec<_> = bench
            .sim
            .requests()
            .iter()
            .map(ToString::to_string)
            .collect();
        (bytes, log)
    };
    let (first, second, other) = (run(1).await, run(1).await, run(2).await);
    assert!(first.0.len() > 10_000, "{}", first.0.len());
    assert!(first == second, "two runs with one seed differ");
    assert!(first.0 != other.0, "another seed is another run");
}
