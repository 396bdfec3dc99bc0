//! Holds what the framework carries from one hook to the next.

use std::sync::Arc;

use crate::proxy::{
    decide::{gateway::Gateway, state::RequestState},
    forward::access_log,
    session::long_lived::{self, LongLived},
};

/// Holds one request with the gateway that decides on it. It is made before the first hook and dropped after the access
/// log line.
pub(crate) struct Ctx {
    /// What was in force when the request arrived decides on all of it.
    pub(crate) gateway: Arc<Gateway>,
    pub(crate) state: RequestState,
    /// Is set where the response may outlive what admitted its request.
    pub(crate) long_lived: Option<LongLived>,
}

impl Ctx {
    /// Begins a request.
    pub(crate) fn new(gateway: Arc<Gateway>) -> Self {
        let state = RequestState::new(gateway.metrics.requests_in_flight.clone(), long_lived::begin_load());
        Self { gateway, state, long_lived: None }
    }
}

impl std::fmt::Debug for Ctx {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Ctx({:?})", self.state)
    }
}

impl Drop for Ctx {
    fn drop(&mut self) {
        // Still there only where the request was cut off: the framework's last hook takes it.
        if let Some(long_lived) = self.long_lived.take() {
            access_log::terminated(&self.gateway, &self.state, &long_lived);
        }
    }
}
