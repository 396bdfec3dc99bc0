//! Finds PostgreSQL's programs. Distributions keep `initdb` and `postgres` out of `PATH`.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::bail;

/// Is the oldest major version whose `initdb` and SQL we use.
const MIN_VERSION: u32 = 14;

/// Lists the folders in order of preference among equal versions. `*` is one directory name, versions among them.
const USUAL_FOLDERS: [&str; 9] = [
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/usr/libexec/postgresql*",
    "/opt/homebrew/opt/postgresql@*/bin",
    "/usr/local/opt/postgresql@*/bin",
    "/usr/local/pgsql/bin",
    "/Library/PostgreSQL/*/bin",
    "/Applications/Postgres.app/Contents/Versions/*/bin",
    "/opt/local/lib/postgresql*/bin",
];

const HOW_TO_INSTALL: &str = "PostgreSQL 14 or later is needed and was not found. Install it:
  Debian, Ubuntu   sudo apt-get install postgresql
  Fedora, RHEL     sudo dnf install postgresql-server
  Arch             sudo pacman -S postgresql
  Alpine           sudo apk add postgresql
  macOS            brew install postgresql@17
or set DATABASE_URL to a PostgreSQL you have";

/// Names a directory with PostgreSQL's programs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Binaries {
    pub(crate) folder: PathBuf,
    /// Is the major version, such as 17.
    pub(crate) major: u32,
}

/// Returns the programs to use: of the version that made the cluster where there is one, otherwise the newest.
pub(crate) fn find(cluster_major: Option<u32>) -> anyhow::Result<Binaries> {
    let found: Vec<Binaries> = candidates().into_iter().filter_map(inspect).collect();
    pick(&found, cluster_major)
}

fn pick(found: &[Binaries], cluster_major: Option<u32>) -> anyhow::Result<Binaries> {
    if let Some(wanted) = cluster_major {
        return match found.iter().find(|binaries| binaries.major == wanted) {
            Some(binaries) => Ok(binaries.clone()),
            None => bail!(
                "the private database was made by PostgreSQL {wanted}, found is {}: install PostgreSQL {wanted}, or \
                 delete the data directory to start afresh",
                versions(found)
            ),
        };
    }
    // This takes the first of equal versions: `max_by_key` would take the last.
    let newest = found.iter().rev().max_by_key(|binaries| binaries.major);
    match newest {
        Some(binaries) if binaries.major >= MIN_VERSION => Ok(binaries.clone()),
        Some(_) => bail!("{HOW_TO_INSTALL} (found: {})", versions(found)),
        None => bail!("{HOW_TO_INSTALL}"),
    }
}

fn versions(found: &[Binaries]) -> String {
    if found.is_empty() {
        return "none".to_owned();
    }
    let each: Vec<_> =
        found.iter().map(|Binaries { folder, major }| format!("{major} in {}", folder.display())).collect();
    each.join(", ")
}

/// Returns the folders to look in: `pg_config` first, as it tells the choice of whoever set the machine up; then
/// `PATH`; then the usual folders.
fn candidates() -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> = pg_config_folder().into_iter().collect();
    folders.extend(env::split_paths(&env::var_os("PATH").unwrap_or_default()));
    folders.extend(USUAL_FOLDERS.iter().flat_map(|pattern| expand(pattern)));
    let mut seen = Vec::new();
    folders.retain(|folder| {
        folder.is_absolute() && !seen.contains(folder) && {
            seen.push(folder.clone());
            true
        }
    });
    folders
}

fn pg_config_folder() -> Option<PathBuf> {
    let output = Command::new("pg_config").arg("--bindir").output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    Some(PathBuf::from(text.trim()))
}

/// Lists the directories that a pattern with at most one `*` stands for.
fn expand(pattern: &str) -> Vec<PathBuf> {
    let Some((before, after)) = pattern.split_once('*') else { return vec![PathBuf::from(pattern)] };
    let (parent, start) = before.rsplit_once('/').unwrap_or(("", before));
    let Ok(entries) = fs::read_dir(parent) else { return Vec::new() };
    let mut names: Vec<String> = entries
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| name.starts_with(start))
        .collect();
    names.sort();
    names.into_iter().map(|name| PathBuf::from(format!("{parent}/{name}{after}"))).collect()
}

/// Returns nothing where one of the programs is missing or does not tell its version.
fn inspect(folder: PathBuf) -> Option<Binaries> {
    let has = |name: &str| folder.join(name).is_file();
    if !["postgres", "initdb", "pg_ctl", "createdb"].into_iter().all(has) {
        return None;
    }
    let major = version_of(&folder.join("postgres"))?;
    Some(Binaries { folder, major })
}

fn version_of(program: &Path) -> Option<u32> {
    let output = Command::new(program).arg("--version").output().ok()?;
    major(&String::from_utf8(output.stdout).ok()?)
}

/// Reads a major version: `postgres (PostgreSQL) 17.2 (Debian 17.2-1)` is 17; `18beta1` is 18.
fn major(version: &str) -> Option<u32> {
    let (_, number) = version.split_once("(PostgreSQL) ")?;
    let end = number.find(|c: char| !c.is_ascii_digit()).unwrap_or(number.len());
    number.get(..end)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_major_version() {
        for (text, expected) in [
            ("postgres (PostgreSQL) 17.2 (Debian 17.2-1.pgdg120+1)\n", Some(17)),
            ("postgres (PostgreSQL) 9.6.24\n", Some(9)),
            ("postgres (PostgreSQL) 18beta1\n", Some(18)),
            ("postgres (EnterpriseDB) 17\n", None),
            ("", None),
        ] {
            assert_eq!(major(text), expected, "{text}");
        }
    }

    #[test]
    fn picks_the_clusters_version_or_the_newest() {
        let binaries = |folder: &str, major| Binaries { folder: folder.into(), major };
        let several = [binaries("/a", 15), binaries("/b", 17), binaries("/c", 17), binaries("/d", 13)];
        let old = [binaries("/d", 13)];
        for (found, cluster, expected) in [
            (&several[..], None, Ok("/b")),
            (&several, Some(15), Ok("/a")),
            (&several, Some(13), Ok("/d")),
            (&several, Some(16), Err("made by PostgreSQL 16")),
            (&old, None, Err("found: 13 in /d")),
            (&[], None, Err("apt-get install postgresql")),
            (&[], Some(17), Err("found is none")),
        ] {
            match (pick(found, cluster), expected) {
                (Ok(picked), Ok(folder)) => assert_eq!(picked.folder, Path::new(folder)),
                (Err(error), Err(text)) => assert!(error.to_string().contains(text), "{error}"),
                (picked, _) => panic!("{picked:?} for {cluster:?}, expected {expected:?}"),
            }
        }
    }

    #[test]
    fn a_pattern_stands_for_the_directories_there_are() {
        let root = tempfile::tempdir().unwrap();
        for name in ["postgresql@16", "postgresql@17", "redis"] {
            fs::create_dir(root.path().join(name)).unwrap();
        }
        let root = root.path().display();
        let expected: Vec<PathBuf> =
            ["16", "17"].iter().map(|version| format!("{root}/postgresql@{version}/bin").into()).collect();
        assert_eq!(expand(&format!("{root}/postgresql@*/bin")), expected);
        assert_eq!(expand("/nowhere/*/bin"), Vec::<PathBuf>::new());
    }
}
