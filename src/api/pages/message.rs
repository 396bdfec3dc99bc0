//! Describes pages that only say something, by the ids of their texts.

use crate::{
    language::{TextId, text},
    pages::{MailedLink, MailedPage, MailedTarget, Text},
};

/// Names the texts of such a page.
#[derive(Debug)]
pub(crate) struct Message {
    heading: TextId,
    /// The page tells what went wrong.
    reason: Option<TextId>,
    /// The page says what follows.
    text: Option<TextId>,
    link: Option<Link>,
}

/// Says where such a page leads.
#[derive(Debug, Clone, Copy)]
enum Link {
    SignIn,
    /// Leads to the app.
    GoOn,
}

const SIGN_IN: Option<Link> = Some(Link::SignIn);
const GO_ON: Option<Link> = Some(Link::GoOn);

pub(crate) const EMAIL_VERIFIED: Message =
    told(text!("link-email-verified-heading"), Some(text!("link-email-verified-text")), SIGN_IN);
pub(crate) const SIGNED_IN: Message =
    told(text!("link-email-verified-heading"), Some(text!("link-signed-in-text")), GO_ON);
pub(crate) const SIGNED_IN_BY_LINK: Message =
    told(text!("link-signed-in-heading"), Some(text!("link-close-page")), GO_ON);
pub(crate) const VERIFICATION_MAIL_SENT: Message =
    told(text!("link-mailbox-heading"), Some(text!("link-verification-sent-text")), None);
pub(crate) const EMAIL_CHANGED: Message =
    told(text!("link-email-changed-heading"), Some(text!("link-email-changed-text")), SIGN_IN);
pub(crate) const EMAIL_TAKEN: Message = failed(text!("link-email-taken"), None);
pub(crate) const EMAIL_CHANGE_ALLOWED: Message =
    told(text!("link-email-change-allowed-heading"), Some(text!("link-email-change-allowed-text")), None);
pub(crate) const USER_DELETED: Message =
    told(text!("link-user-deleted-heading"), Some(text!("link-user-deleted-text")), None);
pub(crate) const PASSWORD_SET: Message =
    told(text!("link-password-set-heading"), Some(text!("link-password-set-text")), SIGN_IN);
pub(crate) const ORGANIZATION_JOINED: Message =
    told(text!("link-organization-joined-heading"), Some(text!("link-organization-joined-text")), GO_ON);
pub(crate) const RESET_MAIL_SENT: Message =
    told(text!("link-mailbox-heading"), Some(text!("link-reset-sent-text")), None);

const fn told(heading: TextId, text: Option<TextId>, link: Option<Link>) -> Message {
    Message { heading, reason: None, text, link }
}

const fn failed(reason: TextId, text: Option<TextId>) -> Message {
    Message { heading: text!("link-failed-heading"), reason: Some(reason), text, link: None }
}

impl Link {
    fn described(self) -> MailedLink {
        match self {
            Self::SignIn => {
                MailedLink { target: MailedTarget::SignIn { back: None }, text: Text::new(text!("link-sign-in")) }
            }
            Self::GoOn => MailedLink { target: MailedTarget::Home, text: Text::new(text!("link-go-on")) },
        }
    }
}

impl Message {
    /// Says why the link of a deletion did not work. There is no form, since only the account's owner may ask for
    /// another.
    pub(crate) const fn deletion_failed(reason: TextId) -> Self {
        failed(reason, Some(text!("link-deletion-failed-text")))
    }

    /// Says why a link about a change of address did not work.
    pub(crate) const fn email_change_failed(reason: TextId) -> Self {
        failed(reason, Some(text!("link-email-change-failed-text")))
    }

    /// Says why a link to sign in did not work.
    pub(crate) const fn magic_link_failed(reason: TextId) -> Self {
        Self { link: GO_ON, ..failed(reason, Some(text!("link-magic-link-failed-text"))) }
    }

    /// Says why an invitation was not accepted.
    pub(crate) const fn invitation_failed(reason: TextId) -> Self {
        failed(reason, Some(text!("link-invitation-failed-text")))
    }

    /// Says why a sign-in through a provider came to nothing.
    pub(crate) const fn oauth_failed(reason: TextId) -> Self {
        Self { link: GO_ON, ..failed(reason, None) }
    }

    pub(crate) fn page(&self) -> MailedPage {
        MailedPage {
            reason: self.reason.map(Text::new),
            paragraphs: self.text.map(Text::new).into_iter().collect(),
            links: self.link.map(Link::described).into_iter().collect(),
            ..MailedPage::new(Text::new(self.heading))
        }
    }
}
