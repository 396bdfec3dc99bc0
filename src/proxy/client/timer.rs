//! Waits for points in time that mostly do not come: each new one lies further off, as something happened meanwhile.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
};

use tokio::time::{Instant, Sleep, sleep_until};

/// Is one timer for all waits of a connection. It is set anew only when it goes off or is set too late, since that costs
/// more than asking for the time.
#[derive(Debug, Default)]
pub(crate) struct Timer(Option<Pin<Box<Sleep>>>);

impl Timer {
    /// Returns once the deadline has passed.
    pub(crate) fn poll_until(&mut self, cx: &mut Context<'_>, deadline: Instant) -> Poll<()> {
        let sleep = self.0.get_or_insert_with(|| Box::pin(sleep_until(deadline)));
        if sleep.deadline() > deadline || sleep.is_elapsed() {
            sleep.as_mut().reset(deadline);
        }
        loop {
            ready!(sleep.as_mut().poll(cx));
            if Instant::now() >= deadline {
                return Poll::Ready(());
            }
            sleep.as_mut().reset(deadline);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{future::poll_fn, time::Duration};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn it_goes_off_at_the_last_deadline_it_was_asked_for() {
        let mut timer = Timer::default();
        let start = Instant::now();
        for (first, last) in [(1, 3), (9, 4), (2, 2)] {
            let begin = Instant::now();
            let first = begin + Duration::from_secs(first);
            poll_fn(|cx| Poll::Ready(timer.poll_until(cx, first).is_ready())).await;
            let last = begin + Duration::from_secs(last);
            poll_fn(|cx| timer.poll_until(cx, last)).await;
            assert!(Instant::now() >= last && Instant::now() < last + Duration::from_millis(5));
        }
        assert!(start.elapsed() < Duration::from_secs(10));
    }
}
