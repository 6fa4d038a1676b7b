//! The journal: a run's events as NDJSON in a private file, flushed before the act that they announce. The audit copy;
//! the truth of a run is in the cluster.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use etcetera::BaseStrategy as _;

use crate::core::event::Event;
use crate::core::model::RunId;

pub(crate) struct Journal {
    file: File,
    path: PathBuf,
}

impl Journal {
    /// Begins the journal of `run` below the user's state directory (`$XDG_STATE_HOME/aksreboot`).
    pub(crate) fn begin(run: &RunId) -> io::Result<Self> {
        let base = etcetera::choose_base_strategy().map_err(io::Error::other)?;
        let folder = base
            .state_dir()
            .unwrap_or_else(|| base.data_dir())
            .join("aksreboot");
        let mut builder = DirBuilder::new();
        builder.recursive(true);
        let mut options = OpenOptions::new();
        options.append(true).create_new(true);
        #[cfg(unix)]
        {
            use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
            builder.mode(0o700);
            options.mode(0o600);
        }
        builder.create(&folder)?;
        let path = folder.join(format!("{run}.ndjson"));
        let file = options.open(&path)?;
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
