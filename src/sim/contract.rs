//! How this cluster's kubelets recognise the pods of aksreboot, and what they hand to the scripts in them.

/// Labels of our own pods.
pub(super) const MANAGED_BY: (&str, &str) = ("app.kubernetes.io/managed-by", "aksreboot");
/// The same label of pods that look like those of `kubectl debug`.
pub(super) const DEBUGGED_BY: &str = "kubectl-debug";
pub(super) const PURPOSE: &str = "aksreboot.dev/purpose";

/// The node annotation by which a run says what it is about to do.
pub(super) const OWNER_MARK: &str = "aksreboot.dev/run";

/// Environment of the probe script: what its answer is asked under.
pub(super) const NONCE: &str = "NONCE";
pub(super) const SENTINEL_FILE: &str = "SENTINEL_FILE";
/// That it asks the package manager, and whether that fetches its data for the question.
pub(super) const QUESTION: &str = "QUESTION";
pub(super) const REFRESH: &str = "REFRESH";

/// Environment of the reboot script: the boot that shall end, in unix seconds of the node's clock until when the ask
/// is good, and whether it shall do everything but the call.
pub(super) const BOOT_ID: &str = "BOOT_ID";
pub(super) const NOT_AFTER: &str = "NOT_AFTER";
pub(super) const PROVE: &str = "PROVE";

/// First line of what the reboot script says.
pub(super) const REBOOT_HEAD: &str = "aksreboot-reboot 1";

/// Exit code of the reboot script when it refuses.
pub(super) const REFUSED: i32 = 3;

/// Annotations by which a pod of a world tells its kubelet how long it takes, in milliseconds.
pub(super) const STARTS_IN: &str = "sim.aksreboot.dev/starts-in-ms";
pub(super) const STOPS_IN: &str = "sim.aksreboot.dev/stops-in-ms";

/// Whether a pod is one of aksreboot's own.
pub(super) fn is_ours(pod: &super::store::Object) -> bool {
    let (key, value) = MANAGED_BY;
    pod.index.lasting.labels.get(key).map(String::as_str) == Some(value)
}

/// Annotation by which a pod tells how its containers end by themselves: `{"code": 3, "message": "…", "log": "…"}`. A
/// label of that name, with whatever value, says that it is there.
pub(super) const ENDS: &str = "sim.aksreboot.dev/ends";
