//! Says who gets which user name (`auth.username`). A name that is chosen at sign-up counts from the proof of the
//! address, so that nobody learns by it whether the address had an account (ENUM-03).

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use sqlx::PgConnection;

use crate::{
    auth::Flow,
    store::{
        StoreError, retry_once,
        users::{self, FieldChanges, User, usernames},
    },
    types::{Email, UserId, Username, UsernameRules},
};

/// Means that somebody has the name, or one that is easily taken for it, or that nobody gets it.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("the user name is taken")]
pub struct UsernameTaken;

/// Says what becomes of a user's name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UsernameChange {
    Keep,
    Remove,
    Set(Username),
}

/// Tells whether somebody new could have the name.
#[tracing::instrument(level = "debug", skip_all, fields(request.id = flow.client.request_id.as_str()))]
pub async fn is_username_free(flow: Flow<'_>, name: &Username) -> Result<bool, StoreError> {
    let is_reserved = rules(flow).is_none_or(|rules| rules.reserves(name));
    let is_taken = usernames::is_taken(&mut *flow.auth.db.acquire().await?, name).await?;
    Ok(!is_reserved && !is_taken)
}

/// Finds the address that a sign-in with the name goes on with, by which it is counted too. Of a name that nobody has it
/// is one that nobody has: what follows is the same work (ENUM-01).
#[tracing::instrument(level = "debug", skip_all, fields(request.id = flow.client.request_id.as_str()))]
pub async fn email_of_username(flow: Flow<'_>, name: &Username) -> Result<Email, StoreError> {
    let look_up = || async { usernames::find_email(&mut *flow.auth.db.acquire().await?, name).await };
    Ok(retry_once(look_up).await?.unwrap_or_else(|| nobodys_email(name)))
}

fn nobodys_email(name: &Username) -> Email {
    let local = URL_SAFE_NO_PAD.encode(Sha256::digest(name.as_str()));
    format!("{local}@username.invalid").parse().expect("letters, digits, - and _ before a domain are an address")
}

/// Gives a user who was just made the name that they chose; where the address is still to be proved, the proof does.
pub(crate) async fn choose_username(
    flow: Flow<'_>,
    connection: &mut PgConnection,
    user: &User,
    name: &Username,
) -> Result<Result<(), UsernameTaken>, StoreError> {
    if flow.auth.settings.verification.required && !user.email_verified {
        usernames::insert_wish(connection, &user.id, name, flow.now).await?;
        return Ok(Ok(()));
    }
    set_username(flow, connection, &user.id, name).await
}

/// Gives a user another name, or the same in another spelling. The user has to be locked.
pub(crate) async fn set_username(
    flow: Flow<'_>,
    connection: &mut PgConnection,
    user: &UserId,
    name: &Username,
) -> Result<Result<(), UsernameTaken>, StoreError> {
    usernames::delete_of_user(connection, user).await?;
    let is_reserved = rules(flow).is_none_or(|rules| rules.reserves(name));
    let is_set = !is_reserved && usernames::insert_unless_taken(connection, user, name, flow.now).await?;
    Ok(if is_set { Ok(()) } else { Err(UsernameTaken) })
}

/// Gives a user whose address was just proved the name that their fields hold. Where somebody else has got it since,
/// they are without one, and choose another. The user has to be locked.
pub(crate) async fn settle_username(
    flow: Flow<'_>,
    connection: &mut PgConnection,
    user: &UserId,
    fields: &Value,
) -> Result<(), StoreError> {
    let Some(rules) = rules(flow) else { return Ok(()) };
    match rules.read(fields) {
        None => usernames::delete_of_user(connection, user).await,
        Some(name) if set_username(flow, connection, user, &name).await?.is_ok() => Ok(()),
        Some(_) => {
            let removed = [UsernameRules::FIELD, UsernameRules::DISPLAY_FIELD].map(str::to_owned).to_vec();
            let fields = FieldChanges { removed, set: Map::new() };
            users::update_profile(connection, user, None, None, &fields, flow.now).await?;
            Ok(())
        }
    }
}

fn rules(flow: Flow<'_>) -> Option<&UsernameRules> {
    flow.auth.settings.username.as_ref()
}
