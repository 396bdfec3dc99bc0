//! Shows operators what goes on: metrics, the access log, the gateway's own log.

mod access_log;
mod logging;
mod metrics;
mod settings;

pub use access_log::{AccessLine, AccessLog};
pub use logging::{InitError, LogLevel, init, install_panic_hook};
pub use metrics::{ADMIN_CALLS, API_KEY_CALLS, CallKind, CallOutcome, MailedSecret, Metrics, UpstreamState};
pub use settings::{LogFormat, Settings};
