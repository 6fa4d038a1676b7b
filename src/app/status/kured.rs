//! Whether kured in the cluster goes by other evidence than this command did, for the line that says so.

use std::time::Duration;

use crate::core::evidence::{NodeStatus, Route};
use crate::edge::connect::Cluster;
use crate::edge::hold::kured;
use crate::render::out;
use crate::render::status::kured_note;
use crate::render::text::sanitise;
use crate::request::status::StatusRequest;

/// A note is worth no longer wait; the verdicts have been printed.
const PATIENCE: Duration = Duration::from_secs(3);

/// Tells it. Only where nodes were probed: without their evidence there is nothing to compare kured's with. Roles that
/// only read nodes may not list DaemonSets; then nothing is known, and nothing said.
pub(super) async fn tell(cluster: &Cluster, request: &StatusRequest, nodes: &[NodeStatus]) {
    if !nodes.iter().any(|node| node.verdict.read_by != Route::Api) {
        return;
    }
    match tokio::time::timeout(PATIENCE, kured::settings(&cluster.client)).await {
        Ok(Ok(found)) => {
            for note in found.iter().filter_map(|(name, settings)| {
                kured_note(name, settings, &request.probing.sentinel)
            }) {
                out::talk(&format!("note: {}", sanitise(&note)));
            }
        }
        Ok(Err(refusal)) => tracing::debug!(%refusal, "look for kured"),
        Err(_) => tracing::debug!("looking for kured took too long"),
    }
}
