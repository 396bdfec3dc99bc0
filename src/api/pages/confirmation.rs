//! Describes the page that a mailed link opens: what pressing its one button does, and the button.

use crate::pages::{MailedField, MailedForm, MailedPage, Text};

/// Holds the ids of the texts of such a page.
#[derive(Debug)]
pub(crate) struct ConfirmationText {
    pub(crate) heading: &'static str,
    pub(crate) explanation: &'static str,
    pub(crate) button: &'static str,
    /// This tells those who did not ask for the mail what to do.
    pub(crate) otherwise: &'static str,
}

pub(crate) const VERIFY_EMAIL: ConfirmationText = ConfirmationText {
    heading: "link-verify-email-heading",
    explanation: "link-verify-email-text",
    button: "link-verify-email-button",
    otherwise: "link-nothing-happens",
};

pub(crate) const MAGIC_LINK: ConfirmationText = ConfirmationText {
    heading: "link-magic-link-heading",
    explanation: "link-magic-link-text",
    button: "link-magic-link-button",
    otherwise: "link-magic-link-otherwise",
};

pub(crate) const ALLOW_EMAIL_CHANGE: ConfirmationText = ConfirmationText {
    heading: "link-allow-email-change-heading",
    explanation: "link-allow-email-change-text",
    button: "link-allow-email-change-button",
    otherwise: "link-allow-email-change-otherwise",
};

pub(crate) const UNDO_EMAIL_CHANGE: ConfirmationText = ConfirmationText {
    heading: "link-undo-email-change-heading",
    explanation: "link-undo-email-change-text",
    button: "link-undo-email-change-button",
    otherwise: "link-undo-email-change-otherwise",
};

pub(crate) const DELETE_USER: ConfirmationText = ConfirmationText {
    heading: "link-delete-user-heading",
    explanation: "link-delete-user-text",
    button: "link-delete-user-button",
    otherwise: "link-nothing-happens",
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
