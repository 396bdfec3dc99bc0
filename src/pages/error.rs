//! Says why there is no page.

use axum::response::{IntoResponse, Response};
use http::StatusCode;

use crate::{pages::problem::Problem, types::Origin};

/// Says why there is no page.
#[derive(Debug, Clone)]
pub(crate) enum PageError {
    /// Nobody is signed in.
    SignInFirst,
    /// The session has to prove more first: what `step_up` of the page for that names.
    ProveFirst(&'static str),
    /// The form is not from a page that this browser was shown lately.
    FormExpired,
    /// The form is from a page that this browser was shown before somebody signed in or out in it. What was typed into it
    /// is sent once more to `action`, but for passwords, where its sender still wants that.
    FormStale {
        action: String,
        kept: Vec<(String, String)>,
    },
    /// The form is from a page of a further host, whose origin the operator has not trusted.
    UntrustedHost(Origin),
    NotFound,
    /// The database does not respond, or the gateway has too much to do.
    Unavailable {
        retry_after: Option<u64>,
    },
    /// The API rejected what a page had to ask.
    Problem(Problem),
    Internal,
}

impl PageError {
    /// Says that nobody does this in another's place, as the API says it.
    pub(crate) fn impersonated() -> Self {
        let (code, message) = ("NOT_ALLOWED_WHILE_IMPERSONATING".to_owned(), String::new());
        Self::Problem(Problem { status: StatusCode::FORBIDDEN, code, message, retry_after: None, fields: Vec::new() })
    }

    pub(crate) fn status(&self) -> StatusCode {
        match self {
            Self::SignInFirst | Self::ProveFirst(_) => StatusCode::SEE_OTHER,
            Self::FormExpired | Self::FormStale { .. } | Self::UntrustedHost(_) => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Unavailable { .. } => StatusCode::SERVICE_UNAVAILABLE,
            Self::Problem(problem) => problem.status,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

/// Tells whether the same may work in a moment.
pub(crate) fn may_work_again(status: StatusCode) -> bool {
    [
        StatusCode::TOO_MANY_REQUESTS,
        StatusCode::BAD_GATEWAY,
        StatusCode::SERVICE_UNAVAILABLE,
        StatusCode::GATEWAY_TIMEOUT,
    ]
    .contains(&status)
}

/// Carries the error to the layer that knows the visitor's language.
impl IntoResponse for PageError {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}
