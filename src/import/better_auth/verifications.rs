//! Reads `verification`: links and codes that were mailed and still work. Everything else in the table is of a browser
//! that is in the middle of something, which begins again here (contract §§5.1, 13).

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::Value;
use sha2::{Digest, Sha256};
use time::OffsetDateTime;

use crate::{
    import::{
        better_auth::{
            context::Context,
            sealed::{is_sealed, open},
        },
        fields::Fields,
        finding::Reason,
        ids::hex,
        record::{MailedFor, Record, Verification},
        tables::Found,
    },
    types::{MailToken, Secret},
};

/// Is the length of SHA-256 in base64url, as which identifiers and tokens may be stored.
const HASH_LENGTH: usize = 43;
/// Longer texts are hashes of codes.
const MAX_CODE: usize = 16;
const CODES: [(&str, MailedFor); 3] = [
    ("sign-in-otp-", MailedFor::SignInCode),
    ("email-verification-otp-", MailedFor::VerifyEmailCode),
    ("forget-password-otp-", MailedFor::ResetPasswordCode),
];

pub(super) fn read(row: &Fields, context: &Context<'_>, found: &mut Found) -> Result<(), Reason> {
    let expires_at = row.required("expiresAt").and_then(|_| row.time_or("expiresAt", OffsetDateTime::UNIX_EPOCH))?;
    if expires_at <= context.now {
        found.is_expired = true;
        return Ok(());
    }
    let identifier = row.required("identifier")?;
    let mailed = mailed(&identifier, &row.required("value")?, context.secrets)?;
    found.push(Record::Verification(Verification {
        // A table may be without ids; the identifier would hold the token.
        id: row.text("id").unwrap_or_else(|| hex(&Sha256::digest(identifier.as_bytes()))),
        created_at: row.time_or("createdAt", context.now)?.min(expires_at),
        expires_at,
        purpose: mailed.purpose,
        user_id: mailed.user_id,
        email: mailed.email,
        token_hash: mailed.token_hash,
        code: mailed.code,
        tries: mailed.tries,
    }));
    Ok(())
}

/// Is what a row says.
#[derive(Debug, PartialEq)]
struct Mailed {
    purpose: MailedFor,
    user_id: Option<String>,
    email: Option<String>,
    token_hash: Option<String>,
    code: Option<String>,
    tries: u16,
}

fn mailed(identifier: &str, value: &str, secrets: &[Secret]) -> Result<Mailed, Reason> {
    for (prefix, purpose) in [("reset-password:", MailedFor::ResetPassword), ("delete-account-", MailedFor::DeleteUser)]
    {
        if let Some(token) = identifier.strip_prefix(prefix) {
            return Ok(Mailed { user_id: Some(value.to_owned()), ..link(purpose, hash_of(token)?) });
        }
    }
    for (prefix, purpose) in CODES {
        if let Some(email) = identifier.strip_prefix(prefix) {
            return code(purpose, email, value, secrets);
        }
    }
    match identifier.strip_prefix("magic-link:") {
        Some(token) => magic_link(token, value),
        // Releases up to 1.7.1 had no prefix, and no type. With a type it is the hash of prefix and token together.
        None if is_untyped_magic_link(value) => magic_link(identifier, value),
        None => Err(left_out(identifier, value)),
    }
}

fn magic_link(token: &str, value: &str) -> Result<Mailed, Reason> {
    let value: Value = serde_json::from_str(value).unwrap_or_default();
    let email = value["email"].as_str().ok_or_else(|| broken("a magic link names no address"))?.to_owned();
    let hash = match URL_SAFE_NO_PAD.decode(token) {
        // A hash of the token alone is what is kept of tokens here too.
        Ok(hash) if token.len() == HASH_LENGTH => hex(&hash),
        _ => hash_of(token)?,
    };
    Ok(Mailed { email: Some(email), ..link(MailedFor::MagicLink, hash) })
}

fn is_untyped_magic_link(value: &str) -> bool {
    let value: Value = serde_json::from_str(value).unwrap_or_default();
    let is_other =
        ["type", "expectedChallenge", "codeVerifier", "callbackURL"].iter().any(|key| value.get(key).is_some());
    value["email"].is_string() && !is_other
}

fn code(purpose: MailedFor, email: &str, value: &str, secrets: &[Secret]) -> Result<Mailed, Reason> {
    let (stored, tries) = value.rsplit_once(':').unwrap_or((value, "0"));
    let code = if is_sealed(stored) {
        open(stored, secrets).map(|code| code.to_string()).ok_or_else(|| {
            Reason::new(
                "CODE_SEALED",
                "the mailed code is sealed with a secret that was not given",
                "give better-auth's secret in BETTER_AUTH_SECRET; without, the user asks for another code",
            )
        })?
    } else {
        stored.to_owned()
    };
    if code.is_empty() || code.len() > MAX_CODE || !code.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return Err(hashed("a mailed code is stored as a hash"));
    }
    Ok(Mailed {
        purpose,
        user_id: None,
        email: Some(email.to_owned()),
        token_hash: None,
        code: Some(code),
        tries: tries.parse().unwrap_or_default(),
    })
}

fn link(purpose: MailedFor, token_hash: String) -> Mailed {
    Mailed { purpose, user_id: None, email: None, token_hash: Some(token_hash), code: None, tries: 0 }
}

/// Returns the hash that a token is found by here, where one of its form is read at all.
fn hash_of(token: &str) -> Result<String, Reason> {
    let token =
        MailToken::parse_mailed(token).map_err(|_| broken("the token of a mailed link has a form of its own"))?;
    Ok(hex(token.hash().as_bytes()))
}

/// Says why a row that is neither a link nor a code does not come.
fn left_out(identifier: &str, value: &str) -> Reason {
    let begun =
        |message: &str| Reason::new("VERIFICATION_LEFT_OUT", message, "nothing has to be done: they begin again");
    let has = |key: &str| serde_json::from_str::<Value>(value).is_ok_and(|value| value.get(key).is_some());
    let begins = |prefix: &str| identifier.starts_with(prefix);
    if begins("trust-device-") {
        begun("a browser that is trusted at the second factor: it is asked for a code once")
    } else if begins("2fa-") {
        begun("a sign-in that waits for its second factor")
    } else if begins("auth-state:") || has("codeVerifier") {
        begun("a sign-in at a provider that has not come back yet")
    } else if has("expectedChallenge") {
        begun("a passkey that was being asked for")
    } else if begins("change-email-otp-") {
        begun("a code for a change of address, which ends with the session's move")
    } else if identifier.len() == HASH_LENGTH && URL_SAFE_NO_PAD.decode(identifier).is_ok() {
        hashed("the identifier is stored as a hash (verification.storeIdentifier), so that nobody knows what it is for")
    } else {
        begun("neither a link nor a code that works here")
    }
}

fn hashed(message: &str) -> Reason {
    Reason::new("VERIFICATION_HASHED", message, "the user asks for another link or code")
}

fn broken(message: &str) -> Reason {
    Reason::new("VERIFICATION_INVALID", message, "the user asks for another link or code")
}

#[cfg(test)]
mod tests {
    use super::*;

    const RESET: &str = "aB3aB3aB3aB3aB3aB3aB3aB3";
    const MAGIC: &str = "aBcDaBcDaBcDaBcDaBcDaBcDaBcDaBcD";

    fn hash(text: &str) -> String {
        hex(&Sha256::digest(text.as_bytes()))
    }

    #[test]
    fn links_are_found_by_the_hash_of_their_token() {
        let read = |identifier: &str, value: &str| mailed(identifier, value, &[]).unwrap();
        let of_user = |purpose, token| Mailed { user_id: Some("u1".to_owned()), ..link(purpose, hash(token)) };
        assert_eq!(read(&format!("reset-password:{RESET}"), "u1"), of_user(MailedFor::ResetPassword, RESET));
        assert_eq!(read(&format!("delete-account-{MAGIC}"), "u1"), of_user(MailedFor::DeleteUser, MAGIC));
        let magic = Mailed { email: Some("a@b.example".to_owned()), ..link(MailedFor::MagicLink, hash(MAGIC)) };
        let old = r#"{"email":"a@b.example"}"#;
        let new = r#"{"type":"magic-link","email":"a@b.example"}"#;
        assert_eq!(read(&format!("magic-link:{MAGIC}"), new), magic);
        assert_eq!(read(MAGIC, old), magic);
        let stored = URL_SAFE_NO_PAD.encode(Sha256::digest(MAGIC.as_bytes()));
        assert_eq!(read(&format!("magic-link:{stored}"), new), magic, "storeToken: hashed");
        assert_eq!(read(&stored, old), magic, "storeToken: hashed, up to 1.7.1");
    }

    #[test]
    fn codes_come_with_their_tries() {
        for (identifier, value, purpose, tries) in [
            ("sign-in-otp-a@b.example", "123456:0", MailedFor::SignInCode, 0),
            ("email-verification-otp-a@b.example", "123456:2", MailedFor::VerifyEmailCode, 2),
            ("forget-password-otp-a@b.example", "123456", MailedFor::ResetPasswordCode, 0),
        ] {
            let read = mailed(identifier, value, &[]).unwrap();
            let found = (read.purpose, read.email.as_deref(), read.code.as_deref(), read.tries);
            assert_eq!(found, (purpose, Some("a@b.example"), Some("123456"), tries), "{identifier}");
        }
    }

    #[test]
    fn what_cannot_come_says_why() {
        let hashed = URL_SAFE_NO_PAD.encode(Sha256::digest(b"reset-password:x"));
        let sealed = "ab".repeat(46) + ":0";
        for (identifier, value, code) in [
            (hashed.as_str(), "u1", "VERIFICATION_HASHED"),
            (&hashed, r#"{"type":"magic-link","email":"a@b.example"}"#, "VERIFICATION_HASHED"),
            ("sign-in-otp-a@b.example", &format!("{hashed}:0"), "VERIFICATION_HASHED"),
            ("sign-in-otp-a@b.example", &sealed, "CODE_SEALED"),
            ("reset-password:short", "u1", "VERIFICATION_INVALID"),
            ("magic-link:aBcDaBcDaBcDaBcDaBcDaBcDaBcDaBcD", "no JSON", "VERIFICATION_INVALID"),
            ("auth-state:x", "{}", "VERIFICATION_LEFT_OUT"),
            (MAGIC, r#"{"codeVerifier":"x","callbackURL":"/","email":"a@b.example"}"#, "VERIFICATION_LEFT_OUT"),
            (MAGIC, r#"{"expectedChallenge":"x"}"#, "VERIFICATION_LEFT_OUT"),
            ("2fa-x", "u1", "VERIFICATION_LEFT_OUT"),
            ("trust-device-x", "u1", "VERIFICATION_LEFT_OUT"),
            ("+4912345", "123456:0", "VERIFICATION_LEFT_OUT"),
        ] {
            assert_eq!(mailed(identifier, value, &[]).unwrap_err().code, code, "{identifier} {value}");
        }
    }
}
