//! Gives a user a password that an administrator chose, where that is configured (ADMIN-03).

use serde_json::json;
use time::OffsetDateTime;

use crate::{
    auth::{
        Settings,
        admin::{
            administration::{Administration, AdministrationError},
            permissions::Permission,
        },
        email::link::link_of,
        limits::attempts::forget_failures,
        session::end::end_sessions,
    },
    mail::{Message, Reader},
    store::{
        api_keys,
        audit::Event,
        retry_once,
        two_factor::challenges,
        users::{admin::UserRef, credentials},
        verifications::{self, Purpose},
    },
    types::{AccountId, PasswordHash},
};

/// Replaces the password of a user, or gives them one. Their sessions end, their API keys are turned off, and they are told
/// by mail.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn set_user_password(
    administration: &Administration,
    settings: &Settings,
    who: &UserRef,
    hash: &PasswordHash,
    now: OffsetDateTime,
) -> Result<(), AdministrationError> {
    retry_once(|| async {
        let mut transaction = administration.db.begin().await?;
        let user = administration.find_target(&mut transaction, who, Permission::UserSetPassword).await?.user;
        // Administrators change their own with `change-password`, which takes the old one.
        administration.require_other(&user.id, Permission::UserSetPassword)?;
        credentials::upsert(&mut transaction, &AccountId::generate(), &user.id, hash, now).await?;
        credentials::update_proved(&mut transaction, &user.id).await?;
        challenges::delete_all_but_newest(&mut transaction, &user.id, 0).await?;
        verifications::delete_of_user(
            &mut transaction,
            &user.id,
            &[Purpose::ResetPassword, Purpose::ResetPasswordCode],
        )
        .await?;
        forget_failures(&mut transaction, &user.email, &user.id).await?;
        let sessions = end_sessions(&mut transaction, &user.id, None, now).await?;
        let reset_link = link_of(settings, "/reset-password/request", None);
        let message = Message::PasswordChanged { name: user.name.clone(), reset_link };
        administration
            .outbox
            .enqueue(&mut transaction, &user.email, (&message, Reader::absent(&user.id, &settings.languages)), now)
            .await?;
        // Somebody who had the old password may have made keys with it; the owner turns on again those that they know.
        let api_keys = api_keys::disable_of_user(&mut transaction, &user.id, now).await?;
        let detail = json!({ "sessions": sessions, "apiKeys": api_keys });
        administration.record(&mut transaction, Event::PasswordSet, Some(&user.id), detail, now).await?;
        transaction.commit().await?;
        Ok(())
    })
    .await
}
