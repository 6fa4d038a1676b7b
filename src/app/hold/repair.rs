//! What `unlock` does beside holds: locks of kured that nobody will give back are shown, and removed after a yes to each.

use crate::edge::connect::Cluster;
use crate::edge::hold::kured_repair::{find, remove};
use crate::edge::operator::Operator;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::text::sanitise;

use super::{SHOWN, by_server, unconfirmed};

/// `Some`: it was not agreed to, and the command ends so.
pub(super) async fn offer(
    cluster: &Cluster,
    operator: Operator,
    talk: &impl Fn(&str),
) -> Result<Option<Exit>, Failure> {
    let client = &cluster.client;
    let locks = find(client)
        .await
        .map_err(|refusal| by_server("look at kured's lock", &refusal))?;
    for lock in locks {
        let shown: String = lock.text().chars().take(SHOWN).collect();
        talk(&sanitise(&format!(
            "kured's lock on DaemonSet {} is {}",
            lock.place, lock.trouble
        )));
        talk(&sanitise(&format!("  {shown}")));
        let question = format!(
            "Remove this lock of kured's on cluster {}?",
            cluster.context
        );
        if let Some(exit) = unconfirmed(operator, &question, talk).await? {
            return Ok(Some(exit));
        }
        let removed = remove(client, &lock)
            .await
            .map_err(|refusal| by_server("remove kured's lock", &refusal))?;
        talk(&if removed {
            format!("kured's lock on DaemonSet {} removed", lock.place)
        } else {
            format!(
                "kured's lock on DaemonSet {} is another by now; left as it is",
                lock.place
            )
        });
    }
    Ok(None)
}
