//! Holds the names that people sign in with beside their addresses.

use serde_json::Value;

/// Says how long a name is, in characters, which are all ASCII, and which names nobody gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsernameRules {
    pub min_length: usize,
    pub max_length: usize,
    /// Lists names that the operator keeps, in the form of [`Username::bare_likeness`].
    reserved: Vec<String>,
}

/// Lists names that would let somebody pass for those who run the site, or for a part of it.
const RESERVED: [&str; 64] = [
    "about",
    "abuse",
    "account",
    "accounts",
    "admin",
    "administration",
    "administrator",
    "anonymous",
    "api",
    "auth",
    "billing",
    "bot",
    "contact",
    "daemon",
    "everyone",
    "guest",
    "help",
    "helpdesk",
    "hostmaster",
    "info",
    "login",
    "logout",
    "mail",
    "mailerdaemon",
    "me",
    "mod",
    "moderator",
    "news",
    "nobody",
    "noreply",
    "null",
    "official",
    "operator",
    "owner",
    "password",
    "payment",
    "payments",
    "postmaster",
    "privacy",
    "register",
    "root",
    "sales",
    "security",
    "self",
    "service",
    "settings",
    "signin",
    "signout",
    "signup",
    "ssladmin",
    "staff",
    "status",
    "superuser",
    "support",
    "sysadmin",
    "system",
    "team",
    "terms",
    "undefined",
    "user",
    "username",
    "users",
    "webmaster",
    "www",
];

impl UsernameRules {
    /// Limits what can be configured; the table takes no longer names.
    pub const MAX_LENGTH: usize = 64;
    /// Is the name of the field that shows the name in lower case.
    pub const FIELD: &'static str = "username";
    /// Is the name of the field that shows the name as it was given.
    pub const DISPLAY_FIELD: &'static str = "displayUsername";

    /// Keeps these names from everybody, beside those that are built in.
    #[must_use]
    pub fn new(min_length: usize, max_length: usize, reserved: &[Username]) -> Self {
        Self { min_length, max_length, reserved: reserved.iter().map(Username::bare_likeness).collect() }
    }

    /// Tells whether nobody gets the name, however it is spelled.
    #[must_use]
    pub fn reserves(&self, name: &Username) -> bool {
        let bare = name.bare_likeness();
        self.reserved.contains(&bare) || RESERVED.iter().any(|reserved| likeness(reserved) == bare)
    }

    /// Returns the name that the additional fields of a user hold, if it is one.
    #[must_use]
    pub fn read(&self, fields: &Value) -> Option<Username> {
        let text = |field| fields.get(field).and_then(Value::as_str);
        let name = self.parse(text(Self::FIELD)?).ok()?;
        Some(match text(Self::DISPLAY_FIELD) {
            Some(display) if name.is_spelled(display) => Username { display: display.to_owned(), ..name },
            _ => name,
        })
    }

    /// Reads a name as somebody types it. The length comes first (contract of the plugin).
    pub fn parse(&self, text: &str) -> Result<Username, UsernameError> {
        match text.chars().count() {
            length if length < self.min_length => Err(UsernameError::TooShort),
            length if length > self.max_length => Err(UsernameError::TooLong),
            _ => Username::parse(text).ok_or(UsernameError::Invalid),
        }
    }
}

impl Default for UsernameRules {
    fn default() -> Self {
        Self::new(3, 30, &[])
    }
}

/// Describes why a text is no name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UsernameError {
    #[error("Username is too short")]
    TooShort,
    #[error("Username is too long")]
    TooLong,
    #[error("Username is invalid")]
    Invalid,
}

/// Is a name of letters and digits of ASCII, `_` and `.`: no other alphabet's look-alike can pass for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Username {
    name: String,
    display: String,
}

impl Username {
    /// Reads a name of any length.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let is_name = (1..=UsernameRules::MAX_LENGTH).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'.');
        is_name.then(|| Self { name: text.to_ascii_lowercase(), display: text.to_owned() })
    }

    /// Returns the name in lower case, as it is compared.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.name
    }

    /// Returns the name as it was given.
    #[must_use]
    pub fn display(&self) -> &str {
        &self.display
    }

    /// Tells whether a text is another spelling of the name, in upper and lower case.
    #[must_use]
    pub fn is_spelled(&self, text: &str) -> bool {
        text.eq_ignore_ascii_case(&self.name)
    }

    /// Returns what the name looks like at a glance: `paypal`, `PayPaI` and `paypa1` come out alike.
    #[must_use]
    pub fn likeness(&self) -> String {
        likeness(&self.name)
    }

    /// Returns the same without separators, by which reserved names are compared.
    fn bare_likeness(&self) -> String {
        self.likeness().replace(['_', '.'], "")
    }
}

fn likeness(name: &str) -> String {
    name.to_ascii_lowercase().replace(['1', 'i'], "l").replace('0', "o").replace("rn", "m").replace("vv", "w")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_name_has_a_length_and_an_alphabet() {
        let rules = UsernameRules::default();
        for (text, expected) in [
            ("Ada_Lovelace.1815", Ok("ada_lovelace.1815")),
            ("ada", Ok("ada")),
            ("", Err(UsernameError::TooShort)),
            ("ü", Err(UsernameError::TooShort)),
            ("üüü", Err(UsernameError::Invalid)),
            ("аdа", Err(UsernameError::Invalid)),
            ("a b", Err(UsernameError::Invalid)),
            ("a-b", Err(UsernameError::Invalid)),
            ("ada@example.com", Err(UsernameError::Invalid)),
            ("ada\n", Err(UsernameError::Invalid)),
            (&"a".repeat(30), Ok("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")),
            (&"a".repeat(31), Err(UsernameError::TooLong)),
        ] {
            let parsed = rules.parse(text);
            assert_eq!(parsed.as_ref().map(Username::as_str), expected.as_ref().map(|name| *name), "{text:?}");
            assert!(parsed.is_ok_and(|name| name.display() == text) || expected.is_err(), "{text:?}");
        }
    }

    #[test]
    fn names_that_look_alike_are_one() {
        let like = |text: &str| Username::parse(text).unwrap().likeness();
        for (one, other) in
            [("paypal", "PayPaI"), ("paypal", "paypa1"), ("google", "g00gle"), ("modern", "modem"), ("wendy", "vvendy")]
        {
            assert_eq!(like(one), like(other), "{one} {other}");
        }
        for (one, other) in [("ada", "eda"), ("john.doe", "johndoe"), ("a_b", "a.b")] {
            assert_ne!(like(one), like(other), "{one} {other}");
        }
    }

    #[test]
    fn nobody_passes_for_those_who_run_the_site() {
        let rules = UsernameRules::new(1, 64, &[Username::parse("Acme_Corp").unwrap()]);
        for taken in
            ["admin", "Admin", "ADM1N", "a.d.m.i.n", "_admin_", "adm1n1strator", "r00t", "acmecorp", "acrne_corp"]
        {
            assert!(rules.reserves(&Username::parse(taken).unwrap()), "{taken}");
        }
        for free in ["ada", "administrative", "rooted", "acme"] {
            assert!(!rules.reserves(&Username::parse(free).unwrap()), "{free}");
        }
    }

    #[test]
    fn a_stored_name_is_read_with_its_spelling() {
        let rules = UsernameRules::default();
        let read = |fields: Value| rules.read(&fields).map(|name| name.display().to_owned());
        assert_eq!(read(json!({ "username": "ada", "displayUsername": "Ada" })).as_deref(), Some("Ada"));
        assert_eq!(read(json!({ "username": "ada", "displayUsername": "Eve" })).as_deref(), Some("ada"));
        assert_eq!(read(json!({ "username": "ada" })).as_deref(), Some("ada"));
        for none in [
            json!({}),
            json!({ "username": null }),
            json!({ "username": "a b c" }),
            json!({ "displayUsername": "Ada" }),
        ] {
            assert_eq!(read(none), None);
        }
    }
}
