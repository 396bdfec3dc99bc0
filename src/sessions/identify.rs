//! From what a request presents to who is asking.

use crate::{
    sessions::{
        credential::Presented,
        lookup::{SessionCheck, Unavailable},
    },
    types::{Credential, Identity},
};

/// Checks the credential against the database, now. Malformed ones are decided without it.
pub async fn identify(checks: &SessionCheck, presented: Presented) -> Result<Identity, Unavailable> {
    let (token, credential) = match presented {
        Presented::None | Presented::MalformedCookie => return Ok(Identity::Anonymous),
        Presented::MalformedBearer => return Ok(Identity::RejectedBearer),
        Presented::Cookie(token) => (token, Credential::Cookie),
        Presented::Bearer(token) => (token, Credential::Bearer),
    };
    Ok(match (checks.check(token.hash()).await?, credential) {
        (Some(session), credential) => Identity::Session { session, credential },
        (None, Credential::Cookie) => Identity::Anonymous,
        (None, Credential::Bearer) => Identity::RejectedBearer,
    })
}
