//! The configuration that ssh gets: what keeps it from prompting and from trusting, then all of the user's own. ssh takes
//! the first value it meets, and hands its configuration file on to jump hosts, so they are bound by it as well.

use std::path::Path;

/// An address of this cluster that does not answer for so long is not there. Also the longest that a connection in the
/// making outlives us.
const CONNECT_SECONDS: u32 = 10;

pub(super) fn text(users: Option<&Path>) -> String {
    let own = [
        "BatchMode yes",
        "StrictHostKeyChecking yes",
        "UpdateHostKeys no",
        // Of a forwarded agent or port the node has no need.
        "ForwardAgent no",
        "ForwardX11 no",
        "ClearAllForwardings yes",
        "PermitLocalCommand no",
        "RemoteCommand none",
        "RequestTTY no",
        "ServerAliveInterval 5",
        "ServerAliveCountMax 3",
        // A quiet ssh would not say why it failed.
        "LogLevel INFO",
    ];
    let own = own.join("\n");
    let theirs = match users {
        Some(file) => format!("Include \"{}\"", file.display()),
        None => "Include ~/.ssh/config\nInclude /etc/ssh/ssh_config".to_owned(),
    };
    format!("{own}\nConnectTimeout {CONNECT_SECONDS}\n{theirs}\n")
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    /// What `ssh -G` settles for a host; `None` where there is no ssh.
    fn settled(users: &str) -> Option<String> {
        let folder = tempfile::tempdir().expect("a folder");
        let (file, own) = (folder.path().join("users"), folder.path().join("config"));
        std::fs::write(&file, users).expect("the user's file");
        std::fs::write(&own, text(Some(&file))).expect("our file");
        let output = Command::new("ssh")
            .arg("-F")
            .arg(&own)
            .args(["-G", "10.224.0.4"])
            .output()
            .ok()?;
        assert!(output.status.success(), "{output:?}");
        Some(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    #[test]
    fn the_users_settings_count_but_for_prompts_and_trust() {
        let Some(settled) = settled(
            "Host 10.224.*\n  ProxyJump bastion\n  Port 2222\n  StrictHostKeyChecking no\n  BatchMode no\n  LogLevel QUIET\n  \
             LocalForward 8080 localhost:80\n  RemoteCommand rm -rf /\n",
        ) else {
            return;
        };
        let has = |line: &str| settled.lines().any(|have| have == line);
        for line in [
            "proxyjump bastion",
            "port 2222",
            "batchmode yes",
            "forwardagent no",
        ] {
            assert!(has(line), "{line} is not in\n{settled}");
        }
        assert!(
            has("stricthostkeychecking true") || has("stricthostkeychecking yes"),
            "{settled}"
        );
        assert!(!settled.contains("rm -rf"), "{settled}");
        assert!(has("clearallforwardings yes"), "{settled}");
    }
}
