//! Keeps `auth.sessions`: opened, looked at and ended one at a time. The look-up of the proxied traffic is in
//! `lookup`.

pub mod activity;
pub mod impersonation;
pub mod lookup;

use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::{
    store::{StoreError, Timestamp, organizations::active_organization, users::User},
    types::{
        ActiveOrganization, AuthMethod, Authentication, Email, OrganizationId, SecondFactor, SessionId, SessionKey,
        TeamId, TokenHash, TrustedDeviceId, UserId,
    },
};

/// Describes a session as its owner sees it.
#[derive(Debug, Clone)]
pub struct Session {
    pub id: SessionId,
    pub user_id: UserId,
    /// Is false where the cookie goes with the browser, and the session is never extended.
    pub remember: bool,
    pub ip_address: String,
    pub user_agent: String,
    pub created_at: OffsetDateTime,
    pub updated_at: OffsetDateTime,
    pub expires_at: OffsetDateTime,
    pub absolute_expires_at: OffsetDateTime,
    /// Says when its holder last proved who they are after it was opened; `None` means not since.
    pub proved_at: Option<OffsetDateTime>,
    /// Is the name of the [`AuthMethod`] that opened it.
    pub auth_method: String,
    pub second_factor: Option<SecondFactor>,
    /// Is the device that spared its user the second factor, or was trusted with it.
    pub trusted_device_id: Option<TrustedDeviceId>,
    /// Is the organization that it works in, as long as its user is a member.
    pub organization: Option<ActiveOrganization>,
    /// Is the team of this organization that it works in, as long as its user is in it.
    pub active_team: Option<TeamId>,
    /// Is the administrator who uses it in its user's place; `None` where its user does.
    pub impersonated_by: Option<UserId>,
}

impl Session {
    /// Describes how it was opened and proved.
    #[must_use]
    pub fn authentication(&self) -> Authentication<'_> {
        Authentication {
            method: AuthMethod::parse(&self.auth_method),
            second_factor: self.second_factor,
            proved_at: self.proved_at.unwrap_or(self.created_at),
        }
    }
}

/// Opens a session.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn insert(connection: &mut PgConnection, session: &Session, token: &TokenHash) -> Result<(), StoreError> {
    sqlx::query!(
        "
        insert into auth.sessions (
            id, token_hash, user_id, auth_method, remember, ip_address, user_agent,
            created_at, updated_at, last_seen_at, expires_at, absolute_expires_at, second_factor, trusted_device_id
        )
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $8, $10, $11, $12, $13)
        ",
        session.id.as_str(),
        token.as_bytes().as_slice(),
        session.user_id.as_str(),
        session.auth_method,
        session.remember,
        session.ip_address,
        session.user_agent,
        session.created_at,
        session.updated_at,
        session.expires_at,
        session.absolute_expires_at,
        session.second_factor.map(SecondFactor::as_str),
        session.trusted_device_id.as_ref().map(TrustedDeviceId::as_str),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Finds the live session that the key opens or names, with its user: the same rule as `lookup::list_active`.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn find_active(
    connection: &mut PgConnection,
    key: &SessionKey,
) -> Result<Option<(Session, User)>, StoreError> {
    let (token, id) = match key {
        SessionKey::Token(hash) => (Some(hash.as_bytes().as_slice()), None),
        SessionKey::Id(id) => (None, Some(id.as_str())),
        SessionKey::ApiKey(_) => return Ok(None),
    };
    let row = sqlx::query!(
        r#"
        select
            s.id as "session_id: SessionId",
            s.remember,
            s.ip_address,
            s.user_agent,
            s.created_at as "session_created_at: Timestamp",
            s.updated_at as "session_updated_at: Timestamp",
            s.expires_at as "expires_at: Timestamp",
            s.absolute_expires_at as "absolute_expires_at: Timestamp",
            s.proved_at as "proved_at: Timestamp",
            s.auth_method,
            s.second_factor,
            s.trusted_device_id as "trusted_device_id: TrustedDeviceId",
            s.impersonated_by as "impersonated_by: UserId",
            u.id as "user_id: UserId",
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
            o.id as "organization_id?: OrganizationId",
            o.slug as "organization_slug?",
            m.roles as "organization_roles?",
            t.team_id as "active_team?: TeamId"
        from auth.sessions s
        cross join lateral (select * from auth.users where id = s.user_id offset 0) u
        left join lateral (
            select organization_id, roles from auth.organization_members
            where user_id = s.user_id and organization_id = s.active_organization_id
            offset 0
        ) m on true
        left join lateral (select id, slug from auth.organizations where id = m.organization_id offset 0) o on true
        left join lateral (
            select team_id, organization_id from auth.organization_team_members
            where team_id = s.active_team_id and user_id = s.user_id
            offset 0
        ) t on t.organization_id = m.organization_id
        where s.id = coalesce($2, (select id from auth.sessions where token_hash = $1))
            and s.expires_at > now()
            and s.absolute_expires_at < '9999-01-01'
            and (u.banned_at is null or u.ban_expires_at <= now())
        "#,
        token,
        id,
    )
    .fetch_optional(connection)
    .await?;
    row.map(|row| {
        let session = Session {
            id: row.session_id,
            user_id: row.user_id.clone(),
            remember: row.remember,
            ip_address: row.ip_address,
            user_agent: row.user_agent,
            created_at: row.session_created_at.into(),
            updated_at: row.session_updated_at.into(),
            expires_at: row.expires_at.into(),
            absolute_expires_at: row.absolute_expires_at.into(),
            proved_at: row.proved_at.map(Into::into),
            auth_method: row.auth_method,
            second_factor: row.second_factor.as_deref().and_then(SecondFactor::parse),
            trusted_device_id: row.trusted_device_id,
            organization: active_organization(row.organization_id, row.organization_slug, row.organization_roles)?,
            active_team: row.active_team,
            impersonated_by: row.impersonated_by,
        };
        let user = User {
            id: row.user_id,
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
        };
        Ok((session, user))
    })
    .transpose()
}

/// Lists those of the tokens that open a session, or did until it ended by itself, in any order. One index probe each.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn list_known(connection: &mut PgConnection, tokens: &[TokenHash]) -> Result<Vec<TokenHash>, StoreError> {
    let hashes: Vec<&[u8]> = tokens.iter().map(|token| token.as_bytes().as_slice()).collect();
    let known = sqlx::query_scalar!(
        r#"
        select s.token_hash as "token_hash: TokenHash"
        from unnest($1::bytea[]) asked (token_hash)
        cross join lateral (select token_hash from auth.sessions where token_hash = asked.token_hash offset 0) s
        "#,
        &hashes as &[&[u8]],
    )
    .fetch_all(connection)
    .await?;
    Ok(known)
}

/// Finds the user of a session that is live; `None` where it has ended, expired, or its user is banned.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn find_active_by_id(connection: &mut PgConnection, id: &SessionId) -> Result<Option<User>, StoreError> {
    let user = sqlx::query_as!(
        User,
        r#"
        select
            u.id as "id: UserId", u.email as "email: Email", u.email_verified, u.name, u.image, u.roles,
            u.additional_fields, u.two_factor_enabled, u.language, u.created_at as "created_at: Timestamp", u.updated_at as "updated_at: Timestamp"
        from auth.sessions s
        join auth.users u on u.id = s.user_id
        where s.id = $1 and s.expires_at > now() and s.absolute_expires_at < '9999-01-01'
            and (u.banned_at is null or u.ban_expires_at <= now())
        "#,
        id.as_str(),
    )
    .fetch_optional(connection)
    .await?;
    Ok(user)
}

/// Lets another token open a session, and the old one nothing.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn update_token(connection: &mut PgConnection, id: &SessionId, token: &TokenHash) -> Result<(), StoreError> {
    sqlx::query!("update auth.sessions set token_hash = $2 where id = $1", id.as_str(), token.as_bytes().as_slice(),)
        .execute(connection)
        .await?;
    Ok(())
}

/// Records that the holder of a session has just proved who they are once more.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn update_proved(
    connection: &mut PgConnection,
    id: &SessionId,
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    sqlx::query!("update auth.sessions set proved_at = $2 where id = $1", id.as_str(), now).execute(connection).await?;
    Ok(())
}

/// Records that the holder of a session has just proved a second factor.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn update_second_factor(
    connection: &mut PgConnection,
    id: &SessionId,
    factor: Option<SecondFactor>,
    trusted_device: Option<&TrustedDeviceId>,
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    sqlx::query!(
        "
        update auth.sessions
        set second_factor = coalesce($2, second_factor), trusted_device_id = coalesce($3, trusted_device_id), proved_at = $4
        where id = $1
        ",
        id.as_str(),
        factor.map(SecondFactor::as_str),
        trusted_device.map(TrustedDeviceId::as_str),
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Forgets of a user's sessions that a second factor was proved in them: the user has none any more.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn update_without_second_factor(connection: &mut PgConnection, user: &UserId) -> Result<(), StoreError> {
    sqlx::query!(
        "
        update auth.sessions set second_factor = null, trusted_device_id = null
        where user_id = $1 and second_factor is not null and auth_method <> 'passkey'
        ",
        user.as_str(),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Ends the session that a token opens, and returns whose it was.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn delete_by_token(
    connection: &mut PgConnection,
    token: &TokenHash,
) -> Result<Option<(SessionId, UserId)>, StoreError> {
    let row = sqlx::query!(
        r#"
        delete from auth.sessions where token_hash = $1
        returning id as "id: SessionId", user_id as "user_id: UserId"
        "#,
        token.as_bytes().as_slice(),
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| (row.id, row.user_id)))
}

/// Ends all but the newest sessions of a user (SESS-05), and returns how many ended.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn delete_all_but_newest(connection: &mut PgConnection, user: &UserId, keep: i64) -> Result<u64, StoreError> {
    let result = sqlx::query!(
        "
        delete from auth.sessions
        where id in (
            select id from auth.sessions where user_id = $1 order by created_at desc, id desc offset $2
        )
        ",
        user.as_str(),
        keep,
    )
    .execute(connection)
    .await?;
    Ok(result.rows_affected())
}

/// Describes a session in the list of its user's.
#[derive(Debug, Clone)]
pub struct ListedSession {
    pub session: Session,
    pub last_seen_at: OffsetDateTime,
}

/// Lists the live sessions of a user, newest first.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn list_active_of_user(
    connection: &mut PgConnection,
    user: &UserId,
) -> Result<Vec<ListedSession>, StoreError> {
    let rows = sqlx::query!(
        r#"
        select
            s.id as "id: SessionId",
            s.user_id as "user_id: UserId",
            s.remember,
            s.ip_address,
            s.user_agent,
            s.created_at as "created_at: Timestamp",
            s.updated_at as "updated_at: Timestamp",
            s.last_seen_at as "last_seen_at: Timestamp",
            s.expires_at as "expires_at: Timestamp",
            s.absolute_expires_at as "absolute_expires_at: Timestamp",
            s.proved_at as "proved_at: Timestamp",
            s.auth_method,
            s.second_factor,
            s.trusted_device_id as "trusted_device_id: TrustedDeviceId",
            s.impersonated_by as "impersonated_by: UserId",
            o.id as "organization_id?: OrganizationId",
            o.slug as "organization_slug?",
            m.roles as "organization_roles?",
            t.team_id as "active_team?: TeamId"
        from auth.sessions s
        left join auth.organization_members m
            on m.user_id = s.user_id and m.organization_id = s.active_organization_id
        left join auth.organizations o on o.id = m.organization_id
        left join auth.organization_team_members t
            on t.team_id = s.active_team_id and t.user_id = s.user_id and t.organization_id = m.organization_id
        where s.user_id = $1 and s.expires_at > now() and s.absolute_expires_at < '9999-01-01'
        order by s.created_at desc, s.id desc
        "#,
        user.as_str(),
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            let session = Session {
                id: row.id,
                user_id: row.user_id,
                remember: row.remember,
                ip_address: row.ip_address,
                user_agent: row.user_agent,
                created_at: row.created_at.into(),
                updated_at: row.updated_at.into(),
                expires_at: row.expires_at.into(),
                absolute_expires_at: row.absolute_expires_at.into(),
                proved_at: row.proved_at.map(Into::into),
                auth_method: row.auth_method,
                second_factor: row.second_factor.as_deref().and_then(SecondFactor::parse),
                trusted_device_id: row.trusted_device_id,
                organization: active_organization(row.organization_id, row.organization_slug, row.organization_roles)?,
                active_team: row.active_team,
                impersonated_by: row.impersonated_by,
            };
            Ok(ListedSession { session, last_seen_at: row.last_seen_at.into() })
        })
        .collect()
}

/// Ends the session of this user that the id names or the token opens, and returns which one it was, with the trusted
/// device that it came from. Anybody else's stays.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn delete_of_user(
    connection: &mut PgConnection,
    user: &UserId,
    id: Option<&SessionId>,
    token: Option<&TokenHash>,
) -> Result<Option<(SessionId, Option<TrustedDeviceId>)>, StoreError> {
    let deleted = sqlx::query!(
        r#"
        delete from auth.sessions where user_id = $1 and (id = $2 or token_hash = $3)
        returning id as "id: SessionId", trusted_device_id as "trusted_device_id: TrustedDeviceId"
        "#,
        user.as_str(),
        id.map(SessionId::as_str),
        token.map(|token| token.as_bytes().as_slice()),
    )
    .fetch_optional(connection)
    .await?;
    Ok(deleted.map(|row| (row.id, row.trusted_device_id)))
}

/// Ends every session of a user but the one to keep, if any, and returns how many ended.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn delete_all_but(
    connection: &mut PgConnection,
    user: &UserId,
    keep: Option<&SessionId>,
) -> Result<u64, StoreError> {
    let result = sqlx::query!(
        "delete from auth.sessions where user_id = $1 and id is distinct from $2",
        user.as_str(),
        keep.map(SessionId::as_str),
    )
    .execute(connection)
    .await?;
    Ok(result.rows_affected())
}
