//! Compiles `mail:`.

use std::path::PathBuf;

use lettre::message::Mailbox;
use url::Url;

use crate::{
    config::{
        compile::values::not_ascii,
        raw,
        source::{
            path::KeyPath,
            report::Report,
            text::{SecretText, Text},
        },
    },
    mail::{Look, Settings, TransportSettings},
    types::Secret,
};

const TRANSPORTS: &str = "{ smtp: \"smtps://user@host:465\", password: { env: SMTP_PASSWORD } }, { directory: ./mail } or \
                          { console: true }";

pub(crate) fn compile(raw: raw::Mail, report: &mut Report<'_>) -> Option<Settings> {
    let path = KeyPath::from_keys(&["mail"]);
    let from = from(raw.from.as_ref(), &path.key("from"), report);
    if raw.transport.is_none() {
        report.missing(&path.key("transport"), &format!("transport: {TRANSPORTS}"));
    }
    let transport = raw.transport.and_then(|raw| transport(raw, &path.key("transport"), report));
    let from = from?;
    Some(Settings { look: Look::from_sender(&from), from, transport: transport? })
}

fn from(raw: Option<&Text>, path: &KeyPath, report: &mut Report<'_>) -> Option<Mailbox> {
    let Some(Text(text)) = raw else {
        report.missing(path, "from: \"App <no-reply@example.com>\"");
        return None;
    };
    let Ok(mailbox) = text.parse::<Mailbox>() else {
        report.invalid(path, "a sender is written like \"App <no-reply@example.com>\"");
        return None;
    };
    // Few servers take an address that is not ASCII (RFC 6531), and none a domain.
    if let Some(message) = not_ascii(mailbox.email.domain()) {
        report.invalid(path, message);
    } else if !mailbox.email.user().is_ascii() {
        report.invalid(path, "what stands before the @ is ASCII: few mail servers take anything else");
    }
    report.record(path, mailbox.to_string());
    Some(mailbox)
}

fn transport(raw: raw::Transport, path: &KeyPath, report: &mut Report<'_>) -> Option<TransportSettings> {
    if raw.console == Some(false) {
        report.at(&path.key("console"), "is true or left out");
        return None;
    }
    let chosen = match (raw.smtp, raw.directory, raw.console) {
        (Some(Text(url)), None, None) => {
            return smtp(url, raw.password.map(|SecretText(password)| password), path, report);
        }
        (None, Some(Text(directory)), None) => {
            TransportSettings::Directory(PathBuf::from(report.record(&path.key("directory"), directory)))
        }
        (None, None, Some(console)) => {
            report.record(&path.key("console"), console);
            TransportSettings::Console
        }
        (None, None, None) => {
            report.missing(path, &format!("one of {TRANSPORTS}"));
            return None;
        }
        _ => {
            report.at_key(path, "mail leaves one way: exactly one of smtp, directory and console");
            return None;
        }
    };
    if raw.password.is_some() {
        report.at_key(&path.key("password"), "belongs to smtp; leave it out");
    }
    if matches!(&chosen, TransportSettings::Directory(directory) if directory.as_os_str().is_empty()) {
        report.at(&path.key("directory"), "needs the path of a folder, for example ./mail");
    }
    Some(chosen)
}

fn smtp(text: String, password: Option<Secret>, path: &KeyPath, report: &mut Report<'_>) -> Option<TransportSettings> {
    let key = path.key("smtp");
    let url = Url::parse(&text).ok().filter(|url| matches!(url.scheme(), "smtp" | "smtps"));
    let Some(url) = url.filter(|url| url.host_str().is_some_and(|host| !host.is_empty())) else {
        // It may hold a password: not shown.
        report.at(&key, "an SMTP URL is written like smtps://user@host:465 or smtp://user@host:587?tls=required");
        return None;
    };
    if url.password().is_some() {
        let message = "a secret is not written into the file; leave the password out of the URL and write \
                       password: { env: SMTP_PASSWORD } beside it";
        report.at(&key, message);
        return None;
    }
    let has_user = !url.username().is_empty();
    if password.as_ref().is_some_and(|password| password.expose().is_empty()) {
        report.at(&path.key("password"), "is empty");
    }
    match (&password, has_user) {
        (None, true) => {
            report.missing(&path.key("password"), "password: { env: SMTP_PASSWORD }, since the URL names a user");
        }
        (Some(_), false) => report.at(&key, "a password needs a user: smtps://user@host:465"),
        _ => {}
    }
    check_tls(&url, password.is_some(), &key, report);
    report.record(&key, &text);
    if password.is_some() {
        report.record_secret(&path.key("password"));
    }
    Some(TransportSettings::Smtp { url: text, password })
}

fn check_tls(url: &Url, has_password: bool, key: &KeyPath, report: &mut Report<'_>) {
    let is_right = match (url.scheme(), url.query()) {
        ("smtps", None) | ("smtp", None | Some("tls=required")) => true,
        ("smtp", Some("tls=opportunistic")) => !has_password,
        _ => false,
    };
    let is_loopback = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
    if !is_right {
        report.at(key, "after an smtp:// host may come ?tls=required (STARTTLS) and nothing else");
    } else if url.scheme() == "smtp" && has_password && url.query().is_none() && !is_loopback {
        report.at(key, "would send the password readable; use smtps:// or smtp://…?tls=required");
    }
}
