//! `check-updates`: its flags, and the request that they settle to.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};

use super::flags::{
    AzureFlags, Color, ConnectionFlags, Printed, ProbeFlags, Probing, ReportFile, ReportFlags,
    Selection, SelectionFlags, age,
};
use crate::core::azure::AzureSearch;
use crate::core::updates::decide::{Criterion, Terms, Unknowns};
use crate::exit::Exit;
use crate::failure::Failure;

/// Check whether nodes are behind: pending packages, security updates, reboots
///
/// Made for pipelines. Each node's own package manager is asked what an upgrade would install now, and how old its data is;
/// the node is read as `aksreboot status` reads it. Nothing is changed on any node. What could not be told is unknown, and
/// never taken for up to date.
#[derive(Clone, Debug, Args)]
#[command(after_help = "Exit codes:
  0    no node is behind in what counts (--fail-on), and every node could be decided
  1    a node could not be decided in what counts, there is none, or the command failed; outranks 100
  2    wrong usage, a bad ignore file too
  100  a node is behind in what counts
  130  ended by SIGINT (143: SIGTERM)

What counts, by --fail-on:
  pending       packages that an upgrade would install now
  security      packages among them that mend a security fault
  reboot        a reboot is pending
  image         there is a newer node image for the pool (with --azure)
  overdue=7d    a reboot has been pending for longer
  none          nothing: the command reports, and ends with 0

Examples:
  aksreboot check-updates
  aksreboot check-updates --pool blue --packages
  aksreboot check-updates --fail-on security,overdue=14d --ignore-file aksreboot-ignore.yaml
  aksreboot check-updates --report junit=updates.xml --report markdown=updates.md
  aksreboot check-updates --azure --fail-on image,overdue=14d
  aksreboot check-updates --refresh -o json")]
pub(crate) struct CheckUpdatesFlags {
    #[command(flatten)]
    selection: SelectionFlags,

    /// What counts as behind; several with commas, or repeat it
    #[arg(long, value_name = "WHAT", value_delimiter = ',', default_value = "pending,reboot", value_parser = criterion, help_heading = "Decision")]
    fail_on: Vec<Counting>,

    /// Nodes and packages to pass over, each with a reason and a last day: a YAML file (docs/check-updates.md)
    #[arg(long, value_name = "FILE", help_heading = "Decision")]
    ignore_file: Option<PathBuf>,

    /// Older package data says nothing: what is pending is then unknown; any: however old
    #[arg(long, value_name = "AGE", default_value = "3d", value_parser = max_age, help_heading = "Decision")]
    max_data_age: MaxAge,

    /// Fetch package data for the question, beside the node's own, which stays as it is
    #[arg(long, help_heading = "Decision")]
    refresh: bool,

    /// Do not fail because of nodes that could not be decided; they are still told
    #[arg(long, help_heading = "Decision")]
    tolerate_unknown: bool,

    #[command(flatten)]
    output: ReportFlags,

    /// The CI system to speak to by an annotation, a job summary and outputs
    #[arg(
        long,
        value_name = "SYSTEM",
        value_enum,
        default_value = "auto",
        help_heading = "Output"
    )]
    ci: CiChoice,

    #[command(flatten)]
    azure: AzureFlags,
    #[command(flatten)]
    probe: ProbeFlags,
    #[command(flatten)]
    pub(crate) connection: ConnectionFlags,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum CiChoice {
    /// By GITHUB_ACTIONS, TF_BUILD and GITLAB_CI
    Auto,
    /// GitHub Actions
    Github,
    /// Azure Pipelines
    Azure,
    /// GitLab CI/CD
    Gitlab,
    None,
}

/// What `check-updates` is to do.
#[derive(Clone, Debug)]
pub(crate) struct CheckUpdatesRequest {
    pub(crate) selection: Selection,
    pub(crate) terms: Terms,
    pub(crate) ignore_file: Option<PathBuf>,
    pub(crate) show: Show,
    pub(crate) reports: Vec<ReportFile>,
    pub(crate) ci: CiChoice,
    pub(crate) probing: Probing,
    /// `None`: Azure is not asked.
    pub(crate) azure: Option<AzureSearch>,
}

/// How what was found is shown on stdout.
#[derive(Clone, Debug)]
pub(crate) struct Show {
    pub(crate) printed: Printed,
    pub(crate) headers: bool,
    pub(crate) color: Color,
    pub(crate) packages: bool,
}

impl CheckUpdatesFlags {
    pub(crate) fn settle(&self) -> Result<CheckUpdatesRequest, Failure> {
        let (criteria, azure) = (criteria(&self.fail_on)?, self.azure.settle());
        if criteria.contains(&Criterion::Image) && azure.is_none() {
            return Err(Failure::say(
                Exit::Usage,
                "--fail-on image needs Azure's word: nothing in the cluster knows the newest node image",
            )
            .hint("--azure, or --azure-cluster RESOURCE_GROUP/NAME"));
        }
        Ok(CheckUpdatesRequest {
            selection: self.selection.clone().settle(),
            terms: Terms {
                criteria,
                unknowns: if self.tolerate_unknown {
                    Unknowns::Tolerated
                } else {
                    Unknowns::Fail
                },
                max_data_age: self.max_data_age.0,
                refresh: self.refresh,
            },
            ignore_file: self.ignore_file.clone(),
            show: Show {
                printed: self.output.output.clone(),
                headers: !self.output.no_headers,
                color: self.output.color,
                packages: self.output.packages,
            },
            reports: self.output.reports.clone(),
            ci: self.ci,
            probing: self.probe.settle()?,
            azure,
        })
    }
}

/// One value of `--fail-on`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Counting {
    Nothing,
    This(Criterion),
}

fn criterion(text: &str) -> Result<Counting, String> {
    Ok(Counting::This(match text.split_once('=') {
        None => match text {
            "pending" => Criterion::Pending,
            "security" => Criterion::Security,
            "reboot" => Criterion::Reboot,
            "image" => Criterion::Image,
            "none" => return Ok(Counting::Nothing),
            "overdue" => return Err("overdue needs a duration: overdue=7d".into()),
            _ => return Err(WHAT_COUNTS.into()),
        },
        Some(("overdue", limit)) => Criterion::Overdue(age(limit)?),
        Some(_) => return Err(WHAT_COUNTS.into()),
    }))
}

const WHAT_COUNTS: &str = "what can count is pending, security, reboot, image, overdue=7d, or none";

/// Each once, in the order in which they were given.
fn criteria(given: &[Counting]) -> Result<Vec<Criterion>, Failure> {
    let mut criteria: Vec<Criterion> = Vec::new();
    for counting in given {
        match counting {
            Counting::Nothing if given.len() == 1 => {}
            Counting::Nothing => {
                return Err(Failure::say(
                    Exit::Usage,
                    "--fail-on none stands alone: with anything else it would say nothing",
                ));
            }
            Counting::This(criterion) if !criteria.contains(criterion) => criteria.push(*criterion),
            Counting::This(_) => {}
        }
    }
    Ok(criteria)
}

/// `None`: data of any age.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct MaxAge(Option<Duration>);

fn max_age(text: &str) -> Result<MaxAge, String> {
    match text {
        "any" => Ok(MaxAge(None)),
        text => age(text).map(|age| MaxAge(Some(age))),
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;

    #[derive(Debug, clap::Parser)]
    struct Line {
        #[command(flatten)]
        flags: CheckUpdatesFlags,
    }

    fn settled(arguments: &[&str]) -> Result<CheckUpdatesRequest, String> {
        let line = Line::try_parse_from(["check-updates"].iter().chain(arguments))
            .map_err(|error| error.to_string())?;
        line.flags
            .settle()
            .map_err(|failure| failure.error.to_string())
    }

    fn counting(arguments: &[&str]) -> Vec<Criterion> {
        settled(arguments).expect("a request").terms.criteria
    }

    const WEEK: Duration = Duration::from_secs(7 * 86_400);

    #[test]
    fn pending_packages_and_reboots_count_where_nobody_says_otherwise() {
        assert_eq!(counting(&[]), [Criterion::Pending, Criterion::Reboot]);
        assert_eq!(
            counting(&[
                "--fail-on",
                "security,overdue=7d",
                "--fail-on",
                "reboot,security"
            ]),
            [
                Criterion::Security,
                Criterion::Overdue(WEEK),
                Criterion::Reboot
            ]
        );
        assert_eq!(counting(&["--fail-on", "none"]), []);
    }

    #[test]
    fn data_may_be_three_days_old_or_what_is_said() {
        let age = |arguments: &[&str]| settled(arguments).expect("a request").terms.max_data_age;
        assert_eq!(age(&[]), Some(Duration::from_secs(3 * 86_400)));
        assert_eq!(age(&["--max-data-age", "7d"]), Some(WEEK));
        assert_eq!(age(&["--max-data-age", "any"]), None);
    }

    #[test]
    fn what_makes_no_sense_is_refused_by_name() {
        for (arguments, word) in [
            (&["--fail-on", "overdue"][..], "overdue=7d"),
            (&["--fail-on", "overdue=7"], "no unit"),
            (&["--fail-on", "kernel"], "pending, security"),
            (&["--fail-on", "pending=1"], "pending, security"),
            (&["--fail-on", ""], "pending, security"),
            (&["--fail-on", "none,reboot"], "stands alone"),
            (&["--fail-on", "image"], "needs Azure"),
            (&["--max-data-age", "0d"], "no time"),
            (&["--report", "a.xml"], "FORMAT=PATH"),
            (&["-o", "xml"], "the formats are"),
            (&["--ci", "jenkins"], "possible values"),
        ] {
            let said = settled(arguments).map(|_| ()).unwrap_err();
            assert!(said.contains(word), "{arguments:?}: {said}");
        }
    }
}
