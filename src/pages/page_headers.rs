//! Holds the header fields that every page of ours has, whoever serves it: those of the pages themselves, of mailed links and of
//! errors.

use http::{HeaderName, HeaderValue, header};

use crate::pages::look::Look;

/// Says what the browser tells those whom links of a page lead to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Referrer {
    /// Tells everybody the origin alone: the address holds a mailed token, and the forms have to say where they come from.
    Origin,
    /// Tells our own origin the address, and nobody else anything.
    SameOrigin,
}

impl Referrer {
    fn policy(self) -> &'static str {
        match self {
            Self::Origin => "strict-origin",
            Self::SameOrigin => "same-origin",
        }
    }
}

/// Returns the fields: nobody may keep or frame the page (MAIL-09), or have it load anything. `form_target` is the source of
/// another site that its forms lead to.
pub(crate) fn page_headers(
    look: &Look,
    form_target: Option<&str>,
    referrer: Referrer,
) -> Option<[(HeaderName, HeaderValue); 6]> {
    let policy = HeaderValue::from_str(&look.content_security_policy(form_target)).ok()?;
    Some([
        (header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
        (header::REFERRER_POLICY, HeaderValue::from_static(referrer.policy())),
        (header::CONTENT_SECURITY_POLICY, policy),
    ])
}
