//! Counts calls of administrators and of those who manage API keys, by what came of them.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use http::StatusCode;

use crate::{
    api::Problem,
    auth::Auth,
    observe::{CallKind, CallOutcome},
};

/// Returns what a path of the auth API is counted as, and under which name; `None` where it is not counted.
pub(super) fn counted(path: &str) -> Option<(CallKind, String)> {
    let kinds = [("/admin/", CallKind::Admin), ("/api-key/", CallKind::ApiKey)];
    kinds.into_iter().find_map(|(prefix, kind)| Some((kind, path.strip_prefix(prefix)?.to_owned())))
}

/// Counts a call when its response is there.
pub(super) async fn count_call(
    State(((kind, call), auth)): State<((CallKind, String), Arc<Auth>)>,
    request: Request,
    next: Next,
) -> Response {
    let response = next.run(request).await;
    auth.metrics.calls.count(kind, &call, outcome(&response));
    response
}

/// Tells what came of a call. The problem is still beside the response: it becomes one further out.
fn outcome(response: &Response) -> CallOutcome {
    match response.extensions().get::<Problem>().map(Problem::code) {
        Some("SESSION_NOT_FRESH") => return CallOutcome::NotFresh,
        Some("TWO_FACTOR_REQUIRED") => return CallOutcome::SecondFactorRequired,
        Some("TOO_MANY_API_KEYS") => return CallOutcome::TooMany,
        Some(_) | None => {}
    }
    match response.status() {
        status if status.is_server_error() => CallOutcome::Failed,
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN | StatusCode::TOO_MANY_REQUESTS => CallOutcome::Refused,
        status if status.is_client_error() => CallOutcome::Invalid,
        _ => CallOutcome::Success,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observe::{ADMIN_CALLS, API_KEY_CALLS};

    #[test]
    fn every_call_begins_at_zero() {
        let described = crate::api::router::templates();
        let mut counted: Vec<(CallKind, String)> = described.iter().filter_map(|path| counted(path)).collect();
        counted.sort_unstable();
        let admin = ADMIN_CALLS.iter().map(|call| (CallKind::Admin, (*call).to_owned()));
        let mut known: Vec<_> =
            admin.chain(API_KEY_CALLS.iter().map(|call| (CallKind::ApiKey, (*call).to_owned()))).collect();
        known.sort_unstable();
        assert_eq!(counted, known);
    }

    #[test]
    fn reasons_are_told_apart() {
        use axum::response::IntoResponse as _;
        let forbidden = |code| Problem::new(StatusCode::FORBIDDEN, code, "x").into_response();
        assert_eq!(outcome(&forbidden("SESSION_NOT_FRESH")), CallOutcome::NotFresh);
        assert_eq!(outcome(&forbidden("FORBIDDEN")), CallOutcome::Refused);
        assert_eq!(outcome(&Problem::bad_request("TOO_MANY_API_KEYS", "x").into_response()), CallOutcome::TooMany);
        assert_eq!(outcome(&Problem::bad_request("VALIDATION_ERROR", "x").into_response()), CallOutcome::Invalid);
        assert_eq!(outcome(&StatusCode::SERVICE_UNAVAILABLE.into_response()), CallOutcome::Failed);
        assert_eq!(outcome(&StatusCode::OK.into_response()), CallOutcome::Success);
    }
}
