//! Keeps `rate_limit:` of routes: a token bucket for each of those who are counted, in this process's memory. Several
//! replicas let through as many times as much.

use std::{
    hash::{BuildHasher, RandomState},
    net::IpAddr,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use http::{HeaderName, HeaderValue};
use pingora::http::ResponseHeader;
use prometheus::IntCounter;

use crate::{
    observe::Metrics,
    proxy::decide::token_buckets::{Taken, TokenBuckets},
    routing::{RateLimit, RatePer, RouteId, Routes},
    types::{ActiveSession, ClientIp, OrganizationId, Principal, SessionId, UserId},
};

/// Says who is counted.
#[derive(Debug, PartialEq, Eq, Hash)]
enum Key<'a> {
    User(&'a UserId),
    Organization(&'a OrganizationId),
    Session(&'a SessionId),
    Address(IpAddr),
}

/// Holds the limits of a route table.
#[derive(Debug)]
pub(crate) struct RouteLimits(Vec<Option<Limit>>);

#[derive(Debug)]
struct Limit {
    settings: RateLimit,
    buckets: Mutex<TokenBuckets>,
    /// Times are counted from here.
    started: Instant,
    /// Is unknown to clients, so that nobody can choose keys that collide.
    hasher: RandomState,
    rejected: IntCounter,
}

/// Holds what is left of a limit after a request, for its response.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Remaining {
    limit: u32,
    left: u32,
    /// Lasts until nothing counts any more.
    reset: Duration,
}

/// Says that a request is one too many.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Exceeded {
    pub(crate) retry_after: Duration,
    pub(crate) remaining: Remaining,
}

impl RouteLimits {
    pub(crate) fn new(routes: &Routes, metrics: &Metrics) -> Self {
        Self(routes.iter().map(|route| Limit::new(&route.name, route.rate_limit.as_ref()?, metrics)).collect())
    }

    /// Counts a request before the session is known: what is counted by address costs no look-up.
    pub(crate) fn before_check(&self, id: RouteId, ip: ClientIp) -> Result<Option<Remaining>, Exceeded> {
        match &self.0[id.index()] {
            Some(limit) if limit.settings.per == RatePer::Address => {
                limit.count(&Key::Address(ip.bucket()), Instant::now()).map(Some)
            }
            _ => Ok(None),
        }
    }

    /// Counts a request once it is allowed. Whoever has no session is counted by address.
    pub(crate) fn after_check(
        &self,
        id: RouteId,
        ip: ClientIp,
        session: Option<&ActiveSession>,
    ) -> Result<Option<Remaining>, Exceeded> {
        let Some(limit) = &self.0[id.index()] else { return Ok(None) };
        let key = match (limit.settings.per, session) {
            (RatePer::Address, _) => return Ok(None),
            (RatePer::User, Some(session)) => match &session.principal {
                Principal::User { user, .. } => Key::User(&user.id),
                Principal::Organization { organization, .. } => Key::Organization(&organization.id),
            },
            (RatePer::Client, Some(session)) => Key::Session(&session.session_id),
            (RatePer::User | RatePer::Client, None) => Key::Address(ip.bucket()),
        };
        limit.count(&key, Instant::now()).map(Some)
    }
}

impl Limit {
    /// Returns `None` for a window too short for its limit, which the configuration rejects.
    fn new(route: &str, settings: &RateLimit, metrics: &Metrics) -> Option<Self> {
        Some(Self {
            settings: settings.clone(),
            buckets: Mutex::new(TokenBuckets::new(settings.window, settings.limit)?),
            started: Instant::now(),
            hasher: RandomState::new(),
            rejected: metrics.route_rate_limited.with_label_values(&[route]),
        })
    }

    fn count(&self, key: &Key<'_>, now: Instant) -> Result<Remaining, Exceeded> {
        let (hash, now) = (self.hasher.hash_one(key), now.duration_since(self.started));
        // Nothing that holds the lock can panic half-way through a change.
        let taken = self.buckets.lock().unwrap_or_else(PoisonError::into_inner).take(hash, now);
        let limit = self.settings.limit.get();
        match taken {
            Taken::Token { left, until_full } => Ok(Remaining { limit, left, reset: until_full }),
            Taken::Nothing { until_next, until_full } => {
                self.rejected.inc();
                let remaining = Remaining { limit, left: 0, reset: until_full };
                Err(Exceeded { retry_after: until_next, remaining })
            }
        }
    }
}

impl Remaining {
    /// Returns the three fields, in seconds and requests. They replace the upstream's, which knows of no other replica
    /// either.
    pub(crate) fn fields(self) -> [(HeaderName, HeaderValue); 3] {
        [
            (HeaderName::from_static("ratelimit-limit"), self.limit.into()),
            (HeaderName::from_static("ratelimit-remaining"), self.left.into()),
            (HeaderName::from_static("ratelimit-reset"), whole_seconds(self.reset).into()),
        ]
    }

    pub(crate) fn tell(self, response: &mut ResponseHeader) -> pingora::Result<()> {
        self.fields().into_iter().try_for_each(|(name, value)| response.insert_header(name, value))
    }
}

/// Rounds a duration up, so that whoever waits that long is let through.
pub(crate) fn whole_seconds(duration: Duration) -> u64 {
    duration.as_secs() + u64::from(duration.subsec_nanos() > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_holds_its_limit_and_tells_when_to_come_back() {
        let window = Duration::from_secs(30);
        let settings = RateLimit { per: RatePer::Address, limit: 3.try_into().unwrap(), window };
        let limit = Limit::new("r", &settings, &Metrics::new()).unwrap();
        let (one, other) = (Key::Address([192, 0, 2, 1].into()), Key::Address([192, 0, 2, 2].into()));
        let now = Instant::now();
        let left: Vec<u32> = (0..3).map(|_| limit.count(&one, now).unwrap().left).collect();
        assert_eq!(left, [2, 1, 0]);
        let Exceeded { retry_after, remaining } = limit.count(&one, now).expect_err("the fourth is too many");
        assert_eq!(whole_seconds(retry_after), 10, "one comes back every ten seconds");
        assert_eq!((remaining.left, whole_seconds(remaining.reset)), (0, 30));
        assert_eq!(limit.count(&other, now).unwrap().left, 2, "others are not counted with it");
    }
}
