//! Lets work end with the client that it is for.

use std::{future::poll_fn, pin::pin, task::Poll};

use crate::proxy::{
    client::{Client, ClientError},
    forward::failure::Failure,
};

/// Does the work, unless the client goes away before it is done. What the client sends meanwhile is kept.
pub(crate) async fn unless_gone<T>(client: &mut Client, work: impl Future<Output = T>) -> Result<T, Failure> {
    let mut work = pin!(work);
    poll_fn(|cx| {
        if let Poll::Ready(done) = work.as_mut().poll(cx) {
            return Poll::Ready(Ok(done));
        }
        if client.poll_cut_off(cx).is_ready() {
            return Poll::Ready(Err(Failure::CutOff));
        }
        client.poll_gone(cx).map(|()| Err(ClientError::Gone.into()))
    })
    .await
}
