//! Renders pages that only say something.

use askama::Template;

/// Holds the texts of such a page.
#[derive(Debug, Template)]
#[template(path = "message.html")]
pub(crate) struct Message {
    title: &'static str,
    heading: &'static str,
    /// The page tells what went wrong.
    reason: Option<&'static str>,
    /// The page says what follows, as HTML.
    html: &'static str,
}

pub(crate) const EMAIL_VERIFIED: Message = Message {
    title: "Address verified",
    heading: "Your address is verified",
    reason: None,
    html: "<p>You can close this page and <a href=\"/\">sign in</a>.</p>",
};

pub(crate) const SIGNED_IN: Message = Message {
    title: "Address verified",
    heading: "Your address is verified",
    reason: None,
    html: "<p>You are signed in. <a href=\"/\">Go on</a>, or close this page.</p>",
};

pub(crate) const SIGNED_IN_BY_LINK: Message = Message {
    title: "Signed in",
    heading: "You are signed in",
    reason: None,
    html: "<p><a href=\"/\">Go on</a>, or close this page.</p>",
};

pub(crate) const VERIFICATION_MAIL_SENT: Message = Message {
    title: "Look into your mailbox",
    heading: "Look into your mailbox",
    reason: None,
    html: "<p>If this address belongs to an account that is not verified yet, a new mail is on its way. It can take a \
           minute.</p>",
};

pub(crate) const EMAIL_CHANGED: Message = Message {
    title: "Address changed",
    heading: "Your new address is in force",
    reason: None,
    html: "<p>Sign in with it from now on. You can close this page.</p>",
};

pub(crate) const EMAIL_TAKEN: Message = Message {
    title: "The address was not changed",
    heading: FAILED,
    reason: Some("This address is in use by now. Your account keeps the one that it has."),
    html: "",
};

pub(crate) const EMAIL_CHANGE_ALLOWED: Message = Message {
    title: "Change allowed",
    heading: "The change is allowed",
    reason: None,
    html: "<p>A message was sent to the new address. Open the link in it; until then the old address stays in force. You \
           can close this page.</p>",
};

pub(crate) const USER_DELETED: Message = Message {
    title: "Account deleted",
    heading: "Your account is deleted",
    reason: None,
    html: "<p>You are signed out everywhere. You can close this page.</p>",
};

pub(crate) const PASSWORD_SET: Message = Message {
    title: "Password set",
    heading: "Your new password is set",
    reason: None,
    html: "<p>Everybody who was signed in with your account is signed out. <a href=\"/\">Sign in</a> with the new \
           password.</p>",
};

pub(crate) const ORGANIZATION_JOINED: Message = Message {
    title: "You are a member",
    heading: "You are a member now",
    reason: None,
    html: "<p><a href=\"/\">Go on</a>, or close this page.</p>",
};

pub(crate) const RESET_MAIL_SENT: Message = Message {
    title: "Look into your mailbox",
    heading: "Look into your mailbox",
    reason: None,
    html: "<p>If this address belongs to an account, a mail with a link is on its way. It can take a minute.</p>",
};

const FAILED: &str = "That did not work";
const LINK_FAILED: &str = "The link did not work";

impl Message {
    /// Says why the link of a deletion did not work. There is no form, since only the account's owner may ask for
    /// another.
    pub(crate) const fn deletion_failed(reason: &'static str) -> Self {
        let html = "<p>If your account is still there, ask for its deletion once more while you are signed in.</p>";
        Self { title: LINK_FAILED, heading: FAILED, reason: Some(reason), html }
    }

    /// Says why a link about a change of address did not work.
    pub(crate) const fn email_change_failed(reason: &'static str) -> Self {
        let html = "<p>If somebody else has your account, write to those who run this site.</p>";
        Self { title: LINK_FAILED, heading: FAILED, reason: Some(reason), html }
    }

    /// Says why a link to sign in did not work.
    pub(crate) const fn magic_link_failed(reason: &'static str) -> Self {
        let html = "<p>Ask for another where you sign in. <a href=\"/\">Go on</a></p>";
        Self { title: LINK_FAILED, heading: FAILED, reason: Some(reason), html }
    }

    /// Says why an invitation was not accepted.
    pub(crate) const fn invitation_failed(reason: &'static str) -> Self {
        let html = "<p>Ask whoever invited you for another invitation.</p>";
        Self { title: LINK_FAILED, heading: FAILED, reason: Some(reason), html }
    }

    /// Says why a sign-in through a provider came to nothing.
    pub(crate) const fn oauth_failed(reason: &'static str) -> Self {
        Self { title: FAILED, heading: FAILED, reason: Some(reason), html: "<p><a href=\"/\">Go on</a></p>" }
    }
}
