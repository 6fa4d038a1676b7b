//! What happens, as it is written.

use std::fmt::{self, Display, Formatter};
use std::str::FromStr;

use super::{Span, Unreadable, Word};
use crate::sim::faults::{Away, Befall, Disturbance, Repair, What};
use crate::sim::kured::{KuredAct, KuredDomain, KuredLock};
use crate::sim::world::Bound;

impl Display for What {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cordon(node) => write!(f, "somebody cordons {}", Word(node)),
            Self::Uncordon(node) => write!(f, "somebody uncordons {}", Word(node)),
            Self::Annotate { node, key, value } => match value {
                Some(value) => {
                    let (node, key, value) = (Word(node), Word(key), Word(value));
                    write!(f, "somebody annotates {node} with {key} as {value}")
                }
                None => write!(f, "somebody strips {} of {}", Word(node), Word(key)),
            },
            Self::Touch(node) => write!(f, "somebody touches {}", Word(node)),
            Self::ReplaceNode(node) => write!(f, "{} is replaced", Word(node)),
            Self::RemoveNode(node) => write!(f, "{} is removed", Word(node)),
            Self::RebootNode(node) => write!(f, "{} reboots", Word(node)),
            Self::StopKubelet(node) => write!(f, "{} loses its kubelet", Word(node)),
            Self::StartKubelet(node) => write!(f, "{} starts its kubelet", Word(node)),
            Self::RaiseFlag { node, packages } => {
                write!(
                    f,
                    "{} gets a flag by {}",
                    Word(node),
                    Word(&packages.join(","))
                )
            }
            Self::Packaging { node, processes } if processes.is_empty() => {
                write!(f, "{} is done with packages", Word(node))
            }
            Self::Packaging { node, processes } => {
                write!(f, "{} runs {}", Word(node), Word(&processes.join(",")))
            }
            Self::WillEnd { node, ending } => {
                write!(f, "{} will end {}", Word(node), Word(&ending.to_string()))
            }
            Self::WillBootIn { node, boot } => {
                write!(f, "{} will boot in {}", Word(node), Span(*boot))
            }
            Self::Repair { node, by } => match by {
                Repair::Reboot => write!(f, "{} is rebooted by auto-repair", Word(node)),
                Repair::Reimage => write!(f, "{} is reimaged by auto-repair", Word(node)),
            },
            Self::Bound { budget, bound } => write!(f, "budget {} wants {bound}", Word(budget)),
            Self::Unready {
                namespace,
                app,
                not_on,
                lasts,
            } => {
                let (not_on, lasts) = (Word(not_on), Span(*lasts));
                write!(
                    f,
                    "a pod of {namespace}/{app} not on {not_on} fails for {lasts}"
                )
            }
            Self::Hold {
                namespace,
                app,
                lasts,
            } => {
                write!(f, "pods of {namespace}/{app} are held")?;
                match lasts {
                    Some(lasts) => write!(f, " for {}", Span(*lasts)),
                    None => Ok(()),
                }
            }
            Self::LetGo { namespace, app } => write!(f, "pods of {namespace}/{app} are let go"),
            Self::DeletePod { namespace, name } => {
                write!(f, "somebody deletes pod {namespace}/{name}")
            }
            Self::EndNamespace(name) => write!(f, "somebody deletes namespace {}", Word(name)),
            Self::TakeLease {
                namespace,
                name,
                holder,
            } => {
                write!(f, "{} takes lease {namespace}/{name}", Word(holder))
            }
            Self::Kured(act) => write!(f, "kured {act}"),
            Self::Away(Away::Gone, lasts) => write!(f, "the API is gone for {}", Span(*lasts)),
            Self::Away(Away::Unavailable, lasts) => {
                write!(f, "the API answers 503 for {}", Span(*lasts))
            }
            Self::CutWatches => f.write_str("watches are cut"),
            Self::Forget => f.write_str("old versions are forgotten"),
            Self::Disturb(disturbance) => disturbance.fmt(f),
            Self::Befall(befall) => befall.fmt(f),
        }
    }
}

impl Display for Disturbance {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refuse {
                code,
                reason,
                message,
                retry_after,
            } => {
                write!(f, "refused {code} {} {}", Word(reason), Word(message))?;
                match retry_after {
                    Some(seconds) => write!(f, " retry-after {seconds}"),
                    None => Ok(()),
                }
            }
            Self::LoseRequest => f.write_str("lost on its way"),
            Self::LoseAnswer => f.write_str("its answer is lost"),
            Self::Delay(delay) => write!(f, "late by {}", Span(*delay)),
            Self::DelayAnswer(delay) => write!(f, "its answer is late by {}", Span(*delay)),
        }
    }
}

impl Display for Befall {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::ClockJump(by) => {
                let way = if by.is_negative() { "back" } else { "ahead" };
                write!(
                    f,
                    "the operator's clock jumps {way} by {}",
                    Span(by.unsigned_abs())
                )
            }
            Self::Interrupt => f.write_str("the operator sends SIGINT"),
            Self::Terminate => f.write_str("the operator sends SIGTERM"),
        }
    }
}

impl Display for KuredAct {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Takes { node, lock } => write!(f, "takes its lock for {}{lock}", Word(node)),
            Self::Releases { node, lock } => write!(f, "releases {}{lock}", Word(node)),
            Self::Rolls { node, lock } => write!(f, "rolls {}{lock}", Word(node)),
            Self::Drains { node, lock } => write!(f, "drains {}{lock}", Word(node)),
            Self::Returns { node, lock, boots } => {
                write!(f, "awaits {} since boot {boots}{lock}", Word(node))
            }
            Self::Ends { node, lock } => write!(f, "ends with {}{lock}", Word(node)),
        }
    }
}

impl Display for KuredLock {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if self.slots > 1 {
            write!(f, " of {}", self.slots)?;
        }
        match self.domain {
            KuredDomain::WeaveWorks => Ok(()),
            KuredDomain::KuredDev => f.write_str(" under kured.dev"),
        }
    }
}

impl Display for Bound {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::MinAvailable(pods) => write!(f, "min={pods}"),
            Self::MaxUnavailable(pods) => write!(f, "max={pods}"),
        }
    }
}

impl FromStr for Bound {
    type Err = Unreadable;

    fn from_str(text: &str) -> Result<Self, Unreadable> {
        match text.split_once('=') {
            Some(("min", pods)) => Ok(Self::MinAvailable(pods.into())),
            Some(("max", pods)) => Ok(Self::MaxUnavailable(pods.into())),
            _ => Err(Unreadable::new(format!(
                "`{text}` is no bound such as min=1"
            ))),
        }
    }
}
