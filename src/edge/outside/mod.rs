//! Programs of the operator's own that are run for an answer: credential plugins, `az`. Each within a bound of time and of
//! output, ended with all that it has started, and what it says made fit to be shown.

pub(crate) mod az;
pub(crate) mod process;
mod said;

pub(crate) use said::presentable;
