//! What a roll asks before its plan is carried out.

use crate::core::plan::Plan;
use crate::edge::node::ShortPods;
use crate::edge::operator::{Operator, Unanswered};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::text::count;
use crate::render::{out, plan as plan_text};

use super::Surroundings;
use crate::app::run;

/// Carries out a plan that the operator agrees to.
pub(super) async fn carry_out(
    plan: &Plan,
    around: &Surroundings,
    probes: &ShortPods,
) -> Result<Exit, Failure> {
    out::data(&plan_text::text(plan)).map_err(|error| Failure::new(Exit::Failed, error))?;
    if let Some(exit) = ask(plan, around).await? {
        return Ok(exit);
    }
    run::to_the_end(plan, around, probes).await
}

/// A person reads what the rehearsal came to; a yes that was given beforehand was not for one that ends badly.
pub(super) fn refuse_a_yes_given_before(plan: &Plan, operator: Operator) -> Result<(), Failure> {
    let ends_badly = plan
        .report
        .rehearsal
        .as_ref()
        .is_some_and(|rehearsal| !rehearsal.is_good());
    if operator != Operator::SaidYes || !ends_badly {
        return Ok(());
    }
    Err(Failure::say(
        Exit::Refused,
        "the rehearsal does not end well; nothing was changed",
    )
    .hint("aksreboot plan --rehearse, with the same flags, shows what stops it")
    .hint("at a terminal and without --yes the same roll asks"))
}

/// Asks for the yes. `Some`: it was not given, and the command ends so.
async fn ask(plan: &Plan, around: &Surroundings) -> Result<Option<Exit>, Failure> {
    refuse_a_yes_given_before(plan, around.operator)?;
    let nodes = count(plan.spec.targets.len(), "node");
    let question = format!(
        "Reboot {nodes} of cluster {}{}?",
        plan.report.context,
        plan_text::in_turn(plan)
    );
    let needs_terminal = Failure::say(
        Exit::Usage,
        "a roll needs a yes, and there is no terminal to ask on",
    )
    .hint("nothing was changed; to carry this plan out: the same command with --yes");
    confirmed(around, &question, needs_terminal).await
}

/// Asks that question. `Some`: no yes was given, and the command ends so; an error, `needs_terminal`, where nobody can be asked.
pub(in crate::app) async fn confirmed(
    around: &Surroundings,
    question: &str,
    needs_terminal: Failure,
) -> Result<Option<Exit>, Failure> {
    let answered = tokio::select! {
        biased;
        signal = around.signals.wait_first() => {
            Operator::leave_question();
            (around.talk)("not confirmed; nothing was changed");
            return Ok(Some(signal.exit()));
        }
        answered = around.operator.confirm(question) => answered,
    };
    match answered {
        Ok(true) => Ok(None),
        Ok(false) => {
            (around.talk)("not confirmed; nothing was changed");
            Ok(Some(Exit::Refused))
        }
        Err(Unanswered::NoTerminal) => Err(needs_terminal),
        Err(error @ Unanswered::BrokenOff(_)) => {
            Operator::leave_question();
            (around.talk)(&format!("{error}; nothing was changed"));
            Ok(Some(Exit::Interrupted))
        }
    }
}
