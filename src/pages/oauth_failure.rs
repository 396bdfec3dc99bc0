//! Tells people what happened when a sign-in through a provider came to nothing.

use crate::language::{TextId, text};

/// Returns the id of the text that says what there is to do. Nothing of `code` gets onto the page.
#[must_use]
pub fn oauth_failure(code: &str) -> TextId {
    known_failure(code).unwrap_or(text!("link-oauth-other"))
}

/// Returns the id of the text about one of the causes that there are.
pub(crate) fn known_failure(code: &str) -> Option<TextId> {
    Some(match code {
        "account_not_linked" => text!("link-oauth-account_not_linked"),
        "email_not_verified" => text!("link-oauth-email_not_verified"),
        "signup_disabled" | "new_user_signup_disabled" => text!("link-oauth-signup_disabled"),
        "email_domain_not_allowed" => text!("link-oauth-email_domain_not_allowed"),
        "email_not_found" => text!("link-oauth-email_not_found"),
        "email_does_not_match" => text!("link-oauth-email_does_not_match"),
        "account_already_linked_to_different_user" => text!("link-oauth-account_already_linked_to_different_user"),
        "unable_to_link_account" => text!("link-oauth-unable_to_link_account"),
        "access_denied" | "consent_required" | "user_cancelled_authorize" => text!("link-oauth-access_denied"),
        "temporarily_unavailable" | "server_error" => text!("link-oauth-temporarily_unavailable"),
        "state_mismatch" | "state_not_found" => text!("link-oauth-state_mismatch"),
        "two_factor_required" => text!("link-oauth-two_factor_required"),
        "BANNED_USER" => text!("link-oauth-BANNED_USER"),
        _ => return None,
    })
}
