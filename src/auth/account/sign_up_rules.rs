//! Who may open an account (`auth.sign_up`), whichever way they come. Whoever has an account is not asked, and nothing
//! here depends on who has one (ENUM-07).

use crate::{
    auth::{
        Flow, SignUpMode, SignUpRefusal, SignUpSettings,
        audit::record::{record, record_provider},
    },
    store::{
        StoreError,
        audit::{Event, Outcome},
    },
    types::Email,
};

impl SignUpSettings {
    /// Tells whether an account may have this address.
    #[must_use]
    pub fn allows_address(&self, email: &Email) -> bool {
        self.allowed_email_domains.is_empty() || self.allowed_email_domains.iter().any(|domain| domain.covers(email))
    }

    /// Requires that an account may be opened for this address.
    pub(crate) fn require(&self, email: &Email) -> Result<(), SignUpRefusal> {
        match self.mode {
            SignUpMode::Closed => Err(SignUpRefusal::Closed),
            SignUpMode::Open if self.allows_address(email) => Ok(()),
            SignUpMode::Open => Err(SignUpRefusal::EmailDomain),
        }
    }
}

/// Logs and records a refusal.
pub(crate) async fn record_refusal(
    flow: Flow<'_>,
    refusal: SignUpRefusal,
    provider: Option<&str>,
) -> Result<(), StoreError> {
    let request_id = flow.client.request_id.as_str();
    tracing::info!(request.id = request_id, provider, reason = %refusal, "a sign-up was refused");
    let mut connection = flow.auth.db.acquire().await?;
    let what = (Event::SignUp, Outcome::Refused);
    match provider {
        Some(provider) => record_provider(flow, &mut connection, what, None, provider).await,
        None => record(flow, &mut connection, what, None).await,
    }
}
