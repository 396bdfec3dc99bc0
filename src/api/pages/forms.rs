//! Describes pages that ask for something to be typed, and names what is wrong with links.

use crate::{
    language::{TextId, text},
    pages::{MailedField, MailedForm, MailedPage, Text},
};

pub(crate) const LINK_BROKEN: TextId = text!("link-broken");
pub(crate) const LINK_USED: TextId = text!("link-used");
pub(crate) const LINK_USED_OR_EXPIRED: TextId = text!("link-used-or-expired");
pub(crate) const LAST_OWNER: TextId = text!("link-last-owner");
pub(crate) const LINK_EXPIRED: TextId = text!("link-expired");
pub(crate) const NOT_AN_ADDRESS: TextId = text!("link-not-an-address");
pub(crate) const ADDRESS_TAKEN: TextId = text!("link-address-taken");
pub(crate) const INVITED_SIGNED_OUT: TextId = text!("link-invitation-signed-out");
pub(crate) const MEMBER_ALREADY: TextId = text!("link-invitation-member");
pub(crate) const ORGANIZATION_FULL: TextId = text!("link-invitation-full");

const FAILED: TextId = text!("link-failed-heading");

/// Says that the link of a verification did not work, and asks for the address that another is mailed to.
pub(crate) fn verification_failed(action: String, callback_url: Option<&str>, reason: TextId) -> MailedPage {
    let hidden = callback_url.map(|url| ("callbackURL", url.to_owned())).into_iter().collect();
    MailedPage {
        reason: Some(Text::new(reason)),
        paragraphs: vec![Text::new(text!("link-verify-email-again"))],
        form: Some(MailedForm {
            action,
            hidden,
            field: Some(MailedField::Email),
            button: Text::new(text!("link-verify-email-again-button")),
        }),
        ..MailedPage::new(Text::new(FAILED))
    }
}

/// Says that the old address is back, and asks for a new password. The form gets a new token.
pub(crate) fn email_change_undone(action: String, token: &str, min_length: usize) -> MailedPage {
    MailedPage {
        paragraphs: vec![Text::new(text!("link-email-change-undone-text"))],
        form: Some(new_password(action, token, min_length)),
        ..MailedPage::new(Text::new(text!("link-email-change-undone-heading")))
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
        otherwise: Some(Text::new(text!("link-choose-password-otherwise"))),
        ..MailedPage::new(Text::new(text!("link-choose-password-heading")))
    }
}

fn new_password(action: String, token: &str, min_length: usize) -> MailedForm {
    MailedForm {
        action,
        hidden: vec![("token", token.to_owned())],
        field: Some(MailedField::NewPassword(min_length)),
        button: Text::new(text!("link-set-password")),
    }
}

/// Asks for the address that a reset link is mailed to, after one that did not work or without.
pub(crate) fn request_reset(action: String, reason: Option<TextId>) -> MailedPage {
    MailedPage {
        reason: reason.map(Text::new),
        paragraphs: vec![Text::new(text!("link-request-reset-text"))],
        form: Some(MailedForm {
            action,
            hidden: Vec::new(),
            field: Some(MailedField::Email),
            button: Text::new(text!("link-request-reset-button")),
        }),
        ..MailedPage::new(Text::new(if reason.is_some() { FAILED } else { text!("link-request-reset-heading") }))
    }
}
