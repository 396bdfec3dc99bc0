//! Tells people in a browser why the gateway gives them no page of the application: where it has to say so itself.

use std::{fmt, sync::Arc};

use askama::Template;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

use crate::{
    language::Texts,
    pages::{
        error::may_work_again,
        error_page::ErrorPage,
        layout::Layout,
        page_headers::{Referrer, page_headers},
        state::Pages,
        visit::language,
    },
    types::RequestId,
};

/// Renders such pages.
#[derive(Clone)]
pub struct ErrorPages(Arc<Pages>);

/// Holds a page with the fields that belong to it.
pub(crate) struct RenderedPage {
    pub(crate) fields: Vec<(HeaderName, HeaderValue)>,
    pub(crate) body: Bytes,
}

impl ErrorPages {
    pub(crate) fn new(pages: Arc<Pages>) -> Self {
        Self(pages)
    }

    /// Renders the page of a status in the visitor's language. The texts say what to do and nothing of the cause, which the
    /// log has under the request's id.
    /// `here` is the address that a GET asked for.
    pub(crate) fn render(
        &self,
        status: StatusCode,
        (headers, here): (&HeaderMap, Option<&str>),
        id: &RequestId,
    ) -> Option<RenderedPage> {
        let t = Texts::new(language(&self.0, headers));
        let text = |part: &str| {
            let id = format!("error-{}-{part}", status.as_u16());
            if t.has(&id) { t.get(&id) } else { t.get(&format!("error-{}00-{part}", status.as_u16() / 100)) }
        };
        let heading = text("heading").into_owned();
        let page = ErrorPage {
            layout: Layout::plain(&self.0, t, &heading, headers),
            text: text("text").into_owned(),
            again: here.filter(|_| may_work_again(status)).map(str::to_owned),
            sign_in: (status == StatusCode::UNAUTHORIZED).then(|| format!("{}/sign-in", self.0.settings.auth_path)),
            form: None,
            reference: Some(t.with("error-reference", &[("id", id.as_str())])),
            heading,
        };
        let fields = page_headers(&self.0.look, None, Referrer::SameOrigin)?.into();
        Some(RenderedPage { fields, body: page.render().ok()?.into() })
    }
}

impl fmt::Debug for ErrorPages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ErrorPages")
    }
}

#[cfg(test)]
mod tests {
    use axum::Router;

    use super::*;
    use crate::{
        auth::fixture::auth_without_database,
        crypto::Keyring,
        pages::{Settings, look::Look},
        types::Secret,
    };

    #[tokio::test]
    async fn every_status_says_what_can_be_done() {
        let settings = Settings::default();
        let form_mac = Keyring::new(&[Secret::new("x".repeat(32))]).mac("forms");
        let (auth, look) = (auth_without_database().settings, Look::new(&settings));
        let pages = ErrorPages::new(Arc::new(Pages { api: Router::new(), settings, auth, form_mac, look }));
        for (status, heading, can_try_again) in [
            (400, "The request cannot be understood", false),
            (401, "Please sign in", false),
            (403, "You may not see this page", false),
            (404, "There is no such page", false),
            (418, "The request cannot be understood", false),
            (429, "Too many requests", true),
            (500, "Something went wrong here", false),
            (502, "The application does not respond", true),
            (503, "Not available at the moment", true),
            (504, "The application takes too long", true),
        ] {
            let status = StatusCode::from_u16(status).unwrap();
            let page = pages.render(status, (&HeaderMap::new(), Some("/here")), &RequestId::generate()).unwrap();
            let html = String::from_utf8(page.body.to_vec()).unwrap();
            assert!(html.contains(&format!("<h1>{heading}</h1>")), "{html}");
            assert_eq!(html.contains("<a href=\"/here\">"), can_try_again, "{status}");
            assert_eq!(html.contains("<a href=\"/auth/sign-in\">"), status == StatusCode::UNAUTHORIZED, "{status}");
        }
    }
}
