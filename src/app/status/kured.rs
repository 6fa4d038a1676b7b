//! Whether kured in the cluster goes by other evidence than this command did, for the line that says so.

use crate::core::evidence::{NodeStatus, Route};
use crate::edge::connect::Cluster;
use crate::edge::hold::kured;
use crate::render::out;
use crate::render::status::kured_note;
use crate::render::text::sanitise;
use crate::request::status::StatusRequest;

/// Tells it. Only where nodes were probed: without their evidence there is nothing to compare kured's with. Roles that
/// only read nodes may not list DaemonSets; then nothing is known, and nothing said.
pub(super) async fn tell(cluster: &Cluster, request: &StatusRequest, nodes: &[NodeStatus]) {
    if !nodes.iter().any(|node| node.verdict.read_by != Route::Api) {
        return;
    }
    match kured::settings(&cluster.client).await {
        Ok(found) => {
            for note in found.iter().filter_map(|(name, settings)| {
                kured_note(name, settings, &request.probing.sentinel)
            }) {
                out::talk(&format!("note: {}", sanitise(&note)));
            }
        }
        Err(refusal) => tracing::debug!(%refusal, "look for kured"),
    }
}
