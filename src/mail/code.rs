//! Renders mails that carry a code to type, and no link: whoever expects a link in them is easier to lead elsewhere.

use askama::Template;
use serde::{Deserialize, Serialize};

/// Tells what a mailed code does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CodeUse {
    SignIn,
    VerifyEmail,
    ResetPassword,
    ChangeEmail,
}

impl CodeUse {
    pub(super) fn subject(self, app: &str) -> String {
        match self {
            Self::SignIn => format!("Your code to sign in to {app}"),
            Self::VerifyEmail => format!("Your code to confirm your e-mail address for {app}"),
            Self::ResetPassword => format!("Your code to set a new password for {app}"),
            Self::ChangeEmail => format!("Your code to confirm your new e-mail address for {app}"),
        }
    }

    fn action(self) -> &'static str {
        match self {
            Self::SignIn => "sign in to",
            Self::VerifyEmail => "confirm that this is your e-mail address at",
            Self::ResetPassword => "set a new password for your account at",
            Self::ChangeEmail => "confirm that this is your new e-mail address at",
        }
    }
}

#[derive(Template)]
#[template(path = "code.txt")]
struct Text<'a> {
    greeting: &'a str,
    app: &'a str,
    action: &'a str,
    code: &'a str,
    expiry: &'a str,
}

#[derive(Template)]
#[template(path = "code.html")]
struct Html<'a> {
    greeting: &'a str,
    app: &'a str,
    action: &'a str,
    code: &'a str,
    expiry: &'a str,
}

/// Returns plain text and HTML.
pub(super) fn bodies(
    (greeting, app): (&str, &str),
    code_use: CodeUse,
    code: &str,
    expiry: &str,
) -> Result<(String, String), askama::Error> {
    let action = code_use.action();
    let text = Text { greeting, app, action, code, expiry }.render()?;
    let html = Html { greeting, app, action, code, expiry }.render()?;
    Ok((text, html))
}
