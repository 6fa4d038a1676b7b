//! The kinds of faults there are, by which they are drawn and counted.

use crate::sim::faults::{Away, Befall, Disturbance, Repair, What};
use crate::sim::kured::KuredAct;
use crate::sim::world::Ending;

macro_rules! faults {
    ($($fault:ident: $words:literal,)*) => {
        /// One kind of fault.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Fault {
            $($fault,)*
        }

        impl Fault {
            pub const ALL: [Self; [$(Self::$fault),*].len()] = [$(Self::$fault),*];

            /// The fault in a few words.
            pub const fn words(self) -> &'static str {
                match self {
                    $(Self::$fault => $words,)*
                }
            }
        }
    };
}

faults! {
    LostRequest: "request lost",
    LostAnswer: "answer lost",
    LateRequest: "request late",
    LateAnswer: "answer late",
    Conflict: "409 conflict",
    Throttled: "429 with Retry-After",
    Overloaded: "429 without Retry-After",
    WebhookFails: "500 of a webhook",
    Unavailable: "503",
    GatewayTimeout: "504",
    WatchesCut: "watches cut",
    VersionsForgotten: "410 for old versions",
    ApiGone: "API away, no connection",
    ApiAnswers503: "API away, 503",
    ClockAhead: "wall clock jumps ahead",
    ClockBack: "wall clock jumps back",
    Interrupted: "SIGINT",
    Terminated: "SIGTERM",
    LockTaken: "lock taken by another",
    Cordoned: "cordon by another",
    Uncordoned: "uncordon by another",
    Annotated: "annotation by another",
    MarkRemoved: "mark removed by another",
    Touched: "version moved",
    KuredLocks: "kured takes its lock",
    KuredRolls: "kured reboots a node",
    Replaced: "node replaced",
    Gone: "node gone",
    RebootedByOther: "rebooted by another",
    Repaired: "rebooted by auto-repair",
    Reimaged: "reimaged by auto-repair",
    KubeletStops: "kubelet stops for a while",
    FlagAgain: "flag raised meanwhile",
    PackageManager: "package manager at work for a while",
    PodHeld: "pod refuses to die",
    BudgetShut: "budget shut, opens late",
    PodFails: "pod fails its readiness",
    PodDeleted: "pod deleted by another",
    NamespaceEnds: "namespace ends",
    BootsLate: "node returns late",
    NeverReturns: "node never returns",
    StaysNotReady: "node returns NotReady",
    SameBoot: "boot ID stays the same",
    FlagKept: "flag is kept",
    KernelBack: "kernel goes back",
    ScriptRefuses: "script refuses on the host",
}

impl Fault {
    /// Which fault a happening is; none for what is only a sequel of one.
    pub fn of(what: &What) -> Option<Self> {
        Some(match what {
            What::Cordon(_) => Self::Cordoned,
            What::Uncordon(_) => Self::Uncordoned,
            What::Annotate { value: Some(_), .. } => Self::Annotated,
            What::Annotate { value: None, .. } => Self::MarkRemoved,
            What::Touch(_) => Self::Touched,
            What::ReplaceNode(_) => Self::Replaced,
            What::RemoveNode(_) => Self::Gone,
            What::RebootNode(_) => Self::RebootedByOther,
            What::StopKubelet(_) => Self::KubeletStops,
            What::RaiseFlag { .. } => Self::FlagAgain,
            What::Packaging { processes, .. } if processes.is_empty() => return None,
            What::Packaging { .. } => Self::PackageManager,
            What::Bound { .. } => Self::BudgetShut,
            What::Unready { .. } => Self::PodFails,
            What::Hold { .. } => Self::PodHeld,
            What::DeletePod { .. } => Self::PodDeleted,
            What::EndNamespace(_) => Self::NamespaceEnds,
            What::WillBootIn { .. } => Self::BootsLate,
            What::WillEnd { ending, .. } => match ending {
                Ending::Normal => return None,
                Ending::NothingHappens => Self::SameBoot,
                Ending::Refuses(_) => Self::ScriptRefuses,
                Ending::NeverReturns => Self::NeverReturns,
                Ending::StaysNotReady => Self::StaysNotReady,
                Ending::KeepsFlag => Self::FlagKept,
                Ending::Kernel(_) => Self::KernelBack,
            },
            What::Repair { by, .. } => match by {
                Repair::Reboot => Self::Repaired,
                Repair::Reimage => Self::Reimaged,
            },
            What::TakeLease { .. } => Self::LockTaken,
            What::Kured(KuredAct::Takes { .. }) => Self::KuredLocks,
            What::Kured(KuredAct::Rolls { .. }) => Self::KuredRolls,
            What::Away(Away::Gone, _) => Self::ApiGone,
            What::Away(Away::Unavailable, _) => Self::ApiAnswers503,
            What::CutWatches => Self::WatchesCut,
            What::Forget => Self::VersionsForgotten,
            What::Disturb(disturbance) => return Self::of_request(disturbance),
            What::Befall(Befall::ClockJump(by)) if by.is_negative() => Self::ClockBack,
            What::Befall(Befall::ClockJump(_)) => Self::ClockAhead,
            What::Befall(Befall::Interrupt) => Self::Interrupted,
            What::Befall(Befall::Terminate) => Self::Terminated,
            What::StartKubelet(_) | What::LetGo { .. } | What::Kured(_) => return None,
        })
    }

    fn of_request(disturbance: &Disturbance) -> Option<Self> {
        Some(match disturbance {
            Disturbance::LoseRequest => Self::LostRequest,
            Disturbance::LoseAnswer => Self::LostAnswer,
            Disturbance::Delay(_) => Self::LateRequest,
            Disturbance::DelayAnswer(_) => Self::LateAnswer,
            Disturbance::Refuse {
                code, retry_after, ..
            } => match (code, retry_after) {
                (409, _) => Self::Conflict,
                (429, Some(_)) => Self::Throttled,
                (429, None) => Self::Overloaded,
                (500, _) => Self::WebhookFails,
                (503, _) => Self::Unavailable,
                (504, _) => Self::GatewayTimeout,
                _ => return None,
            },
        })
    }
}
