//! Holds what the pages of mailed links do alike. The GET reads the link, looks ahead and shows a page with a button; the
//! POST behind the button reads the same out of its form, calls one flow, and shows what came of it (MAIL-08).

use http::StatusCode;
use serde_json::Value;
use utoipa::ToSchema;

use crate::{
    api::{
        Problem,
        extract::{caller::Caller, fields::callback_url},
        pages::confirmation::{Confirmation, ConfirmationText},
    },
    auth::{self, Auth, CallbackUrl, Flow, MailedFor},
    types::MailToken,
};

/// Describes the button of the page that a mailed link leads to.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct ConfirmForm<'a> {
    pub(crate) token: &'a str,
    /// Is the account's password from now on; it may be empty. It counts only where an address is verified for the
    /// first time.
    #[schema(format = Password)]
    pub(crate) password: Option<&'a str>,
    #[schema(rename = "callbackURL")]
    callback_url: Option<&'a str>,
}

impl<'a> ConfirmForm<'a> {
    /// Reads the form, or the query of the page, which holds the same but the password. What is wrong reads as if it
    /// were not there.
    pub(crate) fn parse(pairs: &'a Value) -> Self {
        Self {
            token: text(pairs, "token").unwrap_or_default(),
            password: text(pairs, "password").filter(|password| !password.is_empty()),
            callback_url: text(pairs, "callbackURL"),
        }
    }
}

/// Describes the button of a page that leads nowhere else.
#[derive(ToSchema)]
pub(crate) struct TokenForm<'a> {
    pub(crate) token: &'a str,
}

impl<'a> TokenForm<'a> {
    /// Reads the form, or the query of the page, which holds the same.
    pub(crate) fn parse(pairs: &'a Value) -> Self {
        Self { token: text(pairs, "token").unwrap_or_default() }
    }
}

/// Holds a mailed link, out of a page's query or the form of its button.
#[derive(Debug)]
pub(crate) struct Link<'a> {
    /// The token is kept as it came, since the page for a broken one looks like every other.
    text: &'a str,
    /// The link leads here in the end.
    pub(crate) target: Option<CallbackUrl>,
}

impl<'a> Link<'a> {
    /// Takes a link that leads nowhere else.
    pub(crate) fn new(token: &'a str) -> Self {
        Self { text: token, target: None }
    }

    /// Takes a link and finds where it leads; `None` where that place is not trusted, which is logged.
    pub(crate) async fn with_target(
        auth: &Auth,
        caller: &Caller,
        form: &ConfirmForm<'a>,
        mailed_for: MailedFor,
    ) -> Result<Option<Self>, Problem> {
        let link = Self::new(form.token);
        match link.find_target(caller.flow(auth), form.callback_url, mailed_for).await {
            Ok(target) => Ok(Some(Self { target, ..link })),
            Err(problem) if problem.status() == StatusCode::FORBIDDEN => {
                caller.log(&problem);
                Ok(None)
            }
            Err(problem) => Err(problem),
        }
    }

    /// Finds where the page leads in the end: where its link says, or else where its row says, if a mail program cut
    /// the link off. Asked by the page and by what its button does, as browsers hold the button's redirect against the
    /// page's policy.
    async fn find_target(
        &self,
        flow: Flow<'_>,
        given: Option<&str>,
        mailed_for: MailedFor,
    ) -> Result<Option<CallbackUrl>, Problem> {
        match (callback_url(given, &flow.auth.settings)?, self.token()) {
            (None, Some(token)) => Ok(auth::link_target(flow, &token, mailed_for).await?),
            (given, _) => Ok(given),
        }
    }

    /// Returns the token, or `None` where it was lost or torn on its way.
    pub(crate) fn token(&self) -> Option<MailToken> {
        MailToken::parse_mailed(self.text).ok()
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
