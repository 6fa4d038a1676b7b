//! Where ssh cannot share a connection between processes, there are no logins.

use std::time::Duration;

use jiff::Timestamp;

use crate::core::doctor::SshSettled;
use crate::core::doctor::logins::RanAs;
use crate::core::evidence::Sentinel;
use crate::core::model::{BootId, Node};
use crate::core::reason::Reason;
use crate::core::updates::NodeAnswer;
use crate::edge::node::{Inquiry, RebootMessage};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::request::flags::SshSettings;

use super::Looked;

pub(crate) struct Ssh {
    never: std::convert::Infallible,
}

impl Ssh {
    pub(crate) fn new(_settings: SshSettings) -> Result<Self, Failure> {
        Err(
            Failure::say(Exit::Usage, "nodes cannot be read by SSH from Windows")
                .hint("run aksreboot in the Windows Subsystem for Linux, or use --via pod"),
        )
    }

    pub(crate) async fn turn(&self) {}

    pub(crate) async fn read(
        &self,
        _node: &Node,
        _asked: Inquiry,
        _sentinel: &Sentinel,
    ) -> Result<NodeAnswer, Reason> {
        match self.never {}
    }

    pub(crate) async fn program(
        &self,
        _node: Option<&Node>,
    ) -> Result<(String, SshSettled), String> {
        match self.never {}
    }

    pub(crate) async fn try_login(&self, _node: &Node, _limit: Duration) -> Result<RanAs, Reason> {
        match self.never {}
    }

    pub(crate) async fn look_for_ask(
        &self,
        _node: &Node,
        _boot: &BootId,
        _limit: Duration,
    ) -> Result<Looked, Reason> {
        match self.never {}
    }

    pub(crate) async fn ask_to_reboot(
        &self,
        _node: &Node,
        _boot: &BootId,
        _not_after: Timestamp,
        _prove: bool,
        _limit: Duration,
    ) -> Result<RebootMessage, Reason> {
        match self.never {}
    }
}
