//! Builds the one runtime of the process.

use anyhow::Context;
use tokio::runtime::{Builder, Runtime};

/// Starts the one runtime of the process, with the one TLS stack installed.
pub(crate) fn build_runtime(threads: usize) -> anyhow::Result<Runtime> {
    // Fails where one is installed already, which is this same one.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Builder::new_multi_thread()
        .worker_threads(threads)
        .enable_all()
        .thread_name("gateway")
        .build()
        .context("could not start threads")
}

/// Lets the allocator ask for no huge pages, of which one byte in use holds two megabytes: three times the memory of a
/// socket, for a speed within the noise of its measurement (docs/performance.md).
pub(crate) fn use_small_pages() {
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::thread::disable_transparent_huge_pages(true) {
        tracing::debug!(error = &error as &dyn std::error::Error, "memory is held in huge pages");
    }
}
