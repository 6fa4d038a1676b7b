//! A simulated cluster that speaks the Kubernetes API: for demo, rehearsal and tests.
