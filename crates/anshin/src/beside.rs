//! Files that are written whole or not at all: beside their places first, then put there.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::input::Failure;

/// Writes a file whole or not at all.
pub(crate) fn write_whole(
    path: &Path,
    write: impl FnOnce(&mut dyn io::Write) -> io::Result<()>,
) -> Result<(), Failure> {
    Beside::write(path, write)?.take_its_place()
}

/// Writes all files, and makes the folders that they need, before the first of them takes its place.
pub(crate) fn write_all(files: &[(PathBuf, Vec<u8>)]) -> Result<(), Failure> {
    let written = files.iter().map(|(path, bytes)| {
        let folder = path.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(folder).map_err(|error| {
            let shown = folder.display();
            Failure::new(
                format!("フォルダー`{shown}`を作れません（{error}）"),
                format!("cannot make the folder `{shown}` ({error})"),
            )
        })?;
        Beside::write(path, |out| out.write_all(bytes))
    });
    let written = written.collect::<Result<Vec<Beside<'_>>, Failure>>()?;
    written.iter().try_for_each(|beside| can_be_replaced(beside.path))?;
    written.into_iter().try_for_each(Beside::take_its_place)
}

/// Sees before the first file is put in place whether one of the others is held: a folder has its name,
/// or a program has it open and lets nobody write.
fn can_be_replaced(path: &Path) -> Result<(), Failure> {
    match fs::OpenOptions::new().append(true).open(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(cannot_write(path, &error)),
        _ => Ok(()),
    }
}

/// A file written beside the one whose place it is to take; removed again if it does not.
struct Beside<'a> {
    path: &'a Path,
    beside: PathBuf,
}

impl<'a> Beside<'a> {
    fn write(
        path: &'a Path,
        write: impl FnOnce(&mut dyn io::Write) -> io::Result<()>,
    ) -> Result<Self, Failure> {
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push(format!(".{}.part", std::process::id()));
        let beside = Self { path, beside: path.with_file_name(name) };
        let written = fs::File::create(&beside.beside).and_then(|file| {
            let mut file = io::BufWriter::new(file);
            write(&mut file)?;
            file.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()
        });
        written.map(|()| beside).map_err(|error| cannot_write(path, &error))
    }

    fn take_its_place(mut self) -> Result<(), Failure> {
        // What a file may be used for stays.
        if let Ok(old) = fs::metadata(self.path) {
            fs::set_permissions(&self.beside, old.permissions())
                .map_err(|error| cannot_write(self.path, &error))?;
        }
        fs::rename(&self.beside, self.path).map_err(|error| cannot_write(self.path, &error))?;
        self.beside = PathBuf::new();
        Ok(())
    }
}

impl Drop for Beside<'_> {
    fn drop(&mut self) {
        if !self.beside.as_os_str().is_empty() {
            // The part that was written is of no use; that it cannot be removed harms nobody.
            let _ = fs::remove_file(&self.beside);
        }
    }
}

/// Why a file is not written.
pub(crate) fn cannot_write(path: &Path, error: &io::Error) -> Failure {
    let shown = path.display();
    Failure::new(format!("`{shown}`に書けません（{error}）"), format!("cannot write `{shown}` ({error})"))
}
