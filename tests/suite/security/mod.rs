//! Attacks on what lies between a request and its reading (framing, smuggling, limits, slowness, storms), and on the browsers of
//! those who are signed in (forgery, redirects).

mod audit;
mod bounds;
mod enumeration;
mod forgery;
mod framing;
mod head;
mod limits;
mod redirects;
mod refused_origins;
mod smuggling;
#[cfg(target_os = "linux")]
mod storm;
mod upstream_answers;
