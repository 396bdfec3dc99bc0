//! Holds what a scrape of `/metrics` tells.

mod handles;
mod process;
mod registry;
mod second_factors;
mod sessions;

pub use handles::Metrics;
