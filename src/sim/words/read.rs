//! What happens, as it is read.

use std::str::FromStr;

use jiff::SignedDuration;

use super::machine::names;
use super::{Unreadable, Words, namespaced};
use crate::sim::faults::{Away, Befall, Disturbance, Repair, What};
use crate::sim::kured::{KuredAct, KuredDomain, KuredLock};

impl FromStr for What {
    type Err = Unreadable;

    fn from_str(text: &str) -> Result<Self, Unreadable> {
        let mut words = Words::of(text)?;
        let first = words.next("what happens")?;
        let what = match first.as_str() {
            "somebody" => somebody(&mut words)?,
            "budget" => {
                let budget = words.next("a budget")?;
                words.pass("wants")?;
                let bound = words.next("a bound")?.parse()?;
                Self::Bound { budget, bound }
            }
            "a" => {
                words.pass("pod of")?;
                let (namespace, app) = namespaced(&words.next("a workload")?)?;
                words.pass("not on")?;
                let not_on = words.next("a node")?;
                words.pass("fails for")?;
                let lasts = words.span()?;
                Self::Unready {
                    namespace,
                    app,
                    not_on,
                    lasts,
                }
            }
            "pods" => pods(&mut words)?,
            "kured" => Self::Kured(kured(&mut words)?),
            "the" => the(&mut words)?,
            "watches" => words.pass("are cut").map(|()| Self::CutWatches)?,
            "old" => words
                .pass("versions are forgotten")
                .map(|()| Self::Forget)?,
            "refused" => Self::Disturb(Disturbance::Refuse {
                code: words.number("a code")?,
                reason: words.next("a reason")?,
                message: words.next("a message")?,
                retry_after: if words.take("retry-after") {
                    Some(words.number("seconds")?)
                } else {
                    None
                },
            }),
            "lost" => words
                .pass("on its way")
                .map(|()| Self::Disturb(Disturbance::LoseRequest))?,
            "late" => {
                words.pass("by")?;
                Self::Disturb(Disturbance::Delay(words.span()?))
            }
            "its" => {
                words.pass("answer is")?;
                if words.take("lost") {
                    Self::Disturb(Disturbance::LoseAnswer)
                } else {
                    words.pass("late by")?;
                    Self::Disturb(Disturbance::DelayAnswer(words.span()?))
                }
            }
            _ => of_a_node(first, &mut words)?,
        };
        words.end()?;
        Ok(what)
    }
}

fn somebody(words: &mut Words) -> Result<What, Unreadable> {
    let verb = words.next("what somebody does")?;
    let object = words.next("to what")?;
    Ok(match (verb.as_str(), object.as_str()) {
        ("cordons", _) => What::Cordon(object),
        ("uncordons", _) => What::Uncordon(object),
        ("touches", _) => What::Touch(object),
        ("annotates", _) => {
            words.pass("with")?;
            let key = words.next("a key")?;
            words.pass("as")?;
            What::Annotate {
                node: object,
                key,
                value: Some(words.next("a value")?),
            }
        }
        ("strips", _) => {
            words.pass("of")?;
            What::Annotate {
                node: object,
                key: words.next("a key")?,
                value: None,
            }
        }
        ("deletes", "pod") => {
            let (namespace, name) = namespaced(&words.next("a pod")?)?;
            What::DeletePod { namespace, name }
        }
        ("deletes", "namespace") => What::EndNamespace(words.next("a namespace")?),
        _ => return Err(unknown(&format!("{verb} {object}"))),
    })
}

fn pods(words: &mut Words) -> Result<What, Unreadable> {
    words.pass("of")?;
    let (namespace, app) = namespaced(&words.next("a workload")?)?;
    words.pass("are")?;
    if words.take("let") {
        words.pass("go")?;
        return Ok(What::LetGo { namespace, app });
    }
    words.pass("held")?;
    let lasts = if words.take("for") {
        Some(words.span()?)
    } else {
        None
    };
    Ok(What::Hold {
        namespace,
        app,
        lasts,
    })
}

fn the(words: &mut Words) -> Result<What, Unreadable> {
    if words.take("API") {
        let away = if words.take("is") {
            words.pass("gone")?;
            Away::Gone
        } else {
            words.pass("answers 503")?;
            Away::Unavailable
        };
        words.pass("for")?;
        return Ok(What::Away(away, words.span()?));
    }
    if words.take("operator's") {
        words.pass("clock jumps")?;
        let back = words.take("back");
        if !back {
            words.pass("ahead")?;
        }
        words.pass("by")?;
        let by = SignedDuration::try_from(words.span()?)
            .map_err(|_| Unreadable::new("the jump is too long"))?;
        let by = if back { -by } else { by };
        return Ok(What::Befall(Befall::ClockJump(by)));
    }
    words.pass("operator sends")?;
    match words.next("a signal")?.as_str() {
        "SIGINT" => Ok(What::Befall(Befall::Interrupt)),
        "SIGTERM" => Ok(What::Befall(Befall::Terminate)),
        other => Err(unknown(other)),
    }
}

fn of_a_node(node: String, words: &mut Words) -> Result<What, Unreadable> {
    let verb = words.next("what becomes of it")?;
    Ok(match verb.as_str() {
        "reboots" => What::RebootNode(node),
        "loses" => words
            .pass("its kubelet")
            .map(|()| What::StopKubelet(node))?,
        "starts" => words
            .pass("its kubelet")
            .map(|()| What::StartKubelet(node))?,
        "takes" => {
            words.pass("lease")?;
            let (namespace, name) = namespaced(&words.next("a lease")?)?;
            What::TakeLease {
                namespace,
                name,
                holder: node,
            }
        }
        "runs" => What::Packaging {
            node,
            processes: names(&words.next("package managers")?),
        },
        "gets" => {
            words.pass("a flag by")?;
            let packages = words.next("packages")?;
            let packages = packages.split(',').map(str::to_owned).collect();
            What::RaiseFlag { node, packages }
        }
        "will" if words.take("end") => What::WillEnd {
            node,
            ending: words.next("an ending")?.parse()?,
        },
        "will" => {
            words.pass("boot in")?;
            What::WillBootIn {
                node,
                boot: words.span()?,
            }
        }
        "is" => match words.next("what is done with it")?.as_str() {
            "done" => {
                words.pass("with packages")?;
                let processes = Vec::new();
                What::Packaging { node, processes }
            }
            "replaced" => What::ReplaceNode(node),
            "removed" => What::RemoveNode(node),
            done @ ("rebooted" | "reimaged") => {
                words.pass("by auto-repair")?;
                let by = if done == "rebooted" {
                    Repair::Reboot
                } else {
                    Repair::Reimage
                };
                What::Repair { node, by }
            }
            other => return Err(unknown(other)),
        },
        other => return Err(unknown(other)),
    })
}

fn kured(words: &mut Words) -> Result<KuredAct, Unreadable> {
    let verb = words.next("what kured does")?;
    match verb.as_str() {
        "takes" => words.pass("its lock for")?,
        "ends" => words.pass("with")?,
        _ => {}
    }
    let node = words.next("a node")?;
    let mut boots = 0;
    if verb == "awaits" {
        words.pass("since boot")?;
        boots = words.number("a number of boots")?;
    }
    let mut lock = KuredLock::SINGLE;
    if words.take("of") {
        lock.slots = words.number("a number of slots")?;
    }
    if words.take("under") {
        words.pass("kured.dev")?;
        lock.domain = KuredDomain::KuredDev;
    }
    Ok(match verb.as_str() {
        "takes" => KuredAct::Takes { node, lock },
        "releases" => KuredAct::Releases { node, lock },
        "rolls" => KuredAct::Rolls { node, lock },
        "drains" => KuredAct::Drains { node, lock },
        "awaits" => KuredAct::Returns { node, lock, boots },
        "ends" => KuredAct::Ends { node, lock },
        other => return Err(unknown(other)),
    })
}

fn unknown(what: &str) -> Unreadable {
    Unreadable::new(format!("`{what}` is nothing that happens"))
}
