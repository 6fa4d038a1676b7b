//! Which nodes: by name, label, field or pool. Names, `-l` and `--field-selector` as kubectl's `get` takes them.

use clap::Args;

use crate::core::model::NodeName;

#[derive(Clone, Debug, Default, Args)]
pub(crate) struct SelectionFlags {
    /// Nodes by name; none: every node
    #[arg(value_name = "NODE", conflicts_with_all = ["selector", "field_selector", "pools"])]
    nodes: Vec<String>,

    /// Nodes by label selector, such as agentpool=blue or 'tier in (a,b),!spot'
    #[arg(short = 'l', long, value_name = "SELECTOR")]
    selector: Option<String>,

    /// Nodes by field selector, such as spec.unschedulable=true or metadata.name!=n1
    #[arg(long, value_name = "SELECTOR", value_parser = fields)]
    field_selector: Option<String>,

    /// Nodes of this pool; repeat it for several
    #[arg(long = "pool", value_name = "NAME")]
    pools: Vec<String>,
}

/// Settled: names and pools come without repetition, in the order they were given. Empty selects every node.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Selection {
    pub(crate) names: Vec<NodeName>,
    /// For the server, as are the fields.
    pub(crate) labels: String,
    pub(crate) fields: String,
    /// By AKS's label or its older form, which no label selector says at once.
    pub(crate) pools: Vec<String>,
}

impl SelectionFlags {
    pub(crate) fn settle(self) -> Selection {
        // `kubectl get -o name` prints names so; taking them back saves a sed.
        let names = self.nodes.iter().map(|name| {
            NodeName::new(
                name.strip_prefix("node/")
                    .or_else(|| name.strip_prefix("nodes/"))
                    .unwrap_or(name),
            )
        });
        Selection {
            names: once_each(names),
            labels: self.selector.unwrap_or_default(),
            fields: self.field_selector.unwrap_or_default(),
            pools: once_each(self.pools),
        }
    }
}

fn once_each<T: PartialEq>(items: impl IntoIterator<Item = T>) -> Vec<T> {
    items.into_iter().fold(Vec::new(), |mut once, item| {
        if !once.contains(&item) {
            once.push(item);
        }
        once
    })
}

/// What the API server can select nodes by.
const FIELDS: [&str; 2] = ["metadata.name", "spec.unschedulable"];

/// The selector as it was given, when the server will understand it: FIELD=VALUE, FIELD==VALUE or FIELD!=VALUE, with commas
/// between.
fn fields(text: &str) -> Result<String, String> {
    for term in text.split(',') {
        let (field, _) = term
            .split_once("!=")
            .or_else(|| term.split_once("=="))
            .or_else(|| term.split_once('='))
            .ok_or_else(|| {
                format!("`{term}` is not FIELD=VALUE, such as spec.unschedulable=true")
            })?;
        if !FIELDS.contains(&field.trim()) {
            return Err(format!(
                "nodes cannot be selected by `{}`, only by {}; for labels there is -l",
                field.trim(),
                FIELDS.join(" and ")
            ));
        }
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_named_twice_is_one_node() {
        let flags = SelectionFlags {
            nodes: ["b", "a", "node/b"].map(str::to_owned).into(),
            ..SelectionFlags::default()
        };
        assert_eq!(flags.settle().names, ["b", "a"].map(NodeName::from));
    }

    #[test]
    fn nothing_given_is_every_node() {
        assert_eq!(SelectionFlags::default().settle(), Selection::default());
    }

    #[test]
    fn a_field_selector_is_what_the_server_knows() {
        for good in [
            "spec.unschedulable=true",
            "metadata.name!=a,spec.unschedulable==false",
        ] {
            assert_eq!(fields(good), Ok(good.to_owned()));
        }
        assert_eq!(
            fields("status.phase=Running").unwrap_err(),
            "nodes cannot be selected by `status.phase`, only by metadata.name and spec.unschedulable; for labels there is -l"
        );
        for bad in ["", "spec.unschedulable", "metadata.name=a,"] {
            assert!(fields(bad).is_err(), "{bad}");
        }
    }
}
