//! Makes waiting times that grow and are spread, so that replicas and messages do not all come back at once.

use std::time::Duration;

/// Returns `first` doubled with every further attempt, at most `cap`, then spread by up to a fifth in both directions.
/// Attempts count from 1; `spread` is random, from 0 to `u16::MAX`.
pub(crate) fn exponential(first: Duration, cap: Duration, attempts: u32, spread: u16) -> Duration {
    let doublings = attempts.saturating_sub(1).min(31);
    jittered(first.saturating_mul(1 << doublings).min(cap), spread)
}

/// Returns between four and six fifths of `middle`.
pub(crate) fn jittered(middle: Duration, spread: u16) -> Duration {
    middle.mul_f64(0.8 + 0.4 * f64::from(spread) / f64::from(u16::MAX))
}

/// Returns randomness for the above; without any the waits are merely not spread.
pub(crate) fn random() -> u16 {
    let mut bytes = [0; 2];
    match getrandom::fill(&mut bytes) {
        Ok(()) => u16::from_ne_bytes(bytes),
        Err(_) => u16::MAX / 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubles_up_to_the_cap_and_spreads() {
        let (second, cap) = (Duration::from_secs(1), Duration::from_mins(5));
        for (attempts, low, high) in [
            (0, 800, 1_200),
            (1, 800, 1_200),
            (2, 1_600, 2_400),
            (5, 12_800, 19_200),
            (9, 204_800, 307_200),
            (10, 240_000, 360_000),
            (u32::MAX, 240_000, 360_000),
        ] {
            assert_eq!(exponential(second, cap, attempts, 0).as_millis(), low, "{attempts}");
            assert_eq!(exponential(second, cap, attempts, u16::MAX).as_millis(), high, "{attempts}");
        }
        assert_eq!(jittered(Duration::from_secs(10), 0), Duration::from_secs(8));
    }
}
