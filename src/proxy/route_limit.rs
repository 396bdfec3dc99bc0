//! `rate_limit:` of routes: a token bucket for each of those who are counted, in this process's memory. Several replicas
//! let through as many times as much.

use std::{
    hash::{BuildHasher, RandomState},
    net::IpAddr,
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use governor::{
    Quota, RateLimiter,
    clock::{Clock, DefaultClock},
    middleware::StateInformationMiddleware,
    state::keyed::HashMapStateStore,
};
use http::{HeaderName, HeaderValue};
use pingora::http::ResponseHeader;
use prometheus::IntCounter;

use super::refusal::Refusal;
use crate::{
    observe::Metrics,
    routes::{RateLimit, RatePer, RouteId, Routes},
    types::{ActiveSession, ClientIp, SessionId, UserId},
};

/// Buckets of one route. Beyond this newcomers share [`SHARED`] ones, so that a flood of addresses costs bounded memory.
const MOST: usize = 500_000;
const SHARED: u64 = 65_536;
/// Full buckets are forgotten when there are twice as many as after the last time, and at least this many.
const SWEEP: usize = 8192;

/// Who is counted.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Key {
    User(UserId),
    Session(SessionId),
    Address(IpAddr),
    Shared(u64),
}

/// The limits of a route table.
#[derive(Debug)]
pub(super) struct RouteLimits(Vec<Option<Limit>>);

#[derive(Debug)]
struct Limit {
    settings: RateLimit,
    buckets: RateLimiter<Key, HashMapStateStore<Key>, DefaultClock, StateInformationMiddleware>,
    sweep_at: AtomicUsize,
    hasher: RandomState,
    refused: IntCounter,
}

/// What is left of a limit after a request, for its answer.
#[derive(Debug, Clone, Copy)]
pub(super) struct Remaining {
    limit: u32,
    left: u32,
    /// Until nothing counts any more.
    reset: Duration,
}

impl RouteLimits {
    pub(super) fn new(routes: &Routes, metrics: &Metrics) -> Self {
        Self(routes.iter().map(|route| Limit::new(&route.name, route.rate_limit.as_ref()?, metrics)).collect())
    }

    /// Before the session is known: what is counted by address costs no look-up.
    pub(super) fn before_check(&self, id: RouteId, ip: ClientIp) -> Result<Option<Remaining>, Refusal> {
        match &self.0[id.index()] {
            Some(limit) if limit.settings.per == RatePer::Address => limit.count(Key::Address(ip.bucket())).map(Some),
            _ => Ok(None),
        }
    }

    /// Once the request is allowed. Whoever has no session is counted by address.
    pub(super) fn after_check(
        &self,
        id: RouteId,
        ip: ClientIp,
        session: Option<&ActiveSession>,
    ) -> Result<Option<Remaining>, Refusal> {
        let Some(limit) = &self.0[id.index()] else { return Ok(None) };
        let key = match (limit.settings.per, session) {
            (RatePer::Address, _) => return Ok(None),
            (RatePer::User, Some(session)) => Key::User(session.user_id.clone()),
            (RatePer::Client, Some(session)) => Key::Session(session.session_id.clone()),
            (RatePer::User | RatePer::Client, None) => Key::Address(ip.bucket()),
        };
        limit.count(key).map(Some)
    }
}

impl Limit {
    /// `None` for a window too short for its limit, which the configuration refuses.
    fn new(route: &str, settings: &RateLimit, metrics: &Metrics) -> Option<Self> {
        let quota = Quota::with_period(settings.window / settings.limit.get())?.allow_burst(settings.limit);
        Some(Self {
            settings: settings.clone(),
            buckets: RateLimiter::hashmap(quota).with_middleware(),
            sweep_at: AtomicUsize::new(SWEEP),
            hasher: RandomState::new(),
            refused: metrics.route_rate_limited.with_label_values(&[route]),
        })
    }

    fn count(&self, key: Key) -> Result<Remaining, Refusal> {
        let key = self.within_bounds(key);
        let limit = self.settings.limit.get();
        match self.buckets.check_key(&key) {
            Ok(state) => {
                let left = state.remaining_burst_capacity();
                Ok(Remaining { limit, left, reset: self.refill(limit - left.min(limit)) })
            }
            Err(until) => {
                self.refused.inc();
                let retry_after = until.wait_time_from(DefaultClock::default().now());
                let reset = self.refill(limit);
                Err(Refusal::RateLimited { retry_after, remaining: Remaining { limit, left: 0, reset } })
            }
        }
    }

    fn refill(&self, missing: u32) -> Duration {
        self.settings.window / self.settings.limit.get() * missing
    }

    /// Forgets full buckets now and then, which are like none.
    fn within_bounds(&self, key: Key) -> Key {
        if self.buckets.len() < self.sweep_at.load(Ordering::Relaxed) {
            return key;
        }
        self.buckets.retain_recent();
        self.buckets.shrink_to_fit();
        let left = self.buckets.len();
        self.sweep_at.store((2 * left).clamp(SWEEP, MOST), Ordering::Relaxed);
        if left < MOST { key } else { Key::Shared(self.hasher.hash_one(key) % SHARED) }
    }
}

impl Remaining {
    /// The three fields, in seconds and requests; in place of the upstream's, which knows of no other replica either.
    pub(super) fn fields(self) -> [(HeaderName, HeaderValue); 3] {
        [
            (HeaderName::from_static("ratelimit-limit"), self.limit.into()),
            (HeaderName::from_static("ratelimit-remaining"), self.left.into()),
            (HeaderName::from_static("ratelimit-reset"), whole_seconds(self.reset).into()),
        ]
    }

    pub(super) fn tell(self, response: &mut ResponseHeader) -> pingora::Result<()> {
        self.fields().into_iter().try_for_each(|(name, value)| response.insert_header(name, value))
    }
}

/// Rounded up, so that whoever waits that long is let through.
pub(super) fn whole_seconds(duration: Duration) -> u64 {
    duration.as_secs() + u64::from(duration.subsec_nanos() > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limit(limit: u32, window: Duration) -> Limit {
        let settings = RateLimit { per: RatePer::Address, limit: limit.try_into().unwrap(), window };
        Limit::new("r", &settings, &Metrics::new()).unwrap()
    }

    fn address(n: u32) -> Key {
        Key::Address(IpAddr::V4(n.into()))
    }

    #[test]
    fn a_bucket_holds_its_limit_and_tells_when_to_come_back() {
        let limit = limit(3, Duration::from_secs(30));
        let left: Vec<u32> = (0..3).map(|_| limit.count(address(1)).unwrap().left).collect();
        assert_eq!(left, [2, 1, 0]);
        let Err(Refusal::RateLimited { retry_after, remaining }) = limit.count(address(1)) else {
            panic!("the fourth is too many")
        };
        assert_eq!(whole_seconds(retry_after), 10, "one comes back every ten seconds");
        assert_eq!((remaining.left, whole_seconds(remaining.reset)), (0, 30));
        assert_eq!(limit.count(address(2)).unwrap().left, 2, "others are not counted with it");
    }

    #[test]
    fn a_flood_of_addresses_is_forgotten() {
        let limit = limit(1000, Duration::from_secs(1));
        for n in 0..100_000 {
            limit.count(address(n)).unwrap();
        }
        assert!(limit.buckets.len() < 50_000, "{}", limit.buckets.len());
    }
}
