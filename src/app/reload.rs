//! A changed configuration takes the place of the one in force, or is reported and left alone.

use std::{
    fs, io,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, SystemTime},
};

use anyhow::Context;
use time::OffsetDateTime;
use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    time::{Interval, MissedTickBehavior, interval},
};
use tokio_util::sync::CancellationToken;

use crate::{
    app::generation::{Generation, SharedState},
    config::{self, Config},
    observe::LogLevel,
    proxy::Proxy,
    sessions::CheckMode,
    store::{self, audit::Outcome},
    tasks::catch_panic,
};

/// The files are looked at this often. A change has to stay for one look, so that half-written files are left alone.
const POLL_INTERVAL: Duration = Duration::from_secs(1);

/// Tells one version of a file from another: replacing it by renaming changes the inode, and so does a symbolic link
/// that leads elsewhere.
type Version = Option<(u64, u64, SystemTime)>;

/// Watches the configuration's files and SIGHUP.
pub(crate) struct ConfigWatcher {
    path: PathBuf,
    log_level: LogLevel,
    hangup: Signal,
    ticks: Interval,
    /// Is what was loaded, or tried, last.
    seen: Vec<(PathBuf, Version)>,
    pending: Option<Vec<(PathBuf, Version)>>,
    restart_only: RestartOnly,
    superseded: CancellationToken,
}

/// Holds what only a new process takes over.
struct RestartOnly {
    listen: String,
    redirect_listen: String,
    ops_listen: String,
    threads: usize,
    database: store::Settings,
    check: CheckMode,
    log_format: crate::observe::LogFormat,
}

impl RestartOnly {
    fn from_config(config: &Config) -> Self {
        Self {
            listen: format!("{:?}", config.listen),
            redirect_listen: format!("{:?}", config.redirect_listen),
            ops_listen: config.ops_listen.to_string(),
            threads: config.threads,
            database: config.database.clone(),
            check: config.auth.session.check,
            log_format: config.log.format,
        }
    }

    /// Returns the keys in which the two differ.
    fn differences(&self, other: &Self) -> Vec<&'static str> {
        let (ours, theirs) = (&self.database, &other.database);
        let differs = [
            ("server.listen", self.listen != other.listen),
            ("server.redirect_listen", self.redirect_listen != other.redirect_listen),
            ("server.ops_listen", self.ops_listen != other.ops_listen),
            ("server.threads", self.threads != other.threads),
            ("database.url", ours.url.expose() != theirs.url.expose()),
            ("database.direct_url", ours.direct_url.expose() != theirs.direct_url.expose()),
            ("database.pooler", ours.pooler != theirs.pooler),
            ("database.max_connections", ours.max_connections != theirs.max_connections),
            ("auth.session.check", self.check != other.check),
            ("log.format", self.log_format != other.log_format),
        ];
        differs.into_iter().filter_map(|(key, differs)| differs.then_some(key)).collect()
    }
}

impl ConfigWatcher {
    /// Begins to watch what `config` was loaded from. Must be called inside the runtime.
    pub(crate) fn start(
        path: PathBuf,
        config: &Config,
        log_level: LogLevel,
        superseded: CancellationToken,
    ) -> anyhow::Result<Self> {
        let mut ticks = interval(POLL_INTERVAL);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Ok(Self {
            seen: versions(&path, &config.files),
            hangup: signal(SignalKind::hangup()).context("could not listen for SIGHUP")?,
            restart_only: RestartOnly::from_config(config),
            pending: None,
            path,
            log_level,
            ticks,
            superseded,
        })
    }

    /// Waits until there is a reason to load. Nothing is lost when the future is dropped.
    pub(crate) async fn changed(&mut self) {
        loop {
            tokio::select! {
                _ = self.hangup.recv() => return,
                _ = self.ticks.tick() => if self.has_stopped_changing() { return },
            }
        }
    }

    /// Returns whether the files differ from those seen last and have stopped changing.
    fn has_stopped_changing(&mut self) -> bool {
        let files: Vec<PathBuf> = self.seen.iter().skip(1).map(|(file, _)| file.clone()).collect();
        let now = versions(&self.path, &files);
        if now == self.seen {
            self.pending = None;
            return false;
        }
        let is_stable = self.pending.as_ref() == Some(&now);
        self.pending = Some(now);
        is_stable
    }

    /// Loads and takes over, or says why not.
    pub(crate) async fn load(&mut self, shared: &SharedState, proxy: &Arc<Proxy>) {
        let (metrics, now) = (&shared.metrics, OffsetDateTime::now_utc());
        // A configuration that makes it panic is one that is not taken over.
        let loaded =
            catch_panic(Box::pin(self.try_load(shared, proxy))).await.unwrap_or_else(|panicked| Err(panicked.into()));
        let outcome = match loaded {
            Ok(()) => {
                metrics.config_reload_success.set(1);
                metrics.config_reload_timestamp.set(now.unix_timestamp());
                tracing::info!(event = "config_reloaded", file = %self.path.display(), "the configuration was reloaded");
                Outcome::Success
            }
            Err(error) => {
                metrics.config_reload_success.set(0);
                for line in format!("{error:#}").lines() {
                    tracing::error!(event = "config_reload_failed", "{line}");
                }
                tracing::error!(event = "config_reload_failed", "the configuration in force stays the one before");
                Outcome::Refused
            }
        };
        shared.denials.record_reload(outcome, self.path.display().to_string(), now);
    }

    async fn try_load(&mut self, shared: &SharedState, proxy: &Arc<Proxy>) -> anyhow::Result<()> {
        let files: Vec<PathBuf> = self.seen.iter().skip(1).map(|(file, _)| file.clone()).collect();
        // They are taken before reading: what changes while it is read is seen at the next look.
        self.seen = versions(&self.path, &files);
        self.pending = None;
        let path = self.path.clone();
        // Files are read.
        let config = tokio::task::spawn_blocking(move || config::load(&path)).await.context("loading failed")??;
        let loaded = versions(&self.path, &config.files);
        let restart_only = RestartOnly::from_config(&config);
        let log = config.log.clone();
        let generation = Generation::build(config, None, shared).await?;
        self.log_level.set(&log).context("log.level")?;
        proxy.replace(generation.gateway);
        std::mem::replace(&mut self.superseded, generation.superseded).cancel();
        self.seen = loaded;
        for key in self.restart_only.differences(&restart_only) {
            tracing::warn!(event = "config_needs_restart", key, "{key} changed; that takes effect at the next start");
        }
        Ok(())
    }
}

fn versions(path: &Path, files: &[PathBuf]) -> Vec<(PathBuf, Version)> {
    let version = |file: &Path| -> io::Result<_> {
        let metadata = fs::metadata(file)?;
        Ok((metadata.ino(), metadata.len(), metadata.modified()?))
    };
    let each = [path].into_iter().chain(files.iter().map(PathBuf::as_path));
    each.map(|file| (file.to_owned(), version(file).ok())).collect()
}
