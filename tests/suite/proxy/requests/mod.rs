//! What reaches the upstream, what comes back, and what is refused on the way.

mod access;
mod bodies;
mod connections;
mod http10;
mod responses;
mod routing;
