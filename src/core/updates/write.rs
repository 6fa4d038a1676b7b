//! What a node says of its packages as the probe script prints it. The program itself only reads; simulated nodes write.

use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

use super::answer::{Asked, NodeAnswer, PackageList, PackagesAnswer};
use super::{DataAgeBy, Manager, PackageUpdate, Standing};
use crate::core::evidence::answer_lines;
use crate::core::evidence::wire::{escape, framed};

/// A whole answer, with what is said of packages where they were asked for, and the list that comes after it.
pub(crate) fn write_node_answer(answer: &NodeAnswer, nonce: &str) -> (String, String) {
    let (mut lines, list) = match &answer.packages {
        Ok(packages) => write_packages(packages.as_ref()),
        Err(_) => (Vec::new(), String::new()),
    };
    lines.extend(answer_lines(&answer.evidence));
    (framed(&lines, nonce), list)
}

/// The lines that go into the answer, and the list that comes after it. `None`: no package manager is there.
pub(crate) fn write_packages(packages: Option<&PackagesAnswer>) -> (Vec<String>, String) {
    let Some(packages) = packages else {
        return (vec!["updates-manager none".into()], String::new());
    };
    let manager = match packages.manager {
        Manager::Apt => "apt",
        Manager::Tdnf => "tdnf",
        Manager::Dnf => "dnf",
    };
    let mut lines = vec![format!("updates-manager {manager}")];
    let mut list = String::new();
    match &packages.said {
        Asked::NoData => lines.push("updates no-data".into()),
        Asked::Failed { program, message } => {
            let (program, message) = (escape(program), escape(message));
            lines.push(format!("updates failed {program} {message}"));
        }
        Asked::Read(read) => {
            lines.push("updates read".into());
            list = add_list(&mut lines, read);
        }
    }
    if let Some((by, at)) = packages.data {
        let by = match by {
            DataAgeBy::Refresh => "refresh",
            DataAgeBy::SuccessStamp => "success-stamp",
            DataAgeBy::Lists => "lists",
        };
        lines.push(format!("updates-data {by} {}", at.as_second()));
    }
    let (sources, more) = &packages.sources_without_data;
    let total = sources.len() + *more as usize;
    if total > 0 {
        let names = sources.iter().map(|name| format!(" {}", escape(name)));
        let names: String = names.collect();
        lines.push(format!("updates-sources-without-data {total}{names}"));
    }
    if !packages.locks.is_empty() {
        let locks: Vec<String> = packages.locks.iter().map(|path| escape(path)).collect();
        lines.push(format!("updates-locks {}", locks.join(" ")));
    }
    if let Some(cost) = packages.cost {
        let (cpu, whole) = (cost.cpu_milliseconds, cost.milliseconds);
        lines.push(format!("updates-cost {cpu} {whole}"));
    }
    (lines, list)
}

/// Says what is in the list, and gives the list.
fn add_list(lines: &mut Vec<String>, read: &PackageList) -> String {
    let counts = read.counts;
    let security = counts
        .security
        .map_or("-".to_owned(), |count| count.to_string());
    let (pending, phased, kept) = (counts.pending, counts.phased, counts.kept_back);
    lines.push(format!(
        "updates-count {pending} {security} {phased} {kept}"
    ));
    let named = read.packages.as_deref().unwrap_or_default();
    let list: String = named.iter().map(line).collect();
    if !named.is_empty() {
        let (bytes, sum) = (list.len(), list_sum(list.as_bytes()));
        lines.push(format!("updates-list {} {bytes} {sum}", named.len()));
    }
    if read.omitted > 0 {
        lines.push(format!("updates-omitted {}", read.omitted));
    }
    list
}

/// SHA-256, as `sha256sum` writes it.
pub(crate) fn list_sum(bytes: &[u8]) -> String {
    let mut text = String::new();
    for byte in Sha256::digest(bytes) {
        let _ = write!(text, "{byte:02x}");
    }
    text
}

fn line(package: &PackageUpdate) -> String {
    let perhaps = |value: &Option<String>| value.as_deref().map_or("-".to_owned(), field);
    let security = match package.security {
        Some(true) => "yes",
        Some(false) => "no",
        None => "-",
    };
    let standing = match package.standing {
        Standing::Pending => "pending",
        Standing::Phased => "phased",
        Standing::KeptBack => "kept-back",
    };
    format!(
        "{} {} {} {} {security} {standing} {}\n",
        field(&package.name),
        perhaps(&package.architecture),
        perhaps(&package.installed),
        field(&package.candidate),
        perhaps(&package.origin)
    )
}

/// A dash by itself stands for nothing.
fn field(text: &str) -> String {
    match text {
        "-" => "%2D".into(),
        text => escape(text),
    }
}
