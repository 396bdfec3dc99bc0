//! Compiles `auth.passkeys:`.

use crate::{
    auth::PasskeySettings,
    config::{
        compile::values::value,
        raw,
        source::{path::KeyPath, report::Report, text::Text},
    },
};

/// `host` is that of `public_url`, which says most of it.
pub(crate) fn compile(
    raw: &raw::Passkeys,
    host: &str,
    path: &KeyPath,
    report: &mut Report<'_>,
) -> Option<PasskeySettings> {
    let is_possible = PasskeySettings::is_possible_on(host);
    let enabled = value(raw.enabled, is_possible, &path.key("enabled"), report);
    if raw.enabled == Some(true) && !is_possible && !host.is_empty() {
        report.at_key(
            &path.key("enabled"),
            "needs a domain name in server.public_url: browsers make passkeys for nothing else",
        );
    }
    let rp_id = raw.rp_id.as_ref().map_or(host, |Text(text)| text);
    if rp_id != host && !(PasskeySettings::covers(rp_id, host) && is_domain(rp_id)) {
        report.invalid(
            &path.key("rp_id"),
            format!("must be the host of server.public_url, {host}, or a domain that it is in"),
        );
    }
    let rp_name = raw.rp_name.as_ref().map_or(host, |Text(text)| text);
    let length = rp_name.chars().count();
    let is_line = (1..=PasskeySettings::MAX_NAME).contains(&length) && !rp_name.chars().any(char::is_control);
    if raw.rp_name.is_some() && !is_line {
        report.invalid(&path.key("rp_name"), "must be a line of 1 to 64 characters");
    }
    report.record(&path.key("rp_id"), rp_id);
    report.record(&path.key("rp_name"), rp_name);
    enabled.then(|| PasskeySettings { rp_id: rp_id.to_owned(), rp_name: rp_name.to_owned() })
}

/// Tells whether sites can own the domain: a whole name, and none that all sites of a country share.
fn is_domain(text: &str) -> bool {
    let has_dot = text.contains('.') || text == "localhost";
    has_dot && PasskeySettings::is_possible_on(text) && text.split('.').all(|label| !label.is_empty())
}
