//! Keeps `auth.verifications`: single-use secrets that leave by mail, bound to a purpose and a user (MAIL-01, MAIL-03).

mod codes;
mod invitations;
mod mails;
mod payload;
mod purpose;
mod spent;

use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::{
    store::{StoreError, Timestamp, users::User},
    types::{Email, TokenHash, UserId, VerificationId},
};

pub use codes::{
    StoredCode, delete_code, find_code, update_code_ended, update_other_codes_expired, update_tried, update_untried,
};
pub use invitations::{delete_invitations, insert_invitation, is_invited};
pub(in crate::store) use mails::hash_of;
pub use mails::{MailedBefore, NewMail, insert_mailed, list_mailed_since, lock_recipient};
pub use payload::{EmailChange, MagicLink, OauthState, PasskeyChallenge, Payload};
pub use purpose::Purpose;
pub use spent::Spent;
use spent::SpentRow;

/// Describes a row to write.
#[derive(Debug)]
pub struct NewVerification<'a> {
    pub id: VerificationId,
    pub purpose: Purpose,
    pub token: TokenHash,
    /// Is `None` where it belongs to nobody yet.
    pub user_id: Option<&'a UserId>,
    pub payload: Payload,
    pub created_at: OffsetDateTime,
    pub expires_at: OffsetDateTime,
}

/// Writes the row of what is handed over on a page or in a cookie: nothing is mailed, so nothing counts.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn insert(connection: &mut PgConnection, row: &NewVerification<'_>) -> Result<(), StoreError> {
    sqlx::query!(
        "
        insert into auth.verifications (id, purpose, token_hash, user_id, payload, created_at, expires_at)
        values ($1, $2, $3, $4, $5, $6, $7)
        ",
        row.id.as_str(),
        row.purpose.as_str(),
        row.token.as_bytes().as_slice(),
        row.user_id.map(UserId::as_str),
        row.payload.to_json(),
        row.created_at,
        row.expires_at,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Describes a link that somebody else signed.
#[derive(Debug)]
pub struct SignedElsewhere<'a> {
    pub token: TokenHash,
    pub email: &'a Email,
    /// Is its owner's id, where the link says it.
    pub user_id: Option<&'a UserId>,
    pub created_at: OffsetDateTime,
    pub expires_at: OffsetDateTime,
}

/// Writes the row of a link that proves an address and has none yet, where its owner was there when it was signed and has
/// not proved the address. The owner is locked, so that no link gets a row anew while it is being spent.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn insert_signed_elsewhere(
    connection: &mut PgConnection,
    link: &SignedElsewhere<'_>,
) -> Result<(), StoreError> {
    let id = VerificationId::generate();
    sqlx::query!(
        "
        insert into auth.verifications (id, purpose, token_hash, user_id, created_at, expires_at)
        select $1, $2, $3, id, $4, $5
        from auth.users
        where email = $6 and ($7::text is null or id = $7) and not email_verified
            and created_at < $4::timestamptz + interval '1 second'
        for update
        on conflict do nothing
        ",
        id.as_str(),
        Purpose::VerifyEmail.as_str(),
        link.token.as_bytes().as_slice(),
        link.created_at,
        link.expires_at,
        link.email.as_str(),
        link.user_id.map(UserId::as_str),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Writes the row of a flow at a provider, which belongs to nobody yet unless somebody links an account.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn insert_oauth_state(
    connection: &mut PgConnection,
    id: &VerificationId,
    state: &TokenHash,
    user: Option<&UserId>,
    payload: &Payload,
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
        payload.to_json(),
        created_at,
        expires_at,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Ends all rows of a user and purpose but the named one: the link that was written last wins (contract §15.10), whatever
/// the clocks of other replicas say and whichever of several requests began first. A link that was made to live longer
/// stays: it is an operator's invitation, and anybody can ask for a link.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn update_others_expired(
    connection: &mut PgConnection,
    user: &UserId,
    purpose: Purpose,
    (keep, keep_expires_at): (&VerificationId, OffsetDateTime),
    now: OffsetDateTime,
) -> Result<u64, StoreError> {
    let result = sqlx::query!(
        "
        update auth.verifications set expires_at = least(created_at, $4)
        where user_id = $1 and purpose = $2 and id <> $3 and expires_at > $4
            and expires_at - created_at <= $5::timestamptz - $4
        ",
        user.as_str(),
        purpose.as_str(),
        keep.as_str(),
        now,
        keep_expires_at,
    )
    .execute(connection)
    .await?;
    Ok(result.rows_affected())
}

/// Spends a token: of several requests at once with the same one, one gets the row (MAIL-02). An expired row is spent
/// too, and the caller tells its owner so.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn delete_by_token(
    connection: &mut PgConnection,
    purpose: Purpose,
    token: &TokenHash,
) -> Result<Option<Spent>, StoreError> {
    let spent = sqlx::query_as!(
        SpentRow,
        r#"
        delete from auth.verifications where token_hash = $1 and purpose = $2
        returning user_id as "user_id: UserId", payload, expires_at as "expires_at: Timestamp"
        "#,
        token.as_bytes().as_slice(),
        purpose.as_str(),
    )
    .fetch_optional(connection)
    .await?;
    Ok(spent.map(|row| row.read(purpose)))
}

/// Finds what a token would give, without spending it.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn find_by_token(
    connection: &mut PgConnection,
    purpose: Purpose,
    token: &TokenHash,
) -> Result<Option<Spent>, StoreError> {
    let found = sqlx::query_as!(
        SpentRow,
        r#"
        select user_id as "user_id: UserId", payload, expires_at as "expires_at: Timestamp"
        from auth.verifications where token_hash = $1 and purpose = $2
        "#,
        token.as_bytes().as_slice(),
        purpose.as_str(),
    )
    .fetch_optional(connection)
    .await?;
    Ok(found.map(|row| row.read(purpose)))
}

/// Finds whom a token would act for, without spending it; `None` also where it is too old or its user banned.
#[tracing::instrument(level = "debug", skip_all)]
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
            u.id as "id: UserId", u.email as "email: Email", u.email_verified, u.name, u.image, u.roles,
            u.additional_fields, u.two_factor_enabled, u.language, u.created_at as "created_at: Timestamp", u.updated_at as "updated_at: Timestamp"
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

/// Finds the change of address that a user asked for last and that still waits for a mail to be followed.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn find_email_change(
    connection: &mut PgConnection,
    user: &UserId,
    now: OffsetDateTime,
) -> Result<Option<PendingEmailChange>, StoreError> {
    let found = sqlx::query!(
        r#"
        select purpose, payload, expires_at as "expires_at: Timestamp"
        from auth.verifications
        where user_id = $1 and purpose in ('change-email', 'consent-email-change') and expires_at > $2
        order by created_at desc
        limit 1
        "#,
        user.as_str(),
        now,
    )
    .fetch_optional(connection)
    .await?;
    Ok(found.and_then(|row| {
        let needs_consent = row.purpose == Purpose::ConsentEmailChange.as_str();
        let Some(Payload::EmailChange(change)) = Payload::parse(Purpose::ChangeEmail, row.payload) else { return None };
        Some(PendingEmailChange { to: change.to, needs_consent, expires_at: row.expires_at.into() })
    }))
}

/// Describes a change of address that waits for its mail to be followed.
#[derive(Debug)]
pub struct PendingEmailChange {
    pub to: Email,
    /// The mail went to the old address, which has to allow the change first.
    pub needs_consent: bool,
    pub expires_at: OffsetDateTime,
}

/// Deletes what was mailed to a user for these purposes, and returns how many links ended.
#[tracing::instrument(level = "debug", skip_all)]
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
#[tracing::instrument(level = "debug", skip_all)]
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
