//! Renders the page that a mailed link opens: what pressing its one button does, and the button.

use askama::Template;

/// Holds the texts of such a page.
#[derive(Debug)]
pub(crate) struct ConfirmationText {
    pub(crate) heading: &'static str,
    pub(crate) explanation: &'static str,
    pub(crate) button: &'static str,
    /// This tells those who did not ask for the mail what to do.
    pub(crate) otherwise: &'static str,
}

pub(crate) const VERIFY_EMAIL: ConfirmationText = ConfirmationText {
    heading: "Verify your e-mail address",
    explanation: "Press the button to confirm that this address is yours.",
    button: "Verify my address",
    otherwise: "If you did not ask for this, close the page: nothing happens.",
};

pub(crate) const MAGIC_LINK: ConfirmationText = ConfirmationText {
    heading: "Sign in",
    explanation: "Press the button to sign in with this address:",
    button: "Sign in",
    otherwise: "If you did not ask for this, or the address is not yours, close the page: nothing happens.",
};

pub(crate) const ALLOW_EMAIL_CHANGE: ConfirmationText = ConfirmationText {
    heading: "Allow the change of your e-mail address",
    explanation: "Somebody who is signed in with your account asked for the address that the message names. If it was you, \
                  press the button: a message to that address comes next.",
    button: "Allow the change",
    otherwise: "If you did not ask for this, close the page: nothing happens. Then set a new password, which signs out \
                everybody who is signed in with your account.",
};

pub(crate) const UNDO_EMAIL_CHANGE: ConfirmationText = ConfirmationText {
    heading: "Take your e-mail address back",
    explanation: "Press the button if it was not you who changed the address of your account. This address is in force \
                  again, the password is the one from before the change, everybody who is signed in is signed out, and \
                  whatever came after the change ends.",
    button: "Undo the change",
    otherwise: "If you changed the address yourself, close the page: nothing happens.",
};

pub(crate) const DELETE_USER: ConfirmationText = ConfirmationText {
    heading: "Delete your account",
    explanation: "Your account and everything in it will be gone, and you are signed out everywhere. This cannot be undone.",
    button: "Delete my account",
    otherwise: "If you did not ask for this, close the page: nothing happens.",
};

/// Renders the page itself.
#[derive(Debug, Template)]
#[template(path = "confirmation.html")]
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
    pub(crate) reason: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::pages::response::STYLE;

    #[test]
    fn pages_escape_what_came_with_the_link() {
        for text in [&VERIFY_EMAIL, &MAGIC_LINK, &ALLOW_EMAIL_CHANGE, &UNDO_EMAIL_CHANGE, &DELETE_USER] {
            let page = Confirmation {
                text,
                address: Some("<script>@example.com"),
                action: "/api/auth/verify-email/confirm",
                token: "\"><script>alert(1)</script>",
                callback_url: Some("/a?b='\"&c"),
                min_length: Some(8),
                reason: None,
            };
            let html = page.render().unwrap();
            assert!(!html.contains("<script"), "{html}");
            assert!(!html.contains("b='\""), "{html}");
            assert!(html.contains(r#"method="post" action="/api/auth/verify-email/confirm""#), "{html}");
            assert!(html.contains(STYLE), "{html}");
        }
    }
}
