//! Makes the response that carries a page, with the fields that keep it to itself.

use std::sync::LazyLock;

use askama::Template;
use axum::{body::Body, response::Response};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::{HeaderValue, StatusCode, header};
use sha2::{Digest, Sha256};

use crate::{api::Problem, auth::CallbackUrl, types::Origin};

/// Holds the one style sheet, which stands in each page.
pub(crate) const STYLE: &str = include_str!("templates/style.css");
/// Lets this one style sheet pass the content security policy.
static STYLE_HASH: LazyLock<String> = LazyLock::new(|| STANDARD.encode(Sha256::digest(STYLE)));

/// Renders a page. Browsers hold a form's redirects against the policy too, so the target's origin is named in it.
pub(crate) fn page_response(
    status: StatusCode,
    page: &impl Template,
    leads_to: Option<&CallbackUrl>,
) -> Result<Response, Problem> {
    let body = page.render().map_err(Problem::internal)?;
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    let policy = content_security_policy(leads_to.and_then(CallbackUrl::origin));
    let policy = HeaderValue::from_str(&policy).expect("a hash and an origin are visible ASCII");
    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    Ok(response)
}

fn content_security_policy(form_target: Option<&Origin>) -> String {
    let form_target = form_target.map(|origin| format!(" {}", origin.policy_source())).unwrap_or_default();
    format!(
        "default-src 'none'; style-src 'sha256-{}'; form-action 'self'{form_target}; frame-ancestors 'none'; \
         base-uri 'none'",
        *STYLE_HASH,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_policy_allows_one_style_and_one_target() {
        let policy = content_security_policy(Some(&Origin::parse("http://localhost:3000").unwrap()));
        assert!(policy.contains("form-action 'self' http://localhost:3000; "), "{policy}");
        assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"), "{policy}");
        let policy = content_security_policy(Some(&Origin::parse_app("myapp://welcome").unwrap()));
        assert!(policy.contains("form-action 'self' myapp:; "), "{policy}");
        assert!(content_security_policy(None).contains("form-action 'self'; "));
    }
}
