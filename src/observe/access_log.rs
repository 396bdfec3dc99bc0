//! stand-in
use crate::types::{ClientIp, SessionId, UserId};
use std::time::Duration;
use time::OffsetDateTime;
#[derive(Debug, Clone)]
pub struct AccessLog;
impl AccessLog {
    pub fn write(&self, _l: &AccessLine<'_>) {}
}
#[derive(Debug)]
pub struct AccessLine<'a> {
    pub time: OffsetDateTime,
    pub request_id: &'a str,
    pub method: &'a str,
    pub path: &'a str,
    pub host: &'a str,
    pub route: &'a str,
    pub status: u16,
    pub duration: Duration,
    pub check: Option<Duration>,
    pub upstream: Option<&'a str>,
    pub client_ip: Option<ClientIp>,
    pub user_id: Option<&'a UserId>,
    pub session_id: Option<&'a SessionId>,
    pub bytes_in: u64,
    pub bytes_out: u64,
    pub user_agent: &'a str,
    pub error: Option<&'a str>,
}
