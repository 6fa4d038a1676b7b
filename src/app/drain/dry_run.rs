//! A drain that is only tried: by what was read, or by one dry run on the API server for each node and pod. A budget is asked
//! once and not charged, so pods behind the same one may each be granted here and wait for each other in the real drain.

use crate::app::roll::Surroundings;
use crate::core::engine::{Eviction, Patched};
use crate::core::reason::Reason;
use crate::edge::cluster::evict::{Evicted, try_evict, try_remove};
use crate::edge::cluster::node_patch::{self, Note};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::drain::Scene;
use crate::render::out;
use crate::render::reason::in_words;
use crate::render::text::{count, sanitise};
use crate::request::drain::{DrainRequest, DryRun};

/// Tries what `scene` would come to. Refused: something would not go now.
pub(super) async fn tried(
    request: &DrainRequest,
    around: &Surroundings,
    scene: &Scene,
) -> Result<Exit, Failure> {
    if request.dry_run != DryRun::Server {
        (around.talk)("dry run: nothing was changed");
        return Ok(Exit::Ok);
    }
    let (client, settings) = (&around.cluster.client, &request.settings.drain);
    let (verb, done) = if settings.disable_eviction {
        ("delete", "deleted")
    } else {
        ("evict", "evicted")
    };
    let mut refused = 0;
    for on_node in &scene.nodes {
        let name = &on_node.node.name;
        let patched = node_patch::set_cordon(client, &on_node.node, true, Note::AsItIs, true).await;
        say(&match cordon_refused(patched) {
            None => format!("{name}: would be cordoned"),
            Some(why) => {
                refused += 1;
                format!("{name}: would not be cordoned: {why}")
            }
        })?;
        for pod in on_node.leaving(settings) {
            let grace = settings.grace_period;
            let evicted = if settings.disable_eviction {
                try_remove(client, &pod.key, &pod.uid, grace).await
            } else {
                try_evict(client, &pod.key, &pod.uid, grace).await
            };
            let key = &pod.key;
            say(&match evicted {
                Evicted::Answer(Eviction::Granted) => format!("{name}: would {verb} {key}"),
                Evicted::Gone => format!("{name}: {key} is gone already"),
                Evicted::Answer(Eviction::Blocked { reason, .. } | Eviction::Denied(reason))
                | Evicted::Lost(reason) => {
                    refused += 1;
                    format!(
                        "{name}: {key} would not be {done} now: {}",
                        in_words(&reason)
                    )
                }
            })?;
        }
    }
    (around.talk)("dry run: nothing was changed");
    if refused == 0 {
        return Ok(Exit::Ok);
    }
    Err(Failure::say(
        Exit::Refused,
        format!("{} refused now", count(refused, "request")),
    )
    .hint("the same command without --dry-run waits for what may pass, such as a budget"))
}

fn cordon_refused(patched: Patched) -> Option<String> {
    match patched {
        Patched::Now(node) if node.cordoned => None,
        // The node changed since it was read, which the real drain reads again for.
        Patched::Conflict => None,
        Patched::Now(_) => Some("the API server did not take it".into()),
        Patched::Gone => Some(in_words(&Reason::NodeGone)),
        Patched::Denied(reason) | Patched::Lost(reason) => Some(in_words(&reason)),
    }
}

fn say(line: &str) -> Result<(), Failure> {
    out::data(&format!("{}\n", sanitise(line)))
        .map_err(|error| Failure::new(Exit::Failed, error).during("write to stdout"))
}
