//! The log of one of our pods, for what is too long for a termination message. Read once, before the pod is deleted,
//! and only when the answer says that something is in it.

use k8s_openapi::api::core::v1::Pod;
use kube::Api;
use kube::api::LogParams;

use crate::core::evidence::split_answer;
use crate::core::updates::has_list;
use crate::edge::cluster::in_words;

use super::pod_state::Ended;
use super::short_pods::ShortPods;

/// More than ten thousand packages take.
const LARGEST_LOG: i64 = 1024 * 1024;

/// Where to find what the container of a pod has written.
pub(super) struct PodLog<'a> {
    pods: &'a Api<Pod>,
    container: &'a str,
    nonce: &'a str,
}

impl<'a> PodLog<'a> {
    pub(super) fn of(pods: &'a ShortPods, container: &'a str, nonce: &'a str) -> Self {
        Self {
            pods: pods.api(),
            container,
            nonce,
        }
    }

    /// What the container wrote, or why that is not known; nothing, where its answer needs nothing more.
    pub(super) async fn read(&self, pod: String, is_needed: bool) -> Result<Vec<u8>, String> {
        if !is_needed {
            return Ok(Vec::new());
        }
        let params = LogParams {
            container: Some(self.container.to_owned()),
            limit_bytes: Some(LARGEST_LOG),
            ..LogParams::default()
        };
        match self.pods.logs(&pod, &params).await {
            Ok(text) => Ok(text.into_bytes()),
            Err(error) => Err(format!("the pod's log: {}", in_words(&error))),
        }
    }

    pub(super) fn is_needed(&self, ended: &Ended) -> bool {
        ended.exit_code == 0 && has_list(ended.message.as_bytes(), self.nonce)
    }
}

/// The list that comes after the answer in everything that the script printed.
pub(super) fn list_in<'s>(stream: &'s [u8], nonce: &str) -> &'s [u8] {
    split_answer(stream, nonce).1
}
