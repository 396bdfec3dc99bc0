//! Reads a form that sends a file.

use std::sync::Arc;

use axum::extract::{FromRequest, Multipart, Request};
use bytes::Bytes;

use crate::pages::{
    error::PageError,
    form::{TOKEN, is_own_origin},
    form_token::FormCookie,
    state::Pages,
};

/// Names the field that has the file.
pub(crate) const FILE: &str = "file";

/// Holds the file of such a form; it is empty where none was chosen.
pub(crate) struct Upload(pub(crate) Bytes);

impl FromRequest<Arc<Pages>> for Upload {
    type Rejection = PageError;

    async fn from_request(request: Request, pages: &Arc<Pages>) -> Result<Self, PageError> {
        let headers = request.headers().clone();
        if !is_own_origin(&headers, pages) {
            return Err(PageError::FormExpired);
        }
        let mut parts = Multipart::from_request(request, pages).await.map_err(|_| PageError::FormExpired)?;
        let (mut token, mut file) = (String::new(), Bytes::new());
        while let Some(part) = parts.next_field().await.map_err(|_| PageError::FormExpired)? {
            match part.name() {
                Some(TOKEN) => token = part.text().await.map_err(|_| PageError::FormExpired)?,
                Some(FILE) => file = part.bytes().await.map_err(|_| PageError::FormExpired)?,
                _ => {}
            }
        }
        if !FormCookie::from_headers(&headers, pages.is_secure()).verifies(&token, &pages.form_mac) {
            return Err(PageError::FormExpired);
        }
        Ok(Self(file))
    }
}
