//! The command line as declared to clap; groups that several commands share have a file each.

mod age;
mod azure;
mod connection;
mod drain;
mod limits;
mod output;
mod pace;
mod pod;
mod probe;
mod report;
mod selection;
mod ssh;

pub(crate) use age::age;
pub(crate) use azure::AzureFlags;
pub(in crate::request) use connection::parse_duration;
pub(crate) use connection::{ConnectionFlags, RequestTimeout};
pub(crate) use drain::DrainFlags;
pub(crate) use limits::LimitFlags;
pub(in crate::request) use limits::whole_seconds;
pub(crate) use output::{Color, Output, OutputFlags};
pub(crate) use pace::PaceFlags;
pub(crate) use pod::{PodFlags, PullPolicy, Tolerated};
pub(crate) use probe::{ProbeFlags, ProbePodFlags, Probing, Profile, Via};
pub(crate) use report::{Printed, ReportFile, ReportFlags, ReportFormat};
pub(crate) use selection::{Selection, SelectionFlags};
pub(crate) use ssh::{SshAddress, SshFlags, SshSettings, Sudo, via};

use clap::{Parser, Subcommand};

/// Find Kubernetes nodes that wait for a reboot, and reboot them one by one without an outage.
#[derive(Debug, Parser)]
#[command(
    name = "aksreboot",
    version,
    propagate_version = true,
    after_help = super::command_line::AFTER_HELP,
    max_term_width = 100
)]
pub(crate) struct CommandLine {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Status(super::status::StatusFlags),
    CheckUpdates(Box<super::check_updates::CheckUpdatesFlags>),
    Plan(super::plan::PlanFlags),
    Roll(super::roll::RollFlags),
    Resume(super::resume::ResumeFlags),
    History(super::history::HistoryFlags),
    Report(super::history::ReportFlags),
    Lock(super::hold::LockFlags),
    Unlock(super::hold::UnlockFlags),
    Drain(super::drain::DrainCommandFlags),
    Cordon(super::cordon::CordonFlags),
    Uncordon(super::cordon::UncordonFlags),
    Doctor(super::doctor::DoctorFlags),
    Cleanup(super::cleanup::CleanupFlags),
    Demo(super::demo::DemoFlags),
    Completions(super::generated::CompletionsFlags),
    Man(super::generated::ManFlags),
    Manifests(super::manifests::ManifestsFlags),
    Schema(super::schema::SchemaFlags),
}
