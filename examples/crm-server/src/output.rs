//! Files that a command writes: whole or not at all, and for nobody else to read.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, BufWriter},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};

/// A file in the making, under another name until it is whole, so that nobody takes a part of it for all.
pub(crate) struct Output {
    path: PathBuf,
    part: PathBuf,
}

impl Output {
    /// # Errors
    /// If there is such a file.
    pub(crate) fn new(path: &Path) -> Result<Self> {
        if path.exists() {
            bail!("`{}` is there already: name a new file", path.display());
        }
        let mut part = path.as_os_str().to_owned();
        part.push(".part");
        Ok(Self { path: path.to_owned(), part: part.into() })
    }

    /// The file, empty.
    pub(crate) fn begin(&self) -> io::Result<BufWriter<File>> {
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(&self.part).map(BufWriter::new)
    }

    /// Gives the file its name: it is whole.
    pub(crate) fn keep(self) -> Result<()> {
        let named = fs::rename(&self.part, &self.path);
        named.with_context(|| format!("`{}` cannot be written", self.path.display()))
    }
}

impl Drop for Output {
    fn drop(&mut self) {
        // It has another name by then where all went well.
        let _ = fs::remove_file(&self.part);
    }
}

/// Whether a name stands for the standard output.
pub(crate) fn is_stdout(path: &Path) -> bool {
    path.as_os_str() == "-"
}
