//! Describes pages that only say something, by the ids of their texts.

use crate::pages::{MailedLink, MailedPage, Text};

/// Names the texts of such a page.
#[derive(Debug)]
pub(crate) struct Message {
    heading: &'static str,
    /// The page tells what went wrong.
    reason: Option<&'static str>,
    /// The page says what follows.
    text: Option<&'static str>,
    /// The page leads to the app, under this name.
    link: Option<&'static str>,
}

const SIGN_IN: Option<&str> = Some("link-sign-in");
const GO_ON: Option<&str> = Some("link-go-on");

pub(crate) const EMAIL_VERIFIED: Message =
    told("link-email-verified-heading", Some("link-email-verified-text"), SIGN_IN);
pub(crate) const SIGNED_IN: Message = told("link-email-verified-heading", Some("link-signed-in-text"), GO_ON);
pub(crate) const SIGNED_IN_BY_LINK: Message = told("link-signed-in-heading", Some("link-close-page"), GO_ON);
pub(crate) const VERIFICATION_MAIL_SENT: Message =
    told("link-mailbox-heading", Some("link-verification-sent-text"), None);
pub(crate) const EMAIL_CHANGED: Message = told("link-email-changed-heading", Some("link-email-changed-text"), SIGN_IN);
pub(crate) const EMAIL_TAKEN: Message = failed("link-email-taken", None);
pub(crate) const EMAIL_CHANGE_ALLOWED: Message =
    told("link-email-change-allowed-heading", Some("link-email-change-allowed-text"), None);
pub(crate) const USER_DELETED: Message = told("link-user-deleted-heading", Some("link-user-deleted-text"), None);
pub(crate) const PASSWORD_SET: Message = told("link-password-set-heading", Some("link-password-set-text"), SIGN_IN);
pub(crate) const ORGANIZATION_JOINED: Message =
    told("link-organization-joined-heading", Some("link-organization-joined-text"), GO_ON);
pub(crate) const RESET_MAIL_SENT: Message = told("link-mailbox-heading", Some("link-reset-sent-text"), None);

const fn told(heading: &'static str, text: Option<&'static str>, link: Option<&'static str>) -> Message {
    Message { heading, reason: None, text, link }
}

const fn failed(reason: &'static str, text: Option<&'static str>) -> Message {
    Message { heading: "link-failed-heading", reason: Some(reason), text, link: None }
}

impl Message {
    /// Says why the link of a deletion did not work. There is no form, since only the account's owner may ask for
    /// another.
    pub(crate) const fn deletion_failed(reason: &'static str) -> Self {
        failed(reason, Some("link-deletion-failed-text"))
    }

    /// Says why a link about a change of address did not work.
    pub(crate) const fn email_change_failed(reason: &'static str) -> Self {
        failed(reason, Some("link-email-change-failed-text"))
    }

    /// Says why a link to sign in did not work.
    pub(crate) const fn magic_link_failed(reason: &'static str) -> Self {
        Self { link: GO_ON, ..failed(reason, Some("link-magic-link-failed-text")) }
    }

    /// Says why an invitation was not accepted.
    pub(crate) const fn invitation_failed(reason: &'static str) -> Self {
        failed(reason, Some("link-invitation-failed-text"))
    }

    /// Says why a sign-in through a provider came to nothing.
    pub(crate) const fn oauth_failed(reason: &'static str) -> Self {
        Self { link: GO_ON, ..failed(reason, None) }
    }

    pub(crate) fn page(&self) -> MailedPage {
        MailedPage {
            reason: self.reason.map(Text::new),
            paragraphs: self.text.map(Text::new).into_iter().collect(),
            link: self.link.map(|text| MailedLink { path: None, text: Text::new(text) }),
            ..MailedPage::new(Text::new(self.heading))
        }
    }
}
