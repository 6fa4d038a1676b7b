//! From kubeconfig and flags to a client that behaves: one stack for the real cluster and for the simulated one.

use crate::core::model::ClusterId;

/// A cluster that can be asked: the client, and how to name it to a person.
#[derive(Clone)]
pub(crate) struct Cluster {
    pub(crate) client: kube::Client,
    /// Name of the kubeconfig context, or what stands for it.
    pub(crate) context: String,
    /// URL of the API server.
    pub(crate) server: String,
}

impl Cluster {
    /// UID of the namespace `kube-system`.
    pub(crate) async fn identity(&self) -> Result<ClusterId, kube::Error> {
        use k8s_openapi::api::core::v1::Namespace;
        let namespace = kube::Api::<Namespace>::all(self.client.clone())
            .get("kube-system")
            .await?;
        Ok(ClusterId::new(namespace.metadata.uid.unwrap_or_default()))
    }
}
