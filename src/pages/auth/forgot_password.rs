//! Serves the page on which somebody who forgot their password asks for a link.

use serde_json::json;

use crate::{
    language::text,
    pages::{
        auth::link_by_mail::LinkByMail,
        form::Form,
        visit::{PageResult, Visit},
    },
};

const PAGE: LinkByMail = LinkByMail {
    page: "forgot-password",
    endpoint: "/request-password-reset",
    heading: text!("forgot-password-heading"),
    text: text!("forgot-password-text"),
    button: text!("send-reset-link"),
    sent_heading: text!("reset-sent-heading"),
    sent_text: text!("reset-sent-text"),
};

/// Shows the page.
pub(crate) async fn show(visit: Visit) -> PageResult {
    PAGE.show(&visit)
}

/// Asks for the link.
pub(crate) async fn submit(visit: Visit, form: Form) -> PageResult {
    let body = json!({ "email": form.text("email"), "redirectTo": visit.auth_path("reset-password") });
    PAGE.send(&visit, &form, &body).await
}
