//! Shows the ways in which somebody can sign in, and lets their owner take them away.

use crate::{
    auth::{Auth, Flow, FoundSession, audit::record::record, session::find::still_signed_in},
    store::{
        StoreError,
        audit::{Event, Outcome},
        passkeys, retry_once,
        users::accounts::{self, Account},
    },
    types::UserId,
};

/// Tells how a client names one of its user's linked identities.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AccountSelector {
    /// Names the account by the row's id.
    Id(String),
    /// Names the account as clients before 1.7 do it (contract §13): the first of the provider's without its id there.
    Provider { provider_id: String, account_id: Option<String> },
}

/// Describes why an identity was not unlinked.
#[derive(Debug, thiserror::Error)]
pub enum UnlinkAccountError {
    #[error("there would be no way left to sign in")]
    LastAccount,
    /// Means that it is not there, or is somebody else's.
    #[error("the user has no such account")]
    UnknownAccount,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Lists all linked identities of a user, oldest first.
#[tracing::instrument(level = "debug", skip_all, fields(user.id = %user))]
pub async fn list_accounts(auth: &Auth, user: &UserId) -> Result<Vec<Account>, StoreError> {
    accounts::list_of_user(&mut *auth.db.acquire().await?, user).await
}

/// Unlinks one identity, but never the last way to sign in: of two at once, the second finds itself with the last.
#[tracing::instrument(level = "debug", skip_all, fields(request.id = flow.client.request_id.as_str(), user.id = %current.user.id))]
pub async fn unlink_account(
    flow: Flow<'_>,
    which: &AccountSelector,
    current: &FoundSession,
) -> Result<(), UnlinkAccountError> {
    let user = &current.user.id;
    retry_once(|| async {
        let mut transaction = flow.auth.db.begin().await?;
        still_signed_in(&mut transaction, current).await?;
        let own = accounts::list_of_user(&mut transaction, user).await?;
        let has_passkeys =
            flow.auth.settings.passkeys.is_some() && passkeys::count_of_user(&mut transaction, user).await? > 0;
        if own.len() <= 1 && !has_passkeys {
            return Err(UnlinkAccountError::LastAccount);
        }
        let account = own.iter().find(|account| which.is(account)).ok_or(UnlinkAccountError::UnknownAccount)?;
        accounts::delete(&mut transaction, &account.id).await?;
        record(flow, &mut transaction, (Event::AccountUnlinked, Outcome::Success), Some(user)).await?;
        transaction.commit().await?;
        Ok(())
    })
    .await
}

impl AccountSelector {
    /// Finds the one that is meant. Where no account has an id of ours, it may be the provider's: frontends show that one.
    pub(crate) fn find(&self, own: Vec<Account>) -> Option<Account> {
        let is_theirs = |account: &Account| matches!(self, Self::Id(id) if account.account_id == *id);
        let position = own.iter().position(|account| self.is(account)).or_else(|| own.iter().position(is_theirs))?;
        own.into_iter().nth(position)
    }

    pub(crate) fn is(&self, account: &Account) -> bool {
        match self {
            Self::Id(id) => account.id.as_str() == id,
            Self::Provider { provider_id, account_id } => {
                account.provider_id == *provider_id
                    && account_id.as_ref().is_none_or(|account_id| account.account_id == *account_id)
            }
        }
    }
}
