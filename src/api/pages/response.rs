//! Makes the response that carries a page, which the room of the pages renders.

use axum::response::Response;
use http::StatusCode;

use crate::{auth::CallbackUrl, pages::MailedPage};

/// Carries a page. Browsers hold a form's redirects against the page's policy too, so the target's origin is named in it.
pub(crate) fn page_response(status: StatusCode, page: MailedPage, leads_to: Option<&CallbackUrl>) -> Response {
    let form_target = leads_to.and_then(CallbackUrl::origin).cloned();
    MailedPage { form_target, ..page }.into_response(status)
}
