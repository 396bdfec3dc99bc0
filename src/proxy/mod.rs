//! The reverse proxy: every request is checked, routed, decided on and forwarded here.

pub mod head;
mod settings;

pub use settings::{IdentityPreset, Settings, Upstream, UpstreamServer, UpstreamTimeouts};
