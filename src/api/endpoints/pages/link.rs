//! Holds what the pages of mailed links do alike. The GET reads the link, looks ahead and shows a page with a button; the
//! POST behind the button reads the same out of its form, calls one flow, and shows what came of it (MAIL-08).

use http::StatusCode;
use serde_json::Value;

use crate::{
    api::{
        Problem,
        extract::{caller::Caller, fields::mailed_target},
        pages::confirmation::{Confirmation, ConfirmationText},
    },
    auth::{Auth, CallbackUrl, MailedFor},
    types::MailToken,
};

/// Holds a mailed link, out of a page's query or the form of its button.
#[derive(Debug)]
pub(crate) struct Link<'a> {
    /// The token is kept as it came, since the page for a broken one looks like every other.
    text: &'a str,
    /// The link leads here in the end.
    pub(crate) target: Option<CallbackUrl>,
}

impl<'a> Link<'a> {
    /// Reads a link that leads nowhere else.
    pub(crate) fn new(pairs: &'a Value) -> Self {
        Self { text: text(pairs, "token").unwrap_or_default(), target: None }
    }

    /// Reads a link and finds where it leads; `None` where that place is not trusted, which is logged.
    pub(crate) async fn with_target(
        auth: &Auth,
        caller: &Caller,
        pairs: &'a Value,
        mailed_for: MailedFor,
    ) -> Result<Option<Self>, Problem> {
        match mailed_target(caller.flow(auth), pairs, mailed_for).await {
            Ok(target) => Ok(Some(Self { target, ..Self::new(pairs) })),
            Err(problem) if problem.status() == StatusCode::FORBIDDEN => {
                caller.log(&problem);
                Ok(None)
            }
            Err(problem) => Err(problem),
        }
    }

    /// Returns the token, or `None` where it was lost or torn on its way.
    pub(crate) fn token(&self) -> Option<MailToken> {
        MailToken::parse(self.text).ok()
    }

    /// Returns the page with the button.
    pub(crate) fn confirmation<'p>(&'p self, text: &'static ConfirmationText, action: &'p str) -> Confirmation<'p> {
        let callback_url = self.target.as_ref().map(CallbackUrl::as_str);
        Confirmation { text, address: None, action, token: self.text, callback_url, min_length: None, reason: None }
    }
}

/// Returns one text of a query or form.
pub(crate) fn text<'a>(pairs: &'a Value, key: &str) -> Option<&'a str> {
    pairs.get(key).and_then(Value::as_str)
}
