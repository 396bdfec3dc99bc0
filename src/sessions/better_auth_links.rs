//! Reads links that the library better-auth signed and keeps no row of: proofs of an address (contract §§3.5, 13).

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Deserialize;
use serde_json::Value;
use time::OffsetDateTime;

use crate::{
    crypto::Mac,
    types::{Email, UserId},
};

/// Is a proof of an address. It may be too old.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedLink {
    pub email: Email,
    /// Is its owner's id; older releases do not say it.
    pub user_id: Option<UserId>,
    pub created_at: OffsetDateTime,
    pub expires_at: OffsetDateTime,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
}

/// Is everything that a proof says. A change of address says more, and is none.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Claims {
    email: String,
    user_id: Option<Value>,
    iat: i64,
    exp: i64,
}

impl SignedLink {
    pub(super) fn read(token: &str, mac: &Mac) -> Option<Self> {
        let (signed, signature) = token.rsplit_once('.')?;
        let (header, claims) = signed.split_once('.')?;
        if !mac.verifies(signed, &URL_SAFE_NO_PAD.decode(signature).ok()?) {
            return None;
        }
        let header: Header = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(header).ok()?).ok()?;
        let claims: Claims = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).ok()?).ok()?;
        if header.alg != "HS256" || claims.iat > claims.exp {
            return None;
        }
        let time = |seconds| OffsetDateTime::from_unix_timestamp(seconds).ok().filter(|time| time.year() >= 2000);
        let user_id = match claims.user_id {
            None | Some(Value::Null) => None,
            // An id that cannot be one here has become another: such a link is nobody's.
            Some(id) => Some(id.as_str()?.parse().ok()?),
        };
        Some(Self {
            email: claims.email.parse().ok()?,
            user_id,
            created_at: time(claims.iat)?,
            expires_at: time(claims.exp)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::types::Secret;

    fn mac(secret: &str) -> Mac {
        Mac::from_secrets(&[Secret::new(secret.to_owned())])
    }

    fn signed(header: &Value, claims: &Value) -> String {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(header), part(claims));
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(mac("theirs").make(&signed)))
    }

    #[test]
    fn nothing_but_a_proof_of_an_address_is_read() {
        let header = json!({ "alg": "HS256" });
        let claims = json!({ "email": "a@b.example", "userId": "u1", "iat": 1_767_323_045, "exp": 1_767_326_645 });
        let token = signed(&header, &claims);
        let link = SignedLink::read(&token, &mac("theirs")).unwrap();
        assert_eq!((link.email.as_str(), link.user_id.unwrap().as_str()), ("a@b.example", "u1"));
        assert_eq!((link.expires_at - link.created_at).whole_hours(), 1);
        let old = json!({ "email": "a@b.example", "iat": 1_767_323_045, "exp": 1_767_326_645 });
        assert_eq!(SignedLink::read(&signed(&header, &old), &mac("theirs")).unwrap().user_id, None);

        assert_eq!(SignedLink::read(&token, &mac("another")), None, "another secret");
        let changed = |key: &str, value: Value| {
            let mut claims = claims.clone();
            claims[key] = value;
            signed(&header, &claims)
        };
        for (token, why) in [
            (signed(&json!({ "alg": "none" }), &claims), "another algorithm"),
            (changed("updateTo", json!("c@b.example")), "a change of address"),
            (changed("requestType", json!("change-email-verification")), "a change of address"),
            (changed("userId", json!("auth0|u1")), "an id that was replaced"),
            (changed("email", json!("nobody")), "no address"),
            (changed("exp", json!("soon")), "no end"),
            (changed("exp", json!(1)), "an end before its begin"),
            (signed(&header, &json!({ "email": "a@b.example" })), "no times"),
            (token.trim_end_matches(|c| c != '.').to_owned(), "no signature"),
            ("a.b".to_owned(), "no token"),
        ] {
            assert_eq!(SignedLink::read(&token, &mac("theirs")), None, "{why}");
        }
    }
}
