//! The lab suite: the program as it is run, against a real Kubernetes whose nodes really reboot (docs/lab.md). What it
//! asserts is seen from outside: exit codes, words, the cluster's objects, the API server's audit log. Needs a lab that is
//! up, and root; `tests/lab/run-suite` does all of it. The lab is one, so its tests run one after another.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stderr,
    reason = "a test that cannot go on shall panic, and says on stderr what it saw"
)]
#![allow(
    clippy::unused_self,
    reason = "whoever has the lab may use its verbs; nobody else can name them"
)]

mod full;
mod scenarios;
mod suite;
