//! The namespace that our pods live in: whether it is there, whether pods may be made in it, and its making.

use std::collections::BTreeMap;

use k8s_openapi::api::authorization::v1::{
    ResourceAttributes, SelfSubjectAccessReview, SelfSubjectAccessReviewSpec,
};
use k8s_openapi::api::core::v1::Namespace;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use kube::api::{Api, PostParams};

use crate::edge::cluster::code;
use crate::edge::connect::Cluster;

use super::{MANAGED_BY, NAMESPACE};

/// Whether probe pods can be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ProbeGround {
    Ready,
    NamespaceMissing,
    /// The user's role does not allow it.
    NotAllowed,
}

/// Looks at the namespace and at the user's rights in it. What the server will not say counts as being fine: the probe
/// itself finds out, and keeps the server's words.
pub(crate) async fn probe_ground(cluster: &Cluster) -> Result<ProbeGround, kube::Error> {
    let namespaces: Api<Namespace> = Api::all(cluster.client.clone());
    match namespaces.get_opt(NAMESPACE).await {
        Ok(Some(_)) => {}
        Ok(None) => return Ok(ProbeGround::NamespaceMissing),
        Err(error) if code(&error) == Some(403) => {}
        Err(error) => return Err(error),
    }
    let review = SelfSubjectAccessReview {
        spec: SelfSubjectAccessReviewSpec {
            resource_attributes: Some(ResourceAttributes {
                namespace: Some(NAMESPACE.into()),
                verb: Some("create".into()),
                resource: Some("pods".into()),
                ..ResourceAttributes::default()
            }),
            non_resource_attributes: None,
        },
        ..SelfSubjectAccessReview::default()
    };
    let reviews: Api<SelfSubjectAccessReview> = Api::all(cluster.client.clone());
    let allowed = match reviews.create(&PostParams::default(), &review).await {
        Ok(answer) => answer.status.is_none_or(|status| status.allowed),
        Err(error) if code(&error).is_some() => true,
        Err(error) => return Err(error),
    };
    Ok(if allowed {
        ProbeGround::Ready
    } else {
        ProbeGround::NotAllowed
    })
}

/// Creates the namespace. Somebody else's creation in between is as good.
pub(crate) async fn create_namespace(cluster: &Cluster) -> Result<(), kube::Error> {
    let namespaces: Api<Namespace> = Api::all(cluster.client.clone());
    match namespaces
        .create(&PostParams::default(), &namespace())
        .await
    {
        Ok(_) => Ok(()),
        Err(error) if code(&error) == Some(409) => Ok(()),
        Err(error) => Err(error),
    }
}

/// The namespace, with the PodSecurity level that a hostPath needs.
pub(crate) fn namespace() -> Namespace {
    let labels = ["enforce", "audit", "warn"]
        .map(|mode| {
            (
                format!("pod-security.kubernetes.io/{mode}"),
                "privileged".to_owned(),
            )
        })
        .into_iter()
        .chain([(MANAGED_BY.0.to_owned(), MANAGED_BY.1.to_owned())])
        .collect::<BTreeMap<_, _>>();
    Namespace {
        metadata: ObjectMeta {
            name: Some(NAMESPACE.into()),
            labels: Some(labels),
            ..ObjectMeta::default()
        },
        ..Namespace::default()
    }
}
