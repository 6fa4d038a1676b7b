//! `status`: its flags, and the request that they settle to.

use std::str::FromStr as _;
use std::time::Duration;

use clap::Args;

use crate::core::model::ShownLabels;
use crate::exit::Exit;
use crate::failure::Failure;

use super::flags::{
    Color, ConnectionFlags, Output, OutputFlags, ProbeFlags, Probing, RequestTimeout, Selection,
    SelectionFlags,
};

/// A node's evidence is read again at most this often: each reading is a pod.
const LEAST_EVERY: Duration = Duration::from_secs(30);

/// Show which nodes wait for a reboot, and why
///
/// Every node gets one of four verdicts: yes, no, unknown (with the reason), or n-a for nodes that this tool does not
/// reboot. Nothing is changed on any node. Nodes are read by short-lived pods in the namespace aksreboot, which are
/// deleted again; with --via debug by the pods that kubectl debug makes, and with --via ssh by logging in.
#[derive(Clone, Debug, Args)]
#[command(after_help = "Exit codes:
  0    the nodes were listed, whatever the verdicts
  1    they could not be listed, or a named node or pool does not exist
  2    wrong usage
  130  ended by SIGINT (143: SIGTERM), the usual end of --watch

Examples:
  aksreboot status
  aksreboot status --pool blue --pending -o wide
  aksreboot status -l agentpool=blue --sort-by since
  aksreboot status --watch --probe-every 2m
  aksreboot status --via debug --profile sysadmin
  aksreboot status --ssh-user azureuser      (SSH where pods do not do)
  aksreboot status -o custom-columns=NAME:.name,REBOOT:.reboot,KERNEL:.kernel
  aksreboot status -o jsonpath='{range .nodes[?(@.reboot==\"yes\")]}{.name}{\"\\n\"}{end}'")]
pub(crate) struct StatusFlags {
    #[command(flatten)]
    selection: SelectionFlags,

    /// Show only nodes whose reboot is pending; the summary counts the others, unknown ones too
    #[arg(long)]
    pending: bool,

    #[command(flatten)]
    output: OutputFlags,

    /// Order of the rows: a column such as since, kernel or pool, or a path such as .uid; default as the API lists them
    #[arg(long, value_name = "COLUMN", help_heading = "Output")]
    sort_by: Option<String>,

    /// Show these labels as columns; several with commas, or repeat it
    #[arg(
        short = 'L',
        long,
        value_name = "LABEL",
        value_delimiter = ',',
        help_heading = "Output"
    )]
    label_columns: Vec<String>,

    /// Show all labels in a last column
    #[arg(long, help_heading = "Output")]
    show_labels: bool,

    /// Go on showing changes, until Ctrl-C
    #[arg(short, long, help_heading = "Watching")]
    watch: bool,

    /// How old a node's evidence may become before the node is read again, such as 90s or 10m; at least 30s
    #[arg(long, value_name = "DURATION", default_value = "5m", value_parser = every, requires = "watch", help_heading = "Watching")]
    probe_every: Duration,

    #[command(flatten)]
    probe: ProbeFlags,
    #[command(flatten)]
    pub(crate) connection: ConnectionFlags,
}

/// What `status` is to do.
#[derive(Clone, Debug)]
pub(crate) struct StatusRequest {
    pub(crate) selection: Selection,
    pub(crate) show: Show,
    pub(crate) probing: Probing,
    /// How often evidence is read again, where changes are followed.
    pub(crate) watch: Option<Duration>,
}

/// How what was read is shown.
#[derive(Clone, Debug)]
pub(crate) struct Show {
    pub(crate) output: Output,
    pub(crate) headers: bool,
    pub(crate) color: Color,
    /// Nodes whose reboot is pending, and no others.
    pub(crate) pending_only: bool,
    pub(crate) sort_by: Option<String>,
    pub(crate) labels: ShownLabels,
}

impl StatusFlags {
    pub(crate) fn settle(&self) -> Result<StatusRequest, Failure> {
        let output = self.output.output.clone();
        let labels = ShownLabels {
            columns: self.label_columns.clone(),
            all: self.show_labels,
        };
        if !labels.is_empty() && !output.is_table() {
            return Err(Failure::say(
                Exit::Usage,
                "--label-columns and --show-labels are for -o table and -o wide",
            ));
        }
        if self.watch && !(output.is_table() || output == Output::Json) {
            return Err(Failure::say(
                Exit::Usage,
                "--watch shows changes as -o table, wide or json, and in no other format",
            )
            .hint("aksreboot status --watch -o json has a document a line"));
        }
        Ok(StatusRequest {
            selection: self.selection.clone().settle(),
            show: Show {
                output,
                headers: !self.output.no_headers,
                color: self.output.color,
                pending_only: self.pending,
                sort_by: self.sort_by.clone(),
                labels,
            },
            probing: self.probe.settle()?,
            watch: self.watch.then_some(self.probe_every),
        })
    }
}

fn every(text: &str) -> Result<Duration, String> {
    let RequestTimeout(span) = RequestTimeout::from_str(text).map_err(|error| error.to_string())?;
    span.filter(|span| *span >= LEAST_EVERY).ok_or_else(|| {
        format!(
            "nodes are read again every {}s at most",
            LEAST_EVERY.as_secs()
        )
    })
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;

    #[derive(Debug, clap::Parser)]
    struct Line {
        #[command(flatten)]
        flags: StatusFlags,
    }

    fn settled(arguments: &[&str]) -> Result<StatusRequest, String> {
        let line = Line::try_parse_from(["status"].iter().chain(arguments))
            .map_err(|error| error.to_string())?;
        line.flags
            .settle()
            .map_err(|failure| failure.error.to_string())
    }

    #[test]
    fn what_is_given_is_what_is_asked_for() {
        let request = settled(&[
            "--pool",
            "a",
            "--pool",
            "b",
            "--pending",
            "-L",
            "x,y",
            "-L",
            "z",
        ])
        .expect("a request");
        assert_eq!(request.selection.pools, ["a", "b"]);
        assert!(request.show.pending_only);
        assert_eq!(request.show.labels.columns, ["x", "y", "z"]);
        assert_eq!(request.watch, None);
        let watch = settled(&["-w", "--probe-every", "90s"]).expect("a request");
        assert_eq!(watch.watch, Some(Duration::from_secs(90)));
    }

    #[test]
    fn what_does_not_go_together_is_refused() {
        for (arguments, word) in [
            (&["n1", "-l", "a=b"][..], "cannot be used with"),
            (&["n1", "--pool", "a"], "cannot be used with"),
            (&["--probe-every", "1m"], "--watch"),
            (&["-w", "--probe-every", "10s"], "30s at most"),
            (&["-w", "--probe-every", "0"], "30s at most"),
            (&["-w", "-o", "yaml"], "--watch shows"),
            (&["-L", "x", "-o", "json"], "--label-columns"),
            (&["-o", "xml"], "the formats are"),
            (
                &["--field-selector", "spec.podCIDR=x"],
                "cannot be selected",
            ),
        ] {
            let said = settled(arguments).map(|_| ()).unwrap_err();
            assert!(said.contains(word), "{arguments:?}: {said}");
        }
    }
}
