//! Says who somebody is at a provider, in the one form that the account rules know.

pub(crate) mod userinfo;

use serde_json::{Map, Value};

use crate::{store::users::identities::ProviderProfile, types::Email};

const NAME_CHARACTERS: usize = 200;
const IMAGE_BYTES: usize = 2048;

/// Describes an identity at a provider.
#[derive(Debug, Clone)]
pub(crate) struct Profile {
    /// Is stable there; never an address.
    pub(crate) subject: String,
    /// Is `None` also where it is none that can own an account.
    pub(crate) email: Option<Email>,
    /// The provider says that the address is proved.
    pub(crate) email_verified: bool,
    /// Is one line; it may be empty.
    pub(crate) name: String,
    pub(crate) image: Option<String>,
}

impl Profile {
    /// Reads `OpenID` Connect's standard claims.
    pub(crate) fn from_claims(claims: &Map<String, Value>) -> Option<Self> {
        let text = |name: &str| claims.get(name).and_then(Value::as_str);
        Some(Self {
            subject: text("sub").filter(|subject| !subject.is_empty())?.to_owned(),
            email: text("email").and_then(|text| text.parse().ok()),
            email_verified: is_true(claims.get("email_verified")),
            name: name(claims),
            image: text("picture").and_then(image),
        })
    }

    /// Returns what is kept of it with the account.
    pub(crate) fn to_provider_profile(&self) -> ProviderProfile {
        ProviderProfile {
            email: self.email.as_ref().map(|email| email.as_str().to_owned()),
            email_verified: self.email_verified,
            name: self.name.clone(),
            image: self.image.clone(),
        }
    }

    /// Reads GitHub's `/user` and `/user/emails`: the primary address and whether it is verified, never another one.
    pub(crate) fn from_github(user: &Value, emails: &Value) -> Option<Self> {
        let text = |name: &str| user.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
        let is_primary = |entry: &&Value| entry.get("primary") == Some(&Value::Bool(true));
        let primary = emails.as_array().and_then(|emails| emails.iter().find(is_primary));
        Some(Self {
            subject: user.get("id")?.as_u64()?.to_string(),
            email: primary.and_then(|entry| entry.get("email")?.as_str()?.parse().ok()),
            email_verified: primary.is_some_and(|entry| entry.get("verified") == Some(&Value::Bool(true))),
            name: line(text("name").or_else(|| text("login")).unwrap_or_default()),
            image: text("avatar_url").and_then(image),
        })
    }

    /// Adds the name of Apple's user: Apple tells it beside the code, at the first time only and unsigned.
    pub(crate) fn with_apple_name(mut self, user: Option<&str>) -> Self {
        let user: Value = user.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
        let part = |name: &str| user.pointer(&format!("/name/{name}")).and_then(Value::as_str).unwrap_or_default();
        if self.name.is_empty() {
            self.name = line(format!("{} {}", part("firstName"), part("lastName")).trim());
        }
        self
    }
}

/// Returns the first of them that says something.
fn name(claims: &Map<String, Value>) -> String {
    let text = |name: &str| line(claims.get(name).and_then(Value::as_str).unwrap_or_default().trim());
    let both = format!("{} {}", text("given_name"), text("family_name"));
    let candidates = [text("name"), both.trim().to_owned(), text("preferred_username")];
    candidates.into_iter().find(|name| !name.is_empty()).unwrap_or_default()
}

/// Apple and others write it as a text.
fn is_true(value: Option<&Value>) -> bool {
    matches!(value, Some(Value::Bool(true))) || value.and_then(Value::as_str) == Some("true")
}

/// Returns what goes into mails and upstream headers (MAIL-10).
fn line(text: &str) -> String {
    text.chars().filter(|c| !c.is_control() && !matches!(c, '\u{2028}' | '\u{2029}')).take(NAME_CHARACTERS).collect()
}

fn image(text: &str) -> Option<String> {
    let is_fit = text.len() <= IMAGE_BYTES && text.starts_with("https://") && !text.chars().any(char::is_control);
    is_fit.then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn claims_are_taken_where_they_are_what_they_should_be() {
        for (claims, email, verified, name) in [
            (json!({ "sub": "1", "email": "A@b.example", "email_verified": true }), Some("a@b.example"), true, ""),
            (json!({ "sub": "1", "email": "a@b.example", "email_verified": "true" }), Some("a@b.example"), true, ""),
            (json!({ "sub": "1", "email": "a@b.example", "email_verified": "yes" }), Some("a@b.example"), false, ""),
            (json!({ "sub": "1", "email": "a@b.example", "email_verified": 1 }), Some("a@b.example"), false, ""),
            (json!({ "sub": "1", "email": "a@evil@b.example", "email_verified": true }), None, true, ""),
            (json!({ "sub": "1", "name": "A\r\nB" }), None, false, "AB"),
            (json!({ "sub": "1", "name": "", "preferred_username": "ab" }), None, false, "ab"),
            (
                json!({ "sub": "1", "given_name": "A", "family_name": "B", "preferred_username": "ab" }),
                None,
                false,
                "A B",
            ),
            (json!({ "sub": "1", "family_name": "B" }), None, false, "B"),
            (json!({ "sub": "1", "name": 5, "picture": "javascript:x" }), None, false, ""),
        ] {
            let profile = Profile::from_claims(claims.as_object().unwrap()).unwrap();
            assert_eq!(profile.email.as_ref().map(Email::as_str), email, "{claims}");
            assert_eq!((profile.email_verified, profile.name.as_str(), profile.image), (verified, name, None));
        }
        assert!(Profile::from_claims(json!({ "sub": "" }).as_object().unwrap()).is_none());
    }

    #[test]
    fn github_has_a_primary_address() {
        let user = json!({ "id": 583_231, "login": "octocat", "name": null, "email": "public@b.example" });
        let other = json!({ "email": "other@b.example", "primary": false, "verified": true });
        for (emails, email, verified) in [
            (
                json!([other, { "email": "main@b.example", "primary": true, "verified": true }]),
                Some("main@b.example"),
                true,
            ),
            (
                json!([other, { "email": "main@b.example", "primary": true, "verified": false }]),
                Some("main@b.example"),
                false,
            ),
            (json!([other]), None, false),
            (json!({ "message": "Not Found" }), None, false),
        ] {
            let profile = Profile::from_github(&user, &emails).unwrap();
            assert_eq!((profile.subject.as_str(), profile.name.as_str()), ("583231", "octocat"));
            assert_eq!(profile.email.as_ref().map(Email::as_str), email, "{emails}");
            assert_eq!(profile.email_verified, verified, "{emails}");
        }
        assert!(Profile::from_github(&json!({ "id": "583231" }), &json!([])).is_none());
    }

    #[test]
    fn apple_tells_the_name_once() {
        let profile = || Profile::from_claims(json!({ "sub": "1" }).as_object().unwrap()).unwrap();
        let named = r#"{"name":{"firstName":"Ada","lastName":"Lovelace"},"email":"evil@b.example"}"#;
        for (user, name) in [(Some(named), "Ada Lovelace"), (Some("{"), ""), (Some("[]"), ""), (None, "")] {
            let profile = profile().with_apple_name(user);
            assert_eq!((profile.name.as_str(), profile.email), (name, None), "{user:?}");
        }
    }
}
