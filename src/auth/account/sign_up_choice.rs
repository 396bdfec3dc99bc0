//! Holds what a browser chose at sign-up, kept by the browser itself in a sealed cookie: its password, or its identity
//! at a provider, counts only where the address is proved in the same browser (SESS-14). Nothing of it is stored here,
//! so nobody can push it out.

use std::fmt;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use http::HeaderMap;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use time::OffsetDateTime;

use crate::{
    crypto::Sealer,
    sessions::{CookieSettings, credential::cookies},
    store::users::User,
    types::{AccountId, Email, PasswordHash, UserId},
};

/// Is the name of the sealing key's purpose; part of the stored format.
pub const SIGN_UP_PURPOSE: &str = "sign-up-cookie";

/// Browsers keep cookies of up to 4096 bytes, name and attributes included.
const MAX_TEXT: usize = 3800;
/// The sealed text is filled up to a multiple of this, so that the length tells little of it.
const BLOCK: usize = 512;
/// The picture, and then the additional fields, are left out where everything together is longer than this, so that the
/// sealed text stays below [`MAX_TEXT`].
const MAX_PLAIN: usize = 5 * BLOCK;

/// Holds what somebody signed up with, whoever owns the address.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignUpChoice {
    /// Is the user that the answer named, who exists only where the address was free.
    user: String,
    pub(crate) email: Email,
    pub(crate) name: String,
    pub(crate) image: Option<String>,
    /// Holds the additional fields; older cookies have none.
    #[serde(default)]
    pub(crate) additional_fields: Value,
    chosen: Chosen,
    /// Is false where a session that the proof opens goes with the browser.
    #[serde(default = "remembered")]
    pub(crate) remember: bool,
    /// Is in seconds since 1970: as long as the mailed link.
    until: i64,
}

/// Is the default of cookies that were made before they said so.
fn remembered() -> bool {
    true
}

/// Tells how whoever signed up wants to sign in.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
enum Chosen {
    /// Is the hash.
    Password(String),
    /// Is the account of an identity at a provider that vouches for no address.
    Identity(String),
}

impl SignUpChoice {
    pub(crate) fn new(user: &User, hash: &PasswordHash, remember: bool, until: OffsetDateTime) -> Self {
        Self { remember, ..Self::with(user, Chosen::Password(hash.expose().to_owned()), until) }
    }

    pub(crate) fn from_identity(user: &User, account: &AccountId, until: OffsetDateTime) -> Self {
        Self::with(user, Chosen::Identity(account.to_string()), until)
    }

    fn with(user: &User, chosen: Chosen, until: OffsetDateTime) -> Self {
        Self {
            user: user.id.to_string(),
            email: user.email.clone(),
            name: user.name.clone(),
            image: user.image.clone(),
            additional_fields: user.additional_fields.clone(),
            chosen,
            remember: true,
            until: until.unix_timestamp(),
        }
    }

    /// Returns the choice that a request presents, if we sealed it and its time is not over. Where there are two that
    /// differ, a neighbour on the same host may have put one there: then none counts, and the page asks (cookie
    /// tossing).
    #[must_use]
    pub fn presented(
        headers: &HeaderMap,
        settings: &CookieSettings,
        sealer: &Sealer,
        now: OffsetDateTime,
    ) -> Option<Self> {
        let found = cookies(headers, settings.sign_up_name()).filter_map(|text| Self::open(sealer, text));
        let mut found = found.filter(|choice| now.unix_timestamp() < choice.until);
        let first = found.next()?;
        found.all(|other| other == first).then_some(first)
    }

    /// Returns the choice as the cookie holds it.
    ///
    /// # Panics
    /// Never: texts serialise.
    #[must_use]
    pub fn seal(&self, sealer: &Sealer) -> String {
        let mut plain = serde_json::to_vec(self).expect("texts serialise");
        if plain.len() > MAX_PLAIN {
            plain = serde_json::to_vec(&Self { image: None, ..self.clone() }).expect("texts serialise");
        }
        if plain.len() > MAX_PLAIN {
            let short = Self { image: None, additional_fields: Value::Null, ..self.clone() };
            plain = serde_json::to_vec(&short).expect("texts serialise");
        }
        plain.resize(plain.len().next_multiple_of(BLOCK), b' ');
        URL_SAFE_NO_PAD.encode(sealer.seal(&plain))
    }

    fn open(sealer: &Sealer, text: &[u8]) -> Option<Self> {
        if text.len() > MAX_TEXT {
            return None;
        }
        let plain = sealer.open(&URL_SAFE_NO_PAD.decode(text).ok()?).ok()?;
        serde_json::from_slice(&plain).ok()
    }

    /// Tells whether this very sign-up made the account, so that it holds nothing but what was chosen here.
    pub(crate) fn made(&self, user: &UserId) -> bool {
        self.user == user.as_str()
    }

    pub(crate) fn password(&self) -> Option<PasswordHash> {
        match &self.chosen {
            Chosen::Password(hash) => Some(PasswordHash::new(hash.clone())),
            Chosen::Identity(_) => None,
        }
    }

    pub(crate) fn identity(&self) -> Option<AccountId> {
        match &self.chosen {
            Chosen::Password(_) => None,
            Chosen::Identity(account) => account.parse().ok(),
        }
    }
}

impl fmt::Debug for SignUpChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SignUpChoice")
    }
}

#[cfg(test)]
mod tests {
    use crate::{crypto::Keyring, types::Secret};

    use super::*;

    fn sealer(purpose: &'static str) -> Sealer {
        Keyring::new(&[Secret::new("first secret of thirty-two bytes".into())]).sealer(purpose)
    }

    fn choice(name: String, image: Option<String>) -> SignUpChoice {
        let now = OffsetDateTime::UNIX_EPOCH;
        let user = User {
            id: UserId::generate(),
            email: format!("{}@{}.example", "a".repeat(64), "b".repeat(63)).parse().unwrap(),
            email_verified: false,
            name,
            image,
            roles: Vec::new(),
            additional_fields: serde_json::json!({}),
            two_factor_enabled: false,
            language: None,
            created_at: now,
            updated_at: now,
        };
        SignUpChoice::new(&user, &PasswordHash::new("$argon2id$".repeat(10)), true, now + time::Duration::minutes(15))
    }

    fn request(text: &str) -> HeaderMap {
        HeaderMap::from_iter([(http::header::COOKIE, format!("authgate_sign_up={text}").parse().unwrap())])
    }

    fn settings() -> CookieSettings {
        CookieSettings {
            name: "authgate_session".to_owned(),
            secure: false,
            same_site: crate::sessions::SameSite::Lax,
            domain: None,
            better_auth: None,
        }
    }

    #[test]
    fn a_choice_counts_until_its_time_is_over() {
        let sealer = sealer(SIGN_UP_PURPOSE);
        let headers = request(&choice("Ada".to_owned(), None).seal(&sealer));
        let at = |seconds| {
            let now = OffsetDateTime::UNIX_EPOCH + time::Duration::seconds(seconds);
            SignUpChoice::presented(&headers, &settings(), &sealer, now).map(|choice| choice.name)
        };
        assert_eq!((at(0), at(899), at(900)), (Some("Ada".to_owned()), Some("Ada".to_owned()), None));
    }

    #[test]
    fn of_two_choices_that_differ_none_counts() {
        let sealer = sealer(SIGN_UP_PURPOSE);
        let (own, foreign) = (choice("Ada".to_owned(), None), choice("Eve".to_owned(), None));
        let presented = |texts: [&str; 2]| {
            let mut headers = request(texts[0]);
            headers.append(http::header::COOKIE, format!("authgate_sign_up={}", texts[1]).parse().unwrap());
            SignUpChoice::presented(&headers, &settings(), &sealer, OffsetDateTime::UNIX_EPOCH)
                .map(|choice| choice.name)
        };
        let (own, foreign) = (own.seal(&sealer), foreign.seal(&sealer));
        assert_eq!((presented([&foreign, &own]), presented([&own, &foreign])), (None, None));
        assert_eq!(presented(["nonsense", &own]).as_deref(), Some("Ada"), "what we did not seal is nothing");
        assert_eq!(presented([&own, &own]).as_deref(), Some("Ada"));
    }

    #[test]
    fn the_longest_of_everything_fits_a_cookie() {
        let sealer = sealer(SIGN_UP_PURPOSE);
        for (name, image) in [
            ("\u{1f600}".repeat(200), Some("\"".repeat(2048))),
            ("\"".repeat(200), Some("a".repeat(1800))),
            (String::new(), Some("a".repeat(2048))),
        ] {
            let text = choice(name.clone(), image).seal(&sealer);
            assert!(text.len() <= MAX_TEXT, "{}", text.len());
            assert_eq!(SignUpChoice::open(&sealer, text.as_bytes()).unwrap().name, name);
        }
    }

    #[test]
    fn the_picture_and_then_long_fields_are_left_out() {
        let sealer = sealer(SIGN_UP_PURPOSE);
        for (image, fields, expected) in
            [(100, 1500, (true, true)), (1500, 1500, (false, true)), (100, 3000, (false, false))]
        {
            let mut choice = choice("Ada".to_owned(), Some("a".repeat(image)));
            choice.additional_fields = serde_json::json!({ "note": "x".repeat(fields) });
            let text = choice.seal(&sealer);
            assert!(text.len() <= MAX_TEXT, "{}", text.len());
            let kept = SignUpChoice::open(&sealer, text.as_bytes()).unwrap();
            assert_eq!((kept.image.is_some(), kept.additional_fields.is_object()), expected, "{image} {fields}");
        }
    }

    #[test]
    fn the_length_tells_nothing_of_a_short_name() {
        let sealer = sealer(SIGN_UP_PURPOSE);
        let lengths = ["", "Ada", "Ada Lovelace"].map(|name| choice(name.to_owned(), None).seal(&sealer).len());
        assert!(lengths.iter().all(|length| *length == lengths[0]), "{lengths:?}");
    }

    #[test]
    fn only_what_was_sealed_for_this_is_a_choice() {
        let choice = choice("Ada".to_owned(), None);
        let text = choice.seal(&sealer(SIGN_UP_PURPOSE));
        for wrong in ["", "x", &text[1..], &text.to_lowercase(), &choice.seal(&sealer("mail")), &"a".repeat(4096)] {
            assert!(SignUpChoice::open(&sealer(SIGN_UP_PURPOSE), wrong.as_bytes()).is_none(), "{wrong}");
        }
    }
}
