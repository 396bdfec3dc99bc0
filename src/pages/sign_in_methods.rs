//! Lists how somebody can sign in.

use serde::Deserialize;

use crate::pages::{error::PageError, visit::Visit};

/// Names the password among the ways to sign in.
const PASSWORD: &str = "credential";

/// Holds a way to sign in as the API lists it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Account {
    pub(crate) id: String,
    pub(crate) provider_id: String,
    pub(crate) created_at: String,
}

/// Lists the ways to sign in.
pub(crate) async fn list(visit: &Visit) -> Result<Vec<Account>, PageError> {
    visit.get("/list-accounts").await?.parse()
}

/// Tells whether one of them is a password.
pub(crate) fn have_password(accounts: &[Account]) -> bool {
    accounts.iter().any(|account| account.provider_id == PASSWORD)
}

/// Tells whether who is signed in has a password.
pub(crate) async fn has_password(visit: &Visit) -> Result<bool, PageError> {
    Ok(have_password(&list(visit).await?))
}

impl Account {
    pub(crate) fn is_password(&self) -> bool {
        self.provider_id == PASSWORD
    }
}
