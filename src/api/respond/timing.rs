//! Keeps response times from telling anything.

use std::time::Duration;

use tokio::time::Instant;

/// Every response to a request for a mail takes this long at least, whether or not one was written (MAIL-07).
const MIN_RESPONSE_TIME: Duration = Duration::from_millis(250);

/// Does what may or may not write a mail, in the same time either way.
pub(crate) async fn pad_response_time<T>(work: impl Future<Output = T>) -> T {
    let done = Instant::now() + MIN_RESPONSE_TIME;
    let result = work.await;
    tokio::time::sleep_until(done).await;
    result
}
