//! Holds passwords between the request and the hash (security requirements PASS-01, PASS-03, PASS-04, PASS-06).

use std::fmt;

use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

use crate::types::{Blocklist, Owner};

/// More bytes than this are refused before anything is computed from them.
const MAX_BYTES: usize = 1024;

/// Describes what a new password must be. Lengths are in Unicode code points after normalisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PasswordRules {
    /// Is at least 8.
    pub min_length: usize,
    /// Is at least 64.
    pub max_length: usize,
    pub blocklist: Blocklist,
}

impl Default for PasswordRules {
    fn default() -> Self {
        Self { min_length: 8, max_length: 128, blocklist: Blocklist::default() }
    }
}

/// Describes why a password was not taken.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum PasswordError {
    #[error("Password too short")]
    TooShort,
    #[error("Password too long")]
    TooLong,
    /// Is among the first that somebody tries, on every account or on this one.
    #[error("Password too easy to guess")]
    TooCommon,
}

/// Holds a password as typed, in NFKC form so that every keyboard's spelling of it is the same bytes. Never truncated
/// or trimmed.
#[derive(Clone)]
pub struct Password {
    normal: Zeroizing<String>,
    /// Is the password as typed, where that is other bytes: other systems may have hashed those.
    typed: Option<Zeroizing<String>>,
}

impl Password {
    /// Takes a password that somebody chooses now, for this owner's account. Where that is known only later, call
    /// [`Self::must_suit`] then.
    pub fn choose(text: &str, rules: &PasswordRules, owner: Option<Owner<'_>>) -> Result<Self, PasswordError> {
        let password = Self::attempt(text, rules)?;
        if password.normal.chars().count() < rules.min_length {
            return Err(PasswordError::TooShort);
        }
        if rules.blocklist.holds(&password.normal, owner) { Err(PasswordError::TooCommon) } else { Ok(password) }
    }

    /// Refuses a chosen password that is made of its owner's address or name.
    pub fn must_suit(&self, rules: &PasswordRules, owner: Owner<'_>) -> Result<(), PasswordError> {
        if rules.blocklist.holds(&self.normal, Some(owner)) { Err(PasswordError::TooCommon) } else { Ok(()) }
    }

    /// Takes a password to verify against a stored hash; older, shorter ones must still work.
    pub fn attempt(text: &str, rules: &PasswordRules) -> Result<Self, PasswordError> {
        if text.len() > MAX_BYTES {
            return Err(PasswordError::TooLong);
        }
        let normal = Zeroizing::new(text.nfkc().collect::<String>());
        if normal.chars().count() > rules.max_length {
            return Err(PasswordError::TooLong);
        }
        let typed = (*normal != text).then(|| Zeroizing::new(text.to_owned()));
        Ok(Self { normal, typed })
    }

    /// Returns the bytes to hash.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        self.normal.as_bytes()
    }

    /// Returns the bytes that a stored hash may be one of: those that are hashed here, and those that were typed.
    pub fn spellings(&self) -> impl Iterator<Item = &[u8]> {
        std::iter::once(self.expose()).chain(self.typed.iter().map(|typed| typed.as_bytes()))
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password")
    }
}

/// Is a stored hash: `$argon2id$v=19$m=19456,t=2,p=1$…`, or what another system made, in a spelling of
/// docs/passwords.md.
#[derive(Clone, sqlx::Type)]
#[sqlx(transparent)]
pub struct PasswordHash(String);

impl PasswordHash {
    /// Wraps what the hasher made or the database holds.
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(text)
    }

    /// Returns the stored text.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::Email;

    #[test]
    fn counts_code_points_after_normalisation() {
        let rules = PasswordRules::default();
        for (text, expected) in [
            ("correct horse battery staple", Ok(())),
            ("1234567", Err(PasswordError::TooShort)),
            ("pässwör", Err(PasswordError::TooShort)),
            ("pässwörd ü", Ok(())),
            ("password", Err(PasswordError::TooCommon)),
            ("ｐａｓｓｗｏｒｄ", Err(PasswordError::TooCommon)),
        ] {
            assert_eq!(Password::choose(text, &rules, None).map(|_| ()), expected, "{text}");
        }
        assert_eq!(Password::choose(&"a".repeat(129), &rules, None).map(|_| ()), Err(PasswordError::TooLong));
        assert_eq!(Password::attempt(&"ä".repeat(1025), &rules).map(|_| ()), Err(PasswordError::TooLong));
        let emoji: String = ('😀'..).take(64).collect();
        assert!(Password::choose(&emoji, &rules, None).is_ok());
    }

    #[test]
    fn composed_and_decomposed_spellings_are_one_password() {
        let rules = PasswordRules::default();
        let composed = Password::choose("pässwörd ü", &rules, None).unwrap();
        let decomposed = Password::choose("pa\u{308}sswo\u{308}rd u\u{308}", &rules, None).unwrap();
        assert_eq!(composed.expose(), decomposed.expose());
        // Other systems may have hashed what was typed.
        assert_eq!(composed.spellings().collect::<Vec<_>>(), ["pässwörd ü".as_bytes()]);
        let typed = "pa\u{308}sswo\u{308}rd u\u{308}";
        assert_eq!(decomposed.spellings().collect::<Vec<_>>(), ["pässwörd ü".as_bytes(), typed.as_bytes()]);
    }

    #[test]
    fn a_password_is_not_its_owners_address() {
        let rules = PasswordRules::default();
        let email: Email = "quetzalvonk@example.com".parse().unwrap();
        let owner = Owner { email: &email, name: "" };
        let chosen = |owner| Password::choose("Quetzalvonk7", &rules, owner);
        assert_eq!(chosen(Some(owner)).err(), Some(PasswordError::TooCommon));
        assert_eq!(chosen(None).unwrap().must_suit(&rules, owner), Err(PasswordError::TooCommon));
    }
}
