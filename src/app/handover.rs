//! A new process takes the place of this one without a connection being refused: it is started with the listening
//! sockets, and when it is ready it asks this one to end, which then finishes what it has begun. Both accept meanwhile.

use std::{
    ffi::OsString,
    os::fd::OwnedFd,
    path::PathBuf,
    process::{Child, Command},
    time::{Duration, Instant},
};

use anyhow::Context;
use command_fds::{CommandFdExt, FdMapping};
use nix::{
    sys::signal::{Signal as SignalName, kill},
    unistd::{Pid, getppid},
};
use sd_notify::NotifyState;
use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    time::{Interval, MissedTickBehavior, interval},
};

use crate::app::Listeners;

/// Tells the new process whom it replaces.
pub(crate) const REPLACES: &str = "GATEWAY_REPLACES_PID";
/// A new process that is not ready by then is ended. It may have migrations to apply.
const READY_DEADLINE: Duration = Duration::from_mins(2);
/// Is the first descriptor that is handed over, as systemd counts too.
const FIRST_INHERITED_FD: i32 = 3;

/// Says how this process was started, and whom it replaces.
#[derive(Debug, Clone)]
pub(crate) struct Invocation {
    /// Is the path that this process was started by, links unresolved: a newer program may be there now.
    pub(crate) program: PathBuf,
    pub(crate) arguments: Vec<OsString>,
    pub(crate) replaces: Option<i32>,
}

/// Waits for SIGUSR2 and does what it asks for.
pub(crate) struct Handover {
    invocation: Invocation,
    sockets: Vec<OwnedFd>,
    requested: Signal,
    /// Is looked at now and then while there is one.
    child: Option<(Child, Instant)>,
    look: Interval,
}

impl Handover {
    /// Keeps what a new process will need. Must be called inside the runtime.
    pub(crate) fn new(invocation: Invocation, listeners: &Listeners) -> anyhow::Result<Self> {
        let all = listeners.public.iter().chain(&listeners.redirect).chain([&listeners.ops]);
        let sockets = all.map(|listener| listener.try_clone().map(OwnedFd::from)).collect::<Result<_, _>>();
        let mut look = interval(Duration::from_millis(200));
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Ok(Self {
            invocation,
            sockets: sockets.context("a listener could not be kept")?,
            requested: signal(SignalKind::user_defined2()).context("could not listen for SIGUSR2")?,
            child: None,
            look,
        })
    }

    /// Returns when a new process was asked for. Nothing is lost when the future is dropped.
    pub(crate) async fn requested(&mut self) {
        loop {
            tokio::select! {
                _ = self.requested.recv() => return,
                _ = self.look.tick(), if self.child.is_some() => self.look_after_child(),
            }
        }
    }

    /// Returns whether a new process is there.
    pub(crate) fn is_under_way(&mut self) -> bool {
        self.look_after_child();
        self.child.is_some()
    }

    fn look_after_child(&mut self) {
        let Some((child, started)) = &mut self.child else { return };
        if let Ok(Some(status)) = child.try_wait() {
            tracing::error!(event = "upgrade_failed", %status, "the new process ended; this one goes on");
            self.child = None;
        } else if started.elapsed() > READY_DEADLINE {
            // It would have ended this process by now. What cannot be killed has ended.
            let _ = child.kill();
            let _ = child.wait();
            tracing::error!(event = "upgrade_failed", "the new process was not ready in time; this one goes on");
            self.child = None;
        }
    }

    /// Starts the new process. What becomes of it is told in the log; this one serves on until it is asked to end.
    pub(crate) fn start(&mut self) {
        if self.is_under_way() {
            tracing::warn!("a new process is being started already");
            return;
        }
        match self.try_start() {
            Ok(child) => {
                tracing::info!(event = "upgrade_started", pid = child.id(), "a new process was started");
                self.child = Some((child, Instant::now()));
            }
            Err(error) => {
                let error = format!("{error:#}");
                tracing::error!(event = "upgrade_failed", error, "no new process could be started; this one goes on");
            }
        }
    }

    fn try_start(&self) -> anyhow::Result<Child> {
        let mut mappings = Vec::new();
        for (socket, child_fd) in self.sockets.iter().zip(FIRST_INHERITED_FD..) {
            mappings.push(FdMapping { parent_fd: socket.try_clone().context("too many open files")?, child_fd });
        }
        let Invocation { program, arguments, .. } = &self.invocation;
        let mut command = Command::new(program);
        command
            .args(arguments)
            .env("LISTEN_FDS", self.sockets.len().to_string())
            .env_remove("LISTEN_PID")
            .env_remove("LISTEN_FDNAMES")
            .env(REPLACES, std::process::id().to_string())
            .fd_mappings(mappings)
            .context("the sockets cannot be handed over")?;
        command.spawn().with_context(|| format!("{} could not be started", program.display()))
    }
}

/// Says that this process is ready: to systemd, where it waits for it, and to the process that it replaces.
pub(crate) fn ready(invocation: &Invocation) {
    // Where nobody waits for it nothing is sent.
    let _ = sd_notify::notify(&[NotifyState::Ready, NotifyState::MainPid(std::process::id())]);
    // A process of the same number that did not start this one is somebody else's.
    if let Some(pid) = invocation.replaces.map(Pid::from_raw).filter(|pid| *pid == getppid())
        && let Err(error) = kill(pid, SignalName::SIGTERM)
    {
        tracing::warn!(error = &error as &dyn std::error::Error, "the former process could not be asked to end");
    }
}
