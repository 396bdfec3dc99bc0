//! Turns panics into values.

use std::{
    future::poll_fn,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::pin,
    task::Poll,
};

/// Says that the work panicked. The panic hook has logged where and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it panicked")]
pub struct Panicked;

/// Returns the outcome of the work. After a panic it is dropped, and with it everything that it held.
pub async fn catch_panic<T>(work: impl Future<Output = T>) -> Result<T, Panicked> {
    let mut work = pin!(work);
    // Everything that was shared with the work is in the state that the panic left it in: locks of the standard library are
    // poisoned, and all of ours are held only where nothing can panic half-way.
    poll_fn(|context| match catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(context))) {
        Ok(Poll::Pending) => Poll::Pending,
        Ok(Poll::Ready(outcome)) => Poll::Ready(Ok(outcome)),
        Err(_) => Poll::Ready(Err(Panicked)),
    })
    .await
}
