//! Leads an administrator who acts in a user's place back to their own account.

use http::StatusCode;
use serde_json::json;

use crate::{
    language::text,
    pages::{
        auth::card::Card,
        error::PageError,
        field::FormView,
        form::Form,
        visit::{PageResult, Visit},
    },
};

/// Shows the button by itself, for pages that can only link to it. Others are led to their account.
pub(crate) async fn show(visit: Visit) -> PageResult {
    if !visit.keeps_admin_session() {
        return Ok(visit.see_other(&visit.account_path("settings")));
    }
    let back = FormView::new(visit.auth_path("stop-impersonating"), Vec::new(), visit.t.get("continue"));
    Card::new(&visit, text!("stop-impersonating")).form(back).show(&visit, StatusCode::OK)
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
