//! May the volumes of a pod come along to a node? By the affinity of each, and by how many of its driver the node takes.
//! Access modes are not judged: a pod that moves takes its volume away from where it was.

use std::collections::{BTreeMap, HashMap};

use super::{Misfit, place_of};
use crate::core::model::{Node, NodeName, Pod, Snapshot, Volume};

/// The volumes of a cluster, and of each node those of the pods that count there.
pub(super) struct Disks<'a> {
    /// By the namespace and name of their claims.
    volumes: HashMap<(&'a str, &'a str), &'a Volume>,
    spaces: Vec<Space<'a>>,
}

/// What one node takes and has, by driver.
#[derive(Clone, Default)]
struct Space<'a> {
    limits: BTreeMap<&'a str, usize>,
    /// Each volume once, with the number of pods that mount it.
    there: BTreeMap<&'a str, BTreeMap<&'a str, usize>>,
}

impl<'a> Disks<'a> {
    pub(super) fn of(snapshot: &'a Snapshot, places: &HashMap<&NodeName, usize>) -> Self {
        let volumes = snapshot.volumes.iter();
        let mut disks = Self {
            volumes: volumes
                .map(|volume| ((&*volume.claim.0, &*volume.claim.1), volume))
                .collect(),
            spaces: vec![Space::default(); places.len()],
        };
        for limit in &snapshot.attach_limits {
            if let Some(place) = places.get(&limit.node) {
                let limits = &mut disks.spaces[*place].limits;
                limits.insert(&limit.driver, limit.volumes as usize);
            }
        }
        for pod in &snapshot.pods {
            if let Some(place) = place_of(places, pod) {
                disks.come(pod, place);
            }
        }
        disks
    }

    pub(super) fn come(&mut self, pod: &Pod, place: usize) {
        for claim in &pod.needs.claims {
            if let Some((driver, name)) = self.counted(pod, claim) {
                let there = self.spaces[place].there.entry(driver).or_default();
                *there.entry(name).or_default() += 1;
            }
        }
    }

    /// Takes back what `come` put there.
    pub(super) fn leave(&mut self, pod: &Pod, place: usize) {
        for claim in &pod.needs.claims {
            let Some((driver, name)) = self.counted(pod, claim) else {
                continue;
            };
            let there = self.spaces[place].there.entry(driver).or_default();
            if let Some(pods) = there.get_mut(name) {
                *pods -= 1;
                if *pods == 0 {
                    there.remove(name);
                }
            }
        }
    }

    /// Whether `node`, which is at `place`, may have the volumes of a pod that leaves `home`.
    pub(super) fn let_in(
        &self,
        pod: &Pod,
        home: &Node,
        node: &Node,
        place: usize,
    ) -> Result<(), Misfit> {
        // In the order of the scheduler's plugins.
        if !self.has_room(pod, place) {
            return Err(Misfit::ManyVolumes);
        }
        if !self.reach(pod, home, node) {
            return Err(Misfit::VolumeElsewhere);
        }
        Ok(())
    }

    /// Whether the volumes of a pod that leaves `home` can be used on `node`. One of which nothing is known is taken to be in the zone
    /// where it was.
    pub(super) fn reach(&self, pod: &Pod, home: &Node, node: &Node) -> bool {
        let claims = pod.needs.claims.iter();
        let mut kept = claims.filter(|claim| !is_made_with(pod, claim));
        kept.all(|claim| match self.volume(pod, claim) {
            Some(Volume { affinity, .. }) => affinity.as_ref().is_none_or(|terms| {
                let mut terms = terms.iter();
                terms.any(|term| term.holds(node.name.as_str(), &node.labels))
            }),
            None => home.zone().is_none() || node.zone() == home.zone(),
        })
    }

    fn has_room(&self, pod: &Pod, place: usize) -> bool {
        let space = &self.spaces[place];
        if space.limits.is_empty() {
            return true;
        }
        let mut new: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for claim in &pod.needs.claims {
            if let Some((driver, name)) = self.counted(pod, claim) {
                let there = space.there.get(driver);
                let names = new.entry(driver).or_default();
                if !names.contains(&name) && !there.is_some_and(|there| there.contains_key(name)) {
                    names.push(name);
                }
            }
        }
        new.iter().all(|(driver, names)| {
            let there = space.there.get(driver).map_or(0, BTreeMap::len);
            names.is_empty()
                || space
                    .limits
                    .get(driver)
                    .is_none_or(|limit| there + names.len() <= *limit)
        })
    }

    fn volume(&self, pod: &Pod, claim: &str) -> Option<&'a Volume> {
        let key = (&*pod.key.namespace, claim);
        self.volumes.get(&key).copied()
    }

    /// Driver and name of the volume of this claim, where nodes count it.
    fn counted(&self, pod: &Pod, claim: &str) -> Option<(&'a str, &'a str)> {
        let volume = self.volume(pod, claim)?;
        Some((volume.driver.as_deref()?, &volume.name))
    }
}

/// A generic ephemeral volume: its claim bears the name of its pod, and comes and goes with it; the pod in its place, of another name,
/// has a new one. Those of a StatefulSet keep their names, and what they are called says nothing.
fn is_made_with(pod: &Pod, claim: &str) -> bool {
    let kind = pod.owner.as_ref().map(|owner| owner.kind.as_str());
    let rest = claim.strip_prefix(&*pod.key.name);
    kind != Some("StatefulSet") && rest.is_some_and(|rest| rest.starts_with('-'))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::core::evidence::test_node;
    use crate::core::model::{
        AttachLimit, Needs, Operator, Owner, PodKey, PodPhase, Requirement, Term, Uid,
    };

    const DRIVER: &str = "disk.csi.azure.com";

    fn node(name: &str, zone: &str) -> Node {
        Node {
            name: name.into(),
            labels: [("topology.kubernetes.io/zone".to_owned(), zone.to_owned())].into(),
            ..test_node()
        }
    }

    /// A pod of a controller of this kind, on node `a`.
    fn pod(kind: &str, name: &str, claims: &[&str]) -> Pod {
        Pod {
            key: PodKey {
                namespace: "shop".into(),
                name: name.into(),
            },
            uid: Uid::new(name),
            node: Some("a".into()),
            phase: PodPhase::Running,
            owner: Some(Owner {
                api_version: "apps/v1".into(),
                kind: kind.into(),
                name: "db".into(),
                uid: Uid::new("db"),
            }),
            needs: Arc::new(Needs {
                claims: claims.iter().map(|&claim| claim.to_owned()).collect(),
                ..Needs::default()
            }),
            ready: true,
            labels: BTreeMap::new(),
            mirror: false,
            empty_dir: false,
            deletion: None,
        }
    }

    fn volume(claim: &str, zone: Option<&str>) -> Volume {
        let term = |zone: &str| Term {
            labels: vec![Requirement {
                key: "topology.kubernetes.io/zone".into(),
                operator: Operator::In,
                values: vec![zone.to_owned()],
            }],
            fields: vec![],
        };
        Volume {
            name: format!("pv-{claim}"),
            claim: ("shop".into(), claim.into()),
            driver: Some(DRIVER.into()),
            affinity: zone.map(|zone| vec![term(zone)]),
        }
    }

    /// Nodes `a` and `b` of zone 1, and `c` of zone 2; `b` and `c` take two volumes.
    fn cluster(pods: Vec<Pod>, volumes: Vec<Volume>) -> Snapshot {
        let limit = |node: &str| AttachLimit {
            node: node.into(),
            driver: DRIVER.into(),
            volumes: 2,
        };
        Snapshot {
            nodes: vec![node("a", "1"), node("b", "1"), node("c", "2")],
            attach_limits: vec![limit("b"), limit("c")],
            pods,
            volumes,
            ..Snapshot::default()
        }
    }

    /// What each of `b` and `c` says to a pod that leaves `a`.
    fn judged(snapshot: &Snapshot, pod: &Pod) -> [Result<(), Misfit>; 2] {
        let nodes = snapshot.nodes.iter().enumerate();
        let places: HashMap<&NodeName, usize> =
            nodes.map(|(place, node)| (&node.name, place)).collect();
        let disks = Disks::of(snapshot, &places);
        let home = &snapshot.nodes[0];
        [1, 2].map(|place| disks.let_in(pod, home, &snapshot.nodes[place], place))
    }

    fn on(mut pod: Pod, node: &str) -> Pod {
        pod.node = Some(node.into());
        pod
    }

    #[test]
    fn a_volume_is_used_where_its_affinity_lets_it_and_everywhere_without_one() {
        let pod = pod("StatefulSet", "db-0", &["data"]);
        let of = |volume| judged(&cluster(vec![pod.clone()], vec![volume]), &pod);
        let elsewhere = Err(Misfit::VolumeElsewhere);
        assert_eq!(of(volume("data", Some("1"))), [Ok(()), elsewhere.clone()]);
        assert_eq!(of(volume("data", Some("2"))), [elsewhere.clone(), Ok(())]);
        assert_eq!(of(volume("data", None)), [Ok(()), Ok(())]);
        // Of another claim nothing follows: the pod's own is taken to be in the zone where it is.
        assert_eq!(of(volume("other", Some("2"))), [Ok(()), elsewhere]);
    }

    #[test]
    fn a_node_takes_so_many_volumes_of_a_driver_each_counted_once() {
        let mover = pod("StatefulSet", "db-0", &["data"]);
        let there = |claims: &[&str]| on(pod("ReplicaSet", "other", claims), "b");
        let volumes = || ["data", "x", "y"].map(|claim| volume(claim, None)).to_vec();
        let of = |pods: Vec<Pod>| judged(&cluster(pods, volumes()), &mover)[0].clone();
        assert_eq!(of(vec![there(&["x"])]), Ok(()));
        assert_eq!(of(vec![there(&["x", "y"])]), Err(Misfit::ManyVolumes));
        // Two pods share one volume; and one that is there already is no new one.
        assert_eq!(of(vec![there(&["x"]), there(&["x"])]), Ok(()));
        assert_eq!(of(vec![there(&["x", "data"])]), Ok(()));
        let mut finished = there(&["x", "y"]);
        finished.phase = PodPhase::Succeeded;
        assert_eq!(of(vec![finished]), Ok(()));
        let mut uncounted = volumes();
        uncounted[0].driver = None;
        let snapshot = cluster(vec![there(&["x", "y"])], uncounted);
        assert_eq!(judged(&snapshot, &mover)[0], Ok(()));
    }

    #[test]
    fn who_comes_takes_a_place_until_it_leaves() {
        let [first, second] =
            [("db-0", "x"), ("db-1", "y")].map(|(name, claim)| pod("StatefulSet", name, &[claim]));
        let mover = pod("StatefulSet", "db-2", &["data"]);
        let volumes = ["data", "x", "y"].map(|claim| volume(claim, None)).to_vec();
        let snapshot = cluster(vec![], volumes);
        let nodes = snapshot.nodes.iter().enumerate();
        let places = nodes.map(|(place, node)| (&node.name, place)).collect();
        let mut disks = Disks::of(&snapshot, &places);
        let [a, b] = [&snapshot.nodes[0], &snapshot.nodes[1]];
        for pod in [&first, &second, &second] {
            disks.come(pod, 1);
        }
        disks.leave(&second, 1);
        assert_eq!(disks.let_in(&mover, a, b, 1), Err(Misfit::ManyVolumes));
        disks.leave(&second, 1);
        assert_eq!(disks.let_in(&mover, a, b, 1), Ok(()));
    }

    #[test]
    fn a_volume_that_is_made_with_its_pod_is_made_anew_elsewhere() {
        let volumes = vec![volume("web-7-scratch", Some("1"))];
        let of = |kind| {
            let pod = pod(kind, "web-7", &["web-7-scratch"]);
            judged(&cluster(vec![pod.clone()], volumes.clone()), &pod)[1].clone()
        };
        assert_eq!(of("ReplicaSet"), Ok(()));
        assert_eq!(of("StatefulSet"), Err(Misfit::VolumeElsewhere));
    }
}
