//! What is decided, and nothing else: no I/O, no clock, no randomness, no Kubernetes client types.
//! Time, answers and settings come in as values; verdicts, acts and reasons go out.

pub(crate) mod azure;
pub(crate) mod budget;
pub(crate) mod by_hand;
pub(crate) mod cleanup;
pub(crate) mod doctor;
pub(crate) mod drain;
pub(crate) mod engine;
pub(crate) mod event;
pub(crate) mod evidence;
pub(crate) mod history;
pub(crate) mod hold;
pub(crate) mod kured;
pub(crate) mod kured_lock;
pub(crate) mod kured_trouble;
pub(crate) mod mark;
pub(crate) mod model;
pub(crate) mod near;
pub(crate) mod patrol;
pub(crate) mod placement;
pub(crate) mod plan;
pub(crate) mod reason;
pub(crate) mod record;
pub(crate) mod rehearsal;
pub(crate) mod rights;
pub(crate) mod route;
pub(crate) mod tally;
pub(crate) mod updates;
pub(crate) mod window;
