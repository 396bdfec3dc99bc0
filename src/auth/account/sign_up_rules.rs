//! Says who may open an account (`auth.sign_up`), whichever way they come. Whoever has an account is not asked, and
//! nothing here depends on who has one (ENUM-07).

use sqlx::PgConnection;

use crate::{
    auth::{
        Flow, SignUpMode, SignUpRefusal, SignUpSettings,
        audit::record::{record, record_provider},
    },
    store::{
        StoreError,
        audit::{Event, Outcome},
        organizations, verifications,
    },
    types::{Email, TokenHash},
};

impl SignUpSettings {
    /// Tells whether an account may have this address.
    #[must_use]
    pub fn allows_address(&self, email: &Email) -> bool {
        self.allowed_email_domains.is_empty() || self.allowed_email_domains.iter().any(|domain| domain.covers(email))
    }

    /// Requires that nothing but a missing invitation speaks against an account of this address.
    pub(crate) fn require(&self, email: &Email) -> Result<(), SignUpRefusal> {
        match self.mode {
            SignUpMode::Closed => Err(SignUpRefusal::Closed),
            SignUpMode::Open | SignUpMode::Invitation if self.allows_address(email) => Ok(()),
            SignUpMode::Open | SignUpMode::Invitation => Err(SignUpRefusal::EmailDomain),
        }
    }
}

/// Says what somebody shows who is to be invited.
#[derive(Debug, Clone)]
pub(crate) enum Invitation {
    /// Is what the client sent; `None` where it sent no token, or none of ours.
    Token(Option<TokenHash>),
    /// The provider vouches for the address, so that no token is needed.
    ProvedAddress,
}

impl Invitation {
    /// Returns how the row is found, by a token or by the address alone.
    fn token(&self) -> Result<Option<&TokenHash>, SignUpRefusal> {
        match self {
            Self::Token(token) => token.as_ref().map(Some).ok_or(SignUpRefusal::InvitationNeeded),
            Self::ProvedAddress => Ok(None),
        }
    }
}

/// Says what is left to ask the database before an account may be opened.
enum Needed<'i> {
    Nothing,
    /// Asks for an invitation of the address, found by a token or by the address alone.
    Invitation(Option<&'i TokenHash>),
}

/// Holds an address against the rules.
fn needed<'i>(flow: Flow<'_>, email: &Email, invitation: &'i Invitation) -> Result<Needed<'i>, SignUpRefusal> {
    let rules = &flow.auth.settings.sign_up;
    rules.require(email)?;
    match rules.mode {
        SignUpMode::Invitation => invitation.token().map(Needed::Invitation),
        SignUpMode::Open | SignUpMode::Closed => Ok(Needed::Nothing),
    }
}

/// Requires that an account may be opened for this address. An invitation is looked up and not spent.
pub(crate) async fn require(
    flow: Flow<'_>,
    connection: &mut PgConnection,
    email: &Email,
    invitation: &Invitation,
) -> Result<Result<(), SignUpRefusal>, StoreError> {
    let is_invited = match needed(flow, email, invitation) {
        Ok(Needed::Nothing) => true,
        Ok(Needed::Invitation(token)) => {
            verifications::is_invited(connection, email, token, flow.now).await?
                || is_invited_to_organization(flow, connection, email, token).await?
        }
        Err(refusal) => return Ok(Err(refusal)),
    };
    Ok(if is_invited { Ok(()) } else { Err(SignUpRefusal::InvalidInvitation) })
}

/// Requires the same of an account that was just made, in its transaction, and spends its invitation. Somebody else may
/// have been faster, and whoever was asked before may have found an account there.
pub(crate) async fn spend(
    flow: Flow<'_>,
    connection: &mut PgConnection,
    email: &Email,
    invitation: &Invitation,
) -> Result<Result<(), SignUpRefusal>, StoreError> {
    let is_invited = match needed(flow, email, invitation) {
        Ok(Needed::Nothing) => true,
        Ok(Needed::Invitation(token)) => {
            verifications::delete_invitations(connection, email, token, flow.now).await? > 0
                || is_invited_to_organization(flow, connection, email, token).await?
        }
        Err(refusal) => return Ok(Err(refusal)),
    };
    Ok(if is_invited { Ok(()) } else { Err(SignUpRefusal::InvalidInvitation) })
}

/// Tells whether an organization has invited the address. The invitation stays until its recipient answers it, and admits
/// nobody else: an address has one account.
async fn is_invited_to_organization(
    flow: Flow<'_>,
    connection: &mut PgConnection,
    email: &Email,
    token: Option<&TokenHash>,
) -> Result<bool, StoreError> {
    if flow.auth.settings.organizations.is_none() {
        return Ok(false);
    }
    organizations::invitations::is_invited(connection, email, token, flow.now).await
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
