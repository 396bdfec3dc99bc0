//! Keeps the directory of `authgate dev` between runs: the cluster, the secret, a lock.

use std::{
    fmt::Write as _,
    fs::{self, DirBuilder, File, OpenOptions, Permissions, TryLockError},
    io::{self, Read, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

use anyhow::{Context, bail};
use nix::unistd::Uid;

use crate::types::Secret;

/// Locks the directory, which is held by one `authgate dev` at a time.
#[derive(Debug)]
pub(crate) struct DataDir {
    path: PathBuf,
    /// Is locked until the process ends, however it ends. Children do not inherit it.
    _lock: File,
}

impl DataDir {
    /// Creates what is missing and takes the lock.
    pub(crate) fn open(path: &Path) -> anyhow::Result<Self> {
        Self::try_open(path).with_context(|| format!("--data-dir {}", path.display()))
    }

    fn try_open(path: &Path) -> anyhow::Result<Self> {
        DirBuilder::new().recursive(true).mode(0o700).create(path)?;
        if Uid::effective().is_root() {
            // PostgreSQL does not run as root, and its account must be able to pass through.
            fs::set_permissions(path, Permissions::from_mode(0o711))?;
        }
        let path = path.canonicalize()?;
        let lock = private_file().truncate(false).open(path.join("lock"))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                bail!("in use by another `authgate dev`: stop that one, or choose another directory")
            }
            Err(TryLockError::Error(error)) => return Err(error.into()),
        }
        // A database and a secret are nobody's commit.
        fs::write(path.join(".gitignore"), "*\n")?;
        Ok(Self { path, _lock: lock })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Reads the secret, which is made at the first run, so that sessions and sealed mail outlive the process.
    pub(crate) fn secret(&self) -> anyhow::Result<Secret> {
        let path = self.path.join("secret");
        self.read_or_make_secret(&path).with_context(|| path.display().to_string())
    }

    fn read_or_make_secret(&self, path: &Path) -> anyhow::Result<Secret> {
        match File::open(path) {
            Ok(file) => {
                let mut text = String::new();
                file.take(1024).read_to_string(&mut text)?;
                Ok(Secret::new(text.trim().to_owned()))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let text = random_hex::<32>()?;
                // Renamed when complete: a run that is killed here leaves no half of a secret.
                let unfinished = self.path.join("secret.new");
                private_file().truncate(true).open(&unfinished)?.write_all(text.as_bytes())?;
                fs::rename(&unfinished, path)?;
                Ok(Secret::new(text))
            }
            Err(error) => Err(error.into()),
        }
    }
}

fn private_file() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).create(true).mode(0o600);
    options
}

/// Returns `N` random bytes as text.
pub(crate) fn random_hex<const N: usize>() -> anyhow::Result<String> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).context("the system gives no random bytes")?;
    Ok(bytes.iter().fold(String::with_capacity(2 * N), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_secret_stays_and_is_private() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("a/b");
        let first = DataDir::open(&path).unwrap().secret().unwrap();
        assert_eq!(first.expose().len(), 64);
        assert_eq!(DataDir::open(&path).unwrap().secret().unwrap(), first);
        assert_eq!(fs::metadata(path.join("secret")).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn two_runs_never_share_a_directory() {
        let root = tempfile::tempdir().unwrap();
        let held = DataDir::open(root.path()).unwrap();
        let error = format!("{:#}", DataDir::open(root.path()).unwrap_err());
        assert!(error.contains("another `authgate dev`"), "{error}");
        drop(held);
        assert!(DataDir::open(root.path()).is_ok());
    }
}
