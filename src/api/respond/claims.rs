//! Chooses what a token says of its user. Tokens travel in headers, of which servers take some kilobytes.

use crate::{api::respond::views::UserView, auth::User, sessions::jwt::MAX_USER, types::UserFields};

/// Limits what tokens say of additional fields, in bytes.
const MAX_FIELDS: usize = 1024;

/// Returns the user as `get-session` shows them, without additional fields that are long. Where that does not suffice
/// for [`MAX_USER`], all fields and the picture are left out, and then roles and name, of which only an operator can
/// have written so much.
pub(crate) fn claims<'u>(user: &'u User, fields: &UserFields) -> UserView<'u> {
    let mut view = UserView::new(user, fields);
    if length(&view.additional_fields) > MAX_FIELDS {
        view.additional_fields.clear();
    }
    let shorten: [fn(&mut UserView<'u>); 4] = [
        |view| view.additional_fields.clear(),
        |view| view.image = None,
        |view| view.role.clear(),
        |view| view.name = "",
    ];
    for shorten in shorten {
        if length(&view) <= MAX_USER {
            break;
        }
        shorten(&mut view);
    }
    view
}

/// # Panics
/// Never: texts serialise.
fn length(value: &impl serde::Serialize) -> usize {
    serde_json::to_vec(value).expect("texts serialise").len()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use time::macros::datetime;

    use super::*;
    use crate::{
        crypto::{KeyAlgorithm, Keyring},
        sessions::{JWT_PURPOSE, JwtSettings, Jwts, jwt::PresentedJwt},
        types::{FieldType, PublicUrl, Secret, SessionId, UserField},
    };

    const NOW: time::OffsetDateTime = datetime!(2026-01-02 03:04:05 UTC);

    fn fields() -> UserFields {
        UserFields::new(vec![UserField {
            name: "note".into(),
            kind: FieldType::String,
            required: false,
            input: true,
            returned: true,
            default: Value::Null,
            max_length: 5000,
            header: None,
        }])
    }

    fn user(name: &str, image: &str, roles: usize, note: usize) -> User {
        User {
            id: "u".repeat(64).parse().unwrap(),
            email: format!("{}@{}example.com", "a".repeat(64), "a.".repeat(89)).parse().unwrap(),
            email_verified: false,
            name: name.into(),
            image: Some(image.into()),
            roles: vec!["r".repeat(64); roles],
            additional_fields: json!({ "note": "x".repeat(note) }),
            two_factor_enabled: false,
            language: None,
            created_at: NOW,
            updated_at: NOW,
        }
    }

    #[test]
    fn a_token_leaves_out_fields_that_are_long() {
        for (length, is_there) in [(1000, true), (3000, false)] {
            let (user, fields) = (user("A", "", 0, length), fields());
            assert_eq!(claims(&user, &fields).additional_fields.contains_key("note"), is_there, "{length}");
        }
    }

    #[test]
    fn the_token_of_the_longest_user_is_taken_back() {
        let issuer = PublicUrl::parse(&format!("https://{}example.com:65535", "a.".repeat(120))).unwrap();
        let settings = JwtSettings { audience: Some("a".repeat(255)), ..JwtSettings::default() };
        let signer = Keyring::new(&[Secret::new("s".repeat(32))]).signer(JWT_PURPOSE, KeyAlgorithm::Es256);
        let jwts = Jwts::new(&settings, &issuer, signer);
        let (session, fields): (SessionId, _) = ("s".repeat(64).parse().unwrap(), fields());
        for (name, image, roles, expected) in [
            ("\u{1f600}".repeat(100), "\"".repeat(100), 1, [true, true, true, true]),
            ("\"".repeat(200), "a".repeat(1000), 1, [false, true, true, true]),
            ("\"".repeat(200), "a".repeat(2048), 1, [false, false, true, true]),
            ("\u{1f600}".repeat(200), "\"".repeat(2048), 40, [false, false, false, true]),
            ("A".to_owned(), "\"".repeat(2048), 100, [false, false, false, true]),
            ("x".repeat(5000), "a".to_owned(), 1, [false, false, false, false]),
        ] {
            let user = user(&name, &image, roles, 500);
            let view = claims(&user, &fields);
            let has_note = view.additional_fields.contains_key("note");
            let has = [has_note, view.image.is_some(), !view.role.is_empty(), !view.name.is_empty()];
            assert_eq!(has, expected, "{roles} roles");
            let token = jwts.issue((&session, &user.id), &view, (&["pwd", "otp", "mfa"], Some(&user.id)), NOW);
            let token = PresentedJwt::parse(&token).unwrap_or_else(|| panic!("{} bytes", token.len()));
            assert_eq!(jwts.verify(&token, NOW).unwrap().user_id, user.id);
        }
    }
}
