//! Serves the page on which somebody asks for a link by mail that signs them in.

use serde_json::json;

use crate::{
    language::text,
    pages::{
        auth::{link_by_mail::LinkByMail, resume},
        form::Form,
        visit::{PageResult, Visit},
    },
};

const PAGE: LinkByMail = LinkByMail {
    page: "magic-link",
    endpoint: "/sign-in/magic-link",
    heading: text!("magic-link-heading"),
    text: text!("magic-link-text"),
    button: text!("send-sign-in-link"),
    sent_heading: text!("magic-link-sent-heading"),
    sent_text: text!("magic-link-sent-text"),
};

/// Shows the page.
pub(crate) async fn show(visit: Visit) -> PageResult {
    PAGE.show(&visit)
}

/// Asks for the link.
pub(crate) async fn submit(visit: Visit, form: Form) -> PageResult {
    let body = json!({
        "email": form.text("email"),
        "callbackURL": resume::path(&visit),
        "errorCallbackURL": visit.auth_path("sign-in"),
    });
    PAGE.send(&visit, &form, &body).await
}
