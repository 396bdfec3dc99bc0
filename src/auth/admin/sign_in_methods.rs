//! Shows administrators how a user signs in: through whom, and with what beside it. No secret is among it.

use serde_json::json;
use time::OffsetDateTime;

use crate::{
    auth::admin::{
        administration::{Administration, AdministrationError},
        factors::{Factors, find_factors},
    },
    store::{
        audit::Event,
        users::{
            accounts::{self, Account},
            admin::UserRef,
        },
    },
};

/// Describes how a user signs in.
#[derive(Debug)]
pub struct SignInMethods {
    /// Lists the password and the linked identities, oldest first.
    pub accounts: Vec<Account>,
    pub factors: Factors,
}

/// Finds how a user signs in.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn view_sign_in_methods(
    administration: &Administration,
    who: &UserRef,
    now: OffsetDateTime,
) -> Result<SignInMethods, AdministrationError> {
    let (record, factors) = find_factors(administration, who, now).await?;
    let mut connection = administration.db.acquire().await?;
    let accounts = accounts::list_of_user(&mut connection, &record.user.id).await?;
    administration.record(&mut connection, Event::UserViewed, Some(&record.user.id), json!({}), now).await?;
    Ok(SignInMethods { accounts, factors })
}
