//! The reverse proxy: every request is checked, routed, decided on and forwarded here.
//!
//! A connection's bytes pass `listener` → `connection` (with `head`, the strict reader) → the framework, which calls
//! `hooks`; `gateway` decides (for other proxies too: `forward_auth`); `headers` makes the upstream's view; `bridge` leads to the gateway's own surface.

mod answer;
#[cfg(feature = "bench")]
#[doc(hidden)]
pub mod bench;
pub mod body_framing;
mod bridge;
mod caching;
mod client_stream;
mod connection;
mod cors;
mod ctx;
mod current;
mod forward_auth;
mod forwarded;
mod frames;
#[cfg(fuzzing)]
#[doc(hidden)]
pub mod fuzzing;
mod gateway;
pub mod head;
mod header_names;
mod headers;
mod hooks;
mod http10;
mod http2;
mod listener;
mod live;
mod load;
mod measure;
mod own_paths;
mod proxy_protocol;
mod record;
mod redirect;
mod refusal;
mod renewal;
mod route_limit;
mod serving;
mod settings;
mod tls;
mod token_buckets;
mod upstream_answer;
mod upstreams;
mod websocket;

pub use bridge::Surface;
pub use gateway::Gateway;
pub use header_names::is_own_header;
pub use serving::Proxy;
pub use settings::{
    Balance, ClientCertificate, HealthCheck, IdentityPreset, ServerAddress, Settings, Upstream, UpstreamServer,
    UpstreamTimeouts, UpstreamTls,
};
pub use tls::Certificate;
