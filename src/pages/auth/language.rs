//! Keeps the language that a visitor chose in the footer.

use axum::response::Response;
use http::{HeaderValue, header};
use serde_json::json;

use crate::{
    language::{LANGUAGE_COOKIE, Language},
    pages::{error::PageError, form::Form, redirect_target::RedirectTarget, session, visit::Visit},
};

/// Keeps the choice for a year, and leads back. Mails to whoever is signed in take it too, unless somebody acts in their
/// place; for strangers nothing is looked up.
pub(crate) async fn choose(visit: Visit, form: Form) -> Result<Response, PageError> {
    let offered = &visit.pages.settings.languages;
    let language = Language::parse(form.text("language")).filter(|language| offered.contains(*language));
    if let Some(language) = language
        && visit.presents_session()
        && session::find(&visit).await?.is_some_and(|session| session.in_place_of().is_none())
    {
        visit.post("/update-user", &json!({ "language": language.code() })).await?;
    }
    let back = RedirectTarget::parse(form.text("back"), &visit.pages.auth);
    let mut response = visit.see_other(back.as_ref().map_or(&visit.pages.settings.auth_path, RedirectTarget::as_str));
    if let Some(language) = language {
        let secure = if visit.pages.is_secure() { "; Secure" } else { "" };
        let line = format!("{LANGUAGE_COOKIE}={}; Path=/; Max-Age=31536000; SameSite=Lax{secure}", language.code());
        if let Ok(line) = HeaderValue::from_str(&line) {
            response.headers_mut().append(header::SET_COOKIE, line);
        }
    }
    Ok(response)
}
