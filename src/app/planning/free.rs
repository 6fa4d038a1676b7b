//! Whether a roll may have the cluster: its rights, and nobody else at work. Refuses before anything is done.

use jiff::Timestamp;

use super::{blocked, refused_by_server};
use crate::core::engine::Fleet;
use crate::core::mark::{Marked, marked};
use crate::core::plan::{Via, aks_signs};
use crate::core::reason::Reason;
use crate::core::rights::{Aim, Need::Must, rights};
use crate::edge::cluster::wire::Refusal;
use crate::edge::connect::Cluster;
use crate::edge::hold::{kured, lease, pause};
use crate::edge::rights::missing;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::doctor::right_in_words as in_words;

/// What the role lacks is said before anything is done, and not by a step in the middle of the night.
pub(in crate::app) async fn refuse_without_rights(
    cluster: &Cluster,
    via: Via,
) -> Result<(), Failure> {
    let aim = match via {
        Via::Pod => Aim::Roll,
        Via::Ssh => Aim::RollBySsh,
    };
    let needed = rights(aim).into_iter().filter(|right| right.need == Must);
    let lacking = match missing(&cluster.client, needed).await {
        Ok(lacking) => lacking,
        // An authorizer that does not answer this question decides nothing; the requests themselves will.
        Err(Refusal::Denied(_) | Refusal::Gone(_)) => return Ok(()),
        Err(refusal) => return Err(refused_by_server(&refusal, "ask for the user's rights")),
    };
    if lacking.is_empty() {
        return Ok(());
    }
    let lacking: Vec<String> = lacking.iter().map(in_words).collect();
    Err(Failure::say(
        Exit::Failed,
        format!("the user may not {}", lacking.join("; not ")),
    )
    .hint(format!(
        "the roles that a roll needs: aksreboot manifests {}",
        aim.part()
    ))
    .hint(match via {
        Via::Pod => "aksreboot doctor --for roll",
        Via::Ssh => "aksreboot doctor --for roll --via ssh",
    }))
}

/// Whoever holds all reboots now.
pub(in crate::app) async fn held(
    cluster: &Cluster,
    now: Timestamp,
) -> Result<Option<Reason>, Failure> {
    let seen = pause::read(&cluster.client)
        .await
        .map_err(|refusal| refused_by_server(&refusal, "read the hold"))?;
    Ok(seen.held.blocks(now))
}

/// Somebody else has the cluster: whoever holds all reboots, AKS, kured, or a run that left its mark.
pub(super) async fn refuse_if_taken(
    fleet: &Fleet,
    cluster: &Cluster,
    now: Timestamp,
) -> Result<(), Failure> {
    let mut taken: Vec<Reason> = held(cluster, now).await?.into_iter().collect();
    taken.extend(aks_signs(fleet.values()));
    for node in fleet.values() {
        match marked(node) {
            Marked::No => {}
            Marked::By(mark) => {
                let run = format!("{}, at {}", mark.run, mark.step.word());
                taken.push(Reason::ForeignMark {
                    node: node.name.clone(),
                    run,
                });
            }
            Marked::Unreadable(text) => taken.push(Reason::ForeignMark {
                node: node.name.clone(),
                run: text,
            }),
        }
    }
    // A run that is alive says more than its marks.
    if !taken.is_empty()
        && let Some(held) = lease::holder(&cluster.client)
            .await
            .map_err(|refusal| refused_by_server(&refusal, "read the lock"))?
    {
        taken.retain(|reason| !matches!(reason, Reason::ForeignMark { .. }));
        taken.insert(0, held);
    }
    let kureds = kured::find(&cluster.client)
        .await
        .map_err(|refusal| refused_by_server(&refusal, "look for kured"))?;
    taken.extend(
        kureds
            .into_iter()
            .map(|(namespace, name)| Reason::Kured { namespace, name }),
    );
    if taken.is_empty() {
        Ok(())
    } else {
        Err(blocked(
            Exit::Locked,
            "the cluster is not free for a roll",
            &taken,
        ))
    }
}
