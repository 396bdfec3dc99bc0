//! Reads what a form of ours sent. There is no other way to its values, so no handler acts on one that another site made
//! the browser send.

use std::sync::Arc;

use axum::{
    body::Bytes,
    extract::{FromRequest, Request},
};
use http::{HeaderMap, Uri};

use crate::pages::{
    error::PageError,
    form_token::{FormCookie, FormProof, ShownTo},
    origin::{FormSource, form_source},
    state::Pages,
};

/// Names the hidden field that every form has.
pub(crate) const TOKEN: &str = "form_token";
/// Names the field for the password that is asked for before a form acts.
pub(crate) const PROOF: &str = "proof";

/// Lists the fields that hold passwords. Nothing writes these into a page again.
const PASSWORDS: [&str; 3] = [PROOF, "current", "password"];

/// Lists the names that our forms have for something else than what users have. No additional field may be called so: each
/// would be taken for the other.
pub const OWN_FIELDS: [&str; 8] = ["back", "current", TOKEN, "others", "password", PROOF, "remember", "terms"];

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

    /// Returns everything but the form's token and passwords, to be sent once more.
    pub(crate) fn kept(&self) -> Vec<(String, String)> {
        self.0.iter().filter(|(name, _)| name != TOKEN && !PASSWORDS.contains(&name.as_str())).cloned().collect()
    }
}

impl FromRequest<Arc<Pages>> for Form {
    type Rejection = PageError;

    async fn from_request(request: Request, pages: &Arc<Pages>) -> Result<Self, PageError> {
        let (headers, uri) = (request.headers().clone(), request.uri().clone());
        expect_own_source(&headers, pages)?;
        let bytes = Bytes::from_request(request, pages).await.map_err(|_| PageError::Internal)?;
        let form = Self(url::form_urlencoded::parse(&bytes).into_owned().collect());
        match prove(form.raw(TOKEN), &headers, pages) {
            FormProof::Valid => Ok(form),
            FormProof::Stale => Err(PageError::FormStale { action: path_and_query(&uri), kept: form.kept() }),
            FormProof::Missing => Err(PageError::FormExpired),
        }
    }
}

/// Fails unless a form came from a page of ours, of the host that it was sent to.
pub(crate) fn expect_own_source(headers: &HeaderMap, pages: &Pages) -> Result<(), PageError> {
    match form_source(headers, pages) {
        FormSource::Own(_) => Ok(()),
        FormSource::Untrusted(origin) => Err(PageError::UntrustedHost(origin)),
        FormSource::Foreign => Err(PageError::FormExpired),
    }
}

/// Tells what a form's token proves of the browser that sent it.
pub(crate) fn prove(token: &str, headers: &HeaderMap, pages: &Pages) -> FormProof {
    let settings = &pages.auth.cookie;
    let shown_to = ShownTo::from_headers(headers, settings);
    FormCookie::from_headers(headers, settings).prove(token, &shown_to, &pages.form_mac)
}

fn path_and_query(uri: &Uri) -> String {
    uri.path_and_query().map_or_else(|| uri.path().to_owned(), ToString::to_string)
}
