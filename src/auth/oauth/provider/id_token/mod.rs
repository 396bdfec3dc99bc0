//! Verifies id tokens (OAUTH-03; OpenID Connect Core §3.1.3.7, RFC 8725): one algorithm a kind of key, every claim
//! there and of its type.

#[cfg(test)]
mod tests;

use std::fmt::Write as _;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use time::{Duration, OffsetDateTime};

use crate::auth::oauth::provider::{
    jwks::{Algorithm, KeySet},
    loggable::loggable,
};

/// Longer ones are not looked at.
const MAX_BYTES: usize = 16 * 1024;
/// Is the tolerated difference between our clock and a provider's, in seconds.
const SKEW: i64 = 60;
/// A token is of use for a sign-in, not for later, in seconds.
const MAX_AGE: i64 = 60 * 60;

/// Describes why a token proves nothing, for the log, so what it says of the token is a claim that names no person.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdTokenError {
    #[error("it is no signed token")]
    Malformed,
    #[error("it is signed with {0}, accepted are RS256, ES256 and EdDSA")]
    Algorithm(String),
    #[error("its key {0} is not among the provider's")]
    UnknownKey(String),
    #[error("its signature is wrong")]
    Signature,
    #[error("the claim {0} is missing or of the wrong type")]
    Claim(&'static str),
    #[error("the claim {claim} is {found}, expected is {expected}")]
    Mismatch { claim: &'static str, found: String, expected: String },
    #[error("the claim {claim} is {by} seconds too {direction}")]
    Time { claim: &'static str, by: i64, direction: &'static str },
    #[error("the claim nonce {0}")]
    Nonce(&'static str),
    #[error("the claim hd is not {0}")]
    HostedDomain(String),
}

/// Holds what a token has to say.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Expected<'a> {
    /// Lists the issuers, of which the token's may be any.
    pub(crate) issuers: &'a [&'a str],
    pub(crate) audience: Audience<'a>,
    /// Without one the token must have none either.
    pub(crate) nonce: Option<&'a str>,
    /// Native clients of Apple's put the nonce's SHA-256 in hexadecimal there.
    pub(crate) may_hash_nonce: bool,
}

/// Tells whom a token has to be for.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Audience<'a> {
    /// The token is of a flow that this client began, so `azp`, where it is there, is this client too.
    Flow { client_id: &'a str },
    /// An app brought the token. SDKs ask for it as one client (`azp`) for another (`aud`), which must be one of ours.
    App { client_id: &'a str, further: &'a [String] },
}

impl Audience<'_> {
    fn contains(&self, audience: &str) -> bool {
        match self {
            Self::Flow { client_id } => *client_id == audience,
            Self::App { client_id, further } => *client_id == audience || further.iter().any(|id| id == audience),
        }
    }

    fn listed(&self) -> String {
        match self {
            Self::Flow { client_id } => (*client_id).to_owned(),
            Self::App { client_id, further } => {
                [*client_id].into_iter().chain(further.iter().map(String::as_str)).collect::<Vec<_>>().join(" or ")
            }
        }
    }
}

/// Holds what a verified token says.
#[derive(Debug)]
pub(crate) struct Claims(Map<String, Value>);

impl Claims {
    /// Returns a claim that may be missing; one of another type is as good as missing.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).and_then(Value::as_str)
    }

    pub(crate) fn into_object(self) -> Map<String, Value> {
        self.0
    }
}

/// Returns the claims of a token that the provider signed for us, for this sign-in, just now.
pub(crate) fn verify(
    token: &str,
    keys: &KeySet,
    expected: &Expected<'_>,
    now: OffsetDateTime,
) -> Result<Claims, IdTokenError> {
    if token.len() > MAX_BYTES {
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
    let name = header.get("alg").and_then(Value::as_str).unwrap_or("no algorithm");
    let algorithm = Algorithm::parse(name).ok_or_else(|| IdTokenError::Algorithm(loggable(name)))?;
    let key_id = match header.get("kid") {
        None | Some(Value::Null) => None,
        Some(Value::String(id)) => Some(id.as_str()),
        Some(_) => return Err(IdTokenError::Malformed),
    };
    let candidates = keys.candidates(key_id, algorithm);
    if candidates.is_empty() {
        return Err(IdTokenError::UnknownKey(loggable(key_id.unwrap_or("without a name"))));
    }
    let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| IdTokenError::Malformed)?;
    if !candidates.iter().any(|key| key.has_signed(message.as_bytes(), &signature)) {
        return Err(IdTokenError::Signature);
    }
    let claims = object(payload)?;
    check(&claims, expected, now.unix_timestamp())?;
    Ok(Claims(claims))
}

/// Returns the claims of a token that was verified when it came. It is not for anything that a client brings.
pub(crate) fn unverified_claims(token: &str) -> Result<Map<String, Value>, IdTokenError> {
    object(token.split('.').nth(1).ok_or(IdTokenError::Malformed)?)
}

fn object(part: &str) -> Result<Map<String, Value>, IdTokenError> {
    let bytes = URL_SAFE_NO_PAD.decode(part).map_err(|_| IdTokenError::Malformed)?;
    serde_json::from_slice(&bytes).map_err(|_| IdTokenError::Malformed)
}

fn check(claims: &Map<String, Value>, expected: &Expected<'_>, now: i64) -> Result<(), IdTokenError> {
    let issuer = text(claims, "iss")?;
    if !expected.issuers.contains(&issuer) {
        return Err(mismatch("iss", issuer, expected.issuers.join(" or ")));
    }
    if !(1..=255).contains(&text(claims, "sub")?.len()) {
        return Err(IdTokenError::Claim("sub"));
    }
    check_audience(claims, expected.audience)?;
    check_times(claims, now)?;
    let nonce = if claims.contains_key("nonce") { Some(text(claims, "nonce")?) } else { None };
    match (nonce, expected.nonce) {
        (None, None) => Ok(()),
        (Some(found), Some(nonce)) if found == nonce || (expected.may_hash_nonce && found == hashed(nonce)) => Ok(()),
        (Some(_), Some(_)) => Err(IdTokenError::Nonce("is of another sign-in")),
        (Some(_), None) => Err(IdTokenError::Nonce("is there, and none was named beside the token")),
        (None, Some(_)) => Err(IdTokenError::Nonce("is missing")),
    }
}

/// The claim `azp` says whose a token for several audiences is (Core §3.1.3.7): without it each has to be ours.
fn check_audience(claims: &Map<String, Value>, expected: Audience<'_>) -> Result<(), IdTokenError> {
    let audiences: Vec<&str> = match claims.get("aud") {
        Some(Value::String(one)) => vec![one],
        Some(Value::Array(many)) => {
            many.iter().map(Value::as_str).collect::<Option<_>>().ok_or(IdTokenError::Claim("aud"))?
        }
        _ => return Err(IdTokenError::Claim("aud")),
    };
    let other = || mismatch("aud", &audiences.join(" and "), expected.listed());
    if !audiences.iter().any(|audience| expected.contains(audience)) {
        return Err(other());
    }
    if matches!(expected, Audience::App { .. }) && audiences.iter().all(|audience| expected.contains(audience)) {
        return Ok(());
    }
    if claims.contains_key("azp") {
        let party = text(claims, "azp")?;
        return if expected.contains(party) { Ok(()) } else { Err(mismatch("azp", party, expected.listed())) };
    }
    if audiences.len() == 1 { Ok(()) } else { Err(other()) }
}

fn check_times(claims: &Map<String, Value>, now: i64) -> Result<(), IdTokenError> {
    let (expires, issued) = (seconds(claims, "exp")?, seconds(claims, "iat")?);
    let begins = if claims.contains_key("nbf") { seconds(claims, "nbf")? } else { issued };
    for (claim, by, direction) in [
        ("exp", now.saturating_sub(expires.saturating_add(SKEW)).saturating_add(1), "old"),
        ("iat", issued.saturating_sub(SKEW).saturating_sub(now), "new"),
        ("nbf", begins.saturating_sub(SKEW).saturating_sub(now), "new"),
        ("iat", now.saturating_sub(issued.saturating_add(MAX_AGE + SKEW)), "old"),
    ] {
        if by > 0 {
            return Err(IdTokenError::Time { claim, by, direction });
        }
    }
    Ok(())
}

fn mismatch(claim: &'static str, found: &str, expected: String) -> IdTokenError {
    IdTokenError::Mismatch { claim, found: loggable(found), expected }
}

fn text<'a>(claims: &'a Map<String, Value>, name: &'static str) -> Result<&'a str, IdTokenError> {
    claims.get(name).and_then(Value::as_str).ok_or(IdTokenError::Claim(name))
}

/// Reads a `NumericDate`, which may have a fraction (RFC 7519 §2).
fn seconds(claims: &Map<String, Value>, name: &'static str) -> Result<i64, IdTokenError> {
    let number = claims.get(name).filter(|value| value.is_number());
    let seconds = number.and_then(|number| number.as_i64().or_else(|| whole_seconds(number.as_f64()?)));
    seconds.ok_or(IdTokenError::Claim(name))
}

fn whole_seconds(seconds: f64) -> Option<i64> {
    Some(Duration::checked_seconds_f64(seconds)?.whole_seconds())
}

/// Returns the SHA-256 in lower-case hexadecimal.
fn hashed(nonce: &str) -> String {
    let mut text = String::with_capacity(64);
    for byte in Sha256::digest(nonce.as_bytes()) {
        write!(text, "{byte:02x}").expect("writing to a string does not fail");
    }
    text
}
