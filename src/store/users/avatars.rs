//! Keeps `auth.avatars`: the pictures that the gateway serves, one a user at most.
//! [`update_profile`](super::update_profile) removes a user's where their image becomes another.

use bytes::Bytes;
use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::{store::StoreError, types::UserId};

/// Describes a picture as it is stored.
#[derive(Debug, Clone, Copy)]
pub struct NewAvatar<'a> {
    pub hash: &'a [u8; 32],
    pub media_type: &'static str,
    pub content: &'a [u8],
}

/// Stores the picture of a user, in the place of the one before.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn upsert(
    connection: &mut PgConnection,
    user: &UserId,
    avatar: NewAvatar<'_>,
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    sqlx::query!(
        "
        insert into auth.avatars (user_id, hash, media_type, content, created_at)
        values ($1, $2, $3, $4, $5)
        on conflict on constraint avatars_pkey do update
        set hash = excluded.hash, media_type = excluded.media_type, content = excluded.content,
            created_at = excluded.created_at
        ",
        user.as_str(),
        avatar.hash.as_slice(),
        avatar.media_type,
        avatar.content,
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Describes a picture that was found.
#[derive(Debug)]
pub struct FoundAvatar {
    /// `None` where it was not asked for.
    pub content: Option<Bytes>,
}

/// Finds a picture that somebody has who is not banned. Its content is read only where it is asked for.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn find(
    connection: &mut PgConnection,
    hash: &[u8; 32],
    media_type: &str,
    reads_content: bool,
) -> Result<Option<FoundAvatar>, StoreError> {
    let row = sqlx::query!(
        "
        select case when $3 then a.content end as content
        from auth.avatars a
        join auth.users u on u.id = a.user_id
        where a.hash = $1 and a.media_type = $2 and (u.banned_at is null or u.ban_expires_at <= now())
        limit 1
        ",
        hash.as_slice(),
        media_type,
        reads_content,
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| FoundAvatar { content: row.content.map(Bytes::from) }))
}
