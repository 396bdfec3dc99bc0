//! Renders the pages of errors in the visitor's language, and leads on whoever has to prove something first.

use std::sync::Arc;

use axum::{
    extract::{FromRequestParts, Request, State},
    middleware::Next,
    response::Response,
};
use http::{HeaderValue, StatusCode, header};

use crate::pages::{
    error::{ErrorPage, PageError, may_work_again},
    state::Pages,
    visit::Visit,
};

/// Writes the page of an error.
pub(crate) async fn error_layer(State(pages): State<Arc<Pages>>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let visit = Visit::from_request_parts(&mut parts, &pages).await;
    let mut response = next.run(Request::from_parts(parts, body)).await;
    let (Some(error), Ok(visit)) = (response.extensions_mut().remove::<PageError>(), visit) else { return response };
    match &error {
        PageError::SignInFirst => return visit.sign_in_first(),
        PageError::ProveFirst(what) => return visit.prove_first(what),
        _ => {}
    }
    let (heading, text) = if let PageError::Problem(problem) = &error {
        (visit.t.get("error-heading").into_owned(), visit.problem_text(problem))
    } else {
        let status = match &error {
            PageError::FormExpired => "form-expired".to_owned(),
            other => other.status().as_str().to_owned(),
        };
        let text = |part: &str| visit.t.get(&format!("error-{status}-{part}")).into_owned();
        (text("heading"), text("text"))
    };
    let page = ErrorPage {
        layout: visit.layout(&heading),
        heading,
        text,
        again: (visit.is_get() && may_work_again(error.status())).then(|| visit.here()),
        sign_in: (error.status() == StatusCode::UNAUTHORIZED).then(|| visit.sign_in_path()),
        reference: None,
    };
    let mut response = visit.page(error.status(), &page);
    if let PageError::Unavailable { retry_after } = error {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(retry_after.unwrap_or(1)));
    }
    response
}
