//! What came of logging in to some nodes as `status --via ssh` does, summed up by what each login needs: one fine line for
//! a need that all meet, and one for each that some do not, with what mends it. Logs in to nobody.

use serde::Serialize;

use super::Found;
use crate::core::model::NodeName;
use crate::core::reason::Reason;

/// What a login needs, in the order in which it is found out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum LoginNeed {
    /// An address that can be connected to.
    Address,
    /// A host key that is known, and the one that answers.
    HostKey,
    /// To be let in, and an answer.
    Login,
    /// The boot that the API reports for the node.
    Boot,
}

impl LoginNeed {
    const ALL: [Self; 4] = [Self::Address, Self::HostKey, Self::Login, Self::Boot];

    /// Which need a login failed by.
    fn of(reason: &Reason) -> Self {
        match reason {
            Reason::SshNoAddress { .. } => Self::Address,
            Reason::SshHostKey { .. } => Self::HostKey,
            Reason::BootMismatch { .. } => Self::Boot,
            // Given up after the same trouble with many: that trouble's need.
            Reason::ProbeGivenUp { last, .. } => Self::of(last),
            _ => Self::Login,
        }
    }
}

/// As whom the script ran on a host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum RanAs {
    Root,
    User {
        /// What `sudo -n` said, where it was tried.
        sudo: Option<String>,
    },
}

/// A node that was tried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Tried {
    pub(crate) node: NodeName,
    pub(crate) outcome: Result<RanAs, Reason>,
}

/// A node whose login lacks something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Lacking {
    pub(crate) node: NodeName,
    pub(crate) reason: Reason,
}

/// What all the logins come to. `left_out` nodes were not tried.
pub(crate) fn sum_up(tried: &[Tried], left_out: usize) -> Vec<Found> {
    if tried.is_empty() {
        return Vec::new();
    }
    let mut found = Vec::new();
    // Those that came so far.
    let mut of = tried.len();
    for need in LoginNeed::ALL {
        let lacking: Vec<Lacking> = tried
            .iter()
            .filter_map(|tried| {
                let reason = tried.outcome.as_ref().err()?;
                (LoginNeed::of(reason) == need).then(|| Lacking {
                    node: tried.node.clone(),
                    reason: reason.clone(),
                })
            })
            .collect();
        let met = of - lacking.len();
        if met > 0 {
            found.push(Found::LoginMet {
                need,
                nodes: met,
                left_out,
            });
        }
        if !lacking.is_empty() {
            found.push(Found::LoginLacks { need, of, lacking });
        }
        of = met;
        if of == 0 {
            return found;
        }
    }
    found.extend(roots(tried));
    found
}

/// Who got root, of those that were read at all.
fn roots(tried: &[Tried]) -> Vec<Found> {
    let ran: Vec<(&NodeName, &RanAs)> = tried
        .iter()
        .filter_map(|tried| Some((&tried.node, tried.outcome.as_ref().ok()?)))
        .collect();
    let root = ran.iter().filter(|(_, as_whom)| **as_whom == RanAs::Root);
    let without = |wanted: bool| -> Vec<(&NodeName, &RanAs)> {
        let is =
            |as_whom: &RanAs| matches!(as_whom, RanAs::User { sudo } if sudo.is_some() == wanted);
        ran.iter()
            .filter(|(_, as_whom)| is(as_whom))
            .copied()
            .collect()
    };
    let names = |of: &[(&NodeName, &RanAs)]| of.iter().map(|(node, _)| (*node).clone()).collect();
    let (refused, unasked) = (without(true), without(false));
    let mut found = Vec::new();
    match root.count() {
        0 => {}
        nodes => found.push(Found::LoginRoot { nodes }),
    }
    if let Some((_, RanAs::User { sudo: Some(said) })) = refused.first() {
        found.push(Found::LoginNoRoot {
            of: ran.len(),
            nodes: names(&refused),
            said: said.clone(),
        });
    }
    if !unasked.is_empty() {
        found.push(Found::LoginRootUnasked {
            nodes: names(&unasked),
        });
    }
    found
}

/// The nodes to try where there are more than `most`: of each pool in turn, so that each is among them.
pub(crate) fn sample<T>(nodes: &[T], most: usize, pool: impl Fn(&T) -> Option<&str>) -> Vec<&T> {
    let mut pools: Vec<(Option<&str>, Vec<&T>)> = Vec::new();
    for node in nodes {
        let name = pool(node);
        match pools.iter_mut().find(|(known, _)| *known == name) {
            Some((_, members)) => members.push(node),
            None => pools.push((name, vec![node])),
        }
    }
    let longest = pools
        .iter()
        .map(|(_, nodes)| nodes.len())
        .max()
        .unwrap_or(0);
    (0..longest)
        .flat_map(|at| {
            pools
                .iter()
                .filter_map(move |(_, nodes)| nodes.get(at).copied())
        })
        .take(most)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::doctor::{Grade, judge};
    use crate::core::model::BootId;

    fn tried(node: &str, outcome: Result<RanAs, Reason>) -> Tried {
        Tried {
            node: node.into(),
            outcome,
        }
    }

    fn no_address() -> Reason {
        Reason::SshNoAddress {
            wanted: "ExternalIP".into(),
        }
    }

    fn key(changed: bool) -> Reason {
        Reason::SshHostKey {
            address: "10.0.0.4".into(),
            changed,
            message: "no".into(),
            accept: "ssh".into(),
        }
    }

    fn denied() -> Reason {
        Reason::SshDenied {
            address: "10.0.0.4".into(),
            message: "publickey".into(),
        }
    }

    fn codes_and_grades(found: Vec<Found>) -> Vec<(&'static str, Grade)> {
        found
            .into_iter()
            .map(|found| judge(found, &[]))
            .map(|check| (check.code, check.grade))
            .collect()
    }

    #[test]
    fn a_login_that_lacks_something_counts_for_nothing_that_comes_later() {
        use LoginNeed::{Address, Boot, HostKey, Login};
        let found = sum_up(
            &[
                tried("n1", Err(no_address())),
                tried("n2", Err(key(true))),
                tried("n3", Err(denied())),
                tried(
                    "n4",
                    Err(Reason::BootMismatch {
                        api: BootId::from("a"),
                        host: BootId::from("b"),
                    }),
                ),
                tried("n5", Ok(RanAs::Root)),
            ],
            0,
        );
        let counts: Vec<(LoginNeed, usize)> = found
            .iter()
            .filter_map(|found| match found {
                Found::LoginMet { need, nodes, .. } => Some((*need, *nodes)),
                Found::LoginLacks { need, of, .. } => Some((*need, *of)),
                _ => None,
            })
            .collect();
        assert_eq!(
            counts,
            [
                (Address, 4),
                (Address, 5),
                (HostKey, 3),
                (HostKey, 4),
                (Login, 2),
                (Login, 3),
                (Boot, 1),
                (Boot, 2),
            ]
        );
        assert_eq!(found.last(), Some(&Found::LoginRoot { nodes: 1 }));
    }

    #[test]
    fn where_nobody_gets_in_nothing_is_said_of_what_comes_after() {
        let found = sum_up(&[tried("n1", Err(denied()))], 0);
        assert_eq!(
            codes_and_grades(found),
            [
                ("AKR051", Grade::Ok),
                ("AKR052", Grade::Ok),
                ("AKR053", Grade::Fail),
            ]
        );
    }

    #[test]
    fn no_root_is_to_be_known_and_no_failure() {
        let user = |sudo: Option<&str>| RanAs::User {
            sudo: sudo.map(str::to_owned),
        };
        let found = sum_up(
            &[
                tried("n1", Ok(user(Some("a password is required")))),
                tried("n2", Ok(user(None))),
            ],
            0,
        );
        let last: Vec<Found> = found.into_iter().skip(4).collect();
        assert_eq!(
            codes_and_grades(last),
            [("AKR054", Grade::Warn), ("AKR054", Grade::Warn)]
        );
    }

    #[test]
    fn nobody_tried_is_unknown_and_some_left_out_is_said() {
        for (named, grade) in [(vec![], Grade::Unknown), (vec!["n9".into()], Grade::Fail)] {
            let found = vec![Found::NoLogin { named }];
            assert_eq!(codes_and_grades(found), [("AKR053", grade)]);
        }
        let found = sum_up(&[tried("n1", Ok(RanAs::Root))], 40);
        let warned: Vec<_> = codes_and_grades(found)
            .into_iter()
            .filter(|(_, grade)| *grade == Grade::Warn)
            .collect();
        assert_eq!(warned, [("AKR053", Grade::Warn)]);
    }

    #[test]
    fn a_sample_has_some_of_each_pool() {
        let nodes: Vec<(usize, &str)> = (0..10)
            .map(|at| (at, if at < 8 { "blue" } else { "green" }))
            .collect();
        let names = |most: usize| -> Vec<usize> {
            sample(&nodes, most, |(_, pool)| Some(*pool))
                .into_iter()
                .map(|(at, _)| *at)
                .collect()
        };
        assert_eq!(names(4), [0, 8, 1, 9]);
        assert_eq!(names(100).len(), 10);
    }
}
