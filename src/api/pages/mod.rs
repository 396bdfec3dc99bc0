//! The few pages of our own: no script, nothing loaded from anywhere, no referrer, not framed, not kept
//! (MAIL-09).

use std::sync::LazyLock;

use askama::Template;
use axum::{body::Body, response::Response};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::{HeaderValue, StatusCode, header};
use sha2::{Digest, Sha256};

use crate::{api::Problem, auth::CallbackUrl, types::Origin};

const STYLE: &str = include_str!("templates/style.css");
/// Lets this one style sheet pass the content security policy.
static STYLE_HASH: LazyLock<String> = LazyLock::new(|| STANDARD.encode(Sha256::digest(STYLE)));

/// The button.
#[derive(Template)]
#[template(path = "verify_email_confirm.html")]
pub(crate) struct Confirm<'a> {
    pub(crate) action: &'a str,
    pub(crate) token: Option<&'a str>,
    pub(crate) callback_url: Option<&'a str>,
    /// Where the browser brings none: how long a password is at least.
    pub(crate) min_length: Option<usize>,
    /// Why the last password was not taken.
    pub(crate) reason: Option<String>,
}

/// The address is verified.
#[derive(Template)]
#[template(path = "verify_email_done.html")]
pub(crate) struct Verified;

/// The link did not work; a form asks for another.
#[derive(Template)]
#[template(path = "verify_email_failed.html")]
pub(crate) struct Failed<'a> {
    pub(crate) action: &'a str,
    pub(crate) callback_url: Option<&'a str>,
    pub(crate) reason: &'static str,
}

impl Failed<'_> {
    pub(crate) const BROKEN: &'static str = "This link is incomplete or was changed on its way.";
    pub(crate) const USED: &'static str = "This link was used already, or a newer one was sent.";
    pub(crate) const USED_OR_EXPIRED: &'static str = "This link was used already, is too old, or a newer one was sent.";
    pub(crate) const EXPIRED: &'static str = "This link is too old.";
    pub(crate) const NO_ADDRESS: &'static str = "That does not look like an e-mail address.";
}

/// Another mail was asked for.
#[derive(Template)]
#[template(path = "verify_email_sent.html")]
pub(crate) struct Sent;

/// The new address is in force.
#[derive(Template)]
#[template(path = "email_change_done.html")]
pub(crate) struct EmailChanged;

/// The new address has become somebody else's.
#[derive(Template)]
#[template(path = "email_change_failed.html")]
pub(crate) struct EmailTaken;

/// The button with which the old address allows a change to begin.
#[derive(Template)]
#[template(path = "email_change_consent.html")]
pub(crate) struct ConsentToEmailChange<'a> {
    pub(crate) action: &'a str,
    pub(crate) token: Option<&'a str>,
}

/// A mail to the new address is on its way.
#[derive(Template)]
#[template(path = "email_change_allowed.html")]
pub(crate) struct EmailChangeAllowed;

/// The button with which the old address undoes a change.
#[derive(Template)]
#[template(path = "email_change_undo.html")]
pub(crate) struct ConfirmEmailChangeUndo<'a> {
    pub(crate) action: &'a str,
    pub(crate) token: Option<&'a str>,
}

/// The old address is back; a form sets a new password.
#[derive(Template)]
#[template(path = "email_change_undo_done.html")]
pub(crate) struct EmailChangeUndone<'a> {
    pub(crate) action: &'a str,
    /// A new one, for the form.
    pub(crate) token: &'a str,
    pub(crate) min_length: usize,
}

/// A link about a change of address did not work.
#[derive(Template)]
#[template(path = "email_change_link_failed.html")]
pub(crate) struct EmailChangeLinkFailed {
    pub(crate) reason: &'static str,
}

impl EmailChangeLinkFailed {
    pub(crate) const TAKEN: &'static str = "Another account uses this address by now.";
}

/// The button that deletes an account.
#[derive(Template)]
#[template(path = "delete_user_confirm.html")]
pub(crate) struct ConfirmDeletion<'a> {
    pub(crate) action: &'a str,
    pub(crate) token: Option<&'a str>,
    pub(crate) callback_url: Option<&'a str>,
}

/// The account is gone.
#[derive(Template)]
#[template(path = "delete_user_done.html")]
pub(crate) struct UserDeleted;

/// The link did not work; there is no form, since only its owner may ask for another.
#[derive(Template)]
#[template(path = "delete_user_failed.html")]
pub(crate) struct DeletionFailed {
    pub(crate) reason: &'static str,
}

/// Asks for the new password.
#[derive(Template)]
#[template(path = "reset_password_choose.html")]
pub(crate) struct ChoosePassword<'a> {
    pub(crate) action: &'a str,
    pub(crate) token: Option<&'a str>,
    pub(crate) min_length: usize,
    /// Why the last one was not taken.
    pub(crate) reason: Option<String>,
}

/// The password is set.
#[derive(Template)]
#[template(path = "reset_password_done.html")]
pub(crate) struct PasswordSet;

/// Asks for the address that a reset link is mailed to, after one that did not work or without.
#[derive(Template)]
#[template(path = "reset_password_request.html")]
pub(crate) struct RequestReset<'a> {
    pub(crate) action: &'a str,
    pub(crate) reason: Option<&'static str>,
}

/// A reset mail was asked for.
#[derive(Template)]
#[template(path = "reset_password_sent.html")]
pub(crate) struct ResetRequested;

/// A sign-in through a provider came to nothing.
#[derive(Template)]
#[template(path = "social_failed.html")]
pub(crate) struct SocialFailed {
    pub(crate) reason: &'static str,
}

impl SocialFailed {
    /// Says what there is to do. Nothing of `word` gets onto the page.
    pub(crate) fn of(word: &str) -> Self {
        let reason = match word {
            "account_not_linked" => {
                "There is an account with this e-mail address already. Sign in to it in the way you did before, with its \
                 address verified, and link this way of signing in there."
            }
            "email_not_verified" => {
                "Your e-mail address is not verified yet. Press the button of the mail that we have sent to it, in this browser, \
                 then sign in again."
            }
            "email_not_found" => {
                "Your account there shows no e-mail address. Allow that it is shown, or sign in in another way."
            }
            "email_does_not_match" => "That account has another e-mail address than yours here, so it was not linked.",
            "account_already_linked_to_different_user" => "That account is linked to somebody else's here.",
            "unable_to_link_account" => "You are not signed in as when you began. Sign in and try again.",
            "access_denied" | "consent_required" | "user_cancelled_authorize" => "You did not allow the sign-in.",
            "temporarily_unavailable" | "server_error" => {
                "The service that you signed in with does not answer. Try again in a few minutes."
            }
            "state_mismatch" | "state_not_found" => {
                "This sign-in took too long, was finished already, or was begun in another browser. Begin it again."
            }
            "BANNED_USER" => "This account is closed.",
            _ => "The sign-in did not work. Try again.",
        };
        Self { reason }
    }
}

/// A page. Browsers hold a form's redirects against the policy too, so the target's origin is named in it.
pub(crate) fn answer(
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
    let form_target = form_target.map(|origin| format!(" {origin}")).unwrap_or_default();
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
    fn pages_escape_what_came_with_the_link() {
        let page = Confirm {
            action: "/api/auth/verify-email/confirm",
            token: Some("\"><script>alert(1)</script>"),
            callback_url: Some("/a?b='\"&c"),
            min_length: Some(8),
            reason: None,
        };
        let html = page.render().unwrap();
        assert!(!html.contains("<script"), "{html}");
        assert!(!html.contains("b='\""), "{html}");
        assert!(html.contains(r#"method="post" action="/api/auth/verify-email/confirm""#), "{html}");
        assert!(html.contains(STYLE), "{html}");
        let (token, callback_url) = (page.token, page.callback_url);
        for html in [
            ConfirmDeletion { action: "/x", token, callback_url }.render().unwrap(),
            ConsentToEmailChange { action: "/x", token }.render().unwrap(),
            ConfirmEmailChangeUndo { action: "/x", token }.render().unwrap(),
        ] {
            assert!(!html.contains("<script") && !html.contains("b='\""), "{html}");
        }
    }

    #[test]
    fn the_policy_allows_one_style_and_one_target() {
        let policy = content_security_policy(Some(&Origin::parse("http://localhost:3000").unwrap()));
        assert!(policy.contains("form-action 'self' http://localhost:3000; "), "{policy}");
        assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"), "{policy}");
        assert!(content_security_policy(None).contains("form-action 'self'; "));
    }
}
