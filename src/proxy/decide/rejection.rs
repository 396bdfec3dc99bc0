//! Describes why a request is rejected here instead of being forwarded, and the response to it.

use http::{HeaderValue, StatusCode, header};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::{
    api::Problem,
    proxy::{
        decide::rate_limit::{Exceeded, whole_seconds},
        http1::head::HeadError,
        settings::SignInPage,
    },
    routing::PathError,
    sessions::QuotaExceeded,
    types::{ApiKeyRejection, StepUp},
};

/// Describes one of the gateway's own responses on the proxied side.
#[derive(Debug)]
pub(crate) enum Rejection {
    Head(HeadError),
    Path(PathError),
    /// The Host is not one that is served here.
    Misdirected,
    NotFound,
    Unauthenticated,
    RejectedBearer,
    RejectedApiKey(ApiKeyRejection),
    ApiKeyExceeded(QuotaExceeded),
    MissingScope,
    /// Rejects an API key where a session has to have proved something.
    ApiKeyNotAllowed,
    /// Rejects the API key of an organization where a user is asked for.
    UserRequired,
    MissingRole,
    MissingOrganizationRole,
    CrossOrigin,
    /// Rejects a preflight: no page of this origin may send anything.
    UntrustedOrigin,
    /// Rejects a session that has to prove more first.
    StepUp(StepUp),
    /// Stands for a rejection that a person at the sign-in page can do away with.
    SignInFirst {
        page: SignInPage,
        back_to: String,
        step_up: Option<StepUp>,
    },
    /// Rejects a question about another request: the peer is none that may describe one.
    UntrustedProxy,
    /// What a proxy says of the request that it holds is incomplete or contradicts itself.
    ForwardAuth(&'static str),
    /// This stands for any other rejection, for a proxy that understands 401 and 403 only.
    ForNginx(Box<Rejection>),
    NoWebSocket,
    MalformedUpgrade,
    BodyTooLarge,
    /// Rejects a picture of more than so many bytes.
    PictureTooLarge(usize),
    /// Means that the request is beyond the route's `rate_limit`.
    RateLimited(Exceeded),
    /// More requests are under way than there may be.
    Overloaded,
    /// The database did not respond: fails closed.
    CheckUnavailable,
    UpstreamFailed,
    UpstreamTimedOut,
    /// The client sent the rest of its request too slowly.
    ClientTimedOut,
    /// The client broke the framing of its body.
    MalformedBody,
    /// Is a defect of ours; the text is for the log.
    Internal(&'static str),
}

impl From<HeadError> for Rejection {
    fn from(error: HeadError) -> Self {
        Self::Head(error)
    }
}

impl From<Exceeded> for Rejection {
    fn from(exceeded: Exceeded) -> Self {
        Self::RateLimited(exceeded)
    }
}

impl Rejection {
    /// Returns the response. Its texts say what to do and name nothing behind the gateway.
    pub(crate) fn problem(&self) -> Problem {
        match self {
            Self::Head(error) => {
                let (status, code) = error.response();
                Problem::new(status, code, error.to_string())
            }
            Self::Path(error) => Problem::new(StatusCode::BAD_REQUEST, "MALFORMED_PATH", error.to_string()),
            Self::Misdirected => {
                Problem::new(StatusCode::MISDIRECTED_REQUEST, "MISDIRECTED_REQUEST", "This host is not served here")
            }
            Self::NotFound => Problem::new(StatusCode::NOT_FOUND, "NOT_FOUND", "Not found"),
            Self::Unauthenticated => unauthorized("Bearer"),
            Self::RejectedBearer => unauthorized(r#"Bearer error="invalid_token""#),
            Self::RejectedApiKey(rejection) => Problem::api_key_rejected(*rejection)
                .with_header(header::WWW_AUTHENTICATE, HeaderValue::from_static(r#"Bearer error="invalid_token""#)),
            Self::ApiKeyExceeded(exceeded) => Problem::api_key_exceeded(*exceeded),
            Self::MissingScope => {
                Problem::new(StatusCode::FORBIDDEN, "INSUFFICIENT_SCOPE", "This API key may not do this").with_header(
                    header::WWW_AUTHENTICATE,
                    HeaderValue::from_static(r#"Bearer error="insufficient_scope""#),
                )
            }
            Self::ApiKeyNotAllowed => Problem::new(
                StatusCode::FORBIDDEN,
                "API_KEY_NOT_ALLOWED",
                "This needs somebody who signed in and proved it; no API key can",
            ),
            Self::UserRequired => Problem::new(
                StatusCode::FORBIDDEN,
                "USER_REQUIRED",
                "This takes a user; the API key of an organization stands for nobody and has no role",
            ),
            Self::MissingRole => Problem::new(StatusCode::FORBIDDEN, "FORBIDDEN", "Your account has no access to this"),
            Self::MissingOrganizationRole => Problem::new(
                StatusCode::FORBIDDEN,
                "ORGANIZATION_ROLE_REQUIRED",
                "This takes a role that you have not in your active organization",
            ),
            Self::CrossOrigin => Problem::new(
                StatusCode::FORBIDDEN,
                "INVALID_ORIGIN",
                "Requests that carry the session cookie must come from a page of a trusted origin",
            ),
            Self::UntrustedOrigin => {
                Problem::new(StatusCode::FORBIDDEN, "INVALID_ORIGIN", "Pages of this origin may not send requests here")
            }
            Self::StepUp(step_up) => Problem::step_up(*step_up),
            Self::SignInFirst { page, back_to, step_up } => sign_in_first(page, back_to, *step_up),
            Self::UntrustedProxy => Problem::new(
                StatusCode::FORBIDDEN,
                "UNTRUSTED_PROXY",
                "Questions about other requests are answered for server.trusted_proxies only",
            ),
            Self::ForwardAuth(what) => Problem::new(StatusCode::BAD_REQUEST, "MALFORMED_FORWARD_AUTH", *what),
            Self::ForNginx(rejection) => for_nginx(rejection),
            Self::NoWebSocket => {
                Problem::new(StatusCode::FORBIDDEN, "WEBSOCKET_NOT_ALLOWED", "This route takes no WebSockets")
            }
            Self::MalformedUpgrade => {
                Problem::new(StatusCode::BAD_REQUEST, "MALFORMED_UPGRADE", "This is not a WebSocket opening handshake")
            }
            Self::BodyTooLarge => {
                Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "PAYLOAD_TOO_LARGE", "The request body is too large")
            }
            Self::PictureTooLarge(max) => Problem::avatar_too_large(*max),
            Self::RateLimited(Exceeded { retry_after, remaining }) => remaining.fields().into_iter().fold(
                Problem::new(
                    StatusCode::TOO_MANY_REQUESTS,
                    "TOO_MANY_REQUESTS",
                    "Too many requests; Retry-After says when to come back",
                )
                .with_header(header::RETRY_AFTER, whole_seconds(*retry_after).into()),
                |problem, (name, value)| problem.with_header(name, value),
            ),
            Self::Overloaded => unavailable("Too many requests are under way right now; try again in a moment"),
            Self::CheckUnavailable => unavailable("Your session cannot be checked right now; try again in a moment"),
            Self::UpstreamFailed => {
                Problem::new(StatusCode::BAD_GATEWAY, "BAD_GATEWAY", "The service behind this gateway did not answer")
            }
            Self::UpstreamTimedOut => Problem::new(
                StatusCode::GATEWAY_TIMEOUT,
                "GATEWAY_TIMEOUT",
                "The service behind this gateway did not answer in time",
            ),
            Self::ClientTimedOut => {
                Problem::new(StatusCode::REQUEST_TIMEOUT, "REQUEST_TIMEOUT", "The request did not arrive in time")
            }
            Self::MalformedBody => {
                Problem::new(StatusCode::BAD_REQUEST, "MALFORMED_REQUEST", "The request body is not framed correctly")
            }
            Self::Internal(_) => {
                Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "INTERNAL_SERVER_ERROR", "Something went wrong here")
            }
        }
    }
}

/// Adapts a response to nginx, which turns whatever is neither 2xx nor 401 nor 403 into 500. Only what is nobody's
/// decision may come to that.
fn for_nginx(rejection: &Rejection) -> Problem {
    let problem = rejection.problem();
    let status = problem.status();
    if matches!(rejection, Rejection::SignInFirst { step_up: Some(_), .. }) {
        // There is a session: 401 would say that there is none. `Location` stays for whoever wants to use it.
        problem.with_status(StatusCode::FORBIDDEN)
    } else if status.is_redirection() {
        problem
            .with_status(StatusCode::UNAUTHORIZED)
            .with_header(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))
    } else if status.is_client_error() && status != StatusCode::UNAUTHORIZED {
        problem.with_status(StatusCode::FORBIDDEN)
    } else {
        problem
    }
}

/// Says that a moment's wait helps.
fn unavailable(message: &'static str) -> Problem {
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, "SERVICE_UNAVAILABLE", message)
        .with_header(header::RETRY_AFTER, HeaderValue::from_static("1"))
}

fn unauthorized(challenge: &'static str) -> Problem {
    Problem::new(StatusCode::UNAUTHORIZED, "UNAUTHORIZED", "Unauthorized")
        .with_header(header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge))
}

/// Redirects to the sign-in page. Only path and query travel along, so the way back cannot lead elsewhere (REDIR-05).
fn sign_in_first(SignInPage { page, parameter }: &SignInPage, back_to: &str, step_up: Option<StepUp>) -> Problem {
    let separator = if page.contains('?') { '&' } else { '?' };
    let mut location = format!("{page}{separator}{parameter}={}", utf8_percent_encode(back_to, NON_ALPHANUMERIC));
    if let Some(step_up) = step_up {
        location.push_str("&step_up=");
        location.push_str(step_up.as_str());
    }
    let (problem, otherwise) = match step_up {
        None => (Problem::new(StatusCode::FOUND, "SIGN_IN_FIRST", "Sign in to continue"), unauthorized("Bearer")),
        Some(step_up) => (Problem::step_up(step_up).with_status(StatusCode::FOUND), Problem::step_up(step_up)),
    };
    match HeaderValue::try_from(location) {
        Ok(location) => problem.with_header(header::LOCATION, location),
        Err(_) => otherwise,
    }
}
