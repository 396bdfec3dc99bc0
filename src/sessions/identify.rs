//! Leads from what a request presents to who is asking.

use time::OffsetDateTime;

use crate::{
    sessions::{
        credential::Presented,
        jwt::Jwts,
        lookup::{SessionCheck, Unavailable},
    },
    types::{ApiKey, ApiKeyRejection, ApiKeyState, Credential, Identity, SessionKey},
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
        Presented::MalformedApiKey => return Ok(Identity::RejectedApiKey(ApiKeyRejection::Invalid)),
        Presented::ApiKey(key) => return identify_key(checks, &key).await,
        Presented::Cookie(token) => (SessionKey::Token(token.hash()), Credential::Cookie),
        Presented::Bearer(token) => (SessionKey::Token(token.hash()), Credential::Bearer),
        Presented::Jwt(token) => {
            let Some(subject) = jwts.verify(&token, now) else { return Ok(Identity::RejectedBearer) };
            let session = checks.check(SessionKey::Id(subject.session_id)).await?;
            // A session never changes hands; should one ever, the token is nobody's.
            return Ok(match session.filter(|session| session.user_id() == Some(&subject.user_id)) {
                Some(session) => Identity::Session { session, credential: Credential::Bearer },
                None => Identity::RejectedBearer,
            });
        }
    };
    Ok(match (checks.check(key).await?, credential) {
        (Some(session), credential) => Identity::Session { session, credential },
        (None, Credential::Cookie) => Identity::Anonymous,
        (None, Credential::Bearer | Credential::ApiKey) => Identity::RejectedBearer,
    })
}

/// Checks a key against the database, now: whether it and its owner are there.
pub async fn identify_key(checks: &SessionCheck, key: &ApiKey) -> Result<Identity, Unavailable> {
    let found = checks.check(SessionKey::ApiKey(key.hash())).await?;
    let Some((session, state)) =
        found.and_then(|found| found.api_key().map(|key| key.state).map(|state| (found, state)))
    else {
        return Ok(Identity::RejectedApiKey(ApiKeyRejection::Invalid));
    };
    Ok(match state {
        ApiKeyState::Active => Identity::Session { session, credential: Credential::ApiKey },
        ApiKeyState::Disabled => Identity::RejectedApiKey(ApiKeyRejection::Disabled),
        ApiKeyState::Expired => Identity::RejectedApiKey(ApiKeyRejection::Expired),
    })
}
