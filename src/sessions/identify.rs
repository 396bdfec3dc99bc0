//! Leads from what a request presents to who is asking.

use time::OffsetDateTime;

use crate::{
    sessions::{
        credential::Presented,
        jwt::Jwts,
        lookup::{SessionCheck, Unavailable},
    },
    types::{Credential, Identity, SessionKey},
};

/// Checks the credential against the database, now. Malformed ones, and tokens that we did not sign, are decided without
/// it.
pub async fn identify(
    checks: &SessionCheck,
    jwts: &Jwts,
    presented: Presented,
    now: OffsetDateTime,
) -> Result<Identity, Unavailable> {
    let (key, credential) = match presented {
        Presented::None | Presented::MalformedCookie => return Ok(Identity::Anonymous),
        Presented::MalformedBearer => return Ok(Identity::RejectedBearer),
        Presented::Cookie(token) => (SessionKey::Token(token.hash()), Credential::Cookie),
        Presented::Bearer(token) => (SessionKey::Token(token.hash()), Credential::Bearer),
        Presented::Jwt(token) => {
            let Some(subject) = jwts.verify(&token, now) else { return Ok(Identity::RejectedBearer) };
            let session = checks.check(SessionKey::Id(subject.session_id)).await?;
            // A session never changes hands; should one ever, the token is nobody's.
            return Ok(match session.filter(|session| session.user_id == subject.user_id) {
                Some(session) => Identity::Session { session, credential: Credential::Bearer },
                None => Identity::RejectedBearer,
            });
        }
    };
    Ok(match (checks.check(key).await?, credential) {
        (Some(session), credential) => Identity::Session { session, credential },
        (None, Credential::Cookie) => Identity::Anonymous,
        (None, Credential::Bearer) => Identity::RejectedBearer,
    })
}
