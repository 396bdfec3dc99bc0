//! The database server of a test run: one private cluster that the first test process starts and all of them share, each test
//! with a database of its own cloned from a migrated template.
//!
//! Runs under `cargo test` (one process) and `cargo nextest` (one process a test) alike: processes agree through file
//! locks in `target/tmp`, and a small watchdog stops the cluster when the last of them has gone.

use std::{
    fs::{self, File},
    hash::{DefaultHasher, Hash, Hasher},
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    sync::OnceLock,
};

use nix::unistd::{Pid, Uid, User};
use sqlx::{Connection, PgConnection};
use tempfile::TempDir;
use uuid::Uuid;

use super::{blocking, free_port};

/// The cluster is kept for this long between two test processes, so that a run with one thread does not restart it.
const GRACE_SECONDS: u32 = 10;

/// A database of one test's own; dropped with this value.
pub(crate) struct Database {
    server: String,
    name: String,
}

impl Database {
    /// A database with every migration applied.
    pub(crate) fn migrated() -> Self {
        shared().create_database(Some(&shared().template))
    }

    /// A database with nothing in it.
    pub(crate) fn empty() -> Self {
        shared().create_database(None)
    }

    /// Returns what `DATABASE_URL` is set to.
    pub(crate) fn url(&self) -> String {
        format!("{}/{}", self.server, self.name)
    }

    /// The same database past something that listens on another port of this machine.
    pub(crate) fn url_through(&self, port: u16) -> String {
        format!("postgres://postgres@127.0.0.1:{port}/{}", self.name)
    }

    /// A connection for looking at rows and for ageing them.
    pub(crate) async fn connect(&self) -> PgConnection {
        PgConnection::connect(&self.url()).await.expect("the test's database accepts connections")
    }

    /// Runs one statement without parameters; returns the number of rows it touched.
    pub(crate) async fn execute(&self, sql: &'static str) -> u64 {
        sqlx::query(sql).execute(&mut self.connect().await).await.expect(sql).rows_affected()
    }

    /// The one number that a query returns.
    pub(crate) async fn count(&self, sql: &'static str) -> i64 {
        sqlx::query_scalar(sql).fetch_one(&mut self.connect().await).await.expect(sql)
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let (server, name) = (&self.server, &self.name);
        // A cluster that a failure test has stopped goes away as a whole.
        blocking(async move {
            if let Ok(mut connection) = PgConnection::connect(&format!("{server}/postgres")).await {
                let sql = format!("drop database if exists {name} with (force)");
                let _ = sqlx::query(sqlx::AssertSqlSafe(sql)).execute(&mut connection).await;
            }
        });
    }
}

/// The cluster that the run shares.
struct Shared {
    url: String,
    template: String,
    /// Held shared until this process ends.
    _in_use: File,
}

impl Shared {
    fn create_database(&self, template: Option<&str>) -> Database {
        create_database(&self.url, template)
    }
}

fn create_database(server: &str, template: Option<&str>) -> Database {
    let name = format!("test_{}", Uuid::now_v7().simple());
    let sql = format!("create database {name} template {}", template.unwrap_or("template0"));
    blocking(async {
        let mut connection =
            PgConnection::connect(&format!("{server}/postgres")).await.expect("the cluster accepts connections");
        sqlx::query(sqlx::AssertSqlSafe(sql)).execute(&mut connection).await.expect("a database can be created");
    });
    Database { server: server.to_owned(), name }
}

fn shared() -> &'static Shared {
    static SHARED: OnceLock<Shared> = OnceLock::new();
    SHARED.get_or_init(|| {
        let locks = Path::new(env!("CARGO_TARGET_TMPDIR"));
        fs::create_dir_all(locks).expect("cargo's directory for tests can be made");
        let (start_path, users_path) = (locks.join("cluster.start"), locks.join("cluster.users"));
        let start = File::create(&start_path).expect("a lock file can be made");
        start.lock().expect("a lock file can be locked");
        let in_use = File::create(&users_path).expect("a lock file can be made");
        in_use.lock_shared().expect("a lock file can be locked");

        let directory = std::env::temp_dir().join(format!("authgate-suite-{:016x}", hash_of(locks)));
        let server = Server::running_in(&directory).unwrap_or_else(|| {
            let _ = fs::remove_dir_all(&directory);
            let server = Server::create(&directory);
            server.start();
            server
        });
        // One watchdog may be there already; a second one does no harm, and the first may have been killed.
        if !watchdog_is_alive(&users_path) {
            spawn_watchdog(&users_path, &start_path, &directory, GRACE_SECONDS);
        }
        let template = migrated_template(&server.url());
        drop(start);
        Shared { url: server.url(), template, _in_use: in_use }
    })
}

/// The database that tests clone, named after the migrations and made once by the real binary.
fn migrated_template(server: &str) -> String {
    let mut migrations: Vec<PathBuf> = fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/migrations"))
        .expect("the repository has migrations")
        .map(|entry| entry.expect("a directory can be listed").path())
        .collect();
    migrations.sort();
    let contents: Vec<Vec<u8>> =
        migrations.iter().map(|path| fs::read(path).expect("a migration is readable")).collect();
    let name = format!("template_{:016x}", hash_of((&migrations, contents)));
    let exists = blocking(async {
        let mut connection =
            PgConnection::connect(&format!("{server}/postgres")).await.expect("the cluster accepts connections");
        sqlx::query_scalar::<_, bool>("select exists (select from pg_database where datname = $1)")
            .bind(&name)
            .fetch_one(&mut connection)
            .await
            .expect("the catalogue is readable")
    });
    if !exists {
        let database = create_database(server, None);
        migrate(&database.url());
        let rename = format!("alter database {} rename to {name}", database.name);
        blocking(async {
            let mut connection =
                PgConnection::connect(&format!("{server}/postgres")).await.expect("the cluster accepts connections");
            sqlx::query(sqlx::AssertSqlSafe(rename)).execute(&mut connection).await.expect("a database can be renamed");
        });
    }
    name
}

/// Applies the migrations with the binary under test.
pub(crate) fn migrate(database_url: &str) {
    let output = try_migrate(database_url);
    assert!(
        output.status.success(),
        "authgate migrate failed:\n{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}

/// The same, whether it succeeds or not.
pub(crate) fn try_migrate(database_url: &str) -> Output {
    let directory = TempDir::new().expect("a temporary directory can be made");
    let config = super::gateway::base_config(super::gateway::Ports::reserve(), 1, directory.path());
    let path = directory.path().join("gateway.yaml");
    fs::write(&path, config.to_string()).expect("a file can be written");
    super::gateway::command(database_url, directory.path())
        .args(["migrate", "--config"])
        .arg(&path)
        .output()
        .expect("the binary can be run")
}

/// A cluster of one test's own, which it may stop and start.
pub(crate) struct OwnCluster {
    server: Server,
    _in_use: File,
    _directory: TempDir,
}

impl OwnCluster {
    /// A running cluster.
    pub(crate) fn start() -> Self {
        Self::run(Server::create)
    }

    fn run(create: impl FnOnce(&Path) -> Server) -> Self {
        let directory = TempDir::with_prefix("authgate-own-").expect("a temporary directory can be made");
        let server = create(directory.path());
        server.start();
        let lock = directory.path().join("lock");
        let in_use = File::create(&lock).expect("a lock file can be made");
        in_use.lock_shared().expect("a lock file can be locked");
        let start = directory.path().join("start");
        File::create(&start).expect("a lock file can be made");
        spawn_watchdog(&lock, &start, &server.directory, 0);
        Self { server, _in_use: in_use, _directory: directory }
    }

    /// A migrated database in it.
    pub(crate) fn database(&self) -> Database {
        let database = create_database(&self.server.url(), None);
        migrate(&database.url());
        database
    }

    /// Stops it as an operator's restart does.
    pub(crate) fn stop(&self) {
        self.server.pg_ctl(&["stop", "-w", "-m", "fast"]);
    }

    /// Starts it again on the same port.
    pub(crate) fn restart(&self) {
        self.server.start();
    }

    /// A streaming standby of it, which is a cluster of its own.
    pub(crate) fn standby(&self) -> Self {
        Self::run(|directory| {
            let server = Server::empty(directory);
            let status = server
                .command("pg_basebackup")
                .args(["--write-recovery-conf", "--checkpoint=fast", "--no-sync", "--username=postgres"])
                .args(["--host=127.0.0.1", &format!("--port={}", self.server.port), "--pgdata"])
                .arg(directory.join("data"))
                .status()
                .expect("pg_basebackup can be run");
            assert!(status.success(), "pg_basebackup failed");
            server.configure();
            server
        })
    }

    /// Waits until everything written so far has been replayed by the standby.
    pub(crate) async fn wait_for_standby(&self) {
        let mut connection = PgConnection::connect(&format!("{}/postgres", self.server.url()))
            .await
            .expect("the cluster accepts connections");
        let sql = "select count(*) from pg_stat_replication where replay_lsn >= pg_current_wal_lsn()";
        super::eventually("the standby to catch up", async || {
            let caught_up: i64 = sqlx::query_scalar(sql).fetch_one(&mut connection).await.ok()?;
            (caught_up > 0).then_some(())
        })
        .await;
    }

    /// Makes a standby the primary.
    pub(crate) fn promote(&self) {
        self.server.pg_ctl(&["promote", "-w"]);
    }

    /// Tells where it listens.
    pub(crate) fn port(&self) -> u16 {
        self.server.port
    }
}

impl Drop for OwnCluster {
    fn drop(&mut self) {
        let _ = self.server.command("pg_ctl").args(["stop", "-w", "-m", "immediate"]).status();
    }
}

/// A cluster's files and address.
struct Server {
    directory: PathBuf,
    port: u16,
}

impl Server {
    /// The cluster in a directory, if its postmaster lives.
    fn running_in(directory: &Path) -> Option<Self> {
        let file = fs::read_to_string(directory.join("data/postmaster.pid")).ok()?;
        let mut lines = file.lines();
        let pid: i32 = lines.next()?.trim().parse().ok()?;
        let port: u16 = lines.nth(2)?.trim().parse().ok()?;
        nix::sys::signal::kill(Pid::from_raw(pid), None).ok()?;
        let server = Self { directory: directory.to_owned(), port };
        let url = format!("{}/postgres", server.url());
        blocking(async { PgConnection::connect(&url).await.is_ok() }).then_some(server)
    }

    /// A place for a cluster, owned by whom it runs as.
    fn empty(directory: &Path) -> Self {
        fs::create_dir_all(directory).expect("a directory can be made");
        // PostgreSQL does not run as root.
        if let Some(user) = unprivileged_user() {
            std::os::unix::fs::chown(directory, Some(user.uid.as_raw()), Some(user.gid.as_raw()))
                .expect("root can give a directory away");
        }
        Self { directory: directory.to_owned(), port: free_port() }
    }

    fn create(directory: &Path) -> Self {
        let server = Self::empty(directory);
        let output = server
            .command("initdb")
            .args(["--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"])
            .arg("--pgdata")
            .arg(directory.join("data"))
            .output()
            .expect("initdb can be run");
        assert!(output.status.success(), "initdb failed: {}", String::from_utf8_lossy(&output.stderr));
        server.configure();
        server
    }

    /// Appends to the configuration; the last word counts.
    fn configure(&self) {
        let settings = format!(
            "\nlisten_addresses = '127.0.0.1'\nport = {}\nunix_socket_directories = '{}'\nfsync = off\n\
             synchronous_commit = off\nfull_page_writes = off\nmax_connections = 400\nshared_buffers = '64MB'\n\
             log_min_messages = 'fatal'\n",
            self.port,
            self.directory.display()
        );
        let path = self.directory.join("data/postgresql.conf");
        let defaults = fs::read_to_string(&path).expect("initdb writes a configuration");
        fs::write(&path, defaults + &settings).expect("the configuration can be extended");
    }

    fn start(&self) {
        self.pg_ctl(&["start", "-w", "-t", "60"]);
    }

    fn pg_ctl(&self, arguments: &[&str]) {
        let status = self.command("pg_ctl").args(arguments).status().expect("pg_ctl can be run");
        let log = fs::read_to_string(self.directory.join("log")).unwrap_or_default();
        assert!(status.success(), "pg_ctl {arguments:?} failed; the server's log:\n{log}");
    }

    /// One of the server's programs, as a user that it accepts, with nothing of the caller's standard streams (a
    /// server that kept them open would keep the test runner waiting).
    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(binaries().join(program));
        command
            .env("PGDATA", self.directory.join("data"))
            .current_dir(&self.directory)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        if program == "pg_ctl" {
            command.arg("-l").arg(self.directory.join("log"));
        }
        if let Some(user) = unprivileged_user() {
            command.uid(user.uid.as_raw()).gid(user.gid.as_raw());
        }
        command
    }

    fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}", self.port)
    }
}

fn spawn_watchdog(users: &Path, start: &Path, directory: &Path, grace_seconds: u32) {
    #[expect(clippy::zombie_processes, reason = "the watchdog is there to outlive this process")]
    let child = Command::new("python3")
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/suite/harness/cluster_watchdog.py"))
        .args([users, start, directory])
        .arg(grace_seconds.to_string())
        .current_dir("/")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("python3 is installed");
    fs::write(users.with_extension("watchdog"), child.id().to_string()).expect("a file can be written");
}

fn watchdog_is_alive(users: &Path) -> bool {
    let pid = fs::read_to_string(users.with_extension("watchdog")).ok().and_then(|text| text.parse().ok());
    pid.is_some_and(|pid| nix::sys::signal::kill(Pid::from_raw(pid), None).is_ok())
}

fn unprivileged_user() -> Option<User> {
    if !Uid::effective().is_root() {
        return None;
    }
    ["postgres", "nobody"].iter().find_map(|name| User::from_name(name).ok().flatten())
}

/// Tells where the server's programs are.
pub(crate) fn binaries() -> &'static Path {
    static BINARIES: OnceLock<PathBuf> = OnceLock::new();
    BINARIES.get_or_init(|| {
        let from_pg_config = Command::new("pg_config")
            .arg("--bindir")
            .output()
            .ok()
            .map(|output| PathBuf::from(String::from_utf8_lossy(&output.stdout).trim()));
        let path = std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()).collect::<Vec<_>>();
        let mut usual: Vec<PathBuf> = ["/usr/lib/postgresql", "/opt/homebrew/opt", "/usr/local/opt", "/usr"]
            .iter()
            .filter_map(|parent| fs::read_dir(parent).ok())
            .flatten()
            .filter_map(|entry| Some(entry.ok()?.path().join("bin")))
            .collect();
        usual.sort();
        from_pg_config
            .into_iter()
            .chain(path)
            .chain(usual.into_iter().rev())
            .find(|directory| ["initdb", "pg_ctl", "postgres"].iter().all(|program| directory.join(program).is_file()))
            .expect("PostgreSQL's server programs are installed (apt install postgresql, or brew install postgresql)")
    })
}

fn hash_of(value: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}
