//! Recognises passwords that attackers try first: those that everybody uses, and words that belong to the account or
//! the service (PASS-04). They are checked by `zxcvbn`, which carries 30,000 leaked passwords (11,611 of eight
//! characters or more; all of those are refused) and 60,000 words and names, and knows their usual disguises; a bare
//! list would let `Passw0rd!` and `alice2024` through.

use unicode_normalization::UnicodeNormalization;

use crate::types::Email;

/// No list holds longer passwords. This also keeps the estimate under 4 ms, whatever is typed.
const MAX_CHECKED_CHARS: usize = 24;
/// With more different symbols than this a password is in no list, and undoing its disguises would take long.
const MAX_SYMBOLS: usize = 3;
/// Is the number of guesses that somebody gets to try on a sign-in that is limited (zxcvbn's scores 0 and 1).
const GUESSES: u64 = 1_000_000;
/// Shorter words are part of many honest passwords.
const MIN_WORD_CHARS: usize = 3;
/// An address with less than this around it is that address; more could be a password of its own.
const MIN_OTHER_CHARS: usize = 8;

/// Tells whose password it is to be: what somebody tries first is made of these.
#[derive(Debug, Clone, Copy)]
pub struct Owner<'a> {
    pub email: &'a Email,
    /// May be empty.
    pub name: &'a str,
}

/// Holds `auth.password.blocklist`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Blocklist {
    /// Refuses nothing but lengths.
    None,
    /// Refuses the lists in the binary, and these words, lower case: the service's name, its host.
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

    /// Tells whether a normalised password is among the first that somebody tries on this account.
    pub(crate) fn holds(&self, password: &str, owner: Option<Owner<'_>>) -> bool {
        let Self::Builtin { words } = self else { return false };
        // This comes before anything is cut off: an address is often longer than what is checked, and full of symbols.
        if owner.is_some_and(|owner| names_owner(password, owner)) {
            return true;
        }
        let checked: String = password.chars().take(MAX_CHECKED_CHARS).collect();
        if different_symbols(&checked) > MAX_SYMBOLS {
            return false;
        }
        let own = owner.map(own_words).unwrap_or_default();
        let context: Vec<&str> = own.iter().chain(words).map(String::as_str).collect();
        zxcvbn::zxcvbn(&checked, &context).guesses() < GUESSES
    }
}

/// Tells whether a password is its owner's address or name, however it is spelled: in other cases, with other
/// separators or none, backwards, with digits for letters, with or without what follows a `+`.
fn names_owner(password: &str, Owner { email, name }: Owner<'_>) -> bool {
    let trimmed = password.trim();
    if trimmed.parse::<Email>().is_ok_and(|typed| typed.without_tag() == email.without_tag()) {
        return true;
    }
    let typed = skeleton(trimmed);
    if typed.chars().count() * 2 < trimmed.chars().count() {
        // It is made of symbols for the most part, whatever the letters between them say.
        return false;
    }
    let backwards: String = typed.chars().rev().collect();
    let untagged = email.without_tag();
    let addresses = [skeleton(email.as_str()), skeleton(untagged.as_str())];
    let others = [email.local_part(), untagged.local_part(), email.domain(), name].map(skeleton);
    [&typed, &backwards].into_iter().any(|typed| {
        others.contains(typed)
            || addresses.iter().any(|address| {
                address == typed
                    || address.chars().count() >= MIN_OTHER_CHARS
                        && typed.contains(address.as_str())
                        && typed.replace(address.as_str(), "").chars().count() < MIN_OTHER_CHARS
            })
    })
}

/// Returns what is left of a text without separators, cases and the usual disguises.
fn skeleton(text: &str) -> String {
    let plain = |c: char| match c {
        '0' => 'o',
        '1' | '!' | 'l' => 'i',
        '3' => 'e',
        '4' => 'a',
        '5' | '$' => 's',
        '7' => 't',
        other => other,
    };
    let lower = text.nfkc().collect::<String>().to_lowercase();
    lower.chars().map(plain).filter(|c| c.is_alphanumeric()).collect()
}

/// Returns the words that belong to an account.
fn own_words(Owner { email, name }: Owner<'_>) -> Vec<String> {
    let untagged = email.without_tag();
    let name = name.nfkc().collect::<String>();
    let mut words = vec![email.as_str().to_owned(), untagged.as_str().to_owned()];
    for text in [email.local_part(), untagged.local_part(), email.domain(), &name] {
        words.extend(words_of(text));
    }
    words
}

/// Returns the whole text, without its separators too, and its parts.
fn words_of(text: &str) -> Vec<String> {
    let text = text.to_lowercase();
    let parts = || text.split(|c: char| !c.is_alphanumeric());
    let mut words = vec![text.clone(), parts().collect()];
    words.extend(parts().map(str::to_owned));
    words.retain(|word| word.chars().count() >= MIN_WORD_CHARS);
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
        holds(&list, password, "alice.smith@elsewhere.test", "")
    }

    fn holds(list: &Blocklist, password: &str, email: &str, name: &str) -> bool {
        list.holds(password, Some(Owner { email: &email.parse().unwrap(), name }))
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
        assert!(holds(&list, "quetzalvonk", "quetzalvonk@example.com", ""));
    }

    #[test]
    fn refuses_the_owners_address_however_it_is_spelled() {
        let (list, owner) = (Blocklist::default(), "quetzalvonk.m+shop@mail.elsewhere-company.example");
        for password in [
            "quetzalvonk.m+shop@mail.elsewhere-company.example",
            "QUETZALVONK.M+SHOP@Mail.Elsewhere-Company.Example",
            "quetzalvonk.m@mail.elsewhere-company.example",
            "quetzalvonk.m+other@mail.elsewhere-company.example",
            " quetzalvonk.m@mail.elsewhere-company.example ",
            "quetzalvonk m mail elsewhere company example",
            "quetzalvonkm@mail.elsewhere-company.example",
            "quetzalvonk.m@mail.elsewhere-company.example1!",
            "2026quetzalvonk.m@mail.elsewhere-company.example",
            "qu3tz4lv0nk.m@mail.elsewhere-company.example",
            "elpmaxe.ynapmoc-erehwesle.liam@m.knovlazteuq",
            "quetzalvonk.m+shop",
            "Quetzalvonk.M",
            "mail.elsewhere-company.example",
        ] {
            assert!(holds(&list, password, owner, ""), "{password}");
        }
        assert!(holds(&list, "quetzal@münchen-vonk.example", "quetzal@xn--mnchen-vonk-thb.example", ""));
        for password in
            ["quetzalvonk.x@mail.elsewhere-company.example kd7 vx9-Lm", "kd7vx9Lm-quetzalvonk.m@other.example"]
        {
            assert!(!holds(&list, password, owner, ""), "there is more to it: {password}");
        }
        // A short address is part of many words, and none of their business.
        assert!(!holds(&list, "kd7aabcdevxu9", "a@abc.de", ""));
    }

    #[test]
    fn refuses_the_owners_name() {
        let list = Blocklist::default();
        for (password, name) in [
            ("quetzal vonkelbrand", "Quetzal Vonkelbrand"),
            ("QuetzalVonkelbrand", "Quetzal Vonkelbrand"),
            ("vonkelbrand99", "Quetzal Vonkelbrand"),
            ("quetzal.vonkelbrand-mandermeier-zumbusch", "Quetzal Vonkelbrand-Mandermeier Zumbusch"),
            ("ｑｕｅｔｚａｌｖｏｎｋ", "quetzalvonk"),
            ("quetzalvonk", "ｑｕｅｔｚａｌｖｏｎｋ"),
        ] {
            let normal: String = password.nfkc().collect();
            assert!(holds(&list, &normal, "x@example.org", name), "{password}");
        }
        assert!(!holds(&list, "wir gehen heute schwimmen", "x@example.org", "heute"));
        assert!(!holds(&list, "-~(;)~-[=]_{#}", "x@example.org", ""), "a name may be empty, and say nothing");
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
        assert!(!holds(&list, "password", "password@example.com", "password"));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn every_text_is_judged(text in "\\PC{0,40}", word in "\\PC{0,20}") {
            let mut list = Blocklist::default();
            list.add_words_of(&word);
            list.holds(&text, None);
            holds(&list, &text, "alice.smith@elsewhere.test", &word);
        }
    }
}
