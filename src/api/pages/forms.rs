//! Renders pages that ask for something to be typed, and those that say why a link did not work.

use askama::Template;

pub(crate) const LINK_BROKEN: &str = "This link is incomplete or was changed on its way.";
pub(crate) const LINK_USED: &str = "This link was used already, or a newer one was sent.";
pub(crate) const LINK_USED_OR_EXPIRED: &str = "This link was used already, is too old, or a newer one was sent.";
pub(crate) const LAST_OWNER: &str =
    "You are the only owner of an organization that others are members of. Give it another owner, or delete it, first.";
pub(crate) const LINK_EXPIRED: &str = "This link is too old.";
pub(crate) const NOT_AN_ADDRESS: &str = "That does not look like an e-mail address.";
pub(crate) const ADDRESS_TAKEN: &str = "Another account uses this address by now.";

/// Says that the link of a verification did not work, and asks for the address that another is mailed to.
#[derive(Debug, Template)]
#[template(path = "verify_email_failed.html")]
pub(crate) struct VerificationFailed<'a> {
    pub(crate) action: &'a str,
    pub(crate) callback_url: Option<&'a str>,
    pub(crate) reason: &'static str,
}

/// Says that the old address is back, and asks for a new password.
#[derive(Debug, Template)]
#[template(path = "email_change_undo_done.html")]
pub(crate) struct EmailChangeUndone<'a> {
    pub(crate) action: &'a str,
    /// The form gets a new token.
    pub(crate) token: &'a str,
    pub(crate) min_length: usize,
}

/// Asks for the new password.
#[derive(Debug, Template)]
#[template(path = "reset_password_choose.html")]
pub(crate) struct ChoosePassword<'a> {
    pub(crate) action: &'a str,
    pub(crate) token: Option<&'a str>,
    pub(crate) min_length: usize,
    /// This tells why the last one was not taken.
    pub(crate) reason: Option<String>,
}

/// Asks for the address that a reset link is mailed to, after one that did not work or without.
#[derive(Debug, Template)]
#[template(path = "reset_password_request.html")]
pub(crate) struct RequestReset<'a> {
    pub(crate) action: &'a str,
    pub(crate) reason: Option<&'static str>,
}
