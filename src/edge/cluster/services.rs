//! Services and admission webhooks, in the little of them that plans look at.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::pod_spec::SlimSelector;
use crate::core::model::{Asked, Balanced, Service, Webhook};

#[derive(Debug, Deserialize)]
pub(super) struct SlimService {
    metadata: Meta,
    #[serde(default)]
    spec: ServiceSpec,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Meta {
    namespace: String,
    name: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct ServiceSpec {
    #[serde(rename = "type")]
    kind: String,
    selector: Option<BTreeMap<String, String>>,
    external_traffic_policy: String,
}

impl From<SlimService> for Service {
    fn from(SlimService { metadata, spec }: SlimService) -> Self {
        let balanced = (spec.kind == "LoadBalancer").then(|| {
            if spec.external_traffic_policy == "Local" {
                Balanced::ToNodesWithPods
            } else {
                Balanced::ToEveryNode
            }
        });
        Self {
            namespace: metadata.namespace,
            name: metadata.name,
            selector: spec.selector.unwrap_or_default(),
            balanced,
        }
    }
}

/// A ValidatingWebhookConfiguration or a MutatingWebhookConfiguration.
#[derive(Debug, Deserialize)]
pub(super) struct SlimWebhooks {
    #[serde(default)]
    webhooks: Option<Vec<SlimWebhook>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct SlimWebhook {
    name: String,
    failure_policy: Option<String>,
    client_config: ClientConfig,
    rules: Option<Vec<Rule>>,
    namespace_selector: Option<SlimSelector>,
    object_selector: Option<SlimSelector>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ClientConfig {
    service: Option<Meta>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Rule {
    api_groups: Vec<String>,
    operations: Vec<String>,
    resources: Vec<String>,
}

impl SlimWebhooks {
    /// Those that fail closed, have a Service, and are asked about what a roll does.
    pub(super) fn into_model(self) -> impl Iterator<Item = Webhook> {
        let webhooks = self.webhooks.unwrap_or_default().into_iter();
        webhooks.filter_map(SlimWebhook::into_model)
    }
}

impl SlimWebhook {
    fn into_model(self) -> Option<Webhook> {
        // Absent, the policy is `Fail`.
        if self.failure_policy.as_deref() == Some("Ignore") {
            return None;
        }
        let service = self.client_config.service?;
        let rules = self.rules.unwrap_or_default();
        let asked_about: BTreeSet<Asked> = rules.iter().flat_map(Rule::asks_about).collect();
        (!asked_about.is_empty()).then(|| Webhook {
            name: self.name,
            service: (service.namespace, service.name),
            asked_about,
            namespaces: self.namespace_selector.unwrap_or_default().into(),
            objects: self.object_selector.unwrap_or_default().into(),
        })
    }
}

impl Rule {
    fn asks_about(&self) -> impl Iterator<Item = Asked> {
        [
            (Asked::Evictions, "CREATE", "pods/eviction"),
            (Asked::NewPods, "CREATE", "pods"),
            (Asked::RemovedPods, "DELETE", "pods"),
            (Asked::Nodes, "UPDATE", "nodes"),
        ]
        .into_iter()
        .filter(|(_, operation, resource)| self.is_about(operation, resource))
        .map(|(asked, ..)| asked)
    }

    /// The groups, operations and resources of a rule, with their wildcards: `*` is every resource without its
    /// subresources, `*/*` every one with them, `pods/*` those of pods.
    fn is_about(&self, operation: &str, resource: &str) -> bool {
        let among = |list: &[String], word: &str| list.iter().any(|one| one == word || one == "*");
        let named = |pattern: &String| {
            if pattern == "*/*" || pattern == resource {
                return true;
            }
            match (resource.split_once('/'), pattern.split_once('/')) {
                (Some((kind, _)), Some((of, "*"))) => of == kind,
                (Some((_, sub)), Some(("*", of))) => of == sub,
                (None, None) => pattern == "*",
                _ => false,
            }
        };
        among(&self.api_groups, "")
            && among(&self.operations, operation)
            && self.resources.iter().any(named)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn webhooks(webhook: &Value) -> Vec<Webhook> {
        let configuration = json!({"metadata": {"name": "x"}, "webhooks": [webhook]});
        let slim: SlimWebhooks = serde_json::from_value(configuration).expect("a configuration");
        slim.into_model().collect()
    }

    /// As policy engines and operators have them.
    fn webhook(policy: &str, operations: &Value, resources: &Value) -> Value {
        json!({
            "name": "validate.kyverno.svc-fail",
            "admissionReviewVersions": ["v1"],
            "clientConfig": {
                "caBundle": "bm90aGluZw==",
                "service": {"namespace": "kyverno", "name": "kyverno-svc", "path": "/validate/fail", "port": 443},
            },
            "failurePolicy": policy,
            "matchPolicy": "Equivalent",
            "namespaceSelector": {"matchExpressions": [
                {"key": "kubernetes.io/metadata.name", "operator": "NotIn", "values": ["kube-system"]},
            ]},
            "objectSelector": {},
            "rules": [{
                "apiGroups": [""], "apiVersions": ["v1"], "scope": "*",
                "operations": operations, "resources": resources,
            }],
            "sideEffects": "NoneOnDryRun",
            "timeoutSeconds": 10,
        })
    }

    #[test]
    fn what_a_webhook_is_asked_about_is_told_by_its_rules_and_their_wildcards() {
        use Asked::{Evictions, NewPods, Nodes, RemovedPods};
        let table: [(Value, Value, &[Asked]); 10] = [
            (json!(["CREATE"]), json!(["pods"]), &[NewPods]),
            (json!(["CREATE"]), json!(["pods/eviction"]), &[Evictions]),
            (json!(["*"]), json!(["pods/*"]), &[Evictions]),
            (json!(["*"]), json!(["*/eviction"]), &[Evictions]),
            (json!(["DELETE"]), json!(["pods"]), &[RemovedPods]),
            (json!(["CREATE", "UPDATE"]), json!(["*"]), &[NewPods, Nodes]),
            (
                json!(["*"]),
                json!(["*/*"]),
                &[Evictions, NewPods, RemovedPods, Nodes],
            ),
            (json!(["UPDATE"]), json!(["pods", "nodes"]), &[Nodes]),
            (json!(["UPDATE"]), json!(["nodes/status"]), &[]),
            (json!(["CREATE"]), json!(["services"]), &[]),
        ];
        for (operations, resources, asked) in table {
            let found = webhooks(&webhook("Fail", &operations, &resources));
            let about: BTreeSet<Asked> =
                found.into_iter().flat_map(|one| one.asked_about).collect();
            let wanted: BTreeSet<Asked> = asked.iter().copied().collect();
            assert_eq!(about, wanted, "{operations} {resources}");
        }
    }

    #[test]
    fn only_webhooks_that_fail_closed_and_have_a_service_are_kept_with_what_they_leave_out() {
        let pods = json!(["pods"]);
        let create = json!(["CREATE"]);
        assert_eq!(webhooks(&webhook("Ignore", &create, &pods)), []);
        let mut by_address = webhook("Fail", &create, &pods);
        by_address["clientConfig"] = json!({"url": "https://hooks.example.com/"});
        assert_eq!(webhooks(&by_address), []);
        let mut other_group = webhook("Fail", &create, &pods);
        other_group["rules"][0]["apiGroups"] = json!(["metrics.k8s.io"]);
        assert_eq!(webhooks(&other_group), []);

        let mut unsaid = webhook("Fail", &create, &pods);
        let fields = unsaid.as_object_mut().expect("an object");
        fields.remove("failurePolicy");
        let kept = &webhooks(&unsaid)[0];
        assert_eq!(kept.service, ("kyverno".into(), "kyverno-svc".into()));
        let named =
            |name: &str| [("kubernetes.io/metadata.name".to_owned(), name.to_owned())].into();
        assert!(kept.namespaces.picks(&named("shop")));
        assert!(!kept.namespaces.picks(&named("kube-system")));
    }

    #[test]
    fn where_a_balancer_sends_is_told_by_the_type_and_the_policy() {
        for (kind, policy, balanced) in [
            ("ClusterIP", "", None),
            ("NodePort", "Local", None),
            ("LoadBalancer", "Cluster", Some(Balanced::ToEveryNode)),
            ("LoadBalancer", "Local", Some(Balanced::ToNodesWithPods)),
        ] {
            let slim: SlimService = serde_json::from_value(json!({
                "metadata": {"namespace": "shop", "name": "web"},
                "spec": {"type": kind, "externalTrafficPolicy": policy, "selector": {"app": "web"}},
            }))
            .expect("a Service");
            let service = Service::from(slim);
            assert_eq!(service.balanced, balanced, "{kind} {policy}");
            assert_eq!(service.selector["app"], "web");
        }
    }
}
