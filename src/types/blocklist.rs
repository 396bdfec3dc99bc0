//! Passwords that attackers try first: those that everybody uses, and words that belong to the account or the service
//! (PASS-04). Judged by `zxcvbn`, which carries 30,000 leaked passwords (11,611 of eight characters or more; all of those
//! are refused) and 60,000 words and names, and knows their usual disguises; a bare list would let `Passw0rd!` and
//! `alice2024` through.

use super::Email;

/// No list holds longer passwords. Also keeps the estimate under 4 ms, whatever is typed.
const JUDGED_CHARS: usize = 24;
/// With more different symbols than this a password is in no list, and undoing its disguises would take long.
const MOST_SYMBOLS: usize = 3;
/// What somebody gets to try on a sign-in that is limited (zxcvbn's scores 0 and 1).
const GUESSES: u64 = 1_000_000;
/// Shorter words are part of many honest passwords.
const SHORTEST_WORD: usize = 3;

/// `auth.password.blocklist`
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Blocklist {
    /// Nothing is refused but lengths.
    None,
    /// The lists in the binary, and these words, lower case: the service's name, its host.
    Builtin { words: Vec<String> },
}

impl Default for Blocklist {
    fn default() -> Self {
        Self::Builtin { words: Vec::new() }
    }
}

impl Blocklist {
    /// Adds the words of a text that belongs to the service.
    pub fn add_words_of(&mut self, text: &str) {
        if let Self::Builtin { words } = self {
            words.extend(words_of(text));
        }
    }

    /// Whether a normalised password is among the first that somebody tries on this account.
    pub(super) fn holds(&self, password: &str, owner: Option<&Email>) -> bool {
        let Self::Builtin { words } = self else { return false };
        let judged: String = password.chars().take(JUDGED_CHARS).collect();
        if different_symbols(&judged) > MOST_SYMBOLS {
            return false;
        }
        let own = owner.map(|email| words_of(email.local_part())).unwrap_or_default();
        let context: Vec<&str> = own.iter().chain(words).map(String::as_str).collect();
        zxcvbn::zxcvbn(&judged, &context).guesses() < GUESSES
    }
}

/// The whole text, without its separators too, and its parts.
fn words_of(text: &str) -> Vec<String> {
    let text = text.to_lowercase();
    let parts = || text.split(|c: char| !c.is_alphanumeric());
    let mut words = vec![text.clone(), parts().collect()];
    words.extend(parts().map(str::to_owned));
    words.retain(|word| word.chars().count() >= SHORTEST_WORD);
    words.sort();
    words.dedup();
    words
}

fn different_symbols(text: &str) -> usize {
    let mut symbols: Vec<char> = text.chars().filter(|c| !c.is_alphanumeric()).collect();
    symbols.sort_unstable();
    symbols.dedup();
    symbols.len()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn refused(password: &str) -> bool {
        let mut list = Blocklist::default();
        list.add_words_of("Acme Portal");
        list.add_words_of("app.example.com");
        list.holds(password, Some(&"alice.smith@elsewhere.test".parse().unwrap()))
    }

    #[test]
    fn refuses_what_is_tried_first() {
        for password in [
            "12345678",
            "password",
            "Password1!",
            "p@ssw0rd",
            "passwordpassword",
            "PASSWORDPASSWORDPASSWORDPASSWORDPASSWORD",
            "drowssap",
            "qwertyuiop",
            "1q2w3e4r5t",
            "baseball",
            "trustno1",
            "iloveyou123",
            "sunshine",
            "newpassword",
            "abcdefghijkl",
            "12.03.1985",
        ] {
            assert!(refused(password), "{password}");
        }
        assert!(refused(&"a".repeat(128)));
    }

    #[test]
    fn refuses_the_words_of_account_and_service() {
        for password in [
            "alice.smith",
            "AliceSmith",
            "alice2024",
            "smithsmith",
            "4lice.smith",
            "acmeportal",
            "Acme Portal",
            "portal99",
            "exampleexample",
            "app.example.com",
        ] {
            assert!(refused(password), "{password}");
        }
        let list = Blocklist::default();
        for password in ["alice.smith.portal", "kd7Portal-vx"] {
            assert!(!refused(password), "a word among others is no reason: {password}");
        }
        assert!(!list.holds("quetzalvonk", None));
        assert!(list.holds("quetzalvonk", Some(&"quetzalvonk@example.com".parse().unwrap())));
    }

    #[test]
    fn takes_what_nobody_guesses() {
        for password in [
            "correct horse battery staple",
            "another good password",
            "pässwörd-ähnlich",
            "kX9#vQ2m",
            "4@8({[<369 1!|70$5+%2abcdefghij",
            "wir gehen heute schwimmen",
            "тихий вечер у реки",
        ] {
            assert!(!refused(password), "{password}");
        }
    }

    #[test]
    fn without_a_list_everything_passes() {
        let mut list = Blocklist::None;
        list.add_words_of("password");
        assert!(!list.holds("password", Some(&"password@example.com".parse().unwrap())));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn every_text_is_judged(text in "\\PC{0,40}", word in "\\PC{0,20}") {
            let mut list = Blocklist::default();
            list.add_words_of(&word);
            list.holds(&text, None);
        }
    }
}
