//! The reading of what a node says of its packages (`docs/packages.md`). Total: any bytes give an answer or a reason.
//! Strict: a list counts only when it is of the length, the sum and the numbers that were said before it.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::answer::{Asked, PackageList, PackagesAnswer};
use super::write::list_sum;
use super::{Cost, Counts, DataAgeBy, Manager, PackageUpdate, Standing};
use crate::core::evidence::wire::{Parsed, lines, number, time, unescape};
use crate::core::reason::Reason;

/// Whether a list of packages comes after this answer: only then is there more to fetch.
pub(crate) fn has_list(answer: &[u8], nonce: &str) -> bool {
    lines(answer, nonce).is_ok_and(|lines| lines.iter().any(|(key, _)| *key == "updates-list"))
}

/// What the answer to the question asked under `nonce` says of the node's packages, with the bytes of the list or why
/// they are not there; `None` where nobody is there to be asked. An answer that cannot be used is [`Reason::ProbeAnswer`].
pub(crate) fn parse_packages(
    answer: &[u8],
    nonce: &str,
    list: Result<&[u8], String>,
) -> Result<Option<PackagesAnswer>, Reason> {
    parse(answer, nonce, list).unwrap_or_else(|message| Err(Reason::ProbeAnswer { message }))
}

/// What stands under each key.
type Said<'a> = BTreeMap<&'a str, &'a str>;

fn parse(
    answer: &[u8],
    nonce: &str,
    list: Result<&[u8], String>,
) -> Parsed<Result<Option<PackagesAnswer>, Reason>> {
    let mut said = Said::new();
    for (key, value) in lines(answer, nonce)? {
        // Keys of later versions of the script pass by here too, unread.
        if key.starts_with("updates") && said.insert(key, value).is_some() {
            return Err(format!("`{key}` twice"));
        }
    }
    let manager = match said.get("updates-manager").copied() {
        Some("none") => return Ok(Ok(None)),
        Some("apt") => Manager::Apt,
        Some("tdnf") => Manager::Tdnf,
        Some("dnf") => Manager::Dnf,
        Some(other) => match other.strip_prefix("unreadable ") {
            Some(why) => {
                return Ok(Err(Reason::PackageQuestionFailed {
                    program: "/bin/sh".into(),
                    message: unescape(why)?,
                }));
            }
            None => return Err("`updates-manager` in another form".into()),
        },
        None => return Err("nothing of packages in it".into()),
    };
    let words = said.get("updates").copied().unwrap_or_default();
    let asked = match words.split(' ').collect::<Vec<_>>()[..] {
        ["no-data"] => Asked::NoData,
        ["failed", program, message] => Asked::Failed {
            program: unescape(program)?,
            message: unescape(message)?,
        },
        ["read"] => Asked::Read(package_list(&said, list)?),
        _ => return Err("`updates` in another form".into()),
    };
    Ok(Ok(Some(PackagesAnswer {
        manager,
        said: asked,
        data: optional(&said, "updates-data", data)?,
        sources_without_data: optional(&said, "updates-sources-without-data", sources)?
            .unwrap_or_default(),
        locks: optional(&said, "updates-locks", locks)?.unwrap_or_default(),
        cost: optional(&said, "updates-cost", cost)?,
    })))
}

fn optional<T>(said: &Said<'_>, key: &str, read: impl Fn(&str) -> Parsed<T>) -> Parsed<Option<T>> {
    said.get(key).map(|value| read(value)).transpose()
}

fn data(value: &str) -> Parsed<(DataAgeBy, Timestamp)> {
    let (by, at) = value
        .split_once(' ')
        .ok_or("`updates-data` without a time")?;
    let by = match by {
        "refresh" => DataAgeBy::Refresh,
        "success-stamp" => DataAgeBy::SuccessStamp,
        "lists" => DataAgeBy::Lists,
        _ => return Err("`updates-data` in another form".into()),
    };
    Ok((by, time(at)?))
}

/// How many there are, and the names of some.
fn sources(value: &str) -> Parsed<(Vec<String>, u32)> {
    let mut parts = value.split(' ');
    let total: u32 = number(parts.next().unwrap_or_default())?;
    let names: Vec<String> = parts.map(unescape).collect::<Parsed<_>>()?;
    let named = u32::try_from(names.len()).unwrap_or(u32::MAX);
    let more = total
        .checked_sub(named)
        .ok_or("more sources than it says")?;
    Ok((names, more))
}

fn locks(value: &str) -> Parsed<Vec<String>> {
    value.split(' ').map(unescape).collect()
}

fn cost(value: &str) -> Parsed<Cost> {
    let (cpu, whole) = value
        .split_once(' ')
        .ok_or("`updates-cost` in another form")?;
    Ok(Cost {
        cpu_milliseconds: number(cpu)?,
        milliseconds: number(whole)?,
    })
}

fn counts(value: &str) -> Parsed<Counts> {
    let [pending, security, phased, kept_back] = value.split(' ').collect::<Vec<_>>()[..] else {
        return Err("`updates-count` in another form".into());
    };
    Ok(Counts {
        pending: number(pending)?,
        security: (security != "-").then(|| number(security)).transpose()?,
        phased: number(phased)?,
        kept_back: number(kept_back)?,
    })
}

fn package_list(said: &Said<'_>, list: Result<&[u8], String>) -> Parsed<PackageList> {
    let counts = optional(said, "updates-count", counts)?.ok_or("no `updates-count`")?;
    let omitted = optional(said, "updates-omitted", number)?.unwrap_or(0);
    let announced = optional(said, "updates-list", Announced::read)?;
    let named = announced.as_ref().map_or(0, |it| it.packages);
    if u64::from(named) + u64::from(omitted) != u64::from(counts.total()) {
        return Err("`updates-count` and `updates-list` do not agree".into());
    }
    let packages = match announced {
        None => Ok(Vec::new()),
        Some(announced) => list
            .and_then(|bytes| announced.packages(bytes))
            .and_then(|packages| {
                if omitted > 0 || Counts::of(&packages) == counts {
                    Ok(packages)
                } else {
                    Err("other numbers than it says".into())
                }
            }),
    };
    Ok(PackageList {
        counts,
        packages,
        omitted,
    })
}

/// The list as it was announced: how many packages, how many bytes, and the sum of them.
struct Announced {
    packages: u32,
    bytes: usize,
    sum: String,
}

impl Announced {
    fn read(value: &str) -> Parsed<Self> {
        let [packages, bytes, sum] = value.split(' ').collect::<Vec<_>>()[..] else {
            return Err("`updates-list` in another form".into());
        };
        Ok(Self {
            packages: number(packages)?,
            bytes: number(bytes)?,
            sum: sum.to_owned(),
        })
    }

    /// The packages in these bytes, if they are the announced ones.
    fn packages(&self, bytes: &[u8]) -> Parsed<Vec<PackageUpdate>> {
        if bytes.len() != self.bytes {
            return Err(format!("{} bytes of {}", bytes.len(), self.bytes));
        }
        if list_sum(bytes) != self.sum {
            return Err("another checksum than it says".into());
        }
        let text = std::str::from_utf8(bytes).map_err(|_| "not ASCII")?;
        let packages: Vec<PackageUpdate> = text
            .split_terminator('\n')
            .map(package)
            .collect::<Parsed<_>>()?;
        if packages.len() as u64 != u64::from(self.packages) {
            return Err("another length than it says".into());
        }
        Ok(packages)
    }
}

/// `NAME ARCHITECTURE INSTALLED CANDIDATE SECURITY STANDING ORIGIN`; a dash is what is not known or not there.
fn package(line: &str) -> Parsed<PackageUpdate> {
    let [
        name,
        architecture,
        installed,
        candidate,
        security,
        standing,
        origin,
    ] = line.split(' ').collect::<Vec<_>>()[..]
    else {
        return Err("a package in another form".into());
    };
    let perhaps = |value: &str| (value != "-").then(|| unescape(value)).transpose();
    Ok(PackageUpdate {
        name: unescape(name)?,
        architecture: perhaps(architecture)?,
        installed: perhaps(installed)?,
        candidate: unescape(candidate)?,
        security: match security {
            "yes" => Some(true),
            "no" => Some(false),
            "-" => None,
            _ => return Err("a package's security in another form".into()),
        },
        standing: match standing {
            "pending" => Standing::Pending,
            "phased" => Standing::Phased,
            "kept-back" => Standing::KeptBack,
            _ => return Err("a package's standing in another form".into()),
        },
        origin: perhaps(origin)?,
    })
}

#[cfg(test)]
mod tests;
