//! Reads everything that `authgate export` writes, as JSON in the form of its records. What is sealed comes sealed, in
//! hexadecimal digits.

use futures_util::{StreamExt, TryStreamExt, stream::BoxStream};
use serde_json::Value;
use sqlx::PgConnection;

use crate::store::StoreError;

/// Is what comes of one kind, one record after the other.
pub type Records<'c> = BoxStream<'c, Result<Value, StoreError>>;

macro_rules! records {
    ($(#[$doc:meta])* $name:ident, $sql:literal) => {
        $(#[$doc])*
        #[must_use]
        pub fn $name(connection: &mut PgConnection) -> Records<'_> {
            sqlx::query_scalar!($sql).fetch(connection).map_err(StoreError::from).boxed()
        }
    };
}

/// Begins to read everything as it is at this moment.
pub async fn begin(connection: &mut PgConnection) -> Result<(), StoreError> {
    sqlx::query!("begin isolation level repeatable read, read only").execute(connection).await?;
    Ok(())
}

records! {
    /// Reads users.
    users,
    r#"
    select jsonb_strip_nulls(jsonb_build_object(
        'type', 'user', 'id', id, 'email', email, 'emailVerified', email_verified, 'name', name, 'image', image,
        'roles', to_jsonb(roles), 'username', additional_fields -> 'displayUsername', 'language', language,
        'ban', case when banned_at is not null then jsonb_build_object(
            'at', banned_at, 'reason', ban_reason, 'expiresAt', ban_expires_at
        ) end,
        'additionalFields', additional_fields - 'username' - 'displayUsername',
        'createdAt', created_at, 'updatedAt', updated_at
    )) as "record!"
    from auth.users
    order by id
    "#
}
records! {
    /// Reads passwords.
    passwords,
    r#"
    select jsonb_build_object(
        'type', 'password', 'userId', user_id, 'hash', password_hash, 'createdAt', created_at, 'updatedAt', updated_at
    ) as "record!"
    from auth.accounts
    where password_hash is not null
    order by id
    "#
}
records! {
    /// Reads identities at providers.
    identities,
    r#"
    select jsonb_strip_nulls(jsonb_build_object(
        'type', 'identity', 'userId', user_id, 'provider', provider_id, 'accountId', account_id,
        'scopes', to_jsonb(scopes), 'accessToken', encode(access_token, 'hex'),
        'refreshToken', encode(refresh_token, 'hex'), 'idToken', encode(id_token, 'hex'),
        'accessTokenExpiresAt', access_token_expires_at, 'refreshTokenExpiresAt', refresh_token_expires_at,
        'createdAt', created_at, 'updatedAt', updated_at
    )) as "record!"
    from auth.accounts
    where password_hash is null
    order by id
    "#
}
records! {
    /// Reads second factors that are in force.
    two_factors,
    r#"
    select jsonb_strip_nulls(jsonb_build_object(
        'type', 'twoFactor', 'userId', f.user_id, 'secret', encode(f.secret, 'hex'),
        'backupCodeHashes', coalesce(
            (select jsonb_agg(encode(c.code_hash, 'hex')) from auth.backup_codes c where c.user_id = f.user_id), '[]'
        ),
        'enabledAt', f.enabled_at
    )) as "record!"
    from auth.two_factors f
    where f.enabled_at is not null
    order by f.user_id
    "#
}
records! {
    /// Reads passkeys.
    passkeys,
    r#"
    select jsonb_strip_nulls(jsonb_build_object(
        'type', 'passkey', 'id', p.id, 'userId', p.user_id, 'name', p.name,
        'credentialId', encode(p.credential_id, 'hex'), 'publicKey', encode(p.public_key, 'hex'),
        'userHandle', case when p.has_known_handle then encode(u.handle, 'hex') end, 'counter', p.counter,
        'backupEligible', p.backup_eligible, 'backedUp', p.backed_up, 'transports', to_jsonb(p.transports),
        'aaguid', encode(p.aaguid, 'hex')::uuid, 'createdAt', p.created_at, 'lastUsedAt', p.last_used_at
    )) as "record!"
    from auth.passkeys p
    left join auth.passkey_users u on u.user_id = p.user_id
    order by p.id
    "#
}
records! {
    /// Reads live sessions, but those in which an administrator acts in a user's place.
    sessions,
    r#"
    select jsonb_strip_nulls(jsonb_build_object(
        'type', 'session', 'id', id, 'userId', user_id, 'tokenHash', encode(token_hash, 'hex'),
        'authMethod', auth_method, 'remember', remember, 'ipAddress', ip_address, 'userAgent', user_agent,
        'activeOrganizationId', active_organization_id, 'createdAt', created_at, 'updatedAt', updated_at,
        'expiresAt', expires_at
    )) as "record!"
    from auth.sessions
    where expires_at > now() and impersonated_by is null
    order by id
    "#
}
records! {
    /// Reads organizations.
    organizations,
    r#"
    select jsonb_strip_nulls(jsonb_build_object(
        'type', 'organization', 'id', id, 'name', name, 'slug', slug, 'logo', logo, 'createdAt', created_at
    )) || case when metadata is null then '{}' else jsonb_build_object('metadata', metadata) end as "record!"
    from auth.organizations
    order by id
    "#
}
records! {
    /// Reads teams.
    teams,
    r#"
    select jsonb_build_object(
        'type', 'team', 'id', id, 'organizationId', organization_id, 'name', name, 'createdAt', created_at,
        'updatedAt', updated_at
    ) as "record!"
    from auth.organization_teams
    order by id
    "#
}
records! {
    /// Reads members of organizations.
    members,
    r#"
    select jsonb_build_object(
        'type', 'member', 'id', id, 'organizationId', organization_id, 'userId', user_id, 'roles', to_jsonb(roles),
        'createdAt', created_at
    ) as "record!"
    from auth.organization_members
    order by id
    "#
}
records! {
    /// Reads members of teams.
    team_members,
    r#"
    select jsonb_build_object(
        'type', 'teamMember', 'id', id, 'teamId', team_id, 'userId', user_id, 'createdAt', created_at
    ) as "record!"
    from auth.organization_team_members
    order by id
    "#
}
records! {
    /// Reads invitations.
    invitations,
    r#"
    select jsonb_build_object(
        'type', 'invitation', 'id', id, 'organizationId', organization_id, 'email', email, 'roles', to_jsonb(roles),
        'teamIds', to_jsonb(team_ids), 'status', status, 'inviterId', inviter_id, 'createdAt', created_at, 'expiresAt', expires_at
    ) as "record!"
    from auth.organization_invitations
    order by id
    "#
}
records! {
    /// Reads API keys.
    api_keys,
    r#"
    select jsonb_strip_nulls(jsonb_build_object(
        'type', 'apiKey', 'id', id, 'userId', user_id, 'keyHash', encode(key_hash, 'hex'), 'name', name,
        'prefix', prefix, 'start', start, 'enabled', enabled, 'expiresAt', expires_at, 'remaining', remaining,
        'refill', case when refill_amount is not null then jsonb_build_object(
            'amount', refill_amount, 'intervalMs', refill_interval_ms, 'lastAt', last_refill_at
        ) end,
        'rateLimit', case when rate_limit_enabled then jsonb_build_object(
            'max', rate_limit_max, 'windowMs', rate_limit_window_ms
        ) end,
        'createdAt', created_at, 'updatedAt', updated_at, 'lastUsedAt', last_used_at
    )) || jsonb_build_object('permissions', permissions, 'metadata', metadata) as "record!"
    from auth.api_keys
    order by id
    "#
}
