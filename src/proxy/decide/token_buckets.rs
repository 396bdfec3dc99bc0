//! Keeps token buckets in bounded memory and with bounded work: each request looks at its own bucket, and at two others
//! to see whether they are full again, which is like having none.

use std::{num::NonZero, time::Duration};

use indexmap::{IndexMap, map::Entry};

/// Bounds the buckets of one limit: these take 16 MB with their index.
const MAX_BUCKETS: usize = 500_000;
/// Newcomers have these in common where there are so many already: each is counted together with whoever else falls to
/// the same one. Those that have a bucket of their own notice nothing.
const SHARED_BUCKETS: usize = 65_536;
/// So many buckets are looked at besides the request's own: more than it can add, so that full ones go faster than new
/// ones come.
const SWEPT: usize = 2;

/// Tells what a request got out of its bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Taken {
    Token { left: u32, until_full: Duration },
    Nothing { until_next: Duration, until_full: Duration },
}

/// Holds all buckets of a limit. Times are counted from its beginning, keys are hashes that clients cannot choose.
#[derive(Debug)]
pub(crate) struct TokenBuckets {
    /// Counts the nanoseconds in which one token comes back.
    interval: u64,
    /// Counts the nanoseconds in which an empty bucket fills.
    window: u64,
    /// Says when each bucket is full again (the "theoretical arrival time" of GCRA).
    full_at: IndexMap<u64, u64>,
    /// Says the same of the buckets that newcomers share; it is empty until they are needed.
    shared: Vec<u64>,
    /// Is the next bucket to be looked at.
    hand: usize,
}

impl TokenBuckets {
    /// Creates buckets of `limit` tokens, which come back evenly over the window. Returns `None` for a window too short
    /// for its limit.
    pub(crate) fn new(window: Duration, limit: NonZero<u32>) -> Option<Self> {
        let interval = nanoseconds(window) / u64::from(limit.get());
        let window = interval.checked_mul(limit.get().into()).filter(|window| *window > 0)?;
        Some(Self { interval, window, full_at: IndexMap::new(), shared: Vec::new(), hand: 0 })
    }

    /// Takes a token out of the bucket of a key.
    pub(crate) fn take(&mut self, key: u64, now: Duration) -> Taken {
        let now = nanoseconds(now);
        self.sweep(now);
        let has_room = self.full_at.len() < MAX_BUCKETS;
        let full_at = match self.full_at.entry(key) {
            Entry::Occupied(bucket) => bucket.into_mut(),
            Entry::Vacant(bucket) if has_room => bucket.insert(now),
            Entry::Vacant(_) => {
                self.shared.resize(SHARED_BUCKETS, 0);
                // The remainder is smaller than the length.
                &mut self.shared[usize::try_from(key % SHARED_BUCKETS as u64).unwrap_or_default()]
            }
        };
        let after = (*full_at).max(now) + self.interval;
        let Some(tokens) = (now + self.window).checked_sub(after) else {
            return Taken::Nothing {
                until_next: Duration::from_nanos(after - self.window - now),
                until_full: Duration::from_nanos(*full_at - now),
            };
        };
        *full_at = after;
        let left = u32::try_from(tokens / self.interval).unwrap_or(u32::MAX);
        Taken::Token { left, until_full: Duration::from_nanos(after - now) }
    }

    /// Forgets full buckets, a few at a time.
    fn sweep(&mut self, now: u64) {
        for _ in 0..SWEPT {
            match self.full_at.get_index(self.hand) {
                Some((_, full_at)) if *full_at <= now => drop(self.full_at.swap_remove_index(self.hand)),
                Some(_) => self.hand += 1,
                None => self.hand = 0,
            }
        }
    }
}

/// Counts nanoseconds: a `u64` is enough for five centuries.
fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn buckets(limit: u32, window: Duration) -> TokenBuckets {
        TokenBuckets::new(window, limit.try_into().unwrap()).unwrap()
    }

    fn is_let_through(taken: Taken) -> bool {
        matches!(taken, Taken::Token { .. })
    }

    #[test]
    fn tokens_come_back_evenly() {
        let mut buckets = buckets(4, 8 * SECOND);
        for left in [3, 2, 1, 0] {
            let until_full = 2 * SECOND * (4 - left);
            assert_eq!(buckets.take(1, SECOND), Taken::Token { left, until_full });
        }
        let none = Taken::Nothing { until_next: 2 * SECOND, until_full: 8 * SECOND };
        assert_eq!(buckets.take(1, SECOND), none);
        assert_eq!(buckets.take(1, SECOND), none, "asking costs nothing");
        assert_eq!(buckets.take(1, 2 * SECOND), Taken::Nothing { until_next: SECOND, until_full: 7 * SECOND });
        assert_eq!(buckets.take(1, 3 * SECOND), Taken::Token { left: 0, until_full: 8 * SECOND });
        assert_eq!(buckets.take(1, 100 * SECOND), Taken::Token { left: 3, until_full: 2 * SECOND });
        assert_eq!(buckets.take(2, 100 * SECOND), Taken::Token { left: 3, until_full: 2 * SECOND });
    }

    #[test]
    fn a_window_too_short_for_its_limit_is_none() {
        assert!(TokenBuckets::new(Duration::from_nanos(9), 10.try_into().unwrap()).is_none());
        assert!(TokenBuckets::new(Duration::from_nanos(10), 10.try_into().unwrap()).is_some());
    }

    #[test]
    fn full_buckets_are_forgotten_by_the_requests_of_others() {
        let mut buckets = buckets(10, SECOND);
        for key in 0..100_000 {
            buckets.take(key, Duration::from_millis(key));
        }
        assert!(buckets.full_at.len() < 1000, "{}", buckets.full_at.len());
    }

    #[test]
    fn a_request_looks_at_as_many_buckets_however_many_there_are() {
        let mut buckets = buckets(1, SECOND);
        for key in 0..1000 {
            buckets.take(key, Duration::ZERO);
        }
        buckets.take(0, 2 * SECOND);
        assert!((1000 - SWEPT..=1000).contains(&buckets.full_at.len()), "all are full, two were looked at");
    }

    #[test]
    fn beyond_the_bound_newcomers_share_and_nobody_else_notices() {
        let mut buckets = buckets(1, SECOND);
        let known = u64::try_from(MAX_BUCKETS).unwrap();
        for key in 0..known {
            assert!(is_let_through(buckets.take(key, Duration::ZERO)));
        }
        let shared = u64::try_from(SHARED_BUCKETS).unwrap();
        let newcomer = known.next_multiple_of(shared);
        assert!(is_let_through(buckets.take(newcomer, Duration::ZERO)));
        assert!(!is_let_through(buckets.take(newcomer + shared, Duration::ZERO)), "it has the same bucket");
        assert!(is_let_through(buckets.take(newcomer + 1, Duration::ZERO)));
        assert_eq!((buckets.full_at.len(), buckets.shared.len()), (MAX_BUCKETS, SHARED_BUCKETS));
        assert!(!is_let_through(buckets.take(7, SECOND / 2)), "who was known is counted as before");
        assert!(is_let_through(buckets.take(7, SECOND)));
    }
}
