//! The plan: an immutable value so specific that carrying it out decides nothing. Made here, shown by `render`,
//! carried out by the runner.

mod foresee;
mod select;
mod spec;

pub(crate) use foresee::{Foreseen, foresee};
pub(crate) use select::{Candidate, Selection, aks_signs, select};
pub(crate) use spec::{ClusterRef, Plan, Report, Settings, Spec, Target, Timeouts};
