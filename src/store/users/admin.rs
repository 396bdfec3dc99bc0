//! Reads and changes users as operators see them: with roles, ban and ways to sign in.

use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::{
    store::{StoreError, Timestamp, users::User},
    types::{Email, Role, SessionId, UserId},
};

/// Describes a user with everything that is not its owner's to change.
#[derive(Debug, Clone)]
pub struct UserRecord {
    pub user: User,
    pub ban: BanState,
    /// Lists `credential` for a password, or a provider's id.
    pub sign_in_methods: Vec<String>,
    /// Counts live ones.
    pub sessions: i64,
}

/// Tells whether a user is banned, by the database's clock.
#[derive(Debug, Clone)]
pub enum BanState {
    Never,
    /// The newest ban is over.
    Over(Ban),
    InForce(Ban),
}

impl BanState {
    pub(crate) fn new(newest: Option<Ban>, is_in_force: bool) -> Self {
        match (newest, is_in_force) {
            (None, _) => Self::Never,
            (Some(ban), false) => Self::Over(ban),
            (Some(ban), true) => Self::InForce(ban),
        }
    }

    /// Returns the newest ban, also one that is over.
    #[must_use]
    pub fn newest(&self) -> Option<&Ban> {
        match self {
            Self::Never => None,
            Self::Over(ban) | Self::InForce(ban) => Some(ban),
        }
    }

    /// Returns the ban that keeps the user from signing in.
    #[must_use]
    pub fn in_force(&self) -> Option<&Ban> {
        match self {
            Self::InForce(ban) => Some(ban),
            Self::Never | Self::Over(_) => None,
        }
    }
}

/// Describes why somebody may not sign in, and until when; for ever without an end.
#[derive(Debug, Clone)]
pub struct Ban {
    pub since: OffsetDateTime,
    pub until: Option<OffsetDateTime>,
    pub reason: Option<String>,
}

/// Tells how an operator names a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UserRef {
    Id(UserId),
    Email(Email),
}

impl UserRef {
    fn columns(&self) -> (Option<&str>, Option<&str>) {
        match self {
            Self::Id(id) => (Some(id.as_str()), None),
            Self::Email(email) => (None, Some(email.as_str())),
        }
    }
}

/// Tells which users to list; an empty filter lists all of them.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Takes those whose id sorts behind this one.
    pub after: Option<UserId>,
    pub role: Option<Role>,
    /// Takes only those who are banned now.
    pub banned: bool,
    /// Is looked for in the address or the name, in any case.
    pub search: Option<String>,
}

/// Describes a session as operators see it.
#[derive(Debug, Clone)]
pub struct OpenSession {
    pub id: SessionId,
    pub auth_method: String,
    pub remember: bool,
    pub ip_address: String,
    pub user_agent: String,
    pub created_at: OffsetDateTime,
    pub last_seen_at: OffsetDateTime,
    pub expires_at: OffsetDateTime,
}

/// Finds the id behind a name, locked until the transaction ends: no session of theirs is opened meanwhile.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn find_id_for_update(connection: &mut PgConnection, who: &UserRef) -> Result<Option<UserId>, StoreError> {
    let (id, email) = who.columns();
    let found = sqlx::query_scalar!(
        r#"select id as "id: UserId" from auth.users where id = $1 or email = $2 for update"#,
        id,
        email,
    )
    .fetch_optional(connection)
    .await?;
    Ok(found)
}

/// Lists those of an administrator and the user they name that there are, both locked until the transaction ends, in the
/// order of their ids.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn find_ids_for_update(
    connection: &mut PgConnection,
    administrator: &UserId,
    who: &UserRef,
) -> Result<Vec<UserId>, StoreError> {
    let (id, email) = who.columns();
    let found = sqlx::query_scalar!(
        r#"
        select id as "id: UserId" from auth.users
        where id = any(array[$1, $2, (select id from auth.users where email = $3)])
        order by id
        for update
        "#,
        administrator.as_str(),
        id,
        email,
    )
    .fetch_all(connection)
    .await?;
    Ok(found)
}

/// Lets one transaction after the other take the power to give roles away from somebody.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn lock_administrators(connection: &mut PgConnection) -> Result<(), StoreError> {
    sqlx::query!("select pg_advisory_xact_lock(hashtextextended('auth.administrators', 0))")
        .fetch_one(connection)
        .await?;
    Ok(())
}

/// Tells whether anybody but this user has one of the roles and is not banned.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn has_other_with_role(
    connection: &mut PgConnection,
    user: &UserId,
    roles: &[&str],
) -> Result<bool, StoreError> {
    let has_other = sqlx::query_scalar!(
        r#"
        select exists (
            select from auth.users
            where (roles collate "C") && $2 and roles <> '{}' and id <> $1 and (banned_at is null or ban_expires_at <= now())
        ) as "has_other!"
        "#,
        user.as_str(),
        roles as &[&str],
    )
    .fetch_one(connection)
    .await?;
    Ok(has_other)
}

/// Finds one user.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn find(connection: &mut PgConnection, who: &UserRef) -> Result<Option<UserRecord>, StoreError> {
    let (id, email) = who.columns();
    let row = sqlx::query_as!(
        Row,
        r#"
        select
            u.id as "id: UserId", u.email as "email: Email", u.email_verified, u.name, u.image, u.roles,
            u.additional_fields,
            u.two_factor_enabled, u.language,
            u.banned_at as "banned_at: Timestamp", u.ban_reason, u.ban_expires_at as "ban_expires_at: Timestamp",
            u.created_at as "created_at: Timestamp", u.updated_at as "updated_at: Timestamp",
            (u.banned_at is not null and (u.ban_expires_at is null or u.ban_expires_at > now())) as "is_banned!",
            array(select provider_id from auth.accounts where user_id = u.id order by provider_id) as "methods!",
            (select count(*) from auth.sessions where user_id = u.id and expires_at > now()) as "sessions!"
        from auth.users u
        where u.id = $1 or u.email = $2
        "#,
        id,
        email,
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(UserRecord::from))
}

/// Lists users in the order of their ids, which for those made here is the order of their creation.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn list(connection: &mut PgConnection, filter: &Filter, limit: i64) -> Result<Vec<UserRecord>, StoreError> {
    let rows = sqlx::query_as!(
        Row,
        r#"
        select
            u.id as "id: UserId", u.email as "email: Email", u.email_verified, u.name, u.image, u.roles,
            u.additional_fields,
            u.two_factor_enabled, u.language,
            u.banned_at as "banned_at: Timestamp", u.ban_reason, u.ban_expires_at as "ban_expires_at: Timestamp",
            u.created_at as "created_at: Timestamp", u.updated_at as "updated_at: Timestamp",
            (u.banned_at is not null and (u.ban_expires_at is null or u.ban_expires_at > now())) as "is_banned!",
            array(select provider_id from auth.accounts where user_id = u.id order by provider_id) as "methods!",
            (select count(*) from auth.sessions where user_id = u.id and expires_at > now()) as "sessions!"
        from auth.users u
        where ($1::text is null or u.id > $1)
            and ($2::text is null or $2 = any(u.roles))
            and (not $3 or (u.banned_at is not null and (u.ban_expires_at is null or u.ban_expires_at > now())))
            and ($4::text is null or position(lower($4) in u.email) > 0 or position(lower($4) in lower(u.name)) > 0)
        order by u.id
        limit $5
        "#,
        filter.after.as_ref().map(UserId::as_str),
        filter.role.as_ref().map(Role::as_str),
        filter.banned,
        filter.search.as_deref(),
        limit,
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(UserRecord::from).collect())
}

/// Replaces a user's roles.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn update_roles(
    connection: &mut PgConnection,
    user: &UserId,
    roles: &[Role],
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    let roles: Vec<&str> = roles.iter().map(Role::as_str).collect();
    sqlx::query!(
        "update auth.users set roles = $2, updated_at = $3 where id = $1",
        user.as_str(),
        &roles as &[&str],
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Replaces a user's address, or whether it is proved. A taken address is a conflict.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn update_address(
    connection: &mut PgConnection,
    user: &UserId,
    email: &Email,
    is_verified: bool,
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    sqlx::query!(
        "update auth.users set email = $2, email_verified = $3, updated_at = $4 where id = $1",
        user.as_str(),
        email.as_str(),
        is_verified,
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Sets a ban, or lifts it.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn update_ban(
    connection: &mut PgConnection,
    user: &UserId,
    ban: Option<&Ban>,
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    sqlx::query!(
        "
        update auth.users set banned_at = $2, ban_expires_at = $3, ban_reason = $4, updated_at = $5 where id = $1
        ",
        user.as_str(),
        ban.map(|ban| ban.since),
        ban.and_then(|ban| ban.until),
        ban.and_then(|ban| ban.reason.as_deref()),
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Lifts the ban that began at this time, and no other one.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn delete_ban(
    connection: &mut PgConnection,
    user: &UserId,
    since: OffsetDateTime,
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    sqlx::query!(
        "
        update auth.users set banned_at = null, ban_expires_at = null, ban_reason = null, updated_at = $3
        where id = $1 and banned_at = $2
        ",
        user.as_str(),
        since,
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Removes a user, and with them their ways to sign in, their sessions and their one-time tokens.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn delete(connection: &mut PgConnection, user: &UserId) -> Result<(), StoreError> {
    sqlx::query!("delete from auth.users where id = $1", user.as_str()).execute(connection).await?;
    Ok(())
}

/// Removes mail to an address that was not delivered yet, or never will be.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn delete_mail(connection: &mut PgConnection, email: &Email) -> Result<(), StoreError> {
    sqlx::query!("delete from auth.mail_outbox where recipient = $1", email.as_str()).execute(connection).await?;
    Ok(())
}

/// Lists a user's live sessions, newest first.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn list_sessions(connection: &mut PgConnection, user: &UserId) -> Result<Vec<OpenSession>, StoreError> {
    let sessions = sqlx::query_as!(
        OpenSession,
        r#"
        select
            id as "id: SessionId", auth_method, remember, ip_address, user_agent,
            created_at as "created_at: Timestamp", last_seen_at as "last_seen_at: Timestamp",
            expires_at as "expires_at: Timestamp"
        from auth.sessions
        where user_id = $1 and expires_at > now() and absolute_expires_at < '9999-01-01'
        order by created_at desc, id desc
        "#,
        user.as_str(),
    )
    .fetch_all(connection)
    .await?;
    Ok(sessions)
}

/// Finds the user of a session.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn find_holder(connection: &mut PgConnection, session: &SessionId) -> Result<Option<UserId>, StoreError> {
    let holder = sqlx::query_scalar!(
        r#"select user_id as "user_id: UserId" from auth.sessions where id = $1"#,
        session.as_str(),
    )
    .fetch_optional(connection)
    .await?;
    Ok(holder)
}

/// Ends one session. Returns false where it has ended already.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn delete_session(connection: &mut PgConnection, id: &SessionId) -> Result<bool, StoreError> {
    let result = sqlx::query!("delete from auth.sessions where id = $1", id.as_str()).execute(connection).await?;
    Ok(result.rows_affected() == 1)
}

struct Row {
    id: UserId,
    email: Email,
    email_verified: bool,
    name: String,
    image: Option<String>,
    roles: Vec<String>,
    additional_fields: serde_json::Value,
    two_factor_enabled: bool,
    language: Option<String>,
    banned_at: Option<Timestamp>,
    ban_reason: Option<String>,
    ban_expires_at: Option<Timestamp>,
    created_at: OffsetDateTime,
    updated_at: OffsetDateTime,
    is_banned: bool,
    methods: Vec<String>,
    sessions: i64,
}

impl From<Row> for UserRecord {
    fn from(row: Row) -> Self {
        let ban = row.banned_at.map(|since| Ban {
            since: since.into(),
            until: row.ban_expires_at.map(Into::into),
            reason: row.ban_reason,
        });
        Self {
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
                created_at: row.created_at,
                updated_at: row.updated_at,
            },
            ban: BanState::new(ban, row.is_banned),
            sign_in_methods: row.methods,
            sessions: row.sessions,
        }
    }
}
