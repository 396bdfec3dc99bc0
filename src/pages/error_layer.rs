//! Renders the pages of errors in the visitor's language, and leads on whoever has to prove something first.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use http::{HeaderValue, StatusCode, header};

use crate::pages::{
    error::{PageError, may_work_again},
    error_page::ErrorPage,
    field::FormView,
    state::Pages,
    visit::{Collected, Visit},
};

/// Writes the page of an error, with the cookies that the API set before it.
pub(crate) async fn error_layer(State(pages): State<Arc<Pages>>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    // The error's response gets what the handler's calls of the API brought.
    parts.extensions.insert(Collected::default());
    let visit = Visit::new(&parts, &pages);
    let mut response = next.run(Request::from_parts(parts, body)).await;
    let Some(error) = response.extensions_mut().remove::<PageError>() else { return response };
    let visit = visit.with_impersonation().await;
    match &error {
        PageError::SignInFirst => return visit.sign_in_first(),
        PageError::ProveFirst(what) => return visit.prove_first(what),
        _ => {}
    }
    let (heading, text) = words(&visit, &error);
    let form = match &error {
        PageError::FormStale { action, kept } => {
            let form = FormView::new(action.as_str(), Vec::new(), visit.t.get("try-again"));
            Some(FormView { kept: kept.clone(), ..form })
        }
        _ => None,
    };
    let page = ErrorPage {
        layout: visit.layout(&heading),
        heading,
        text,
        again: (visit.is_get() && may_work_again(error.status())).then(|| visit.here()),
        sign_in: (error.status() == StatusCode::UNAUTHORIZED).then(|| visit.sign_in_path()),
        form,
        reference: None,
    };
    let mut response = visit.page(error.status(), &page);
    if let PageError::Unavailable { retry_after } = error {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(retry_after.unwrap_or(1)));
    }
    response
}

/// Returns the heading and the text of an error.
fn words(visit: &Visit, error: &PageError) -> (String, String) {
    let t = visit.t;
    let both = |name: &str| {
        let text = |part: &str| t.get(&format!("error-{name}-{part}")).into_owned();
        (text("heading"), text("text"))
    };
    match error {
        PageError::Problem(problem) => (t.get("error-heading").into_owned(), visit.problem_text(problem)),
        PageError::FormExpired => both("form-expired"),
        PageError::FormStale { .. } => both("form-stale"),
        PageError::UntrustedHost(origin) => {
            let arguments = [("origin", origin.as_str()), ("public", visit.pages.auth.public_url.origin().as_str())];
            (t.get("error-host-heading").into_owned(), t.with("error-host-text", &arguments))
        }
        other => both(other.status().as_str()),
    }
}
