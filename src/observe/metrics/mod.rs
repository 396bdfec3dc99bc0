//! Holds what a scrape of `/metrics` tells.

mod handles;
mod process;
mod registry;
mod sessions;

pub use handles::Metrics;
