//! `auth.verifications`: single-use secrets that leave by mail, bound to a purpose and a user (MAIL-01, MAIL-03).

use sha2::{Digest, Sha256};
use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::{
    store::{StoreError, Timestamp, users::User},
    types::{Email, TokenHash, UserId, VerificationId},
};

/// What a row is good for. One purpose's token is nothing to another's endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Proves the address of an account.
    VerifyEmail,
    /// Sets a new password.
    ResetPassword,
    /// Proves a new address; the payload names it.
    ChangeEmail,
    /// Lets the old address allow that a change begins; the payload names the new one.
    ConsentEmailChange,
    /// Confirms that an account is to be deleted.
    DeleteUser,
    /// The row only counts the mails that tell an owner of many failed sign-ins.
    FailedSignIns,
    /// No mail carries this one's token: the row only counts the mails that tell an owner of a second sign-up.
    AccountExists,
    /// A flow at a provider that has not come back yet. Travels as `state`, not by mail.
    OauthState,
}

impl Purpose {
    /// Whatever a user may have been sent.
    pub const ALL: [Self; 7] = [
        Self::VerifyEmail,
        Self::ResetPassword,
        Self::ChangeEmail,
        Self::ConsentEmailChange,
        Self::DeleteUser,
        Self::AccountExists,
        Self::OauthState,
    ];

    fn as_str(self) -> &'static str {
        match self {
            Self::VerifyEmail => "verify-email",
            Self::FailedSignIns => "failed-sign-ins",
            Self::ResetPassword => "reset-password",
            Self::ChangeEmail => "change-email",
            Self::ConsentEmailChange => "consent-email-change",
            Self::DeleteUser => "delete-user",
            Self::AccountExists => "account-exists",
            Self::OauthState => "oauth-state",
        }
    }
}

/// A row to write.
#[derive(Debug)]
pub struct NewVerification<'a> {
    pub id: VerificationId,
    pub purpose: Purpose,
    pub token: TokenHash,
    pub user_id: &'a UserId,
    pub payload: serde_json::Value,
    pub created_at: OffsetDateTime,
    pub expires_at: OffsetDateTime,
}

/// A row that was spent, or that was looked at. It may be too old.
#[derive(Debug)]
pub struct Spent {
    pub user_id: Option<UserId>,
    pub payload: serde_json::Value,
    pub expires_at: OffsetDateTime,
}

/// Writes the row of a link that is handed over on a page: nothing is mailed, so nothing counts.
pub async fn insert(connection: &mut PgConnection, row: &NewVerification<'_>) -> Result<(), StoreError> {
    sqlx::query!(
        "
        insert into auth.verifications (id, purpose, token_hash, user_id, payload, created_at, expires_at)
        values ($1, $2, $3, $4, $5, $6, $7)
        ",
        row.id.as_str(),
        row.purpose.as_str(),
        row.token.as_bytes().as_slice(),
        row.user_id.as_str(),
        row.payload,
        row.created_at,
        row.expires_at,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// A mail of the last day, as far as it counts for the next one.
#[derive(Debug, Clone)]
pub struct MailedBefore {
    /// Asked for in the name of this user.
    pub is_of_user: bool,
    /// Sent to this recipient.
    pub is_to_recipient: bool,
    /// By whom, where that is known.
    pub asked_by: Option<String>,
    pub created_at: OffsetDateTime,
    pub expires_at: OffsetDateTime,
}

/// Waits for others who write mails to this recipient, and makes them wait until the transaction ends.
pub async fn lock_recipient(connection: &mut PgConnection, recipient: &Email) -> Result<(), StoreError> {
    sqlx::query!("select pg_advisory_xact_lock(hashtextextended('mail:' || $1, 0))", recipient.as_str())
        .execute(connection)
        .await?;
    Ok(())
}

/// Lists what was mailed of a purpose since then, for this user or to this recipient.
pub async fn list_mailed_since(
    connection: &mut PgConnection,
    purpose: Purpose,
    (user, recipient): (&UserId, &Email),
    since: OffsetDateTime,
) -> Result<Vec<MailedBefore>, StoreError> {
    let recipient = hash_of(recipient);
    let mailed = sqlx::query_as!(
        MailedBefore,
        r#"
        select
            (user_id is not distinct from $2) as "is_of_user!",
            (recipient_hash is not distinct from $3) as "is_to_recipient!",
            asked_by,
            created_at as "created_at: Timestamp", expires_at as "expires_at: Timestamp"
        from auth.verifications
        where purpose = $1 and created_at > $4 and (user_id = $2 or recipient_hash = $3)
        "#,
        purpose.as_str(),
        user.as_str(),
        recipient.as_slice(),
        since,
    )
    .fetch_all(connection)
    .await?;
    Ok(mailed)
}

/// Writes the row of a mail that is about to be sent to this recipient, because of whom.
pub async fn insert_mailed(
    connection: &mut PgConnection,
    row: &NewVerification<'_>,
    recipient: &Email,
    asked_by: Option<&str>,
) -> Result<(), StoreError> {
    let recipient = hash_of(recipient);
    sqlx::query!(
        "
        insert into auth.verifications (
            id, purpose, token_hash, user_id, payload, created_at, expires_at, recipient_hash, asked_by
        )
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        ",
        row.id.as_str(),
        row.purpose.as_str(),
        row.token.as_bytes().as_slice(),
        row.user_id.as_str(),
        row.payload,
        row.created_at,
        row.expires_at,
        recipient.as_slice(),
        asked_by,
    )
    .execute(connection)
    .await?;
    Ok(())
}

fn hash_of(recipient: &Email) -> [u8; 32] {
    Sha256::digest(recipient.as_str()).into()
}

/// Writes the row of a flow at a provider, which belongs to nobody yet unless somebody links an account.
pub async fn insert_oauth_state(
    connection: &mut PgConnection,
    id: &VerificationId,
    state: &TokenHash,
    user: Option<&UserId>,
    payload: &serde_json::Value,
    (created_at, expires_at): (OffsetDateTime, OffsetDateTime),
) -> Result<(), StoreError> {
    sqlx::query!(
        "
        insert into auth.verifications (id, purpose, token_hash, user_id, payload, created_at, expires_at)
        values ($1, $2, $3, $4, $5, $6, $7)
        ",
        id.as_str(),
        Purpose::OauthState.as_str(),
        state.as_bytes().as_slice(),
        user.map(UserId::as_str),
        payload,
        created_at,
        expires_at,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Ends all rows of a user and purpose but the named one: the newest link wins (contract §15.10).
pub async fn update_others_expired(
    connection: &mut PgConnection,
    user: &UserId,
    purpose: Purpose,
    keep: &VerificationId,
    now: OffsetDateTime,
) -> Result<u64, StoreError> {
    let result = sqlx::query!(
        "
        update auth.verifications set expires_at = $4
        where user_id = $1 and purpose = $2 and id <> $3 and expires_at > $4
        ",
        user.as_str(),
        purpose.as_str(),
        keep.as_str(),
        now,
    )
    .execute(connection)
    .await?;
    Ok(result.rows_affected())
}

/// Spends a token: of several requests at once with the same one, one gets the row (MAIL-02). An expired row is spent
/// too, and the caller tells its owner so.
pub async fn delete_by_token(
    connection: &mut PgConnection,
    purpose: Purpose,
    token: &TokenHash,
) -> Result<Option<Spent>, StoreError> {
    let spent = sqlx::query_as!(
        Spent,
        r#"
        delete from auth.verifications where token_hash = $1 and purpose = $2
        returning user_id as "user_id: UserId", payload, expires_at as "expires_at: Timestamp"
        "#,
        token.as_bytes().as_slice(),
        purpose.as_str(),
    )
    .fetch_optional(connection)
    .await?;
    Ok(spent)
}

/// Finds what a token would give, without spending it.
pub async fn find_by_token(
    connection: &mut PgConnection,
    purpose: Purpose,
    token: &TokenHash,
) -> Result<Option<Spent>, StoreError> {
    let found = sqlx::query_as!(
        Spent,
        r#"
        select user_id as "user_id: UserId", payload, expires_at as "expires_at: Timestamp"
        from auth.verifications where token_hash = $1 and purpose = $2
        "#,
        token.as_bytes().as_slice(),
        purpose.as_str(),
    )
    .fetch_optional(connection)
    .await?;
    Ok(found)
}

/// Whom a token would act for, without spending it; `None` also where it is too old or its user banned.
pub async fn find_user(
    connection: &mut PgConnection,
    purpose: Purpose,
    token: &TokenHash,
    now: OffsetDateTime,
) -> Result<Option<User>, StoreError> {
    let user = sqlx::query_as!(
        User,
        r#"
        select
            u.id as "id: UserId", u.email as "email: Email", u.email_verified, u.name, u.image,
            u.created_at as "created_at: Timestamp", u.updated_at as "updated_at: Timestamp"
        from auth.verifications v
        join auth.users u on u.id = v.user_id
        where v.token_hash = $1
            and v.purpose = $2
            and v.expires_at > $3
            and (u.banned_at is null or u.ban_expires_at <= now())
        "#,
        token.as_bytes().as_slice(),
        purpose.as_str(),
        now,
    )
    .fetch_optional(connection)
    .await?;
    Ok(user)
}

/// Takes back what was mailed to a user for these purposes; how many links died.
pub async fn delete_of_user(
    connection: &mut PgConnection,
    user: &UserId,
    purposes: &[Purpose],
) -> Result<u64, StoreError> {
    let purposes: Vec<String> = purposes.iter().map(|purpose| purpose.as_str().to_owned()).collect();
    let result = sqlx::query!(
        "delete from auth.verifications where user_id = $1 and purpose = any($2)",
        user.as_str(),
        &purposes,
    )
    .execute(connection)
    .await?;
    Ok(result.rows_affected())
}

/// Makes the pending links of a user for these purposes good for nothing. Unlike deleted ones, they go on to count as
/// mailed ([`list_mailed_since`]). No token hashes to what is stored instead, as none has a colon.
pub async fn update_withdrawn(
    connection: &mut PgConnection,
    user: &UserId,
    purposes: &[Purpose],
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    let purposes: Vec<String> = purposes.iter().map(|purpose| purpose.as_str().to_owned()).collect();
    sqlx::query!(
        "
        update auth.verifications
        set token_hash = sha256(convert_to('withdrawn:' || id, 'UTF8')), expires_at = $3
        where user_id = $1 and purpose = any($2) and expires_at > $3
        ",
        user.as_str(),
        &purposes,
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}
