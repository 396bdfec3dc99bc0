//! What operators see: metrics, the access log, the gateway's own log.

mod access_log;
mod log;
mod metrics;
mod process;
mod sessions;
mod timestamp;
mod tracing;

pub use self::tracing::{InitError, LogLevel, init, install_panic_hook};
pub use access_log::{AccessLine, AccessLog};
pub use log::{LogFormat, Settings};
pub use metrics::Metrics;
pub use timestamp::timestamp;
