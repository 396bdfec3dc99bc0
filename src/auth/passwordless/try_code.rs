//! Compares a code with the one that was mailed. Each try is counted before it is compared (BRUTE-04): for the code,
//! for the address that it was mailed to and for the client. Whoever asked for the code is counted by themselves, so that
//! a stranger who guesses uses up nobody else's tries (BRUTE-10).

use sqlx::PgConnection;

use crate::{
    auth::{
        Attempt, DeviceCookie, Flow,
        audit::record::record_failure,
        limits::{attempts::limit_code, mails::Asker},
        passwordless::{
            code::{hashed_text, settings},
            error::PasswordlessError,
            send_code::CodeKind,
        },
    },
    store::{
        StoreError,
        audit::{Event, Outcome},
        retry_once, users,
        verifications::{self, Purpose, Spent},
    },
    types::{Email, UserId, VerificationId},
};

/// Longer texts are no codes.
const MAX_TEXT: usize = 64;

/// Tells who tries a code.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Trier<'a> {
    /// Is anybody, with what their browser keeps.
    Anybody(Option<&'a DeviceCookie>),
    /// Is a signed-in user, who tries what was mailed at their own wish.
    User(&'a UserId),
}

/// Is the code that was mailed; it was not spent yet.
#[derive(Debug)]
#[must_use = "a code that is not spent works again"]
pub(crate) struct RightCode {
    purpose: Purpose,
    id: VerificationId,
    is_foreign: bool,
    attempt: Attempt,
}

impl RightCode {
    /// Spends the code, in the transaction of what it does: of several at once with the same one, one gets it.
    pub(crate) async fn spend(
        &self,
        flow: Flow<'_>,
        connection: &mut PgConnection,
    ) -> Result<Spent, PasswordlessError> {
        let spent = verifications::delete_code(connection, self.purpose, &self.id, flow.now).await?;
        spent.ok_or(PasswordlessError::Invalid)
    }

    /// Leaves the code as it was: it did nothing yet.
    pub(crate) async fn keep(&self, flow: Flow<'_>) -> Result<(), StoreError> {
        let mut connection = flow.auth.db.acquire().await?;
        verifications::update_untried(&mut connection, &self.id, self.is_foreign).await?;
        self.succeeded(&mut connection).await
    }

    /// Ends the row of failures, in the same transaction and close to its end.
    pub(crate) async fn succeeded(&self, connection: &mut PgConnection) -> Result<(), StoreError> {
        self.attempt.succeeded(connection).await
    }
}

/// Compares a code. A wrong one is recorded as a failure of the event.
pub(crate) async fn try_code(
    flow: Flow<'_>,
    (purpose, recipient): (Purpose, &Email),
    code: &str,
    trier: Trier<'_>,
    event: Event,
) -> Result<RightCode, PasswordlessError> {
    let of_user = match trier {
        Trier::User(user) => Some(user),
        Trier::Anybody(_) => None,
    };
    let look_up = || async {
        let mut connection = flow.auth.db.acquire().await?;
        let owner = users::find_with_password(&mut connection, recipient).await?;
        let stored = verifications::find_code(&mut connection, (purpose, recipient, of_user)).await?;
        Ok::<_, StoreError>((owner, stored))
    };
    let (owner, stored) = retry_once(look_up).await?;
    let has_asked = match trier {
        Trier::User(_) => true,
        Trier::Anybody(device) => {
            let asker =
                owner.as_ref().map_or(Asker::Address(flow.client.ip), |owner| Asker::new(owner, device, flow.client));
            let asked_by = stored.as_ref().and_then(|stored| stored.asked_by.as_deref());
            asked_by == Some(asker.name().as_str()) || asked_by == Some(Asker::Address(flow.client.ip).name().as_str())
        }
    };
    let attempt = limit_code(flow, recipient, has_asked).await?;
    let owner = owner.map(|owner| owner.user.id);
    let Some(stored) = stored else {
        record_failure(flow, (event, Outcome::WrongCode), owner.as_ref()).await?;
        return Err(PasswordlessError::Invalid);
    };
    if stored.expires_at <= flow.now {
        verifications::update_code_ended(&mut *flow.auth.db.acquire().await?, &stored.id).await?;
        return Err(PasswordlessError::Expired);
    }
    let (id, is_foreign) = (&stored.id, !has_asked);
    let max = i16::try_from(settings(flow).attempts).unwrap_or(i16::MAX);
    let mut connection = flow.auth.db.acquire().await?;
    if !verifications::update_tried(&mut connection, id, is_foreign, max).await? {
        return Err(PasswordlessError::TooManyAttempts);
    }
    drop(connection);
    if code.len() > MAX_TEXT || !flow.auth.codes.verifies(&hashed_text(id, code), &stored.hash) {
        record_failure(flow, (event, Outcome::WrongCode), owner.as_ref()).await?;
        return Err(PasswordlessError::Invalid);
    }
    Ok(RightCode { purpose, id: stored.id, is_foreign, attempt })
}

/// Tells whether a code is right, without spending it. A wrong one is counted like any other try.
#[tracing::instrument(level = "debug", skip_all, fields(request.id = flow.client.request_id.as_str()))]
pub async fn check_code(
    flow: Flow<'_>,
    (email, kind): (&Email, CodeKind),
    code: &str,
    device: Option<&DeviceCookie>,
) -> Result<(), PasswordlessError> {
    let event = match kind {
        CodeKind::SignIn => Event::SignIn,
        CodeKind::VerifyEmail => Event::EmailVerified,
        CodeKind::ResetPassword => Event::PasswordReset,
    };
    let right = try_code(flow, (kind.purpose(), email), code, Trier::Anybody(device), event).await?;
    Ok(right.keep(flow).await?)
}
