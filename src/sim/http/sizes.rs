//! How large an object may be, and what the API server says of a larger one.

use serde_json::Value;

use super::refusal::Refusal;
use crate::sim::kind::Kind;

/// `MaxSecretSize` of k8s.io/kubernetes/pkg/apis/core: what the values of a ConfigMap take, binary ones decoded.
const MOST: usize = 1 << 20;

/// An error says that the entries of a ConfigMap are too large together.
pub(super) fn check(kind: Kind, name: &str, value: &Value) -> Result<(), Refusal> {
    if kind != Kind::ConfigMap || size(value) <= MOST {
        return Ok(());
    }
    let why = format!("Too long: may not be more than {MOST} bytes");
    Err(Refusal::invalid(kind, name, "[]", &why))
}

fn size(map: &Value) -> usize {
    let values = |part: &str| map[part].as_object().into_iter().flatten();
    let text = values("data").filter_map(|(_, value)| value.as_str().map(str::len));
    let binary = values("binaryData")
        .filter_map(|(_, value)| value.as_str())
        .map(|base64| base64.trim_end_matches('=').len() * 3 / 4);
    text.chain(binary).sum()
}
