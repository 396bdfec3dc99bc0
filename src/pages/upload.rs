//! Reads a form that sends a file.

use std::sync::Arc;

use axum::extract::{FromRequest, Multipart, Request};
use bytes::Bytes;

use crate::pages::{
    error::PageError,
    form::{TOKEN, expect_own_source, prove},
    form_token::FormProof,
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
        expect_own_source(&headers, pages)?;
        let mut parts = Multipart::from_request(request, pages).await.map_err(|_| PageError::FormExpired)?;
        let (mut token, mut file) = (String::new(), Bytes::new());
        while let Some(part) = parts.next_field().await.map_err(|_| PageError::FormExpired)? {
            match part.name() {
                Some(TOKEN) => token = part.text().await.map_err(|_| PageError::FormExpired)?,
                Some(FILE) => file = part.bytes().await.map_err(|_| PageError::FormExpired)?,
                _ => {}
            }
        }
        // A file cannot be kept in a page, so a stale form begins anew.
        match prove(&token, &headers, pages) {
            FormProof::Valid => Ok(Self(file)),
            FormProof::Stale | FormProof::Missing => Err(PageError::FormExpired),
        }
    }
}
