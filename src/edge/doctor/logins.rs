//! Logs in to some nodes as `status --via ssh` would, and closes each connection. Takes no host key, and writes nothing on
//! any node.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::time::Duration;

use futures::StreamExt as _;
use futures::stream::FuturesOrdered;

use crate::core::doctor::Found;
use crate::core::doctor::logins::{Tried, sample, sum_up};
use crate::core::evidence::not_applicable;
use crate::core::model::{Node, NodeName};
use crate::core::tally::Tally;
use crate::edge::ssh::Ssh;
use crate::failure::Failure;
use crate::request::flags::SshSettings;

/// Eight logins at a time take about a second: this many take half a minute where each is slow.
const MOST: usize = 48;
/// Connecting has ten seconds of its own, and the script takes one.
const LIMIT: Duration = Duration::from_secs(30);

/// Logins to be tried.
#[derive(Clone, Debug)]
pub(crate) struct Logins {
    pub(crate) settings: SshSettings,
    /// Whom to log in to; nobody named: some of each pool.
    pub(crate) nodes: BTreeSet<NodeName>,
}

/// What came of it on `nodes`, which are all there are.
pub(super) async fn tried(logins: &Logins, nodes: &[&Node]) -> Vec<Found> {
    let ssh = match Ssh::new(logins.settings.clone()) {
        Ok(ssh) => ssh,
        Err(failure) => return vec![unusable(&failure)],
    };
    let hosts: Vec<&Node> = nodes
        .iter()
        .filter(|node| not_applicable(node.kind()).is_none())
        .filter(|node| logins.nodes.is_empty() || logins.nodes.contains(&node.name))
        .copied()
        .collect();
    let mut found = match ssh.program(hosts.first().copied()).await {
        Ok((version, settled)) => vec![Found::SshProgram { version, settled }],
        Err(message) => return vec![Found::SshUnusable { message }],
    };
    let named: Vec<NodeName> = logins
        .nodes
        .iter()
        .filter(|name| !hosts.iter().any(|node| node.name == **name))
        .cloned()
        .collect();
    if hosts.is_empty() || !named.is_empty() {
        found.push(Found::NoLogin { named });
    }
    let most = if logins.nodes.is_empty() {
        MOST
    } else {
        hosts.len()
    };
    let chosen = sample(&hosts, most, |node| node.pool());
    let left_out = hosts.len() - chosen.len();
    let tally = RefCell::new(Tally::default());
    let all: FuturesOrdered<_> = chosen
        .into_iter()
        .map(|node| one(&ssh, node, &tally))
        .collect();
    let tried: Vec<Tried> = all.collect().await;
    found.extend(sum_up(&tried, left_out));
    found
}

async fn one(ssh: &Ssh, node: &Node, tally: &RefCell<Tally>) -> Tried {
    let _turn = ssh.turn().await;
    let given_up = tally.borrow().given_up();
    let outcome = match given_up {
        Some(reason) => Err(reason),
        None => ssh.try_login(node, LIMIT).await,
    };
    tally.borrow_mut().count(&outcome);
    Tried {
        node: node.name.clone(),
        outcome,
    }
}

fn unusable(failure: &Failure) -> Found {
    Found::SshUnusable {
        message: format!("{:#}", failure.error),
    }
}
