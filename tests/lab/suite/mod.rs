//! What scenarios are written with: the lab and its undoing, the program under test, the two outside witnesses (watches
//! and the audit log), and workloads. Nothing here asserts a rule of the product.

pub(crate) mod audit;
pub(crate) mod chance;
pub(crate) mod command;
pub(crate) mod idle;
pub(crate) mod lab;
pub(crate) mod operator;
pub(crate) mod outside;
pub(crate) mod webhook;
pub(crate) mod workload;

use jiff::Timestamp;

/// The image that every node of the lab has.
pub(crate) const IMAGE: &str = "lab.local/busybox:1";
/// The owner mark.
pub(crate) const MARK: &str = "aksreboot.dev/run";
/// Where the program keeps its pods, its Lease and its run records.
pub(crate) const OWN: &str = "aksreboot";

/// The machine's wall clock, which is also that of the API server.
#[expect(
    clippy::disallowed_methods,
    reason = "a witness compares with the API server's own times"
)]
pub(crate) fn now() -> Timestamp {
    Timestamp::now()
}

/// Whether an object's condition is True.
pub(crate) fn condition(object: &serde_json::Value, kind: &str) -> bool {
    let conditions = object["status"]["conditions"].as_array();
    conditions
        .into_iter()
        .flatten()
        .any(|condition| condition["type"] == kind && condition["status"] == "True")
}
