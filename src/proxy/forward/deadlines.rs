//! Tells who is waited for during an exchange, and until when.

use std::time::Duration;

use tokio::time::Instant;

use crate::proxy::{
    client::{BODY_TIMEOUT, ClientError},
    forward::failure::Failure,
    upstreams::{connection::UpstreamError, server::Timeouts},
};

/// Bounds the wait for one end of a tunnel once the other has finished.
const TUNNEL_LINGER: Duration = Duration::from_secs(10);

/// Holds when each end last did something, or was first given something to take.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Activity {
    pub(crate) client_sent: Instant,
    pub(crate) client_took: Instant,
    pub(crate) upstream_sent: Instant,
    pub(crate) upstream_took: Instant,
}

/// Says what is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Awaited {
    /// Part of the response lies here until the client takes it.
    pub(crate) client_takes: bool,
    /// Part of the request lies here until the server takes it.
    pub(crate) upstream_takes: bool,
    /// The client has more of its request to send, and its response has not begun.
    pub(crate) client_sends: bool,
    pub(crate) tunnel: TunnelEnd,
}

/// Says what ends a connection that carries another protocol, which has pauses of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum TunnelEnd {
    /// The connection carries HTTP.
    #[default]
    NoTunnel,
    /// Both ends are open.
    Open,
    /// The client finished at this time, so the server should.
    ClientFinished(Instant),
}

/// Says who did nothing for too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Overdue {
    ClientTakes,
    ClientSends,
    UpstreamTakes,
    UpstreamSends,
    TunnelEnds,
}

impl Activity {
    pub(crate) fn begin() -> Self {
        let now = Instant::now();
        Self { client_sent: now, client_took: now, upstream_sent: now, upstream_took: now }
    }

    /// Returns the first deadline of those that are waited for; `None` where only a tunnel's ends decide.
    pub(crate) fn deadline(&self, awaited: Awaited, timeouts: Timeouts) -> Option<(Instant, Overdue)> {
        let client_takes = awaited.client_takes.then(|| (self.client_took + BODY_TIMEOUT, Overdue::ClientTakes));
        // A server that answers is not stuck, whether it takes the rest of the request or not.
        let upstream_takes = awaited
            .upstream_takes
            .then(|| (self.upstream_took.max(self.upstream_sent) + timeouts.write, Overdue::UpstreamTakes));
        let somebody_sends = if awaited.client_sends {
            // Nothing of it is read while the server takes nothing.
            Some((self.client_sent.max(self.upstream_took) + BODY_TIMEOUT, Overdue::ClientSends))
        } else {
            // The server alone is waited for, since whatever moved last.
            let since = self.upstream_sent.max(self.upstream_took).max(self.client_sent).max(self.client_took);
            let is_servers_turn = !awaited.client_takes && awaited.tunnel == TunnelEnd::NoTunnel;
            is_servers_turn.then(|| (since + timeouts.read, Overdue::UpstreamSends))
        };
        let tunnel_ends = match awaited.tunnel {
            TunnelEnd::ClientFinished(at) => Some((at + TUNNEL_LINGER, Overdue::TunnelEnds)),
            TunnelEnd::NoTunnel | TunnelEnd::Open => None,
        };
        let all = [client_takes, upstream_takes, somebody_sends, tunnel_ends];
        all.into_iter().flatten().min_by_key(|(at, _)| *at)
    }
}

impl From<Overdue> for Failure {
    fn from(overdue: Overdue) -> Self {
        match overdue {
            Overdue::ClientTakes => ClientError::TookNothing.into(),
            Overdue::ClientSends => ClientError::SentNothing.into(),
            Overdue::UpstreamTakes => UpstreamError::WriteTimedOut.into(),
            Overdue::UpstreamSends => UpstreamError::ReadTimedOut.into(),
            Overdue::TunnelEnds => ClientError::Gone.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TIMEOUTS: Timeouts = Timeouts { read: Duration::from_secs(5), write: Duration::from_mins(1) };

    /// Returns how many seconds after the begin somebody is overdue, where each end last did something at these seconds:
    /// the client sent and took, the server sent and took.
    fn overdue(last: [u64; 4], awaited: Awaited) -> Option<(u64, Overdue)> {
        let begin = Instant::now();
        let [client_sent, client_took, upstream_sent, upstream_took] =
            last.map(|seconds| begin + Duration::from_secs(seconds));
        let activity = Activity { client_sent, client_took, upstream_sent, upstream_took };
        activity.deadline(awaited, TIMEOUTS).map(|(at, overdue)| ((at - begin).as_secs(), overdue))
    }

    #[test]
    fn each_deadline_is_of_whoever_is_to_act_from_when_it_can() {
        use Overdue::{ClientSends, ClientTakes, TunnelEnds, UpstreamSends, UpstreamTakes};
        let nothing = Awaited::default();
        let client_sends = Awaited { client_sends: true, ..nothing };
        let client_takes = Awaited { client_takes: true, ..nothing };
        let upstream_takes = Awaited { upstream_takes: true, ..nothing };
        let tunnel = Awaited { tunnel: TunnelEnd::Open, ..nothing };
        for (what, last, awaited, expected) in [
            ("the server thinks", [0, 0, 0, 0], nothing, Some((5, UpstreamSends))),
            ("the client withholds its body", [0, 0, 0, 0], client_sends, Some((30, ClientSends))),
            ("the server took the last of it late", [0, 0, 0, 40], client_sends, Some((70, ClientSends))),
            ("the upload pauses while the response flows", [0, 100, 100, 0], nothing, Some((105, UpstreamSends))),
            (
                "a slow client took a piece, then the server is quiet",
                [0, 90, 10, 0],
                nothing,
                Some((95, UpstreamSends)),
            ),
            (
                "a quiet stream has something for the client again",
                [0, 50, 50, 0],
                client_takes,
                Some((80, ClientTakes)),
            ),
            ("the server takes nothing", [9, 0, 0, 3], upstream_takes, Some((14, UpstreamSends))),
            ("the server answers and takes nothing", [0, 0, 70, 3], upstream_takes, Some((75, UpstreamSends))),
            ("an open tunnel is quiet", [0, 0, 0, 0], tunnel, None),
            (
                "a tunnel's server takes nothing",
                [0, 0, 0, 2],
                Awaited { upstream_takes: true, ..tunnel },
                Some((62, UpstreamTakes)),
            ),
        ] {
            assert_eq!(overdue(last, awaited), expected, "{what}");
        }
        let begin = Instant::now();
        let finished = Awaited { tunnel: TunnelEnd::ClientFinished(begin), ..nothing };
        assert_eq!(Activity::begin().deadline(finished, TIMEOUTS), Some((begin + TUNNEL_LINGER, TunnelEnds)));
    }
}
