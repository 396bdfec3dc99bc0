//! Chooses the language of a mail.

use crate::{
    language::{Language, Languages},
    store::{StoreError, Tx, users},
    types::{Email, UserId},
};

/// Says who reads a mail, and what they read where nothing else is known of them.
#[derive(Debug, Clone, Copy)]
pub struct Reader<'a> {
    /// Is `None` where the recipient may have no account: then it is looked for by the address.
    pub user: Option<&'a UserId>,
    /// Are those that the configuration offers.
    pub languages: &'a Languages,
    /// Is the language of the request that causes the mail.
    pub otherwise: Language,
}

impl<'a> Reader<'a> {
    /// Describes somebody who made no request: their own language counts, else the default.
    #[must_use]
    pub fn absent(user: &'a UserId, languages: &'a Languages) -> Self {
        Self { user: Some(user), languages, otherwise: languages.default_language() }
    }

    /// Returns the language that the user chose, as long as it is offered. Where there is nothing to choose, nobody is
    /// looked up.
    pub(super) async fn language(&self, transaction: &mut Tx, to: &Email) -> Result<Language, StoreError> {
        if !self.languages.are_several() {
            return Ok(self.languages.default_language());
        }
        let chosen = match self.user {
            Some(user) => users::languages::find(transaction, user).await?,
            None => users::languages::find_by_email(transaction, to).await?,
        };
        let chosen = chosen.and_then(|code| Language::parse(&code));
        Ok(chosen.filter(|language| self.languages.contains(*language)).unwrap_or(self.otherwise))
    }
}
