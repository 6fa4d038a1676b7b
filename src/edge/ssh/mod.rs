//! Reading a node, and asking it to reboot, by logging in to it, with the ssh program of this machine and its user's configuration: keys, ports and
//! jump hosts are not ours. Never prompts, never takes a host key by itself, puts nothing secret into an argument list,
//! and closes every connection that it opened.

mod address;
mod asked;
#[cfg(unix)]
mod command;
#[cfg(unix)]
mod config;
#[cfg(unix)]
mod login;
#[cfg(unix)]
mod rebooting;
#[cfg(test)]
#[cfg(unix)]
mod tests;
#[cfg(unix)]
mod trial;
#[cfg(unix)]
mod trouble;

#[cfg(not(unix))]
mod absent;

pub(crate) use asked::{Looked, mark_of, proof};

#[cfg(not(unix))]
pub(crate) use absent::Ssh;
#[cfg(unix)]
pub(crate) use login::Ssh;

/// Logins at a time. Jump hosts and sshd turn away newcomers once ten are not through with authentication
/// (`MaxStartups 10:30:100`).
pub(crate) const LOGINS_AT_ONCE: usize = 8;
