//! The binary under test, running with a configuration, a database, an upstream and a mailbox of its own.

use std::{
    fs,
    net::{Ipv4Addr, SocketAddr},
    path::Path,
    process::Command,
    sync::{Arc, Mutex},
};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::{
    Client, Database, RawConnection, Upstream, eventually, eventually_within, free_port,
    mail::Mailbox,
    process::{PATIENCE, Process},
};

/// `AUTHGATE_SECRET` of every gateway.
pub(crate) const SECRET: &str = "suite-secret-suite-secret-suite-secret-0123456789";

/// Tells where a gateway listens.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ports {
    pub(crate) public: u16,
    pub(crate) ops: u16,
}

impl Ports {
    /// Two that are free now.
    pub(crate) fn reserve() -> Self {
        let public = free_port();
        let mut ops = free_port();
        while ops == public {
            ops = free_port();
        }
        Self { public, ops }
    }
}

/// The configuration that every test starts from. It is JSON, which is YAML too.
pub(crate) fn base_config(ports: Ports, upstream: u16, directory: &Path) -> Value {
    json!({
        "server": {
            "listen": [format!("127.0.0.1:{}", ports.public)],
            "public_url": format!("http://localhost:{}", ports.public),
            "ops_listen": format!("127.0.0.1:{}", ports.ops),
        },
        "database": { "url": { "env": "DATABASE_URL" }, "max_connections": 8 },
        "secret": { "env": "AUTHGATE_SECRET" },
        "upstreams": { "api": { "servers": [format!("http://127.0.0.1:{upstream}")] } },
        "routes": [
            { "name": "public", "match": { "path": "/public/**" }, "upstream": "api", "access": "public" },
            { "name": "optional", "match": { "path": "/optional/**" }, "upstream": "api", "access": "optional" },
            {
                "name": "admin", "match": { "path": "/admin/**" }, "upstream": "api",
                "access": "required", "roles": ["admin"],
            },
            {
                "name": "events", "match": { "path": "/ws/**" }, "upstream": "api",
                "access": "required", "websocket": true,
            },
            { "name": "app", "match": { "path": "/**" }, "upstream": "api", "access": "required" },
        ],
        "mail": {
            "from": "App <no-reply@example.com>",
            "transport": { "directory": directory.join("mail") },
        },
        "log": { "format": "json", "level": "info" },
    })
}

/// Changes a configuration as RFC 7396 says: objects are merged, `null` removes, everything else replaces.
pub(crate) fn merge(base: &mut Value, changes: &Value) {
    let Value::Object(changes) = changes else {
        *base = changes.clone();
        return;
    };
    if !base.is_object() {
        *base = json!({});
    }
    let base = base.as_object_mut().expect("it was just made one");
    for (key, change) in changes {
        if change.is_null() {
            base.remove(key);
        } else {
            merge(base.entry(key).or_insert(Value::Null), change);
        }
    }
}

/// The binary with the environment that a gateway needs and nothing else.
pub(crate) fn command(database_url: &str, directory: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_authgate"));
    command.env_clear();
    for name in ["PATH", "HOME", "TMPDIR"] {
        if let Some(value) = std::env::var_os(name) {
            command.env(name, value);
        }
    }
    command.env("DATABASE_URL", database_url).env("AUTHGATE_SECRET", SECRET).current_dir(directory);
    command
}

/// Says how a gateway is to be started.
#[derive(Default)]
pub(crate) struct Setup {
    changes: Value,
    database: Option<Arc<Database>>,
    database_url: Option<String>,
    upstream: Option<Upstream>,
}

impl Setup {
    /// Starts with these changes to [`base_config`].
    pub(crate) fn new(changes: Value) -> Self {
        let changes = if changes.is_null() { json!({}) } else { changes };
        Self { changes, ..Self::default() }
    }

    /// Takes this database, migrated already.
    pub(crate) fn database(self, database: Database) -> Self {
        Self { database: Some(Arc::new(database)), ..self }
    }

    /// Reaching the database by this URL.
    pub(crate) fn database_url(self, url: String) -> Self {
        Self { database_url: Some(url), ..self }
    }

    /// Starts and waits until it is ready.
    pub(crate) async fn start(self) -> TestGateway {
        let db = self.database.unwrap_or_else(|| Arc::new(Database::migrated()));
        let upstream = match self.upstream {
            Some(upstream) => upstream,
            None => Upstream::start().await,
        };
        let database_url = self.database_url.unwrap_or_else(|| db.url());
        let directory = TempDir::with_prefix("authgate-test-").expect("a temporary directory can be made");
        for _ in 0..3 {
            let ports = Ports::reserve();
            let mut config = base_config(ports, upstream.address.port(), directory.path());
            merge(&mut config, &self.changes);
            fs::write(directory.path().join("gateway.yaml"), config.to_string()).expect("a file can be written");
            let mut process = Process::spawn(serve(&database_url, directory.path()));
            match ready(&mut process, ports).await {
                Ok(()) => {
                    let mail = Mailbox { directory: directory.path().join("mail") };
                    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, ports.public));
                    let ops = SocketAddr::from((Ipv4Addr::LOCALHOST, ports.ops));
                    return TestGateway {
                        address,
                        ops,
                        process,
                        upstream,
                        mail,
                        db,
                        database_url,
                        origin: config["server"]["public_url"].as_str().expect("public_url is a text").to_owned(),
                        directory,
                        sign_ups: Mutex::default(),
                    };
                }
                // Another test's gateway took the port between the look and the start.
                Err(output) if output.contains("in use") => {}
                Err(output) => panic!("the gateway ended before it was ready:\n{output}"),
            }
        }
        panic!("no free ports in three attempts");
    }
}

fn serve(database_url: &str, directory: &Path) -> Command {
    let mut command = command(database_url, directory);
    command.args(["serve", "--config", "gateway.yaml"]);
    command
}

/// Waits until /readyz says so; the output when the process ends before that.
async fn ready(process: &mut Process, ports: Ports) -> Result<(), String> {
    let client = Client::new(&format!("http://127.0.0.1:{}", ports.ops), ports.ops);
    eventually_within(PATIENCE, "the gateway to be ready", async || {
        if process.exited().is_some() {
            process.ended().await;
            return Some(Err(process.output()));
        }
        let answer = client.get("/readyz").send().await.ok()?;
        (answer.status() == 200).then_some(Ok(()))
    })
    .await
}

/// A running gateway. Everything ends with this value.
pub(crate) struct TestGateway {
    pub(crate) address: SocketAddr,
    pub(crate) ops: SocketAddr,
    pub(crate) process: Process,
    pub(crate) upstream: Upstream,
    pub(crate) mail: Mailbox,
    pub(crate) db: Arc<Database>,
    database_url: String,
    origin: String,
    pub(crate) directory: TempDir,
    /// Holds, of every address that the harness signed up, the cookie that the browser kept of it, oldest first.
    pub(super) sign_ups: Mutex<Vec<(String, String)>>,
}

impl TestGateway {
    /// Starts with [`base_config`] as it is.
    pub(crate) async fn start() -> Self {
        Setup::new(Value::Null).start().await
    }

    /// Starts with changes to it.
    pub(crate) async fn with(changes: Value) -> Self {
        Setup::new(changes).start().await
    }

    /// Another gateway on the same database, with an address, an upstream and a mailbox of its own.
    pub(crate) async fn replica(&self) -> Self {
        self.replica_with(Value::Null).await
    }

    /// The same, configured otherwise.
    pub(crate) async fn replica_with(&self, changes: Value) -> Self {
        Setup { database: Some(Arc::clone(&self.db)), ..Setup::new(changes) }.start().await
    }

    /// The public URL.
    pub(crate) fn origin(&self) -> &str {
        &self.origin
    }

    /// Returns what `Host` holds.
    pub(crate) fn host(&self) -> &str {
        self.origin.split_once("://").map_or("", |(_, host)| host)
    }

    /// The session cookie's name.
    pub(crate) fn cookie_name(&self) -> &'static str {
        if self.origin.starts_with("https") { "__Host-authgate_session" } else { "authgate_session" }
    }

    /// A client without a credential.
    pub(crate) fn anonymous(&self) -> Client {
        Client::new(&self.origin, self.address.port())
    }

    /// A client of the listener for operators.
    pub(crate) fn operator(&self) -> Client {
        Client::new(&format!("http://{}", self.ops), self.ops.port())
    }

    /// A connection for exact bytes.
    pub(crate) async fn raw(&self) -> RawConnection {
        RawConnection::open(self.address).await
    }

    /// `GET target` with `Host` and these further lines, each ending in CR LF.
    pub(crate) fn get_bytes(&self, target: &str, lines: &str) -> Vec<u8> {
        format!("GET {target} HTTP/1.1\r\nHost: {}\r\n{lines}\r\n", self.host()).into_bytes()
    }

    /// The value of a metric, written with its labels as the text format has it; 0 where it is absent.
    pub(crate) async fn metric(&self, name: &str) -> f64 {
        let text = self.metrics().await;
        let value = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')?.parse().ok());
        value.unwrap_or(0.0)
    }

    /// The whole of /metrics.
    pub(crate) async fn metrics(&self) -> String {
        let response = self.operator().get("/metrics").send().await.expect("the operator's listener answers");
        response.text().await.expect("metrics are text")
    }

    /// The lines of the log that are JSON objects.
    pub(crate) fn log(&self) -> Vec<Value> {
        self.process.output().lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
    }

    /// The first log line that is it, once it is there: what is logged is read a moment after its effects are seen.
    pub(crate) async fn logged(&self, what: &str, is_it: impl Fn(&Value) -> bool) -> Value {
        eventually(what, async || self.log().into_iter().find(&is_it)).await
    }

    /// Asserts that of all that was sent nothing reached the upstream: a request sent now is the only one there.
    pub(crate) async fn assert_upstream_untouched(&self, what: &str) {
        assert_eq!(self.anonymous().status("/public/marker").await, 200);
        let seen: Vec<String> = self.upstream.requests().into_iter().map(|request| request.line).collect();
        assert_eq!(seen, ["GET /public/marker HTTP/1.1"], "{what}");
        self.upstream.forget();
    }

    /// Ends the process as a power cut would and starts it again.
    pub(crate) async fn kill_and_restart(&mut self) {
        self.restart(|_| {}).await;
    }

    /// The same with its output on a disk that takes nothing more.
    pub(crate) async fn restart_onto_full_disk(&mut self) {
        self.restart_as(|_| {}, Process::spawn_onto_full_disk).await;
    }

    /// The same with another environment.
    pub(crate) async fn restart(&mut self, change: impl FnOnce(&mut Command)) {
        self.restart_as(change, Process::spawn).await;
    }

    async fn restart_as(&mut self, change: impl FnOnce(&mut Command), spawn: impl FnOnce(Command) -> Process) {
        self.process.kill();
        let mut command = serve(&self.database_url, self.directory.path());
        change(&mut command);
        self.process = spawn(command);
        let ports = Ports { public: self.address.port(), ops: self.ops.port() };
        if let Err(output) = ready(&mut self.process, ports).await {
            panic!("the gateway did not come back:\n{output}");
        }
    }
}
