//! Looks users up, changes their roles, and bans them.

use serde_json::json;
use time::OffsetDateTime;

use crate::{
    auth::{
        admin::{
            administration::{Administration, AdministrationError, find_locked},
            permissions::Permission,
        },
        session::end::end_sessions,
    },
    store::{
        Tx,
        audit::Event,
        retry_once,
        users::admin::{self, Ban, Filter, UserRecord, UserRef},
    },
    types::Role,
};

/// Describes a ban to set.
#[derive(Debug)]
pub struct NewBan {
    /// Is the ban's end; without one it is for ever.
    pub until: Option<OffsetDateTime>,
    pub reason: Option<String>,
}

/// Describes a banned user.
#[derive(Debug)]
pub struct Banned {
    pub record: UserRecord,
    pub sessions_ended: u64,
}

/// Finds one user.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn find_user(administration: &Administration, who: &UserRef) -> Result<UserRecord, AdministrationError> {
    let mut connection = administration.db.acquire().await?;
    admin::find(&mut connection, who).await?.ok_or(AdministrationError::UnknownUser)
}

/// Returns a page of users, and whether more follow.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn list_users(
    administration: &Administration,
    filter: &Filter,
    limit: u32,
) -> Result<(Vec<UserRecord>, bool), AdministrationError> {
    let mut connection = administration.db.acquire().await?;
    let mut people = admin::list(&mut connection, filter, i64::from(limit) + 1).await?;
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let has_more = people.len() > limit;
    people.truncate(limit);
    Ok((people, has_more))
}

/// Replaces a user's roles. Their sessions stay: the next request is authorized by the new roles (FAIL-04).
#[tracing::instrument(level = "debug", skip_all)]
pub async fn set_roles(
    administration: &Administration,
    who: &UserRef,
    roles: Vec<Role>,
    now: OffsetDateTime,
) -> Result<UserRecord, AdministrationError> {
    retry_once(|| async {
        let mut transaction = administration.db.begin().await?;
        let record = administration.find_target(&mut transaction, who, Permission::UserSetRole).await?;
        update_roles(administration, &mut transaction, &record, roles.clone(), now).await?;
        let record = find_locked(&mut transaction, who).await?;
        transaction.commit().await?;
        Ok(record)
    })
    .await
}

/// Replaces the roles of a locked user within a transaction.
pub(crate) async fn update_roles(
    administration: &Administration,
    transaction: &mut Tx,
    record: &UserRecord,
    mut roles: Vec<Role>,
    now: OffsetDateTime,
) -> Result<(), AdministrationError> {
    roles.sort();
    roles.dedup();
    let names: Vec<&str> = roles.iter().map(Role::as_str).collect();
    if record.user.roles == names {
        return Ok(());
    }
    let given: Vec<String> = roles.iter().map(ToString::to_string).collect();
    administration.require_within_rank(transaction, &given).await?;
    administration.require_other_administrator(transaction, &record.user, &given).await?;
    admin::update_roles(transaction, &record.user.id, &roles, now).await?;
    let detail = json!({ "from": record.user.roles, "to": names });
    administration.record(transaction, Event::RolesChanged, Some(&record.user.id), detail, now).await?;
    Ok(())
}

/// Bans a user and ends all their sessions (SESS-08). A ban that is there already is replaced.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn ban_user(
    administration: &Administration,
    who: &UserRef,
    ban: NewBan,
    now: OffsetDateTime,
) -> Result<Banned, AdministrationError> {
    let ban = Ban { since: now, until: ban.until, reason: ban.reason };
    retry_once(|| async {
        let mut transaction = administration.db.begin().await?;
        let id = administration.find_target(&mut transaction, who, Permission::UserBan).await?.user.id;
        administration.require_other(&id, Permission::UserBan)?;
        admin::update_ban(&mut transaction, &id, Some(&ban), now).await?;
        let sessions_ended = end_sessions(&mut transaction, &id, None, now).await?;
        // The reason is left out: the audit log outlives the user, and what an operator wrote about them should not.
        let detail = json!({ "until": ban.until.map(OffsetDateTime::unix_timestamp), "sessions": sessions_ended });
        administration.record(&mut transaction, Event::UserBanned, Some(&id), detail, now).await?;
        let record = find_locked(&mut transaction, who).await?;
        transaction.commit().await?;
        Ok(Banned { record, sessions_ended })
    })
    .await
}

/// Lifts a ban, if there is one.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn unban_user(
    administration: &Administration,
    who: &UserRef,
    now: OffsetDateTime,
) -> Result<UserRecord, AdministrationError> {
    retry_once(|| async {
        let mut transaction = administration.db.begin().await?;
        let record = administration.find_target(&mut transaction, who, Permission::UserBan).await?;
        if record.ban.newest().is_none() {
            return Ok(record);
        }
        admin::update_ban(&mut transaction, &record.user.id, None, now).await?;
        // One that a replica of an older release opened at the very moment of the ban slept until now.
        end_sessions(&mut transaction, &record.user.id, None, now).await?;
        administration.record(&mut transaction, Event::UserUnbanned, Some(&record.user.id), json!({}), now).await?;
        let record = find_locked(&mut transaction, who).await?;
        transaction.commit().await?;
        Ok(record)
    })
    .await
}
