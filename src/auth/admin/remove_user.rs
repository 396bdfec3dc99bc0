//! Ends an account.

use serde_json::json;
use time::OffsetDateTime;

use crate::{
    auth::{
        admin::{
            administration::{Administration, AdministrationError},
            permissions::Permission,
        },
        limits::attempts::forget_failures,
        organization::last_owner::list_left_ownerless,
    },
    store::{
        audit::Event,
        retry_once, sessions,
        users::admin::{self, UserRecord, UserRef},
    },
};

/// Describes a removed user.
#[derive(Debug)]
pub struct Removed {
    /// Describes them as they were.
    pub record: UserRecord,
    pub sessions_ended: u64,
}

/// Removes a user with everything of theirs, waiting mail included. The audit log keeps the id and what is recorded
/// under it, and nothing else (DATA-01). Whoever else is in an organization is not left there without an owner.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn remove_user(
    administration: &Administration,
    who: &UserRef,
    now: OffsetDateTime,
) -> Result<Removed, AdministrationError> {
    retry_once(|| async {
        let mut transaction = administration.db.begin().await?;
        let record = administration.find_target(&mut transaction, who, Permission::UserDelete).await?;
        let id = &record.user.id;
        administration.require_other(id, Permission::UserDelete)?;
        if administration.has_organizations {
            let ownerless = list_left_ownerless(&mut transaction, id).await?;
            if !ownerless.is_empty() {
                return Err(AdministrationError::LastOwner(ownerless));
            }
        }
        let sessions_ended = sessions::delete_all_but(&mut transaction, id, None).await?;
        admin::delete_mail(&mut transaction, &record.user.email).await?;
        forget_failures(&mut transaction, &record.user.email, id).await?;
        admin::delete(&mut transaction, id).await?;
        let detail = json!({ "sessions": sessions_ended });
        administration.record(&mut transaction, Event::UserDeleted, Some(id), detail, now).await?;
        transaction.commit().await?;
        Ok(Removed { record, sessions_ended })
    })
    .await
}
