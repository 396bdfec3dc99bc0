//! Says what is written: one variant a kind of mail, rendered to a subject, a plain text and an HTML page.
//!
//! Knows nothing of transports. The serialised form is stored (sealed) in the outbox, so variants and fields only grow.

use std::fmt;

use askama::Template;
use serde::{Deserialize, Serialize};

use crate::mail::{
    code::{self, CodeUse},
    name,
};

/// Describes a mail to one person. Serialised with its kind as tag.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Message {
    /// Proves that the address is theirs.
    VerifyEmail {
        name: String,
        link: String,
        expires_in_minutes: u64,
    },
    /// Is sent instead when somebody signs up with an address that has an account (ENUM-*).
    AccountExists {
        name: String,
        sign_in_link: String,
    },
    /// Lets its reader set a new password.
    ResetPassword {
        name: String,
        link: String,
        expires_in_minutes: u64,
    },
    /// Somebody, hopefully the owner, set a new password.
    PasswordChanged {
        name: String,
        reset_link: String,
    },
    /// Goes to a new address and makes it the account's.
    ChangeEmail {
        name: String,
        link: String,
        expires_in_minutes: u64,
    },
    /// Goes to the address so far, at the same time (MAIL-12).
    EmailChangeRequested {
        name: String,
        new_email: String,
        reset_link: String,
    },
    /// Goes to the address until now. It does not name the new one: the old mailbox may be somebody else's by now.
    EmailChanged {
        name: String,
        link: String,
    },
    /// Goes to the address so far, where a session that was not proved lately asked, and lets it allow the change
    /// (MAIL-15).
    ConsentEmailChange {
        name: String,
        new_email: String,
        link: String,
        expires_in_minutes: u64,
    },
    /// Is as `EmailChanged`, with a link that undoes the change. It carries no new address either.
    EmailChangedWithUndo {
        name: String,
        link: String,
    },
    /// Goes to the address that is the account's no longer, since the one before took the account back.
    EmailChangeUndone {
        name: String,
        link: String,
    },
    /// Confirms that the account is to be deleted.
    DeleteUser {
        name: String,
        link: String,
        expires_in_minutes: u64,
    },
    /// The account is gone.
    UserDeleted {
        name: String,
        link: String,
    },
    /// Wrong passwords came in so large a number that sign-ins are refused for a while (BRUTE-08).
    FailedSignIns {
        name: String,
        reset_link: String,
    },
    /// Somebody signed in with a browser or system that was not seen with the account before (BRUTE-08). All texts are
    /// shown as they are; none of them is a client's.
    NewDevice {
        name: String,
        device: String,
        location: Option<String>,
        ip: String,
        time: String,
        link: String,
    },
    /// Carries a code to type, and no link.
    Code {
        name: String,
        code: String,
        code_use: CodeUse,
        expires_in_minutes: u64,
    },
    /// Signs its reader in, or up.
    MagicLink {
        name: String,
        link: String,
        expires_in_minutes: u64,
    },
    /// Holds a code of a second factor.
    TwoFactorCode {
        name: String,
        code: String,
        expires_in_minutes: u64,
        link: String,
    },
    /// A second factor came into force.
    TwoFactorEnabled {
        name: String,
        reset_link: String,
    },
    TwoFactorDisabled {
        name: String,
        reset_link: String,
    },
    /// A backup code was used up; so many are left.
    BackupCodeUsed {
        name: String,
        left: u64,
        reset_link: String,
    },
    BackupCodesReplaced {
        name: String,
        reset_link: String,
    },
}

/// Holds a message as people see it.
#[derive(Clone, PartialEq, Eq)]
pub struct Rendered {
    pub subject: String,
    pub text: String,
    pub html: String,
}

/// Says how one kind of mail is rendered: as plain text and as HTML, with what all of them show and these further
/// texts.
macro_rules! template {
    ($name:ident, $text:literal, $html:literal $(, $field:ident)*) => {
        fn $name(frame: &Frame<'_>, $($field: &str),*) -> Result<Bodies, askama::Error> {
            #[derive(Template)]
            #[template(path = $text)]
            struct Text<'a> {
                greeting: &'a str,
                app: &'a str,
                link: &'a str,
                $($field: &'a str,)*
            }
            #[derive(Template)]
            #[template(path = $html)]
            struct Html<'a> {
                greeting: &'a str,
                app: &'a str,
                link: &'a str,
                $($field: &'a str,)*
            }
            let Frame { greeting, app, link } = *frame;
            let text = Text { greeting, app, link, $($field),* }.render()?;
            let html = Html { greeting, app, link, $($field),* }.render()?;
            Ok((text, html))
        }
    };
}

/// Holds what every mail shows.
#[derive(Clone, Copy)]
struct Frame<'a> {
    greeting: &'a str,
    app: &'a str,
    link: &'a str,
}

/// Holds plain text and HTML.
type Bodies = (String, String);

template!(verify_email, "verify_email.txt", "verify_email.html", expiry);
template!(account_exists, "account_exists.txt", "account_exists.html");
template!(reset_password, "reset_password.txt", "reset_password.html", expiry);
template!(password_changed, "password_changed.txt", "password_changed.html");
template!(change_email, "change_email.txt", "change_email.html", expiry);
template!(email_change_requested, "email_change_requested.txt", "email_change_requested.html", new_email);
template!(email_changed, "email_changed.txt", "email_changed.html");
template!(consent_email_change, "consent_email_change.txt", "consent_email_change.html", new_email, expiry);
template!(email_changed_with_undo, "email_changed_with_undo.txt", "email_changed_with_undo.html");
template!(email_change_undone, "email_change_undone.txt", "email_change_undone.html");
template!(delete_user, "delete_user.txt", "delete_user.html", expiry);
template!(user_deleted, "user_deleted.txt", "user_deleted.html");
template!(failed_sign_ins, "failed_sign_ins.txt", "failed_sign_ins.html");
template!(two_factor_code, "two_factor_code.txt", "two_factor_code.html", code, expiry);
template!(two_factor_enabled, "two_factor_enabled.txt", "two_factor_enabled.html");
template!(two_factor_disabled, "two_factor_disabled.txt", "two_factor_disabled.html");
template!(backup_code_used, "backup_code_used.txt", "backup_code_used.html", left);
template!(backup_codes_replaced, "backup_codes_replaced.txt", "backup_codes_replaced.html");
template!(new_device, "new_device.txt", "new_device.html", device, place, time);
template!(magic_link, "magic_link.txt", "magic_link.html", expiry);

impl Message {
    /// Returns the stored name of the kind; also for logs.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::VerifyEmail { .. } => "verify_email",
            Self::AccountExists { .. } => "account_exists",
            Self::ResetPassword { .. } => "reset_password",
            Self::PasswordChanged { .. } => "password_changed",
            Self::ChangeEmail { .. } => "change_email",
            Self::EmailChangeRequested { .. } => "email_change_requested",
            Self::EmailChanged { .. } => "email_changed",
            Self::ConsentEmailChange { .. } => "consent_email_change",
            Self::EmailChangedWithUndo { .. } => "email_changed_with_undo",
            Self::EmailChangeUndone { .. } => "email_change_undone",
            Self::DeleteUser { .. } => "delete_user",
            Self::UserDeleted { .. } => "user_deleted",
            Self::FailedSignIns { .. } => "failed_sign_ins",
            Self::NewDevice { .. } => "new_device",
            Self::Code { .. } => "code",
            Self::MagicLink { .. } => "magic_link",
            Self::TwoFactorCode { .. } => "two_factor_code",
            Self::TwoFactorEnabled { .. } => "two_factor_enabled",
            Self::TwoFactorDisabled { .. } => "two_factor_disabled",
            Self::BackupCodeUsed { .. } => "backup_code_used",
            Self::BackupCodesReplaced { .. } => "backup_codes_replaced",
        }
    }

    /// Returns whom it greets, and the one link that it carries; an empty one where there is none.
    fn name_and_link(&self) -> (&str, &str) {
        match self {
            Self::VerifyEmail { name, link, .. }
            | Self::ResetPassword { name, link, .. }
            | Self::ChangeEmail { name, link, .. }
            | Self::EmailChanged { name, link }
            | Self::ConsentEmailChange { name, link, .. }
            | Self::EmailChangedWithUndo { name, link }
            | Self::EmailChangeUndone { name, link }
            | Self::DeleteUser { name, link, .. }
            | Self::UserDeleted { name, link }
            | Self::NewDevice { name, link, .. }
            | Self::MagicLink { name, link, .. }
            | Self::TwoFactorCode { name, link, .. }
            | Self::TwoFactorEnabled { name, reset_link: link }
            | Self::TwoFactorDisabled { name, reset_link: link }
            | Self::BackupCodeUsed { name, reset_link: link, .. }
            | Self::BackupCodesReplaced { name, reset_link: link }
            | Self::AccountExists { name, sign_in_link: link }
            | Self::PasswordChanged { name, reset_link: link }
            | Self::EmailChangeRequested { name, reset_link: link, .. }
            | Self::FailedSignIns { name, reset_link: link } => (name, link),
            Self::Code { name, .. } => (name, ""),
        }
    }

    /// Returns the link that the mail carries, if it does.
    #[must_use]
    pub fn link(&self) -> Option<&str> {
        Some(self.name_and_link().1).filter(|link| !link.is_empty())
    }

    /// Renders for the application of this name, which is the operator's own text.
    pub fn render(&self, app: &str) -> Result<Rendered, askama::Error> {
        let app = &name::single_line(app);
        let (name, link) = self.name_and_link();
        let frame = &Frame { greeting: &greeting(name), app, link };
        let (subject, (text, html)) = match self {
            Self::VerifyEmail { expires_in_minutes, .. } => {
                (format!("Confirm your e-mail address for {app}"), verify_email(frame, &minutes(*expires_in_minutes))?)
            }
            Self::AccountExists { .. } => (format!("You already have an account at {app}"), account_exists(frame)?),
            Self::ResetPassword { expires_in_minutes, .. } => {
                (format!("Set a new password for {app}"), reset_password(frame, &minutes(*expires_in_minutes))?)
            }
            Self::PasswordChanged { .. } => (format!("Your password for {app} was changed"), password_changed(frame)?),
            Self::ChangeEmail { expires_in_minutes, .. } => (
                format!("Confirm your new e-mail address for {app}"),
                change_email(frame, &minutes(*expires_in_minutes))?,
            ),
            Self::EmailChangeRequested { new_email, .. } => {
                (format!("Your e-mail address for {app} is to be changed"), email_change_requested(frame, new_email)?)
            }
            Self::EmailChanged { .. } => (format!("Your e-mail address for {app} was changed"), email_changed(frame)?),
            Self::ConsentEmailChange { new_email, expires_in_minutes, .. } => (
                format!("Allow another e-mail address for {app}?"),
                consent_email_change(frame, new_email, &minutes(*expires_in_minutes))?,
            ),
            Self::EmailChangedWithUndo { .. } => {
                (format!("Your e-mail address for {app} was changed"), email_changed_with_undo(frame)?)
            }
            Self::EmailChangeUndone { .. } => {
                (format!("A change of e-mail address for {app} was undone"), email_change_undone(frame)?)
            }
            Self::DeleteUser { expires_in_minutes, .. } => {
                (format!("Delete your account at {app}?"), delete_user(frame, &minutes(*expires_in_minutes))?)
            }
            Self::UserDeleted { .. } => (format!("Your account at {app} was deleted"), user_deleted(frame)?),
            Self::FailedSignIns { .. } => {
                (format!("Many failed sign-ins to your account at {app}"), failed_sign_ins(frame)?)
            }
            Self::NewDevice { device, location, ip, time, .. } => (
                format!("New sign-in to your account at {app}"),
                new_device(frame, device, &place(location.as_deref(), ip), time)?,
            ),
            Self::Code { code, code_use, expires_in_minutes, .. } => (
                code_use.subject(app),
                code::bodies((frame.greeting, app), *code_use, code, &minutes(*expires_in_minutes))?,
            ),
            Self::MagicLink { expires_in_minutes, .. } => {
                (format!("Sign in to {app}"), magic_link(frame, &minutes(*expires_in_minutes))?)
            }
            Self::TwoFactorCode { code, expires_in_minutes, .. } => {
                (format!("Your code for {app}"), two_factor_code(frame, code, &minutes(*expires_in_minutes))?)
            }
            Self::TwoFactorEnabled { .. } => {
                (format!("Signing in to {app} takes a second factor now"), two_factor_enabled(frame)?)
            }
            Self::TwoFactorDisabled { .. } => {
                (format!("Signing in to {app} takes no second factor any more"), two_factor_disabled(frame)?)
            }
            Self::BackupCodeUsed { left, .. } => {
                (format!("A backup code for {app} was used"), backup_code_used(frame, &left.to_string())?)
            }
            Self::BackupCodesReplaced { .. } => {
                (format!("Your backup codes for {app} were replaced"), backup_codes_replaced(frame)?)
            }
        };
        Ok(Rendered { subject, text, html })
    }
}

/// Writes the kind alone: links open accounts, names are personal.
impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Message({})", self.kind())
    }
}

impl fmt::Debug for Rendered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Rendered")
    }
}

fn greeting(name: &str) -> String {
    name::presentable(name).map_or_else(|| "Hello,".to_owned(), |name| format!("Hello {name},"))
}

/// Returns `Gothenburg, Sweden (203.0.113.7)`, or the address alone. The name of a place comes out of the operator's
/// file.
fn place(location: Option<&str>, ip: &str) -> String {
    location.map_or_else(|| ip.to_owned(), |location| format!("{} ({ip})", name::single_line(location)))
}

fn minutes(count: u64) -> String {
    match count {
        1 => "1 minute".to_owned(),
        _ if count >= 120 && count.is_multiple_of(60) => format!("{} hours", count / 60),
        _ => format!("{count} minutes"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINK: &str = "https://app.example.com/api/auth/verify?token=abc&x=1";

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
            Message::EmailChangeRequested {
                name: name.clone(),
                new_email: new_email.clone(),
                reset_link: link.clone(),
            },
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
            let mail = message.render("Example").unwrap();
            assert_eq!(mail.subject, subject);
            for part in ["Hello Alice,", part] {
                assert!(mail.text.contains(part), "{part} in {}", mail.text);
                assert!(mail.html.contains(part), "{part} in {}", mail.html);
            }
        }
        let [_, requested, ..] = about_the_account("<b>").map(|message| message.render("Example").unwrap());
        assert!(requested.text.contains("new&improved@example.org"), "{}", requested.text);
        assert!(requested.html.contains("new&#38;improved@example.org"), "{}", requested.html);
        assert!(requested.html.contains("&#60;b&#62;"), "{}", requested.html);
    }

    #[test]
    fn tells_of_passwords() {
        let mail = reset_password().render("Example").unwrap();
        assert_eq!(mail.subject, "Set a new password for Example");
        for part in ["Hello Alice,", "60 minutes", "ignore"] {
            assert!(mail.text.contains(part), "{part} in {}", mail.text);
            assert!(mail.html.contains(part), "{part} in {}", mail.html);
        }
        let mail = password_changed().render("Example").unwrap();
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
        let mail = new_device("Alice").render("Example").unwrap();
        assert_eq!(mail.subject, "New sign-in to your account at Example");
        for part in
            ["Hello Alice,", "Firefox on Linux", "Gothenburg, Sweden (203.0.113.7)", "21 November 2026, 00:45 UTC"]
        {
            assert!(mail.text.contains(part), "{part} in {}", mail.text);
            assert!(mail.html.contains(part), "{part} in {}", mail.html);
        }
        assert_eq!(place(None, "203.0.113.7"), "203.0.113.7");
    }

    #[test]
    fn says_who_what_and_how_long() {
        let mail = verify_email("Alice").render("Example").unwrap();
        assert_eq!(mail.subject, "Confirm your e-mail address for Example");
        for part in ["Hello Alice,", "15 minutes", "Example", "ignore"] {
            assert!(mail.text.contains(part), "{part} in {}", mail.text);
            assert!(mail.html.contains(part), "{part} in {}", mail.html);
        }
        let mail = account_exists("").render("Example").unwrap();
        assert!(mail.text.starts_with("Hello,\n"), "{}", mail.text);
        assert!(mail.text.contains("already have an account"), "{}", mail.text);
        assert_eq!(minutes(1), "1 minute");
    }

    #[test]
    fn carries_its_link_once_as_text_and_as_button_and_text_in_html() {
        let others =
            [verify_email("Alice"), account_exists("Alice"), new_device("Alice"), reset_password(), password_changed()];
        let others = others.into_iter().chain([magic_link()]);
        for message in others.chain(about_the_account("Alice")) {
            let mail = message.render("Example").unwrap();
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
            let mail = message.render("Example").unwrap();
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
        let mail = verify_email("<b onclick='x'>\"A\" & B").render("Example").unwrap();
        assert!(mail.html.contains("Hello &#60;b onclick=&#39;x&#39;&#62;&#34;A&#34; &#38; B,"), "{}", mail.html);
        assert!(mail.text.contains("Hello <b onclick='x'>\"A\" & B,"), "{}", mail.text);

        let mail = verify_email("Eve\r\nBcc: all@example.com\r\n\r\nHi").render("Example").unwrap();
        assert!(mail.text.starts_with("Hello,\n") && !mail.subject.contains('\n'), "{}", mail.text);

        let mail = verify_email("Visit http://evil").render("Example").unwrap();
        assert!(!mail.text.contains("evil") && !mail.html.contains("evil"), "{}", mail.text);
    }

    #[test]
    fn the_stored_form_stays() {
        let stored = r#"{"kind":"verify_email","name":"A","link":"L","expires_in_minutes":15}"#;
        let message: Message = serde_json::from_str(stored).unwrap();
        assert_eq!(serde_json::to_string(&message).unwrap(), stored);
        let others = [verify_email("A"), account_exists("A"), new_device("A"), reset_password(), password_changed()];
        for message in others.into_iter().chain(about_the_account("A")) {
            assert_eq!(serde_json::to_value(&message).unwrap()["kind"], message.kind());
            assert_eq!(format!("{message:?}"), format!("Message({})", message.kind()));
        }
    }
}
