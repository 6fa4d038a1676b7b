//! Which names the API server takes, and what it says of the others.

use super::refusal::Refusal;
use crate::sim::kind::Kind;

/// An error says what is wrong with the name of a new object.
pub(super) fn check(kind: Kind, name: &str) -> Result<(), Refusal> {
    let why = if kind == Kind::Namespace && name.contains('.') {
        format!("Invalid value: \"{name}\": must not contain dots")
    } else if is_subdomain(name) {
        return Ok(());
    } else {
        format!(
            "Invalid value: \"{name}\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric \
             characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex \
             used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
        )
    };
    Err(Refusal::invalid(kind, name, "metadata.name", &why))
}

fn is_subdomain(name: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    name.len() <= 253
        && name.split('.').all(|label| {
            !label.is_empty()
                && label.bytes().all(inner)
                && !label.starts_with('-')
                && !label.ends_with('-')
        })
}

#[cfg(test)]
mod tests {
    use super::is_subdomain;

    #[test]
    fn a_name_is_labels_with_dots_between() {
        for name in ["a", "web-0", "10.0.0.1", "web.17a"] {
            assert!(is_subdomain(name), "{name}");
        }
        for name in ["", "A", "a_b", "-a", "a-", "a..b", ".a"] {
            assert!(!is_subdomain(name), "{name}");
        }
    }
}
