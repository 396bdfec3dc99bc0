//! Verification of id tokens (OAUTH-03; OpenID Connect Core §3.1.3.7, RFC 8725): one algorithm a kind of key, every claim
//! there and of its type.

use std::fmt::Write as _;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use time::OffsetDateTime;

use super::jwks::{Algorithm, KeySet};

/// Longer ones are not looked at.
const MOST_BYTES: usize = 16 * 1024;
/// Between our clock and a provider's, in seconds.
const SKEW: i64 = 60;
/// A token is of use for a sign-in, not for later, in seconds.
const MOST_AGE: i64 = 60 * 60;

/// Why a token proves nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IdTokenError {
    #[error("it is no signed token")]
    Malformed,
    #[error("it is not signed with an accepted algorithm")]
    Algorithm,
    #[error("its key is not among the provider's")]
    UnknownKey,
    #[error("its signature is wrong")]
    Signature,
    #[error("the claim {0} is missing or of the wrong type")]
    Claim(&'static str),
    #[error("it is of another issuer")]
    Issuer,
    #[error("it is for another client")]
    Audience,
    #[error("it has expired, or is not valid yet")]
    Time,
    #[error("it is of another sign-in")]
    Nonce,
    #[error("it is of another hosted domain")]
    HostedDomain,
}

/// What a token has to say.
#[derive(Debug, Clone, Copy)]
pub(super) struct Expected<'a> {
    /// Any of them.
    pub(super) issuers: &'a [&'a str],
    pub(super) client_id: &'a str,
    /// Without one the token must have none either.
    pub(super) nonce: Option<&'a str>,
    /// Native clients of Apple's put the nonce's SHA-256 in hexadecimal there.
    pub(super) may_hash_nonce: bool,
}

/// What a verified token says.
#[derive(Debug)]
pub(super) struct Claims(Map<String, Value>);

impl Claims {
    /// A claim that may be missing; one of another type is as good as missing.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).and_then(Value::as_str)
    }

    pub(super) fn object(&self) -> &Map<String, Value> {
        &self.0
    }
}

/// The claims of a token that the provider signed for us, for this sign-in, just now.
pub(super) fn verify(
    token: &str,
    keys: &KeySet,
    expected: &Expected<'_>,
    now: OffsetDateTime,
) -> Result<Claims, IdTokenError> {
    if token.len() > MOST_BYTES {
        return Err(IdTokenError::Malformed);
    }
    let (message, signature) = token.rsplit_once('.').ok_or(IdTokenError::Malformed)?;
    let (header, payload) = message.split_once('.').ok_or(IdTokenError::Malformed)?;
    let header = object(header)?;
    // Extensions that must be understood, and tokens of other kinds: access tokens, logout tokens.
    let kind = header.get("typ").map_or(Some("JWT"), Value::as_str);
    if header.contains_key("crit") || !kind.is_some_and(|kind| kind.eq_ignore_ascii_case("JWT")) {
        return Err(IdTokenError::Malformed);
    }
    let algorithm = header.get("alg").and_then(Value::as_str).and_then(Algorithm::parse);
    let algorithm = algorithm.ok_or(IdTokenError::Algorithm)?;
    let key_id = match header.get("kid") {
        None => None,
        Some(Value::String(id)) => Some(id.as_str()),
        Some(_) => return Err(IdTokenError::Malformed),
    };
    let key = keys.find(key_id, algorithm).ok_or(IdTokenError::UnknownKey)?;
    let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| IdTokenError::Malformed)?;
    if !key.has_signed(message.as_bytes(), &signature) {
        return Err(IdTokenError::Signature);
    }
    let claims = object(payload)?;
    check(&claims, expected, now.unix_timestamp())?;
    Ok(Claims(claims))
}

/// What a token says that was verified when it came. Not for anything that a client brings.
pub(super) fn unverified_claims(token: &str) -> Result<Map<String, Value>, IdTokenError> {
    object(token.split('.').nth(1).ok_or(IdTokenError::Malformed)?)
}

fn object(part: &str) -> Result<Map<String, Value>, IdTokenError> {
    let bytes = URL_SAFE_NO_PAD.decode(part).map_err(|_| IdTokenError::Malformed)?;
    serde_json::from_slice(&bytes).map_err(|_| IdTokenError::Malformed)
}

fn check(claims: &Map<String, Value>, expected: &Expected<'_>, now: i64) -> Result<(), IdTokenError> {
    if !expected.issuers.contains(&text(claims, "iss")?) {
        return Err(IdTokenError::Issuer);
    }
    if !(1..=255).contains(&text(claims, "sub")?.len()) {
        return Err(IdTokenError::Claim("sub"));
    }
    check_audience(claims, expected.client_id)?;
    let (expires, issued) = (seconds(claims, "exp")?, seconds(claims, "iat")?);
    let begins = if claims.contains_key("nbf") { seconds(claims, "nbf")? } else { issued };
    if expires.saturating_add(SKEW) <= now
        || issued.saturating_sub(SKEW) > now
        || begins.saturating_sub(SKEW) > now
        || issued.saturating_add(MOST_AGE + SKEW) < now
    {
        return Err(IdTokenError::Time);
    }
    let nonce = if claims.contains_key("nonce") { Some(text(claims, "nonce")?) } else { None };
    let is_of_this = match (nonce, expected.nonce) {
        (None, None) => true,
        (Some(found), Some(nonce)) => found == nonce || (expected.may_hash_nonce && found == hashed(nonce)),
        (Some(_), None) | (None, Some(_)) => false,
    };
    if is_of_this { Ok(()) } else { Err(IdTokenError::Nonce) }
}

/// For several audiences at once `azp` says whose it is; where it is there, it is us.
fn check_audience(claims: &Map<String, Value>, client_id: &str) -> Result<(), IdTokenError> {
    let audiences: Vec<&str> = match claims.get("aud") {
        Some(Value::String(one)) => vec![one],
        Some(Value::Array(many)) => {
            many.iter().map(Value::as_str).collect::<Option<_>>().ok_or(IdTokenError::Claim("aud"))?
        }
        _ => return Err(IdTokenError::Claim("aud")),
    };
    let party = if claims.contains_key("azp") { Some(text(claims, "azp")?) } else { None };
    let is_ours = audiences.contains(&client_id)
        && match party {
            Some(party) => party == client_id,
            None => audiences.len() == 1,
        };
    if is_ours { Ok(()) } else { Err(IdTokenError::Audience) }
}

fn text<'a>(claims: &'a Map<String, Value>, name: &'static str) -> Result<&'a str, IdTokenError> {
    claims.get(name).and_then(Value::as_str).ok_or(IdTokenError::Claim(name))
}

fn seconds(claims: &Map<String, Value>, name: &'static str) -> Result<i64, IdTokenError> {
    claims.get(name).and_then(Value::as_i64).ok_or(IdTokenError::Claim(name))
}

/// SHA-256 in lower-case hexadecimal.
fn hashed(nonce: &str) -> String {
    let mut text = String::with_capacity(64);
    for byte in Sha256::digest(nonce.as_bytes()) {
        write!(text, "{byte:02x}").expect("writing to a string does not fail");
    }
    text
}

#[cfg(test)]
mod tests;
