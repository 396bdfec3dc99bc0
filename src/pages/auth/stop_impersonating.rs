//! Leads an administrator who acts in a user's place back to their own account.

use axum::response::Response;
use http::StatusCode;
use serde_json::json;

use crate::pages::{
    error::PageError,
    form::Form,
    visit::{PageResult, Visit},
};

/// Leads to the account, which has the button, where somebody opens the address of the form.
pub(crate) async fn lead(visit: Visit) -> Response {
    visit.see_other(&visit.account_path("settings"))
}

/// Ends the session in the user's place, and leads to administration. Where the administrator's own session is over too,
/// they sign in; where nobody is impersonated any more, everything is as they wanted.
pub(crate) async fn submit(visit: Visit, _form: Form) -> PageResult {
    match visit.post("/admin/stop-impersonating", &json!({})).await?.ok() {
        Ok(_) => {}
        Err(problem) if problem.status == StatusCode::UNAUTHORIZED => return Err(PageError::SignInFirst),
        Err(problem) if problem.code == "NOT_IMPERSONATING" => {}
        Err(problem) => return Err(PageError::Problem(problem)),
    }
    let settings = &visit.pages.settings;
    let target = settings.admin.as_ref().map_or(&settings.links.home, |admin| &admin.path);
    Ok(visit.see_other(target))
}
