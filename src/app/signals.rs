//! Waits for what asks the process to end.

use anyhow::Context;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// Receives SIGTERM and SIGINT, from the moment of [`Self::listen`] on.
#[derive(Debug)]
pub(crate) struct Signals {
    all: Vec<Signal>,
    /// Asks for a handover, once that can be done. Held so that it never ends the process.
    _handover: Signal,
}

impl Signals {
    /// Takes the signals over from their default, which ends the process. Must be called inside the runtime.
    pub(crate) fn listen() -> anyhow::Result<Self> {
        Self::subscribe(&[SignalKind::terminate(), SignalKind::interrupt()])
    }

    /// Takes SIGHUP too, which a closed terminal sends: what was started for it must not outlive it.
    pub(crate) fn listen_with_hangup() -> anyhow::Result<Self> {
        Self::subscribe(&[SignalKind::terminate(), SignalKind::interrupt(), SignalKind::hangup()])
    }

    fn subscribe(kinds: &[SignalKind]) -> anyhow::Result<Self> {
        let all = kinds.iter().map(|kind| signal(*kind)).collect::<Result<_, _>>();
        let handover = signal(SignalKind::user_defined2());
        let refused = "could not listen for signals";
        Ok(Self { all: all.context(refused)?, _handover: handover.context(refused)? })
    }

    /// Waits for the next one. Nothing is lost when the future is dropped.
    pub(crate) async fn next(&mut self) {
        std::future::poll_fn(|context| {
            let arrived = self.all.iter_mut().any(|signal| signal.poll_recv(context).is_ready());
            if arrived { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
        })
        .await;
    }
}
