//! The plan: an immutable value so specific that carrying it out decides nothing. Made here, shown by `render`,
//! carried out by the runner.

mod drift;
mod estimate;
mod file;
mod foresee;
mod pace;
mod select;
mod serving;
#[cfg(test)]
mod serving_tests;
mod spec;
#[cfg(test)]
mod tests;
mod warnings;
mod waves;
#[cfg(test)]
mod waves_tests;

pub(crate) use drift::drift;
pub(crate) use estimate::{Estimate, estimate};
pub(crate) use file::read;
pub(crate) use foresee::{Foreseen, foresee};
pub(crate) use pace::{Amount, Pace};
pub(crate) use select::{
    Candidate, EXCLUDE, Excluded, Terms, aks_sign, aks_signs, kept_out, select,
};
pub(crate) use spec::{ClusterRef, Plan, Report, Settings, Spec, Target, Timeouts, VERSION, Via};
pub(crate) use waves::WaveLimits;
