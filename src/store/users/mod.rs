//! Keeps `auth.users`: people, by id and by address.

pub mod accounts;
pub mod admin;
pub mod avatars;
pub mod credentials;
pub mod email_changes;
pub mod export;
pub mod identities;
pub mod known_devices;
pub mod languages;
pub mod search;
pub mod token_refreshes;
pub mod usernames;

use serde_json::{Map, Value};
use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::{
    store::{StoreError, Timestamp},
    types::{AccountId, Email, Owner, PasswordHash, TokenHash, UserId},
};

/// Describes a user as its owner sees it.
#[derive(Debug, Clone)]
pub struct User {
    pub id: UserId,
    pub email: Email,
    pub email_verified: bool,
    pub name: String,
    pub image: Option<String>,
    pub roles: Vec<String>,
    /// Is the object of what the configuration adds, as it is stored.
    pub additional_fields: Value,
    /// Tells whether a sign-in takes a second factor.
    pub two_factor_enabled: bool,
    /// Is the code of the language that they chose, or that their sign-up asked for; `None` where nothing is known.
    pub language: Option<String>,
    pub created_at: OffsetDateTime,
    pub updated_at: OffsetDateTime,
}

impl User {
    /// Tells whose password theirs is: it must not be made of what everybody knows of them.
    #[must_use]
    pub fn owner(&self) -> Owner<'_> {
        Owner { email: &self.email, name: &self.name }
    }
}

/// Holds what is to change of the additional fields. It is merged in the statement itself, so that of two changes at
/// once neither undoes the other.
#[derive(Debug, Clone, Default)]
pub struct FieldChanges {
    /// These are as if they had never been set.
    pub removed: Vec<String>,
    /// These are set afterwards.
    pub set: Map<String, Value>,
}

/// Tells whether a user is banned, by the database's clock; it holds for as long as the lock is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IsBanned(pub bool);

/// Holds what a sign-in with a password is decided on.
#[derive(Debug)]
pub struct PasswordUser {
    pub user: User,
    /// Tells whether the user is banned now, by the database's clock.
    pub is_banned: bool,
    /// Is absent where the user signs in in other ways only.
    pub credential: Option<(AccountId, PasswordHash)>,
}

/// Describes the owner of an address, as a sign-up with it is decided on.
#[derive(Debug)]
pub struct AddressOwner {
    pub user: User,
    /// The address is verified, or an operator made the user or gave them a role and they have a way to sign in.
    pub is_claimed: bool,
}

/// Describes a user whose address is about to be proved, locked until the transaction ends.
#[derive(Debug)]
pub struct Provable {
    pub user: User,
    pub created_by_operator: bool,
}

/// Adds a user, unless somebody has the address or it is reserved for somebody who can undo having left it: then
/// nothing is written and the answer is false. Of two sign-ups at once one wins, and the loser's transaction stays
/// usable.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn insert_unless_taken(connection: &mut PgConnection, user: &User) -> Result<bool, StoreError> {
    let result = sqlx::query!(
        "
        insert into auth.users (id, email, email_verified, name, image, additional_fields, language, created_at, updated_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        on conflict on constraint users_email_key do nothing
        ",
        user.id.as_str(),
        user.email.as_str(),
        user.email_verified,
        user.name,
        user.image,
        user.additional_fields,
        user.language,
        user.created_at,
        user.updated_at,
    )
    .execute(&mut *connection)
    .await?;
    if result.rows_affected() == 0 {
        return Ok(false);
    }
    if email_changes::is_reserved_for_other(connection, &user.email, &user.id).await? {
        sqlx::query!("delete from auth.users where id = $1", user.id.as_str()).execute(connection).await?;
        return Ok(false);
    }
    Ok(true)
}

/// Finds the owner of an address.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn find_by_email(connection: &mut PgConnection, email: &Email) -> Result<Option<User>, StoreError> {
    let user = sqlx::query_as!(
        User,
        r#"
        select
            id as "id: UserId", email as "email: Email", email_verified, name, image, roles, additional_fields,
            two_factor_enabled, language,
            created_at as "created_at: Timestamp", updated_at as "updated_at: Timestamp"
        from auth.users
        where email = $1
        "#,
        email.as_str(),
    )
    .fetch_optional(connection)
    .await?;
    Ok(user)
}

/// Finds a user by id.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn find(connection: &mut PgConnection, id: &UserId) -> Result<Option<User>, StoreError> {
    let user = sqlx::query_as!(
        User,
        r#"
        select
            id as "id: UserId", email as "email: Email", email_verified, name, image, roles, additional_fields,
            two_factor_enabled, language,
            created_at as "created_at: Timestamp", updated_at as "updated_at: Timestamp"
        from auth.users
        where id = $1
        "#,
        id.as_str(),
    )
    .fetch_optional(connection)
    .await?;
    Ok(user)
}

/// Finds the owner of an address, with whether a sign-up may still lead to the account.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn find_owner(connection: &mut PgConnection, email: &Email) -> Result<Option<AddressOwner>, StoreError> {
    let row = sqlx::query!(
        r#"
        select
            id as "id: UserId", email as "email: Email", email_verified, name, image, roles, additional_fields,
            two_factor_enabled, language,
            created_at as "created_at: Timestamp", updated_at as "updated_at: Timestamp",
            (
                email_verified
                or (created_by_operator or roles <> '{}')
                    and exists (select from auth.accounts a where a.user_id = u.id)
            ) as "is_settled!"
        from auth.users u
        where email = $1
        "#,
        email.as_str(),
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| AddressOwner {
        user: User {
            id: row.id,
            email: row.email,
            email_verified: row.email_verified,
            name: row.name,
            image: row.image,
            roles: row.roles,
            additional_fields: row.additional_fields,
            two_factor_enabled: row.two_factor_enabled,
            language: row.language,
            created_at: row.created_at.into(),
            updated_at: row.updated_at.into(),
        },
        is_claimed: row.is_settled,
    }))
}

/// Finds the user with what a proof of the address is decided on, locked as by [`find_locked`].
#[tracing::instrument(level = "debug", skip_all)]
pub async fn find_provable_locked(connection: &mut PgConnection, id: &UserId) -> Result<Option<Provable>, StoreError> {
    let row = sqlx::query!(
        r#"
        select
            id as "id: UserId", email as "email: Email", email_verified, name, image, roles, additional_fields,
            two_factor_enabled, language,
            created_at as "created_at: Timestamp", updated_at as "updated_at: Timestamp",
            created_by_operator
        from auth.users
        where id = $1
        for update
        "#,
        id.as_str(),
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| Provable {
        user: User {
            id: row.id,
            email: row.email,
            email_verified: row.email_verified,
            name: row.name,
            image: row.image,
            roles: row.roles,
            additional_fields: row.additional_fields,
            two_factor_enabled: row.two_factor_enabled,
            language: row.language,
            created_at: row.created_at.into(),
            updated_at: row.updated_at.into(),
        },
        created_by_operator: row.created_by_operator,
    }))
}

/// Records that an operator created the user.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn update_created_by_operator(connection: &mut PgConnection, id: &UserId) -> Result<(), StoreError> {
    sqlx::query!("update auth.users set created_by_operator = true where id = $1", id.as_str())
        .execute(connection)
        .await?;
    Ok(())
}

/// Finds the owner of an address with the password's hash. A credential account names its own user; any other is not
/// used (contract §3.1).
#[tracing::instrument(level = "debug", skip_all)]
pub async fn find_with_password(
    connection: &mut PgConnection,
    email: &Email,
) -> Result<Option<PasswordUser>, StoreError> {
    let row = sqlx::query!(
        r#"
        select
            u.id as "id: UserId",
            u.email as "email: Email",
            u.email_verified,
            u.name,
            u.image,
            u.roles,
            u.additional_fields,
            u.two_factor_enabled,
            u.language,
            u.created_at as "created_at: Timestamp",
            u.updated_at as "updated_at: Timestamp",
            (u.banned_at is not null and (u.ban_expires_at is null or u.ban_expires_at > now())) as "is_banned!",
            a.id as "account_id?: AccountId",
            a.password_hash as "password_hash?: PasswordHash"
        from auth.users u
        left join auth.accounts a on a.user_id = u.id and a.provider_id = 'credential' and a.account_id = u.id
        where u.email = $1
        "#,
        email.as_str(),
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| PasswordUser {
        user: User {
            id: row.id,
            email: row.email,
            email_verified: row.email_verified,
            name: row.name,
            image: row.image,
            roles: row.roles,
            additional_fields: row.additional_fields,
            two_factor_enabled: row.two_factor_enabled,
            language: row.language,
            created_at: row.created_at.into(),
            updated_at: row.updated_at.into(),
        },
        is_banned: row.is_banned,
        credential: row.account_id.zip(row.password_hash),
    }))
}

/// Finds the user, locked until the transaction ends: the first lock of every flow that changes more than one row of
/// theirs (see [the order of locks](super)). `None`: there is no such user any more.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn find_locked(connection: &mut PgConnection, id: &UserId) -> Result<Option<UserId>, StoreError> {
    let found =
        sqlx::query_scalar!(r#"select id as "id: UserId" from auth.users where id = $1 for update"#, id.as_str(),)
            .fetch_optional(connection)
            .await?;
    Ok(found)
}

/// Locks these users, in the order of their ids, as by [`find_locked`].
#[tracing::instrument(level = "debug", skip_all)]
pub async fn list_locked(connection: &mut PgConnection, ids: &[&str]) -> Result<Vec<UserId>, StoreError> {
    let found = sqlx::query_scalar!(
        r#"select id as "id: UserId" from auth.users where id = any($1) order by id for update"#,
        ids as &[&str],
    )
    .fetch_all(connection)
    .await?;
    Ok(found)
}

/// Tells whether the user is banned now, locked like [`find_locked`]; and with them the owner of the session that this
/// sign-in replaces, who may be somebody else. `None`: there is no such user any more.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn find_locked_for_sign_in(
    connection: &mut PgConnection,
    id: &UserId,
    replaced: Option<&TokenHash>,
) -> Result<Option<IsBanned>, StoreError> {
    let locked = sqlx::query!(
        r#"
        select
            id as "id: UserId",
            (banned_at is not null and (ban_expires_at is null or ban_expires_at > now())) as "is_banned!"
        from auth.users
        where id = any(array[$1, (select user_id from auth.sessions where token_hash = $2)])
        order by id
        for update
        "#,
        id.as_str(),
        replaced.map(|token| token.as_bytes().as_slice()),
    )
    .fetch_all(connection)
    .await?;
    Ok(locked.into_iter().find(|user| user.id == *id).map(|user| IsBanned(user.is_banned)))
}

/// Marks the address as proved. False when there is no such user any more.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn update_email_verified(
    connection: &mut PgConnection,
    id: &UserId,
    now: OffsetDateTime,
) -> Result<bool, StoreError> {
    let result =
        sqlx::query!("update auth.users set email_verified = true, updated_at = $2 where id = $1", id.as_str(), now,)
            .execute(connection)
            .await?;
    Ok(result.rows_affected() == 1)
}

/// Changes what a user shows of themselves; what is `None` stays, and an image can be taken away. A picture of theirs
/// that is stored here goes with the image it was; a new one is stored [afterwards](avatars::upsert). Returns the
/// additional fields as they are now, and `None` when there is no such user any more.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn update_profile(
    connection: &mut PgConnection,
    id: &UserId,
    name: Option<&str>,
    image: Option<Option<&str>>,
    fields: &FieldChanges,
    now: OffsetDateTime,
) -> Result<Option<Value>, StoreError> {
    let stored = sqlx::query_scalar!(
        "
        with removed as (delete from auth.avatars where user_id = $1 and $3)
        update auth.users
        set name = coalesce($2, name), image = case when $3 then $4 else image end,
            additional_fields = (additional_fields - $5::text[]) || $6::jsonb, updated_at = $7
        where id = $1
        returning additional_fields
        ",
        id.as_str(),
        name,
        image.is_some(),
        image.flatten(),
        &fields.removed,
        Value::Object(fields.set.clone()),
        now,
    )
    .fetch_optional(connection)
    .await?;
    Ok(stored)
}

/// Replaces the address of a user by one that they have proved, as long as it is still the one that it was. The user
/// as they are now; a taken address is a conflict.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn update_email(
    connection: &mut PgConnection,
    id: &UserId,
    from: &Email,
    to: &Email,
    now: OffsetDateTime,
) -> Result<Option<User>, StoreError> {
    let user = sqlx::query_as!(
        User,
        r#"
        update auth.users set email = $3, email_verified = true, updated_at = $4
        where id = $1 and email = $2
        returning
            id as "id: UserId", email as "email: Email", email_verified, name, image, roles, additional_fields,
            two_factor_enabled, language,
            created_at as "created_at: Timestamp", updated_at as "updated_at: Timestamp"
        "#,
        id.as_str(),
        from.as_str(),
        to.as_str(),
        now,
    )
    .fetch_optional(connection)
    .await?;
    Ok(user)
}

/// Finds a user's address, and the user locked as by [`find_locked`].
#[tracing::instrument(level = "debug", skip_all)]
pub async fn find_email_locked(connection: &mut PgConnection, id: &UserId) -> Result<Option<Email>, StoreError> {
    let email =
        sqlx::query_scalar!(r#"select email as "email: Email" from auth.users where id = $1 for update"#, id.as_str(),)
            .fetch_optional(connection)
            .await?;
    Ok(email)
}
