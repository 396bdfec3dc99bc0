//! Reads what userinfo (OpenID Connect Core §5.3) adds to an id token. Providers keep the profile out of the token
//! (Okta, Authelia), or the word on whether the address is proved; what the token says itself stays (OAUTH-11).

use serde_json::{Map, Value};

use crate::{auth::oauth::provider::error::ProviderError, types::Email};

/// Names what userinfo is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lacking {
    Nothing,
    /// Nobody is signed in for want of a name.
    Name,
    /// Means that nothing says whether the address is proved.
    Proof,
    /// Nobody can be signed in without it.
    Address,
}

impl Lacking {
    pub(crate) fn from_claims(claims: &Map<String, Value>) -> Self {
        if is_missing(claims, "email") {
            Self::Address
        } else if is_missing(claims, "email_verified") {
            Self::Proof
        } else if is_missing(claims, "name") {
            Self::Name
        } else {
            Self::Nothing
        }
    }
}

/// Adds what the claims lack. `email_verified` is a statement about the address beside it: it is taken for that address
/// only, and where either of the two denies it, it is denied.
pub(crate) fn complete(claims: &mut Map<String, Value>, userinfo: &Map<String, Value>) -> Result<(), ProviderError> {
    if userinfo.get("sub").is_none_or(|subject| Some(subject) != claims.get("sub")) {
        return Err(ProviderError::OtherSubject);
    }
    let lacks_address = is_missing(claims, "email");
    let is_of_address =
        lacks_address || address(claims).is_some_and(|address| Some(address) == self::address(userinfo));
    for (name, value) in userinfo {
        let is_wanted = is_missing(claims, name) && !is_missing(userinfo, name);
        if is_wanted && (name != "email_verified" || is_of_address) {
            claims.insert(name.clone(), value.clone());
        }
    }
    if lacks_address && is_denied(userinfo) {
        claims.insert("email_verified".to_owned(), Value::Bool(false));
    }
    Ok(())
}

fn address(claims: &Map<String, Value>) -> Option<Email> {
    claims.get("email")?.as_str()?.parse().ok()
}

fn is_denied(claims: &Map<String, Value>) -> bool {
    claims.get("email_verified").is_some_and(|value| value == &Value::Bool(false) || value == "false")
}

/// `null` and an empty text say as much as nothing.
fn is_missing(claims: &Map<String, Value>, name: &str) -> bool {
    claims.get(name).is_none_or(|value| value.is_null() || value.as_str().is_some_and(|text| text.trim().is_empty()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_lacking_is_told_by_its_weight() {
        for (claims, expected) in [
            (json!({ "email": "a@b.example", "email_verified": true, "name": "A" }), Lacking::Nothing),
            (json!({ "email": "a@b.example", "email_verified": "false", "name": "A" }), Lacking::Nothing),
            (json!({ "email": "a@b.example", "email_verified": false }), Lacking::Name),
            (json!({ "email": "a@b.example", "email_verified": true, "name": "" }), Lacking::Name),
            (json!({ "email": "a@b.example", "name": "A" }), Lacking::Proof),
            (json!({ "email": "a@b.example", "email_verified": null }), Lacking::Proof),
            (json!({ "email_verified": true, "name": "A" }), Lacking::Address),
            (json!({ "email": null }), Lacking::Address),
            (json!({ "email": " " }), Lacking::Address),
        ] {
            assert_eq!(Lacking::from_claims(claims.as_object().unwrap()), expected, "{claims}");
        }
    }

    #[test]
    fn userinfo_completes_and_never_overrules() {
        let (a, b) = ("a@x.example", "b@x.example");
        for (token, userinfo, email, verified) in [
            (json!({}), json!({ "email": a, "email_verified": true }), json!(a), json!(true)),
            (json!({ "email": null }), json!({ "email": a, "email_verified": true }), json!(a), json!(true)),
            (json!({ "email": a }), json!({ "email": a, "email_verified": true }), json!(a), json!(true)),
            (
                json!({ "email": a }),
                json!({ "email": "A@X.EXAMPLE", "email_verified": "true" }),
                json!(a),
                json!("true"),
            ),
            (
                json!({ "email": a, "email_verified": null }),
                json!({ "email": a, "email_verified": true }),
                json!(a),
                json!(true),
            ),
            (
                json!({ "email": a, "email_verified": false }),
                json!({ "email": a, "email_verified": true }),
                json!(a),
                json!(false),
            ),
            (json!({ "email_verified": false }), json!({ "email": a, "email_verified": true }), json!(a), json!(false)),
            (json!({ "email_verified": true }), json!({ "email": a }), json!(a), json!(true)),
            (json!({ "email_verified": true }), json!({ "email": a, "email_verified": false }), json!(a), json!(false)),
            (
                json!({ "email_verified": true }),
                json!({ "email": a, "email_verified": "false" }),
                json!(a),
                json!(false),
            ),
            // What is said of another address, or of none, is not said of this one.
            (json!({ "email": a }), json!({ "email": b, "email_verified": true }), json!(a), json!(null)),
            (json!({ "email": a }), json!({ "email_verified": true }), json!(a), json!(null)),
            (
                json!({ "email": "no address" }),
                json!({ "email": "none", "email_verified": true }),
                json!("no address"),
                json!(null),
            ),
            (json!({ "email": a }), json!({ "email": a }), json!(a), json!(null)),
            (
                json!({ "email": a, "email_verified": true }),
                json!({ "email": b, "email_verified": false }),
                json!(a),
                json!(true),
            ),
        ] {
            let with_subject = |claims: &Value| {
                let mut claims = claims.as_object().unwrap().clone();
                claims.insert("sub".to_owned(), json!("1"));
                claims
            };
            let mut claims = with_subject(&token);
            complete(&mut claims, &with_subject(&userinfo)).unwrap();
            let found = |name: &str| claims.get(name).cloned().unwrap_or_default();
            assert_eq!((found("email"), found("email_verified")), (email, verified), "{token} {userinfo}");
        }
    }

    #[test]
    fn it_is_about_the_same_subject() {
        for userinfo in [json!({}), json!({ "sub": "2" }), json!({ "sub": 1 }), json!({ "sub": null })] {
            let mut claims = json!({ "sub": "1" }).as_object().unwrap().clone();
            let refused = complete(&mut claims, userinfo.as_object().unwrap());
            assert!(matches!(refused, Err(ProviderError::OtherSubject)), "{userinfo}");
        }
    }
}
