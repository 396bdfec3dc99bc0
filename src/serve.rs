//! The composition root: the one place where everything is constructed and wired, and where it ends again.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use anyhow::Context;
use tokio::{
    runtime::{self, Runtime},
    task::JoinHandle,
    time::{Instant, timeout_at},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

mod database;
mod listeners;
mod signals;

pub(crate) use listeners::Listeners;
pub(crate) use signals::Signals;

use crate::{
    auth::{
        ASSERTION_PURPOSE, Assertions, Auth, DEVICE_PURPOSE, Denials, Hasher, SessionActivity, Social, Turns,
        session_check::SessionCheck,
    },
    config::Config,
    crypto::{self, Keyring},
    dev::DevPages,
    http, jobs,
    mail::{OUTBOX_PURPOSE, Outbox, Transport},
    observe::{self, AccessLog, Metrics},
    ops::{self, Ops},
    proxy::{self, Gateway, Surface},
    routes::CrossOriginWrites,
    store::{self, Db},
    types::Secret,
};

/// From the signal to the end of the process, at most. Orchestrators wait for 30 s before they kill.
pub(crate) const SHUTDOWN_DEADLINE: Duration = Duration::from_secs(25);
/// The part of it that is left to jobs and the pool after the last request.
const WIND_DOWN: Duration = Duration::from_secs(3);

/// How the gateway came to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stopped {
    /// After one signal: requests in flight were finished, or [`SHUTDOWN_DEADLINE`] had passed.
    Gracefully,
    /// After a second one.
    AtOnce,
}

/// Where the gateway is reached, ports resolved.
#[derive(Debug, Clone)]
pub(crate) struct Addresses {
    pub(crate) public: Vec<SocketAddr>,
    pub(crate) ops: SocketAddr,
}

/// What a gateway is made of.
#[derive(Debug)]
pub(crate) struct Start {
    pub(crate) config: Config,
    pub(crate) listeners: Listeners,
    /// Bring the database up to date instead of refusing an older one.
    pub(crate) migrate: bool,
    pub(crate) dev: Option<DevParts>,
}

/// What `authgate dev` adds to the gateway, or does in place of it.
#[derive(Debug)]
pub(crate) struct DevParts {
    pub(crate) transport: Transport,
    /// Answered by the gateway itself, below this prefix.
    pub(crate) pages: DevPages,
    pub(crate) prefix: &'static str,
}

/// `authgate serve`: runs until a signal.
pub(crate) fn serve(config: Config, migrate: bool) -> anyhow::Result<Stopped> {
    observe::init(&config.log)?;
    let runtime = build_runtime(config.threads)?;
    let stopped = runtime.block_on(async {
        let mut signals = Signals::listen()?;
        let listeners = Listeners::bind(&config.listen, config.ops_listen)?;
        run(Start { config, listeners, migrate, dev: None }, &mut signals, announce).await
    });
    // Tasks that are still there have had their time.
    runtime.shutdown_background();
    stopped
}

/// `authgate migrate`: returns how many migrations were applied.
pub(crate) fn migrate(settings: &store::Settings) -> anyhow::Result<usize> {
    build_runtime(1)?.block_on(database::migrate(settings))
}

/// One connection to a database that is new enough, past any pooler, for commands that administer.
pub(crate) async fn open_database(settings: &store::Settings) -> anyhow::Result<Db> {
    database::prepare(settings, false).await?;
    let settings = store::Settings { url: settings.direct_url.clone(), max_connections: 1, ..settings.clone() };
    Db::connect_lazy(&settings).context("database.direct_url")
}

/// Which database a URL leads to, without user and password.
pub(crate) fn describe_database(url: &Secret) -> String {
    database::place(url)
}

/// The one runtime of the process, with the one TLS stack installed.
pub(crate) fn build_runtime(threads: usize) -> anyhow::Result<Runtime> {
    // Fails where one is installed already, which is this same one.
    let _ = rustls::crypto::ring::default_provider().install_default();
    runtime::Builder::new_multi_thread()
        .worker_threads(threads)
        .enable_all()
        .thread_name("gateway")
        .build()
        .context("could not start threads")
}

/// Runs the gateway until a signal. `announce` is called when requests are answered.
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
    let running = Running::start(start)?;
    announce(&addresses);
    running.until_stopped(signals).await
}

fn announce(addresses: &Addresses) {
    let list = |separator: &str, prefix: &str| {
        let each = addresses.public.iter().map(|address| format!("{prefix}{address}"));
        each.collect::<Vec<_>>().join(separator)
    };
    tracing::info!(
        event = "started",
        listen = list(",", ""),
        ops_listen = %addresses.ops,
        version = env!("CARGO_PKG_VERSION"),
        "listening on {} (public), http://{} (ops)",
        list(", ", "http://"),
        addresses.ops,
    );
}

/// Everything that lives as long as the gateway.
struct Running {
    proxy: JoinHandle<io::Result<()>>,
    ops: Arc<Ops>,
    db: Db,
    access_log: AccessLog,
    /// Tells the proxy to accept nothing new.
    closing: CancellationToken,
    /// Tells the rest to stop. Later, as requests in flight still need their session checked.
    stopping: CancellationToken,
    tasks: TaskTracker,
}

impl Running {
    fn start(start: Start) -> anyhow::Result<Self> {
        let Start { config, listeners, dev, .. } = start;
        let Config {
            threads,
            database,
            secrets,
            proxy: proxy_settings,
            routes,
            auth: auth_settings,
            mail,
            retention,
            locations,
            log,
            ..
        } = config;
        for route in routes.iter().filter(|route| route.cross_origin_writes == CrossOriginWrites::Allow) {
            tracing::warn!(route.name, "this route takes cookie-authenticated writes from pages of any origin");
        }
        let (closing, stopping, tasks) = (CancellationToken::new(), CancellationToken::new(), TaskTracker::new());

        let metrics = Arc::new(Metrics::new());
        observe::install_panic_hook(Arc::clone(&metrics));
        let access_log = AccessLog::start(log.format, Arc::clone(&metrics));
        let db = Db::connect_lazy(&database).context("database.url")?;
        let keyring = Keyring::new(&secrets);
        let outbox = Outbox::new(keyring.sealer(OUTBOX_PURPOSE));
        let (transport, dev_pages) = match dev {
            Some(DevParts { transport, pages, prefix }) => (transport, Some((pages, prefix))),
            None => (Transport::connect(&mail).context("mail.transport")?, None),
        };
        let session = auth_settings.session.clone();
        let mut prefixes = vec![auth_settings.base_path.clone()];
        let denials = Denials::start(db.clone(), Arc::clone(&metrics), &tasks, &stopping);
        let auth = Arc::new(Auth {
            db: db.clone(),
            social: Social::new(&auth_settings.social, &keyring).context("auth.social")?,
            settings: auth_settings,
            hasher: Hasher::start(Hasher::default_threads(), Arc::clone(&metrics)),
            turns: Turns::default(),
            outbox: outbox.clone(),
            denials: denials.clone(),
            devices: keyring.sealer(DEVICE_PURPOSE),
            locations,
            metrics: Arc::clone(&metrics),
        });
        let assertions = proxy_settings.assertion.clone().map(|settings| {
            let signer = keyring.signer(ASSERTION_PURPOSE);
            (signer.key_set(), Assertions::new(settings, &auth.settings.public_url, signer))
        });
        // Nothing that follows from the secret is shown to anybody unless it is asked for.
        let key_set = assertions.as_ref().map_or_else(crypto::empty_key_set, |(key_set, _)| key_set.clone());
        let mut router = http::router(auth, key_set);
        if let Some((pages, prefix)) = dev_pages {
            router = router.merge(pages);
            prefixes.push(prefix.to_owned());
        }
        let checks = SessionCheck::start(&database.url, &session, Arc::clone(&metrics), &tasks, &stopping);
        let activity = SessionActivity::start(db.clone(), &session, &tasks, &stopping);
        let ops = Arc::new(Ops::new(db.clone(), Arc::clone(&metrics)));

        tasks.spawn(jobs::deliver_mail(
            db.clone(),
            outbox,
            transport,
            mail.from,
            Arc::clone(&metrics),
            stopping.clone(),
        ));
        tasks.spawn(jobs::sweep_expired(db.clone(), retention, stopping.clone()));
        tasks.spawn(ops::run(listeners.ops, Arc::clone(&ops), stopping.clone()));
        let observe = (metrics, access_log.clone());
        let surface = Surface::new(router, prefixes);
        let gateway = Gateway::new(proxy_settings, routes, surface, (checks, activity), denials, observe, &tasks);
        let gateway = match assertions {
            Some((_, assertions)) => gateway.with_assertions(assertions),
            None => gateway,
        };
        let (public, until) = (listeners.public, closing.clone());
        let proxy = tasks.spawn(async move { proxy::run(gateway, public, threads, &until).await });
        Ok(Self { proxy, ops, db, access_log, closing, stopping, tasks })
    }

    async fn until_stopped(mut self, signals: &mut Signals) -> anyhow::Result<Stopped> {
        tokio::select! {
            () = signals.next() => {}
            ended = &mut self.proxy => {
                ended.context("the proxy failed")?.context("the proxy failed")?;
                anyhow::bail!("the proxy ended by itself");
            }
        }
        tracing::info!(event = "stopping", "finishing the requests in flight");
        let access_log = self.access_log.clone();
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
        if timeout_at(deadline - WIND_DOWN, &mut self.proxy).await.is_err() {
            tracing::warn!(event = "drain_timeout", "requests still in flight are cut off");
            self.proxy.abort();
        }
        self.stopping.cancel();
        self.tasks.close();
        let rest = async {
            self.tasks.wait().await;
            self.db.close().await;
        };
        if timeout_at(deadline, rest).await.is_err() {
            tracing::warn!(event = "stop_timeout", "some background work did not stop in time");
        }
    }
}
