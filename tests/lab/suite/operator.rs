//! Somebody who runs the program: a name, a machine and a folder for journals of their own, so that two of them share
//! nothing but the cluster.

use super::command::{Ended, Running};
use super::lab::Lab;

pub(crate) struct Operator<'a> {
    lab: &'a Lab,
    user: String,
    host: Option<String>,
    kubeconfig: String,
    folder: tempfile::TempDir,
}

impl Lab {
    /// Somebody of this name at this machine, as the cluster's administrator.
    pub(crate) fn operator(&self, user: &str) -> Operator<'_> {
        Operator {
            lab: self,
            user: user.to_owned(),
            host: None,
            kubeconfig: self.kubeconfig.clone(),
            folder: tempfile::tempdir().expect("a folder for journals"),
        }
    }
}

impl Operator<'_> {
    /// At a machine of this name: nobody elsewhere can look after its processes.
    pub(crate) fn at(mut self, host: &str) -> Self {
        self.host = Some(host.to_owned());
        self
    }

    /// As whoever this kubeconfig is for.
    pub(crate) fn by(mut self, kubeconfig: &str) -> Self {
        kubeconfig.clone_into(&mut self.kubeconfig);
        self
    }

    pub(crate) fn start(&self, words: &[&str]) -> Running {
        // Replaced twice, so that the pid and its signals are the program's.
        const NAMED: [&str; 6] = [
            "run",
            "unshare",
            "--uts",
            "sh",
            "-c",
            "hostname \"$0\" && exec \"$@\"",
        ];
        let before = match &self.host {
            Some(host) => [&NAMED[..], &[host]].concat(),
            None => vec!["run"],
        };
        let (mut command, told) = self.lab.prepare(&before, &self.kubeconfig, words);
        command
            .env("USER", &self.user)
            .env("XDG_STATE_HOME", self.folder.path());
        Running::read((command, told))
    }

    pub(crate) fn run(&self, words: &[&str]) -> Ended {
        self.start(words).end()
    }
}
