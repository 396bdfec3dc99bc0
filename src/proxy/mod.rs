//! The reverse proxy: every request is checked, routed, decided on and forwarded here.
//!
//! A connection's bytes pass `listener` → `connection` (with `head`, the strict reader) → the framework, which calls
//! `hooks`; `gateway` decides (for other proxies too: `forward_auth`); `headers` makes the upstream's view; `bridge` leads to the gateway's own API.

mod certificate;
pub(crate) mod decide;
pub(crate) mod forward;
#[cfg(any(feature = "bench", fuzzing))]
#[doc(hidden)]
pub mod header_filter;
pub mod http1;
pub(crate) mod identity;
pub(crate) mod load;
pub(crate) mod request;
pub(crate) mod server;
pub(crate) mod session;
mod settings;
mod upstreams;

pub use certificate::Certificate;
pub use decide::{auth_api::AuthApi, gateway::Gateway};
pub use identity::header_names::is_own_header;
pub(crate) use server::accept::accept;
pub use server::{listener::serve, proxy::Proxy, redirect::start as start_redirects};
pub use settings::{
    Balance, ClientCertificate, HealthCheck, IdentityPreset, ServerAddress, Settings, Upstream, UpstreamServer,
    UpstreamTimeouts, UpstreamTls,
};
