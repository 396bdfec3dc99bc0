//! Serves the ops listener: `/healthz`, `/readyz` and `/metrics` for operators, never on the public address (ADMIN-01).
//!
//! Served with pingora's HTTP/1 session on our runtime. `axum::serve` would add hyper and hyper-util to the binary for
//! three constant paths, and pingora's `ServeHttp` wants its own `Server`. One request a connection: scrapes and probes
//! come seconds apart.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use pingora::{
    http::ResponseHeader,
    protocols::{http::v1::server::HttpSession, l4::stream::Stream},
};
use serde::Serialize;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    time::timeout,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{observe::Metrics, proxy, store::Db, tasks::Tasks};

/// Bounds the connections that are served at once; further ones wait in the listener's backlog.
const MAX_CONNECTIONS: usize = 32;
/// Bounds the time of a whole connection, request to close.
const CONNECTION_TIMEOUT: Duration = Duration::from_secs(10);
/// A database that takes longer to say anything is not there.
const PING_TIMEOUT: Duration = Duration::from_secs(1);
/// Probes that come more often than this share one result.
const PING_LIFETIME: Duration = Duration::from_secs(1);

/// Holds what the ops listener reports.
#[derive(Debug)]
pub(crate) struct Ops {
    db: Db,
    metrics: Arc<Metrics>,
    tasks: Tasks,
    is_shutting_down: AtomicBool,
    last_ping: Mutex<Option<Ping>>,
}

#[derive(Debug, Clone, Copy)]
struct Ping {
    at: Instant,
    succeeded: bool,
}

impl Ops {
    /// Creates a report that is ready while the database responds and all of the tasks run.
    #[must_use]
    pub(crate) fn new(db: Db, metrics: Arc<Metrics>, tasks: Tasks) -> Self {
        Self { db, metrics, tasks, is_shutting_down: AtomicBool::new(false), last_ping: Mutex::new(None) }
    }

    /// Lets `/readyz` respond with 503 from now on, so that load balancers look elsewhere.
    pub(crate) fn begin_shutdown(&self) {
        self.is_shutting_down.store(true, Ordering::Relaxed);
    }

    async fn readiness(&self) -> Readiness {
        Readiness {
            database: self.has_database().await,
            shutting_down: self.is_shutting_down.load(Ordering::Relaxed),
            gone: self.tasks.gone(),
        }
    }

    async fn has_database(&self) -> bool {
        let last = *self.last_ping.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(ping) = last
            && ping.at.elapsed() < PING_LIFETIME
        {
            return ping.succeeded;
        }
        let succeeded = matches!(timeout(PING_TIMEOUT, self.db.ping()).await, Ok(Ok(())));
        let ping = Ping { at: Instant::now(), succeeded };
        *self.last_ping.lock().unwrap_or_else(PoisonError::into_inner) = Some(ping);
        succeeded
    }

    async fn respond(&self, method: &str, path: &str) -> Response {
        if !matches!(method, "GET" | "HEAD") {
            return Response::text(405, "only GET and HEAD\n");
        }
        match path {
            "/healthz" => Response::text(200, "ok\n"),
            "/readyz" => self.readiness().await.response(),
            "/metrics" => self.metrics().await,
            _ => Response::text(404, "there are /healthz, /readyz and /metrics\n"),
        }
    }

    async fn metrics(&self) -> Response {
        let (open, idle) = self.db.connections();
        let idle = i64::try_from(idle).unwrap_or(i64::MAX);
        let connections = &self.metrics.database_connections;
        connections.with_label_values(&["idle"]).set(idle);
        // The two are read one after the other, so that more may be idle than were open.
        connections.with_label_values(&["used"]).set((i64::from(open) - idle).max(0));
        self.metrics.database_connections_max.set(self.db.max_connections().into());
        let metrics = Arc::clone(&self.metrics);
        match tokio::task::spawn_blocking(move || metrics.render()).await {
            Ok(body) => Response { status: 200, content_type: "text/plain; version=0.0.4; charset=utf-8", body },
            // It panicked, which is counted, or the process is going away.
            Err(_) => Response::text(500, "metrics could not be rendered\n"),
        }
    }
}

/// Serves until told to stop, which also ends what is still open.
pub(crate) async fn run(listener: Arc<TcpListener>, ops: Arc<Ops>, shutdown: CancellationToken) {
    let permits = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    let serve = |stream, _, permit| {
        let (ops, shutdown) = (Arc::clone(&ops), shutdown.clone());
        async move {
            // A client that stalls or goes away only harms itself.
            let serving = timeout(CONNECTION_TIMEOUT, serve_one(stream, &ops));
            let _ = shutdown.run_until_cancelled(serving).await;
            drop(permit);
        }
    };
    let connections = TaskTracker::new();
    shutdown.run_until_cancelled(proxy::accept(&listener, "ops", &permits, &connections, serve)).await;
}

async fn serve_one(stream: TcpStream, ops: &Ops) -> pingora::Result<()> {
    let mut session = HttpSession::new(Box::new(Stream::from(stream)));
    if session.read_request().await?.is_none() {
        return Ok(());
    }
    // The framework writes `Connection` itself, by what it knows of the connection's end.
    session.set_server_keepalive(None);
    let request = session.req_header();
    let is_head = request.method == "HEAD";
    let response = ops.respond(request.method.as_str(), request.uri.path()).await;
    let mut header = ResponseHeader::build(response.status, Some(4))?;
    header.insert_header("content-type", response.content_type)?;
    header.insert_header("content-length", response.body.len())?;
    header.insert_header("cache-control", "no-store")?;
    session.write_response_header(Box::new(header)).await?;
    if !is_head {
        session.write_body(&response.body).await?;
        session.finish_body().await?;
    }
    session.shutdown().await;
    Ok(())
}

#[derive(Debug, PartialEq, Eq)]
struct Response {
    status: u16,
    content_type: &'static str,
    body: Vec<u8>,
}

impl Response {
    fn text(status: u16, body: &'static str) -> Self {
        Self { status, content_type: "text/plain; charset=utf-8", body: body.into() }
    }
}

/// Says whether requests should come here.
#[derive(Debug)]
struct Readiness {
    database: bool,
    shutting_down: bool,
    /// Lists the tasks that do not run.
    gone: Vec<&'static str>,
}

#[derive(Serialize)]
struct ReadinessBody {
    ready: bool,
    failed: Vec<&'static str>,
}

impl Readiness {
    fn response(self) -> Response {
        let checks = [(!self.database, "database"), (self.shutting_down, "shutting_down")];
        let failed = checks.into_iter().filter_map(|(fails, name)| fails.then_some(name));
        let failed: Vec<_> = failed.chain(self.gone).collect();
        let ready = failed.is_empty();
        let body = serde_json::to_vec(&ReadinessBody { ready, failed }).expect("names and a flag can be written");
        Response { status: if ready { 200 } else { 503 }, content_type: "application/json", body }
    }
}

#[cfg(test)]
mod tests {
    use std::{
        io::{Read, Write},
        net,
    };

    use super::*;
    use crate::{
        store::{Pooler, Settings},
        types::Secret,
    };

    #[test]
    fn readiness_names_what_fails() {
        for (database, shutting_down, gone, status, body) in [
            (true, false, vec![], 200, r#"{"ready":true,"failed":[]}"#),
            (false, false, vec![], 503, r#"{"ready":false,"failed":["database"]}"#),
            (true, true, vec![], 503, r#"{"ready":false,"failed":["shutting_down"]}"#),
            (false, true, vec![], 503, r#"{"ready":false,"failed":["database","shutting_down"]}"#),
            (true, false, vec!["session_check"], 503, r#"{"ready":false,"failed":["session_check"]}"#),
        ] {
            let response = Readiness { database, shutting_down, gone }.response();
            assert_eq!((response.status, String::from_utf8(response.body).unwrap().as_str()), (status, body));
        }
    }

    /// Returns a report without a database: nothing listens on port 1.
    fn without_database() -> Ops {
        let url = Secret::new("postgres://nobody@127.0.0.1:1/none".to_owned());
        let settings = Settings { url: url.clone(), direct_url: url, max_connections: 1, pooler: Pooler::None };
        let metrics = Arc::new(Metrics::new());
        let tasks = Tasks::new(metrics.task_restarts.clone());
        Ops::new(Db::connect_lazy(&settings).unwrap(), metrics, tasks)
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn responds_over_a_socket() {
        let listener = Arc::new(TcpListener::bind("127.0.0.1:0").await.unwrap());
        let address = listener.local_addr().unwrap();
        let shutdown = CancellationToken::new();
        let server = tokio::spawn(run(listener, Arc::new(without_database()), shutdown.clone()));
        for (request, status, contained) in [
            ("GET /healthz", "200", "\r\n\r\nok\n"),
            ("GET /readyz", "503", r#""failed":["database"]"#),
            ("GET /metrics", "200", r#"authgate_database_connections{state="idle"} 0"#),
            ("GET /metrics/", "404", "there are"),
            ("POST /healthz", "405", "only GET"),
            ("HEAD /healthz", "200", "content-length: 3"),
        ] {
            let response = tokio::task::spawn_blocking(move || {
                let mut stream = net::TcpStream::connect(address).unwrap();
                stream.write_all(format!("{request} HTTP/1.1\r\nHost: ops\r\n\r\n").as_bytes()).unwrap();
                let mut response = String::new();
                stream.read_to_string(&mut response).unwrap();
                response
            })
            .await
            .unwrap();
            assert!(response.starts_with(&format!("HTTP/1.1 {status} ")), "{request}: {response}");
            assert!(response.to_lowercase().contains(&contained.to_lowercase()), "{request}: {response}");
            assert!(response.to_lowercase().contains("\r\nconnection: close\r\n"), "{request}: {response}");
            assert_eq!(request.starts_with("HEAD"), response.ends_with("\r\n\r\n"), "{request}: {response}");
        }
        shutdown.cancel();
        server.await.unwrap();
    }
}
