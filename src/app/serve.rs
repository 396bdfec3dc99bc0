//! Runs `authgate serve`.

use std::{net::TcpListener, path::PathBuf};

use crate::{
    app::{
        Addresses, Invocation, Listeners, Signals, Start, Stopped,
        run::{self, Source},
        runtime::{build_runtime, use_small_pages},
    },
    config::Config,
    observe,
};

/// Runs `authgate serve` until a signal.
pub(crate) fn serve(
    path: PathBuf,
    config: Config,
    migrate: bool,
    invocation: Invocation,
    inherited: Vec<TcpListener>,
) -> anyhow::Result<Stopped> {
    let log_level = observe::init(&config.log)?;
    let source = Some(Source { path, invocation, log_level });
    use_small_pages();
    let runtime = build_runtime(config.threads)?;
    let stopped = runtime.block_on(async {
        let mut signals = Signals::listen()?;
        let listeners = Listeners::bind(&config.listen, &config.redirect_listen, config.ops_listen, inherited)?;
        Box::pin(run::run(Start { config, listeners, migrate, dev: None, source }, &mut signals, announce)).await
    });
    // Tasks that are still there have had their time.
    runtime.shutdown_background();
    stopped
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
        pid = std::process::id(),
        "listening on {} (public), http://{} (ops)",
        list(", ", "http://"),
        addresses.ops,
    );
}
