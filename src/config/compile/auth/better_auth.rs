//! Compiles `auth.better_auth:`, what is known of an app whose users came here.

use std::sync::Arc;

use crate::{
    config::{
        compile::auth::cookie::is_name,
        raw,
        source::{
            path::KeyPath,
            report::Report,
            text::{SecretText, Secrets, Text},
        },
    },
    sessions::BetterAuthCookies,
    types::Secret,
};

pub(crate) fn compile(raw: &raw::BetterAuth, path: &KeyPath, report: &mut Report<'_>) -> Arc<BetterAuthCookies> {
    let secrets = secrets(raw.secret.as_ref(), &path.key("secret"), report);
    let prefix = raw.cookie_prefix.as_ref().map_or(BetterAuthCookies::DEFAULT_PREFIX, |Text(text)| text);
    let name = raw.cookie_name.as_ref().map(|Text(text)| text.as_str());
    report.record(&path.key("cookie_prefix"), prefix);
    report.record(&path.key("cookie_name"), name);
    for (key, text) in [("cookie_prefix", Some(prefix)), ("cookie_name", name)] {
        let Some(text) = text else { continue };
        if text.get(..9).is_some_and(|begin| begin.eq_ignore_ascii_case("__Secure-")) {
            report
                .invalid(&path.key(key), "cookies are found with __Secure- before the name and without; leave it out");
        } else if !is_name(text) {
            report.invalid(&path.key(key), "a cookie name is 1 to 64 letters, digits or !#$%&'*+-.^_`|~");
        }
    }
    Arc::new(BetterAuthCookies::new(&secrets, prefix, name))
}

/// Returns the secrets as they are. They open nothing: a token is as hard to guess as one of ours without its signature,
/// so how long they are is not our business.
fn secrets(raw: Option<&Secrets>, path: &KeyPath, report: &mut Report<'_>) -> Vec<Secret> {
    let all: Vec<(KeyPath, &Secret)> = match raw {
        None => {
            report.missing(path, "secret: { env: BETTER_AUTH_SECRET }, what the app signed its cookies with");
            Vec::new()
        }
        Some(Secrets::One(SecretText(secret))) => vec![(path.clone(), secret)],
        Some(Secrets::Many(list)) => {
            if list.is_empty() {
                report.at(path, "needs at least one secret: what the app signed its cookies with");
            }
            list.iter().enumerate().map(|(index, SecretText(secret))| (path.index(index), secret)).collect()
        }
    };
    for (path, secret) in &all {
        report.record_secret(path);
        if secret.expose().is_empty() {
            report.at(path, "is empty; it is what the app signed its cookies with");
        }
    }
    all.into_iter().map(|(_, secret)| secret.clone()).collect()
}
