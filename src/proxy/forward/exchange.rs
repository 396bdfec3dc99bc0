//! Moves a request's body to the upstream and the response's to the client, both at once: nobody waits for the other, and
//! nothing is read that cannot be passed on yet.

use std::{
    future::poll_fn,
    task::{Context, Poll},
};

use tokio::time::Instant;

use crate::proxy::{
    client::{Client, ClientError},
    forward::{
        deadlines::{Activity, Awaited, TunnelEnd},
        failure::Failure,
    },
    http1::response_head::ResponseHead,
    session::{frames::Frames, long_lived::LongLived},
    upstreams::{
        connection::{ResponsePiece, UpstreamEnd},
        server::Timeouts,
    },
};

/// Holds the upstream's end of a request under way, and how far both directions are.
pub(crate) struct Exchange {
    pub(crate) upstream: UpstreamEnd,
    timeouts: Timeouts,
    max_body: Option<u64>,
    request: RequestProgress,
    is_response_over: bool,
    tunnel: Option<Tunnel>,
    activity: Activity,
}

/// Says how far the request is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum RequestProgress {
    Sending,
    Sent,
    /// The server takes nothing more of it.
    Refused,
}

/// Holds what is known of a connection that carries another protocol.
struct Tunnel {
    frames: Frames,
    client_finished: Option<Instant>,
    is_shut_down: bool,
}

/// Is what the exchange waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Until {
    Head,
    End,
}

impl Exchange {
    pub(crate) fn new(upstream: UpstreamEnd, timeouts: Timeouts, max_body: Option<u64>) -> Self {
        Self {
            upstream,
            timeouts,
            max_body,
            request: RequestProgress::Sending,
            is_response_over: false,
            tunnel: None,
            activity: Activity::begin(),
        }
    }

    /// Sends the request and returns the head of the response, which may come before the whole request was sent. After an
    /// interim one it returns the next.
    pub(crate) async fn head(&mut self, client: &mut Client) -> Result<ResponseHead, Failure> {
        poll_fn(|cx| self.poll_head(cx, client)).await
    }

    /// Gives the client leave to send its body, which is waited for from now on.
    pub(crate) fn allow_body(&mut self, client: &mut Client) {
        client.allow_body();
        self.activity.client_sent = Instant::now();
    }

    /// Moves what is left in both directions, until the response was written to its end, or would not be admitted any
    /// more.
    pub(crate) async fn rest(
        &mut self,
        client: &mut Client,
        long_lived: &mut Option<LongLived>,
    ) -> Result<(), Failure> {
        poll_fn(|cx| self.poll_rest(cx, client, long_lived)).await
    }

    /// Lets everything through as it is from now on.
    pub(crate) fn begin_tunnel(&mut self) {
        self.upstream.begin_tunnel();
        self.request = RequestProgress::Sending;
        self.tunnel = Some(Tunnel { frames: Frames::default(), client_finished: None, is_shut_down: false });
    }

    /// Tells whether the connection carries another protocol.
    pub(crate) fn is_tunnel(&self) -> bool {
        self.tunnel.is_some()
    }

    /// Tells whether a frame of a WebSocket may be put behind what was written to the client.
    pub(crate) fn is_between_frames(&self) -> bool {
        self.tunnel.as_ref().is_some_and(|tunnel| tunnel.frames.is_between())
    }

    fn poll_head(&mut self, cx: &mut Context<'_>, client: &mut Client) -> Poll<Result<ResponseHead, Failure>> {
        self.move_request(cx, client)?;
        // Leave to send a body may be on its way.
        let is_writing = client.poll_write(cx)?.is_pending();
        match self.upstream.poll_head(cx) {
            Poll::Ready(Ok(head)) => {
                self.activity.upstream_sent = Instant::now();
                Poll::Ready(Ok(head))
            }
            Poll::Ready(Err(error)) => Poll::Ready(Err(error.into())),
            Poll::Pending => self.poll_wait(cx, client, Until::Head, is_writing).map(Err),
        }
    }

    fn poll_rest(
        &mut self,
        cx: &mut Context<'_>,
        client: &mut Client,
        long_lived: &mut Option<LongLived>,
    ) -> Poll<Result<(), Failure>> {
        let is_writing = self.move_response(cx, client)?;
        if self.is_response_over && !is_writing {
            return Poll::Ready(Ok(()));
        }
        self.move_request(cx, client)?;
        if let Some(long_lived) = long_lived
            && let Poll::Ready(reason) = long_lived.poll_over(cx)
        {
            return Poll::Ready(Err(Failure::Terminated(reason)));
        }
        self.poll_wait(cx, client, Until::End, is_writing).map(Err)
    }

    /// Moves what there is of the request.
    fn move_request(&mut self, cx: &mut Context<'_>, client: &mut Client) -> Result<(), Failure> {
        loop {
            let mut is_waiting = self.request != RequestProgress::Sending;
            while !is_waiting && self.upstream.has_room() {
                match client.poll_body(cx)? {
                    Poll::Ready(Some(piece)) => {
                        self.activity.client_sent = Instant::now();
                        if self.tunnel.is_none() && self.max_body.is_some_and(|max| client.bytes_in > max) {
                            return Err(Failure::BodyTooLarge);
                        }
                        if self.upstream.waiting() == 0 {
                            self.activity.upstream_took = Instant::now();
                        }
                        self.upstream.push(piece);
                    }
                    Poll::Ready(None) => {
                        self.upstream.finish();
                        self.request = RequestProgress::Sent;
                        is_waiting = true;
                        if let Some(tunnel) = &mut self.tunnel {
                            tunnel.client_finished = Some(Instant::now());
                        }
                    }
                    Poll::Pending => is_waiting = true,
                }
            }
            let before = self.upstream.waiting();
            let written = self.upstream.poll_write(cx);
            if self.upstream.waiting() < before {
                self.activity.upstream_took = Instant::now();
            }
            match written {
                Poll::Ready(Ok(())) => {}
                // The response may be there already, and say why the rest is not wanted.
                Poll::Ready(Err(error)) => {
                    tracing::debug!(cause = %error, "the server takes nothing more of the request");
                    self.request = RequestProgress::Refused;
                    return Ok(());
                }
                Poll::Pending => return Ok(()),
            }
            if is_waiting {
                break;
            }
        }
        if let Some(tunnel) = &mut self.tunnel
            && tunnel.client_finished.is_some()
            && !tunnel.is_shut_down
        {
            tunnel.is_shut_down = self.upstream.poll_shutdown(cx).is_ready();
        }
        Ok(())
    }

    /// Moves what there is of the response. Returns whether something waits for the client to take it.
    fn move_response(&mut self, cx: &mut Context<'_>, client: &mut Client) -> Result<bool, Failure> {
        loop {
            let mut is_waiting = self.is_response_over;
            while !is_waiting && client.has_room() {
                match self.upstream.poll_body(cx)? {
                    Poll::Ready(ResponsePiece::Data(piece)) => {
                        self.activity.upstream_sent = Instant::now();
                        if let Some(tunnel) = &mut self.tunnel {
                            tunnel.frames.follow(&piece);
                        }
                        if client.waiting() == 0 {
                            self.activity.client_took = Instant::now();
                        }
                        client.push(piece);
                    }
                    Poll::Ready(ResponsePiece::End(trailers)) => {
                        client.finish(trailers);
                        self.is_response_over = true;
                        is_waiting = true;
                    }
                    Poll::Pending => is_waiting = true,
                }
            }
            let before = client.waiting();
            let written = client.poll_write(cx)?;
            if client.waiting() < before {
                self.activity.client_took = Instant::now();
            }
            if written.is_pending() {
                return Ok(true);
            }
            if is_waiting {
                return Ok(false);
            }
        }
    }

    /// Waits for whatever else could end the exchange: a client that goes away, a connection that has to end, an end that
    /// does nothing for too long.
    fn poll_wait(
        &mut self,
        cx: &mut Context<'_>,
        client: &mut Client,
        until: Until,
        is_writing: bool,
    ) -> Poll<Failure> {
        // A tunnel's client has gone when its bytes end, which is seen where they are moved.
        if self.tunnel.is_none() && client.has_body_ended() && client.poll_gone(cx).is_ready() {
            return Poll::Ready(ClientError::Gone.into());
        }
        if client.poll_cut_off(cx).is_ready() {
            return Poll::Ready(Failure::CutOff);
        }
        let awaited = self.awaited(client, until, is_writing);
        let Some((deadline, overdue)) = self.activity.deadline(awaited, self.timeouts) else { return Poll::Pending };
        client.timer().poll_until(cx, deadline).map(|()| overdue.into())
    }

    fn awaited(&self, client: &Client, until: Until, client_takes: bool) -> Awaited {
        let upstream_takes = self.upstream.waiting() > 0 && self.request != RequestProgress::Refused;
        // A client that waits for leave to send its body is not waited for.
        let client_sends = until == Until::Head
            && self.request == RequestProgress::Sending
            && !upstream_takes
            && !client.waits_for_continue();
        let tunnel = match &self.tunnel {
            None => TunnelEnd::NoTunnel,
            Some(tunnel) => tunnel.client_finished.map_or(TunnelEnd::Open, TunnelEnd::ClientFinished),
        };
        Awaited { client_takes, upstream_takes, client_sends, tunnel }
    }
}
