//! What came of the logins, in words, and the commands that mend it.

use crate::core::doctor::logins::{Lacking, LoginNeed};
use crate::core::doctor::{Found, SshSettled};
use crate::core::model::NodeName;
use crate::core::reason::Reason;
use crate::render::doubt;
use crate::render::text::{count, some_of};

/// Nodes of one trouble that a line names.
const NAMED: usize = 6;
/// Commands that one trouble is worth; the document has the reason of every node.
const MOST_REMEDIES: usize = 4;

pub(super) const fn title(need: LoginNeed) -> &'static str {
    match need {
        LoginNeed::Address => "address",
        LoginNeed::HostKey => "host key",
        LoginNeed::Login => "login",
        LoginNeed::Boot => "boot ID",
    }
}

/// For what is about logins; other things have no words here.
pub(super) fn found(found: &Found) -> String {
    match found {
        Found::SshProgram { version, settled } => program(version, settled),
        Found::SshUnusable { message } => message.clone(),
        Found::LoginMet {
            need,
            nodes,
            left_out,
        } => met(*need, *nodes, *left_out),
        Found::LoginLacks { need, of, lacking } => lacks(*need, *of, lacking),
        Found::NoLogin { named } if named.is_empty() => {
            "not tried: no Linux node is known to log in to".into()
        }
        Found::NoLogin { named } => format!(
            "not tried: no Linux node of that name: {}",
            some_of(named, NAMED)
        ),
        Found::LoginRoot { nodes } => {
            format!("the script runs as root on {}", count(*nodes, "node"))
        }
        Found::LoginNoRoot { of, nodes, said } => format!(
            "{}: sudo -n is refused, so what only root may read is unreadable: {said}",
            part(nodes, *of)
        ),
        Found::LoginRootUnasked { nodes } => format!(
            "{}: not root, and --ssh-sudo never; what only root may read is unreadable",
            some_of(nodes, NAMED)
        ),
        _ => String::new(),
    }
}

fn program(version: &str, settled: &SshSettled) -> String {
    let jump = match &settled.jump {
        Some(jump) => format!(", through {jump}"),
        None => String::new(),
    };
    format!(
        "{version}; the configuration says user {}, port {}{jump}",
        settled.user, settled.port
    )
}

fn met(need: LoginNeed, nodes: usize, left_out: usize) -> String {
    let nodes = count(nodes, "node");
    match need {
        LoginNeed::Address => format!("{nodes} can be connected to by one"),
        LoginNeed::HostKey => format!("not refused on {nodes}"),
        LoginNeed::Login if left_out > 0 => {
            format!("{nodes} let the user in; {left_out} more were not tried")
        }
        LoginNeed::Login => format!("{nodes} let the user in, and the script answers"),
        LoginNeed::Boot => format!("{nodes} are on the boot that the API reports"),
    }
}

fn lacks(need: LoginNeed, of: usize, lacking: &[Lacking]) -> String {
    let nodes: Vec<NodeName> = lacking.iter().map(|lacking| lacking.node.clone()).collect();
    let why = lacking.first().map(|first| match (&first.reason, need) {
        (Reason::BootMismatch { .. }, _) => format!(
            "{}: the address is another host's by now, or the node has booted since",
            doubt::in_words(&first.reason)
        ),
        (reason, _) => doubt::in_words(reason),
    });
    format!("{}: {}", part(&nodes, of), why.unwrap_or_default())
}

/// `2 of 3 (n1, n2)`.
fn part(nodes: &[NodeName], of: usize) -> String {
    format!(
        "{} of {} ({})",
        nodes.len(),
        count(of, "node"),
        some_of(nodes, NAMED)
    )
}

pub(super) fn remedies(found: &Found) -> Vec<String> {
    let one = |text: &str| vec![text.to_owned()];
    match found {
        Found::SshProgram { .. } | Found::SshUnusable { .. } => one(
            "ssh -G NODE-ADDRESS  # with -F FILE where --ssh-config is given; without ssh: apt-get install openssh-client",
        ),
        Found::LoginMet { .. } => one("aksreboot doctor --via ssh --ssh-node NAME,NAME"),
        Found::LoginLacks { need, lacking, .. } => of_lacking(*need, lacking),
        Found::NoLogin { .. } => one("kubectl get nodes -o wide"),
        Found::LoginNoRoot { .. } => one(
            "echo 'USER ALL=(ALL) NOPASSWD:ALL' | sudo tee /etc/sudoers.d/aksreboot  # on the node; or --ssh-user with one that has it, or --ssh-sudo never",
        ),
        Found::LoginRootUnasked { .. } => one("--ssh-sudo auto, where the user may"),
        _ => Vec::new(),
    }
}

fn of_lacking(need: LoginNeed, lacking: &[Lacking]) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for lacking in lacking {
        let mends = match (&lacking.reason, need) {
            (Reason::BootMismatch { .. }, _) => Some(format!(
                "kubectl get node {} -o wide  # whether that is still its address; a node that has just booted reports in a minute",
                lacking.node
            )),
            (Reason::SshFailed { .. }, _) => Some(
                "the same login by hand with ssh -v: whether its address can be reached from here (ProxyJump in the ssh configuration)".to_owned(),
            ),
            (reason, _) => doubt::remedy(reason),
        };
        all.extend(mends.filter(|mends| !all.contains(mends)));
    }
    if all.len() > MOST_REMEDIES {
        let more = all.split_off(MOST_REMEDIES).len();
        all.push(format!("{more} more of that kind: -o json has each"));
    }
    all
}
