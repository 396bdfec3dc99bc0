//! Reads what a form of ours sent. There is no other way to its values, so no handler acts on one that another site made
//! the browser send.

use std::sync::Arc;

use axum::{
    body::Bytes,
    extract::{FromRequest, Request},
};
use http::{HeaderMap, header};

use crate::pages::{error::PageError, form_token::FormCookie, state::Pages};

/// Names the hidden field that every form has.
pub(crate) const TOKEN: &str = "form_token";

/// Holds the values of a form.
#[derive(Default)]
pub(crate) struct Form(Vec<(String, String)>);

impl Form {
    /// Tells whether there is a form at all: pages that are only shown have none.
    pub(crate) fn is_sent(&self) -> bool {
        !self.0.is_empty()
    }

    /// Returns a value without white space around it; an empty text where there is none.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.raw(name).trim()
    }

    /// Returns a value as it was typed, such as a password.
    pub(crate) fn raw(&self, name: &str) -> &str {
        self.0.iter().find(|(found, _)| found == name).map_or("", |(_, value)| value)
    }

    /// Returns a value unless it is empty.
    pub(crate) fn optional(&self, name: &str) -> Option<&str> {
        Some(self.text(name)).filter(|text| !text.is_empty())
    }

    /// Tells whether a box was ticked.
    pub(crate) fn is_checked(&self, name: &str) -> bool {
        self.0.iter().any(|(found, _)| found == name)
    }

    /// Returns everything but the form's token and `without`, to be sent once more.
    pub(crate) fn kept(&self, without: &str) -> Vec<(String, String)> {
        self.0.iter().filter(|(name, _)| name != TOKEN && name != without).cloned().collect()
    }
}

impl FromRequest<Arc<Pages>> for Form {
    type Rejection = PageError;

    async fn from_request(request: Request, pages: &Arc<Pages>) -> Result<Self, PageError> {
        let headers = request.headers().clone();
        if !is_own_origin(&headers, pages) {
            return Err(PageError::FormExpired);
        }
        let bytes = Bytes::from_request(request, pages).await.map_err(|_| PageError::Internal)?;
        let form = Self(url::form_urlencoded::parse(&bytes).into_owned().collect());
        let cookie = FormCookie::from_headers(&headers, pages.is_secure());
        if !cookie.verifies(form.raw(TOKEN), &pages.form_mac) {
            return Err(PageError::FormExpired);
        }
        Ok(form)
    }
}

/// Tells whether a form came from a page of the host that it was sent to, which the proxy has found among those that are
/// served. Browsers name the origin or the site, or both; old ones that name neither have the token only.
pub(crate) fn is_own_origin(headers: &HeaderMap, pages: &Pages) -> bool {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let is_own = |origin: &str| {
        let authority = origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://"));
        origin == pages.auth.public_url.origin().as_str() || authority.is_some() && authority == host
    };
    let mut origins = headers.get_all(header::ORIGIN).iter();
    let is_own = match (origins.next(), origins.next()) {
        (None, _) => true,
        (Some(origin), None) => origin.to_str().is_ok_and(is_own),
        (Some(_), Some(_)) => false,
    };
    let site = headers.get("sec-fetch-site");
    is_own && site.is_none_or(|site| site == "same-origin")
}
