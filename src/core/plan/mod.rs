//! The plan: an immutable value so specific that carrying it out decides nothing. Made here, shown by `render`,
//! carried out by the runner.

mod foresee;
mod pace;
mod select;
mod spec;
mod waves;
#[cfg(test)]
mod waves_tests;

pub(crate) use foresee::{Foreseen, foresee};
pub(crate) use pace::{Amount, Pace};
pub(crate) use select::{Candidate, EXCLUDE, Selection, Terms, aks_signs, kept_out, select};
pub(crate) use spec::{ClusterRef, Plan, Report, Settings, Spec, Target, Timeouts};
pub(crate) use waves::WaveLimits;
