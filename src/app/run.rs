//! Leads one gateway through its life: what it is started with, what it watches while it runs, and how it ends.

use std::{io, path::PathBuf, sync::Arc, time::Duration};

use anyhow::Context;
use time::OffsetDateTime;
use tokio::{
    task::JoinHandle,
    time::{Instant, timeout_at},
};
use tokio_util::sync::CancellationToken;

use crate::{
    app::{
        Addresses, Invocation, Listeners, Signals, database,
        generation::{DevParts, Generation, SharedState},
        handover::{self, Handover},
        ops::{self, Ops},
        reload::ConfigWatcher,
    },
    auth::{ConcurrencyLimit, Denials, Hasher},
    config::Config,
    observe::{self, AccessLog, LogLevel, Metrics},
    proxy::{self, Proxy},
    sessions::{CheckMode, KeyQuotas, RevocationFeed, SessionCache},
    store::Db,
    tasks::Tasks,
};

/// Bounds the time from the signal to the end of the process. Orchestrators wait for 30 s before they kill.
pub(crate) const SHUTDOWN_DEADLINE: Duration = Duration::from_secs(25);
/// This part of that time is left to jobs and the pool after the last request.
const WIND_DOWN: Duration = Duration::from_secs(3);
/// Requests that are cut off get this much of it to be written down.
const CUT_OFF: Duration = Duration::from_secs(1);

/// Says how the gateway came to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stopped {
    /// One signal came: requests in flight were finished, or [`SHUTDOWN_DEADLINE`] had passed.
    Gracefully,
    /// A second signal came.
    AtOnce,
}

/// Says where configuration and process came from, where changes of them are to be taken over.
#[derive(Debug)]
pub(crate) struct Source {
    pub(crate) path: PathBuf,
    pub(crate) invocation: Invocation,
    pub(crate) log_level: LogLevel,
}

/// Holds what a gateway is made of.
#[derive(Debug)]
pub(crate) struct Start {
    pub(crate) config: Config,
    pub(crate) listeners: Listeners,
    /// Brings the database up to date instead of refusing an older one.
    pub(crate) migrate: bool,
    pub(crate) dev: Option<DevParts>,
    /// These files are watched for changes.
    pub(crate) source: Option<Source>,
}

/// Runs the gateway until a signal. `announce` is called once requests are served.
pub(crate) async fn run(
    start: Start,
    signals: &mut Signals,
    announce: impl FnOnce(&Addresses),
) -> anyhow::Result<Stopped> {
    let addresses = start.listeners.addresses()?;
    tokio::select! {
        () = signals.next() => return Ok(Stopped::Gracefully),
        prepared = database::prepare(&start.config.database, start.migrate) => prepared?,
    }
    let invocation = start.source.as_ref().map(|source| source.invocation.clone());
    let running = Box::pin(Running::start(start)).await?;
    announce(&addresses);
    if let Some(invocation) = invocation {
        handover::ready(&invocation);
    }
    Box::pin(running.until_stopped(signals)).await
}

/// Holds everything that lives as long as the process.
struct Running {
    proxy: Arc<Proxy>,
    serving: JoinHandle<io::Result<()>>,
    ops: Arc<Ops>,
    shared: SharedState,
    reload: Option<ConfigWatcher>,
    handover: Option<Handover>,
    /// Ends the operators' listener.
    ops_closing: CancellationToken,
    /// Tells the proxy to accept nothing new. The rest stops later, as requests in flight still need their session
    /// checked.
    closing: CancellationToken,
}

impl Running {
    async fn start(start: Start) -> anyhow::Result<Self> {
        let Start { config, listeners, dev, source, .. } = start;
        let (closing, stopping) = (CancellationToken::new(), CancellationToken::new());
        let metrics = Arc::new(Metrics::new());
        let tasks = Tasks::new(metrics.task_restarts.clone());
        observe::install_panic_hook(Arc::clone(&metrics));
        let db = Db::connect_lazy(&config.database).context("database.url")?;
        let cache = match config.auth.session.check {
            CheckMode::Database => None,
            CheckMode::Cached { max_staleness } => Some(SessionCache::new(max_staleness)),
        };
        let shared = SharedState {
            access_log: AccessLog::start(config.log.format, Arc::clone(&metrics)),
            hasher: Arc::new(Hasher::start(Hasher::default_threads(), Arc::clone(&metrics))),
            concurrency: ConcurrencyLimit::default(),
            watch: RevocationFeed::start(
                db.clone(),
                config.database.direct_url.clone(),
                cache.clone(),
                Arc::clone(&metrics),
                &tasks,
                &stopping,
            ),
            cache,
            key_quotas: KeyQuotas::start(db.clone(), Arc::clone(&metrics), &tasks, &stopping),
            denials: Denials::start(db.clone(), Arc::clone(&metrics), &tasks, &stopping),
            db,
            database: config.database.clone(),
            metrics,
            tasks,
            stopping,
        };
        let watched = source.map(|source| (source, config.clone()));
        let generation = Generation::build(config, dev, &shared).await?;
        let (reload, handover) = match watched {
            Some((Source { path, invocation, log_level }, config)) => (
                Some(ConfigWatcher::start(path, &config, log_level, generation.superseded)?),
                Some(Handover::new(invocation, &listeners)?),
            ),
            None => (None, None),
        };
        shared.metrics.config_reload_success.set(1);
        shared.metrics.config_reload_timestamp.set(OffsetDateTime::now_utc().unix_timestamp());

        let ops = Arc::new(Ops::new(shared.db.clone(), Arc::clone(&shared.metrics), shared.tasks.clone()));
        let ops_closing = shared.stopping.child_token();
        let ops_listener = tokio::net::TcpListener::from_std(listeners.ops).context("server.ops_listen")?;
        let (ops_listener, served, until) = (Arc::new(ops_listener), Arc::clone(&ops), ops_closing.clone());
        shared.tasks.supervise("ops_listener", &ops_closing, move || {
            ops::run(Arc::clone(&ops_listener), Arc::clone(&served), until.clone())
        });
        let proxy = Arc::new(Proxy::new(generation.gateway));
        proxy::start_redirects(&proxy, listeners.redirect, &shared.tasks, &closing)
            .context("server.redirect_listen")?;
        let (serving, until, public) = (Arc::clone(&proxy), closing.clone(), listeners.public);
        let serving = shared.tasks.spawn(async move { proxy::serve(serving, public, &until).await });
        Ok(Self { proxy, serving, ops, shared, reload, handover, ops_closing, closing })
    }

    async fn until_stopped(mut self, signals: &mut Signals) -> anyhow::Result<Stopped> {
        loop {
            tokio::select! {
                () = signals.next() => break,
                ended = &mut self.serving => {
                    ended.context("the proxy failed")?.context("the proxy failed")?;
                    anyhow::bail!("the proxy ended by itself");
                }
                () = reload_requested(&mut self.reload) => {
                    if let Some(reload) = &mut self.reload {
                        reload.load(&self.shared, &self.proxy).await;
                    }
                }
                () = handover_requested(&mut self.handover) => {
                    if let Some(handover) = &mut self.handover {
                        handover.start();
                    }
                }
            }
        }
        if self.handover.as_mut().is_some_and(Handover::is_under_way) {
            // The new process responds to operators from now on.
            self.ops_closing.cancel();
        }
        // Nobody but a new process may be waiting in their queues.
        self.handover = None;
        tracing::info!(event = "stopping", "finishing the requests in flight");
        let access_log = self.shared.access_log.clone();
        let stopped = tokio::select! {
            () = signals.next() => Stopped::AtOnce,
            () = self.wind_down(Instant::now() + SHUTDOWN_DEADLINE) => Stopped::Gracefully,
        };
        access_log.flush();
        tracing::info!(event = "stopped", "stopped");
        Ok(stopped)
    }

    async fn wind_down(mut self, deadline: Instant) {
        self.ops.begin_shutdown();
        self.closing.cancel();
        if timeout_at(deadline - WIND_DOWN, &mut self.serving).await.is_err() {
            tracing::warn!(event = "drain_timeout", "requests still in flight are cut off");
            self.proxy.cut_off();
            if timeout_at(deadline - WIND_DOWN + CUT_OFF, &mut self.serving).await.is_err() {
                self.serving.abort();
            }
        }
        // The parts that only requests need go with it.
        drop(self.proxy);
        let SharedState { db, tasks, stopping, .. } = self.shared;
        stopping.cancel();
        let rest = async {
            tasks.wait().await;
            db.close().await;
        };
        if timeout_at(deadline, rest).await.is_err() {
            tracing::warn!(event = "stop_timeout", "some background work did not stop in time");
        }
    }
}

async fn reload_requested(reload: &mut Option<ConfigWatcher>) {
    match reload {
        Some(reload) => reload.changed().await,
        None => std::future::pending().await,
    }
}

async fn handover_requested(handover: &mut Option<Handover>) {
    match handover {
        Some(handover) => handover.requested().await,
        None => std::future::pending().await,
    }
}
