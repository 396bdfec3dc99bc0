//! Renders messages to a subject, a plain text and an HTML page, in the language of their reader.

use std::{fmt, time::Duration};

use crate::{
    language::Texts,
    mail::{
        look::Look,
        message::{
            kinds::Message,
            letter::{Letter, Link, paragraphs},
        },
        name,
    },
};

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

impl Message {
    /// Renders in the operator's own look.
    pub fn render(&self, look: &Look, texts: Texts) -> Result<Rendered, askama::Error> {
        let app = &name::single_line(&look.name);
        let letter = self.letter(app, texts);
        Ok(Rendered { text: letter.text(texts), html: letter.html(app, look, texts)?, subject: letter.subject })
    }

    fn letter(&self, app: &str, texts: Texts) -> Letter<'_> {
        let (name, link) = self.name_and_link();
        let id = self.text_id();
        let inserted = Inserted::new(self, texts);
        let arguments = inserted.arguments(app);
        let text = |part: &str| texts.with(&format!("{id}-{part}"), &arguments);
        let note = if let Self::Code { .. } = self { texts.with("mail-code-note", &arguments) } else { text("note") };
        Letter {
            subject: without_marks(&text("subject")),
            greeting: greeting(name, texts),
            paragraphs: paragraphs(&text("text")),
            facts: self.facts(texts),
            code: self.code(),
            link: (!link.is_empty()).then(|| Link { label: text("button"), address: link }),
            link_fallback: texts.get("mail-link-fallback").into_owned(),
            notes: paragraphs(&note),
        }
    }

    /// Begins the ids of the texts of this kind of mail.
    fn text_id(&self) -> String {
        match self {
            Self::Code { code_use, .. } => code_use.text_id().to_owned(),
            other => format!("mail-{}", other.kind().replace('_', "-")),
        }
    }

    fn code(&self) -> Option<&str> {
        match self {
            Self::Code { code, .. } | Self::TwoFactorCode { code, .. } => Some(code),
            _ => None,
        }
    }

    fn facts(&self, texts: Texts) -> Vec<(String, String)> {
        let Self::NewDevice { device, location, ip, time, .. } = self else { return Vec::new() };
        let facts = [
            ("mail-device", device.clone()),
            ("mail-place", place(location.as_deref(), ip)),
            ("mail-time", time.clone()),
        ];
        facts.into_iter().map(|(label, value)| (texts.get(label).into_owned(), value)).collect()
    }
}

/// Holds what the texts of a message have inserted, beside the name of the site.
struct Inserted<'a> {
    expiry: String,
    email: &'a str,
    left: String,
    organization: String,
    inviter: &'a str,
}

impl<'a> Inserted<'a> {
    fn new(message: &'a Message, texts: Texts) -> Self {
        let mut inserted = Self {
            expiry: message.expires_in_minutes().map(|count| duration(count, texts)).unwrap_or_default(),
            email: "",
            left: String::new(),
            organization: String::new(),
            inviter: "",
        };
        match message {
            Message::EmailChangeRequested { new_email, .. } | Message::ConsentEmailChange { new_email, .. } => {
                inserted.email = new_email;
            }
            Message::BackupCodeUsed { left, .. } => inserted.left = texts.number(*left),
            Message::OrganizationInvitation { organization, inviter, .. } => {
                // A name that could be taken for a link is left out, as in greetings (MAIL-10).
                inserted.organization = name::presentable(organization)
                    .unwrap_or_else(|| texts.get("mail-organization-invitation-unnamed").into_owned());
                inserted.inviter = inviter;
            }
            _ => {}
        }
        inserted
    }

    fn arguments<'i>(&'i self, app: &'i str) -> [(&'static str, &'i str); 6] {
        [
            ("app", app),
            ("expiry", &self.expiry),
            ("email", self.email),
            ("left", &self.left),
            ("organization", &self.organization),
            ("inviter", self.inviter),
        ]
    }
}

fn greeting(name: &str, texts: Texts) -> String {
    match name::presentable(name) {
        Some(name) => texts.with("mail-greeting-name", &[("name", &name)]),
        None => texts.get("mail-greeting").into_owned(),
    }
}

/// Removes the marks around Arabic and Hebrew names: a list of mails shows a subject alone, and some show the marks.
fn without_marks(subject: &str) -> String {
    subject.replace(['\u{2068}', '\u{2069}'], "")
}

/// Returns `Gothenburg, Sweden (203.0.113.7)`, or the address alone. The name of a place comes out of the operator's
/// file.
pub(super) fn place(location: Option<&str>, ip: &str) -> String {
    location.map_or_else(|| ip.to_owned(), |location| format!("{} ({ip})", name::single_line(location)))
}

pub(super) fn duration(minutes: u64, texts: Texts) -> String {
    texts.duration(Duration::from_secs(minutes * 60))
}
