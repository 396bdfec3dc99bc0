//! What operators see: metrics, the access log, the gateway's own log.

mod log;
mod metrics;

pub use log::{LogFormat, Settings};
pub use metrics::Metrics;
