//! Writes how imported users sign in: passwords, identities at providers, second factors, passkeys, API keys.

use serde::Serialize;
use serde_json::Value;
use sqlx::PgConnection;
use time::{OffsetDateTime, serde::rfc3339};

use crate::store::{StoreError, imports::rows};

/// Is a password as the table takes it.
#[derive(Debug, Clone, Serialize)]
pub struct NewPassword {
    /// Is for a new account.
    pub id: String,
    pub user_id: String,
    pub hash: String,
    /// An earlier password stays, whatever its age.
    pub keeps_earlier: bool,
    /// An earlier password is replaced at most: there is none where it was taken away here.
    pub replaces_only: bool,
    #[serde(with = "rfc3339")]
    pub created_at: OffsetDateTime,
    #[serde(with = "rfc3339")]
    pub updated_at: OffsetDateTime,
}

/// Is an identity at a provider as the table takes it. Tokens are sealed, in hexadecimal digits.
#[derive(Debug, Clone, Serialize)]
pub struct NewIdentity {
    pub id: String,
    pub user_id: String,
    pub provider_id: String,
    pub account_id: String,
    pub scopes: Vec<String>,
    pub access_token: Option<String>,
    pub refresh_token: Option<String>,
    pub id_token: Option<String>,
    #[serde(with = "rfc3339::option")]
    pub access_token_expires_at: Option<OffsetDateTime>,
    #[serde(with = "rfc3339::option")]
    pub refresh_token_expires_at: Option<OffsetDateTime>,
    #[serde(with = "rfc3339")]
    pub created_at: OffsetDateTime,
    #[serde(with = "rfc3339")]
    pub updated_at: OffsetDateTime,
}

/// Is a second factor as the tables take it.
#[derive(Debug, Clone, Serialize)]
pub struct NewTwoFactor {
    pub user_id: String,
    /// Is sealed, in hexadecimal digits.
    pub secret: Option<String>,
    /// Holds SHA-256 of each code, in hexadecimal digits.
    pub code_hashes: Vec<String>,
    #[serde(with = "rfc3339")]
    pub enabled_at: OffsetDateTime,
}

/// Is a passkey as the tables take it. Bytes are in hexadecimal digits.
#[derive(Debug, Clone, Serialize)]
pub struct NewPasskey {
    pub id: String,
    /// Is taken where another passkey has the id, which came from elsewhere.
    pub other_id: String,
    pub user_id: String,
    /// Is for a user who has none yet.
    pub user_handle: String,
    /// The authenticator knows its user by that handle, rather than by one that nobody wrote down.
    pub has_known_handle: bool,
    pub name: Option<String>,
    pub credential_id: String,
    pub public_key: String,
    pub counter: i64,
    pub backup_eligible: bool,
    pub backed_up: bool,
    pub transports: Vec<String>,
    pub aaguid: String,
    #[serde(with = "rfc3339")]
    pub created_at: OffsetDateTime,
    #[serde(with = "rfc3339::option")]
    pub last_used_at: Option<OffsetDateTime>,
}

/// Is an API key as the table takes it.
#[derive(Debug, Clone, Serialize)]
pub struct NewApiKey {
    pub id: String,
    /// Is taken where another key has the id, which came from elsewhere.
    pub other_id: String,
    pub user_id: String,
    /// Is in hexadecimal digits.
    pub key_hash: String,
    pub name: Option<String>,
    pub prefix: String,
    pub start: String,
    pub enabled: bool,
    #[serde(with = "rfc3339::option")]
    pub expires_at: Option<OffsetDateTime>,
    pub metadata: Option<Value>,
    pub permissions: Value,
    pub remaining: Option<i64>,
    pub refill_amount: Option<i64>,
    pub refill_interval_ms: Option<i64>,
    #[serde(with = "rfc3339::option")]
    pub last_refill_at: Option<OffsetDateTime>,
    pub rate_limit_enabled: bool,
    pub rate_limit_max: i64,
    pub rate_limit_window_ms: i64,
    #[serde(with = "rfc3339::option")]
    pub last_used_at: Option<OffsetDateTime>,
    #[serde(with = "rfc3339")]
    pub created_at: OffsetDateTime,
    #[serde(with = "rfc3339")]
    pub updated_at: OffsetDateTime,
}

/// Gives users their passwords, in place of one that was imported, that nobody has changed here since, and that is older
/// than what the origin has now. Returns whose password was written.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn upsert_passwords(
    connection: &mut PgConnection,
    passwords: &[NewPassword],
) -> Result<Vec<String>, StoreError> {
    let written = sqlx::query_scalar!(
        "
        insert into auth.accounts (
            id, user_id, provider_id, account_id, password_hash, created_at, updated_at, left_at
        )
        select r.id, r.user_id, 'credential', r.user_id, r.hash, r.created_at, r.updated_at, r.updated_at
        from jsonb_to_recordset($1) r (
            id text, user_id text, hash text, keeps_earlier boolean, replaces_only boolean, created_at timestamptz,
            updated_at timestamptz
        )
        where not (r.keeps_earlier or r.replaces_only) or r.keeps_earlier <> exists (
            select from auth.accounts a
            where a.provider_id = 'credential' and a.account_id = r.user_id and a.user_id = r.user_id
        )
        on conflict on constraint accounts_provider_id_account_id_key do update
            set password_hash = excluded.password_hash, updated_at = excluded.updated_at, left_at = excluded.left_at
            where accounts.user_id = excluded.user_id and accounts.updated_at = accounts.left_at
                and accounts.updated_at < excluded.updated_at
                and accounts.password_hash is distinct from excluded.password_hash
        returning user_id
        ",
        rows(passwords) as _,
    )
    .fetch_all(connection)
    .await?;
    Ok(written)
}

/// Links identities, and returns the ids of those rows that are new. An identity stays with whoever has it.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn insert_identities(
    connection: &mut PgConnection,
    identities: &[NewIdentity],
) -> Result<Vec<String>, StoreError> {
    let inserted = sqlx::query_scalar!(
        "
        insert into auth.accounts (
            id, user_id, provider_id, account_id, scopes, access_token, refresh_token, id_token,
            access_token_expires_at, refresh_token_expires_at, created_at, updated_at
        )
        select
            id, user_id, provider_id, account_id, scopes, decode(access_token, 'hex'), decode(refresh_token, 'hex'),
            decode(id_token, 'hex'), access_token_expires_at, refresh_token_expires_at, created_at, updated_at
        from jsonb_to_recordset($1) r (
            id text, user_id text, provider_id text, account_id text, scopes text[], access_token text,
            refresh_token text, id_token text, access_token_expires_at timestamptz,
            refresh_token_expires_at timestamptz, created_at timestamptz, updated_at timestamptz
        )
        on conflict do nothing
        returning id
        ",
        rows(identities) as _,
    )
    .fetch_all(connection)
    .await?;
    Ok(inserted)
}

/// Finds the owners of identities, each of which is a provider and an id there.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn find_owners(
    connection: &mut PgConnection,
    providers: &[String],
    account_ids: &[String],
) -> Result<Vec<(String, String, String)>, StoreError> {
    let rows = sqlx::query!(
        "
        select a.provider_id, a.account_id, a.user_id
        from auth.accounts a
        join unnest($1::text[], $2::text[]) wanted (provider_id, account_id)
            on wanted.provider_id = a.provider_id and wanted.account_id = a.account_id
        ",
        providers,
        account_ids,
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|row| (row.provider_id, row.account_id, row.user_id)).collect())
}

/// Gives users their second factors, and returns whose were written. A factor that somebody has already stays.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn insert_two_factors(
    connection: &mut PgConnection,
    factors: &[NewTwoFactor],
) -> Result<Vec<String>, StoreError> {
    let inserted = sqlx::query_scalar!(
        "
        insert into auth.two_factors (user_id, secret, enabled_at, created_at)
        select user_id, decode(secret, 'hex'), enabled_at, enabled_at
        from jsonb_to_recordset($1) r (user_id text, secret text, enabled_at timestamptz)
        on conflict do nothing
        returning user_id
        ",
        rows(factors) as _,
    )
    .fetch_all(&mut *connection)
    .await?;
    sqlx::query!(
        "
        insert into auth.backup_codes (user_id, code_hash)
        select r.user_id, decode(code, 'hex')
        from jsonb_to_recordset($1) r (user_id text, code_hashes text[]), unnest(r.code_hashes) code
        where r.user_id = any($2)
        on conflict do nothing
        ",
        rows(factors) as _,
        &inserted,
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!("update auth.users set two_factor_enabled = true where id = any($1)", &inserted)
        .execute(connection)
        .await?;
    Ok(inserted)
}

/// Adds passkeys, and returns the ids of those that are new.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn insert_passkeys(
    connection: &mut PgConnection,
    passkeys: &[NewPasskey],
) -> Result<Vec<String>, StoreError> {
    sqlx::query!(
        "
        insert into auth.passkey_users (user_id, handle, created_at)
        select user_id, decode(user_handle, 'hex'), created_at
        from jsonb_to_recordset($1) r (user_id text, user_handle text, created_at timestamptz)
        on conflict do nothing
        ",
        rows(passkeys) as _,
    )
    .execute(&mut *connection)
    .await?;
    let inserted = sqlx::query_scalar!(
        "
        insert into auth.passkeys (
            id, user_id, has_known_handle, name, credential_id, public_key, counter, backup_eligible, backed_up,
            transports, aaguid, created_at, last_used_at
        )
        select
            case
                when exists (
                    select from auth.passkeys p
                    where p.id = r.id and p.credential_id <> decode(r.credential_id, 'hex')
                ) then other_id
                else id
            end,
            user_id, has_known_handle, name, decode(credential_id, 'hex'), decode(public_key, 'hex'), counter,
            backup_eligible, backed_up, transports, decode(aaguid, 'hex'), created_at, last_used_at
        from jsonb_to_recordset($1) r (
            id text, other_id text, user_id text, has_known_handle boolean, name text, credential_id text, public_key text,
            counter bigint, backup_eligible boolean, backed_up boolean, transports text[], aaguid text,
            created_at timestamptz, last_used_at timestamptz
        )
        on conflict do nothing
        returning id
        ",
        rows(passkeys) as _,
    )
    .fetch_all(connection)
    .await?;
    Ok(inserted)
}

/// Adds API keys, and returns the ids of those that are new.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn insert_api_keys(connection: &mut PgConnection, keys: &[NewApiKey]) -> Result<Vec<String>, StoreError> {
    let inserted = sqlx::query_scalar!(
        "
        insert into auth.api_keys (
            id, user_id, key_hash, name, prefix, start, enabled, expires_at, metadata, permissions, remaining,
            refill_amount, refill_interval_ms, last_refill_at, rate_limit_enabled, rate_limit_max,
            rate_limit_window_ms, last_used_at, created_at, updated_at
        )
        select
            case
                when exists (
                    select from auth.api_keys k where k.id = r.id and k.key_hash <> decode(r.key_hash, 'hex')
                ) then other_id
                else id
            end,
            user_id, decode(key_hash, 'hex'), name, prefix, start, enabled, expires_at, metadata, permissions,
            remaining, refill_amount, refill_interval_ms, last_refill_at, rate_limit_enabled, rate_limit_max,
            rate_limit_window_ms, last_used_at, created_at, updated_at
        from jsonb_to_recordset($1) r (
            id text, other_id text, user_id text, key_hash text, name text, prefix text, start text, enabled boolean,
            expires_at timestamptz, metadata jsonb, permissions jsonb, remaining bigint, refill_amount bigint,
            refill_interval_ms bigint, last_refill_at timestamptz, rate_limit_enabled boolean, rate_limit_max bigint,
            rate_limit_window_ms bigint, last_used_at timestamptz, created_at timestamptz, updated_at timestamptz
        )
        on conflict do nothing
        returning id
        ",
        rows(keys) as _,
    )
    .fetch_all(connection)
    .await?;
    Ok(inserted)
}
