//! Tells who PostgreSQL runs as: it refuses root.

use std::{
    fs,
    os::unix::fs::{MetadataExt, PermissionsExt, chown},
    path::Path,
};

use anyhow::{Context, anyhow, bail};
use nix::unistd::{Uid, User};
use tokio::process::Command;

/// Names an unprivileged account, where this process is root.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Account {
    uid: u32,
    gid: u32,
}

impl Account {
    /// Returns the owner of an existing cluster, otherwise the customary account. Nothing for a process that is not
    /// root: the server runs as whoever started it.
    pub(crate) fn choose(cluster: Option<&Path>) -> anyhow::Result<Option<Self>> {
        let own = Uid::effective();
        let owner = cluster.map(|path| fs::metadata(path).with_context(|| path.display().to_string())).transpose()?;
        if let Some(owner) = owner {
            return match (own.is_root(), owner.uid()) {
                (true, 0) => Self::customary().map(Some),
                (true, _) => Ok(Some(Self { uid: owner.uid(), gid: owner.gid() })),
                (false, uid) if uid == own.as_raw() => Ok(None),
                (false, uid) => bail!(
                    "the private database belongs to user {uid}, probably from a run as root: run as root again, or use \
                     another --data-dir"
                ),
            };
        }
        if own.is_root() { Self::customary().map(Some) } else { Ok(None) }
    }

    fn customary() -> anyhow::Result<Self> {
        ["postgres", "nobody"]
            .into_iter()
            .find_map(|name| User::from_name(name).ok()?)
            .map(|user| Self { uid: user.uid.as_raw(), gid: user.gid.as_raw() })
            .ok_or_else(|| anyhow!("PostgreSQL does not run as root, and there is no user `postgres` or `nobody`"))
    }

    /// Hands a directory over.
    pub(crate) fn own(self, path: &Path) -> anyhow::Result<()> {
        chown(path, Some(self.uid), Some(self.gid)).with_context(|| format!("cannot hand over {}", path.display()))
    }

    /// Makes the command run as this account, with none of root's groups.
    pub(crate) fn run(self, command: &mut Command) {
        command.uid(self.uid).gid(self.gid);
    }

    /// Returns whether every directory on the way can be passed through.
    pub(crate) fn can_reach(self, path: &Path) -> bool {
        path.ancestors().all(|directory| fs::metadata(directory).is_ok_and(|found| self.may_enter(&found)))
    }

    fn may_enter(self, directory: &fs::Metadata) -> bool {
        let bit = match (directory.uid() == self.uid, directory.gid() == self.gid) {
            (true, _) => 0o100,
            (false, true) => 0o010,
            (false, false) => 0o001,
        };
        directory.permissions().mode() & bit != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_closed_directory_on_the_way_is_noticed() {
        let root = tempfile::tempdir().unwrap();
        let inner = root.path().join("inner");
        fs::create_dir(&inner).unwrap();
        let stranger = Account { uid: 4_000_000, gid: 4_000_000 };
        for (mode, reachable) in [(0o711, true), (0o700, false), (0o710, false), (0o755, true)] {
            fs::set_permissions(root.path(), fs::Permissions::from_mode(mode)).unwrap();
            assert_eq!(stranger.can_reach(&inner), reachable, "{mode:o}");
        }
    }
}
