//! What was found, in words.

use super::logins;
use crate::core::doctor::{Admission, Found, LockSeen, OLDEST, PolicySeen, TrialPod};
use crate::core::kured::{KuredFound, KuredLock};
use crate::core::reason::Denier;
use crate::core::rights::{Aim, Need, Right};
use crate::render::reason;
use crate::render::text::{count, some_of};

/// What was looked at, in a word or two.
pub(super) const fn title(found: &Found) -> &'static str {
    match found {
        Found::Api { .. } | Found::ApiAway { .. } => "API server",
        Found::Connection { .. } => "connection",
        Found::Version { .. } | Found::VersionUnread { .. } => "version",
        Found::Clock { .. } | Found::ClockUnread => "clock",
        Found::RightsHeld { .. } | Found::RightMissing { .. } | Found::RightsUnread { .. } => {
            "rights"
        }
        Found::NamespaceThere | Found::NamespaceMissing | Found::NamespaceUnread { .. } => {
            "namespace"
        }
        Found::PodSecurity { .. } => "PodSecurity",
        Found::Admission { pod, .. } => match pod {
            TrialPod::Probe => "probe pod",
            TrialPod::Packages => "packages pod",
            TrialPod::Refresh => "refresh pod",
            TrialPod::Prove => "proof pod",
            TrialPod::Reboot => "reboot pod",
        },
        Found::AnyPod { .. } => "other pods",
        Found::Hosts { .. } | Found::HostsUnread { .. } => "nodes",
        Found::Image { .. } => "image",
        Found::SshProgram { .. } | Found::SshUnusable { .. } => "ssh",
        Found::LoginMet { need, .. } | Found::LoginLacks { need, .. } => logins::title(*need),
        Found::NoLogin { .. } => "login",
        Found::LoginRoot { .. } | Found::LoginNoRoot { .. } | Found::LoginRootUnasked { .. } => {
            "sudo"
        }
        Found::NoKured | Found::Kured { .. } | Found::KuredUnread { .. } => "kured",
        Found::AksAtWork { .. } | Found::NoAksAtWork => "AKS at work",
        Found::Channel { .. } => "node OS",
        Found::Lock { .. } => "lock",
        Found::Marks { .. } => "marks",
        Found::Leftovers { .. } | Found::LeftoversUnread { .. } => "pods left",
    }
}

/// What was found, as a sentence without its full stop.
pub(super) fn found(found: &Found) -> String {
    match found {
        Found::Api { latency_ms } => format!("answers in {latency_ms} ms"),
        Found::ApiAway { message } => format!("cannot be reached: {message}"),
        Found::Connection { warning } => warning.clone(),
        Found::Version { version } => {
            let (major, minor) = OLDEST;
            format!("{version}; made for {major}.{minor} and later")
        }
        Found::VersionUnread { message } => format!("does not tell its version: {message}"),
        Found::Clock { ahead_ms } => clock(*ahead_ms),
        Found::ClockUnread => "the API server tells no time".into(),
        Found::RightsHeld { aim, count: held } => {
            format!(
                "{}: has all it needs, {}",
                aim.command(),
                count(*held, "right")
            )
        }
        Found::RightMissing { aims, right } => missing(aims, right),
        Found::RightsUnread { message } => format!("could not be asked for: {message}"),
        Found::NamespaceThere => "aksreboot is there".into(),
        Found::NamespaceMissing => {
            "aksreboot does not exist: no probe pod, no lock, no run record".into()
        }
        Found::NamespaceUnread { message } => format!("cannot be looked at: {message}"),
        Found::PodSecurity { enforce, warnings } => pod_security(enforce.as_deref(), warnings),
        Found::Admission {
            admission: tried, ..
        } => admission(tried),
        Found::AnyPod {
            admission: tried,
            policy,
        } => any_pod(tried, *policy),
        Found::Hosts {
            ready,
            linux,
            others,
        } => {
            let others = match others {
                0 => String::new(),
                others => format!("; {others} with Windows or without a host"),
            };
            format!(
                "{ready} of {} with Linux Ready{others}",
                count(*linux, "node")
            )
        }
        Found::Image {
            image,
            seen_on,
            of,
            moving,
        } => {
            let pull = if seen_on < of {
                ", the others pull it (kubelets list 50 images at most; no pull was tried)"
            } else {
                ""
            };
            let moving = if *moving {
                "; its tag may mean another image tomorrow"
            } else {
                ""
            };
            format!(
                "{image}: seen on {seen_on} of {}{pull}{moving}",
                count(*of, "node")
            )
        }
        Found::SshProgram { .. }
        | Found::SshUnusable { .. }
        | Found::LoginMet { .. }
        | Found::LoginLacks { .. }
        | Found::NoLogin { .. }
        | Found::LoginRoot { .. }
        | Found::LoginNoRoot { .. }
        | Found::LoginRootUnasked { .. } => logins::found(found),
        Found::NoKured => "not in this cluster".into(),
        Found::Kured { kured } => kured_in_words(kured),
        Found::KuredUnread { message } => format!("cannot be looked for: {message}"),
        Found::AksAtWork { signs } => {
            let signs: Vec<String> = signs.iter().map(reason::in_words).collect();
            some_of(&signs, 3)
        }
        Found::NoAksAtWork => {
            "no sign on any node (an operation that leaves none is not seen)".into()
        }
        Found::Channel {
            nodes,
            patched_live,
            images,
        } => channel(*nodes, *patched_live, images),
        Found::Lock { lock } => match lock {
            LockSeen::Free => "free".into(),
            LockSeen::Interrupted { run } => {
                format!("free; run {run} was interrupted and left nodes marked")
            }
            LockSeen::Held { by } => reason::in_words(by),
            LockSeen::Unread { message } => format!("cannot be read: {message}"),
        },
        Found::Marks { nodes } if nodes.is_empty() => "no node is in a run's hands".into(),
        Found::Marks { nodes } => {
            format!("in a run's hands: {}", some_of(nodes, 6))
        }
        Found::Leftovers { pods } if pods.is_empty() => "none".into(),
        Found::Leftovers { pods } => format!(
            "{}, of a command that runs now or was killed: {}",
            count(pods.len(), "pod"),
            some_of(pods, 4)
        ),
        Found::HostsUnread { message } | Found::LeftoversUnread { message } => {
            format!("cannot be listed: {message}")
        }
    }
}

fn clock(ahead_ms: i64) -> String {
    let apart = ahead_ms.unsigned_abs();
    // The server's clock is told in whole seconds.
    if apart < 1_500 {
        return "within a second of the API server's".into();
    }
    let way = if ahead_ms > 0 { "behind" } else { "ahead of" };
    let seconds = apart / 1_000;
    format!("this machine's is {seconds} s {way} the API server's; nothing is decided by it")
}

fn missing(aims: &[Aim], right: &Right) -> String {
    let commands: Vec<&str> = aims.iter().map(|aim| aim.command()).collect();
    let without = match right.need {
        Need::Must => "",
        Need::Helps => " (it goes on without)",
    };
    format!(
        "{}: may not {}{without}",
        commands.join(", "),
        right_in_words(right)
    )
}

/// A right as it follows “may not”.
pub(crate) fn right_in_words(right: &Right) -> String {
    let what = match right.name {
        "" => right.role_resource(),
        name => format!("{} {name}", right.role_resource()),
    };
    let place = match right.place.namespace() {
        Some(namespace) => format!(" in namespace {namespace}"),
        None => String::new(),
    };
    format!("{} {what}{place}, {}", right.verb, right.purpose)
}

fn pod_security(enforce: Option<&str>, warnings: &[String]) -> String {
    let level = match enforce {
        Some(level) => format!("enforces {level}"),
        None => "no level of its own, the cluster's default holds".to_owned(),
    };
    if warnings.is_empty() {
        level
    } else {
        format!("{level}; the server warns: {}", warnings.join("; "))
    }
}

fn denier(by: Denier) -> &'static str {
    match by {
        Denier::Role => "by the role",
        Denier::PodSecurity => "by PodSecurity",
        Denier::Policy => "by a policy",
        Denier::Other => "by the API server",
    }
}

fn admission(tried: &Admission) -> String {
    match tried {
        Admission::Admitted => "admitted (dry run)".into(),
        Admission::Denied { by, message } => format!("refused {}: {message}", denier(*by)),
        Admission::NamespaceMissing => "not tried: the namespace is missing".into(),
        Admission::Outstanding { pod } => {
            format!("pod {pod} is there: a reboot of this boot was asked for before")
        }
        Admission::Unread { message } => format!("not tried: {message}"),
        Admission::NoNode => "not tried: no Linux node is Ready".into(),
    }
}

fn any_pod(tried: &Admission, policy: PolicySeen) -> String {
    let policy = match policy {
        PolicySeen::Bound => "the policy aksreboot-pods is there and bound",
        PolicySeen::Unbound => "the policy aksreboot-pods is there and bound to nothing",
        PolicySeen::Missing => "the policy aksreboot-pods is not there",
        PolicySeen::Hidden => "whether the policy aksreboot-pods is there may not be read",
    };
    match tried {
        Admission::Admitted => format!(
            "a privileged pod would be admitted: whoever may create pods in namespace aksreboot is root on every node; {policy}"
        ),
        Admission::Denied {
            by: Denier::Role, ..
        } => format!("this user may make none; {policy}"),
        Admission::Denied { by, .. } => {
            format!(
                "a privileged pod is refused {} (dry run); {policy}",
                denier(*by)
            )
        }
        other => format!("{}; {policy}", admission(other)),
    }
}

fn kured_in_words(kured: &KuredFound) -> String {
    const TOLD: [&str; 9] = [
        "concurrency",
        "period",
        "reboot-sentinel",
        "reboot-sentinel-command",
        "reboot-days",
        "start-time",
        "end-time",
        "time-zone",
        "lock-ttl",
    ];
    let settings: Vec<String> = TOLD
        .iter()
        .filter_map(|key| {
            let value = kured.settings.get(*key)?;
            let value = value.as_deref().unwrap_or("(kept elsewhere)");
            Some(format!("{key}={value}"))
        })
        .collect();
    let settings = if settings.is_empty() {
        "its defaults".to_owned()
    } else {
        settings.join(" ")
    };
    let lock = match &kured.lock {
        KuredLock::Free => "its lock is free".to_owned(),
        KuredLock::Held { by } => format!("its lock is held by {}", some_of(by, 3)),
        KuredLock::Unreadable { text } => format!("its lock cannot be read: {text}"),
        KuredLock::Stuck => {
            "its lock is an empty list, which a kured of concurrency 1 waits on for ever".to_owned()
        }
        KuredLock::Elsewhere { daemon_set } => {
            format!("its lock is on DaemonSet {daemon_set}, which is not there")
        }
    };
    format!(
        "DaemonSet {}/{}, {}, {} of {} Ready; {settings}; {lock}",
        kured.namespace,
        kured.name,
        kured.image,
        kured.ready,
        count(kured.wanted as usize, "pod"),
    )
}

fn channel(nodes: usize, patched_live: usize, images: &[String]) -> String {
    let channel = if patched_live > 0 {
        format!(
            "{patched_live} of {} patched while they run (channel SecurityPatch: AKS reimages them itself)",
            count(nodes, "AKS node")
        )
    } else {
        format!(
            "{}; their channel is not visible from inside, and only with Unmanaged do nodes raise the flag as a rule",
            count(nodes, "AKS node")
        )
    };
    if images.is_empty() {
        channel
    } else {
        format!("{channel}; made from {}", some_of(images, 3))
    }
}
