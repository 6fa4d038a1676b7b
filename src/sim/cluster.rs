//! The whole state of the cluster and the ways to change it. Whoever changes an object does it here, so that
//! controllers, kubelets and watches hear of it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::task::Waker;
use std::time::Duration;

use serde_json::{Value, json};

use super::chance::Chance;
use super::chronicle::Chronicle;
use super::clock::{Clock, Moment};
use super::controllers::daemonset::Daemons;
use super::controllers::guards::Guards;
use super::faults::{Befall, What};
use super::host::{self, Host};
use super::http::log::Log;
use super::http::watch::Watches;
use super::jobs::{Job, Jobs};
use super::json::{self, text};
use super::kind::Kind;
use super::lows::Lows;
use super::script::Script;
use super::store::{Change, Key, Lasting, Object, Store, fingerprint};
use super::world::{Denial, Forbidden, Paces, User};
use super::written::{Draft, Same, Written};
use super::{controllers, happenings, kubelet};

/// How long a change is remembered: API servers have etcd forget every five minutes what is older than five minutes.
const REMEMBERED_FOR: Duration = Duration::from_secs(600);
/// How finely that is kept.
const AGE: Duration = Duration::from_secs(60);

pub(super) struct Cluster {
    pub(super) clock: Clock,
    /// The moment of the job or request that is being carried out.
    pub(super) now: Moment,
    pub(super) store: Store,
    pub(super) jobs: Jobs,
    pub(super) hosts: BTreeMap<String, Host>,
    pub(super) chance: Chance,
    pub(super) script: Script,
    pub(super) log: Log,
    pub(super) chronicle: Chronicle,
    /// Hears what befalls the operator.
    pub(super) operator: Option<Box<dyn FnMut(Befall) + Send>>,
    pub(super) watches: Watches,
    pub(super) rules: Rules,
    /// The namespaces in which the controller of service accounts has made `default`.
    pub(super) accounts: BTreeSet<String>,
    /// Versions by the moment of their writing, a minute apart.
    ages: VecDeque<(Moment, u64)>,
    pub(super) guards: Guards,
    pub(super) daemons: Daemons,
    pub(super) lows: Lows,
    /// Room for the text of an object while it is compared with what it was.
    draft: Draft,
    /// Whoever sleeps until the next job.
    pub(super) driver: Option<Waker>,
}

/// What the world fixes for good.
#[derive(Clone, Debug)]
pub(super) struct Rules {
    pub(super) version: String,
    pub(super) denials: Vec<Denial>,
    pub(super) forbidden: Vec<Forbidden>,
    pub(super) users: Vec<User>,
    pub(super) paces: Paces,
}

/// What a delete leaves of an object.
pub(super) enum Left {
    /// It waits for its grace period, or a finalizer.
    There(Arc<Object>),
    /// As it last was.
    Gone(Value),
}

impl Cluster {
    pub(super) fn new(clock: Clock, seed: u64, rules: Rules) -> Self {
        Self {
            clock,
            now: clock.now(),
            store: Store::default(),
            jobs: Jobs::default(),
            hosts: BTreeMap::new(),
            chance: Chance::from_seed(seed),
            script: Script::default(),
            log: Log::default(),
            chronicle: Chronicle::default(),
            operator: None,
            watches: Watches::default(),
            rules,
            accounts: BTreeSet::new(),
            ages: VecDeque::new(),
            guards: Guards::default(),
            daemons: Daemons::default(),
            lows: Lows::default(),
            draft: Draft::default(),
            driver: None,
        }
    }

    /// This moment, as timestamps of objects are written.
    pub(super) fn time(&self) -> String {
        self.clock.seconds(self.now)
    }

    /// How long a client has been able to see the cluster.
    pub(super) fn since_start(&self) -> Duration {
        self.now.saturating_sub(super::BEFORE_START)
    }

    /// Lets a job become due; the delay is the world's and gets divided by the speed.
    pub(super) fn later(&mut self, delay: Duration, job: Job) {
        self.jobs.at(self.now + self.clock.scaled(delay), job);
    }

    /// Carries out what is due by now.
    pub(super) fn run_due(&mut self) {
        while let Some(job) = self.jobs.take(self.now) {
            self.carry_out(job);
        }
    }

    /// Lets time jump from job to job until nothing is left to do, or the moment is reached.
    pub(super) fn run_ahead(&mut self, until: Moment) {
        while let Some(due) = self.jobs.next_due().filter(|due| *due <= until) {
            self.now = due.max(self.now);
            self.run_due();
        }
        self.now = until;
    }

    fn carry_out(&mut self, job: Job) {
        match job {
            Job::Reconcile(concern) => controllers::reconcile(self, concern),
            Job::Pod {
                key,
                uid,
                life,
                step,
            } => kubelet::step(self, &key, &uid, life, step),
            Job::Host { node, life, step } => host::step(self, &node, life, step),
            Job::Renew(node) => self.renew_while_watched(&node),
            Job::Happen(what) => self.happen(what),
        }
    }

    pub(super) fn happen(&mut self, what: What) {
        happenings::happen(self, what);
    }

    /// Stores a new object, stamped as the API server does.
    pub(super) fn create(&mut self, kind: Kind, mut value: Value) -> Arc<Object> {
        self.stamp(kind, &mut value);
        let change = self.store.write(kind, value, &mut self.draft);
        self.written(change)
    }

    /// Stores an object as another cluster had it. Nobody hears of it yet: controllers and kubelets take over when all
    /// is there.
    pub(super) fn adopt(&mut self, kind: Kind, mut value: Value) {
        value["apiVersion"] = kind.api_version().into();
        value["kind"] = kind.resource().name.into();
        let change = self.store.write(kind, value, &mut self.draft);
        self.guards.notice(&self.store, &change);
    }

    /// What the API server adds to a new object. Also used for a dry run.
    pub(super) fn stamp(&mut self, kind: Kind, value: &mut Value) {
        let resource = kind.resource();
        value["apiVersion"] = kind.api_version().into();
        value["kind"] = resource.name.into();
        let uid = self.chance.uuid();
        let now = self.time();
        let metadata = json::entry(value, "/metadata");
        metadata["uid"] = uid.into();
        if metadata.get("creationTimestamp").is_none_or(Value::is_null) {
            metadata["creationTimestamp"] = now.into();
        }
        if resource.generation {
            metadata["generation"] = 1.into();
        }
        if kind == Kind::Namespace {
            json::set(value, "/status/phase", "Active");
        }
    }

    /// Changes an object in place. Nothing is written when nothing changed; `None` when there is no such object.
    pub(super) fn update(
        &mut self,
        kind: Kind,
        key: &Key,
        change: impl FnOnce(&mut Value),
    ) -> Option<Arc<Object>> {
        let object = self.store.get(kind, key)?.clone();
        let mut value = object.take();
        change(&mut value);
        self.replace(&object, value)
    }

    /// As [`Self::update`], of whoever writes nothing but status: nobody has to look whether the rest is another.
    pub(super) fn update_status(
        &mut self,
        kind: Kind,
        key: &Key,
        change: impl FnOnce(&mut Value),
    ) -> Option<Arc<Object>> {
        let object = self.store.get(kind, key)?.clone();
        let mut value = object.take();
        change(&mut value);
        self.replace_lasting(&object, value, Same::but_status())
    }

    /// The same, where `says` does not tell of the object that it is so already: controllers look far more often than they find
    /// something to write.
    pub(super) fn update_status_unless(
        &mut self,
        kind: Kind,
        key: &Key,
        says: impl FnOnce(&Value) -> bool,
        change: impl FnOnce(&mut Value),
    ) {
        let Some(object) = self.store.get(kind, key).cloned() else {
            return;
        };
        let mut value = object.take();
        if says(&value) {
            debug_assert_eq!(changed(&value, change), value, "it is not so already");
            return object.give_back(value);
        }
        change(&mut value);
        self.replace_lasting(&object, value, Same::but_status());
    }

    /// As [`Self::replace_but`], with a value that differs in its status, or in the marks of its deletion, and in nothing else.
    fn replace_lasting(
        &mut self,
        old: &Arc<Object>,
        value: Value,
        same: Same,
    ) -> Option<Arc<Object>> {
        let lasting = old.index.lasting.clone();
        debug_assert_eq!(Lasting::of(&value), *lasting, "more than status");
        self.put_in_place(old, value, same, old.index.spec, lasting)
    }

    /// Puts a changed value in the place of an object; `None` when that ended it, because the last finalizer went.
    pub(super) fn replace(&mut self, old: &Arc<Object>, value: Value) -> Option<Arc<Object>> {
        self.replace_but(old, value, Same::default())
    }

    /// As [`Self::replace`], with a value of which these parts are the old object's.
    pub(super) fn replace_but(
        &mut self,
        old: &Arc<Object>,
        mut value: Value,
        same: Same,
    ) -> Option<Arc<Object>> {
        let spec = if same.has("spec") {
            old.index.spec
        } else {
            fingerprint(old.kind, &value)
        };
        let lasting = Lasting::of(&value);
        let lasting = if lasting == *old.index.lasting {
            old.index.lasting.clone()
        } else {
            Arc::new(lasting)
        };
        if spec != old.index.spec {
            let generation = json::number(&value, "/metadata/generation").unwrap_or(0);
            json::set(&mut value, "/metadata/generation", generation + 1);
        }
        self.put_in_place(old, value, same, spec, lasting)
    }

    /// `same` is what the value has of the old object's, `spec` the fingerprint of its spec, `lasting` what is no status of it.
    fn put_in_place(
        &mut self,
        old: &Arc<Object>,
        value: Value,
        same: Same,
        spec: u64,
        lasting: Arc<Lasting>,
    ) -> Option<Arc<Object>> {
        let released = text(&value, "/metadata/deletionTimestamp").is_some()
            && json::list(&value, "/metadata/finalizers").is_empty()
            && json::number(&value, "/metadata/deletionGracePeriodSeconds").unwrap_or(0) == 0;
        if released && old.kind != Kind::Namespace {
            self.remove(old.kind, &old.key);
            return None;
        }
        let mut draft = std::mem::take(&mut self.draft);
        draft.write(&value, Some((&old.text, same)));
        debug_assert!(draft.is(&Written::of(&value)), "not the same: {same:?}");
        if draft.is(&old.text) {
            self.draft = draft;
            old.give_back(value);
            return Some(old.clone());
        }
        let change = self
            .store
            .rewrite(old, value, &mut draft, same, spec, lasting);
        self.draft = draft;
        Some(self.written(change))
    }

    pub(super) fn remove(&mut self, kind: Kind, key: &Key) {
        if let Some(change) = self.store.remove(kind, key) {
            self.written(change);
        }
    }

    /// Deletes an object as a client's DELETE does: a pod gets its grace period, finalizers are waited for.
    /// `grace` is in seconds; none is the pod's own.
    pub(super) fn delete(&mut self, kind: Kind, key: &Key, grace: Option<i64>) -> Option<Left> {
        let object = self.store.get(kind, key)?.clone();
        let mut value = object.take();
        let own = json::number(&value, "/spec/terminationGracePeriodSeconds").unwrap_or(0);
        let runs = kind == Kind::Pod && !object.index.node.is_empty() && !object.index.finished();
        let grace = match grace.unwrap_or(own) {
            _ if !runs => 0,
            // As the API server reads it: what is below zero means as soon as may be.
            ..0 => 1,
            grace => grace,
        };
        let sooner = json::number(&value, "/metadata/deletionGracePeriodSeconds")
            .is_none_or(|already| grace < already);
        if !sooner && object.index.deleting {
            object.give_back(value);
            return Some(Left::There(object));
        }
        let end = self.now + Duration::from_secs(grace.unsigned_abs());
        let metadata = json::entry(&mut value, "/metadata");
        metadata["deletionTimestamp"] = self.clock.seconds(end).into();
        metadata["deletionGracePeriodSeconds"] = grace.into();
        if kind == Kind::Namespace {
            json::set(&mut value, "/status/phase", "Terminating");
        }
        let ends = grace == 0 && json::list(&value, "/metadata/finalizers").is_empty();
        let last = ends.then(|| value.clone());
        let same = Same::those(|part| part == "spec");
        let left = self.replace_lasting(&object, value, same);
        left.map(Left::There).or_else(|| last.map(Left::Gone))
    }

    fn written(&mut self, change: Change) -> Arc<Object> {
        happenings::notice(self, &change);
        self.lows.notice(&self.store, &change, self.now);
        controllers::notice(self, &change);
        kubelet::notice(self, &change);
        self.watches.wake(&change);
        self.forget_what_is_old();
        change.object
    }

    fn forget_what_is_old(&mut self) {
        let (now, version) = (self.now, self.store.version());
        let since = self.ages.back().map(|(at, _)| now.saturating_sub(*at));
        if since.is_some_and(|since| since < AGE) {
            return;
        }
        self.ages.push_back((now, version));
        while let Some((at, version)) = self.ages.front().copied()
            && now.saturating_sub(at) > REMEMBERED_FOR
        {
            self.store.forget_until(version);
            self.ages.pop_front();
        }
    }

    /// Writes an Event about an object.
    pub(super) fn event(&mut self, about: &Object, reason: &str, kind: &str, message: &str) {
        let suffix = format!("{:x}", self.chance.below(u64::MAX));
        // Events about cluster-wide objects are kept in `default`.
        let namespace = match about.key.namespace.as_str() {
            "" => "default",
            namespace => namespace,
        };
        let now = self.time();
        self.create(
            Kind::Event,
            json!({
                "metadata": {"name": format!("{}.{suffix}", about.key.name), "namespace": namespace},
                "involvedObject": {
                    "kind": about.kind.resource().name,
                    "apiVersion": about.kind.api_version(),
                    "namespace": about.key.namespace,
                    "name": about.key.name,
                    "uid": about.index.lasting.uid,
                },
                "reason": reason,
                "message": message,
                "type": kind,
                "count": 1,
                "firstTimestamp": now,
                "lastTimestamp": now,
                "source": {"component": "kubelet"},
            }),
        );
    }
}

/// A copy of the value with the change made.
fn changed(value: &Value, change: impl FnOnce(&mut Value)) -> Value {
    let mut value = value.clone();
    change(&mut value);
    value
}
