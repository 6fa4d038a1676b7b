//! `manifests`: prints objects to apply. Asks no cluster.

use crate::core::rights::Aim;
use crate::edge::manifests::{Manifest, PodPolicy, namespace, policy, role};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::format::yaml;
use crate::render::out;
use crate::request::manifests::{ManifestsFlags, Part};

pub(crate) fn command(flags: ManifestsFlags) -> Result<Exit, Failure> {
    let (part, pods) = flags.settle();
    let text = yaml::documents(manifests(part, &pods))
        .map_err(|error| Failure::new(Exit::Failed, error).during("write YAML"))?;
    out::data(&text)
        .map_err(|error| Failure::new(Exit::Failed, error).during("write to stdout"))?;
    Ok(Exit::Ok)
}

fn manifests(part: Part, pods: &PodPolicy) -> Vec<Manifest> {
    let role = |aim| role(aim, &pods.groups);
    match part {
        Part::Namespace => namespace(),
        Part::Read => role(Aim::Read),
        Part::Probe => role(Aim::Probe),
        Part::CheckUpdates => role(Aim::CheckUpdates),
        Part::Cordon => role(Aim::Cordon),
        Part::Drain => role(Aim::Drain),
        Part::Roll => role(Aim::Roll),
        Part::RollSsh => role(Aim::RollBySsh),
        Part::Cleanup => role(Aim::Cleanup),
        Part::Hold => role(Aim::Hold),
        Part::Policy => policy(pods),
        Part::All => [
            namespace(),
            Aim::ALL.into_iter().flat_map(role).collect(),
            policy(pods),
        ]
        .concat(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edge::manifests::Groups;

    #[test]
    fn what_is_printed_is_what_was_meant() {
        let pods = PodPolicy {
            groups: Groups {
                read: vec!["readers: all".into()],
                probe: vec!["probers".into()],
                check_updates: vec!["checkers".into()],
                cordon: vec!["cordoners".into()],
                drain: vec!["drainers".into()],
                roll: vec!["rollers".into()],
                roll_ssh: vec!["ssh-rollers".into()],
                cleanup: vec!["cleaners".into()],
                hold: vec!["holders".into()],
            },
            images: vec!["image:1".into()],
        };
        let manifests = manifests(Part::All, &pods);
        let text = yaml::documents(&manifests).expect("YAML");
        let read_back: Vec<serde_json::Value> =
            serde_saphyr::from_multiple(&text).expect("documents");
        let meant: Vec<serde_json::Value> = manifests
            .iter()
            .map(|manifest| serde_json::to_value(manifest).expect("JSON"))
            .collect();
        assert_eq!(read_back, meant);
    }
}
