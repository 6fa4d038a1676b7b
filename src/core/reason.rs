//! Why something is not simply so: doubts of a probe, blockers and waits of a roll, exclusions of a plan.
//! Reasons are data, kept whole and all of them; `render` turns them into words at the very end.

mod parts;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::azure::AzureTrouble;
use super::kured_lock::KuredHolder;
use super::model::{Asked, BootId, Kernel, NodeName, PodKey, RunId, Uid};
use super::updates::{Counts, DataAgeBy, Manager};

pub(crate) use parts::{Denier, Held, KernelSource, Kin, Lack, LimitScope, WorkloadGap};

impl Reason {
    /// A node that is left out for this was not meant by who asked, or needs nothing: nothing is left undone.
    pub(crate) fn leaves_nothing_undone(&self) -> bool {
        matches!(self, Self::NotPending | Self::PendingTooShort { .. })
    }
}

/// One reason. Serialised as `{"kind": …, fields}` in events, plans and reports.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(
    tag = "kind",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
pub(crate) enum Reason {
    // Why a reboot is pending, or is not.
    /// The flag `/run/reboot-required` is there; the packages that raised it, where they said so.
    Flag {
        packages: Vec<String>,
        omitted: u32,
    },
    /// A newer kernel of the same flavour is installed than the one that runs.
    KernelPending {
        running: Kernel,
        installed: Kernel,
        source: KernelSource,
    },
    /// needrestart expects another kernel than the one that runs.
    NeedrestartPending {
        running: Kernel,
        expected: Option<Kernel>,
    },
    /// SUSE's flag `/run/reboot-needed` is there.
    RebootNeeded,
    /// Parts that only a reboot takes into use were replaced since the boot.
    Replaced {
        components: Vec<String>,
    },
    /// The file that the operator takes for evidence is there.
    SentinelFile {
        path: String,
    },
    /// The operator's own command says that a reboot is pending.
    SentinelCommand {
        command: String,
    },
    /// AKS has a newer state of packages for the node than it has (channel SecurityPatch).
    SecurityPatchBehind {
        current: Option<String>,
        golden: String,
    },
    /// AKS has set the node apart in an upgrade of its own.
    UpgradeStatus {
        status: String,
    },

    // Why a verdict is unknown or does not apply.
    /// Only the API was asked, which cannot tell.
    NotProbed,
    Windows,
    VirtualNode,
    /// AKS keeps the node for itself.
    ManagedNode,
    /// The system comes as a whole image; nothing on it raises a flag.
    ImageManaged {
        system: String,
    },
    /// No package here would raise the flag for these parts, so its absence proves nothing.
    NothingRaisesFlag {
        components: Vec<String>,
    },
    /// Whether a part was replaced since the boot cannot be told.
    OwnCheckFailed {
        what: String,
        message: String,
    },
    /// Livepatch keeps the flag from being raised for kernels, and a newer one may be installed.
    Livepatch,
    /// The operator's command was not run on the node.
    SentinelNotRun {
        why: String,
    },
    /// The operating system is one that this version cannot judge.
    UnsupportedSystem {
        id: String,
    },
    NodeNotReady {
        detail: String,
    },
    /// The probe pod was refused at creation, by what; the server's own words.
    ProbeDenied {
        by: Denier,
        #[serde(default)]
        namespace: String,
        message: String,
    },
    /// The namespace for probe pods does not exist.
    ProbeNamespaceMissing {
        namespace: String,
    },
    /// The probe's image is not there and could not be pulled.
    ProbeImage {
        image: String,
        message: String,
    },
    /// The kubelet had no room for the probe pod.
    ProbeNoRoom {
        message: String,
    },
    /// The probe pod did not finish in time; what it was doing.
    ProbeTimeout {
        seconds: u64,
        state: String,
    },
    /// The probe pod ended otherwise than well.
    ProbeFailed {
        message: String,
    },
    /// The answer was cut, forged, or in another format.
    ProbeAnswer {
        message: String,
    },
    /// A part of the evidence could not be read on the node.
    Unreadable {
        what: String,
        message: String,
    },
    /// Not tried: so many probes before had failed, and none succeeded. The last one's reason.
    ProbeGivenUp {
        failed: u32,
        last: Box<Reason>,
    },
    /// The probe ran on another boot than the API reports.
    BootMismatch {
        api: BootId,
        host: BootId,
    },
    /// A reboot is pending, and nothing says since when.
    SinceNotKnown,
    /// The command was ended before the node was read.
    Interrupted,
    /// Debug pods of this profile have no sight of the host's files.
    ProfileWithoutHost {
        profile: String,
    },
    /// The node has no usable address of the kind that SSH was to go to.
    SshNoAddress {
        wanted: String,
    },
    /// The host's key is not known, or another than the known one; ssh's own words, and the command that takes the key.
    SshHostKey {
        address: String,
        changed: bool,
        message: String,
        accept: String,
    },
    /// The host does not let the user in.
    SshDenied {
        address: String,
        message: String,
    },
    /// The login did not come about or broke off.
    SshFailed {
        address: String,
        message: String,
    },
    /// No answer by SSH in time; what was being waited for.
    SshTimeout {
        address: String,
        seconds: u64,
        state: String,
    },

    // Why it is not known which packages are pending, and what is worth knowing of them.
    /// None of the package managers that this version asks is on the node.
    NoPackageManager {
        system: String,
    },
    /// The package manager has no data of these sources, and of so many more; of none at all where none is named.
    PackageDataMissing {
        manager: Manager,
        sources: Vec<String>,
        more: u32,
    },
    /// The package data is older than it may be.
    PackageDataOld {
        as_of: Timestamp,
        by: DataAgeBy,
        limit_seconds: u64,
    },
    /// How old the package data is cannot be told.
    PackageDataUndated,
    /// The package manager could not answer, in its own words.
    PackageQuestionFailed {
        program: String,
        message: String,
    },
    /// The list of packages did not come whole; their numbers did.
    PackageListCut {
        message: String,
        counts: Counts,
    },
    /// Which of the pending packages mend security faults is not said where they come from.
    SecurityNotKnown {
        packages: u32,
    },
    /// Azure was not asked, and nothing else knows the newest node image.
    AzureNotAsked,
    /// Azure could not be asked, or not about this.
    AzureUnread {
        trouble: AzureTrouble,
    },
    /// The node does not say its pool, or from which image it was made.
    NodeImageNotTold,
    /// Azure names no newest image of the pool.
    LatestImageNotTold {
        pool: String,
    },
    /// Somebody holds locks of the package manager: an upgrade would have to wait.
    PackageLocksHeld {
        paths: Vec<String>,
    },

    // Exclusions of a plan.
    /// Nothing is pending on the node.
    NotPending,
    /// Somebody keeps the node out of every roll, by the annotation `aksreboot.dev/exclude`; what it says.
    KeptOut {
        why: String,
    },
    /// The reboot has been pending for less long than was asked for.
    PendingTooShort {
        since: Timestamp,
        seconds: u64,
    },
    /// The verdict on the node is unknown; its own reasons follow.
    VerdictUnknown {
        because: Vec<Reason>,
    },
    /// A virtual or Windows node, or another that this tool does not reboot.
    NotRebootable {
        because: Vec<Reason>,
    },
    /// The node's drain would never end, whatever is waited for.
    NeverDrains {
        because: Vec<Reason>,
    },

    // What a plan foresees of a drain.
    /// With all `most` pods healthy that there can be, the budget lets none go: never, as it and its workloads are.
    BudgetNever {
        held: Box<Held>,
        most: u32,
    },
    /// The budget counts by scale, and this pod's controller has none; so it lets no pod go.
    BudgetUncountable {
        held: Box<Held>,
        pod: PodKey,
        controller: String,
    },
    /// The eviction API refuses a pod with several budgets.
    BudgetsOfPod {
        pod: PodKey,
        budgets: Vec<String>,
    },
    /// The budget lets none go now: these pods of it are not healthy, and so many more are not there.
    BudgetNotNow {
        held: Box<Held>,
        unready: Vec<PodKey>,
        missing: u32,
    },
    /// The budget was changed, and its controller has not counted since.
    BudgetBehind {
        held: Box<Held>,
    },
    /// The budget lets fewer go at once than leave the node.
    BudgetSlow {
        held: Box<Held>,
        rounds: u32,
    },
    /// Nodes of one wave need more of a budget together than it allows.
    BudgetShared {
        namespace: String,
        budget: String,
        nodes: Vec<NodeName>,
        pods: u32,
        allowed: u32,
    },
    /// These pods fit on none of so many other nodes; on how many what is lacking, and the pool of which an empty node would
    /// take them.
    NoRoom {
        pods: Vec<PodKey>,
        nodes: u32,
        why: Vec<Lack>,
        pool: Option<String>,
    },
    /// Whether these pods find room elsewhere depends on which come first.
    RoomByOrder {
        pods: Vec<PodKey>,
    },
    /// These pods have demands that are not judged; by all others they fit.
    RoomNotJudged {
        pods: Vec<PodKey>,
        demands: Vec<String>,
    },
    /// Workloads of one pod, which leaves: they are gone until it is Ready elsewhere.
    SingleReplicas {
        workloads: Vec<String>,
    },
    /// Workloads whose pods are all on the node, more than one of each.
    AllOnOneNode {
        workloads: Vec<String>,
    },
    /// The node is the only available one of its role, pool or zone.
    LastReadyNode {
        of: Kin,
    },
    /// Pods of the cluster's own namespace leave the node.
    SystemPodsLeave {
        pods: Vec<PodKey>,
    },
    /// Of a Service that answers for webhooks which fail closed, every Ready pod is on the node, or on others of its wave: while they are
    /// away, what the webhooks are asked about is refused.
    OnlyWebhookBackends {
        service: String,
        webhooks: Vec<String>,
        asked: Vec<Asked>,
    },
    /// No pod answers for these webhooks even before anything begins.
    WebhookUnanswered {
        service: String,
        webhooks: Vec<String>,
        asked: Vec<Asked>,
    },
    /// Balancers of LoadBalancer Services send to every node, and so to these until their probes have failed.
    BalancersSendOn {
        services: Vec<String>,
        nodes: Vec<NodeName>,
    },
    /// Balancers that send where the pods are find some that stay on the node while it is drained.
    BalancersSendToStaying {
        services: Vec<String>,
    },
    /// Pods of DaemonSets that are gone: they stay, and nothing makes them again.
    DaemonSetGone {
        pods: Vec<PodKey>,
    },
    /// Nodes that are not Ready before anything begins.
    NodesNotReady {
        nodes: Vec<NodeName>,
    },
    /// Nodes that somebody cordoned before.
    NodesCordoned {
        nodes: Vec<NodeName>,
    },
    /// DaemonSets with fewer Ready pods than they want before anything begins.
    DaemonSetsNotReady {
        behind: Vec<WorkloadGap>,
    },
    /// Pods that have no node before anything begins: they take the room that others leave.
    PodsWithoutNode {
        pods: Vec<PodKey>,
    },
    /// This program itself runs on the node, in this pod.
    OwnNode {
        pod: PodKey,
    },
    /// The cluster is not as a plan has it: the field of its spec, and its values.
    PlanDrift {
        field: String,
        planned: String,
        now: String,
        because: Vec<Reason>,
    },
    /// What a plan proves by these objects is not known: the user may not list them.
    NotProved {
        what: String,
        message: String,
    },

    // Waits and blockers of a step.
    /// A disruption budget refuses an eviction: its counts as the API server gave them, and those of its pods that are not Ready,
    /// where they could be read.
    Budget {
        pod: PodKey,
        budget: String,
        message: String,
        #[serde(default)]
        unready: Vec<PodKey>,
    },
    /// Several budgets match one pod; the eviction API refuses such a pod for good.
    SeveralBudgets {
        pod: PodKey,
        message: String,
    },
    /// An eviction was refused or failed for another reason.
    EvictionFailed {
        pod: PodKey,
        status: u16,
        message: String,
    },
    /// Evicted, and still there.
    Terminating {
        pods: Vec<PodKey>,
    },
    /// Another node of the run is cordoned or drained first.
    AwaitingTurn {
        node: NodeName,
    },
    /// The pods are gone, and these volumes of theirs are still attached to the node or mounted there.
    VolumesAttached {
        volumes: Vec<String>,
    },
    /// They tolerate the cordon and came back to the node after their eviction, as pods of a DaemonSet would.
    CameBack {
        pods: Vec<PodKey>,
    },
    /// Somebody cordoned the node by hand and said why: it is theirs.
    CordonedByHand {
        by: String,
        why: String,
        since: Option<Timestamp>,
    },
    /// Evicted and past their time, and not waited for: they may still run.
    StillRunning {
        pods: Vec<PodKey>,
    },
    /// The API server slows us down; nothing to do with a budget.
    Throttled,
    /// The API server cannot be reached, or answers with a server's error.
    ApiUnavailable {
        message: String,
    },
    /// The API server refuses a read, and would again.
    ApiDenied {
        message: String,
    },
    /// Pods that the drain's settings do not allow to be removed.
    DrainSettings {
        pods: Vec<PodKey>,
        flag: String,
    },
    /// A package manager is at work on the node.
    PackagingBusy {
        processes: Vec<String>,
    },
    /// The node is not the one that was planned.
    NodeReplaced {
        planned: Uid,
        found: Uid,
    },
    NodeGone,
    /// The node booted since the plan was made, not by this run.
    BootedMeanwhile {
        planned: BootId,
        found: BootId,
    },
    /// Somebody else uncordoned the node while it was being drained.
    UncordonedByOther,
    /// The server refuses to change the node, in its own words.
    NodePatchDenied {
        message: String,
    },
    /// Somebody else changed or removed our mark.
    MarkChanged,
    /// No node may begin before that time: none of the run's windows is open.
    OutsideWindows {
        windows: Vec<String>,
        opens: Option<Timestamp>,
    },
    /// The pause between two waves.
    Pausing {
        until: Timestamp,
    },
    /// No further node may begin: the run's time is up.
    DeadlinePassed {
        seconds: u64,
    },
    /// A limit on unavailable nodes leaves no room.
    Limit {
        limit: u32,
        #[serde(default)]
        scope: LimitScope,
        unavailable: Vec<NodeName>,
    },
    /// A reboot pod for this boot exists already: somebody asked before.
    AskOutstanding {
        pod: String,
    },
    /// This boot was asked to end over SSH, and runs on: somebody asked before.
    AskedBySsh {
        /// What says so on the host.
        mark: String,
    },
    /// Asked for the reboot; the boot ID is still the old one.
    AwaitingBoot {
        boot: BootId,
    },
    /// The API server does not admit the reboot pod; nothing was asked.
    RebootPodDenied {
        message: String,
    },
    /// The reboot pod refused on the node, in its own words.
    RebootRefused {
        message: String,
    },
    /// The reboot pod could not run.
    RebootPodFailed {
        message: String,
    },
    /// The reboot pod came to no end in time.
    RebootPodTimeout {
        seconds: u64,
        state: String,
    },
    /// The boot ID is new, the node is not Ready.
    AwaitingReady {
        detail: String,
    },
    /// Ready, but not yet for long enough.
    AwaitingSustainedReady {
        seconds: u64,
    },
    /// Ready, but the kubelet has not renewed its lease since the boot.
    AwaitingLease,
    /// DaemonSet pods that were Ready before the reboot are not yet again.
    AwaitingDaemons {
        missing: Vec<String>,
    },
    /// The flag is there after the reboot as before it.
    StillPending {
        packages: Vec<String>,
    },
    /// A kernel older than before runs after the reboot.
    KernelBackwards {
        before: Kernel,
        after: Kernel,
    },
    /// Workloads have fewer Ready pods than before the drain.
    AwaitingWorkloads {
        behind: Vec<WorkloadGap>,
    },

    // What a run says of itself.
    /// The run record does not say how it was before the reboot, so nothing shows that it is so again.
    BaselineMissing,
    /// The run record could not be added to.
    RecordNotWritten {
        message: String,
    },
    /// The journal could not be written; the run goes on without.
    JournalNotWritten {
        message: String,
    },

    // Why the cluster is not ours to roll.
    /// Another run holds the Lease.
    LockHeld {
        run: RunId,
        user: String,
        host: String,
        since: Option<Timestamp>,
    },
    /// The Lease was taken by somebody else while we held it.
    LockLost {
        holder: String,
    },
    /// A node carries the mark of a run that is not ours.
    ForeignMark {
        node: NodeName,
        run: String,
    },
    /// Somebody holds all reboots in the cluster.
    Hold {
        user: String,
        host: String,
        since: Option<Timestamp>,
        until: Option<Timestamp>,
        reason: String,
    },
    /// kured reboots nodes of this cluster too: in records and journals of versions that did not take its lock.
    Kured {
        namespace: String,
        name: String,
    },
    /// kured's lock is held.
    KuredLock {
        daemon_set: String,
        holders: Vec<KuredHolder>,
    },
    /// kured is there, and its lock cannot be had: it is in no form that is known, or where it is cannot be known, or it may
    /// not be read or written.
    KuredNotHeld {
        daemon_set: String,
        message: String,
    },
    /// kured's lock was not given back; it expires by itself.
    KuredNotFreed {
        message: String,
        until: Option<Timestamp>,
    },
    /// AKS works on the node.
    AksOperation {
        node: NodeName,
        sign: String,
    },
}
