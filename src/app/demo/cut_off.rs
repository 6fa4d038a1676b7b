//! What `demo resume` goes on with: a roll of somebody else, on another machine, that was cut off right when a node was asked
//! to reboot.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;

use crate::app::roll;
use crate::core::engine::Act;
use crate::core::event::{Event, What};
use crate::edge::operator::Operator;
use crate::edge::runner::Sink;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::request::planning::RollRequest;

/// The node of which it was: the second, so that one is done already.
const ASKS: u32 = 2;
/// Since then nobody has looked at the cluster.
const ALONE: Duration = Duration::from_secs(600);

/// Rolls as `request` says, until it is cut off.
pub(super) async fn roll(
    request: &RollRequest,
    mut around: roll::Surroundings,
) -> Result<(), Failure> {
    around.user = "sam".into();
    around.host = "laptop".into();
    around.operator = Operator::SaidYes;
    around.talk = |_| {};
    let cut = Arc::new(Notify::new());
    let mut eyes = Eyes {
        cut: Arc::clone(&cut),
        asks: 0,
    };
    let ended = tokio::select! {
        biased;
        () = cut.notified() => None,
        ended = roll::in_silence(request, &around, &mut eyes) => Some(ended?),
    };
    if ended.is_some() {
        return Err(Failure::say(
            Exit::Failed,
            "the demo's roll came to its end before it was cut off",
        ));
    }
    tokio::time::sleep(ALONE).await;
    Ok(())
}

/// Says when the moment has come.
struct Eyes {
    cut: Arc<Notify>,
    asks: u32,
}

impl Sink for Eyes {
    fn take(&mut self, event: &Event) -> io::Result<()> {
        if matches!(event.what, What::StepIntent { act: Act::Ask }) {
            self.asks += 1;
            if self.asks == ASKS {
                self.cut.notify_one();
            }
        }
        Ok(())
    }
}
