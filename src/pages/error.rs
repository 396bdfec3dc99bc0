//! Says why there is no page, and holds the page that tells it.

use askama::Template;
use axum::response::{IntoResponse, Response};
use http::StatusCode;

use crate::pages::{layout::Layout, problem::Problem};

/// Says why there is no page.
#[derive(Debug, Clone)]
pub(crate) enum PageError {
    /// Nobody is signed in.
    SignInFirst,
    /// The session has to prove more first: what `step_up` of the page for that names.
    ProveFirst(&'static str),
    /// The form is not from a page that this browser was shown lately.
    FormExpired,
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
    pub(crate) fn status(&self) -> StatusCode {
        match self {
            Self::SignInFirst | Self::ProveFirst(_) => StatusCode::SEE_OTHER,
            Self::FormExpired => StatusCode::FORBIDDEN,
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

/// Tells what went wrong, and what to do.
#[derive(Template)]
#[template(path = "error.html")]
pub(crate) struct ErrorPage<'a> {
    pub(crate) layout: Layout<'a>,
    pub(crate) heading: String,
    pub(crate) text: String,
    /// Is where the visitor can try the same again, where that may help.
    pub(crate) again: Option<String>,
    /// Is where the visitor signs in, where that helps.
    pub(crate) sign_in: Option<String>,
    /// Names the request, for whoever looks into the log.
    pub(crate) reference: Option<String>,
}
