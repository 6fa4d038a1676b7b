//! Whether a roll may have the cluster: its rights, and nobody else at work. Refuses before anything is done.

use jiff::Timestamp;

use super::{blocked, refused_by_server};
use crate::app::roll::Surroundings;
use crate::app::run;
use crate::core::engine::{Fleet, KuredSeen};
use crate::core::hold::KURED_HOLDER;
use crate::core::mark::{Marked, marked};
use crate::core::model::NodeName;
use crate::core::plan::{Settings, Via, aks_signs};
use crate::core::reason::Reason;
use crate::core::rights::{Aim, Need::Must, rights};
use crate::edge::cluster::wire::Refusal;
use crate::edge::connect::Cluster;
use crate::edge::hold::kured_place::Manner;
use crate::edge::hold::{kured, kured_run, lease, pause};
use crate::edge::rights::missing;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::doctor::right_in_words as in_words;
use crate::render::text::sanitise;

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
    settings: &Settings,
    around: &Surroundings,
) -> Result<(), Failure> {
    let cluster = &around.cluster;
    let now = around.clock.wall();
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
    taken.extend(kureds_lock(fleet, settings, around).await?);
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

/// Why kured's lock cannot be taken for the roll's nodes, if so. That it could be written is tried by a dry run.
async fn kureds_lock(
    fleet: &Fleet,
    settings: &Settings,
    around: &Surroundings,
) -> Result<Option<Reason>, Failure> {
    let client = &around.cluster.client;
    let failed = |refusal: Refusal| refused_by_server(&refusal, "look for kured");
    if settings.ignore_kured_lock {
        for (namespace, name) in kured::find(client).await.map_err(failed)? {
            (around.talk)(&sanitise(&format!(
                "warning: kured (DaemonSet {namespace}/{name}) is in the cluster and its lock ignored: it may reboot nodes at the same time"
            )));
        }
        return Ok(None);
    }
    let mut seen = kured_run::look(client, &around.run).await.map_err(failed)?;
    if seen == KuredSeen::Free {
        let claim = run::claim(&settings.timeouts, around);
        seen = kured_run::take(client, &claim, Manner::Trial)
            .await
            .map_err(failed)?;
    }
    match seen {
        KuredSeen::Absent => Ok(None),
        KuredSeen::Free | KuredSeen::Taken => {
            (around.talk)("kured is in the cluster: its lock is taken for each node");
            Ok(None)
        }
        KuredSeen::Held(Reason::KuredLock {
            daemon_set,
            mut holders,
        }) => {
            for holder in &mut holders {
                let name = NodeName::new(holder.node.as_str());
                holder.no_node =
                    !holder.node.starts_with(KURED_HOLDER) && !fleet.contains_key(&name);
            }
            Ok(Some(Reason::KuredLock {
                daemon_set,
                holders,
            }))
        }
        KuredSeen::Held(reason) => Ok(Some(reason)),
    }
}
