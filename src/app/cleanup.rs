//! `cleanup`: shows what killed commands left, asks, removes.

use crate::core::cleanup::{Outcome, Records, Removed, Survey, survey};
use crate::edge::cleanup::{Cleaner, Sight, look};
use crate::edge::clock::Clock;
use crate::edge::connect::{Cluster, connect};
use crate::edge::hold::lease;
use crate::edge::identity;
use crate::edge::operator::{Operator, Unanswered};
use crate::edge::signals::Signals;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::cleanup::{Document, text};
use crate::render::format::json;
use crate::render::text::sanitise;
use crate::render::{out, reason};
use crate::request::cleanup::{CleanupFlags, Form};

/// What the command runs in.
pub(crate) struct Surroundings {
    pub(crate) cluster: Cluster,
    pub(crate) clock: Clock,
    pub(crate) operator: Operator,
    pub(crate) signals: Signals,
    pub(crate) user: String,
    pub(crate) host: String,
}

/// How it is to be done.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Manner {
    pub(crate) records: Records,
    pub(crate) dry_run: bool,
    pub(crate) form: Form,
}

/// What came of it so far, for the document at the end.
#[derive(Default)]
struct Account {
    shown: Option<Survey>,
    looked_in: Option<Vec<String>>,
    removed: Vec<Removed>,
}

/// `aksreboot cleanup` on a real cluster.
pub(crate) async fn command(flags: CleanupFlags) -> Result<Exit, Failure> {
    let signals = Signals::listen()
        .map_err(|error| Failure::new(Exit::Failed, error).during("listen for signals"))?;
    let connected = tokio::select! {
        biased;
        signal = signals.wait_first() => Err(Failure::say(signal.exit(), "ended before anything was looked at")),
        connected = connect(&flags.connection, Operator::has_terminal()) => connected,
    };
    let cluster = match connected {
        Ok(cluster) => cluster,
        Err(failure) => {
            let account = Account::default();
            return with_document(("", ""), flags.output, &account, Err(failure));
        }
    };
    let around = Surroundings {
        cluster,
        clock: Clock::real(),
        operator: Operator::found(flags.yes),
        signals,
        user: identity::user(),
        host: identity::host(),
    };
    let manner = Manner {
        records: flags.records(),
        dry_run: flags.dry_run,
        form: flags.output,
    };
    run(&around, manner).await
}

/// Cleans up, or says why not.
pub(crate) async fn run(around: &Surroundings, manner: Manner) -> Result<Exit, Failure> {
    let mut account = Account::default();
    let ended = clean(around, manner, &mut account).await;
    let cluster = (
        around.cluster.context.as_str(),
        around.cluster.server.as_str(),
    );
    with_document(cluster, manner.form, &account, ended)
}

/// `-o json` prints one document in every case, and after everything that was done.
fn with_document(
    cluster: (&str, &str),
    form: Form,
    account: &Account,
    ended: Result<Exit, Failure>,
) -> Result<Exit, Failure> {
    if form == Form::Json {
        let failure = ended.as_ref().err();
        let errors: Vec<String> = failure
            .map(|failure| format!("{:#}", failure.error))
            .into_iter()
            .collect();
        let document = Document::new(
            cluster,
            account.shown.as_ref(),
            &account.removed,
            account.looked_in.as_deref(),
            &errors,
        );
        let text = json::document(&document)
            .map_err(|error| Failure::new(Exit::Failed, error).during("write JSON"))?;
        print(&text)?;
    }
    ended
}

fn print(text: &str) -> Result<(), Failure> {
    out::data(text).map_err(|error| Failure::new(Exit::Failed, error).during("write to stdout"))
}

async fn clean(
    around: &Surroundings,
    manner: Manner,
    account: &mut Account,
) -> Result<Exit, Failure> {
    let looked = tokio::select! {
        biased;
        signal = around.signals.wait_first() => return Ok(signal.exit()),
        looked = look(&around.cluster, &around.host, &around.clock, |run, limit| {
            out::talk(&sanitise(&format!(
                "run {run} holds the lock; watching for up to {} s whether it is alive",
                limit.as_secs()
            )));
        }) => looked,
    };
    let sight = looked.map_err(|refusal| {
        Failure::say(Exit::Failed, format!("look for what was left: {refusal}"))
            .hint("the roles that a cleanup needs: aksreboot manifests cleanup")
            .hint("aksreboot doctor --for cleanup")
    })?;
    let shown = survey(&sight.scene, manner.records);
    let asks = !shown.is_empty() && !manner.dry_run;
    match manner.form {
        Form::Table => print(&text(&shown))?,
        // Whoever is asked sees what for.
        Form::Json if asks => text(&shown).lines().for_each(out::talk),
        Form::Json => {}
    }
    account.looked_in.clone_from(&sight.looked_in);
    let shown = account.shown.insert(shown);
    if let Some(namespaces) = &sight.looked_in {
        out::talk(&format!(
            "note: pods in other namespaces than {} may not be listed",
            namespaces.join(", ")
        ));
    }
    if shown.is_empty() {
        out::talk("nothing to remove");
        return Ok(Exit::Ok);
    }
    if manner.dry_run {
        out::talk("dry run: nothing was removed");
        return Ok(Exit::Ok);
    }
    if let Some(exit) = confirm(around).await? {
        return Ok(exit);
    }
    remove(around, manner, &sight, shown, &mut account.removed).await
}

/// `Some`: it was not agreed to, and the command ends so.
async fn confirm(around: &Surroundings) -> Result<Option<Exit>, Failure> {
    let question = format!("Remove this from cluster {}?", around.cluster.context);
    let answered = tokio::select! {
        biased;
        signal = around.signals.wait_first() => {
            Operator::leave_question();
            out::talk("not confirmed; nothing was removed");
            return Ok(Some(signal.exit()));
        }
        answered = around.operator.confirm(&question) => answered,
    };
    match answered {
        Ok(true) => Ok(None),
        Ok(false) => {
            out::talk("not confirmed; nothing was removed");
            Ok(Some(Exit::Refused))
        }
        Err(Unanswered::NoTerminal) => Err(Failure::say(
            Exit::Usage,
            "a cleanup needs a yes, and there is no terminal to ask on",
        )
        .hint("nothing was removed; to remove what is listed: the same command with --yes")),
        Err(error @ Unanswered::BrokenOff(_)) => {
            Operator::leave_question();
            out::talk(&format!("{error}; nothing was removed"));
            Ok(Some(Exit::Interrupted))
        }
    }
}

async fn remove(
    around: &Surroundings,
    manner: Manner,
    sight: &Sight,
    shown: &Survey,
    done_so_far: &mut Vec<Removed>,
) -> Result<Exit, Failure> {
    let cleaner = Cleaner {
        cluster: &around.cluster,
        clock: &around.clock,
        run: identity::run_id(around.clock.wall()),
        holder: lease::Holder::this_process("cleanup", around.user.clone(), around.host.clone()),
        records: manner.records,
    };
    let mut exit = Exit::Ok;
    let first = around.signals.first();
    let done = cleaner
        .remove(
            sight,
            shown,
            |removed| {
                let line = match &removed.outcome {
                    Outcome::Done => format!("removed {}", removed.what),
                    Outcome::Changed => {
                        exit = Exit::Failed;
                        format!("left {}: it changed meanwhile", removed.what)
                    }
                    Outcome::Failed { message } => {
                        exit = Exit::Failed;
                        format!("error: {} could not be removed: {message}", removed.what)
                    }
                };
                out::talk(&sanitise(&line));
                done_so_far.push(removed.clone());
            },
            |limit| {
                out::talk(&format!(
                    "waiting {} s, in which a request for a reboot may still come",
                    limit.as_secs()
                ));
            },
            || first.borrow().is_some(),
        )
        .await
        .map_err(|refusal| {
            Failure::say(Exit::Failed, format!("remove what was left: {refusal}"))
                .hint("aksreboot doctor --for cleanup")
        })?;
    if let Err(by) = done {
        return Err(Failure::say(
            Exit::Locked,
            format!(
                "stopped, the cluster is not free: {}",
                reason::in_words(&by)
            ),
        )
        .hint("when that run has ended: aksreboot cleanup"));
    }
    let signal = *around.signals.first().borrow();
    Ok(match signal {
        Some(signal) => {
            out::talk("interrupted; the rest is left: aksreboot cleanup");
            signal.exit()
        }
        None => exit,
    })
}

#[cfg(test)]
mod tests;
