//! What docs/operations.md and the systemd unit promise, done with the commands that they quote.

mod access_log;
mod backup;
mod dashboards;
mod failures;
mod handover;
mod links;
mod listeners;
mod logs;
pub(crate) mod reload;
mod schema;
mod secrets;
mod systemd;

use std::{fs, path::Path};

fn read(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
