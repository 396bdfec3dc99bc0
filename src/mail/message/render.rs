//! Renders messages to a subject, a plain text and an HTML page.

use std::fmt;

use askama::Template;

use crate::mail::{code, message::kinds::Message, name};

/// Holds a message as people see it.
#[derive(Clone, PartialEq, Eq)]
pub struct Rendered {
    pub subject: String,
    pub text: String,
    pub html: String,
}

impl fmt::Debug for Rendered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Rendered")
    }
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
template!(welcome, "welcome.txt", "welcome.html", expiry);
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
template!(passkey_added, "passkey_added.txt", "passkey_added.html");
template!(passkey_removed, "passkey_removed.txt", "passkey_removed.html");
template!(new_device, "new_device.txt", "new_device.html", device, place, time);
template!(
    organization_invitation,
    "organization_invitation.txt",
    "organization_invitation.html",
    organization,
    inviter,
    expiry
);
template!(magic_link, "magic_link.txt", "magic_link.html", expiry);

impl Message {
    /// Renders for the application of this name, which is the operator's own text.
    pub fn render(&self, app: &str) -> Result<Rendered, askama::Error> {
        let app = &name::single_line(app);
        let (name, link) = self.name_and_link();
        let frame = &Frame { greeting: &greeting(name), app, link };
        let (subject, (text, html)) = match self {
            Self::VerifyEmail { expires_in_minutes, .. } => {
                (format!("Confirm your e-mail address for {app}"), verify_email(frame, &minutes(*expires_in_minutes))?)
            }
            Self::Welcome { expires_in_minutes, .. } => {
                (format!("Your account at {app}"), welcome(frame, &minutes(*expires_in_minutes))?)
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
            Self::OrganizationInvitation { organization, inviter, expires_in_minutes, .. } => {
                // A name that could be taken for a link is left out, as in greetings (MAIL-10).
                let organization = name::presentable(organization);
                let organization = organization.as_deref().unwrap_or("an organization");
                (
                    format!("You are invited to {organization} at {app}"),
                    organization_invitation(frame, organization, inviter, &minutes(*expires_in_minutes))?,
                )
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
            Self::PasskeyAdded { .. } => {
                (format!("A passkey was added to your account at {app}"), passkey_added(frame)?)
            }
            Self::PasskeyRemoved { .. } => {
                (format!("A passkey of your account at {app} was removed"), passkey_removed(frame)?)
            }
        };
        Ok(Rendered { subject, text, html })
    }
}

fn greeting(name: &str) -> String {
    name::presentable(name).map_or_else(|| "Hello,".to_owned(), |name| format!("Hello {name},"))
}

/// Returns `Gothenburg, Sweden (203.0.113.7)`, or the address alone. The name of a place comes out of the operator's
/// file.
pub(super) fn place(location: Option<&str>, ip: &str) -> String {
    location.map_or_else(|| ip.to_owned(), |location| format!("{} ({ip})", name::single_line(location)))
}

pub(super) fn minutes(count: u64) -> String {
    const DAY: u64 = 24 * 60;
    match count {
        1 => "1 minute".to_owned(),
        _ if count >= 2 * DAY && count.is_multiple_of(DAY) => format!("{} days", count / DAY),
        _ if count >= 120 && count.is_multiple_of(60) => format!("{} hours", count / 60),
        _ => format!("{count} minutes"),
    }
}
