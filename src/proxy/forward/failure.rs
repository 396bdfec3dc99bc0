//! Says why a request came to no good end, and what its client is told.

use crate::proxy::{
    client::ClientError, decide::rejection::Rejection, session::long_lived::TerminationReason,
    upstreams::connection::UpstreamError,
};

/// Says why a request ended before its response was complete.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error(transparent)]
    Client(#[from] ClientError),
    #[error(transparent)]
    Upstream(#[from] UpstreamError),
    #[error("the body is larger than the route's limit")]
    BodyTooLarge,
    /// Whoever was admitted would not be any more.
    #[error("the request is not admitted any more")]
    Terminated(TerminationReason),
    /// The connection had to end at once, because of what it left unread or because the process ends.
    #[error("the connection was cut off")]
    CutOff,
    #[error("{0}")]
    Internal(&'static str),
}

impl From<Box<pingora::Error>> for Failure {
    /// Only fields of ours are put into messages by the framework's types, so a failure there is a defect here.
    fn from(_: Box<pingora::Error>) -> Self {
        Self::Internal("a field that cannot be written")
    }
}

impl Failure {
    /// Returns the response, where the client is there to take one.
    pub(crate) fn rejection(&self) -> Option<Rejection> {
        match self {
            Self::BodyTooLarge => Some(Rejection::BodyTooLarge),
            Self::Upstream(error) if error.is_timeout() => Some(Rejection::UpstreamTimedOut),
            Self::Upstream(_) => Some(Rejection::UpstreamFailed),
            Self::Client(ClientError::SentNothing) => Some(Rejection::ClientTimedOut),
            Self::Client(ClientError::Misframed(_)) => Some(Rejection::MalformedBody),
            Self::Client(ClientError::Gone | ClientError::TookNothing) | Self::CutOff | Self::Terminated(_) => None,
            Self::Internal(what) => Some(Rejection::Internal(what)),
        }
    }

    /// Returns what the access log says of it where the client was told nothing.
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::Terminated(TerminationReason::Session) => "SESSION_ENDED",
            Self::Terminated(TerminationReason::Access) => "ACCESS_ENDED",
            Self::CutOff => "CUT_OFF",
            _ => "CONNECTION_LOST",
        }
    }
}
