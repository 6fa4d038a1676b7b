//! VolumeAttachments and claims: what the wait for volumes before a reboot reads.

use serde_json::json;

use super::{Case, case};
use crate::answer::{items, text};
use crate::cluster::Cluster;

pub(crate) const CASES: &[Case] = &[
    case!(
        NobodyElse,
        an_attachment_names_its_node_and_its_volume_and_is_listed_with_all_others
    ),
    case!(Api, a_claim_is_read_with_the_name_of_its_volume),
];

const ATTACHMENTS: &str = "/apis/storage.k8s.io/v1/volumeattachments";

async fn an_attachment_names_its_node_and_its_volume_and_is_listed_with_all_others(c: &Cluster) {
    let name = format!("csi-{}", c.ns);
    let path = format!("{ATTACHMENTS}/{name}");
    c.afterwards(path.clone());
    let attachment = json!({
        "apiVersion": "storage.k8s.io/v1", "kind": "VolumeAttachment",
        "metadata": {"name": name},
        "spec": {
            "attacher": "disk.csi.example.com", "nodeName": "nobody",
            "source": {"persistentVolumeName": format!("pv-{}", c.ns)},
        },
    });
    c.post(ATTACHMENTS, attachment).await.is(201);
    let all = c.get(ATTACHMENTS).await.is(200);
    let ours = items(&all)
        .iter()
        .find(|item| text(item, "/metadata/name") == name)
        .expect("our attachment in the list");
    assert_eq!(text(ours, "/spec/nodeName"), "nobody");
    assert_eq!(
        text(ours, "/spec/source/persistentVolumeName"),
        format!("pv-{}", c.ns)
    );
    c.delete(&path, json!({})).await.is(200);
    c.get(&path).await.is(404);
}

async fn a_claim_is_read_with_the_name_of_its_volume(c: &Cluster) {
    let claim = json!({
        "apiVersion": "v1", "kind": "PersistentVolumeClaim",
        "metadata": {"name": "data"},
        "spec": {
            "accessModes": ["ReadWriteOnce"], "volumeName": "pv-1", "storageClassName": "",
            "resources": {"requests": {"storage": "1Gi"}},
        },
    });
    c.post(&c.all("persistentvolumeclaims"), claim)
        .await
        .is(201);
    let read = c
        .get(&c.one("persistentvolumeclaims", "data"))
        .await
        .is(200);
    assert_eq!(text(&read, "/spec/volumeName"), "pv-1");
    c.get(&c.one("persistentvolumeclaims", "none"))
        .await
        .is(404);
}
