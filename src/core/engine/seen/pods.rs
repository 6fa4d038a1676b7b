//! The pods of the node: which have to leave it, which of them are waited for, and what is learnt of them.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::{Eviction, Seen, Volumes};
use crate::core::drain::{DrainSettings, Fate, Stay, classify, not_waited_for_after};
use crate::core::engine::Now;
use crate::core::model::{Pod, PodKey, Uid};

impl Seen {
    /// The pods that the drain would have to remove, in order of their names.
    pub(crate) fn leaving(&self, settings: &DrainSettings) -> Vec<&Pod> {
        let mut pods: Vec<&Pod> = self.has_to_leave(settings).collect();
        pods.sort_by(|a, b| a.key.cmp(&b.key));
        pods
    }

    /// How many that are; `None` before the first full list.
    pub(crate) fn count_leaving(&self, settings: &DrainSettings) -> Option<u32> {
        self.pods.as_ref()?;
        let count = self.has_to_leave(settings).count();
        Some(count.try_into().unwrap_or(u32::MAX))
    }

    fn has_to_leave(&self, settings: &DrainSettings) -> impl Iterator<Item = &Pod> {
        self.pods
            .iter()
            .flat_map(BTreeMap::values)
            .filter(|pod| !matches!(classify(pod, settings), Fate::Stays(_)))
            .filter(|pod| !self.came_back(pod))
    }

    /// Keeps in mind who was there when the drain began.
    pub(crate) fn note_residents(&mut self) {
        if self.residents.is_none() {
            self.residents = self
                .pods
                .as_ref()
                .map(|pods| pods.keys().cloned().collect());
        }
    }

    /// Keeps in mind that volumes will have to be detached.
    pub(crate) fn note_volumes(&mut self, settings: &DrainSettings) {
        let leaving = self.leaving(settings);
        if leaving.iter().any(|pod| !pod.needs.claims.is_empty()) {
            self.volumes = Volumes::Mounted;
        }
    }

    /// Claims, by namespace and name, of pods that stay on the node: their volumes do too.
    pub(crate) fn claims_that_stay(&self, settings: &DrainSettings) -> Vec<(String, String)> {
        let leaving: BTreeSet<&Uid> = self.leaving(settings).iter().map(|pod| &pod.uid).collect();
        self.pods
            .iter()
            .flat_map(BTreeMap::values)
            .filter(|pod| !leaving.contains(&pod.uid))
            .flat_map(|pod| {
                let claims = pod.needs.claims.iter();
                claims.map(|claim| (pod.key.namespace.clone(), claim.clone()))
            })
            .collect()
    }

    /// Put on the cordoned node after the drain began, by a controller that will do so again: it tolerates the cordon. To evict it
    /// would have no end; its budget was asked when its forerunner left.
    fn came_back(&self, pod: &Pod) -> bool {
        self.came_late(&pod.uid) && pod.owner.is_some() && pod.needs.tolerates_a_cordon()
    }

    /// It was not there when the drain began.
    pub(crate) fn came_late(&self, pod: &Uid) -> bool {
        self.residents
            .as_ref()
            .is_some_and(|residents| !residents.contains(pod))
    }

    /// The pods that came back and are left on the node.
    pub(crate) fn back_again(&self, settings: &DrainSettings) -> Vec<PodKey> {
        let mut pods: Vec<PodKey> = self
            .pods
            .iter()
            .flat_map(BTreeMap::values)
            .filter(|pod| !matches!(classify(pod, settings), Fate::Stays(_)))
            .filter(|pod| self.came_back(pod))
            .map(|pod| pod.key.clone())
            .collect();
        pods.sort();
        pods
    }

    /// Those of them whose end is waited for at this time.
    pub(crate) fn awaited(&self, settings: &DrainSettings, wall: Timestamp) -> Vec<&Pod> {
        let mut pods = self.leaving(settings);
        pods.retain(|pod| not_waited_for_after(pod, settings).is_none_or(|after| wall <= after));
        pods
    }

    /// Those of them whose end is not waited for any more.
    pub(crate) fn left_running(&self, settings: &DrainSettings, wall: Timestamp) -> Vec<PodKey> {
        self.leaving(settings)
            .into_iter()
            .filter(|pod| not_waited_for_after(pod, settings).is_some_and(|after| wall > after))
            .map(|pod| pod.key.clone())
            .collect()
    }

    /// DaemonSet pods of the node that are Ready and stay: UID of the set, and its name for people.
    pub(crate) fn ready_daemons(&self, settings: &DrainSettings) -> BTreeMap<Uid, String> {
        self.pods
            .iter()
            .flat_map(BTreeMap::values)
            .filter(|pod| pod.ready && pod.deletion.is_none())
            .filter(|pod| classify(pod, settings) == Fate::Stays(Stay::DaemonSet))
            .filter_map(|pod| {
                let owner = pod.owner.as_ref()?;
                Some((
                    owner.uid.clone(),
                    format!("{}/{}", pod.key.namespace, owner.name),
                ))
            })
            .collect()
    }

    /// A consistent list of the node's pods replaces what the watch said.
    pub(crate) fn learn_list(&mut self, pods: Vec<Pod>, settings: &DrainSettings, now: Now) {
        let there = pods.into_iter().filter(|pod| !self.gone.contains(&pod.uid));
        self.pods = Some(there.map(|pod| (pod.uid.clone(), pod)).collect());
        self.last_list = Some(now.mono);
        self.trouble = None;
        self.api_is_back(now.mono);
        if self.awaited(settings, now.wall).is_empty() {
            self.empty_lists += 1;
            self.empty_since.get_or_insert(now.mono);
        } else {
            self.empty_lists = 0;
            self.empty_since = None;
            self.attached = None;
        }
        self.note_volumes(settings);
    }

    /// A pod has left the node: by the watch, or by an answer about it.
    pub(crate) fn learn_gone(&mut self, uid: Uid) {
        if let Some(pods) = &mut self.pods {
            pods.remove(&uid);
        }
        self.evictions.remove(&uid);
        self.gone.insert(uid);
    }

    /// It is evicted, or being deleted.
    pub(crate) fn terminates(&self, pod: &Pod) -> bool {
        pod.deletion.is_some() || self.evictions.get(&pod.uid) == Some(&Eviction::Granted)
    }

    /// Pods that are evicted or being deleted and still there.
    pub(crate) fn terminating(&self, settings: &DrainSettings) -> Vec<PodKey> {
        self.leaving(settings)
            .into_iter()
            .filter(|pod| self.terminates(pod))
            .map(|pod| pod.key.clone())
            .collect()
    }
}
