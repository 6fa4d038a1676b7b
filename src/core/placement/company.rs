//! Where a pod may be for the sake of other pods: with them, apart from them, evenly spread. Looks at counts of pods by
//! domain, however they were come by.

use std::collections::HashMap;

use super::Misfit;
use crate::core::model::{Node, Spread};

/// How many of the pods in question are in each domain: by the value of a node label.
pub(crate) type Counts = HashMap<String, u32>;

/// All that a pod's place depends on in other pods.
#[derive(Debug, Default)]
pub(crate) struct Company<'a>(pub(crate) Vec<Tie<'a>>);

/// One demand, its own or another pod's.
#[derive(Debug)]
pub(crate) enum Tie<'a> {
    /// Not where these are.
    Apart { key: &'a str, counts: &'a Counts },
    /// Not where pods are that do not want it near.
    KeptAway { key: &'a str, counts: &'a Counts },
    /// Where one of these is. The first of a group that belongs together may be anywhere.
    Near {
        key: &'a str,
        counts: &'a Counts,
        belongs: bool,
    },
    /// Nowhere where there would be too many more than in the domain with the fewest.
    Spread {
        key: &'a str,
        counts: &'a Counts,
        /// The most there may be beside it.
        most: i64,
    },
}

impl<'a> Tie<'a> {
    /// `counts` has every domain that the pod may be in, but for those named in `without`. `belongs`: the pod is one of
    /// those that are counted.
    pub(crate) fn spread(
        spread: &'a Spread,
        counts: &'a Counts,
        belongs: bool,
        without: &[&str],
    ) -> Self {
        let domains = counts
            .iter()
            .filter(|(name, _)| !without.contains(&name.as_str()));
        let fewest = if spread
            .min_domains
            .is_some_and(|least| domains.clone().count() < least as usize)
        {
            0
        } else {
            domains.map(|(_, count)| *count).min().unwrap_or(0)
        };
        Self::Spread {
            key: &spread.topology_key,
            counts,
            most: i64::from(fewest) + i64::from(spread.max_skew) - i64::from(belongs),
        }
    }
}

impl Company<'_> {
    /// In the order of the scheduler's plugins: spread, then affinity, then distance.
    pub(super) fn suits(&self, node: &Node) -> Result<(), Misfit> {
        let mut first: Option<(u8, Misfit)> = None;
        for tie in &self.0 {
            if let Some(found) = tie.misfit(node)
                && first.as_ref().is_none_or(|(rank, _)| found.0 < *rank)
            {
                first = Some(found);
            }
        }
        first.map_or(Ok(()), |(_, misfit)| Err(misfit))
    }
}

impl Tie<'_> {
    /// Why not on this node, with the place of its plugin.
    fn misfit(&self, node: &Node) -> Option<(u8, Misfit)> {
        match self {
            Self::Spread { key, counts, most } => match node.label(key) {
                None => Some((0, Misfit::NoDomain)),
                Some(domain) => {
                    let there = counts.get(domain).copied().unwrap_or(0);
                    (i64::from(there) > *most).then_some((0, Misfit::Uneven))
                }
            },
            Self::Near {
                key,
                counts,
                belongs,
            } => {
                let domain = node.label(key);
                let there = domain.and_then(|domain| counts.get(domain)).copied();
                let nowhere = counts.values().all(|count| *count == 0);
                let fits = there.is_some_and(|count| count > 0)
                    || (domain.is_some() && nowhere && *belongs);
                (!fits).then_some((1, Misfit::Alone))
            }
            Self::Apart { key, counts } => {
                is_there(node, key, counts).then_some((2, Misfit::TooNear))
            }
            Self::KeptAway { key, counts } => {
                is_there(node, key, counts).then_some((3, Misfit::KeptAway))
            }
        }
    }
}

fn is_there(node: &Node, key: &str, counts: &Counts) -> bool {
    node.label(key)
        .and_then(|domain| counts.get(domain))
        .is_some_and(|count| *count > 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::evidence::test_node;

    fn node(zone: Option<&str>) -> Node {
        let mut node = test_node();
        node.labels.clear();
        node.labels
            .extend(zone.map(|zone| ("zone".to_owned(), zone.to_owned())));
        node
    }

    fn counts(domains: &[(&str, u32)]) -> Counts {
        domains
            .iter()
            .map(|(name, count)| ((*name).to_owned(), *count))
            .collect()
    }

    fn spread(max_skew: u32, min_domains: Option<u32>) -> Spread {
        Spread {
            max_skew,
            topology_key: "zone".into(),
            selector: None,
            label_keys: vec![],
            min_domains,
            honor_affinity: true,
            honor_taints: false,
        }
    }

    #[test]
    fn a_spread_allows_no_domain_that_would_be_ahead_of_the_last_by_more_than_its_skew() {
        let there = counts(&[("1", 2), ("2", 1), ("3", 1)]);
        for (skew, min_domains, belongs, zone, expected) in [
            (1, None, true, Some("2"), Ok(())),
            (1, None, true, Some("1"), Err(Misfit::Uneven)),
            (2, None, true, Some("1"), Ok(())),
            (1, None, false, Some("1"), Ok(())),
            // With fewer domains than it wants, the fewest is none at all.
            (1, Some(4), true, Some("2"), Err(Misfit::Uneven)),
            (1, None, true, None, Err(Misfit::NoDomain)),
        ] {
            let spread = spread(skew, min_domains);
            let company = Company(vec![Tie::spread(&spread, &there, belongs, &[])]);
            assert_eq!(
                company.suits(&node(zone)),
                expected,
                "{skew} {belongs} {zone:?}"
            );
        }
    }

    #[test]
    fn the_first_of_those_that_belong_together_may_be_anywhere_with_a_domain() {
        let near = |counts, belongs| {
            Company(vec![Tie::Near {
                key: "zone",
                counts,
                belongs,
            }])
        };
        let (none, some) = (counts(&[]), counts(&[("1", 1)]));
        assert_eq!(near(&some, false).suits(&node(Some("1"))), Ok(()));
        assert_eq!(
            near(&some, true).suits(&node(Some("2"))),
            Err(Misfit::Alone)
        );
        assert_eq!(near(&none, true).suits(&node(Some("2"))), Ok(()));
        assert_eq!(
            near(&none, false).suits(&node(Some("2"))),
            Err(Misfit::Alone)
        );
        assert_eq!(near(&none, true).suits(&node(None)), Err(Misfit::Alone));
    }

    #[test]
    fn distance_counts_where_there_is_a_domain() {
        let there = counts(&[("1", 1), ("2", 0)]);
        let company = |kept: bool| {
            Company(vec![if kept {
                Tie::KeptAway {
                    key: "zone",
                    counts: &there,
                }
            } else {
                Tie::Apart {
                    key: "zone",
                    counts: &there,
                }
            }])
        };
        assert_eq!(company(false).suits(&node(Some("1"))), Err(Misfit::TooNear));
        assert_eq!(company(true).suits(&node(Some("1"))), Err(Misfit::KeptAway));
        assert_eq!(company(true).suits(&node(Some("2"))), Ok(()));
        assert_eq!(company(false).suits(&node(None)), Ok(()));
    }
}
