//! Tests what people are told, and what is stored of it.

use std::collections::HashSet;

use crate::{
    language::{Language, Texts},
    mail::{
        CodeUse, Look,
        message::{
            kinds::Message,
            render::{Rendered, duration, place},
        },
    },
};

const LINK: &str = "https://app.example.com/api/auth/verify?token=abc&x=1";

impl Message {
    fn in_language(&self, language: Language) -> Rendered {
        let look = Look::from_sender(&"Example <no-reply@example.com>".parse().unwrap());
        self.render(&look, Texts::new(language)).unwrap()
    }

    fn in_english(&self) -> Rendered {
        self.in_language(Language::English)
    }
}

fn verify_email(name: &str) -> Message {
    Message::VerifyEmail { name: name.to_owned(), link: LINK.to_owned(), expires_in_minutes: 15 }
}

fn account_exists(name: &str) -> Message {
    Message::AccountExists { name: name.to_owned(), sign_in_link: LINK.to_owned() }
}

fn reset_password() -> Message {
    Message::ResetPassword { name: "Alice".to_owned(), link: LINK.to_owned(), expires_in_minutes: 60 }
}

fn password_changed() -> Message {
    Message::PasswordChanged { name: "Alice".to_owned(), reset_link: LINK.to_owned() }
}

/// Returns what is written about an account's address and its end.
fn about_the_account(name: &str) -> [Message; 8] {
    let (name, link) = (name.to_owned(), LINK.to_owned());
    let new_email = "new&improved@example.org".to_owned();
    [
        Message::ChangeEmail { name: name.clone(), link: link.clone(), expires_in_minutes: 15 },
        Message::EmailChangeRequested { name: name.clone(), new_email: new_email.clone(), reset_link: link.clone() },
        Message::EmailChanged { name: name.clone(), link: link.clone() },
        Message::ConsentEmailChange { name: name.clone(), new_email, link: link.clone(), expires_in_minutes: 15 },
        Message::EmailChangedWithUndo { name: name.clone(), link: link.clone() },
        Message::EmailChangeUndone { name: name.clone(), link: link.clone() },
        Message::DeleteUser { name: name.clone(), link: link.clone(), expires_in_minutes: 24 * 60 },
        Message::UserDeleted { name, link },
    ]
}

#[test]
fn tells_of_addresses_and_deletion() {
    for (message, subject, part) in about_the_account("Alice")
        .into_iter()
        .zip([
            ("Confirm your new e-mail address for Example", "15 minutes"),
            ("Your e-mail address for Example is to be changed", "set a new password"),
            ("Your e-mail address for Example was changed", "not you"),
            ("Allow another e-mail address for Example?", "set a new password"),
            ("Your e-mail address for Example was changed", "7 days"),
            ("A change of e-mail address for Example was undone", "no longer"),
            ("Delete your account at Example?", "24 hours"),
            ("Your account at Example was deleted", "not you"),
        ])
        .map(|(message, (subject, part))| (message, subject, part))
    {
        let mail = message.in_english();
        assert_eq!(mail.subject, subject);
        for part in ["Hello Alice,", part] {
            assert!(mail.text.contains(part), "{part} in {}", mail.text);
            assert!(mail.html.contains(part), "{part} in {}", mail.html);
        }
    }
    let [_, requested, ..] = about_the_account("<b>").map(|message| message.in_english());
    assert!(requested.text.contains("new&improved@example.org"), "{}", requested.text);
    assert!(requested.html.contains("new&#38;improved@example.org"), "{}", requested.html);
    assert!(requested.html.contains("&#60;b&#62;"), "{}", requested.html);
}

#[test]
fn welcomes_whom_an_operator_made_an_account_for() {
    let message = Message::Welcome { name: "Alice".to_owned(), link: LINK.to_owned(), expires_in_minutes: 7 * 24 * 60 };
    let mail = message.in_english();
    assert_eq!(mail.subject, "Your account at Example");
    for part in ["Hello Alice,", "7 days", "password", "without access to this mailbox"] {
        assert!(mail.text.contains(part), "{part} in {}", mail.text);
        assert!(mail.html.contains(part), "{part} in {}", mail.html);
    }
    assert!(mail.text.contains(LINK), "{}", mail.text);
}

#[test]
fn tells_of_passwords() {
    let mail = reset_password().in_english();
    assert_eq!(mail.subject, "Set a new password for Example");
    for part in ["Hello Alice,", "60 minutes", "ignore"] {
        assert!(mail.text.contains(part), "{part} in {}", mail.text);
        assert!(mail.html.contains(part), "{part} in {}", mail.html);
    }
    let mail = password_changed().in_english();
    assert_eq!(mail.subject, "Your password for Example was changed");
    assert!(mail.text.contains("was not you") && mail.html.contains("was not you"), "{}", mail.text);
}

fn new_device(name: &str) -> Message {
    Message::NewDevice {
        name: name.to_owned(),
        device: "Firefox on Linux".to_owned(),
        location: Some("Gothenburg, Sweden".to_owned()),
        ip: "203.0.113.7".to_owned(),
        time: "21 November 2026, 00:45 UTC".to_owned(),
        link: LINK.to_owned(),
    }
}

#[test]
fn says_where_somebody_signed_in() {
    let mail = new_device("Alice").in_english();
    assert_eq!(mail.subject, "New sign-in to your account at Example");
    for part in ["Hello Alice,", "Firefox on Linux", "Gothenburg, Sweden (203.0.113.7)", "21 November 2026, 00:45 UTC"]
    {
        assert!(mail.text.contains(part), "{part} in {}", mail.text);
        assert!(mail.html.contains(part), "{part} in {}", mail.html);
    }
    assert_eq!(place(None, "203.0.113.7"), "203.0.113.7");
}

#[test]
fn says_who_what_and_how_long() {
    let mail = verify_email("Alice").in_english();
    assert_eq!(mail.subject, "Confirm your e-mail address for Example");
    for part in ["Hello Alice,", "15 minutes", "Example", "ignore"] {
        assert!(mail.text.contains(part), "{part} in {}", mail.text);
        assert!(mail.html.contains(part), "{part} in {}", mail.html);
    }
    let mail = account_exists("").in_english();
    assert!(mail.text.starts_with("Hello,\n"), "{}", mail.text);
    assert!(mail.text.contains("already have an account"), "{}", mail.text);
    assert_eq!(duration(1, Texts::new(Language::English)), "1 minute");
}

#[test]
fn carries_its_link_once_as_text_and_as_button_and_text_in_html() {
    let others =
        [verify_email("Alice"), account_exists("Alice"), new_device("Alice"), reset_password(), password_changed()];
    let others = others.into_iter().chain([magic_link()]).chain(about_passkeys());
    for message in others.chain(about_the_account("Alice")) {
        let mail = message.in_english();
        assert_eq!(message.link(), Some(LINK));
        assert_eq!(mail.text.matches("https://").count(), 1, "{}", mail.text);
        assert!(mail.text.lines().any(|line| line == LINK), "a line of its own: {}", mail.text);
        let escaped = LINK.replace('&', "&#38;");
        assert_eq!(mail.html.matches("https://").count(), 2, "{}", mail.html);
        assert!(mail.html.contains(&format!("href=\"{escaped}\"")), "{}", mail.html);
        assert!(mail.html.contains(&format!(">{escaped}<")), "{}", mail.html);
        assert!(!mail.html.contains("<img") && !mail.html.contains("src="), "nothing is loaded from anywhere");
    }
}

/// Returns what is written about passkeys.
fn about_passkeys() -> [Message; 2] {
    let (name, reset_link) = ("Alice".to_owned(), LINK.to_owned());
    [
        Message::PasskeyAdded { name: name.clone(), reset_link: reset_link.clone() },
        Message::PasskeyRemoved { name, reset_link },
    ]
}

#[test]
fn tells_of_passkeys() {
    for (message, subject) in about_passkeys()
        .into_iter()
        .zip(["A passkey was added to your account at Example", "A passkey of your account at Example was removed"])
    {
        let mail = message.in_english();
        assert_eq!(mail.subject, subject);
        for part in ["Hello Alice,", "not you", "sign in and"] {
            assert!(mail.text.contains(part), "{part} in {}", mail.text);
            assert!(mail.html.contains(part), "{part} in {}", mail.html);
        }
    }
}

fn magic_link() -> Message {
    Message::MagicLink { name: "Alice".to_owned(), link: LINK.to_owned(), expires_in_minutes: 5 }
}

#[test]
fn a_code_stands_alone_and_comes_without_a_link() {
    for (code_use, subject) in [
        (CodeUse::SignIn, "Your code to sign in to Example"),
        (CodeUse::VerifyEmail, "Your code to confirm your e-mail address for Example"),
        (CodeUse::ResetPassword, "Your code to set a new password for Example"),
        (CodeUse::ChangeEmail, "Your code to confirm your new e-mail address for Example"),
    ] {
        let code = "012345".to_owned();
        let message = Message::Code { name: "<b>".to_owned(), code, code_use, expires_in_minutes: 5 };
        let mail = message.in_english();
        assert_eq!((mail.subject.as_str(), message.link()), (subject, None));
        assert!(mail.text.lines().any(|line| line == "012345"), "{}", mail.text);
        assert!(mail.text.contains("5 minutes") && mail.html.contains("5 minutes"), "{}", mail.text);
        assert!(mail.html.contains(">012345<") && mail.html.contains("&#60;b&#62;"), "{}", mail.html);
        assert!(!mail.text.contains("http") && !mail.html.contains("href"), "{}", mail.html);
        assert!(!mail.subject.contains("012345"), "a locked screen shows the subject");
    }
}

#[test]
fn a_name_is_text_and_nothing_else() {
    let mail = verify_email("<b onclick='x'>\"A\" & B").in_english();
    assert!(mail.html.contains("Hello &#60;b onclick=&#39;x&#39;&#62;&#34;A&#34; &#38; B,"), "{}", mail.html);
    assert!(mail.text.contains("Hello <b onclick='x'>\"A\" & B,"), "{}", mail.text);

    let mail = verify_email("Eve\r\nBcc: all@example.com\r\n\r\nHi").in_english();
    assert!(mail.text.starts_with("Hello,\n") && !mail.subject.contains('\n'), "{}", mail.text);

    let mail = verify_email("Visit http://evil").in_english();
    assert!(!mail.text.contains("evil") && !mail.html.contains("evil"), "{}", mail.text);
}

#[test]
fn the_stored_form_stays() {
    let stored = r#"{"kind":"verify_email","name":"A","link":"L","expires_in_minutes":15}"#;
    let message: Message = serde_json::from_str(stored).unwrap();
    assert_eq!(serde_json::to_string(&message).unwrap(), stored);
    let others = [verify_email("A"), account_exists("A"), new_device("A"), reset_password(), password_changed()];
    for message in others.into_iter().chain(about_the_account("A")).chain(about_passkeys()) {
        assert_eq!(serde_json::to_value(&message).unwrap()["kind"], message.kind());
        assert_eq!(format!("{message:?}"), format!("Message({})", message.kind()));
    }
}

/// Returns what is written about a second factor, and an invitation.
fn about_factors_and_organizations(name: &str) -> [Message; 6] {
    let (name, link, reset_link) = (name.to_owned(), LINK.to_owned(), LINK.to_owned());
    [
        Message::TwoFactorCode {
            name: name.clone(),
            code: "012345".to_owned(),
            expires_in_minutes: 5,
            link: link.clone(),
        },
        Message::TwoFactorEnabled { name: name.clone(), reset_link: reset_link.clone() },
        Message::TwoFactorDisabled { name: name.clone(), reset_link: reset_link.clone() },
        Message::BackupCodeUsed { name: name.clone(), left: 9, reset_link: reset_link.clone() },
        Message::BackupCodesReplaced { name: name.clone(), reset_link },
        Message::OrganizationInvitation {
            name,
            organization: "Acme".to_owned(),
            inviter: "ada@example.com".to_owned(),
            link,
            expires_in_minutes: 2 * 24 * 60,
        },
    ]
}

fn every_kind(name: &str) -> Vec<Message> {
    let (link, code) = (LINK.to_owned(), "012345".to_owned());
    let mut all =
        vec![verify_email(name), account_exists(name), new_device(name), reset_password(), password_changed()];
    all.push(Message::Welcome { name: name.to_owned(), link: link.clone(), expires_in_minutes: 7 * 24 * 60 });
    all.push(Message::FailedSignIns { name: name.to_owned(), reset_link: link });
    all.push(magic_link());
    all.extend(about_the_account(name));
    all.extend(about_passkeys());
    all.extend(about_factors_and_organizations(name));
    all.extend(
        [CodeUse::SignIn, CodeUse::VerifyEmail, CodeUse::ResetPassword, CodeUse::ChangeEmail].map(|code_use| {
            Message::Code { name: name.to_owned(), code: code.clone(), code_use, expires_in_minutes: 5 }
        }),
    );
    all
}

#[test]
fn every_mail_is_written_in_every_language() {
    for message in every_kind("Alice") {
        let mut subjects = HashSet::new();
        for language in Language::ALL {
            let mail = message.in_language(language);
            assert!(mail.html.contains(&format!("<html lang=\"{}\" dir=\"ltr\">", language.code())), "{}", mail.html);
            for part in [&mail.subject, &mail.text, &mail.html] {
                assert!(!part.contains("mail-") && !part.contains("{ $"), "{message:?} in {language:?}: {part}");
            }
            assert!(mail.subject.contains("Example"), "{}", mail.subject);
            assert!(subjects.insert(mail.subject), "{message:?} has one subject in two languages");
        }
    }
}

#[test]
fn an_arabic_name_reorders_nothing_and_leaves_no_marks_in_subjects() {
    let [.., invitation] = about_factors_and_organizations("ليلى");
    let Message::OrganizationInvitation { name, inviter, link, expires_in_minutes, .. } = invitation else { panic!() };
    let organization = "جمعية".to_owned();
    let mail = Message::OrganizationInvitation { name, organization, inviter, link, expires_in_minutes };
    let mail = mail.in_language(Language::German);
    assert!(mail.text.starts_with("Guten Tag \u{2068}ليلى\u{2069},\n"), "{}", mail.text);
    assert_eq!(mail.subject, "Einladung: جمعية bei Example");
}
