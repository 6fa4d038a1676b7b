//! The format between client and credential plugin: `client.authentication.k8s.io`, v1 and v1beta1.

use http::HeaderValue;
use kube::config::{ExecAuthCluster, ExecConfig};
use serde::{Deserialize, Serialize};

use super::super::credentials::{ClientCertificate, Credential};

/// What a plugin finds in KUBERNETES_EXEC_INFO.
pub(super) fn question(exec: &ExecConfig, interactive: bool) -> Result<String, serde_json::Error> {
    serde_json::to_string(&Question {
        api_version: exec.api_version.as_deref(),
        kind: "ExecCredential",
        spec: Spec {
            interactive,
            cluster: exec.cluster.as_ref(),
        },
    })
}

/// `ExecCredential` as a plugin gets it, in KUBERNETES_EXEC_INFO.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Question<'q> {
    #[serde(skip_serializing_if = "Option::is_none")]
    api_version: Option<&'q str>,
    kind: &'static str,
    spec: Spec<'q>,
}

#[derive(Serialize)]
struct Spec<'q> {
    interactive: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    cluster: Option<&'q ExecAuthCluster>,
}

/// `ExecCredential` as a plugin prints it.
#[derive(Deserialize)]
struct Answer {
    status: Option<Status>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Status {
    expiration_timestamp: Option<String>,
    token: Option<String>,
    client_certificate_data: Option<String>,
    client_key_data: Option<String>,
}

/// JSON, or YAML as client-go admits it. The error never quotes: it may be about a token.
pub(super) fn understand(stdout: &[u8]) -> Result<Credential, &'static str> {
    if stdout.trim_ascii().is_empty() {
        return Err("nothing");
    }
    let answer: Answer =
        serde_saphyr::from_slice(stdout).map_err(|_| "something that is no ExecCredential")?;
    let status = answer.status.ok_or("an ExecCredential without a status")?;
    let header = status
        .token
        .filter(|token| !token.is_empty())
        .map(|token| {
            let mut header = HeaderValue::try_from(format!("Bearer {}", token.trim()))
                .map_err(|_| "a token with characters that no token has")?;
            header.set_sensitive(true);
            Ok::<_, &'static str>(header)
        })
        .transpose()?;
    let certificate = match (status.client_certificate_data, status.client_key_data) {
        (Some(certificate), Some(key)) => Some(ClientCertificate {
            certificate,
            key: key.into(),
        }),
        (None, None) => None,
        _ => return Err("a client certificate without its key, or a key without its certificate"),
    };
    if header.is_none() && certificate.is_none() {
        return Err("neither a token nor a client certificate");
    }
    let expires = status
        .expiration_timestamp
        .map(|at| at.parse())
        .transpose()
        .map_err(|_| "an expiration time that is no RFC 3339 time")?;
    Ok(Credential {
        header,
        certificate,
        expires,
    })
}
