//! Mail as people receive it: parsed `.eml` files.

use std::{fs, path::PathBuf};

use mail_parser::MessageParser;

use super::eventually;

/// One message.
#[derive(Debug, Clone)]
pub(crate) struct Mail {
    pub(crate) from: String,
    pub(crate) to: Vec<String>,
    pub(crate) subject: String,
    pub(crate) text: String,
    pub(crate) html: String,
    /// The message as it was sent.
    pub(crate) raw: String,
}

impl Mail {
    /// Parses a message.
    pub(crate) fn parse(raw: &[u8]) -> Self {
        let message = MessageParser::default().parse(raw).expect("the mail is a valid message");
        let addresses = |list: Option<&mail_parser::Address<'_>>| -> Vec<String> {
            list.map(|list| list.iter().filter_map(|a| a.address().map(str::to_owned)).collect()).unwrap_or_default()
        };
        Self {
            from: addresses(message.from()).pop().unwrap_or_default(),
            to: addresses(message.to()),
            subject: message.subject().unwrap_or_default().to_owned(),
            text: part(&message, "plain"),
            html: part(&message, "html"),
            raw: String::from_utf8_lossy(raw).into_owned(),
        }
    }

    /// The first link of the plain text.
    pub(crate) fn link(&self) -> url::Url {
        let start = self.text.find("http").unwrap_or_else(|| panic!("no link in {:?}", self.text));
        let link = self.text[start..].split_whitespace().next().unwrap_or_default();
        link.trim_end_matches(['>', '.', ')']).parse().expect("the link is a URL")
    }

    /// The one-time token that the link carries.
    pub(crate) fn token(&self) -> String {
        let link = self.link();
        let token = link.query_pairs().find(|(key, _)| key == "token");
        token.unwrap_or_else(|| panic!("no token in {link}")).1.into_owned()
    }
}

/// A part by its subtype. Not the parser's "text body", which would make one out of the HTML where none is.
fn part(message: &mail_parser::Message<'_>, subtype: &str) -> String {
    use mail_parser::MimeHeaders;
    message
        .parts
        .iter()
        .filter(|part| part.content_type().and_then(|kind| kind.subtype()) == Some(subtype))
        .find_map(|part| part.text_contents())
        .unwrap_or_default()
        .to_owned()
}

/// The directory that a gateway's mail goes to.
pub(crate) struct Mailbox {
    pub(crate) directory: PathBuf,
}

impl Mailbox {
    /// Every message so far.
    pub(crate) fn all(&self) -> Vec<Mail> {
        let Ok(entries) = fs::read_dir(&self.directory) else { return Vec::new() };
        let mut paths: Vec<PathBuf> = entries
            .map(|entry| entry.expect("a directory can be listed").path())
            .filter(|path| path.extension().is_some_and(|extension| extension == "eml"))
            .collect();
        paths.sort_by_key(|path| fs::metadata(path).and_then(|metadata| metadata.modified()).ok());
        paths.iter().map(|path| Mail::parse(&fs::read(path).expect("a mail is readable"))).collect()
    }

    /// Every message to an address so far, oldest first.
    pub(crate) fn all_to(&self, address: &str) -> Vec<Mail> {
        self.all().into_iter().filter(|mail| mail.to.iter().any(|to| to == address)).collect()
    }

    /// Waits for the first message to an address.
    pub(crate) async fn to(&self, address: &str) -> Mail {
        self.nth_to(address, 1).await
    }

    /// Waits for the first message to an address with this in its subject.
    pub(crate) async fn about(&self, subject: &str, address: &str) -> Mail {
        let found = async || self.all_to(address).into_iter().find(|mail| mail.subject.contains(subject));
        eventually(&format!("a mail about {subject:?} to {address}"), found).await
    }

    /// Waits for the n-th message to an address, counted from 1.
    pub(crate) async fn nth_to(&self, address: &str, n: usize) -> Mail {
        eventually(&format!("mail {n} to {address}"), async || self.all_to(address).into_iter().nth(n - 1)).await
    }
}
