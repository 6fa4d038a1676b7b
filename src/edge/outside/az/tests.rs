//! az by a stand-in: a script that answers each command, and writes down how it was called.

use std::os::unix::fs::PermissionsExt as _;
use std::time::Instant;

use tempfile::TempDir;

use super::*;

const SERVER: &str = "https://prod-1234.hcp.westeurope.azmk8s.io:443";
const ID: &str = "/subscriptions/11111111-2222-3333-4444-555555555555/resourcegroups/rg-prod/providers/Microsoft.ContainerService/managedClusters/aks-prod";
const UNKNOWN: &str =
    r#"echo "ERROR: 'operation' is misspelled or not recognized by the system." >&2; exit 2"#;

/// What the stand-in does for each command, as shell text.
struct Says {
    list: String,
    show: String,
    upgrades: String,
    operation: String,
}

impl Default for Says {
    fn default() -> Self {
        let cluster = format!(
            r#"{{"id": "{ID}", "fqdn": "prod-1234.hcp.westeurope.azmk8s.io", "provisioningState": "Succeeded",
               "autoUpgradeProfile": {{"upgradeChannel": "patch", "nodeOsUpgradeChannel": "NodeImage"}},
               "agentPoolProfiles": [
                 {{"name": "blue", "nodeImageVersion": "AKSUbuntu-2204-202605.01.0", "provisioningState": "Succeeded"}},
                 {{"name": "green", "nodeImageVersion": "AKSUbuntu-2204-202606.01.0", "provisioningState": "Upgrading"}}]}}"#
        );
        Self {
            list: printed(&format!("[{cluster}]")),
            show: printed(&cluster),
            upgrades: printed(r#"{"latestNodeImageVersion": "AKSUbuntu-2204-202606.01.0"}"#),
            operation: UNKNOWN.to_owned(),
        }
    }
}

fn printed(text: &str) -> String {
    format!("cat <<'END'\n{text}\nEND")
}

fn fails(message: &str) -> String {
    format!("echo \"{message}\" >&2; exit 1")
}

struct StandIn {
    folder: TempDir,
    az: Az,
}

impl StandIn {
    fn of(says: &Says) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let script = format!(
            "#!/bin/sh\necho \"$* [$AZURE_EXTENSION_USE_DYNAMIC_INSTALL]\" >>'{calls}'\ncase \"$*\" in\n\
             'version '*) echo '{{\"azure-cli\": \"2.30.0\"}}' ;;\n\
             'aks list '*)\n{list}\n;;\n'aks show '*)\n{show}\n;;\n\
             'aks nodepool get-upgrades '*)\n{upgrades}\n;;\n'aks operation '*)\n{operation}\n;;\nesac\n",
            calls = folder.path().join("calls").display(),
            list = says.list,
            show = says.show,
            upgrades = says.upgrades,
            operation = says.operation,
        );
        let program = folder.path().join("az");
        std::fs::write(&program, script).expect("a script");
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755))
            .expect("permissions");
        let az = Az {
            program: program.into(),
            limit: Duration::from_secs(20),
        };
        Self { folder, az }
    }

    fn calls(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("calls")).unwrap_or_default()
    }

    async fn by_server(&self) -> Result<AzureView, AzureTrouble> {
        self.az.view(&AzureSearch::ByServer, SERVER).await
    }
}

async fn trouble(says: Says) -> AzureTrouble {
    StandIn::of(&says).by_server().await.expect_err("trouble")
}

#[tokio::test]
async fn the_cluster_is_found_by_its_server_and_each_pool_asked_for_its_newest_image() {
    let stand_in = StandIn::of(&Says::default());
    let view = stand_in.by_server().await.expect("a view");
    assert_eq!(view.cluster.to_string(), "rg-prod/aks-prod");
    assert_eq!(view.channels.node_os.as_deref(), Some("NodeImage"));
    assert_eq!(
        view.is_behind("blue", "AKSUbuntu-2204-202605.01.0"),
        Some(true)
    );
    assert_eq!(
        view.is_behind("green", "AKSUbuntu-2204-202606.01.0"),
        Some(false)
    );
    let at_work: Vec<_> = view
        .operations
        .iter()
        .map(|operation| (operation.pool.as_deref(), operation.state.as_str()))
        .collect();
    assert_eq!(at_work, [(Some("green"), "Upgrading")]);
    assert_eq!(view.unread, []);
    let calls = stand_in.calls();
    assert!(
        calls.contains(
            "--cluster-name=aks-prod --nodepool-name=blue --only-show-errors --output=json [no]"
        ),
        "{calls}"
    );
    assert_eq!(calls.matches("get-upgrades").count(), 2, "{calls}");
}

#[tokio::test]
async fn a_named_cluster_is_not_searched_for() {
    let stand_in = StandIn::of(&Says::default());
    let search = AzureSearch::Named {
        subscription: Some("11111111-2222-3333-4444-555555555555".into()),
        resource_group: "rg-prod".into(),
        name: "aks-prod".into(),
    };
    let view = stand_in
        .az
        .view(&search, "https://10.0.0.1")
        .await
        .expect("a view");
    assert_eq!(view.pools.len(), 2);
    let calls = stand_in.calls();
    assert!(!calls.contains("aks list"), "{calls}");
    assert!(
        calls.contains("--resource-group=rg-prod --name=aks-prod --subscription=11111111-"),
        "{calls}"
    );
    let says = Says {
        show: fails("ERROR: (ResourceNotFound) The Resource 'aks-prod' was not found."),
        ..Says::default()
    };
    let trouble = StandIn::of(&says).az.view(&search, SERVER).await;
    assert!(
        matches!(trouble, Err(AzureTrouble::NoSuchCluster { .. })),
        "{trouble:?}"
    );
}

#[tokio::test]
async fn an_operation_is_told_with_its_time_where_the_extension_is_there() {
    let says = Says {
        operation: printed(r#"{"status": "InProgress", "startTime": "2026-05-01T02:03:04Z"}"#),
        ..Says::default()
    };
    let view = StandIn::of(&says).by_server().await.expect("a view");
    let told: Vec<_> = view
        .operations
        .iter()
        .map(|operation| (operation.pool.is_some(), operation.since.is_some()))
        .collect();
    assert_eq!(told, [(false, true), (true, false)]);
}

#[tokio::test]
async fn each_trouble_is_told_apart() {
    for (message, kind) in [
        (
            "ERROR: Please run 'az login' to setup account.",
            "notLoggedIn",
        ),
        (
            "ERROR: AADSTS700082: The refresh token has expired due to inactivity.",
            "notLoggedIn",
        ),
        (
            "ERROR: (AuthorizationFailed) The client does not have authorization to perform action; please run az login again",
            "denied",
        ),
        (
            "ERROR: 'aks' is misspelled or not recognized by the system.",
            "tooOld",
        ),
        ("ERROR: something else", "failed"),
    ] {
        let says = Says {
            list: fails(message),
            ..Says::default()
        };
        let trouble = serde_json::to_value(trouble(says).await).expect("JSON");
        assert_eq!(trouble["kind"], kind, "{trouble}");
    }
    let old = trouble(Says {
        list: UNKNOWN.into(),
        ..Says::default()
    })
    .await;
    let lacks = "az aks list".to_owned();
    assert_eq!(
        old,
        AzureTrouble::TooOld {
            version: Some("2.30.0".into()),
            lacks
        }
    );
    let elsewhere = trouble(Says {
        list: printed("[]"),
        ..Says::default()
    })
    .await;
    assert!(
        matches!(elsewhere, AzureTrouble::NoSuchServer { clusters: 0, .. }),
        "{elsewhere:?}"
    );
    let nonsense = trouble(Says {
        list: "yes | head -c 100000".into(),
        ..Says::default()
    })
    .await;
    assert!(
        matches!(nonsense, AzureTrouble::Unreadable { .. }),
        "{nonsense:?}"
    );
    let none = Az {
        program: "/nowhere/az".into(),
        ..Az::on_the_path()
    };
    let none = none.view(&AzureSearch::ByServer, SERVER).await;
    assert_eq!(none, Err(AzureTrouble::NoAz));
}

#[tokio::test]
async fn a_pool_that_cannot_be_asked_is_unread_and_never_up_to_date() {
    let says = Says {
        upgrades: fails("ERROR: (AuthorizationFailed) no"),
        ..Says::default()
    };
    let view = StandIn::of(&says).by_server().await.expect("a view");
    assert_eq!(view.is_behind("blue", "x"), None);
    assert!(matches!(
        view.pools[0].latest,
        Latest::Unread {
            trouble: AzureTrouble::Denied { .. }
        }
    ));
}

#[tokio::test]
async fn an_old_az_that_prints_no_channel_is_said_to_be_old() {
    let says = Says::default();
    let says = Says {
        list: says.list.replace("nodeOsUpgradeChannel", "other"),
        ..says
    };
    let view = StandIn::of(&says).by_server().await.expect("a view");
    assert_eq!(view.channels.node_os, None);
    assert_eq!(
        view.unread,
        [AzureTrouble::TooOld {
            version: Some("2.30.0".into()),
            lacks: "nodeOsUpgradeChannel".into()
        }]
    );
}

#[tokio::test]
async fn an_az_that_does_not_end_is_ended_with_what_it_started() {
    let says = Says {
        list: "sleep 60 & wait".into(),
        ..Says::default()
    };
    let mut stand_in = StandIn::of(&says);
    stand_in.az.limit = Duration::from_secs(1);
    let began = Instant::now();
    let trouble = stand_in.by_server().await.expect_err("no answer");
    assert!(began.elapsed() < Duration::from_secs(10));
    let command = "az aks list".to_owned();
    assert_eq!(
        trouble,
        AzureTrouble::TimedOut {
            command,
            seconds: 1
        }
    );
}

#[tokio::test]
async fn a_token_that_az_prints_is_not_shown() {
    let token = format!("eyJ{}", "a".repeat(60));
    let says = Says {
        list: fails(&format!("ERROR: bad token {token}")),
        ..Says::default()
    };
    let trouble = trouble(says).await;
    assert!(!format!("{trouble:?}").contains(&token), "{trouble:?}");
}
