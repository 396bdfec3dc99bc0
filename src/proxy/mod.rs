//! Is the reverse proxy: every request is checked, routed, decided on and forwarded here.
//!
//! A connection's bytes pass `server::listener` → `server::connection` → `server::http1` (with `http1::head`, the strict
//! parser) or `server::http2`. `forward::serve` is the straight line of a request: `decide::gateway` decides (for other
//! proxies too: `decide::forward_auth`), `forward::upstream` forwards with `identity::headers` as the upstream's view, and
//! `forward::auth_api` leads to the gateway's own API.

pub(crate) mod client;
pub(crate) mod decide;
pub(crate) mod forward;
#[cfg(any(feature = "bench", fuzzing))]
#[doc(hidden)]
pub mod header_filter;
pub mod http1;
pub(crate) mod http2;
pub(crate) mod identity;
pub(crate) mod request;
pub(crate) mod server;
pub(crate) mod session;
mod settings;
mod upstreams;

pub use decide::{auth_api::AuthApi, gateway::Gateway};
pub use identity::header_names::{is_free_for_field, is_own_header};
pub(crate) use server::accept::accept;
pub use server::{certificate::Certificate, listener::serve, proxy::Proxy, redirect::start as start_redirects};
pub use settings::{
    Balance, ClientCertificate, HealthCheck, IdentityPreset, ServerAddress, Settings, SignInPage, Upstream,
    UpstreamServer, UpstreamTimeouts, UpstreamTls,
};
