//! `lock` and `unlock`: sets a hold on all reboots in the cluster, kured's too, and takes it away.

mod repair;
#[cfg(test)]
mod tests;

use jiff::Timestamp;

use super::planning::blocked;
use crate::core::drain::OWN_NAMESPACE;
use crate::core::hold::{Held, Hold};
use crate::core::reason::Reason;
use crate::edge::clock::Clock;
use crate::edge::cluster::wire::Refusal;
use crate::edge::connect::{Cluster, connect};
use crate::edge::hold::kured_hold::{self, Outcome, Whose};
use crate::edge::hold::lease::{Standing, standing};
use crate::edge::hold::{kured_place, pause};
use crate::edge::identity;
use crate::edge::operator::{Operator, Unanswered};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::text::{sanitise, some_of};
use crate::render::{out, reason};
use crate::request::hold::{LockFlags, UnlockFlags};

/// Letters of a hold that cannot be read that are shown before it goes.
const SHOWN: usize = 2000;

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
    hold_kured(cluster, hold, &talk).await
}

/// Takes the lock of every kured, and says all at once which could not be had.
async fn hold_kured(cluster: &Cluster, hold: &Hold, talk: &impl Fn(&str)) -> Result<Exit, Failure> {
    let client = &cluster.client;
    let places = kured_place::places(client)
        .await
        .map_err(|refusal| kured_not_held(Exit::Failed, &[refusal.to_string()]))?;
    let mut exit = Exit::Failed;
    let mut not_held = Vec::new();
    for (kured, setting) in &places.unknown {
        not_held.push(format!(
            "kured {kured} has its setting {setting} from another object, so where its lock is is not known"
        ));
    }
    for place in &places.known {
        match kured_hold::take(client, place, hold).await {
            Outcome::Done => talk(&format!("kured's lock on DaemonSet {place} taken")),
            Outcome::Gone => talk(&sanitise(&format!(
                "note: DaemonSet {place}, where kured looks for its lock, is not there; a kured without it reboots nothing"
            ))),
            Outcome::NotOurs => {}
            Outcome::Theirs(holders) => {
                exit = Exit::Locked;
                not_held.push(format!("{place} has its lock for {}", some_of(&holders, 3)));
            }
            Outcome::Unreadable => not_held.push(format!(
                "the lock on {place} is in no form that is known; kured acts on none such"
            )),
            Outcome::Failed(refusal) => not_held.push(format!("{place}: {refusal}")),
        }
    }
    if not_held.is_empty() {
        Ok(Exit::Ok)
    } else {
        Err(kured_not_held(exit, &not_held))
    }
}

/// The hold is set, and yet not the whole of it.
fn kured_not_held(exit: Exit, why: &[String]) -> Failure {
    let failure = Failure::say(
        exit,
        format!(
            "aksreboot is held, kured is not: {}",
            sanitise(&why.join("; "))
        ),
    );
    if exit == Exit::Locked {
        failure.hint("when it is done: aksreboot unlock, and lock again")
    } else {
        failure.hint("the roles that this takes: aksreboot manifests hold")
    }
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
    let seen = read(cluster).await?;
    let whose = match &seen.held {
        Held::By(hold) => Whose::Of(hold),
        // There is one hold at most, so whatever a hold has of kured's is of this one, or of one that is gone.
        Held::Unreadable | Held::No => Whose::AnyHolds,
    };
    let kured = on_kured(cluster, whose, &talk).await?;
    show(&seen, &kured, now, &talk);
    if seen.held == Held::No && kured.is_empty() {
        talk("there is no hold; nothing was changed");
    } else {
        let question = format!("Take this hold on cluster {} away?", cluster.context);
        if let Some(exit) = unconfirmed(operator, &question, &talk).await? {
            return Ok(exit);
        }
        for (place, _) in &kured {
            give_back(cluster, place, whose, &talk).await?;
        }
        if seen.held != Held::No {
            remove_ours(cluster, &seen).await?;
        }
        talk("hold taken away");
    }
    if let Some(exit) = repair::offer(cluster, operator, &talk).await? {
        return Ok(exit);
    }
    say_who_rolls(cluster, &talk).await;
    Ok(Exit::Ok)
}

/// `Some`: the answer was not yes, and the command ends so.
async fn unconfirmed(
    operator: Operator,
    question: &str,
    talk: &impl Fn(&str),
) -> Result<Option<Exit>, Failure> {
    match operator.confirm(question).await {
        Ok(true) => Ok(None),
        Ok(false) => {
            talk("not confirmed; nothing was changed");
            Ok(Some(Exit::Refused))
        }
        Err(Unanswered::NoTerminal) => Err(Failure::say(
            Exit::Usage,
            "to unlock needs a yes, and there is no terminal to ask on",
        )
        .hint("nothing was changed; to unlock: the same command with --yes")),
        Err(error @ Unanswered::BrokenOff(_)) => {
            talk(&format!("{error}; nothing was changed"));
            Ok(Some(Exit::Interrupted))
        }
    }
}

/// The locks that a hold has of kured, and by what names.
async fn on_kured(
    cluster: &Cluster,
    whose: Whose<'_>,
    talk: &impl Fn(&str),
) -> Result<Vec<(kured_place::Place, String)>, Failure> {
    let client = &cluster.client;
    let read = |refusal: Refusal| by_server("read kured's lock", &refusal);
    let places = kured_place::places(client).await.map_err(read)?;
    for (kured, setting) in &places.unknown {
        talk(&sanitise(&format!(
            "warning: kured {kured} has its setting {setting} from another object, so where its lock is is not known"
        )));
    }
    let mut held = Vec::new();
    for place in places.known {
        if let Some(holder) = kured_hold::holder(client, &place, whose)
            .await
            .map_err(read)?
        {
            held.push((place, holder));
        }
    }
    Ok(held)
}

/// What there is to be taken away, in whole: what cannot be read is seen here the last time.
fn show(
    seen: &pause::Seen,
    kured: &[(kured_place::Place, String)],
    now: Timestamp,
    talk: &impl Fn(&str),
) {
    match (&seen.held, seen.held.blocks(now)) {
        (Held::No, _) => {}
        (Held::By(_), Some(by)) => talk(&sanitise(&reason::in_words(&by))),
        (Held::By(_), None) => talk("a hold whose time is over"),
        (Held::Unreadable, _) => {
            talk(&format!(
                "a hold that cannot be read, or is of a newer version; ConfigMap {} says:",
                pause::NAME
            ));
            let shown: String = seen.text.chars().take(SHOWN).collect();
            talk(&sanitise(&shown));
            if shown.len() < seen.text.len() {
                talk(&format!(
                    "and more: kubectl get configmap -n {OWN_NAMESPACE} {} -o yaml",
                    pause::NAME
                ));
            }
        }
    }
    for (place, holder) in kured {
        talk(&sanitise(&format!(
            "kured's lock on DaemonSet {place} is had for it, by {holder}"
        )));
    }
}

async fn give_back(
    cluster: &Cluster,
    place: &kured_place::Place,
    whose: Whose<'_>,
    talk: &impl Fn(&str),
) -> Result<(), Failure> {
    match kured_hold::give_back(&cluster.client, place, whose).await {
        Outcome::Done => talk(&format!("kured's lock on DaemonSet {place} given back")),
        Outcome::NotOurs | Outcome::Gone | Outcome::Theirs(_) | Outcome::Unreadable => {
            talk(&format!(
                "kured's lock on DaemonSet {place} is no longer the hold's; left as it is"
            ));
        }
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
    Ok(())
}

/// Whoever came to free the cluster may have meant a run's lock, which is not this command's to take.
async fn say_who_rolls(cluster: &Cluster, talk: &impl Fn(&str)) {
    let run = match standing(&cluster.client).await {
        Ok(Standing::Held(by)) => {
            talk(&sanitise(&format!("note: {}", reason::in_words(&by))));
            match by {
                Reason::LockHeld { run, .. } => run.to_string(),
                _ => return,
            }
        }
        Ok(Standing::Interrupted { run }) => {
            talk(&sanitise(&format!(
                "note: run {run} was interrupted and left nodes marked"
            )));
            run
        }
        // The role of a hold need not show it; what was done is done.
        Ok(Standing::Free) | Err(_) => return,
    };
    talk(&sanitise(&format!(
        "hint: if it is dead: aksreboot resume {run} goes on with it; aksreboot cleanup gives it up, puts its nodes back and removes its lock"
    )));
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
