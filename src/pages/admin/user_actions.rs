//! Does what the forms on the page about a user ask for. Each leads back to that page, or shows it with what went wrong.

use axum::{extract::Path, response::Response};
use http::StatusCode;
use serde_json::{Value, json};
use time::OffsetDateTime;

use crate::pages::{
    admin::{
        access::{self, path},
        shown::day,
        user,
        user_view::Failed,
    },
    form::Form,
    place::field_among,
    visit::{PageResult, Visit},
};

/// Leads to the page of the user, where somebody reloads what a form had sent.
pub(crate) async fn lead(visit: Visit, Path((id, _)): Path<(String, String)>) -> Response {
    visit.see_other(&path(&visit, &format!("users/{id}")))
}

/// Does what a form asks for.
pub(crate) async fn submit(visit: Visit, Path((id, action)): Path<(String, String)>, form: Form) -> PageResult {
    match action.as_str() {
        "roles" => {
            let body = json!({ "userId": id, "role": form.text("role") });
            act(&visit, &id, ("roles", &form), ("/admin/set-role", body), "roles-set").await
        }
        "ban" => ban(&visit, &id, &form).await,
        "unban" => act(&visit, &id, ("unban", &form), ("/admin/unban-user", json!({ "userId": id })), "unbanned").await,
        "password" => {
            let body = json!({ "userId": id, "newPassword": form.raw("password") });
            act(&visit, &id, ("password", &form), ("/admin/set-user-password", body), "password-set").await
        }
        "end-session" => {
            let body = json!({ "sessionToken": form.text("session") });
            act(&visit, &id, ("end-session", &form), ("/admin/revoke-user-session", body), "session-ended").await
        }
        "end-sessions" => {
            let body = json!({ "userId": id });
            act(&visit, &id, ("end-sessions", &form), ("/admin/revoke-user-sessions", body), "sessions-ended").await
        }
        "impersonate" => impersonate(&visit, &id, &form).await,
        _ => Err(crate::pages::error::PageError::NotFound),
    }
}

/// Lets the API act, and leads back to the page, which reports that it is done.
async fn act(
    visit: &Visit,
    id: &str,
    (action, form): (&'static str, &Form),
    (endpoint, body): (&str, Value),
    said: &str,
) -> PageResult {
    let administrator = access::require(visit).await?;
    let Err(problem) = visit.post(endpoint, &body).await?.ok() else {
        return Ok(visit.see_other(&path(visit, &format!("users/{id}?said={said}"))));
    };
    let problem = administrator.beside_form(problem)?;
    let fields: &[&str] = match action {
        "roles" => &["role"],
        "password" => &["password"],
        "ban" => &["reason", "until"],
        _ => &[],
    };
    let field = field_among(fields, &problem);
    let failed = Failed { action, form, status: problem.status, field, text: visit.problem_text(&problem) };
    user::page(visit, &administrator, id, Some(failed)).await
}

/// Bans until the begin of a day, or for good.
async fn ban(visit: &Visit, id: &str, form: &Form) -> PageResult {
    let mut body = json!({ "userId": id });
    if let Some(reason) = form.optional("reason") {
        body["banReason"] = reason.into();
    }
    if let Some(text) = form.optional("until") {
        let seconds = day(text).map(|until| (until - OffsetDateTime::now_utc()).whole_seconds());
        let Some(seconds) = seconds.filter(|seconds| *seconds > 0) else {
            let administrator = access::require(visit).await?;
            let text = visit.t.get("admin-ban-until-past").into_owned();
            let status = StatusCode::BAD_REQUEST;
            let failed = Failed { action: "ban", form, status, field: Some("until"), text };
            return user::page(visit, &administrator, id, Some(failed)).await;
        };
        body["banExpiresIn"] = seconds.into();
    }
    act(visit, id, ("ban", form), ("/admin/ban-user", body), "banned").await
}

/// Takes the user's place, and leads to their account, where a banner leads back.
async fn impersonate(visit: &Visit, id: &str, form: &Form) -> PageResult {
    let administrator = access::require(visit).await?;
    let Err(problem) = visit.post("/admin/impersonate-user", &json!({ "userId": id })).await?.ok() else {
        return Ok(visit.see_other(&visit.account_path("settings")));
    };
    let problem = administrator.beside_form(problem)?;
    let text = visit.problem_text(&problem);
    let failed = Failed { action: "impersonate", form, status: problem.status, field: None, text };
    user::page(visit, &administrator, id, Some(failed)).await
}
