//! Is the one place that holds passwords against stored ones, and that hashes new ones. Whoever proves a password waits
//! for a permit of their address, is counted before the password is looked at (BRUTE-04), and gets the attempt back
//! where the password was not looked at after all. What follows from the result belongs to the flows.

use sqlx::PgConnection;

use crate::{
    auth::{
        Attempt, ConcurrencyPermit, DeviceCookie, Flow, FlowError, RateClass, Verified, limit_user,
        limits::attempts::limit_sign_in,
    },
    store::{StoreError, users::credentials},
    types::{AccountId, Email, Password, PasswordHash, UserId},
};

/// Is an attempt at a password that was counted and may use the hashing threads. It counts as failed until the flow
/// says that it has [succeeded](Self::succeeded).
#[derive(Debug)]
pub(crate) struct PasswordAttempt {
    permit: ConcurrencyPermit,
    counted: Attempt,
}

/// Tells whether a password is its user's.
#[must_use = "a password that is not looked at lets everybody in"]
#[derive(Debug)]
pub(crate) enum PasswordProof {
    /// It is the password; this is the account that holds the password, and the hash that it was held against.
    Proved {
        account: AccountId,
        hash: PasswordHash,
    },
    WrongPassword,
    /// The attempt was refunded.
    NoPassword,
}

impl PasswordAttempt {
    /// Counts a signed-in user's attempt.
    pub(crate) async fn begin(flow: Flow<'_>, class: RateClass, user: &UserId) -> Result<Self, FlowError> {
        let permit = acquire_permit(flow).await?;
        let counted = limit_user(flow, class, user).await?;
        Ok(Self { permit, counted })
    }

    /// Counts a sign-in, for the address and for the account.
    pub(crate) async fn begin_sign_in(
        flow: Flow<'_>,
        email: &Email,
        device: Option<&DeviceCookie>,
    ) -> Result<Self, FlowError> {
        let permit = acquire_permit(flow).await?;
        let counted = limit_sign_in(flow, email, device).await?;
        Ok(Self { permit, counted })
    }

    /// Verifies a password against its user's. Where the user has none, nothing is hashed.
    pub(crate) async fn prove(
        &self,
        flow: Flow<'_>,
        user: &UserId,
        password: &Password,
    ) -> Result<PasswordProof, FlowError> {
        let found = credentials::find(&mut *flow.auth.db.acquire().await?, user).await?;
        let Some((account, hash)) = found else {
            self.refund(flow).await?;
            return Ok(PasswordProof::NoPassword);
        };
        match self.verify(flow, password, Some(hash.clone())).await? {
            Verified::Match { .. } => Ok(PasswordProof::Proved { account, hash }),
            Verified::Mismatch => Ok(PasswordProof::WrongPassword),
        }
    }

    /// Verifies a password against a stored hash. Without one it costs the same and is a mismatch (ENUM-02). No
    /// connection is held meanwhile. Where nothing could be hashed, the attempt is refunded.
    pub(crate) async fn verify(
        &self,
        flow: Flow<'_>,
        password: &Password,
        stored: Option<PasswordHash>,
    ) -> Result<Verified, FlowError> {
        match flow.auth.hasher.verify(&self.permit, password.clone(), stored).await {
            Ok(verified) => Ok(verified),
            Err(busy) => {
                self.refund(flow).await?;
                Err(busy.into())
            }
        }
    }

    /// Hashes the password that follows the proved one.
    pub(crate) async fn hash(&self, flow: Flow<'_>, password: &Password) -> Result<PasswordHash, FlowError> {
        Ok(flow.auth.hasher.hash(&self.permit, password.clone()).await?)
    }

    /// Ends the row of failures, in the transaction of the success and close to its end.
    pub(crate) async fn succeeded(&self, connection: &mut PgConnection) -> Result<(), StoreError> {
        self.counted.succeeded(connection).await
    }

    /// Gives the permit back, where nothing else is hashed: what follows may wait for the database, and others of the address
    /// would wait with it.
    pub(crate) fn into_counted(self) -> Attempt {
        self.counted
    }

    /// Returns the error for a wrong password, where that is what everybody else gets.
    pub(crate) fn refusal(&self) -> Option<FlowError> {
        self.counted.refusal()
    }

    async fn refund(&self, flow: Flow<'_>) -> Result<(), StoreError> {
        self.counted.refund(&mut *flow.auth.db.acquire().await?).await
    }
}

/// Hashes a new password under a permit of its own.
pub async fn hash_new_password(flow: Flow<'_>, password: Password) -> Result<PasswordHash, FlowError> {
    let permit = acquire_permit(flow).await?;
    Ok(flow.auth.hasher.hash(&permit, password).await?)
}

/// Waits for a permit of the client's address.
async fn acquire_permit(flow: Flow<'_>) -> Result<ConcurrencyPermit, FlowError> {
    let permit = flow.auth.concurrency.take(flow.client).await;
    Ok(permit.inspect_err(|_| flow.auth.metrics.hashing_rejected.inc())?)
}
