//! Keeps `auth.passkeys`, and `auth.passkey_users`: what authenticators know users by. Whoever writes here has locked
//! the user.

use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::{
    store::{StoreError, Timestamp},
    types::{CredentialId, PasskeyId, PasskeyUserHandle, UserId},
};

/// Describes a passkey.
#[derive(Debug, Clone)]
pub struct Passkey {
    pub id: PasskeyId,
    pub user_id: UserId,
    /// Tells whether the authenticator names its user by the handle that is stored. It does, unless another system made
    /// the passkey.
    pub has_known_handle: bool,
    pub name: Option<String>,
    pub credential_id: CredentialId,
    /// Is in COSE form.
    pub public_key: Vec<u8>,
    pub counter: u32,
    pub backup_eligible: bool,
    pub backed_up: bool,
    pub transports: Vec<String>,
    /// Names the model of the authenticator.
    pub aaguid: [u8; 16],
    pub created_at: OffsetDateTime,
    pub last_used_at: Option<OffsetDateTime>,
}

struct Row {
    id: PasskeyId,
    user_id: UserId,
    has_known_handle: bool,
    name: Option<String>,
    credential_id: Vec<u8>,
    public_key: Vec<u8>,
    counter: i64,
    backup_eligible: bool,
    backed_up: bool,
    transports: Vec<String>,
    aaguid: Vec<u8>,
    created_at: Timestamp,
    last_used_at: Option<Timestamp>,
}

impl TryFrom<Row> for Passkey {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let unreadable =
            |error: Box<dyn std::error::Error + Send + Sync>| StoreError::Statement(sqlx::Error::Decode(error));
        Ok(Self {
            id: row.id,
            user_id: row.user_id,
            has_known_handle: row.has_known_handle,
            name: row.name,
            credential_id: CredentialId::from_bytes(row.credential_id).map_err(|error| unreadable(error.into()))?,
            public_key: row.public_key,
            counter: row.counter.try_into().map_err(|_| unreadable("the counter is out of range".into()))?,
            backup_eligible: row.backup_eligible,
            backed_up: row.backed_up,
            transports: row.transports,
            aaguid: row.aaguid.try_into().map_err(|_| unreadable("the aaguid is not 16 bytes".into()))?,
            created_at: row.created_at.into(),
            last_used_at: row.last_used_at.map(Into::into),
        })
    }
}

/// Writes a passkey. One whose credential is known already, whosever it is, is a conflict.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn insert(connection: &mut PgConnection, passkey: &Passkey) -> Result<(), StoreError> {
    sqlx::query!(
        "
        insert into auth.passkeys (
            id, user_id, name, credential_id, public_key, counter, backup_eligible, backed_up, transports, aaguid, created_at
        )
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
        ",
        passkey.id.as_str(),
        passkey.user_id.as_str(),
        passkey.name,
        passkey.credential_id.as_bytes(),
        passkey.public_key,
        i64::from(passkey.counter),
        passkey.backup_eligible,
        passkey.backed_up,
        &passkey.transports,
        passkey.aaguid.as_slice(),
        passkey.created_at,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Lists a user's passkeys, oldest first.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn list_of_user(connection: &mut PgConnection, user: &UserId) -> Result<Vec<Passkey>, StoreError> {
    let rows = sqlx::query_as!(
        Row,
        r#"
        select
            id as "id: PasskeyId", user_id as "user_id: UserId", has_known_handle, name, credential_id, public_key, counter,
            backup_eligible, backed_up, transports, aaguid, created_at as "created_at: Timestamp",
            last_used_at as "last_used_at: Timestamp"
        from auth.passkeys
        where user_id = $1
        order by created_at, id
        "#,
        user.as_str(),
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(Passkey::try_from).collect()
}

/// Finds a passkey by what its authenticator calls it.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn find_by_credential(
    connection: &mut PgConnection,
    credential: &CredentialId,
) -> Result<Option<Passkey>, StoreError> {
    let row = sqlx::query_as!(
        Row,
        r#"
        select
            id as "id: PasskeyId", user_id as "user_id: UserId", has_known_handle, name, credential_id, public_key, counter,
            backup_eligible, backed_up, transports, aaguid, created_at as "created_at: Timestamp",
            last_used_at as "last_used_at: Timestamp"
        from auth.passkeys
        where credential_id = $1
        "#,
        credential.as_bytes(),
    )
    .fetch_optional(connection)
    .await?;
    row.map(Passkey::try_from).transpose()
}

/// Counts a user's passkeys.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn count_of_user(connection: &mut PgConnection, user: &UserId) -> Result<i64, StoreError> {
    let count =
        sqlx::query_scalar!(r#"select count(*) as "count!" from auth.passkeys where user_id = $1"#, user.as_str())
            .fetch_one(connection)
            .await?;
    Ok(count)
}

/// Records that a passkey signed its user in.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn update_used(
    connection: &mut PgConnection,
    id: &PasskeyId,
    (counter, backed_up): (u32, bool),
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    sqlx::query!(
        "update auth.passkeys set counter = $2, backed_up = $3, last_used_at = $4 where id = $1",
        id.as_str(),
        i64::from(counter),
        backed_up,
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Renames a passkey of a user; `None` where the user has no such one.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn update_name(
    connection: &mut PgConnection,
    user: &UserId,
    id: &PasskeyId,
    name: &str,
) -> Result<Option<Passkey>, StoreError> {
    let row = sqlx::query_as!(
        Row,
        r#"
        update auth.passkeys set name = $3 where user_id = $1 and id = $2
        returning
            id as "id: PasskeyId", user_id as "user_id: UserId", has_known_handle, name, credential_id, public_key, counter,
            backup_eligible, backed_up, transports, aaguid, created_at as "created_at: Timestamp",
            last_used_at as "last_used_at: Timestamp"
        "#,
        user.as_str(),
        id.as_str(),
        name,
    )
    .fetch_optional(connection)
    .await?;
    row.map(Passkey::try_from).transpose()
}

/// Deletes a passkey of a user; false where the user has no such one.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn delete(connection: &mut PgConnection, user: &UserId, id: &PasskeyId) -> Result<bool, StoreError> {
    let result = sqlx::query!("delete from auth.passkeys where user_id = $1 and id = $2", user.as_str(), id.as_str())
        .execute(connection)
        .await?;
    Ok(result.rows_affected() == 1)
}

/// Deletes the passkeys of a user that were added at this time or later; all of them where no time is given.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn delete_added_since(
    connection: &mut PgConnection,
    user: &UserId,
    since: Option<OffsetDateTime>,
) -> Result<(), StoreError> {
    sqlx::query!(
        "delete from auth.passkeys where user_id = $1 and ($2::timestamptz is null or created_at >= $2)",
        user.as_str(),
        since,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Returns what authenticators know a user by; with the first passkey it is the given one.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn upsert_handle(
    connection: &mut PgConnection,
    user: &UserId,
    new: PasskeyUserHandle,
    now: OffsetDateTime,
) -> Result<PasskeyUserHandle, StoreError> {
    sqlx::query!(
        "
        insert into auth.passkey_users (user_id, handle, created_at) values ($1, $2, $3)
        on conflict on constraint passkey_users_pkey do nothing
        ",
        user.as_str(),
        new.as_bytes(),
        now,
    )
    .execute(&mut *connection)
    .await?;
    Ok(find_handle(connection, user).await?.unwrap_or(new))
}

/// Finds what authenticators know a user by.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn find_handle(
    connection: &mut PgConnection,
    user: &UserId,
) -> Result<Option<PasskeyUserHandle>, StoreError> {
    let handle = sqlx::query_scalar!("select handle from auth.passkey_users where user_id = $1", user.as_str())
        .fetch_optional(connection)
        .await?;
    Ok(handle.and_then(|handle| PasskeyUserHandle::from_bytes(&handle)))
}
