//! `lock` and `unlock`: sets a hold on all reboots in the cluster, kured's too, and takes it away.

use jiff::Timestamp;

use super::planning::blocked;
use crate::core::drain::OWN_NAMESPACE;
use crate::core::hold::{Held, Hold};
use crate::edge::clock::Clock;
use crate::edge::cluster::wire::Refusal;
use crate::edge::connect::{Cluster, connect};
use crate::edge::hold::kured_hold::{self, Outcome};
use crate::edge::hold::pause;
use crate::edge::identity;
use crate::edge::operator::{Operator, Unanswered};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::text::{sanitise, some_of};
use crate::render::{out, reason};
use crate::request::hold::{LockFlags, UnlockFlags};

/// `aksreboot lock` on a real cluster.
pub(crate) async fn lock(flags: LockFlags) -> Result<Exit, Failure> {
    let cluster = connect(&flags.connection, Operator::has_terminal()).await?;
    let now = Clock::real().wall();
    let until = match flags.until {
        None => None,
        Some(until) => Some(until.after(now).ok_or_else(|| {
            Failure::say(Exit::Usage, "--until names a time that is over")
                .hint("such as --until 8h, or a time that is ahead")
        })?),
    };
    let (user, host) = (identity::user(), identity::host());
    let hold = Hold::new(&user, &host, now, until, &flags.reason);
    set(&cluster, &hold, out::talk).await
}

/// Sets the hold, ours first: it stops whoever asks, while kured's lock is taken.
pub(crate) async fn set(
    cluster: &Cluster,
    hold: &Hold,
    talk: impl Fn(&str),
) -> Result<Exit, Failure> {
    let client = &cluster.client;
    let mut seen = read(cluster).await?;
    let over = matches!(seen.held, Held::By(_)) && seen.held.blocks(hold.since).is_none();
    if over {
        remove_ours(cluster, &seen).await?;
        seen = read(cluster).await?;
    }
    if let Some(by) = seen.held.blocks(hold.since) {
        return Err(blocked(Exit::Locked, "there is a hold already", &[by]));
    }
    match pause::set(client, hold).await {
        Ok(()) => {}
        Err(Refusal::Conflict(_)) => {
            return Err(
                Failure::say(Exit::Locked, "somebody else set a hold at this moment")
                    .hint("aksreboot doctor shows whose it is"),
            );
        }
        Err(Refusal::Gone(_)) => {
            return Err(Failure::say(
                Exit::Failed,
                format!("set the hold: namespace `{OWN_NAMESPACE}` does not exist"),
            )
            .hint("aksreboot manifests namespace | kubectl apply -f -"));
        }
        Err(refusal) => return Err(by_server("set the hold", &refusal)),
    }
    let until = hold.until.map_or_else(
        || "until somebody unlocks".into(),
        |at| format!("until {at}"),
    );
    talk(&format!(
        "hold set on cluster {} {until}: aksreboot reboots nothing",
        cluster.context
    ));
    let places = kured_hold::places(client)
        .await
        .map_err(|refusal| kured_not_held(&refusal.to_string(), Exit::Failed))?;
    let mut worst: Option<Failure> = None;
    for place in places {
        let failure = match kured_hold::take(client, &place, hold).await {
            Outcome::Done => {
                talk(&format!("kured's lock on DaemonSet {place} taken"));
                continue;
            }
            Outcome::Theirs(nodes) => kured_not_held(
                &format!("{place} has its lock for {}", some_of(&nodes, 3)),
                Exit::Locked,
            )
            .hint("when it is done: aksreboot unlock, and lock again"),
            Outcome::Unreadable => kured_not_held(
                &format!(
                    "the lock on {place} is in no form that is known; kured acts on none such"
                ),
                Exit::Failed,
            ),
            Outcome::NotOurs => continue,
            Outcome::Failed(refusal) => {
                kured_not_held(&format!("{place}: {refusal}"), Exit::Failed)
            }
        };
        worst.get_or_insert(failure);
    }
    worst.map_or(Ok(Exit::Ok), Err)
}

/// The hold is set, and yet not the whole of it.
fn kured_not_held(why: &str, exit: Exit) -> Failure {
    Failure::say(
        exit,
        format!("aksreboot is held, kured is not: {}", sanitise(why)),
    )
    .hint("the roles that this takes: aksreboot manifests hold")
}

/// `aksreboot unlock` on a real cluster.
pub(crate) async fn unlock(flags: UnlockFlags) -> Result<Exit, Failure> {
    let cluster = connect(&flags.connection, Operator::has_terminal()).await?;
    end(
        &cluster,
        Operator::found(flags.yes),
        Clock::real().wall(),
        out::talk,
    )
    .await
}

/// Shows the hold, asks, and takes it away: kured's lock first, so that a cut in between leaves a hold that can be ended again.
pub(crate) async fn end(
    cluster: &Cluster,
    operator: Operator,
    now: Timestamp,
    talk: impl Fn(&str),
) -> Result<Exit, Failure> {
    let client = &cluster.client;
    let seen = read(cluster).await?;
    let told = match (&seen.held, seen.held.blocks(now)) {
        (Held::No, _) => {
            talk("there is no hold; nothing was changed");
            return Ok(Exit::Ok);
        }
        (_, Some(by)) => reason::in_words(&by),
        (_, None) => "a hold whose time is over".into(),
    };
    talk(&sanitise(&told));
    let question = format!("Take this hold on cluster {} away?", cluster.context);
    match operator.confirm(&question).await {
        Ok(true) => {}
        Ok(false) => {
            talk("not confirmed; nothing was changed");
            return Ok(Exit::Refused);
        }
        Err(Unanswered::NoTerminal) => {
            return Err(Failure::say(
                Exit::Usage,
                "to unlock needs a yes, and there is no terminal to ask on",
            )
            .hint("nothing was changed; to unlock: the same command with --yes"));
        }
        Err(error @ Unanswered::BrokenOff(_)) => {
            talk(&format!("{error}; nothing was changed"));
            return Ok(Exit::Interrupted);
        }
    }
    if let Held::By(hold) = &seen.held {
        let places = kured_hold::places(client)
            .await
            .map_err(|refusal| by_server("look for kured", &refusal))?;
        for place in places {
            match kured_hold::give_back(client, &place, hold).await {
                Outcome::Done => talk(&format!("kured's lock on DaemonSet {place} given back")),
                Outcome::NotOurs | Outcome::Theirs(_) | Outcome::Unreadable => {}
                Outcome::Failed(refusal) => {
                    return Err(Failure::say(
                        Exit::Failed,
                        format!(
                            "the hold stays: kured's lock on {place} could not be given back: {refusal}"
                        ),
                    )
                    .hint("the roles that this takes: aksreboot manifests hold"));
                }
            }
        }
    }
    remove_ours(cluster, &seen).await?;
    talk("hold taken away");
    Ok(Exit::Ok)
}

async fn read(cluster: &Cluster) -> Result<pause::Seen, Failure> {
    pause::read(&cluster.client)
        .await
        .map_err(|refusal| by_server("read the hold", &refusal))
}

async fn remove_ours(cluster: &Cluster, seen: &pause::Seen) -> Result<(), Failure> {
    match pause::remove(&cluster.client, seen).await {
        Ok(()) => Ok(()),
        Err(Refusal::Conflict(_)) => Err(Failure::say(
            Exit::Failed,
            "the hold is another than the one that was shown; it stays",
        )
        .hint("aksreboot unlock shows it again")),
        Err(refusal) => Err(by_server("take the hold away", &refusal)),
    }
}

fn by_server(operation: &str, refusal: &Refusal) -> Failure {
    Failure::say(Exit::Failed, format!("{operation}: {refusal}"))
        .hint("the roles that this takes: aksreboot manifests hold")
}

#[cfg(test)]
mod tests;
