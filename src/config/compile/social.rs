//! `auth.social:`. Checked for its shape already, so that a file written today says what will be wrong with it; no
//! provider is supported yet.

use std::collections::BTreeMap;

use url::Url;

use super::values::is_name;
use crate::config::{
    errors::{Report, did_you_mean},
    path::KeyPath,
    raw::Provider,
    text::Text,
};

const KNOWN: [&str; 3] = ["google", "github", "apple"];

pub(super) fn check(raw: &BTreeMap<String, Provider>, path: &KeyPath, report: &mut Report<'_>) {
    for (name, provider) in raw {
        let path = path.key(name);
        let is_known = KNOWN.contains(&name.as_str());
        if !is_known && provider.kind.is_none() {
            let hint = did_you_mean(name, KNOWN);
            report.at_key(
                &path,
                format!("unknown provider{hint} google, github and apple are known, any other needs type: oidc"),
            );
            continue;
        }
        if !is_name(name, b"_-") {
            report.at_key(&path, "a provider's name is 1 to 64 characters out of a-z 0-9 _ -");
        }
        check_keys(name, provider, &path, report);
        if let Some(Text(issuer)) = &provider.issuer
            && !Url::parse(issuer).is_ok_and(|url| url.scheme() == "https" && url.query().is_none())
        {
            report.invalid(&path.key("issuer"), "an issuer is an https URL");
        }
        report.unsupported(&path, "leave it out; people sign in with e-mail and password");
    }
}

/// Exactly the keys that this kind of provider has.
fn check_keys(name: &str, provider: &Provider, path: &KeyPath, report: &mut Report<'_>) {
    let is_apple = name == "apple";
    let is_oidc = !KNOWN.contains(&name);
    for (key, is_there, belongs) in [
        ("type", provider.kind.is_some(), is_oidc),
        ("issuer", provider.issuer.is_some(), is_oidc),
        ("client_id", provider.client_id.is_some(), true),
        ("client_secret", provider.client_secret.is_some(), !is_apple),
        ("team_id", provider.team_id.is_some(), is_apple),
        ("key_id", provider.key_id.is_some(), is_apple),
        ("private_key", provider.private_key.is_some(), is_apple),
    ] {
        let path = path.key(key);
        match (is_there, belongs) {
            (false, true) => report.missing(&path, &format!("{key}: as the provider gave it")),
            (true, false) => report.at_key(&path, format!("has no meaning for {name}; leave it out")),
            _ => {}
        }
    }
    if provider.scopes.as_ref().is_some_and(Vec::is_empty) {
        report.at_key(
            &path.key("scopes"),
            "an empty list asks for nothing; leave scopes out for the provider's usual ones",
        );
    }
}
