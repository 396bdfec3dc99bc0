//! Lists the methods that are served.

use http::Method;

/// Lists every method that a request may have and a route may name. TRACE, TRACK and CONNECT are refused everywhere
/// (METH-03).
pub static SERVED_METHODS: [Method; 7] =
    [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::PATCH, Method::DELETE, Method::OPTIONS];

/// Tells whether a method is served, from its spelling in a request line.
#[must_use]
pub fn is_served(method: &[u8]) -> bool {
    SERVED_METHODS.iter().any(|served| served.as_str().as_bytes() == method)
}
