//! Writes the gateway's own log: `tracing` events, and what libraries write through `log`, to standard output.
//!
//! Knows the format and the filter; requests are told by the access log, not here.

use std::{
    fmt,
    io::{self, IsTerminal},
    panic::PanicHookInfo,
    sync::Arc,
};

use time::OffsetDateTime;
use tracing_subscriber::{EnvFilter, filter::ParseError, fmt::format::Writer, fmt::time::FormatTime, reload};

use crate::{
    observe::{LogFormat, Metrics, Settings},
    types::write_timestamp,
};

/// Quiets what libraries say about single requests at WARN and ERROR although nothing is wrong with the gateway: a
/// client that went away, a malformed request, an upstream that does not respond, a passkey's answer that is none (the
/// library repeats the whole of it). The access log, the audit log and the metrics tell
/// the outcome of each. A directive of `log.level` for the same target wins over these.
const QUIET: &str = "pingora_proxy=off,pingora_core=error,pingora_core::apps=off,pingora_core::connectors=off,pingora_core::protocols=off,\
                     sqlx::postgres::notice=off,webauthn_rs_core=off";

/// Says that the log could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum InitError {
    #[error("log.level: not a filter such as `info` or `info,authgate=debug`")]
    Level(#[source] ParseError),
    #[error("the log is set up already")]
    Twice,
}

/// Changes the level of the log that is installed.
pub struct LogLevel(Box<dyn Fn(EnvFilter) -> Result<(), reload::Error> + Send + Sync>);

impl LogLevel {
    /// Takes the level of other settings over.
    pub fn set(&self, settings: &Settings) -> Result<(), InitError> {
        let filter = filter(&settings.level).map_err(InitError::Level)?;
        (self.0)(filter).map_err(|_| InitError::Twice)
    }
}

impl fmt::Debug for LogLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LogLevel")
    }
}

/// Installs the log for the whole process.
pub fn init(settings: &Settings) -> Result<LogLevel, InitError> {
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter(&settings.level).map_err(InitError::Level)?)
        .with_timer(Timestamp)
        // Telling standard error that standard output is full panics where that is full too.
        .log_internal_errors(false)
        .with_writer(io::stdout);
    let (installed, level) = match settings.format {
        LogFormat::Json => {
            let builder = builder
                .json()
                .flatten_event(true)
                .with_current_span(false)
                .with_span_list(true)
                .with_filter_reloading();
            let handle = builder.reload_handle();
            (builder.try_init(), LogLevel(Box::new(move |filter| handle.reload(filter))))
        }
        LogFormat::Text => {
            let builder = builder.with_target(false).with_ansi(io::stdout().is_terminal()).with_filter_reloading();
            let handle = builder.reload_handle();
            (builder.try_init(), LogLevel(Box::new(move |filter| handle.reload(filter))))
        }
    };
    installed.map_err(|_| InitError::Twice)?;
    Ok(level)
}

/// Counts panics (`authgate_panics_total` should stay zero) and tells each in one line instead of a trace that could be
/// taken for several. A panic in one task does not end the process.
pub fn install_panic_hook(metrics: Arc<Metrics>) {
    std::panic::set_hook(Box::new(move |panic| {
        metrics.panics.inc();
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(event = "panic", panic.place = place, panic.message = message(panic), "a task panicked");
    }));
}

fn message<'a>(panic: &'a PanicHookInfo<'_>) -> &'a str {
    panic.payload_as_str().unwrap_or("(not a text)")
}

fn filter(level: &str) -> Result<EnvFilter, ParseError> {
    EnvFilter::builder().parse(format!("{QUIET},{level}"))
}

struct Timestamp;

impl FormatTime for Timestamp {
    fn format_time(&self, writer: &mut Writer<'_>) -> fmt::Result {
        let mut text = Vec::with_capacity(24);
        write_timestamp(&mut text, OffsetDateTime::now_utc()).map_err(|_| fmt::Error)?;
        writer.write_str(&String::from_utf8_lossy(&text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn configured_levels_win_over_the_quiet_ones() {
        for (level, expected) in
            [("info", "pingora_proxy=off"), ("info,pingora_proxy=debug", "pingora_proxy=debug"), ("warn", "warn")]
        {
            let text = filter(level).unwrap().to_string();
            assert!(text.split(',').any(|directive| directive == expected), "{level}: {text}");
        }
        assert!(filter("info,authgate=loud").is_err());
    }
}
