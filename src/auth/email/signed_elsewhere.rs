//! Takes links that better-auth mailed before its users came here, where `auth.better_auth` has its secret. It signs proofs
//! of an address and keeps nothing of them; here each becomes a row as ours have, so that it works once and for that alone.

use sqlx::PgConnection;

use crate::{
    auth::Flow,
    store::{
        StoreError,
        verifications::{self, SignedElsewhere},
    },
    types::MailToken,
};

/// Writes the row of such a link, where the address is its owner's and not proved yet. Nothing happens with any other.
pub(super) async fn adopt(flow: Flow<'_>, connection: &mut PgConnection, token: &MailToken) -> Result<(), StoreError> {
    let theirs = flow.auth.settings.cookie.better_auth.as_ref();
    let Some(link) = theirs.and_then(|theirs| theirs.signed_link(token.expose())) else { return Ok(()) };
    let link = SignedElsewhere {
        token: token.hash(),
        email: &link.email,
        user_id: link.user_id.as_ref(),
        created_at: link.created_at,
        expires_at: link.expires_at,
    };
    verifications::insert_signed_elsewhere(connection, &link).await
}
