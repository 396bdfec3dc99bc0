//! The reverse proxy: every request is checked, routed, decided on and forwarded here.

mod settings;

pub use settings::{IdentityPreset, Settings, Upstream, UpstreamServer, UpstreamTimeouts};
