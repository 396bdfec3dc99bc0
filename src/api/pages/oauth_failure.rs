//! Tells people what happened when a sign-in through a provider came to nothing.

/// Says what there is to do. Nothing of `code` gets onto the page.
pub(crate) fn reason(code: &str) -> &'static str {
    match code {
        "account_not_linked" => {
            "There is an account with this e-mail address already. Sign in to it in the way you did before, with its \
             address verified, and link this way of signing in there."
        }
        "email_not_verified" => {
            "Your e-mail address is not verified yet. Press the button of the mail that we have sent to it, in this browser, \
             then sign in again."
        }
        "signup_disabled" => "There is no account for you, and new ones cannot be opened here.",
        "email_domain_not_allowed" => {
            "There is no account for you. Accounts here have e-mail addresses of other domains."
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
        "two_factor_required" => {
            "Your account asks for a code besides. The site has no page for that here; sign in from the page that has."
        }
        "BANNED_USER" => "This account is closed.",
        _ => "The sign-in did not work. Try again.",
    }
}
