//! The two sides on which a case may run: a simulated cluster of its own in paused time, or the server that the
//! environment names, which all cases share.

use std::time::Duration;

use aksreboot::sim::{Machine, Sim, User, World};
use kube::config::{KubeConfigOptions, Kubeconfig};

use crate::cases::{Case, Needs};
use crate::prepared::{DENIAL, DENIED_NAMESPACE, LIMITED, RIGHTS, THROTTLED};

/// Path of the kubeconfig of a cluster's administrator.
const KUBECONFIG: &str = "AKSREBOOT_CONFORMANCE_KUBECONFIG";
/// `whole`, the default, or `api`: without controllers and nodes.
const PARTS: &str = "AKSREBOOT_CONFORMANCE_PARTS";

/// An image that no node has.
pub(crate) const ABSENT_IMAGE: &str = "lab.local/absent:1";

#[derive(Clone)]
pub(crate) enum Side {
    Sim,
    Server(Server),
}

/// A real API server.
#[derive(Clone)]
pub(crate) struct Server {
    pub(crate) client: kube::Client,
    pub(crate) version: String,
    pub(crate) minor: u32,
    pub(crate) parts: Parts,
}

/// What there is besides the API server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Parts {
    Whole,
    ApiAlone,
}

/// The kubeconfig of the server to run on; none means the sim.
pub(crate) fn named_server() -> Option<String> {
    std::env::var(KUBECONFIG)
        .ok()
        .filter(|path| !path.is_empty())
}

impl Server {
    pub(crate) async fn connect(kubeconfig: &str) -> Self {
        let config = Kubeconfig::read_from(kubeconfig)
            .unwrap_or_else(|error| panic!("{KUBECONFIG}={kubeconfig}: {error}"));
        let mut config =
            kube::Config::from_custom_kubeconfig(config, &KubeConfigOptions::default())
                .await
                .expect("a usable kubeconfig");
        // Refusals are what is looked at.
        config.default_retry = false;
        config.read_timeout = Some(Duration::from_secs(60));
        let client = kube::Client::try_from(config).expect("a client");
        let version = client
            .apiserver_version()
            .await
            .expect("the server's version");
        let parts = match std::env::var(PARTS).as_deref() {
            Ok("api") => Parts::ApiAlone,
            Ok("whole") | Err(_) => Parts::Whole,
            Ok(other) => panic!("{PARTS} is whole or api, not {other}"),
        };
        Self {
            client,
            minor: version.minor.parse().expect("a minor version"),
            version: version.git_version,
            parts,
        }
    }
}

impl Side {
    pub(crate) fn name(&self) -> String {
        match self {
            Self::Sim => "the simulated cluster".into(),
            Self::Server(server) => match server.parts {
                Parts::Whole => format!("Kubernetes {}", server.version),
                Parts::ApiAlone => format!("Kubernetes {}, API server alone", server.version),
            },
        }
    }

    /// Why a case cannot be run here.
    pub(crate) fn lacks(&self, case: &Case) -> Option<&'static str> {
        let Self::Server(server) = self else {
            return None;
        };
        match (case.needs, server.parts) {
            (Needs::Controllers, Parts::ApiAlone) => Some("needs controllers"),
            (Needs::Kubelets, Parts::ApiAlone) => Some("needs kubelets"),
            (Needs::NobodyElse, Parts::Whole) => Some("a controller would put it right at once"),
            _ => None,
        }
    }
}

/// A simulated cluster that has what the lab has.
pub(crate) fn simulated() -> Sim {
    let world = ["lab-1", "lab-2", "lab-3"]
        .into_iter()
        .fold(World::default(), |world, name| {
            let mut machine = Machine::linux(name).pool("lab");
            machine.missing_images = vec![ABSENT_IMAGE.into()];
            world.machine(machine)
        })
        .user(User::with_rights(LIMITED, RIGHTS))
        .user(User::throttled(THROTTLED))
        .denial("pods", DENIED_NAMESPACE, DENIAL);
    Sim::start(world, 7)
}
