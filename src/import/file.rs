//! Opens the file of an origin, and knows it again when an import goes on.

use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom},
    path::{Path, PathBuf},
    sync::Arc,
};

use sha2::{Digest, Sha256};

use crate::import::{error::ImportError, ids::hex, in_progress::Import, position::Position};

/// Says how much of the beginning is compared.
const HEAD: u64 = 64 * 1024;

/// Is a file that is read from front to back.
#[derive(Debug)]
pub(crate) struct Source {
    pub(crate) file: File,
    path: PathBuf,
    /// Is the name without folders, as places show it.
    pub(crate) name: Arc<str>,
    pub(crate) bytes: u64,
    /// Says which file it is, by its length and its beginning.
    step: String,
    /// Is where the text begins: behind the mark that Windows puts before it.
    start: u64,
}

/// Says that a text is in UTF-8, where something stands before it.
const MARK: &[u8] = b"\xef\xbb\xbf";

impl Source {
    pub(crate) fn open(path: &Path) -> Result<Self, ImportError> {
        let failed = |source| ImportError::File { path: path.to_owned(), source };
        let mut file = File::open(path).map_err(failed)?;
        let bytes = file.metadata().map_err(failed)?.len();
        let mut head = Vec::new();
        Read::by_ref(&mut file).take(HEAD).read_to_end(&mut head).map_err(failed)?;
        let start = if head.starts_with(MARK) { MARK.len() as u64 } else { 0 };
        file.seek(SeekFrom::Start(start)).map_err(failed)?;
        let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
        let step = format!("{bytes} {}", &hex(&Sha256::digest(&head))[..16]);
        Ok(Self { file, path: path.to_owned(), name: Arc::from(&*name), bytes, step, start })
    }

    /// Tells whether the import was ended in this file.
    pub(crate) fn is_where_it_ended(&self, import: &Import) -> bool {
        import.position.as_ref().is_some_and(|position| position.step == self.step)
    }

    /// Returns how many records were dealt with when the import was ended.
    pub(crate) fn resume(&self, import: &mut Import) -> Result<u64, ImportError> {
        let Some(position) = import.position.take() else { return Ok(0) };
        if position.step != self.step {
            return Err(ImportError::Origin(format!(
                "{} is not the file that the import was ended in; begin anew with --restart",
                self.path.display()
            )));
        }
        // Beginning at the front would count everything twice.
        position.after.parse().map_err(|_| {
            ImportError::Origin(format!(
                "the position {:?} of the import that was ended is no number; begin anew with --restart",
                position.after
            ))
        })
    }

    /// Reads the first bytes of the text, and goes back.
    pub(crate) fn peek(&self, most: u64) -> Result<Vec<u8>, ImportError> {
        let (mut file, mut head) = (&self.file, Vec::new());
        let read = file.take(most).read_to_end(&mut head).and_then(|_| file.seek(SeekFrom::Start(self.start)));
        read.map_err(|error| self.failed(error))?;
        Ok(head)
    }

    /// Returns the position behind so many records.
    pub(crate) fn position(&self, records: u64) -> Position {
        Position::new(&self.step, records.to_string())
    }

    pub(crate) fn failed(&self, source: io::Error) -> ImportError {
        ImportError::File { path: self.path.clone(), source }
    }
}
