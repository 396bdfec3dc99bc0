//! Lays a mail out: its parts, as plain text and as HTML.

use askama::Template;

use crate::{language::Texts, mail::look::Look, types::Color};

/// Names the picture among the parts of a message.
pub(crate) const LOGO_ID: &str = "logo";

/// Holds the parts of a mail, in the order in which they are read.
#[derive(Default)]
pub(super) struct Letter<'a> {
    pub(super) subject: String,
    pub(super) greeting: String,
    pub(super) paragraphs: Vec<String>,
    /// Lists what is said in key words, each with its label.
    pub(super) facts: Vec<(String, String)>,
    pub(super) code: Option<&'a str>,
    pub(super) link: Option<Link<'a>>,
    /// Introduces the address that stands below its button.
    pub(super) link_fallback: String,
    pub(super) notes: Vec<String>,
}

pub(super) struct Link<'a> {
    pub(super) label: String,
    pub(super) address: &'a str,
}

#[derive(Template)]
#[template(path = "mail.html")]
struct Html<'a> {
    language: &'static str,
    letter: &'a Letter<'a>,
    app: &'a str,
    accent: Color,
    has_logo: bool,
    logo_id: &'static str,
}

impl Letter<'_> {
    /// Writes the HTML page.
    pub(super) fn html(&self, app: &str, look: &Look, texts: Texts) -> Result<String, askama::Error> {
        Html {
            language: texts.language().code(),
            letter: self,
            app,
            accent: look.accent,
            has_logo: look.logo.is_some(),
            logo_id: LOGO_ID,
        }
        .render()
    }

    /// Writes plain text. Each paragraph is one line, however long: whatever shows the mail breaks it to its own width.
    pub(super) fn text(&self, texts: Texts) -> String {
        let mut blocks = vec![self.greeting.clone()];
        blocks.extend_from_slice(&self.paragraphs);
        let facts = self.facts.iter().map(|(label, value)| {
            format!("  {}", texts.with("mail-fact", &[("label", label.as_str()), ("value", value.as_str())]))
        });
        blocks.extend((!self.facts.is_empty()).then(|| facts.collect::<Vec<_>>().join("\n")));
        blocks.extend(self.code.map(str::to_owned));
        if let Some(link) = &self.link {
            blocks.push(texts.with("mail-link", &[("label", &link.label)]));
            blocks.push(link.address.to_owned());
        }
        blocks.extend_from_slice(&self.notes);
        blocks.join("\n\n") + "\n"
    }
}

/// Splits a text at its empty lines.
pub(super) fn paragraphs(text: &str) -> Vec<String> {
    text.split("\n\n").map(|paragraph| paragraph.replace('\n', " ")).collect()
}
