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
        let file = private().create_new(true).open(&path)?;
        Ok(Self { file, path })
    }

    /// Goes on with the journal of `run`, or begins one where the run was on another machine. Refuses one of a newer
    /// version.
    pub(crate) fn go_on(run: &RunId) -> io::Result<Self> {
        let path = place(run)?;
        let mut file = private().read(true).create(true).open(&path)?;
        let mut there = Vec::new();
        file.read_to_end(&mut there)?;
        for line in there.split(|byte| *byte == b'\n') {
            // A line that was cut off with its process says nothing.
            if let Ok(Version { v }) = serde_json::from_slice(line)
                && v > event::VERSION
            {
                return Err(io::Error::other(format!(
                    "{} is of a newer version of aksreboot (v {v})",
                    path.display()
                )));
            }
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

#[derive(Deserialize)]
struct Version {
    v: u32,
}

/// Where the journal of a run is; its folder is made when it is missing.
fn place(run: &RunId) -> io::Result<PathBuf> {
    let base = etcetera::choose_base_strategy().map_err(io::Error::other)?;
    let folder = base
        .state_dir()
        .unwrap_or_else(|| base.data_dir())
        .join("aksreboot");
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt as _;
        builder.mode(0o700);
    }
    builder.create(&folder)?;
    Ok(folder.join(format!("{run}.ndjson")))
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
