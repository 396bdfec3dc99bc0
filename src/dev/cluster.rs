//! Runs a private PostgreSQL cluster: made when missing, started, stopped with the gateway, its data kept.
//!
//! It listens on a Unix socket only, in a directory that only this user can enter; so it needs no password, takes no
//! port, and nobody else on the machine can connect.

use std::{
    env, fs,
    fs::{DirBuilder, OpenOptions},
    io,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, symlink},
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use anyhow::{Context, anyhow, bail};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use sqlx::{Connection, PgConnection};
use tokio::{
    process::{Child, Command},
    time::{sleep, timeout},
};

use crate::{
    dev::{
        account::Account,
        binaries::{self, Binaries},
        console,
        data_dir::{DataDir, random_hex},
    },
    store,
    types::Secret,
};

/// Names user and database alike.
const NAME: &str = "authgate";
/// A socket's path ends at about 104 bytes, its file name included.
const MAX_SOCKET_FOLDER: usize = 80;
/// Bounds the start: longer than recovery after a crash takes.
const START_TIMEOUT: Duration = Duration::from_mins(1);
/// `initdb` takes one to three seconds.
const MAKE_TIMEOUT: Duration = Duration::from_mins(2);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
/// A fast shutdown rolls back and writes a checkpoint.
const STOP_TIMEOUT: Duration = Duration::from_secs(10);
/// Separates two looks at a server that is starting.
const POLL: Duration = Duration::from_millis(30);
/// Names the folder for clusters that root keeps in a place the server's account cannot reach.
const SHARED_FOLDER: &str = "/var/lib/authgate-dev";

/// Holds the cluster of one data directory.
#[derive(Debug)]
pub(crate) struct Cluster {
    binaries: Binaries,
    account: Option<Account>,
    /// Is PostgreSQL's data directory; it may not exist yet.
    data: PathBuf,
    /// Holds the socket. Made for this run.
    sockets: PathBuf,
    log: PathBuf,
    server: Option<Child>,
}

impl Cluster {
    /// Finds the programs and decides where things go. Starts nothing.
    pub(crate) fn prepare(data_dir: &DataDir) -> anyhow::Result<Self> {
        let link = data_dir.path().join("postgres");
        let existing = link.canonicalize().ok();
        if existing.is_none() && link.is_symlink() {
            // It leads nowhere: a first run was interrupted, or the cluster was deleted.
            fs::remove_file(&link).with_context(|| link.display().to_string())?;
        }
        let account = Account::choose(existing.as_deref())?;
        let made_by = existing.as_deref().map(version).transpose()?;
        let data = match (existing, account) {
            (Some(data), _) => data,
            (None, Some(account)) if !account.can_reach(data_dir.path()) => elsewhere(&link)?,
            (None, _) => link,
        };
        let binaries = binaries::find(made_by)?;
        let sockets = make_socket_folder(account)?;
        Ok(Self { binaries, account, data, sockets, log: data_dir.path().join("postgres.log"), server: None })
    }

    pub(crate) fn url(&self) -> Secret {
        url(&self.sockets)
    }

    pub(crate) fn describe(&self) -> String {
        format!("PostgreSQL {}, psql -h {} {NAME} {NAME}", self.binaries.major, self.sockets.display())
    }

    /// Returns when the database responds. When dropped half-way, [`Self::stop`] cleans up.
    pub(crate) async fn start(&mut self) -> anyhow::Result<()> {
        if self.data.exists() {
            self.stop_orphan().await?;
        } else {
            console::print_line("making a private PostgreSQL (only the first time) …");
            self.make().await.context("could not make a private PostgreSQL")?;
        }
        self.launch().context("could not start PostgreSQL")?;
        timeout(START_TIMEOUT, self.wait_until_ready())
            .await
            .map_err(|_| anyhow!("PostgreSQL did not start within a minute: see {}", self.log.display()))?
    }

    /// Stops the server. Without waiting, it finishes on its own within a second or so.
    pub(crate) async fn stop(&mut self, must_wait: bool) {
        if let Some(mut server) = self.server.take() {
            ask_to_stop(&server, Signal::SIGINT);
            if must_wait && timeout(STOP_TIMEOUT, server.wait()).await.is_err() {
                // Its data survive this like a power cut.
                ask_to_stop(&server, Signal::SIGQUIT);
                let _ = timeout(STOP_TIMEOUT, server.wait()).await;
            }
        }
    }

    /// The server of a run that was killed is still there. We hold the lock on the directory, so nobody uses it.
    async fn stop_orphan(&self) -> anyhow::Result<()> {
        let Some(sockets) = orphaned_sockets(&self.data) else { return Ok(()) };
        // Its process id may belong to anybody by now; whoever responds on its socket is the server.
        if connect(&url(&sockets)).await.is_err() {
            return Ok(());
        }
        console::print_line("stopping the PostgreSQL that an earlier run left behind …");
        let mut stop = self.command("pg_ctl");
        stop.arg("stop").arg("-D").arg(&self.data).args(["-m", "fast", "-w", "-t", "30"]);
        run(stop).await.context("could not stop the PostgreSQL that an earlier run left behind")?;
        if sockets.file_name().is_some_and(|name| name.to_string_lossy().starts_with("authgate-")) {
            let _ = fs::remove_dir_all(sockets);
        }
        Ok(())
    }

    /// Makes the cluster under another name and renames it when complete, so that an interrupted run leaves no half of
    /// a cluster.
    async fn make(&self) -> anyhow::Result<()> {
        let mut unfinished = self.data.clone();
        unfinished.set_extension("new");
        match fs::remove_dir_all(&unfinished) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
        DirBuilder::new().mode(0o700).create(&unfinished).with_context(|| unfinished.display().to_string())?;
        if let Some(account) = self.account {
            account.own(&unfinished)?;
        }
        let mut initdb = self.command("initdb");
        initdb.arg("-D").arg(&unfinished).args([
            "--username",
            NAME,
            "--auth-local=trust",
            "--auth-host=reject",
            "--encoding=UTF8",
            "--locale=C",
            "--no-instructions",
        ]);
        run(initdb).await?;
        fs::rename(&unfinished, &self.data)?;
        Ok(())
    }

    fn launch(&mut self) -> anyhow::Result<()> {
        // Failed statements are in it, with what they were given.
        let log = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&self.log);
        let log = log.with_context(|| self.log.display().to_string())?;
        let mut server = self.command("postgres");
        server
            .arg("-D")
            .arg(&self.data)
            .args(["-c", "listen_addresses=", "-c", "unix_socket_permissions=0700", "-c", "port=5432"])
            .args(["-c", "max_connections=64", "-c", "logging_collector=off", "-c", "log_destination=stderr"])
            .arg("-c")
            .arg(format!("unix_socket_directories={}", self.sockets.display()))
            .stdout(log.try_clone()?)
            .stderr(log)
            // It is not stopped by being dropped, but by name, and waited for.
            .kill_on_drop(false);
        self.server = Some(server.spawn()?);
        Ok(())
    }

    async fn wait_until_ready(&mut self) -> anyhow::Result<()> {
        let url = self.url();
        loop {
            let ended = self.server.as_mut().and_then(|server| server.try_wait().transpose()).transpose()?;
            if let Some(status) = ended {
                let last = fs::read_to_string(&self.log).unwrap_or_default();
                bail!("PostgreSQL did not start ({status}): {}; see {}", last_line(&last), self.log.display());
            }
            match connect(&url).await {
                Ok(connection) => {
                    let _ = timeout(CONNECT_TIMEOUT, connection.close()).await;
                    return Ok(());
                }
                Err(Some(error)) if is_missing_database(&error) => self.create_database().await?,
                // It is not there yet, or not ready yet.
                Err(_) => sleep(POLL).await,
            }
        }
    }

    async fn create_database(&self) -> anyhow::Result<()> {
        let mut createdb = self.command("createdb");
        createdb.arg("-h").arg(&self.sockets).args(["-p", "5432", "-U", NAME, "--no-password", NAME]);
        run(createdb).await.context("could not create the database")
    }

    /// Returns one of PostgreSQL's programs as a command: as the right account, untouched by the terminal's Ctrl-C and
    /// by variables meant for other servers.
    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.binaries.folder.join(program));
        for variable in ["PGDATA", "PGHOST", "PGPORT", "PGUSER", "PGDATABASE", "PGOPTIONS", "PGSERVICE", "PGSSLMODE"] {
            command.env_remove(variable);
        }
        command.env("LC_ALL", "C").current_dir("/").stdin(Stdio::null()).process_group(0).kill_on_drop(true);
        if let Some(account) = self.account {
            account.run(&mut command);
        }
        command
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if let Some(server) = &self.server {
            ask_to_stop(server, Signal::SIGINT);
        }
        let _ = fs::remove_dir_all(&self.sockets);
    }
}

/// Runs to the end; a failure says what the program said last.
async fn run(mut command: Command) -> anyhow::Result<()> {
    let program = command.as_std().get_program().to_string_lossy().into_owned();
    let output = timeout(MAKE_TIMEOUT, command.output())
        .await
        .map_err(|_| anyhow!("{program} did not end within two minutes"))?
        .with_context(|| program.clone())?;
    if output.status.success() {
        return Ok(());
    }
    bail!("{program} ({}): {}", output.status, last_line(&String::from_utf8_lossy(&output.stderr)))
}

fn ask_to_stop(server: &Child, how: Signal) {
    if let Some(id) = server.id().and_then(|id| i32::try_from(id).ok()) {
        // Fails only where it has ended already; it is our child, so the id is still its own.
        let _ = kill(Pid::from_raw(id), how);
    }
}

/// Returns `Err(None)` where nothing responded in time.
async fn connect(url: &Secret) -> Result<PgConnection, Option<sqlx::Error>> {
    timeout(CONNECT_TIMEOUT, store::connect(url)).await.map_err(|_| None)?.map_err(Some)
}

fn is_missing_database(error: &sqlx::Error) -> bool {
    // 3D000 means an invalid catalog name.
    error.as_database_error().and_then(sqlx::error::DatabaseError::code).is_some_and(|code| code == "3D000")
}

fn url(sockets: &Path) -> Secret {
    let folder = sockets.display().to_string();
    let folder = utf8_percent_encode(&folder, NON_ALPHANUMERIC);
    // Port and TLS are said, as PGPORT and PGSSLMODE may be set for other servers.
    Secret::new(format!("postgres://{NAME}@localhost:5432/{NAME}?host={folder}&sslmode=disable"))
}

/// Returns the major version that made a cluster.
fn version(data: &Path) -> anyhow::Result<u32> {
    let path = data.join("PG_VERSION");
    let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    text.trim().parse().with_context(|| path.display().to_string())
}

/// Returns where the server of an earlier run had its socket: line 5 of its lock file.
fn orphaned_sockets(data: &Path) -> Option<PathBuf> {
    let text = fs::read_to_string(data.join("postmaster.pid")).ok()?;
    text.lines().nth(4).filter(|line| !line.is_empty()).map(PathBuf::from)
}

/// Root's own directories are not opened for the server's account. The cluster lives outside, and a link in the data
/// directory tells where, so that deleting the data directory starts afresh nonetheless.
fn elsewhere(link: &Path) -> anyhow::Result<PathBuf> {
    DirBuilder::new().recursive(true).mode(0o711).create(SHARED_FOLDER).context(SHARED_FOLDER)?;
    let folder = Path::new(SHARED_FOLDER).join(random_hex::<8>()?);
    DirBuilder::new().mode(0o711).create(&folder).with_context(|| folder.display().to_string())?;
    let data = folder.join("postgres");
    symlink(&data, link).with_context(|| link.display().to_string())?;
    Ok(data)
}

/// Makes a folder whose path is short, as a socket's must be, and not to be guessed or held by others.
fn make_socket_folder(account: Option<Account>) -> anyhow::Result<PathBuf> {
    let usual = env::temp_dir();
    let is_usable = usual.as_os_str().len() <= MAX_SOCKET_FOLDER - 20
        && account.is_none_or(|account| account.can_reach(&usual))
        && usual.is_dir();
    let parent = if is_usable { usual } else { PathBuf::from("/tmp") };
    let folder = parent.join(format!("authgate-{}", random_hex::<4>()?));
    DirBuilder::new().mode(0o700).create(&folder).with_context(|| folder.display().to_string())?;
    if let Some(account) = account {
        account.own(&folder)?;
    }
    Ok(folder)
}

fn last_line(text: &str) -> &str {
    text.lines().rev().map(str::trim).find(|line| !line.is_empty()).unwrap_or("it said nothing")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_earlier_server_is_found_by_its_lock_file() {
        let root = tempfile::tempdir().unwrap();
        for (text, expected) in [
            ("42\n/data\n1700000000\n5432\n/tmp/authgate-1\n\n  1 2\nready\n", Some("/tmp/authgate-1")),
            ("42\n/data\n1700000000\n5432\n\n", None),
            ("42\n", None),
        ] {
            fs::write(root.path().join("postmaster.pid"), text).unwrap();
            assert_eq!(orphaned_sockets(root.path()), expected.map(PathBuf::from), "{text}");
        }
    }

    #[test]
    fn the_url_leads_to_the_socket() {
        // The URL counts, whatever PGPORT and PGSSLMODE may say.
        let url = url(Path::new("/tmp/with space/authgate-1"));
        let options: sqlx::postgres::PgConnectOptions = url.expose().parse().unwrap();
        assert_eq!(options.get_socket().map(PathBuf::as_path), Some(Path::new("/tmp/with space/authgate-1")));
        assert_eq!(options.get_database(), Some(NAME));
    }
}
