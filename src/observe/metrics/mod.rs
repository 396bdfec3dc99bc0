//! Holds what a scrape of `/metrics` tells.

mod api_keys;
mod calls;
mod handles;
mod mailed_secrets;
mod organizations;
mod process;
mod registry;
mod second_factors;
mod sessions;
mod upstreams;

pub use calls::{ADMIN_CALLS, API_KEY_CALLS, CallKind, CallOutcome};
pub use handles::Metrics;
pub use mailed_secrets::MailedSecret;
pub use upstreams::UpstreamState;
