//! Takes the forms of the page of settings.

use axum::response::Response;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::StatusCode;
use serde_json::{Value, json};

use crate::pages::{
    account::{
        settings::{page::Settings, picture, profile},
        step::{Step, act},
    },
    form::Form,
    session::{self, Session},
    upload::Upload,
    visit::{PageResult, Visit},
};

/// Leads from the bare path to the first page.
pub(crate) async fn lead(visit: Visit) -> Response {
    visit.see_other(&visit.account_path("settings"))
}

/// Shows the page.
pub(crate) async fn show(visit: Visit) -> PageResult {
    let session = session::require(&visit).await?;
    Settings::default().show(&visit, &session).await
}

/// Changes the name, the user name, and what the configuration adds to users.
pub(crate) async fn change_profile(visit: Visit, form: Form) -> PageResult {
    let session = session::require(&visit).await?;
    let body = profile::changes(&visit, &session, &form);
    if body.is_empty() {
        return Ok(visit.see_other(&visit.account_path("settings")));
    }
    match act(&visit, &session, &form, "/update-user", &body.into()).await? {
        Step::Done(_) => Ok(visit.see_other(&visit.account_path("settings?said=saved"))),
        Step::Asked(page) => Ok(page),
        Step::Failed(problem) => {
            Settings { profile: Some((&form, &problem)), ..Settings::default() }.show(&visit, &session).await
        }
    }
}

/// Asks for another address. Whether one mail follows or two is the API's to say.
pub(crate) async fn change_email(visit: Visit, form: Form) -> PageResult {
    let session = session::require(&visit).await?;
    let email = form.text("email");
    let body = json!({ "newEmail": email, "callbackURL": visit.account_path("settings?said=email-changed") });
    match act(&visit, &session, &form, "/change-email", &body).await? {
        Step::Done(_) => Ok(visit.see_other(&visit.account_path("settings?said=email-asked"))),
        Step::Asked(page) => Ok(page),
        Step::Failed(problem) => {
            Settings { email: Some((email, &problem)), ..Settings::default() }.show(&visit, &session).await
        }
    }
}

/// Sends the mail that proves the present address once more.
pub(crate) async fn send_verification(visit: Visit, form: Form) -> PageResult {
    let session = session::require(&visit).await?;
    let email = &session.user.email;
    let body = json!({ "email": email, "callbackURL": visit.account_path("settings?said=email-verified") });
    match act(&visit, &session, &form, "/send-verification-email", &body).await? {
        Step::Done(_) => Ok(visit.see_other(&visit.account_path("settings?said=verification-sent"))),
        Step::Asked(page) => Ok(page),
        Step::Failed(problem) => {
            Settings { email: Some(("", &problem)), ..Settings::default() }.show(&visit, &session).await
        }
    }
}

/// Sends the picture on to the API, which looks at it closely.
pub(crate) async fn send_picture(visit: Visit, Upload(file): Upload) -> PageResult {
    let session = session::require(&visit).await?;
    let Some(kind) = picture::media_type(&file) else {
        let picture = Some((visit.t.get("account-picture-no-picture").into_owned(), StatusCode::BAD_REQUEST));
        return Settings { picture, ..Settings::default() }.show(&visit, &session).await;
    };
    let image = format!("data:{kind};base64,{}", STANDARD.encode(&file));
    update_picture(&visit, &session, &Form::default(), image.into()).await
}

/// Takes the picture away.
pub(crate) async fn remove_picture(visit: Visit, form: Form) -> PageResult {
    let session = session::require(&visit).await?;
    update_picture(&visit, &session, &form, Value::Null).await
}

async fn update_picture(visit: &Visit, session: &Session, form: &Form, image: Value) -> PageResult {
    match act(visit, session, form, "/update-user", &json!({ "image": image })).await? {
        Step::Done(_) => Ok(visit.see_other(&visit.account_path("settings?said=saved"))),
        Step::Asked(page) => Ok(page),
        Step::Failed(problem) => {
            let text = match problem.code.as_str() {
                "VALIDATION_ERROR" => visit.t.get("account-picture-no-picture").into_owned(),
                _ => visit.problem_text(&problem),
            };
            Settings { picture: Some((text, problem.status)), ..Settings::default() }.show(visit, session).await
        }
    }
}
