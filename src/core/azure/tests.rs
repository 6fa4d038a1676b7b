//! What az prints, well and badly, and which cluster is taken.

use super::*;

const ID: &str = "/subscriptions/11111111-2222-3333-4444-555555555555/resourcegroups/rg-prod/providers/Microsoft.ContainerService/managedClusters/aks-prod";

/// Shortened from what `az aks list` documents; the names are made up.
fn listed(hosts: &str, more: &str) -> Vec<Listed> {
    let printed = format!(
        r#"[{{"id": "{ID}", "name": "aks-prod", {hosts}, "provisioningState": "Succeeded",
            "autoUpgradeProfile": {{"nodeOsUpgradeChannel": "NodeImage", "upgradeChannel": null}},
            "agentPoolProfiles": [
              {{"name": "blue", "nodeImageVersion": "AKSUbuntu-2204gen2containerd-202605.01.0", "provisioningState": "Upgrading"}},
              {{"name": "green", "provisioningState": "Succeeded"}}
            ], "identity": {{"type": "SystemAssigned"}}}}{more}]"#
    );
    clusters(printed.as_bytes()).expect("clusters")
}

#[test]
fn a_cluster_is_found_by_each_name_of_its_server() {
    let hosts = r#""fqdn": "prod-dns-1234.hcp.westeurope.azmk8s.io", "privateFqdn": "prod-abc.privatelink.westeurope.azmk8s.io", "azurePortalFqdn": "1234.portal.hcp.westeurope.azmk8s.io""#;
    for server in [
        "https://prod-dns-1234.hcp.westeurope.azmk8s.io:443",
        "https://PROD-dns-1234.hcp.westeurope.azmk8s.io/",
        "prod-abc.privatelink.westeurope.azmk8s.io.",
        "https://1234.portal.hcp.westeurope.azmk8s.io:443/x",
    ] {
        let found = by_server(listed(hosts, ""), server).expect(server);
        assert_eq!(found.cluster.to_string(), "rg-prod/aks-prod");
        assert_eq!(found.channels.node_os.as_deref(), Some("NodeImage"));
        assert_eq!(found.channels.upgrade, None);
        assert_eq!(found.lacks, [""; 0]);
        assert_eq!(
            found.operations(),
            [Operation {
                pool: Some("blue".into()),
                state: "Upgrading".into(),
                since: None,
            }]
        );
    }
}

#[test]
fn none_and_several_are_said_and_never_guessed() {
    let hosts = r#""fqdn": "a.azmk8s.io", "privateFqdn": null"#;
    let trouble = by_server(listed(hosts, ""), "https://10.0.0.1:443").expect_err("none");
    assert_eq!(
        trouble,
        AzureTrouble::NoSuchServer {
            host: "10.0.0.1".into(),
            clusters: 1
        }
    );
    let twin = format!(
        r#", {{"id": "{}", "fqdn": "A.azmk8s.io"}}"#,
        ID.replace("aks-prod", "twin")
    );
    let trouble = by_server(listed(hosts, &twin), "https://a.azmk8s.io").expect_err("two");
    assert_eq!(
        trouble,
        AzureTrouble::Several {
            host: "a.azmk8s.io".into(),
            clusters: vec!["rg-prod/aks-prod".into(), "rg-prod/twin".into()]
        }
    );
    // A cluster that is off has no name, and an empty one is nobody's.
    assert!(by_server(listed(r#""fqdn": """#, ""), "https://").is_err());
}

#[test]
fn hostile_json_makes_no_name_and_no_claim() {
    for printed in [
        &b""[..],
        b"null",
        b"3",
        b"\xff\xfe",
        b"{",
        b"{}",
        br#"{"id": 7}"#,
    ] {
        assert!(clusters(printed).is_err(), "{printed:?}");
    }
    for id in [
        "",
        "/subscriptions/x/resourcegroups/g/providers/Microsoft.ContainerService/managedClusters/c",
        &ID.replace("aks-prod", "--help"),
        &ID.replace("aks-prod", "a b"),
        &ID.replace("rg-prod", "a;b"),
        &ID.replace("managedClusters", "agentPools"),
        &format!("{ID}/x"),
    ] {
        assert_eq!(names(id), None, "{id}");
    }
    let printed = format!(
        r#"[{{"id": "{ID}", "fqdn": ["a"], "provisioningState": 1, "autoUpgradeProfile": "x", "agentPoolProfiles": [7, {{"name": "--all"}}, {{"name": "ok", "nodeImageVersion": {{}}}}]}}]"#
    );
    let found = clusters(printed.as_bytes())
        .expect("clusters")
        .pop()
        .expect("one");
    assert_eq!((found.hosts.len(), found.state.clone()), (0, None));
    assert_eq!(found.channels, Channels::default());
    assert_eq!(found.lacks, ["nodeOsUpgradeChannel"]);
    let pools: Vec<&str> = found.pools.iter().map(|pool| pool.name.as_str()).collect();
    assert_eq!(pools, ["ok"]);
    assert_eq!(found.pools[0].image, None);
    // What is not told is not at work, and not known to be at rest either: no operation is made up.
    assert_eq!(found.operations(), []);
}

#[test]
fn an_image_is_behind_only_where_the_newest_is_told() {
    let pool = |name: &str, latest| AzurePool {
        name: name.into(),
        image: None,
        latest,
        state: None,
    };
    let told = br#"{"latestNodeImageVersion": "AKSUbuntu-2204gen2containerd-202606.01.0", "osType": "Linux"}"#;
    let view = AzureView {
        cluster: names(ID).expect("names"),
        channels: Channels::default(),
        pools: vec![
            pool("blue", latest_image(told).expect("a profile")),
            pool(
                "green",
                latest_image(b"{\"upgrades\": null}").expect("a profile"),
            ),
        ],
        operations: Vec::new(),
        unread: Vec::new(),
    };
    let same = "aksubuntu-2204gen2containerd-202606.01.0";
    assert_eq!(view.is_behind("blue", same), Some(false));
    assert_eq!(
        view.is_behind("blue", "AKSUbuntu-2204gen2containerd-202605.01.0"),
        Some(true)
    );
    for pool in ["green", "nowhere"] {
        assert_eq!(view.is_behind(pool, same), None);
    }
}

#[test]
fn an_operation_that_has_ended_is_none() {
    let of = |text: &str| operation(text.as_bytes());
    assert_eq!(of(r#"{"status": "Succeeded"}"#), Ok(None));
    assert_eq!(of(r#"{"status": "Canceled", "startTime": "x"}"#), Ok(None));
    let going = of(r#"{"status": "InProgress", "startTime": "2026-05-01T02:03:04+00:00"}"#)
        .expect("an operation")
        .expect("one that goes on");
    assert_eq!(going.state, "InProgress");
    assert!(going.since.is_some());
    assert!(of("{}").is_err());
}
