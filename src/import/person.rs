//! Says alike for all origins what becomes of people: of their names, their groups, and of those who cannot come.

use serde_json::{Map, Value};
use time::OffsetDateTime;
use zeroize::Zeroizing;

use crate::{
    auth::UnusableHash,
    crypto::totp::TotpSecret,
    import::{
        fields::plain,
        finding::Reason,
        record::{Identity, Record, TwoFactor},
        tables::Found,
    },
};

/// Joins what is there of a name.
pub(crate) fn full_name(first: Option<String>, last: Option<String>) -> String {
    let parts: Vec<String> = [first, last].into_iter().flatten().map(|part| part.trim().to_owned()).collect();
    parts.join(" ").trim().to_owned()
}

/// Returns a role that is called like a group: `Night shift` and `/night/shift` are `night-shift`.
pub(crate) fn slug(group: &str) -> Option<String> {
    let is_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | ':');
    let lower = group.to_ascii_lowercase();
    // A letter that is lost could make two groups one.
    if !lower.is_ascii() {
        return None;
    }
    let words: Vec<&str> = lower.split(|c| !is_word(c)).filter(|word| !word.is_empty()).collect();
    let slug = words.join("-");
    (1..=64).contains(&slug.len()).then_some(slug)
}

/// Leaves out of what users wrote themselves in the origin what they may not set here.
pub(crate) fn keep_settable(
    mut fields: Map<String, Value>,
    protected: &[String],
    advice: &'static str,
    found: &mut Found,
) -> Map<String, Value> {
    fields.retain(|name, _| {
        let field = protected.iter().find(|field| plain(field) == plain(name));
        found.changes.extend(field.map(|field| {
            let message = format!("the field {field:?}: users set it themselves in the origin, and may not here");
            Reason::new("FIELD_SET_BY_USER", message, advice)
        }));
        field.is_none()
    });
    fields
}

/// Returns an identity of which nothing but whose it is is known.
pub(crate) fn identity(user_id: &str, provider: String, account_id: String, at: OffsetDateTime) -> Identity {
    Identity {
        user_id: user_id.to_owned(),
        provider,
        account_id,
        scopes: Vec::new(),
        access_token: None,
        refresh_token: None,
        id_token: None,
        access_token_expires_at: None,
        refresh_token_expires_at: None,
        created_at: at,
        updated_at: at,
    }
}

/// Writes the bytes of a key in base 32, as records have secrets of authenticator apps.
pub(crate) fn base32(key: &[u8]) -> String {
    TotpSecret::from_bytes(Zeroizing::new(key.to_vec())).to_base32().to_string()
}

/// Tells of somebody whom no mail reaches.
pub(crate) fn no_address(has_telephone: bool) -> Reason {
    Reason::new(
        "NO_ADDRESS",
        if has_telephone { "has a telephone number, but no address" } else { "has no address" },
        "give the user an address in the origin: nobody is here without one",
    )
}

/// Tells of a group that no role can be called like.
pub(crate) fn no_role(group: &str) -> Reason {
    Reason::new(
        "GROUP_LEFT_OUT",
        format!("the group {group:?} can be no role: its name has to be of 1 to 64 of A-Z a-z 0-9 _ : -"),
        "rename the group in the origin, or give a role with `authgate users set-role`",
    )
}

/// Tells of a group whose members would have a role that stands for more.
pub(crate) fn reserved_role(group: &str, role: &str) -> Reason {
    Reason::new(
        "GROUP_LEFT_OUT",
        format!("the group {group:?} would give the role {role:?}, which administrators have"),
        "rename the group in the origin, or give the role to whoever shall have it with `authgate users set-role`",
    )
}

/// Tells of a password whose hash cannot be verified.
pub(crate) fn unusable_password(error: &UnusableHash) -> Reason {
    Reason::new(
        "PASSWORD_HASH_UNUSABLE",
        format!("the hash: {error}"),
        "the user comes without a password, and chooses one with \"Forgot your password?\"",
    )
}

/// Is a second factor of somebody's at the origin.
#[derive(Debug)]
pub(crate) enum Factor {
    /// Is an authenticator app.
    App { secret: String, backup_codes: Vec<String>, enabled_at: OffsetDateTime },
    /// Is one that nothing here is like, with what is the matter.
    Other(String),
}

/// Hands over second factors. Nobody who had one comes with a password alone: where none of theirs can come, codes are
/// mailed to them.
pub(crate) fn push_factors(user_id: &str, factors: Vec<Factor>, now: OffsetDateTime, found: &mut Found) {
    let push = |found: &mut Found, secret, backup_codes, enabled_at| {
        let (user_id, backup_code_hashes) = (user_id.to_owned(), Vec::new());
        let factor = TwoFactor { user_id, secret, backup_codes, backup_code_hashes, enabled_at };
        found.push(Record::TwoFactor(factor));
    };
    let (mut has_app, mut has_other) = (false, false);
    for factor in factors {
        match factor {
            Factor::App { secret, backup_codes, enabled_at } => {
                has_app = true;
                push(found, Some(secret), backup_codes, enabled_at);
            }
            Factor::Other(message) => {
                has_other = true;
                found.changes.push(Reason::new(
                    "SECOND_FACTOR_UNUSABLE",
                    message,
                    "the user proves sign-ins with an app that came, else with mailed codes, until they set one up anew",
                ));
            }
        }
    }
    if has_other && !has_app {
        push(found, None, Vec::new(), now);
    }
}

/// Tells of a passkey, which works nowhere but where it was registered.
pub(crate) fn passkey_left_out() -> Reason {
    Reason::new(
        "PASSKEY_LEFT_OUT",
        "a security key or passkey is bound to the origin's own domain",
        "the user registers it anew",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_are_roles_where_nothing_is_lost() {
        for (group, role) in [
            ("editors", Some("editors")),
            ("Night shift", Some("night-shift")),
            ("/staff/night", Some("staff-night")),
            (" A & B ", Some("a-b")),
            ("größe", None),
            ("&", None),
            ("", None),
        ] {
            assert_eq!(slug(group).as_deref(), role, "{group:?}");
        }
        assert_eq!(slug(&"a".repeat(65)), None);
    }

    #[test]
    fn nobody_brings_what_they_may_not_set() {
        let fields = [("plan", "enterprise"), ("color", "red")].map(|(name, value)| (name.to_owned(), value.into()));
        let mut found = Found::default();
        let kept = keep_settable(fields.into_iter().collect(), &["Plan".to_owned()], "x", &mut found);
        assert_eq!(kept.keys().collect::<Vec<_>>(), ["color"]);
        assert_eq!(found.changes.iter().map(|reason| reason.code).collect::<Vec<_>>(), ["FIELD_SET_BY_USER"]);
    }

    #[test]
    fn names_are_joined() {
        let name = |first: &str, last: &str| full_name(Some(first.to_owned()), Some(last.to_owned()));
        assert_eq!(name("Ada ", "Lovelace"), "Ada Lovelace");
        assert_eq!((name("", "Lovelace").as_str(), full_name(None, None).as_str()), ("Lovelace", ""));
    }
}
