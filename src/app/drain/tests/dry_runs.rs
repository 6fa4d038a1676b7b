//! Dry runs: what is asked, and that nothing comes of it.

use super::bench::{drain, world};
use crate::exit::Exit;
use crate::sim::{Bound, Budget};

#[tokio::test(start_paused = true)]
async fn a_dry_run_of_the_client_only_reads() {
    for flag in ["--dry-run", "--dry-run=client"] {
        let drained = drain(world(), &["node-1", flag]).await;
        assert_eq!(drained.exit(), Exit::Ok, "{:?}", drained.end);
        assert!(
            drained
                .sim
                .requests()
                .iter()
                .all(|line| line.method == "GET")
        );
        assert!(drained.shown.contains("pods to evict"), "{}", drained.shown);
    }
}

#[tokio::test(start_paused = true)]
async fn a_dry_run_of_the_server_asks_once_for_each_pod_even_when_a_budget_is_shut() {
    let shut = world().budget(Budget::of("db", Bound::MinAvailable("6".into())));
    let drained = drain(shut, &["node-1", "--dry-run=server"]).await;
    assert_eq!(drained.exit(), Exit::Refused, "{:?}", drained.end);
    let requests = drained.sim.requests();
    let asked: Vec<_> = requests
        .iter()
        .filter(|line| line.method != "GET" && line.resource != "selfsubjectaccessreviews")
        .collect();
    assert!(
        asked.iter().all(|line| line.target.contains("dryRun=All")),
        "{asked:?}"
    );
    let of_db = asked.iter().filter(|line| line.name.starts_with("db"));
    assert_eq!(of_db.count(), 2);
    assert!(!drained.cordoned("node-1"));
    let drained = drain(world(), &["node-1", "--dry-run=server"]).await;
    assert_eq!(drained.exit(), Exit::Ok, "{:?}", drained.end);
    let deleting = ["node-1", "--dry-run=server", "--disable-eviction"];
    let drained = drain(world(), &deleting).await;
    assert_eq!(drained.exit(), Exit::Ok, "{:?}", drained.end);
    assert!(
        drained
            .sim
            .requests()
            .iter()
            .all(|line| { line.verb != "delete" || line.body.contains("dryRun") })
    );
}
