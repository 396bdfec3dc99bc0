//! Describes pages that ask for something to be typed, and names what is wrong with links.

use crate::pages::{MailedField, MailedForm, MailedPage, Text};

pub(crate) const LINK_BROKEN: &str = "link-broken";
pub(crate) const LINK_USED: &str = "link-used";
pub(crate) const LINK_USED_OR_EXPIRED: &str = "link-used-or-expired";
pub(crate) const LAST_OWNER: &str = "link-last-owner";
pub(crate) const LINK_EXPIRED: &str = "link-expired";
pub(crate) const NOT_AN_ADDRESS: &str = "link-not-an-address";
pub(crate) const ADDRESS_TAKEN: &str = "link-address-taken";

const FAILED: &str = "link-failed-heading";

/// Says that the link of a verification did not work, and asks for the address that another is mailed to.
pub(crate) fn verification_failed(action: String, callback_url: Option<&str>, reason: &'static str) -> MailedPage {
    let hidden = callback_url.map(|url| ("callbackURL", url.to_owned())).into_iter().collect();
    MailedPage {
        reason: Some(Text::new(reason)),
        paragraphs: vec![Text::new("link-verify-email-again")],
        form: Some(MailedForm {
            action,
            hidden,
            field: Some(MailedField::Email),
            button: Text::new("link-verify-email-again-button"),
        }),
        ..MailedPage::new(Text::new(FAILED))
    }
}

/// Says that the old address is back, and asks for a new password. The form gets a new token.
pub(crate) fn email_change_undone(action: String, token: &str, min_length: usize) -> MailedPage {
    MailedPage {
        paragraphs: vec![Text::new("link-email-change-undone-text")],
        form: Some(new_password(action, token, min_length)),
        ..MailedPage::new(Text::new("link-email-change-undone-heading"))
    }
}

/// Asks for the new password. `reason` tells why the last one was not taken.
pub(crate) fn choose_password(
    action: String,
    token: Option<&str>,
    min_length: usize,
    reason: Option<Text>,
) -> MailedPage {
    MailedPage {
        reason,
        form: Some(new_password(action, token.unwrap_or_default(), min_length)),
        otherwise: Some(Text::new("link-choose-password-otherwise")),
        ..MailedPage::new(Text::new("link-choose-password-heading"))
    }
}

fn new_password(action: String, token: &str, min_length: usize) -> MailedForm {
    MailedForm {
        action,
        hidden: vec![("token", token.to_owned())],
        field: Some(MailedField::NewPassword(min_length)),
        button: Text::new("link-set-password"),
    }
}

/// Asks for the address that a reset link is mailed to, after one that did not work or without.
pub(crate) fn request_reset(action: String, reason: Option<&'static str>) -> MailedPage {
    MailedPage {
        reason: reason.map(Text::new),
        paragraphs: vec![Text::new("link-request-reset-text")],
        form: Some(MailedForm {
            action,
            hidden: Vec::new(),
            field: Some(MailedField::Email),
            button: Text::new("link-request-reset-button"),
        }),
        ..MailedPage::new(Text::new(if reason.is_some() { FAILED } else { "link-request-reset-heading" }))
    }
}
