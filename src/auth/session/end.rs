//! Ends sessions for somebody else than whoever holds them. What such a session asked for by mail ends with it. A
//! change of address that was asked for looks at its session once more when the link is pressed.

use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::{
    store::{
        StoreError, sessions,
        two_factor::trusted_devices,
        verifications::{self, Purpose},
    },
    types::{SessionId, UserId},
};

/// Lists the purposes of the links and codes that only a session can ask for.
const ASKED_BY_SESSIONS: [Purpose; 4] =
    [Purpose::ChangeEmail, Purpose::ConsentEmailChange, Purpose::DeleteUser, Purpose::ChangeEmailCode];

/// Ends every session of a user but the one to keep, if any, with the trust in the browsers of the others, and withdraws
/// what sessions asked for; how many ended. The
/// user has to be locked.
pub(crate) async fn end_sessions(
    connection: &mut PgConnection,
    user: &UserId,
    keep: Option<&SessionId>,
    now: OffsetDateTime,
) -> Result<u64, StoreError> {
    trusted_devices::delete_all_but(connection, user, keep).await?;
    let ended = sessions::delete_all_but(connection, user, keep).await?;
    withdraw_requests(connection, user, now).await?;
    Ok(ended)
}

/// Withdraws every link that a session of the user asked for, whether or not that session is still there: its holder
/// may have signed out after asking. The mails go on to count, so that withdrawing makes no room for more. The user has
/// to be locked.
pub(crate) async fn withdraw_requests(
    connection: &mut PgConnection,
    user: &UserId,
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    verifications::update_withdrawn(connection, user, &ASKED_BY_SESSIONS, now).await
}
