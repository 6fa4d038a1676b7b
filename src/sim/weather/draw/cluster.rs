//! Faults of nodes, of other actors and of workloads.

use std::time::Duration;

use super::{Draw, STEPS, later};
use crate::sim::contract::OWNER_MARK;
use crate::sim::faults::{Happening, Matching, Repair, What, When};
use crate::sim::kured::KuredAct;
use crate::sim::weather::Fault;
use crate::sim::world::{Bound, Ending};

impl Draw<'_> {
    pub(super) fn of_the_cluster(&mut self, fault: Fault) -> Vec<Happening> {
        let (node, target) = (self.node(), self.target());
        match fault {
            Fault::Cordoned => self.once(What::Cordon(node)),
            Fault::Uncordoned => self.once(What::Uncordon(target)),
            Fault::Annotated => self.once(What::Annotate {
                node,
                key: "example.com/owner".into(),
                value: Some("somebody else".into()),
            }),
            Fault::MarkRemoved => self.once(What::Annotate {
                node: target,
                key: OWNER_MARK.into(),
                value: None,
            }),
            Fault::Touched => {
                let when = When::Before(Matching::intent(&target, self.pick(&STEPS)));
                let what = What::Touch(target);
                vec![Happening { when, what }]
            }
            Fault::KuredLocks => {
                let lock = self.kured_lock();
                self.once(What::Kured(KuredAct::Takes { node, lock }))
            }
            Fault::KuredRolls => {
                let lock = self.kured_lock();
                self.once(What::Kured(KuredAct::Rolls { node, lock }))
            }
            Fault::Replaced => self.once(What::ReplaceNode(node)),
            Fault::Gone => self.once(What::RemoveNode(node)),
            Fault::RebootedByOther => self.once(What::RebootNode(node)),
            Fault::Repaired | Fault::Reimaged => {
                let by = if fault == Fault::Repaired {
                    Repair::Reboot
                } else {
                    Repair::Reimage
                };
                self.once(What::Repair { node, by })
            }
            Fault::KubeletStops => {
                let (when, lasts) = (self.moment(), self.between(10, 180));
                vec![
                    Happening {
                        when: when.clone(),
                        what: What::StopKubelet(node.clone()),
                    },
                    Happening {
                        when: later(when, lasts),
                        what: What::StartKubelet(node),
                    },
                ]
            }
            Fault::PackageManager => {
                let (when, lasts) = (self.moment(), self.between(10, 180));
                vec![
                    Happening {
                        when: when.clone(),
                        what: What::Packaging {
                            node: target.clone(),
                            processes: vec!["unattended-upgr".into()],
                        },
                    },
                    Happening {
                        when: later(when, lasts),
                        what: What::Packaging {
                            node: target,
                            processes: Vec::new(),
                        },
                    },
                ]
            }
            Fault::FlagAgain => self.once(What::RaiseFlag {
                node,
                packages: vec!["libssl3".into()],
            }),
            _ => self.of_workloads(fault, target),
        }
    }

    fn of_workloads(&mut self, fault: Fault, target: String) -> Vec<Happening> {
        let (namespace, app) = self.workload();
        match fault {
            Fault::PodHeld => {
                let lasts = self.between(5, 120);
                let lasts = (self.below(3) > 0).then_some(lasts);
                self.once(What::Hold {
                    namespace,
                    app,
                    lasts,
                })
            }
            Fault::BudgetShut => self.budget_shut(),
            Fault::PodFails => {
                let lasts = self.between(5, 120);
                self.once(What::Unready {
                    namespace,
                    app,
                    not_on: target,
                    lasts,
                })
            }
            Fault::PodDeleted => self.once(What::DeletePod {
                namespace: "default".into(),
                name: "db-0".into(),
            }),
            Fault::NamespaceEnds => {
                let named = self.pick(&["shop", "shop", "shop", "aksreboot"]);
                self.once(What::EndNamespace(named.into()))
            }
            Fault::BootsLate => {
                let boot = self.between(60, 420);
                let (when, node) = (When::At(Duration::ZERO), target);
                let what = What::WillBootIn { node, boot };
                vec![Happening { when, what }]
            }
            Fault::NeverReturns => self.ends(Ending::NeverReturns),
            Fault::StaysNotReady => self.ends(Ending::StaysNotReady),
            Fault::SameBoot => self.ends(Ending::NothingHappens),
            Fault::FlagKept => self.ends(Ending::KeepsFlag),
            Fault::KernelBack => self.ends(Ending::Kernel("6.8.0-1001-azure".into())),
            _ => self.ends(Ending::Refuses("init is not systemd".into())),
        }
    }

    /// A budget that allows nothing, and opens again after a while or never.
    fn budget_shut(&mut self) -> Vec<Happening> {
        let Some(budget) = self.world.budgets.first().cloned() else {
            return Vec::new();
        };
        let shut = What::Bound {
            budget: budget.name.clone(),
            bound: Bound::MinAvailable("100%".into()),
        };
        let mut happenings = self.once(shut);
        if self.below(3) > 0 {
            let lasts = self.between(5, 120);
            let opens = What::Bound {
                budget: budget.name,
                bound: budget.bound,
            };
            happenings.extend(happenings.first().cloned().map(|first| Happening {
                when: later(first.when, lasts),
                what: opens,
            }));
        }
        happenings
    }
}
