//! Tells people what happened when a sign-in through a provider came to nothing.

/// Returns the id of the text that says what there is to do. Nothing of `code` gets onto the page.
pub(crate) fn reason(code: &str) -> &'static str {
    match code {
        "account_not_linked" => "link-oauth-account_not_linked",
        "email_not_verified" => "link-oauth-email_not_verified",
        "signup_disabled" => "link-oauth-signup_disabled",
        "email_domain_not_allowed" => "link-oauth-email_domain_not_allowed",
        "email_not_found" => "link-oauth-email_not_found",
        "email_does_not_match" => "link-oauth-email_does_not_match",
        "account_already_linked_to_different_user" => "link-oauth-account_already_linked_to_different_user",
        "unable_to_link_account" => "link-oauth-unable_to_link_account",
        "access_denied" | "consent_required" | "user_cancelled_authorize" => "link-oauth-access_denied",
        "temporarily_unavailable" | "server_error" => "link-oauth-temporarily_unavailable",
        "state_mismatch" | "state_not_found" => "link-oauth-state_mismatch",
        "two_factor_required" => "link-oauth-two_factor_required",
        "BANNED_USER" => "link-oauth-BANNED_USER",
        _ => "link-oauth-other",
    }
}
