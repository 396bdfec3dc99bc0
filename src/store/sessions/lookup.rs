//! Runs the hot query: which of these tokens and ids belong to a live session, and whose.
//!
//! Its plan is made once a connection and kept, so it must be right for tables of any size, whatever their statistics
//! say at that moment. Each table is therefore looked up by a lateral subquery that knows nothing but its unique key:
//! `offset 0` keeps the planner from taking it apart, so there is no join order to choose and no other index that
//! could serve. What else is to be asked of the row stands outside. A further table (a key, a membership) is a further
//! subquery of this kind.

use std::sync::Arc;

use sqlx::PgConnection;
use time::Duration;

use crate::{
    store::{
        StoreError, Timestamp,
        api_keys::scopes_of,
        organizations::active_organization as organization,
        sessions::activity::{Extension, SEEN_EVERY},
    },
    types::{
        ActiveSession, ActiveUser, Activity, ApiKeyGrant, ApiKeyId, ApiKeyState, Email, KeyOrganization,
        OrganizationId, Principal, SecondFactor, SessionId, SessionKey, TokenHash, Told, UserId,
    },
};

/// Lists the live sessions that the keys open or name, in any order. A session lives while it has not expired by the
/// database's clock and its user is not banned; one that no gateway gave its end, which is centuries away, does not
/// live. One index probe a key and one for its user. A standby, to which a pooler may lead any statement, answers with
/// an error (division by zero) rather than with what was true some time ago. An API key is such a row too, whether or
/// not it opens anything: it says why not. Of the additional fields those are read that are asked for, however long the
/// others are. The organization takes a probe for the membership and one for its name, where it is asked for and the
/// session works in one. A key of an organization takes a probe for the organization in place of the user's; what a
/// session takes is the same whether or not there are such keys.
#[expect(clippy::too_many_lines, reason = "it is one statement and what is read of it")]
pub async fn list_active(
    connection: &mut PgConnection,
    keys: &[&SessionKey],
    extension: Extension,
    told: &Told,
) -> Result<Vec<(TokenHash, ActiveSession)>, StoreError> {
    let (mut hashes, mut ids, mut key_hashes): (Vec<&[u8]>, Vec<&str>, Vec<&[u8]>) =
        (Vec::with_capacity(keys.len()), Vec::new(), Vec::new());
    for key in keys {
        match key {
            SessionKey::Token(hash) => hashes.push(hash.as_bytes()),
            SessionKey::Id(id) => ids.push(id.as_str()),
            SessionKey::ApiKey(hash) => key_hashes.push(hash.as_bytes()),
        }
    }
    let rows = sqlx::query!(
        r#"
        select
            s.token_hash as "token_hash!: TokenHash",
            s.id as "session_id!: SessionId",
            s.expires_at as "expires_at!: Timestamp",
            s.remember as "remember!",
            case
                when s.remember
                    and s.updated_at <= now() - make_interval(secs => $3)
                    and s.expires_at < least(now() + make_interval(secs => $2), s.absolute_expires_at)
                then extract(epoch from least(make_interval(secs => $2), s.absolute_expires_at - now()))::float8
            end as extended_by,
            s.last_seen_at <= now() - make_interval(secs => $4) as "is_seen_due!",
            s.auth_method as "auth_method!",
            s.second_factor,
            s.impersonated_by as "impersonated_by: UserId",
            coalesce(s.proved_at, s.created_at) as "proved_at!: Timestamp",
            u.id as "user_id?: UserId",
            u.email as "email?: Email",
            u.email_verified as "email_verified?",
            u.name as "name?",
            u.roles as "roles?",
            u.two_factor_enabled as "two_factor_enabled?",
            /* One walk through the object, which may lie out of line: each `->` would unpack all of it again. */
            case
                when cardinality($6::text[]) > 0
                then (
                    select jsonb_object_agg(field.key, field.value)
                    from jsonb_each(u.additional_fields) field
                    where field.key = any($6)
                )
            end as additional_fields,
            o.id as "organization_id?: OrganizationId",
            o.slug as "organization_slug?",
            o.roles as "organization_roles?",
            s.owner_id as "owner_id?: OrganizationId",
            s.owner_slug as "owner_slug?",
            s.key_enabled,
            s.key_expired,
            s.key_permissions,
            s.key_is_counted,
            s.key_revision
        from (
            /* With a plain s.token_hash = any($1), statistics of an emptied table make it scan whole indexes. */
            select s.token_hash, s.id, s.user_id, s.expires_at, s.absolute_expires_at, s.remember, s.updated_at,
                s.last_seen_at, s.auth_method, s.second_factor, s.proved_at, s.created_at, s.active_organization_id,
                s.impersonated_by, null::bool as key_enabled, null::bool as key_expired, null::jsonb as key_permissions,
                null::bool as key_is_counted, null::bigint as key_revision, null::text as owner_id, null::text as owner_slug
            from unnest($1::bytea[]) asked (token_hash)
            cross join lateral (select * from auth.sessions where token_hash = asked.token_hash offset 0) s
            union all
            select s.token_hash, s.id, s.user_id, s.expires_at, s.absolute_expires_at, s.remember, s.updated_at,
                s.last_seen_at, s.auth_method, s.second_factor, s.proved_at, s.created_at, s.active_organization_id,
                s.impersonated_by, null, null, null, null, null, null, null
            from unnest($5::text[]) asked (id)
            cross join lateral (select * from auth.sessions where id = asked.id offset 0) s
            union all
            /* A key is a row of the same form; what opens nothing any more is there too, so that it can be told. One that
            belongs to an organization is there only where there are organizations. */
            select k.key_hash, k.id, k.user_id, coalesce(k.expires_at, '9998-01-01 00:00:00+00'),
                '9998-01-01 00:00:00+00', false, k.updated_at, coalesce(k.last_used_at, '1900-01-01 00:00:00+00'),
                'api-key', null, null, k.created_at, null, null, k.enabled, coalesce(k.expires_at <= now(), false),
                k.permissions, k.rate_limit_enabled or k.remaining is not null, k.quota_revision, owner.id, owner.slug
            from unnest($8::bytea[]) asked (key_hash)
            cross join lateral (select * from auth.api_keys where key_hash = asked.key_hash offset 0) k
            left join lateral (
                select id, slug from auth.organizations where $7 and id = k.organization_id offset 0
            ) owner on true
        ) s
        left join lateral (select * from auth.users where id = s.user_id offset 0) u on true
        left join lateral (
            /* The membership of this moment, not what the session remembers (ORG-01). Nothing is looked for where $7 is false. */
            select joined.id, joined.slug, m.roles
            from (
                select organization_id, roles from auth.organization_members
                where $7 and user_id = s.user_id and organization_id = s.active_organization_id
                offset 0
            ) m
            cross join lateral (select id, slug from auth.organizations where id = m.organization_id offset 0) joined
        ) o on true
        where (s.expires_at > now() or s.key_enabled is not null)
            and s.absolute_expires_at < '9999-01-01'
            and case
                when s.user_id is null then s.owner_id is not null
                else u.id is not null and (u.banned_at is null or u.ban_expires_at <= now())
            end
            and (select 1 / (not pg_is_in_recovery())::int) = 1
        "#,
        &hashes as &[&[u8]],
        extension.idle(),
        extension.refresh_after(),
        SEEN_EVERY,
        &ids as &[&str],
        &told.fields,
        told.organization,
        &key_hashes as &[&[u8]],
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            let api_key = row.key_enabled.map(|is_enabled| {
                let id = api_key_id(&row.session_id);
                let state = match (is_enabled, row.key_expired) {
                    (false, _) => ApiKeyState::Disabled,
                    (true, Some(false)) => ApiKeyState::Active,
                    (true, _) => ApiKeyState::Expired,
                };
                Arc::new(ApiKeyGrant {
                    id,
                    state,
                    scopes: row.key_permissions.as_ref().map(scopes_of).unwrap_or_default(),
                    is_counted: row.key_is_counted.unwrap_or(true),
                    quota_revision: row.key_revision.unwrap_or_default(),
                })
            });
            let organization = organization(row.organization_id, row.organization_slug, row.organization_roles)?;
            let user = row.user_id.and_then(|id| {
                Some(ActiveUser {
                    id,
                    email: row.email?,
                    email_verified: row.email_verified?,
                    name: row.name?,
                    roles: row.roles?,
                    additional_fields: row.additional_fields.unwrap_or_default(),
                    has_two_factor: row.two_factor_enabled?,
                    organization,
                })
            });
            let session = ActiveSession {
                session_id: row.session_id,
                principal: principal(user, (row.owner_id, row.owner_slug), api_key)?,
                auth_method: row.auth_method,
                second_factor: row.second_factor.as_deref().and_then(SecondFactor::parse),
                impersonated_by: row.impersonated_by,
                proved_at: row.proved_at.into(),
                expires_at: row.expires_at.into(),
                is_remembered: row.remember,
                activity: match (row.extended_by, row.is_seen_due) {
                    (Some(seconds), _) => Activity::Extended { lifetime: Duration::seconds_f64(seconds) },
                    (None, true) => Activity::Seen,
                    (None, false) => Activity::Recorded,
                },
            };
            Ok((row.token_hash, session))
        })
        .collect()
}

/// Lists those of the sessions that are live, with what is known of their users now. Nothing of their use is due.
pub async fn list_living(connection: &mut PgConnection, sessions: &[&str]) -> Result<Vec<ActiveSession>, StoreError> {
    let rows = sqlx::query!(
        r#"
        select
            s.id as "session_id!: SessionId",
            s.expires_at as "expires_at!: Timestamp",
            s.remember as "remember!",
            s.auth_method as "auth_method!",
            s.second_factor,
            s.impersonated_by as "impersonated_by: UserId",
            coalesce(s.proved_at, s.created_at) as "proved_at!: Timestamp",
            u.id as "user_id?: UserId",
            u.email as "email?: Email",
            u.email_verified as "email_verified?",
            u.name as "name?",
            u.roles as "roles?",
            u.two_factor_enabled as "two_factor_enabled?",
            o.id as "organization_id?: OrganizationId",
            o.slug as "organization_slug?",
            m.roles as "organization_roles?",
            s.owner_id as "owner_id?: OrganizationId",
            s.owner_slug as "owner_slug?",
            s.key_permissions
        from (
            select s.id, s.user_id, s.expires_at, s.absolute_expires_at, s.remember, s.auth_method, s.second_factor,
                s.proved_at, s.created_at, s.active_organization_id, s.impersonated_by,
                null::jsonb as key_permissions, null::text as owner_id, null::text as owner_slug
            from unnest($1::text[]) asked (id)
            cross join lateral (select * from auth.sessions where id = asked.id offset 0) s
            union all
            /* No session has the id of a key. */
            select k.id, k.user_id, coalesce(k.expires_at, '9998-01-01 00:00:00+00'), '9998-01-01 00:00:00+00', false,
                'api-key', null, null, k.created_at, null, null, k.permissions, owner.id, owner.slug
            from unnest($1::text[]) asked (id)
            cross join lateral (select * from auth.api_keys where id = asked.id offset 0) k
            left join lateral (select id, slug from auth.organizations where id = k.organization_id offset 0) owner on true
            where k.enabled
        ) s
        left join lateral (select * from auth.users where id = s.user_id offset 0) u on true
        left join lateral (
            select organization_id, roles from auth.organization_members
            where user_id = s.user_id and organization_id = s.active_organization_id
            offset 0
        ) m on true
        left join lateral (select id, slug from auth.organizations where id = m.organization_id offset 0) o on true
        where s.expires_at > now()
            and s.absolute_expires_at < '9999-01-01'
            and case
                when s.user_id is null then s.owner_id is not null
                else u.id is not null and (u.banned_at is null or u.ban_expires_at <= now())
            end
            and (select 1 / (not pg_is_in_recovery())::int) = 1
        "#,
        sessions as &[&str],
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            let api_key = row.key_permissions.map(|permissions| {
                Arc::new(ApiKeyGrant {
                    id: api_key_id(&row.session_id),
                    state: ApiKeyState::Active,
                    scopes: scopes_of(&permissions),
                    is_counted: false,
                    quota_revision: 0,
                })
            });
            let organization = organization(row.organization_id, row.organization_slug, row.organization_roles)?;
            let user = row.user_id.and_then(|id| {
                Some(ActiveUser {
                    id,
                    email: row.email?,
                    email_verified: row.email_verified?,
                    name: row.name?,
                    roles: row.roles?,
                    additional_fields: serde_json::Value::Null,
                    has_two_factor: row.two_factor_enabled?,
                    organization,
                })
            });
            Ok(ActiveSession {
                session_id: row.session_id,
                principal: principal(user, (row.owner_id, row.owner_slug), api_key)?,
                auth_method: row.auth_method,
                second_factor: row.second_factor.as_deref().and_then(SecondFactor::parse),
                impersonated_by: row.impersonated_by,
                proved_at: row.proved_at.into(),
                expires_at: row.expires_at.into(),
                is_remembered: row.remember,
                activity: Activity::Recorded,
            })
        })
        .collect()
}

/// Returns in whose name a row is: a user's, or the organization's that owns a key.
fn principal(
    user: Option<ActiveUser>,
    owner: (Option<OrganizationId>, Option<String>),
    api_key: Option<Arc<ApiKeyGrant>>,
) -> Result<Principal, StoreError> {
    match (user, owner, api_key) {
        (Some(user), _, api_key) => Ok(Principal::User { user, api_key }),
        (None, (Some(id), Some(slug)), Some(api_key)) => {
            Ok(Principal::Organization { organization: KeyOrganization { id, slug }, api_key })
        }
        (None, _, _) => Err(StoreError::Statement(sqlx::Error::Decode("a session or key of nobody".into()))),
    }
}

/// Returns the id under which a key stands among sessions.
fn api_key_id(id: &SessionId) -> ApiKeyId {
    id.as_str().parse().expect("ids of sessions and keys are written alike")
}
