//! What a pod demands of the node that it may run on, as plain values: requests, ports, labels, taints, distance.
//! Preferences are not kept: nothing here weighs, it only judges.

use std::collections::{BTreeMap, BTreeSet};

use super::{Node, Resources, Taint};

pub(crate) type Labels = BTreeMap<String, String>;

/// The demands of one pod. Pods of one template share one value.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Needs {
    pub(crate) requests: Resources,
    pub(crate) ports: Vec<HostPort>,
    /// `nodeSelector`.
    pub(crate) selector: Labels,
    /// Required node affinity: one of these terms holds. `None` asks for nothing.
    pub(crate) affinity: Option<Vec<Term>>,
    pub(crate) tolerations: Vec<Toleration>,
    /// Required pod anti-affinity.
    pub(crate) apart: Vec<PodTerm>,
    /// Required pod affinity.
    pub(crate) near: Vec<PodTerm>,
    /// Topology spread with `whenUnsatisfiable: DoNotSchedule`.
    pub(crate) spread: Vec<Spread>,
    /// PersistentVolumeClaims of its namespace that it mounts.
    pub(crate) claims: Vec<String>,
    /// `spec.priority`, which says who has to make room, and here who leaves a node last.
    pub(crate) priority: i32,
    /// Demands that nothing here judges, by their names: devices, other schedulers.
    pub(crate) unjudged: Vec<String>,
}

/// A port of the node itself.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct HostPort {
    pub(crate) port: u16,
    /// `TCP`, `UDP` or `SCTP`.
    pub(crate) protocol: String,
    /// Empty: every address.
    pub(crate) address: String,
}

/// All of these hold. A term that demands nothing holds nowhere.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Term {
    pub(crate) labels: Vec<Requirement>,
    /// Of `metadata.name`, the only field there is.
    pub(crate) fields: Vec<Requirement>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Requirement {
    pub(crate) key: String,
    pub(crate) operator: Operator,
    pub(crate) values: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Operator {
    In,
    NotIn,
    Exists,
    DoesNotExist,
    /// The label is a number above the only value.
    Gt,
    Lt,
    /// One that this version does not know; it never holds.
    Unknown,
}

/// A toleration; an empty key or effect stands for every one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Toleration {
    pub(crate) key: String,
    /// The value that the taint must have; `None` for the operator `Exists`.
    pub(crate) value: Option<String>,
    pub(crate) effect: String,
    /// For how long a NoExecute taint is tolerated; `None` for good.
    pub(crate) seconds: Option<i64>,
}

/// Pods that another must be with, or apart from, in one domain.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct PodTerm {
    /// `None` picks no pod.
    pub(crate) selector: Option<LabelSelector>,
    /// The node label whose value names the domain.
    pub(crate) topology_key: String,
    /// With no selector of namespaces either: the pod's own namespace.
    pub(crate) namespaces: Vec<String>,
    /// Namespaces by their labels, besides those that are named.
    pub(crate) namespace_selector: Option<LabelSelector>,
}

/// How evenly the pods that `selector` picks must be spread over domains.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Spread {
    /// How many more a domain may have than the one with the fewest.
    pub(crate) max_skew: u32,
    pub(crate) topology_key: String,
    /// `None` picks no pod.
    pub(crate) selector: Option<LabelSelector>,
    /// Labels in which the counted pods must be as the pod is.
    pub(crate) label_keys: Vec<String>,
    /// With fewer domains the fewest is taken to be none.
    pub(crate) min_domains: Option<u32>,
    /// Domains are those of the nodes that the pod selects.
    pub(crate) honor_affinity: bool,
    /// … and whose taints it tolerates.
    pub(crate) honor_taints: bool,
}

impl PodTerm {
    /// The namespaces that it is about, for a pod of namespace `own`; `all` are those that there are, with their labels.
    pub(crate) fn namespaces_for<'a>(
        &'a self,
        own: &'a str,
        all: impl IntoIterator<Item = (&'a str, &'a Labels)>,
    ) -> BTreeSet<&'a str> {
        let mut about: BTreeSet<&str> = self.namespaces.iter().map(String::as_str).collect();
        match &self.namespace_selector {
            Some(selector) => about.extend(
                all.into_iter()
                    .filter(|(_, labels)| selector.picks(labels))
                    .map(|(name, _)| name),
            ),
            None if about.is_empty() => {
                about.insert(own);
            }
            None => {}
        }
        about
    }
}

impl Spread {
    /// Whether the pods on this node are counted for a pod with these needs.
    pub(crate) fn counts_on(&self, needs: &Needs, node: &Node) -> bool {
        let tolerated = |taint: &Taint| {
            !matches!(taint.effect.as_str(), "NoSchedule" | "NoExecute") || needs.tolerates(taint)
        };
        (!self.honor_affinity || needs.selects(node.name.as_str(), &node.labels))
            && (!self.honor_taints || node.taints.iter().all(tolerated))
    }
}

/// `matchLabels` and `matchExpressions`; an empty one picks everything.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct LabelSelector {
    pub(crate) equal: Labels,
    pub(crate) expressions: Vec<Requirement>,
}

impl LabelSelector {
    pub(crate) fn picks(&self, labels: &Labels) -> bool {
        self.equal
            .iter()
            .all(|(key, value)| labels.get(key) == Some(value))
            && self
                .expressions
                .iter()
                .all(|requirement| requirement.holds(labels.get(&requirement.key)))
    }
}

impl Requirement {
    /// Whether it holds for what is found under its key.
    pub(crate) fn holds(&self, found: Option<&String>) -> bool {
        let among = |found: &String| self.values.contains(found);
        match self.operator {
            Operator::In => found.is_some_and(among),
            Operator::NotIn => !found.is_some_and(among),
            Operator::Exists => found.is_some(),
            Operator::DoesNotExist => found.is_none(),
            Operator::Gt => self.compare(found).is_some_and(|(own, bound)| own > bound),
            Operator::Lt => self.compare(found).is_some_and(|(own, bound)| own < bound),
            Operator::Unknown => false,
        }
    }

    fn compare(&self, found: Option<&String>) -> Option<(i64, i64)> {
        Some((found?.parse().ok()?, self.values.first()?.parse().ok()?))
    }
}

impl Toleration {
    pub(crate) fn covers(&self, taint: &Taint) -> bool {
        let same_key = if self.key.is_empty() {
            self.value.is_none()
        } else {
            self.key == taint.key
        };
        same_key
            && (self.effect.is_empty() || self.effect == taint.effect)
            && self
                .value
                .as_ref()
                .is_none_or(|value| *value == taint.value)
    }
}

impl HostPort {
    /// Whether two pods on one node cannot have these two ports.
    pub(crate) fn collides(&self, other: &Self) -> bool {
        let everywhere = |port: &Self| matches!(port.address.as_str(), "" | "0.0.0.0" | "::");
        self.port == other.port
            && self.protocol == other.protocol
            && (everywhere(self) || everywhere(other) || self.address == other.address)
    }
}

/// The taint of a cordoned node.
fn cordon() -> Taint {
    Taint {
        key: "node.kubernetes.io/unschedulable".into(),
        value: String::new(),
        effect: "NoSchedule".into(),
    }
}

impl Needs {
    /// May be put on a cordoned node again.
    pub(crate) fn tolerates_a_cordon(&self) -> bool {
        self.tolerates(&cordon())
    }

    pub(crate) fn tolerates(&self, taint: &Taint) -> bool {
        self.tolerations
            .iter()
            .any(|toleration| toleration.covers(taint))
    }

    /// Whether a node of this name and labels is one that the pod selects.
    pub(crate) fn selects(&self, name: &str, labels: &Labels) -> bool {
        self.selector
            .iter()
            .all(|(key, value)| labels.get(key) == Some(value))
            && self
                .affinity
                .as_ref()
                .is_none_or(|terms| terms.iter().any(|term| term.holds(name, labels)))
    }

    /// The only node that the affinity leaves by name, as the pods of a DaemonSet have it.
    pub(crate) fn pinned_to(&self) -> Option<&str> {
        let [term] = self.affinity.as_deref()? else {
            return None;
        };
        let field = term.fields.first()?;
        match (field.operator, field.values.as_slice()) {
            (Operator::In, [name]) if field.key == "metadata.name" => Some(name),
            _ => None,
        }
    }
}

impl Term {
    /// Whether it holds for a node of this name and labels.
    pub(crate) fn holds(&self, name: &str, labels: &Labels) -> bool {
        let name = name.to_owned();
        !(self.labels.is_empty() && self.fields.is_empty())
            && self
                .labels
                .iter()
                .all(|requirement| requirement.holds(labels.get(&requirement.key)))
            && self.fields.iter().all(|requirement| {
                requirement.holds((requirement.key == "metadata.name").then_some(&name))
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taint(key: &str, value: &str, effect: &str) -> Taint {
        Taint {
            key: key.into(),
            value: value.into(),
            effect: effect.into(),
        }
    }

    fn toleration(key: &str, value: Option<&str>, effect: &str) -> Toleration {
        Toleration {
            key: key.into(),
            value: value.map(str::to_owned),
            effect: effect.into(),
            seconds: None,
        }
    }

    #[test]
    fn a_toleration_covers_what_it_names_and_an_empty_one_everything() {
        let gpu = taint("gpu", "a100", "NoSchedule");
        assert!(toleration("", None, "").covers(&gpu));
        assert!(toleration("gpu", None, "").covers(&gpu));
        assert!(toleration("gpu", Some("a100"), "NoSchedule").covers(&gpu));
        assert!(!toleration("gpu", Some("t4"), "NoSchedule").covers(&gpu));
        assert!(!toleration("gpu", None, "NoExecute").covers(&gpu));
        // Without a key only `Exists` means all keys.
        assert!(!toleration("", Some("a100"), "").covers(&gpu));
    }

    #[test]
    fn one_term_suffices_and_an_empty_one_never_holds() {
        let labels = Labels::from([("zone".to_owned(), "1".to_owned())]);
        let zone = |value: &str| Term {
            labels: vec![Requirement {
                key: "zone".into(),
                operator: Operator::In,
                values: vec![value.into()],
            }],
            fields: vec![],
        };
        let needs = |affinity| Needs {
            affinity,
            ..Needs::default()
        };
        assert!(needs(None).selects("n", &labels));
        assert!(needs(Some(vec![zone("2"), zone("1")])).selects("n", &labels));
        assert!(!needs(Some(vec![zone("2")])).selects("n", &labels));
        assert!(!needs(Some(vec![Term::default()])).selects("n", &labels));
    }

    #[test]
    fn a_number_is_compared_as_one() {
        let of = |operator| Requirement {
            key: "k".into(),
            operator,
            values: vec!["9".into()],
        };
        let ten = "10".to_owned();
        assert!(of(Operator::Gt).holds(Some(&ten)));
        assert!(!of(Operator::Lt).holds(Some(&ten)));
        assert!(!of(Operator::Gt).holds(Some(&"many".to_owned())));
    }
}
