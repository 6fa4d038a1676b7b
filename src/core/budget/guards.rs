//! Which budgets hold which pods, and how many pods their workloads are scaled to. Built once for a whole cluster.

use std::collections::{BTreeMap, HashMap};

use crate::core::model::{
    Amount, Bound, Budget, Controller, ControllerKind, Pod, PodKey, SelectorIndex, Snapshot, Uid,
};

/// The kinds that no budget over a share or a `maxUnavailable` can count: they have no scale.
const WITHOUT_SCALE: [(&str, &str); 3] = [("apps", "DaemonSet"), ("batch", "Job"), ("", "Node")];

/// Every budget of a cluster with its pods.
pub(crate) struct Guards<'a> {
    all: Vec<Guard<'a>>,
    /// Places in `all`, by UID of the pod.
    of_pod: HashMap<&'a Uid, Vec<usize>>,
    controllers: HashMap<&'a Uid, &'a Controller>,
    /// The lists of workloads that have a scale were read.
    all_read: bool,
}

/// A budget and the pods that it selects.
pub(crate) struct Guard<'a> {
    pub(super) budget: &'a Budget,
    pub(super) pods: Vec<&'a Pod>,
}

/// How many pods the workloads under a budget are scaled to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Scale {
    Known(u32),
    /// The workloads were not read, or are gone.
    NotRead,
    /// The budget counts by scale, and this pod's controller has none: its controller allows nothing then.
    Uncountable {
        pod: PodKey,
        controller: String,
    },
}

impl<'a> Guards<'a> {
    pub(crate) fn of_cluster(snapshot: &'a Snapshot) -> Self {
        let mut budgets: Vec<&Budget> = snapshot.budgets.iter().collect();
        budgets.sort_by(|a, b| (&a.namespace, &a.name).cmp(&(&b.namespace, &b.name)));
        let mut guards: Vec<Guard<'a>> = budgets
            .into_iter()
            .map(|budget| Guard {
                budget,
                pods: Vec::new(),
            })
            .collect();
        let mut index = SelectorIndex::default();
        for (place, guard) in guards.iter().enumerate() {
            let budget = guard.budget;
            if let Some(selector) = &budget.selector {
                index.add(&budget.namespace, selector, place);
            }
        }
        let mut of_pod: HashMap<&Uid, Vec<usize>> = HashMap::new();
        for pod in &snapshot.pods {
            for place in index.may_pick(&pod.key.namespace, &pod.labels) {
                let guard = &mut guards[place];
                if selects(guard.budget, pod) {
                    guard.pods.push(pod);
                    of_pod.entry(&pod.uid).or_default().push(place);
                }
            }
        }
        for guard in &mut guards {
            guard.pods.sort_by(|a, b| a.key.cmp(&b.key));
        }
        Self {
            all: guards,
            of_pod,
            controllers: snapshot
                .controllers
                .iter()
                .map(|controller| (&controller.uid, controller))
                .collect(),
            all_read: ["deployments", "replicasets", "statefulsets"]
                .iter()
                .all(|kind| snapshot.unread(kind).is_none()),
        }
    }

    /// Places of the budgets that select the pod, in order of their names.
    pub(super) fn of(&self, pod: &Pod) -> &[usize] {
        self.of_pod.get(&pod.uid).map_or(&[], Vec::as_slice)
    }

    pub(super) fn guard(&self, place: usize) -> &Guard<'a> {
        &self.all[place]
    }

    /// What the pods of a budget are scaled to, all their workloads together.
    pub(super) fn scale(&self, guard: &Guard<'_>) -> Scale {
        let by_scale = !matches!(
            guard.budget.bound,
            Bound::MinAvailable(Amount::Pods(_)) | Bound::None
        );
        let mut workloads: BTreeMap<&Uid, u32> = BTreeMap::new();
        let mut others = 0;
        for pod in &guard.pods {
            let Some(owner) = &pod.owner else {
                others += 1;
                continue;
            };
            let group = owner
                .api_version
                .split_once('/')
                .map_or("", |(group, _)| group);
            if WITHOUT_SCALE.contains(&(group, owner.kind.as_str())) {
                if by_scale {
                    return Scale::Uncountable {
                        pod: pod.key.clone(),
                        controller: format!("{} {}", owner.kind, owner.name),
                    };
                }
                others += 1;
                continue;
            }
            match self.controllers.get(&owner.uid) {
                Some(controller) => {
                    let scaled = self.scaled(controller);
                    workloads.insert(&scaled.uid, scaled.wanted);
                }
                // A ReplicaSet or StatefulSet that is not among those that were read; of other kinds none was.
                None if group == "apps" && !self.all_read => return Scale::NotRead,
                None => others += 1,
            }
        }
        Scale::Known(workloads.values().sum::<u32>() + others)
    }

    /// The workload that people scale: the Deployment of a ReplicaSet.
    fn scaled(&self, controller: &'a Controller) -> &'a Controller {
        controller
            .owner
            .as_ref()
            .and_then(|owner| self.controllers.get(&owner.uid))
            .filter(|owner| owner.kind == ControllerKind::Deployment)
            .copied()
            .unwrap_or(controller)
    }
}

impl Guard<'_> {
    /// Evictions that the budget grants now.
    pub(super) fn allowed(&self) -> i32 {
        self.budget.counted.allowed
    }

    /// The pods that are there and do not count as healthy, and how many are not there.
    pub(super) fn lacking(&self, scale: &Scale) -> (Vec<PodKey>, u32) {
        let there = self.pods.iter().filter(|pod| !pod.phase.is_finished());
        let unready = there
            .clone()
            .filter(|pod| !pod.ready || pod.deletion.is_some())
            .map(|pod| pod.key.clone())
            .collect();
        let missing = match scale {
            Scale::Known(wanted) => {
                wanted.saturating_sub(u32::try_from(there.count()).unwrap_or(u32::MAX))
            }
            Scale::NotRead | Scale::Uncountable { .. } => 0,
        };
        (unready, missing)
    }
}

/// In policy/v1 an empty selector selects every pod of the namespace, one that is not there none.
fn selects(budget: &Budget, pod: &Pod) -> bool {
    budget
        .selector
        .as_ref()
        .is_some_and(|selector| selector.picks(&pod.labels))
}
