//! A session's life is extended at once where a response shows it; for all other requests see `sessions::activity`.

use crate::{
    auth::{Flow, FoundSession},
    store::{StoreError, sessions::activity},
};

/// Extends a session where that is due (SESS-05). Returns true when it was extended; then `found` holds its new times.
#[tracing::instrument(level = "debug", skip_all, fields(request.id = flow.client.request_id.as_str(), user.id = %found.user.id))]
pub async fn extend_session(flow: Flow<'_>, found: &mut FoundSession) -> Result<bool, StoreError> {
    let settings = &flow.auth.settings.session;
    let session = &mut found.session;
    if !session.remember || flow.now - session.updated_at < settings.refresh_after {
        return Ok(false);
    }
    let mut connection = flow.auth.db.acquire().await?;
    let ids = [session.id.as_str()];
    let Some(written) = activity::update_used(&mut connection, &ids, settings.extension()).await?.into_iter().next()
    else {
        return Ok(false);
    };
    let is_extended = written.expires_at > session.expires_at;
    (session.updated_at, session.expires_at) = (written.updated_at, written.expires_at);
    Ok(is_extended)
}
