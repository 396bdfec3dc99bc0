//! Holds what one line of the access log tells.

use std::time::Duration;

use time::OffsetDateTime;

use crate::types::{ClientIp, SessionId, UserId};

/// Describes one request and its response. Nothing in it is secret: the path has no query, ids open nothing.
#[derive(Debug, Clone)]
pub struct AccessLine<'a> {
    /// The request arrived at this time.
    pub time: OffsetDateTime,
    pub request_id: &'a str,
    pub method: &'a str,
    /// The path has no query. Where one is there nonetheless, it is cut off.
    pub path: &'a str,
    pub host: &'a str,
    /// Is the route's name; `_auth` and `_none` are our own.
    pub route: &'a str,
    pub status: u16,
    pub duration: Duration,
    /// The session check took this long, where there was one.
    pub check: Option<Duration>,
    /// Is the upstream server's address.
    pub upstream: Option<&'a str>,
    pub client_ip: ClientIp,
    pub user_id: Option<&'a UserId>,
    pub session_id: Option<&'a SessionId>,
    /// Counts body bytes from the client.
    pub bytes_in: u64,
    /// Counts body bytes to the client.
    pub bytes_out: u64,
    pub user_agent: &'a str,
    /// This tells why the request was rejected or failed, in words of ours.
    pub error: Option<&'a str>,
}

#[cfg(test)]
impl AccessLine<'static> {
    /// Returns a line for tests.
    pub(crate) fn sample() -> Self {
        Self {
            time: time::macros::datetime!(2026-11-20 21:07:31.042 UTC),
            request_id: "0190b3c5",
            method: "GET",
            path: "/items/1",
            host: "app.example.com",
            route: "app",
            status: 200,
            duration: Duration::from_micros(3_204),
            check: Some(Duration::from_micros(412)),
            upstream: Some("127.0.0.1:8000"),
            client_ip: ClientIp::new("192.0.2.7".parse().unwrap()),
            user_id: None,
            session_id: None,
            bytes_in: 0,
            bytes_out: 17,
            user_agent: "curl/8",
            error: None,
        }
    }
}
