//! Serves the mail page of `authgate dev`: what would have been sent, newest first.

use askama::Template;
use axum::{
    Router,
    extract::State,
    http::{HeaderName, StatusCode, header},
    response::{Html, IntoResponse, Response},
    routing::get,
};
use serde::Serialize;

use crate::{
    mail::{CapturedMail, MailCapture},
    types::format_timestamp,
};

/// Mail is shown in frames without scripts, forms or an origin, which inherit this: they may carry styles and embedded
/// pictures, and fetch nothing. The page itself runs only its own script.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; connect-src 'self'; style-src \
                                       'unsafe-inline'; img-src data:; frame-src 'self'; base-uri 'none'; form-action \
                                       'none'; frame-ancestors 'none'";

/// Reloads when there is other mail than the page shows.
const SCRIPT: &str = include_str!("templates/mailbox.js");

/// Returns the pages below `/__dev`.
pub(crate) fn pages(mail: MailCapture) -> Router {
    Router::new()
        .route("/__dev/mail", get(page))
        .route("/__dev/mail.json", get(list))
        .route("/__dev/mail.js", get(|| async { secured(([(header::CONTENT_TYPE, "text/javascript")], SCRIPT)) }))
        .with_state(mail)
}

async fn page(State(mail): State<MailCapture>) -> Response {
    let page = Page { messages: mail.list().into_iter().map(Shown::from).collect() };
    match page.render() {
        Ok(html) => secured(Html(html)),
        Err(error) => {
            tracing::error!(event = "mail_page_failed", %error, "the mail page could not be rendered");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

async fn list(State(mail): State<MailCapture>) -> Response {
    let messages: Vec<_> = mail.list().into_iter().map(Shown::from).collect();
    let body = serde_json::to_vec(&messages).expect("texts can be written");
    secured(([(header::CONTENT_TYPE, "application/json")], body))
}

fn secured(response: impl IntoResponse) -> Response {
    let headers = [
        (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        // Links in mail carry single-use tokens.
        (header::REFERRER_POLICY, "no-referrer"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ];
    (headers, response).into_response()
}

#[derive(Template)]
#[template(path = "mailbox.html")]
struct Page {
    messages: Vec<Shown>,
}

/// Describes a message as the page and its JSON show it.
#[derive(Serialize)]
struct Shown {
    to: String,
    subject: String,
    text: String,
    html: String,
    links: Vec<String>,
    /// Is written as `YYYY-MM-DDTHH:MM:SS.mmmZ`.
    at: String,
}

impl From<CapturedMail> for Shown {
    fn from(captured: CapturedMail) -> Self {
        let CapturedMail { to, subject, text, html, links, at } = captured;
        Self { to: to.as_str().to_owned(), subject, text, html, links, at: format_timestamp(at) }
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    fn captured(subject: &str) -> CapturedMail {
        CapturedMail {
            to: "ada@example.com".parse().unwrap(),
            subject: subject.to_owned(),
            text: "Open <the> link".to_owned(),
            html: r#"<p class="x">Hi</p><script>alert(1)</script>"#.to_owned(),
            links: vec!["http://localhost:8080/verify?a=1&b=2".to_owned()],
            at: datetime!(2026-11-20 21:07:31.042 UTC),
        }
    }

    #[test]
    fn the_page_shows_messages_and_runs_none_of_them() {
        let page = Page { messages: vec![captured("<b>Hello</b>").into()] }.render().unwrap();
        for hidden in ["<b>Hello", r#"<p class="x""#, "<script>alert", "<the>"] {
            assert!(!page.contains(hidden), "{hidden} in {page}");
        }
        // What the browser makes of the attributes is what was sent.
        let decoded = page.replace("&#60;", "<").replace("&#62;", ">").replace("&#34;", "\"").replace("&#38;", "&");
        for shown in [
            "<h2><b>Hello</b></h2>",
            "to ada@example.com",
            "2026-11-20T21:07:31.042Z",
            r#"<a href="http://localhost:8080/verify?a=1&b=2">"#,
            r#"<p class="x">Hi</p>"#,
            "Open <the> link",
        ] {
            assert!(decoded.contains(shown), "{shown} in {decoded}");
        }
        assert!(page.contains(r#"sandbox="allow-popups allow-popups-to-escape-sandbox""#));
    }

    #[test]
    fn an_empty_mailbox_says_so() {
        assert!(Page { messages: Vec::new() }.render().unwrap().contains("No mail yet"));
    }
}
