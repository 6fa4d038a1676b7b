//! Worlds in words, one object a line. Not written are what a world says of time and version: start, paces, speed and the
//! server's version are the usual ones; and its happenings, which are a weather of their own.

use std::fmt::{self, Display, Formatter};
use std::str::FromStr;

use super::machine::{machine, names};
use super::{Span, Unreadable, Word, Words, namespaced, number, span};
use crate::sim::world::{Budget, Placement, Workload, WorkloadKind, World};

impl Display for World {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for name in &self.namespaces {
            writeln!(f, "namespace {}", Word(name))?;
        }
        for machine in &self.machines {
            writeln!(f, "{machine}")?;
        }
        for workload in &self.workloads {
            writeln!(f, "{workload}")?;
        }
        for budget in &self.budgets {
            writeln!(f, "{budget}")?;
        }
        for denial in &self.denials {
            let (resource, namespace) = (Word(&denial.resource), Word(&denial.namespace));
            writeln!(f, "denied {resource} {namespace} {}", Word(&denial.message))?;
        }
        for forbidden in &self.forbidden {
            writeln!(
                f,
                "forbidden {} {}",
                Word(&forbidden.verb),
                Word(&forbidden.resource)
            )?;
        }
        Ok(())
    }
}

impl FromStr for World {
    type Err = Unreadable;

    fn from_str(text: &str) -> Result<Self, Unreadable> {
        let lines = text.lines().enumerate();
        lines.filter(|(_, line)| !line.trim().is_empty()).try_fold(
            Self::default(),
            |world, (at, line)| {
                world
                    .with_line(line)
                    .map_err(|error| error.on_line(at + 1, line))
            },
        )
    }
}

impl World {
    fn with_line(self, line: &str) -> Result<Self, Unreadable> {
        let mut words = Words::of(line)?;
        let world = match words.next("a kind of object")?.as_str() {
            "namespace" => self.namespace(&words.next("a name")?),
            "node" => self.machine(machine(&mut words)?),
            "budget" => self.budget(budget(&mut words)?),
            "denied" => {
                let (resource, namespace) = (words.next("a resource")?, words.next("a namespace")?);
                self.denial(&resource, &namespace, &words.next("a message")?)
            }
            "forbidden" => {
                let verb = words.next("a verb")?;
                self.forbidden(&verb, &words.next("a resource")?)
            }
            kind => self.workload(workload(kind, &mut words)?),
        };
        words.end()?;
        Ok(world)
    }
}

const KINDS: [(&str, WorkloadKind); 5] = [
    ("deployment", WorkloadKind::Deployment),
    ("statefulset", WorkloadKind::StatefulSet),
    ("daemonset", WorkloadKind::DaemonSet),
    ("pod", WorkloadKind::Bare),
    ("static-pod", WorkloadKind::Mirror),
];

impl Display for Workload {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let kind = KINDS.iter().find(|(_, kind)| *kind == self.kind);
        let word = kind.map_or("", |(word, _)| word);
        write!(
            f,
            "{word} {}",
            Word(&format!("{}/{}", self.namespace, self.name))
        )?;
        let usual = usual(self.kind);
        if self.replicas != usual.replicas {
            write!(f, " replicas={}", self.replicas)?;
        }
        match &self.placement {
            Placement::Anywhere => {}
            Placement::Pool(pool) => write!(f, " pool={}", Word(pool))?,
            Placement::Node(node) => write!(f, " on={}", Word(node))?,
        }
        for (there, word) in [(self.empty_dir, " emptydir"), (self.host_path, " hostpath")] {
            f.write_str(if there { word } else { "" })?;
        }
        if let Some(detaches_in) = self.disk {
            write!(f, " disk={}", Span(detaches_in))?;
        }
        for (word, is, usually) in [
            ("starts", self.starts_in, usual.starts_in),
            ("stops", self.stops_in, usual.stops_in),
            ("grace", self.grace, usual.grace),
        ] {
            if is != usually {
                write!(f, " {word}={}", Span(is))?;
            }
        }
        if !self.finalizers.is_empty() {
            write!(f, " finalizers={}", Word(&self.finalizers.join(",")))?;
        }
        Ok(())
    }
}

/// One pod of no name, where that can be.
fn usual(kind: WorkloadKind) -> Workload {
    let mut usual = Workload::deployment("", 1);
    if matches!(kind, WorkloadKind::DaemonSet | WorkloadKind::Mirror) {
        usual.replicas = 0;
    }
    usual.kind = kind;
    usual
}

fn workload(kind: &str, words: &mut Words) -> Result<Workload, Unreadable> {
    let Some((_, kind)) = KINDS.iter().find(|(word, _)| *word == kind) else {
        return Err(Unreadable::new(format!("`{kind}` is no kind of object")));
    };
    let (namespace, name) = namespaced(&words.next("a name")?)?;
    let mut workload = Workload {
        namespace,
        name,
        ..usual(*kind)
    };
    while let Some(word) = words.next_if_any() {
        let (key, value) = word.split_once('=').unwrap_or((&word, ""));
        match key {
            "replicas" => workload.replicas = number(value)?,
            "pool" => workload.placement = Placement::Pool(value.into()),
            "on" => workload.placement = Placement::Node(value.into()),
            "emptydir" => workload.empty_dir = true,
            "hostpath" => workload.host_path = true,
            "disk" => workload.disk = Some(span(value)?),
            "starts" => workload.starts_in = span(value)?,
            "stops" => workload.stops_in = span(value)?,
            "grace" => workload.grace = span(value)?,
            "finalizers" => workload.finalizers = names(value),
            _ => {
                return Err(Unreadable::new(format!(
                    "`{word}` says nothing of a workload"
                )));
            }
        }
    }
    Ok(workload)
}

impl Display for Budget {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let name = format!("{}/{}", self.namespace, self.name);
        write!(f, "budget {} {}", Word(&name), self.bound)?;
        match &self.app {
            None => f.write_str(" over-all")?,
            Some(app) if *app != self.name => write!(f, " over={}", Word(app))?,
            Some(_) => {}
        }
        f.write_str(if self.always_allow_unhealthy {
            " unhealthy-go"
        } else {
            ""
        })
    }
}

fn budget(words: &mut Words) -> Result<Budget, Unreadable> {
    let (namespace, name) = namespaced(&words.next("a name")?)?;
    let bound = words.next("a bound")?.parse()?;
    let mut budget = Budget::of(&name, bound).in_namespace(&namespace);
    while let Some(word) = words.next_if_any() {
        let (key, value) = word.split_once('=').unwrap_or((&word, ""));
        match key {
            "over-all" => budget.app = None,
            "over" => budget.app = Some(value.into()),
            "unhealthy-go" => budget.always_allow_unhealthy = true,
            _ => {
                return Err(Unreadable::new(format!(
                    "`{word}` says nothing of a budget"
                )));
            }
        }
    }
    Ok(budget)
}

#[cfg(test)]
mod tests {
    use crate::sim::{Machine, World, scenes};

    fn again(world: &World) -> World {
        let mut again: World = world.to_string().parse().expect("what was printed");
        again.happenings.clone_from(&world.happenings);
        again
    }

    #[test]
    fn the_worlds_that_come_with_the_program_are_read_back_as_they_were() {
        for world in [scenes::three(), scenes::demo()] {
            assert_eq!(again(&world), world, "{world}");
        }
    }

    #[test]
    fn drawn_worlds_are_read_back_as_they_were() {
        for seed in 0..300 {
            let world = World::drawn(seed);
            assert_eq!(again(&world), world, "{world}");
        }
    }

    #[test]
    fn what_is_wrong_with_a_line_is_said_with_its_number() {
        let error = "node a\nnode b colour=red\n".parse::<World>().unwrap_err();
        assert_eq!(
            error.to_string(),
            "line 2, `node b colour=red`: `colour=red` says nothing of a node"
        );
        for wrong in [
            "nonsense",
            "deployment web",
            "budget a/b",
            "budget a/b many=3",
            "node a since=3d",
            "node a ends=badly",
            "pod a/b replicas=x",
        ] {
            assert!(wrong.parse::<World>().is_err(), "{wrong}");
        }
        assert_eq!(
            "node a".parse::<World>().unwrap().machines,
            [Machine::linux("a")]
        );
    }
}
