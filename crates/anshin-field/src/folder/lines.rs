//! Files of lines that grow.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use serde::Serialize;

/// Most bytes of a file that wait for a disk that takes no more.
const MOST_PENDING: usize = 16 << 20;

/// A file of lines that grows. What the disk does not take waits, so that nothing is lost when it
/// is full for a while.
#[derive(Debug)]
pub(super) struct Lines {
    path: PathBuf,
    file: Option<File>,
    /// Bytes that are still to be written; they may begin within a line.
    pending: Vec<u8>,
}

impl Lines {
    pub(super) fn new(path: PathBuf) -> Self {
        Self { path, file: None, pending: Vec::new() }
    }

    pub(super) fn open(&mut self) -> io::Result<&mut File> {
        match &mut self.file {
            Some(file) => Ok(file),
            none => Ok(none.insert(append(&self.path)?)),
        }
    }

    /// Adds a line.
    ///
    /// # Errors
    /// If the disk does not take the line now; it waits, or is dropped if too many wait already.
    pub(super) fn add(&mut self, line: &impl Serialize) -> io::Result<()> {
        let mut bytes = serde_json::to_vec(line)?;
        bytes.push(b'\n');
        let before = self.write();
        if self.pending.len() + bytes.len() > MOST_PENDING {
            return before.and(Err(io::ErrorKind::StorageFull.into()));
        }
        self.pending.extend(bytes);
        before.and_then(|()| self.write())
    }

    /// Whether something waits for the disk.
    pub(super) fn is_behind(&self) -> bool {
        !self.pending.is_empty()
    }

    /// A line is written in one go unless the disk is full; a reader waits for its end.
    pub(super) fn write(&mut self) -> io::Result<()> {
        while !self.pending.is_empty() {
            self.open()?;
            let Self { file: Some(file), pending, .. } = self else { break };
            match file.write(pending) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(count) => drop(pending.drain(..count)),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

/// Opens a file to add to it. A line that was cut off by a crash is ended first.
pub(crate) fn append(path: &Path) -> io::Result<File> {
    let mut file = OpenOptions::new().create(true).append(true).read(true).open(path)?;
    if file.seek(SeekFrom::End(0))? > 0 {
        file.seek(SeekFrom::End(-1))?;
        let mut last = [0];
        file.read_exact(&mut last)?;
        if last != *b"\n" {
            file.write_all(b"\n")?;
        }
    }
    Ok(file)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn lines_that_are_too_many_are_told_and_dropped_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lines");
        fs::create_dir(&path).unwrap();
        let mut lines = Lines::new(path.clone());
        let long = "x".repeat(MOST_PENDING / 3);
        for _ in 0..4 {
            assert!(lines.add(&long).is_err());
        }
        fs::remove_dir(&path).unwrap();
        lines.add(&"after").unwrap();
        let written = fs::read_to_string(&path).unwrap();
        let sizes: Vec<usize> = written.lines().map(str::len).collect();
        assert_eq!(sizes, [long.len() + 2, long.len() + 2, "\"after\"".len()]);
    }
}
