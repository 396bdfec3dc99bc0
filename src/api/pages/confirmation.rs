//! Describes the page that a mailed link opens: what pressing its one button does, and the button.

use crate::{
    language::{TextId, text},
    pages::{MailedField, MailedForm, MailedPage, Text},
};

/// Holds the ids of the texts of such a page.
#[derive(Debug)]
pub(crate) struct ConfirmationText {
    pub(crate) heading: TextId,
    pub(crate) explanation: TextId,
    pub(crate) button: TextId,
    /// This tells those who did not ask for the mail what to do.
    pub(crate) otherwise: TextId,
}

pub(crate) const VERIFY_EMAIL: ConfirmationText = ConfirmationText {
    heading: text!("link-verify-email-heading"),
    explanation: text!("link-verify-email-text"),
    button: text!("link-verify-email-button"),
    otherwise: text!("link-nothing-happens"),
};

pub(crate) const MAGIC_LINK: ConfirmationText = ConfirmationText {
    heading: text!("link-magic-link-heading"),
    explanation: text!("link-magic-link-text"),
    button: text!("link-magic-link-button"),
    otherwise: text!("link-magic-link-otherwise"),
};

pub(crate) const ALLOW_EMAIL_CHANGE: ConfirmationText = ConfirmationText {
    heading: text!("link-allow-email-change-heading"),
    explanation: text!("link-allow-email-change-text"),
    button: text!("link-allow-email-change-button"),
    otherwise: text!("link-allow-email-change-otherwise"),
};

pub(crate) const UNDO_EMAIL_CHANGE: ConfirmationText = ConfirmationText {
    heading: text!("link-undo-email-change-heading"),
    explanation: text!("link-undo-email-change-text"),
    button: text!("link-undo-email-change-button"),
    otherwise: text!("link-undo-email-change-otherwise"),
};

pub(crate) const DELETE_USER: ConfirmationText = ConfirmationText {
    heading: text!("link-delete-user-heading"),
    explanation: text!("link-delete-user-text"),
    button: text!("link-delete-user-button"),
    otherwise: text!("link-nothing-happens"),
};

/// Holds the page itself.
#[derive(Debug)]
pub(crate) struct Confirmation<'a> {
    pub(crate) text: &'static ConfirmationText,
    /// Is the address that the button signs in with.
    pub(crate) address: Option<&'a str>,
    /// The button's form goes here.
    pub(crate) action: &'a str,
    /// The token is kept as it came with the link, whatever it is.
    pub(crate) token: &'a str,
    pub(crate) callback_url: Option<&'a str>,
    /// A password has at least this length, where the page asks for one.
    pub(crate) min_length: Option<usize>,
    /// This tells why the last password was not taken.
    pub(crate) reason: Option<Text>,
}

impl Confirmation<'_> {
    pub(crate) fn page(self) -> MailedPage {
        let Self { text, address, action, token, callback_url, min_length, reason } = self;
        let mut hidden = vec![("token", token.to_owned())];
        hidden.extend(callback_url.map(|url| ("callbackURL", url.to_owned())));
        MailedPage {
            reason,
            paragraphs: vec![Text::new(text.explanation)],
            subject: address.map(str::to_owned),
            form: Some(MailedForm {
                action: action.to_owned(),
                hidden,
                field: min_length.map(MailedField::OptionalPassword),
                button: Text::new(text.button),
            }),
            otherwise: Some(Text::new(text.otherwise)),
            ..MailedPage::new(Text::new(text.heading))
        }
    }
}
