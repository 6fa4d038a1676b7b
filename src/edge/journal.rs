//! The journal: a run's events as NDJSON in a private file, flushed before the act that they announce. The audit copy;
//! the truth of a run is in the cluster.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use etcetera::BaseStrategy as _;
use serde::Deserialize;

use crate::core::event::{self, Event};
use crate::core::model::RunId;

pub(crate) struct Journal {
    file: File,
    path: PathBuf,
}

impl Journal {
    /// Begins the journal of `run` below the user's state directory (`$XDG_STATE_HOME/aksreboot`).
    pub(crate) fn begin(run: &RunId) -> io::Result<Self> {
        let path = place(run)?;
        make_folder(&path)?;
        let file = private().create_new(true).open(&path)?;
        Ok(Self { file, path })
    }

    /// Goes on with the journal of `run`, or begins one where the run was on another machine. Refuses one of a newer
    /// version.
    pub(crate) fn go_on(run: &RunId) -> io::Result<Self> {
        let path = place(run)?;
        make_folder(&path)?;
        let mut file = private().read(true).create(true).open(&path)?;
        let mut there = Vec::new();
        file.read_to_end(&mut there)?;
        for line in there.split(|byte| *byte == b'\n') {
            refuse_newer(line, &path)?;
        }
        if there.last().is_some_and(|byte| *byte != b'\n') {
            file.write_all(b"\n")?;
        }
        Ok(Self { file, path })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Appends one event and hands it to the system before returning.
    pub(crate) fn append(&mut self, event: &Event) -> io::Result<()> {
        let mut line = serde_json::to_vec(event)?;
        line.push(b'\n');
        self.file.write_all(&line)?;
        self.file.sync_data()
    }
}

/// What a journal says.
#[derive(Debug, Default)]
pub(crate) struct Told {
    pub(crate) events: Vec<Event>,
    /// Lines that are no events at all: damaged, or cut off with their process.
    pub(crate) damaged: usize,
}

/// The events of a journal. What a newer version wrote is refused; kinds of events that are not known are passed over, and
/// damaged lines too, which are counted.
pub(crate) fn read(path: &Path) -> io::Result<Told> {
    let text = std::fs::read(path)?;
    let mut told = Told::default();
    for line in text.split(|byte| *byte == b'\n') {
        refuse_newer(line, path)?;
        match serde_json::from_slice::<Event>(line) {
            Ok(event) => told.events.push(event),
            Err(_) if line.trim_ascii().is_empty() => {}
            // An event of a kind that is not known has a version all the same.
            Err(_) if serde_json::from_slice::<Version>(line).is_ok() => {}
            Err(_) => told.damaged += 1,
        }
    }
    Ok(told)
}

fn refuse_newer(line: &[u8], path: &Path) -> io::Result<()> {
    match serde_json::from_slice(line) {
        Ok(Version { v }) if v > event::VERSION => Err(io::Error::other(format!(
            "{} is of a newer version of aksreboot (v {v})",
            path.display()
        ))),
        Ok(_) | Err(_) => Ok(()),
    }
}

#[derive(Deserialize)]
struct Version {
    v: u32,
}

/// Where this machine keeps the journal of a run.
pub(crate) fn place(run: &RunId) -> io::Result<PathBuf> {
    let base = etcetera::choose_base_strategy().map_err(io::Error::other)?;
    let folder = base
        .state_dir()
        .unwrap_or_else(|| base.data_dir())
        .join("aksreboot");
    Ok(folder.join(format!("{run}.ndjson")))
}

/// Makes the folder that a journal is in.
fn make_folder(path: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt as _;
        builder.mode(0o700);
    }
    path.parent()
        .map_or(Ok(()), |folder| builder.create(folder))
}

/// Appends, and is readable by its owner only.
fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.append(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_was_cut_off_is_passed_over_and_a_newer_version_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("run.ndjson");
        let event =
            r#"{"v":1,"run":"r","seq":1,"ts":"2026-01-01T00:00:00Z","type":"run_finished"}"#;
        let unknown = r#"{"v":1,"run":"r","seq":2,"ts":"2026-01-01T00:00:00Z","type":"moon_rose"}"#;
        std::fs::write(&path, format!("{event}\n{unknown}\n{}", &event[..40])).expect("a file");
        let told = read(&path).expect("events");
        assert_eq!((told.events.len(), told.damaged), (1, 1));
        std::fs::write(&path, event.replace("\"v\":1", "\"v\":2")).expect("a file");
        let refused = read(&path).expect_err("a refusal").to_string();
        assert!(refused.contains("newer version"), "{refused}");
    }
}
