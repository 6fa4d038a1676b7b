//! Which run is to be gone on with: the one that was named, or the one that the cluster speaks of. Says why there is none,
//! and never picks one of several.

use std::collections::BTreeSet;

use crate::app::planning::refused_by_server;
use crate::core::engine::Fleet;
use crate::core::mark::{Marked, marked};
use crate::core::model::{NodeName, RunId};
use crate::core::reason::Reason;
use crate::edge::connect::Cluster;
use crate::edge::hold::lease::{Standing, standing};
use crate::edge::hold::record::{self, Read, Unusable};
use crate::exit::Exit;
use crate::failure::Failure;

/// The run as its record has it, and whether the lock names it; `None` when there is none to go on with.
pub(super) async fn find(
    named: Option<&RunId>,
    cluster: &Cluster,
    fleet: &Fleet,
) -> Result<Option<(Read, bool)>, Failure> {
    let client = &cluster.client;
    let of_marks: BTreeSet<RunId> = fleet
        .values()
        .filter_map(|node| match marked(node) {
            Marked::By(mark) => Some(mark.run),
            Marked::No | Marked::Unreadable(_) => None,
        })
        .collect();
    let standing = standing(client)
        .await
        .map_err(|refusal| refused_by_server(&refusal, "read the lock"))?;
    let of_lock = match standing {
        Standing::Interrupted { run } => Some(RunId::new(run)),
        Standing::Held(Reason::LockHeld { run, .. }) => Some(run),
        Standing::Free | Standing::Held(_) => None,
    };
    let mut spoken_of = of_marks.clone();
    spoken_of.extend(of_lock.clone());
    let run = match named {
        Some(run) => run.clone(),
        None if spoken_of.len() > 1 => return Err(several(&spoken_of)),
        None => match spoken_of.pop_first() {
            Some(run) => run,
            None => return Ok(newest(cluster).await?.map(|read| (read, false))),
        },
    };
    let recorded = record::read(client, &run)
        .await
        .map_err(|refusal| refused_by_server(&refusal, "read the run record"))?;
    let of_lock_is_this = of_lock.as_ref() == Some(&run);
    if let Some(other) = of_lock.filter(|other| *other != run) {
        refuse_before(&other, &of_marks, cluster).await?;
    }
    let nodes: Vec<&NodeName> = fleet
        .values()
        .filter(|node| matches!(marked(node), Marked::By(mark) if mark.run == run))
        .map(|node| &node.name)
        .collect();
    recorded
        .map(|read| Some((read, of_lock_is_this)))
        .map_err(|why| unusable(&run, why, &nodes))
}

/// A lock that another run left goes with that run first. A lock of what is no run any more is the taking's to judge.
async fn refuse_before(
    other: &RunId,
    of_marks: &BTreeSet<RunId>,
    cluster: &Cluster,
) -> Result<(), Failure> {
    let is_a_run = of_marks.contains(other)
        || record::read(&cluster.client, other)
            .await
            .map_err(|refusal| refused_by_server(&refusal, "read the run record"))?
            .is_ok_and(|(recorded, _)| !recorded.is_finished());
    if !is_a_run {
        return Ok(());
    }
    Err(Failure::say(
        Exit::Locked,
        format!("the lock is that of another run, {other}, which is not at its end"),
    )
    .hint(format!(
        "go on with that one first: aksreboot resume {other}"
    )))
}

/// The newest run, where neither a node nor the lock speaks of one. An older one may have been overtaken by it.
async fn newest(cluster: &Cluster) -> Result<Option<Read>, Failure> {
    let newest = record::newest(&cluster.client)
        .await
        .map_err(|refusal| refused_by_server(&refusal, "list run records"))?;
    match newest {
        None => Ok(None),
        Some((_, Ok((recorded, _)))) if recorded.is_finished() => Ok(None),
        Some((_, Ok(read))) => Ok(Some(read)),
        Some((run, Err(why))) => Err(unusable(&run, why, &[])),
    }
}

fn several(runs: &BTreeSet<RunId>) -> Failure {
    let failure = Failure::say(
        Exit::Usage,
        "nodes and lock speak of more than one run; name the one to go on with",
    );
    runs.iter().fold(failure, |failure, run| {
        failure.hint(format!("aksreboot resume {run}"))
    })
}

fn unusable(run: &RunId, why: Unusable, nodes: &[&NodeName]) -> Failure {
    let failure = match why {
        Unusable::Missing if nodes.is_empty() => {
            return Failure::say(
                Exit::Refused,
                format!("run {run} has no record, and no node carries its mark: it never began, or its record was removed"),
            )
            .hint("aksreboot roll plans what is pending now")
            .hint("aksreboot cleanup shows what is left of it");
        }
        Unusable::Missing => Failure::say(
            Exit::Refused,
            format!("the record of run {run} is gone, so what it planned is not known"),
        ),
        Unusable::OtherVersion(why) => Failure::say(
            Exit::Refused,
            format!("run {run} was recorded by another version of aksreboot: {why}"),
        )
        .hint("go on with the version that began it"),
        Unusable::Broken(why) => Failure::say(
            Exit::Refused,
            format!("the record of run {run} cannot be read: {why}"),
        )
        .hint(record::place(run)),
    };
    failure
        .hint("nothing was changed; to put the nodes back instead of going on: aksreboot cleanup")
}
