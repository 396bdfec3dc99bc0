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
    /// Its sender was admitted, and would not be any more.
    #[error("the request is not admitted any more")]
    Terminated(TerminationReason),
    /// The connection had to end at once, because of what it left unread or because the process ends.
    #[error("the connection was cut off")]
    CutOff,
    /// A message of ours cannot be written. Its fields were made or checked here, so this is a defect of ours.
    #[error("a message that cannot be written: {0}")]
    Message(#[from] Box<pingora::Error>),
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
            Self::Message(_) => Some(Rejection::Internal("a message that cannot be written")),
        }
    }

    /// Returns what the access log says of it where the client was told nothing, or had part of a response already.
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::Terminated(TerminationReason::Session) => "SESSION_ENDED",
            Self::Terminated(TerminationReason::Access) => "ACCESS_ENDED",
            Self::CutOff => "CUT_OFF",
            Self::Client(ClientError::Gone) => "CONNECTION_LOST",
            Self::Client(ClientError::TookNothing) => "RESPONSE_NOT_TAKEN",
            Self::Client(ClientError::SentNothing) => "REQUEST_TIMEOUT",
            Self::Client(ClientError::Misframed(_)) => "MALFORMED_REQUEST",
            Self::Upstream(error) if error.is_timeout() => "GATEWAY_TIMEOUT",
            Self::Upstream(_) => "BAD_GATEWAY",
            Self::BodyTooLarge => "PAYLOAD_TOO_LARGE",
            Self::Message(_) => "INTERNAL_SERVER_ERROR",
        }
    }
}
