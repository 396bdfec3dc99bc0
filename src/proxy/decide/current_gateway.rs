//! Holds the gateway in force.

use std::sync::Arc;

use arc_swap::{ArcSwap, Guard};
use tokio::sync::watch;

use crate::proxy::decide::gateway::Gateway;

/// Holds the gateway in force, and announces each one that takes its place.
pub(crate) struct Current {
    gateway: ArcSwap<Gateway>,
    replaced: watch::Sender<()>,
}

impl Current {
    pub(crate) fn new(gateway: Gateway) -> Self {
        Self { gateway: ArcSwap::from_pointee(gateway), replaced: watch::Sender::new(()) }
    }

    pub(crate) fn load(&self) -> Guard<Arc<Gateway>> {
        self.gateway.load()
    }

    pub(crate) fn load_full(&self) -> Arc<Gateway> {
        self.gateway.load_full()
    }

    pub(crate) fn replace(&self, gateway: Gateway) {
        self.gateway.store(Arc::new(gateway));
        self.replaced.send_replace(());
    }

    /// Announces every gateway that takes the place of another from now on.
    pub(crate) fn replacements(&self) -> watch::Receiver<()> {
        self.replaced.subscribe()
    }
}

impl std::fmt::Debug for Current {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Current")
    }
}
