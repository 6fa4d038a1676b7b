//! The second tier, run by hand before a release (`tests/lab/run-full`): what takes too long for every change. Each test
//! is ignored otherwise, and says what it did and saw.

mod drain_webhooks;
mod drains;
mod kills;
mod late_ask;
mod nodes;
mod operators;
mod outages;
mod rehearsed;
mod rights;
mod tokens;
