//! A request, read: which verb on which object of which kind.

use http::Method;
use http::request::Parts;
use hyper::body::Bytes;

use super::query::{Query, decoded};
use super::refusal::Refusal;
use crate::sim::kind::Kind;

/// One request to an object or a kind of objects.
#[derive(Clone, Debug)]
pub(super) struct Call {
    pub(super) method: Method,
    /// Path and query as they came.
    pub(super) target: String,
    /// As in RBAC: get, list, watch, create, update, patch, delete, deletecollection.
    pub(super) verb: &'static str,
    pub(super) path: Path,
    /// `None` for what is not stored.
    pub(super) kind: Option<Kind>,
    /// Empty for all namespaces, and for what is in none.
    pub(super) namespace: String,
    /// Empty for a whole kind.
    pub(super) name: String,
    /// Empty for the object itself.
    pub(super) subresource: String,
    pub(super) query: Result<Query, Refusal>,
    pub(super) accept: String,
    pub(super) content_type: String,
    /// Whom the request is made for.
    pub(super) user: String,
    pub(super) body: Bytes,
}

/// Whose requests these are that name nobody.
const OPERATOR: &str = "operator";

/// Where a path leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Path {
    Objects,
    Version,
    /// `/healthz`, `/livez`, `/readyz`.
    Health,
    AccessReview,
    /// A kind that is not served, of a group that is.
    UnknownKind,
    Nowhere,
}

impl Call {
    pub(super) fn read(parts: &Parts, body: Bytes) -> Self {
        let header = |name| {
            parts
                .headers
                .get(name)
                .and_then(|value| value.to_str().ok())
                .unwrap_or_default()
                .to_owned()
        };
        let place = Place::of(parts.uri.path());
        let query = Query::parse(parts.uri.query().unwrap_or_default());
        let watch = query.as_ref().is_ok_and(|query| query.watch);
        let verb = match (&parts.method, place.name.is_empty()) {
            (&Method::GET | &Method::HEAD, _) if watch && place.subresource.is_empty() => "watch",
            (&Method::GET | &Method::HEAD, true) => "list",
            (&Method::GET | &Method::HEAD, false) => "get",
            (&Method::POST, _) => "create",
            (&Method::PUT, _) => "update",
            (&Method::PATCH, _) => "patch",
            (&Method::DELETE, true) => "deletecollection",
            (&Method::DELETE, false) => "delete",
            _ => "",
        };
        Self {
            method: parts.method.clone(),
            target: parts
                .uri
                .path_and_query()
                .map_or_else(|| parts.uri.path().to_owned(), ToString::to_string),
            verb,
            path: place.path,
            kind: place.kind,
            namespace: place.namespace,
            name: place.name,
            subresource: place.subresource,
            query,
            accept: header("accept"),
            content_type: header("content-type"),
            user: Some(header("impersonate-user"))
                .filter(|user| !user.is_empty())
                .unwrap_or_else(|| OPERATOR.to_owned()),
            body,
        }
    }

    /// As in RBAC: `pods/eviction`.
    pub(super) fn resource(&self) -> String {
        let plural = match (&self.path, self.kind) {
            (Path::AccessReview, _) => "selfsubjectaccessreviews",
            (_, Some(kind)) => kind.resource().plural,
            (_, None) => "",
        };
        if self.subresource.is_empty() {
            plural.to_owned()
        } else {
            format!("{plural}/{}", self.subresource)
        }
    }

    /// For the log and for matching: the body as text.
    pub(super) fn body_text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap_or("(not text)")
    }
}

struct Place {
    path: Path,
    kind: Option<Kind>,
    namespace: String,
    name: String,
    subresource: String,
}

impl Place {
    fn of(path: &str) -> Self {
        let segments: Vec<String> = path.trim_matches('/').split('/').map(decoded).collect();
        let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
        let elsewhere = |path| Self {
            path,
            kind: None,
            namespace: String::new(),
            name: String::new(),
            subresource: String::new(),
        };
        let (group, version, rest) = match segments.as_slice() {
            ["version"] => return elsewhere(Path::Version),
            ["healthz" | "livez" | "readyz", ..] => return elsewhere(Path::Health),
            [
                "apis",
                "authorization.k8s.io",
                "v1",
                "selfsubjectaccessreviews",
            ] => {
                return elsewhere(Path::AccessReview);
            }
            ["api", version, rest @ ..] => ("", *version, rest),
            ["apis", group, version, rest @ ..] => (*group, *version, rest),
            _ => return elsewhere(Path::Nowhere),
        };
        let namespaced = match rest {
            ["namespaces", namespace, plural, rest @ ..] => Kind::find(group, version, plural)
                .filter(|kind| kind.resource().namespaced)
                .map(|kind| (kind, *namespace, rest)),
            _ => None,
        };
        let found = namespaced.or_else(|| match rest {
            [plural, rest @ ..] => Kind::find(group, version, plural)
                // A namespaced object has no name without its namespace.
                .filter(|kind| !kind.resource().namespaced || rest.is_empty())
                .map(|kind| (kind, "", rest)),
            [] => None,
        });
        let Some((kind, namespace, rest)) = found else {
            let known = !rest.is_empty() && Kind::serves(group, version);
            return elsewhere(if known {
                Path::UnknownKind
            } else {
                Path::Nowhere
            });
        };
        let (name, subresource) = match rest {
            [] => ("", ""),
            [name] => (*name, ""),
            [name, subresource] => (*name, *subresource),
            _ => return elsewhere(Path::UnknownKind),
        };
        Self {
            path: Path::Objects,
            kind: Some(kind),
            namespace: namespace.to_owned(),
            name: name.to_owned(),
            subresource: subresource.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Path, Place};
    use crate::sim::kind::Kind;

    #[test]
    fn a_path_names_kind_namespace_name_and_subresource() {
        let place = |path| {
            let place = Place::of(path);
            (place.kind, place.namespace, place.name, place.subresource)
        };
        let expect = |kind, namespace: &str, name: &str, sub: &str| {
            (Some(kind), namespace.into(), name.into(), sub.into())
        };
        assert_eq!(
            place("/api/v1/namespaces/default/pods/web-0/eviction"),
            expect(Kind::Pod, "default", "web-0", "eviction")
        );
        assert_eq!(
            place("/api/v1/namespaces/x"),
            expect(Kind::Namespace, "", "x", "")
        );
        assert_eq!(place("/api/v1/pods"), expect(Kind::Pod, "", "", ""));
        assert_eq!(
            place("/apis/policy/v1/namespaces/x/poddisruptionbudgets"),
            expect(Kind::Budget, "x", "", "")
        );
        for unknown in [
            "/api/v1/secrets",
            "/api/v1/pods/web-0",
            "/apis/apps/v1/widgets",
        ] {
            assert_eq!(Place::of(unknown).path, Path::UnknownKind, "{unknown}");
        }
        for nowhere in ["/apis/apps/v2/daemonsets", "/"] {
            assert_eq!(Place::of(nowhere).path, Path::Nowhere, "{nowhere}");
        }
    }
}
