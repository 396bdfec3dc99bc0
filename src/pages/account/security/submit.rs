//! Takes the forms of the page of security.

use serde_json::{Value, json};

use crate::pages::{
    account::{
        security::page::{show_failed, show_password},
        step::{Step, act},
    },
    error::PageError,
    form::Form,
    leaving::leave,
    session, sign_in_methods,
    visit::{PageResult, Visit},
};

/// Changes the password, or sets the first.
pub(crate) async fn change_password(visit: Visit, form: Form) -> PageResult {
    let session = session::require(&visit).await?;
    let new = form.raw("password");
    let step = if sign_in_methods::has_password(&visit).await? {
        let body = json!({
            "currentPassword": form.raw("current"),
            "newPassword": new,
            "revokeOtherSessions": form.is_checked("others"),
        });
        act(&visit, &session, &form, "/change-password", &body).await?
    } else {
        act(&visit, &session, &form, "/set-password", &json!({ "newPassword": new })).await?
    };
    match step {
        Step::Done(_) => Ok(visit.see_other(&visit.account_path("security?said=password-changed"))),
        Step::Asked(page) => Ok(page),
        Step::Failed(problem) => show_password(&visit, &session, &form, &problem).await,
    }
}

/// Leads to the provider, and from there back.
pub(crate) async fn link_identity(visit: Visit, form: Form) -> PageResult {
    let session = session::require(&visit).await?;
    let body = json!({
        "provider": form.text("provider"),
        "callbackURL": visit.account_path("security?said=linked"),
        "errorCallbackURL": visit.account_path("security"),
        "disableRedirect": true,
    });
    match act(&visit, &session, &form, "/link-social", &body).await? {
        Step::Done(body) => leave(&visit, body["url"].as_str().ok_or(PageError::Internal)?),
        Step::Asked(page) => Ok(page),
        Step::Failed(problem) => show_failed(&visit, &session, &problem).await,
    }
}

/// Unlinks a provider, unless it is the last way to sign in.
pub(crate) async fn unlink_identity(visit: Visit, form: Form) -> PageResult {
    finish(&visit, &form, "/unlink-account", json!({ "accountId": form.text("id") }), "unlinked").await
}

/// Ends a session.
pub(crate) async fn end_session(visit: Visit, form: Form) -> PageResult {
    finish(&visit, &form, "/revoke-session", json!({ "token": form.text("token") }), "session-ended").await
}

/// Ends all sessions but this one.
pub(crate) async fn end_other_sessions(visit: Visit, form: Form) -> PageResult {
    finish(&visit, &form, "/revoke-other-sessions", json!({}), "sessions-ended").await
}

/// Ends the trust in a browser.
pub(crate) async fn end_trust(visit: Visit, form: Form) -> PageResult {
    let body = json!({ "id": form.text("id") });
    finish(&visit, &form, "/two-factor/revoke-trusted-device", body, "device-ended").await
}

async fn finish(visit: &Visit, form: &Form, endpoint: &str, body: Value, said: &str) -> PageResult {
    let session = session::require(visit).await?;
    match act(visit, &session, form, endpoint, &body).await? {
        Step::Done(_) => Ok(visit.see_other(&visit.account_path(&format!("security?said={said}")))),
        Step::Asked(page) => Ok(page),
        Step::Failed(problem) => show_failed(visit, &session, &problem).await,
    }
}
