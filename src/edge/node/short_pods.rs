//! Pods that run one script on one node to its end: created, watched, deleted, whatever happens in between. Tells the
//! causes of failure apart, since each has another remedy; never judges what the script wrote.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use k8s_openapi::api::core::v1::Pod;
use kube::api::Api;
use tokio::sync::Semaphore;
use tokio::time::{Instant, sleep, timeout, timeout_at};

use crate::edge::cluster::{code, in_words, wire};
use crate::edge::connect::Cluster;

use super::feed::{Feed, Seen};
use super::leftovers::Leftovers;
use super::pod_state::{Ended, PodProgress, progress};
use super::pod_trouble::{PodTrouble, at_creation, by_kubelet, waits_for_account, with_message};
use super::shape::{Form, PodShape};

/// How long a container that cannot start may still turn out well: kubelets try again at once, then back off.
const PATIENCE: Duration = Duration::from_secs(5);
/// Between tries to create a pod while the server is busy or away.
const CREATE_PAUSE: Duration = Duration::from_secs(1);
/// A pod that cannot be deleted for this long is left for the end of the command.
const REMOVE_LIMIT: Duration = Duration::from_secs(5);

/// Runs short pods in one cluster: a bounded number at once, seen through one watch, none left behind.
#[derive(Clone)]
pub(crate) struct ShortPods {
    cluster: Cluster,
    pods: Api<Pod>,
    leftovers: Leftovers,
    form: Arc<Form>,
    at_once: usize,
    room: Arc<Semaphore>,
    /// Pods that have ended and are being deleted: their answers are there, and not handed over yet.
    ending: Arc<AtomicUsize>,
    /// The watch lives while any pod is waited for.
    feed: Arc<Mutex<Weak<Feed>>>,
}

impl ShortPods {
    #[cfg(test)]
    pub(crate) fn new(cluster: &Cluster, at_once: usize) -> Self {
        Self::of(cluster, at_once, Form::Own(super::PodShape::default()))
    }

    pub(crate) fn of(cluster: &Cluster, at_once: usize, form: Form) -> Self {
        let pods = Api::namespaced(cluster.client.clone(), form.namespace());
        Self {
            cluster: cluster.clone(),
            leftovers: Leftovers::new(cluster.client.clone(), form.namespace()),
            pods,
            form: Arc::new(form),
            at_once: at_once.max(1),
            room: Arc::new(Semaphore::new(at_once.max(1))),
            ending: Arc::default(),
            feed: Arc::default(),
        }
    }

    pub(super) fn at_once(&self) -> usize {
        self.at_once
    }

    pub(super) fn form(&self) -> &Form {
        &self.form
    }

    /// What this cluster asks of the pods, where they are of our own shape.
    pub(crate) fn shape(&self) -> PodShape {
        match self.form.as_ref() {
            Form::Own(shape) => shape.clone(),
            Form::Debug { .. } => PodShape::default(),
        }
    }

    pub(super) fn api(&self) -> &Api<Pod> {
        &self.pods
    }

    /// Where the pods are.
    pub(crate) fn namespace(&self) -> &str {
        self.form.namespace()
    }

    /// What dropped or failed runs left; to be removed at the end of every command, and on a signal.
    pub(crate) fn leftovers(&self) -> &Leftovers {
        &self.leftovers
    }

    /// From now on no pod is made.
    pub(crate) fn close(&self) {
        self.room.close();
    }

    /// How many answers are there already and come when their pods are deleted.
    pub(crate) fn ending(&self) -> usize {
        self.ending.load(Ordering::Relaxed)
    }

    /// Runs `pod` until its container `container` has ended, within `limit` counted from the creation, and deletes it.
    /// Dropping the future leaves the pod to [`Leftovers::remove_all`].
    pub(super) async fn run(
        &self,
        pod: Pod,
        container: &str,
        limit: Duration,
    ) -> Result<Ended, PodTrouble> {
        let run = self.run_then(pod, container, limit, |_, _| std::future::ready(()));
        run.await.map(|(ended, ())| ended)
    }

    /// The same, with `then` done between the container's end and the deletion of the pod, by the pod's name.
    pub(super) async fn run_then<Then, T>(
        &self,
        pod: Pod,
        container: &str,
        limit: Duration,
        then: impl FnOnce(String, &Ended) -> Then,
    ) -> Result<(Ended, T), PodTrouble>
    where
        Then: Future<Output = T>,
    {
        let Ok(_permit) = self.room.acquire().await else {
            return Err(PodTrouble::Failed {
                message: "the command was ended before".into(),
            });
        };
        let feed = self.feed();
        let name = pod.metadata.name.clone().unwrap_or_default();
        let image = pod
            .spec
            .iter()
            .flat_map(|spec| &spec.containers)
            .find_map(|spec| spec.image.clone())
            .unwrap_or_default();
        let deadline = Instant::now() + limit;
        let left_before = self.leftovers.has(&name);
        if left_before {
            self.remove_earlier(&name).await?;
        }
        self.leftovers.expect(&name);
        let uid = self.create(&pod, left_before, deadline).await?;
        let awaited = Awaited {
            name: &name,
            uid: uid.as_deref(),
            container,
            image: &image,
        };
        let outcome = self.wait(&feed, &awaited, limit, deadline).await;
        let _ending = Ending::of(&self.ending);
        let outcome = match outcome {
            Ok(ended) => {
                let done = then(name.clone(), &ended).await;
                Ok((ended, done))
            }
            Err(trouble) => Err(trouble),
        };
        match timeout(REMOVE_LIMIT, self.leftovers.remove(&name)).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::debug!(pod = name, %error, "delete left for later"),
            Err(_) => tracing::debug!(pod = name, "delete left for later"),
        }
        outcome
    }

    /// Removes the pod of that name that an earlier run could not remove: its answer would be to an older question.
    async fn remove_earlier(&self, name: &str) -> Result<(), PodTrouble> {
        let message = match timeout(REMOVE_LIMIT, self.leftovers.remove(name)).await {
            Ok(Ok(())) => return Ok(()),
            Ok(Err(refusal)) => refusal.to_string(),
            Err(_) => "no answer to the deletion of a pod".into(),
        };
        Err(PodTrouble::Api { message })
    }

    /// Creates the pod, through passing trouble of the server too: its name is its own, so a second try cannot make a
    /// second pod. `may_exist`: an earlier request for it may arrive only now. Returns its UID, where the answer came.
    async fn create(
        &self,
        pod: &Pod,
        mut may_exist: bool,
        deadline: Instant,
    ) -> Result<Option<String>, PodTrouble> {
        let name = pod.metadata.name.as_deref().unwrap_or_default();
        let path = format!("/api/v1/namespaces/{}/pods", wire::encode(self.namespace()));
        loop {
            let tried = timeout_at(deadline, wire::make(&self.cluster.client, &path, pod)).await;
            let Ok(tried) = tried else {
                return Err(PodTrouble::Api {
                    message: "no answer to the creation of a pod".into(),
                });
            };
            let error = match tried {
                Ok(made) => return Ok(made.metadata.uid),
                Err(error) => error,
            };
            let message = in_words(&error);
            match code(&error) {
                Some(409) if may_exist => return Ok(None),
                Some(429 | 500..) => {}
                Some(403) if waits_for_account(&message) => {}
                None => {
                    may_exist = true;
                    self.leftovers.doubt(name);
                }
                Some(refusal) => {
                    if !may_exist {
                        self.leftovers.forget(name);
                    }
                    return Err(at_creation(refusal, self.namespace(), message));
                }
            }
            if Instant::now() + CREATE_PAUSE >= deadline {
                return Err(PodTrouble::Api { message });
            }
            sleep(CREATE_PAUSE).await;
        }
    }

    async fn wait(
        &self,
        feed: &Feed,
        awaited: &Awaited<'_>,
        limit: Duration,
        deadline: Instant,
    ) -> Result<Ended, PodTrouble> {
        let mut sight = feed.subscribe();
        let mut state = String::from("created");
        let mut stuck: Option<Stuck> = None;
        loop {
            let seen = {
                let now = sight.look();
                match &now.trouble {
                    Some(trouble) if trouble.is_refusal => {
                        return Err(PodTrouble::Api {
                            message: trouble.message.clone(),
                        });
                    }
                    Some(trouble) => state = format!("out of sight: {}", trouble.message),
                    None => {}
                }
                // An earlier pod of the name is another pod.
                let seen = now.pods.get(awaited.name).cloned();
                seen.filter(|seen| awaited.uid.is_none_or(|uid| seen.uid() == uid))
            };
            match seen {
                None => {}
                Some(Seen::Gone { .. }) => {
                    return Err(PodTrouble::Failed {
                        message: "the pod was deleted by somebody else".into(),
                    });
                }
                Some(Seen::There(pod)) => match progress(&pod, awaited.container) {
                    PodProgress::Ended(ended) => return Ok(ended),
                    // The pod's own limit, which is ours and some spare, by the node's clock.
                    PodProgress::Refused { reason, .. } if reason == "DeadlineExceeded" => {
                        return Err(PodTrouble::Timeout { limit, state });
                    }
                    PodProgress::Refused { reason, message } => {
                        return Err(by_kubelet(&reason, &message));
                    }
                    PodProgress::Waiting { reason, message } if is_trouble(&reason) => {
                        let first = stuck
                            .get_or_insert_with(|| Stuck::new(reason.clone(), message))
                            .clone();
                        if is_final(&reason) || first.is_over(&reason) {
                            return Err(first.into_trouble(awaited.image));
                        }
                        state = format!("waiting: {first}");
                    }
                    other => {
                        stuck = None;
                        state = other.to_string();
                    }
                },
            }
            let wake = stuck
                .as_ref()
                .map_or(deadline, |stuck| stuck.until.min(deadline));
            match timeout_at(wake, sight.changed()).await {
                Err(_) if Instant::now() >= deadline => {
                    // What is out of sight says nothing of its node: the pod may long have ended.
                    return Err(match &sight.look().trouble {
                        Some(trouble) => PodTrouble::Api {
                            message: trouble.message.clone(),
                        },
                        None => PodTrouble::Timeout { limit, state },
                    });
                }
                // News, or the end of patience with a pod that is stuck.
                Ok(()) | Err(_) => {}
            }
        }
    }

    /// The running watch, or a new one.
    fn feed(&self) -> Arc<Feed> {
        let mut slot = self.feed.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(feed) = slot.upgrade() {
            return feed;
        }
        let feed = Arc::new(Feed::start(self.cluster.client.clone(), &self.form));
        *slot = Arc::downgrade(&feed);
        feed
    }
}

/// Counts a pod while it lives.
struct Ending<'a>(&'a AtomicUsize);

impl<'a> Ending<'a> {
    fn of(number: &'a AtomicUsize) -> Self {
        number.fetch_add(1, Ordering::Relaxed);
        Self(number)
    }
}

impl Drop for Ending<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The pod that is waited for.
struct Awaited<'a> {
    name: &'a str,
    uid: Option<&'a str>,
    container: &'a str,
    image: &'a str,
}

/// A container that cannot start. The first such state says why; the later `ImagePullBackOff` often says only that.
#[derive(Clone)]
struct Stuck {
    reason: String,
    message: String,
    until: Instant,
}

impl Stuck {
    fn new(reason: String, message: String) -> Self {
        Self {
            reason,
            message,
            until: Instant::now() + PATIENCE,
        }
    }

    /// A pull that failed and is backed off from has been tried twice.
    fn is_over(&self, now: &str) -> bool {
        Instant::now() >= self.until || (is_pull_trouble(now) && now != self.reason)
    }

    fn into_trouble(self, image: &str) -> PodTrouble {
        let message = self.to_string();
        if is_pull_trouble(&self.reason) {
            PodTrouble::Image {
                image: image.to_owned(),
                message,
            }
        } else {
            PodTrouble::Failed { message }
        }
    }
}

impl std::fmt::Display for Stuck {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&with_message(&self.reason, &self.message))
    }
}

/// The kubelet's words for an image that it cannot get.
fn is_pull_trouble(reason: &str) -> bool {
    is_final(reason)
        || matches!(
            reason,
            "ErrImagePull" | "ImagePullBackOff" | "RegistryUnavailable" | "ImageInspectError"
        )
}

/// No second try will mend these.
fn is_final(reason: &str) -> bool {
    matches!(reason, "InvalidImageName" | "ErrImageNeverPull")
}

fn is_trouble(reason: &str) -> bool {
    is_pull_trouble(reason)
        || matches!(
            reason,
            "CreateContainerConfigError" | "CreateContainerError" | "RunContainerError"
        )
}

#[cfg(test)]
mod tests;
