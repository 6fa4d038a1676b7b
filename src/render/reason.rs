//! Reasons in words, with their numbers; and what ends them, where a person can end them.
//! Everything that came from the cluster goes through `sanitise` at the writer.

use crate::core::hold::KURED_HOLDER;
use crate::core::model::PodKey;
use crate::core::plan::EXCLUDE;
use crate::core::reason::{LimitScope, Reason};

use std::time::Duration;

use super::text::{age, count, some_of};
use super::{blocker, doubt, package_doubt};

/// The reason as part of a sentence.
pub(crate) fn in_words(reason: &Reason) -> String {
    match reason {
        Reason::NeverDrains { .. }
        | Reason::BudgetNever { .. }
        | Reason::BudgetUncountable { .. }
        | Reason::BudgetsOfPod { .. }
        | Reason::BudgetNotNow { .. }
        | Reason::BudgetBehind { .. }
        | Reason::BudgetSlow { .. }
        | Reason::BudgetShared { .. }
        | Reason::NoRoom { .. }
        | Reason::RoomByOrder { .. }
        | Reason::RoomNotJudged { .. }
        | Reason::SingleReplicas { .. }
        | Reason::AllOnOneNode { .. }
        | Reason::LastReadyNode { .. }
        | Reason::SystemPodsLeave { .. }
        | Reason::OnlyWebhookBackends { .. }
        | Reason::WebhookUnanswered { .. }
        | Reason::BalancersSendOn { .. }
        | Reason::BalancersSendToStaying { .. }
        | Reason::DaemonSetGone { .. }
        | Reason::NodesNotReady { .. }
        | Reason::NodesCordoned { .. }
        | Reason::DaemonSetsNotReady { .. }
        | Reason::PodsWithoutNode { .. }
        | Reason::OwnNode { .. }
        | Reason::PlanDrift { .. }
        | Reason::NotProved { .. } => blocker::in_words(reason),

        Reason::Flag { .. }
        | Reason::KernelPending { .. }
        | Reason::NeedrestartPending { .. }
        | Reason::RebootNeeded
        | Reason::Replaced { .. }
        | Reason::SentinelFile { .. }
        | Reason::SentinelCommand { .. }
        | Reason::SecurityPatchBehind { .. }
        | Reason::UpgradeStatus { .. }
        | Reason::ManagedNode
        | Reason::ImageManaged { .. }
        | Reason::NothingRaisesFlag { .. }
        | Reason::OwnCheckFailed { .. }
        | Reason::Livepatch
        | Reason::SentinelNotRun { .. }
        | Reason::NotProbed
        | Reason::Windows
        | Reason::VirtualNode
        | Reason::UnsupportedSystem { .. }
        | Reason::NodeNotReady { .. }
        | Reason::ProbeDenied { .. }
        | Reason::ProbeNamespaceMissing { .. }
        | Reason::ProbeImage { .. }
        | Reason::ProbeNoRoom { .. }
        | Reason::ProbeTimeout { .. }
        | Reason::ProbeFailed { .. }
        | Reason::ProbeAnswer { .. }
        | Reason::ProbeGivenUp { .. }
        | Reason::Unreadable { .. }
        | Reason::BootMismatch { .. }
        | Reason::SecurityNotKnown { .. }
        | Reason::AzureNotAsked
        | Reason::AzureUnread { .. }
        | Reason::NodeImageNotTold
        | Reason::LatestImageNotTold { .. }
        | Reason::SinceNotKnown
        | Reason::Interrupted
        | Reason::ProfileWithoutHost { .. }
        | Reason::SshNoAddress { .. }
        | Reason::SshHostKey { .. }
        | Reason::SshDenied { .. }
        | Reason::SshFailed { .. }
        | Reason::SshTimeout { .. } => doubt::in_words(reason),

        Reason::NoPackageManager { .. }
        | Reason::PackageDataMissing { .. }
        | Reason::PackageDataOld { .. }
        | Reason::PackageDataUndated
        | Reason::PackageQuestionFailed { .. }
        | Reason::PackageListCut { .. }
        | Reason::PackageLocksHeld { .. } => package_doubt::in_words(reason),

        Reason::NotPending => "no reboot pending".into(),
        Reason::KeptOut { why } if why.trim().is_empty() => {
            format!("kept out of every roll by its annotation {EXCLUDE}")
        }
        Reason::KeptOut { why } => {
            format!("kept out of every roll by its annotation {EXCLUDE}: {why}")
        }
        Reason::PendingTooShort { since, seconds } => format!(
            "pending since {}, which is less than {}",
            since.strftime("%Y-%m-%d %H:%M UTC"),
            age(Duration::from_secs(*seconds))
        ),
        Reason::VerdictUnknown { because } => format!("unknown: {}", all(because)),
        Reason::NotRebootable { because } => all(because),

        Reason::Budget {
            pod,
            message,
            unready,
            ..
        } if !unready.is_empty() => format!(
            "{pod}: {message}; not Ready: {}",
            some_of(&names(unready), 4)
        ),
        Reason::Budget { pod, message, .. } | Reason::SeveralBudgets { pod, message } => {
            format!("{pod}: {message}")
        }
        Reason::EvictionFailed {
            pod,
            status,
            message,
        } => format!("evicting {pod} failed ({status}): {message}"),
        Reason::Terminating { pods } => {
            format!(
                "{} still on the node: {}",
                count(pods.len(), "pod"),
                some_of(&names(pods), 4)
            )
        }
        Reason::VolumesAttached { volumes } => format!(
            "{} of pods that left still attached: {}",
            count(volumes.len(), "volume"),
            some_of(volumes, 4)
        ),
        Reason::CameBack { pods } => format!(
            "{} back on the node, since it tolerates the cordon, and left there: {}",
            count(pods.len(), "evicted pod"),
            some_of(&names(pods), 6)
        ),
        Reason::CordonedByHand { by, why, since } => {
            let since = since.map_or_else(String::new, |since| format!(" on {since}"));
            format!("cordoned by {by}{since}: {why}")
        }
        Reason::AwaitingTurn { node } => format!("waits for its turn after {node}"),
        Reason::StillRunning { pods } => format!(
            "{} evicted and not waited for, perhaps still running: {}",
            count(pods.len(), "pod"),
            some_of(&names(pods), 6)
        ),
        Reason::Throttled => "the API server slows us down (429); no budget is in the way".into(),
        Reason::ApiUnavailable { message } => {
            format!("the API server cannot be reached: {message}")
        }
        Reason::ApiDenied { message } => format!("the API server refuses: {message}"),
        Reason::DrainSettings { pods, flag } => {
            let why = match flag.as_str() {
                "--force" => "no controller would make again",
                "--ignore-daemonsets" => "of a DaemonSet, which would put them back at once",
                _ => "with data in emptyDir volumes",
            };
            format!(
                "{} {why}: {}",
                count(pods.len(), "pod"),
                some_of(&names(pods), 6)
            )
        }
        Reason::PackagingBusy { processes } => {
            format!("a package manager is at work: {}", some_of(processes, 4))
        }
        Reason::NodeReplaced { planned, found } => {
            format!("another node has the name now (UID {found}, planned {planned})")
        }
        Reason::NodeGone => "the node is gone".into(),
        Reason::BootedMeanwhile { planned, found } => {
            format!(
                "the node booted since the plan, not by this run (boot {found}, planned {planned})"
            )
        }
        Reason::UncordonedByOther => "somebody else uncordoned the node".into(),
        Reason::NodePatchDenied { message } => {
            format!("the API server refuses to change the node: {message}")
        }
        Reason::MarkChanged => {
            "the run's mark on the node was changed or removed by somebody else".into()
        }
        Reason::OutsideWindows { windows, opens } => {
            let windows = some_of(windows, 3);
            match opens {
                Some(opens) => format!(
                    "outside of {windows}; opens {}",
                    opens.strftime("%a %Y-%m-%d %H:%M UTC")
                ),
                None => format!("outside of {windows}, which do not open again"),
            }
        }
        Reason::Pausing { until } => format!(
            "a pause between waves, until {}",
            until.strftime("%H:%M:%S UTC")
        ),
        Reason::DeadlinePassed { seconds } => format!(
            "the deadline of {} has passed; no further node is begun",
            age(Duration::from_secs(*seconds))
        ),
        Reason::Limit {
            limit,
            scope,
            unavailable,
        } => format!(
            "the limit of {limit} unavailable {}{} is full: {}",
            if *limit == 1 { "node" } else { "nodes" },
            match scope {
                LimitScope::Cluster => String::new(),
                LimitScope::System => " of the control plane and the system pools".into(),
                LimitScope::Pool { name: Some(name) } => format!(" of pool {name}"),
                LimitScope::Pool { name: None } => " without a pool".into(),
                LimitScope::Zone { name: Some(name) } => format!(" in zone {name}"),
                LimitScope::Zone { name: None } => " without a zone".into(),
            },
            some_of(
                &unavailable
                    .iter()
                    .map(ToString::to_string)
                    .collect::<Vec<_>>(),
                6
            )
        ),
        Reason::AskOutstanding { pod } => {
            format!("a reboot of this boot was asked for before (pod {pod})")
        }
        Reason::AskedBySsh { mark } => {
            format!("a reboot of this boot was asked for before ({mark} on the node)")
        }
        Reason::AwaitingBoot { boot } => {
            format!("asked for the reboot, the boot ID is still {boot}")
        }
        Reason::RebootPodDenied { message } => format!("the reboot pod is not admitted: {message}"),
        Reason::RebootRefused { message } => format!("the reboot script refused: {message}"),
        Reason::RebootPodFailed { message } => format!("the reboot pod failed: {message}"),
        Reason::RebootPodTimeout { seconds, state } => {
            format!("the reboot pod failed: not done after {seconds} s: {state}")
        }
        Reason::AwaitingReady { detail } => format!("rebooted, but {detail}"),
        Reason::AwaitingSustainedReady { seconds } => {
            format!("Ready; it must hold for {seconds} s")
        }
        Reason::AwaitingLease => {
            "Ready, but the kubelet has not renewed its lease since the boot".into()
        }
        Reason::AwaitingDaemons { missing } => {
            format!("DaemonSet pods not Ready again: {}", some_of(missing, 4))
        }
        Reason::StillPending { packages } if packages.is_empty() => {
            "rebooted, and a reboot is still pending: what asks for it is there again".into()
        }
        Reason::StillPending { packages } => {
            format!(
                "rebooted, and a reboot is still pending, wanted by {}",
                some_of(packages, 5)
            )
        }
        Reason::KernelBackwards { before, after } => {
            format!("the kernel moved backwards: {before} ran before, {after} now")
        }
        Reason::AwaitingWorkloads { behind } => {
            let gaps: Vec<String> = behind
                .iter()
                .map(|gap| format!("{} {}/{} Ready", gap.workload, gap.ready, gap.wanted))
                .collect();
            format!("workloads not back: {}", some_of(&gaps, 4))
        }

        Reason::BaselineMissing => {
            "the run record does not say how it was before the reboot, so nothing shows that it is so again".into()
        }
        Reason::RecordNotWritten { message } => {
            format!("the run record could not be added to: {message}")
        }
        Reason::JournalNotWritten { message } => {
            format!("the journal cannot be written, the run goes on without: {message}")
        }

        Reason::LockHeld {
            run,
            user,
            host,
            since,
        } => {
            let since = since
                .map(|since| format!(" since {since}"))
                .unwrap_or_default();
            format!("run {run} of {user} on {host} holds the cluster{since}")
        }
        Reason::LockLost { holder } if holder.is_empty() => {
            "the lock is gone: another process has ended the run, or somebody removed the Lease"
                .into()
        }
        Reason::LockLost { holder } => format!("the lock was taken by run {holder}"),
        Reason::ForeignMark { node, run } => {
            format!("node {node} carries the mark of another run ({run})")
        }
        Reason::Hold {
            user,
            host,
            since,
            until,
            reason,
        } => {
            let since = since.map_or_else(String::new, |since| format!(" since {since}"));
            let until = until.map_or_else(String::new, |until| format!(", until {until}"));
            format!("{user} on {host} holds all reboots{since}{until}: {reason}")
        }
        Reason::Kured { namespace, name } => {
            format!("kured (DaemonSet {namespace}/{name}) reboots nodes of this cluster too")
        }
        Reason::KuredLock {
            daemon_set,
            holders,
        } => format!(
            "kured's lock (DaemonSet {daemon_set}) is held by {}",
            some_of(holders, 3)
        ),
        Reason::KuredNotHeld {
            daemon_set,
            message,
        } => format!("kured's lock (DaemonSet {daemon_set}) cannot be had: {message}"),
        Reason::KuredNotFreed { message, until } => {
            let until = until.map_or_else(String::new, |until| format!("; it expires {until}"));
            format!("kured's lock was not given back: {message}{until}")
        }
        Reason::AksOperation { node, sign } => format!("AKS is at work on node {node} ({sign})"),
    }
}

/// What a person can do about it: sentences or commands.
pub(crate) fn remedies(reason: &Reason) -> Vec<String> {
    match reason {
        Reason::Budget { pod, budget, .. } => vec![
            format!(
                "kubectl describe poddisruptionbudget -n {} {budget}",
                pod.namespace
            ),
            format!(
                "the budget opens when more of its pods are Ready: kubectl get pods -n {}",
                pod.namespace
            ),
        ],
        Reason::SeveralBudgets { pod, .. } => vec![format!(
            "the eviction API refuses a pod with several budgets for good; keep one: kubectl get poddisruptionbudget -n {}",
            pod.namespace
        )],
        Reason::VolumesAttached { .. } => vec![
            "what holds them: kubectl get volumeattachments; the events of the node and of the pods that want them".into(),
        ],
        Reason::CordonedByHand { .. } => {
            vec!["when that is settled: aksreboot uncordon NODE".into()]
        }
        Reason::DrainSettings { flag, .. } if flag == "--ignore-daemonsets" => {
            vec![format!("add {flag} to leave them on the node")]
        }
        Reason::DrainSettings { flag, .. } => {
            vec![format!("add {flag} to let them go; what they hold is lost")]
        }
        Reason::LockHeld { run, .. } => vec![
            format!("if it is dead: aksreboot resume {run}"),
            "wait for its end, or look whether it still renews: kubectl get lease -n aksreboot aksreboot -o yaml".into(),
        ],
        Reason::Hold { .. } => {
            vec!["when the reason no longer holds: aksreboot unlock".into()]
        }
        Reason::ForeignMark { node, .. } => vec![
            format!("what that run intended, and the boot it was about: kubectl get node {node} -o jsonpath='{{.metadata.annotations.aksreboot\\.dev/run}}'"),
            "to go on with that run, when it is no longer alive: aksreboot resume".into(),
            format!("if it is over and no reboot is outstanding (kubectl get pods -n aksreboot): kubectl uncordon {node}, unless it was cordoned before; kubectl annotate node {node} aksreboot.dev/run-"),
        ],
        Reason::KuredLock { holders, .. }
            if holders
                .iter()
                .all(|holder| holder.no_node || holder.node.starts_with(KURED_HOLDER)) =>
        {
            vec![
                "if nobody is behind it any more: aksreboot unlock shows it and removes it after a yes".into(),
            ]
        }
        Reason::KuredLock { .. } => vec![
            "kured reboots a node: wait until it is done".into(),
            "to roll beside it all the same: --ignore-kured-lock".into(),
        ],
        Reason::KuredNotHeld { .. } => vec![
            "the role that this takes is in docs/kured.md; a lock in no known form: aksreboot unlock".into(),
            "to roll beside kured all the same: --ignore-kured-lock".into(),
        ],
        Reason::AksOperation { .. } => {
            vec!["wait until AKS is done: az aks nodepool list shows its state".into()]
        }
        Reason::Limit { unavailable, .. } => vec![format!(
            "bring {} back, or leave {} out of the count with --not-counted",
            if unavailable.len() == 1 { "it" } else { "them" },
            if unavailable.len() == 1 { "it" } else { "them" }
        )],
        Reason::AskOutstanding { pod } => {
            let pod = pod.replacen('/', " ", 1);
            vec![
                format!("see what became of it: kubectl describe pod -n {pod}"),
                format!("to ask again, take that ask back first: kubectl delete pod -n {pod}"),
            ]
        }
        Reason::AskedBySsh { mark } => vec![
            "see on the node what became of it: systemctl list-jobs".into(),
            format!("to ask again, take that ask back on the node first: sudo rmdir {mark}"),
        ],
        Reason::RebootPodDenied { .. }
        | Reason::ApiDenied { .. }
        | Reason::NodePatchDenied { .. } => {
            vec!["the roles that a roll needs: aksreboot manifests roll".into()]
        }
        Reason::ProbeNamespaceMissing { .. } => {
            vec!["aksreboot manifests namespace | kubectl apply -f -".into()]
        }
        Reason::StillPending { .. } => {
            vec!["something raised the flag again at boot; see aksreboot status -o wide".into()]
        }
        Reason::AwaitingReady { .. } => {
            vec!["kubectl describe node shows the kubelet's reasons".into()]
        }
        Reason::VerdictUnknown { because } => because.iter().filter_map(doubt::remedy).collect(),
        other => blocker::remedies(other).unwrap_or_else(|| {
            doubt::remedy(other)
                .or_else(|| package_doubt::remedy(other))
                .into_iter()
                .collect()
        }),
    }
}

fn all(reasons: &[Reason]) -> String {
    reasons.iter().map(in_words).collect::<Vec<_>>().join("; ")
}

pub(super) fn names(pods: &[PodKey]) -> Vec<String> {
    pods.iter().map(ToString::to_string).collect()
}
