//! `manifests`: prints objects to apply. Asks no cluster.

use crate::edge::manifests::{namespace, policy, read, roll};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::format::yaml;
use crate::render::out;
use crate::request::manifests::{ManifestsFlags, Part};

pub(crate) fn command(flags: ManifestsFlags) -> Result<Exit, Failure> {
    let (part, pods) = flags.settle();
    let groups = &pods.groups;
    let manifests = match part {
        Part::Namespace => namespace(),
        Part::Read => read(groups),
        Part::Roll => roll(groups),
        Part::Policy => policy(&pods),
        Part::All => [namespace(), read(groups), roll(groups), policy(&pods)].concat(),
    };
    let text = yaml::documents(&manifests)
        .map_err(|error| Failure::new(Exit::Failed, error).during("write YAML"))?;
    out::data(&text)
        .map_err(|error| Failure::new(Exit::Failed, error).during("write to stdout"))?;
    Ok(Exit::Ok)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edge::manifests::{Groups, PodPolicy};

    #[test]
    fn what_is_printed_is_what_was_meant() {
        let groups = Groups {
            read: vec!["readers: all".into()],
            roll: vec!["rollers".into()],
        };
        let pods = PodPolicy {
            groups: groups.clone(),
            images: vec!["image:1".into()],
        };
        let manifests = [namespace(), read(&groups), roll(&groups), policy(&pods)].concat();
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
