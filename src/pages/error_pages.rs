//! Tells people in a browser why the gateway gives them no page of the application: where it has to say so itself.

use std::{fmt, sync::Arc};

use askama::Template;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};

use crate::{
    language::Texts,
    pages::{error::ErrorPage, layout::Layout, state::Pages, visit::language},
    types::RequestId,
};

/// Renders such pages.
#[derive(Clone)]
pub struct ErrorPages(Arc<Pages>);

/// Holds a page with the fields that belong to it.
pub(crate) struct RenderedPage {
    pub(crate) fields: [(HeaderName, HeaderValue); 3],
    pub(crate) body: Bytes,
}

impl ErrorPages {
    pub(crate) fn new(pages: Arc<Pages>) -> Self {
        Self(pages)
    }

    /// Renders the page of a status in the visitor's language. The texts say what to do and nothing of the cause, which the
    /// log has under the request's id.
    pub(crate) fn render(&self, status: StatusCode, headers: &HeaderMap, id: &RequestId) -> Option<RenderedPage> {
        let t = Texts::new(language(&self.0, headers));
        let text = |part: &str| {
            let id = format!("error-{}-{part}", status.as_u16());
            if t.has(&id) { t.get(&id) } else { t.get(&format!("error-{}00-{part}", status.as_u16() / 100)) }
        };
        let heading = text("heading").into_owned();
        let page = ErrorPage {
            layout: Layout::plain(&self.0, t, &heading),
            text: text("text").into_owned(),
            again: None,
            reference: Some(t.with("error-reference", &[("id", id.as_str())])),
            heading,
        };
        let policy = HeaderValue::from_str(&self.0.look.content_security_policy(None)).ok()?;
        let fields = [
            (header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
            (header::CONTENT_SECURITY_POLICY, policy),
            (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        ];
        Some(RenderedPage { fields, body: page.render().ok()?.into() })
    }
}

impl fmt::Debug for ErrorPages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ErrorPages")
    }
}
