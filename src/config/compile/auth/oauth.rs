//! Compiles `auth.social:`.

use std::collections::BTreeMap;

use url::Url;

use crate::{
    auth::oauth::{AppleKey, ProviderKind, ProviderSettings, is_acceptable_issuer},
    config::{
        compile::values::{is_name, value},
        raw::Provider,
        source::{
            path::KeyPath,
            report::{Report, did_you_mean},
            text::{SecretText, Text, Texts},
        },
    },
    types::{AuthMethod, SecondFactor},
};

const KNOWN: [&str; 3] = ["google", "github", "apple"];

pub(crate) fn compile(
    raw: &BTreeMap<String, Provider>,
    path: &KeyPath,
    report: &mut Report<'_>,
) -> Vec<ProviderSettings> {
    let mut providers = Vec::new();
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
        // Accounts with a password have this name.
        if name == "credential" {
            report.at_key(&path, "the name is taken by passwords; choose another");
        }
        // Sessions say by its name what opened them, and backends read it beside the name of the second factor.
        if AuthMethod::NAMES.contains(&name.as_str()) {
            report.at_key(&path, "the name is taken by another way to sign in; choose another");
        } else if SecondFactor::parse(name).is_some() {
            report.at_key(&path, "the name is taken by a second factor; choose another");
        }
        check_keys(name, provider, &path, report);
        if let Some(kind) = provider.kind {
            report.record(&path.key("type"), kind);
        }
        let issuer = issuer(name, provider, &path, report);
        let (client_id, further_client_ids) = client_ids(provider, &path.key("client_id"), report);
        for (key, secret) in [("client_secret", &provider.client_secret), ("private_key", &provider.private_key)] {
            let Some(SecretText(secret)) = secret else { continue };
            report.record_secret(&path.key(key));
            if secret.expose().trim().is_empty() {
                report.at(&path.key(key), "is empty; it is what the provider gave");
                report.suppress(&path.key(key));
            }
        }
        for (key, text) in [("team_id", &provider.team_id), ("key_id", &provider.key_id), ("hd", &provider.hd)] {
            if let Some(text) = text {
                report.record(&path.key(key), text);
            }
        }
        if let Some((kind, issuer)) = kind(name, provider, &path, report).zip(issuer) {
            providers.push(ProviderSettings {
                id: name.clone(),
                kind,
                issuer,
                client_id,
                further_client_ids,
                scopes: scopes(provider, &path, report),
                store_tokens: value(provider.store_tokens, false, &path.key("store_tokens"), report),
            });
        }
    }
    providers
}

/// Returns the client that begins sign-ins, and those of apps.
fn client_ids(provider: &Provider, path: &KeyPath, report: &mut Report<'_>) -> (String, Vec<String>) {
    let Some(Texts(ids)) = &provider.client_id else { return Default::default() };
    report.record(path, ids);
    let is_list = ids.len() > 1;
    for (index, id) in ids.iter().enumerate() {
        let path = if is_list { path.index(index) } else { path.clone() };
        if id.trim().is_empty() {
            report.invalid(&path, "as the provider gave it");
        } else if ids.iter().take(index).any(|earlier| earlier == id) {
            report.at(&path, "is in the list already");
        }
    }
    let Some((first, further)) = ids.split_first() else {
        report.invalid(path, "as the provider gave it");
        return Default::default();
    };
    (first.clone(), further.to_vec())
}

/// Returns `None` where something is missing, which is reported already.
fn kind(name: &str, provider: &Provider, path: &KeyPath, report: &mut Report<'_>) -> Option<ProviderKind> {
    let client_secret = || provider.client_secret.as_ref().map(|SecretText(secret)| secret.clone());
    match name {
        "google" => {
            let hosted_domain = provider.hd.as_ref().map(|Text(text)| text.clone());
            Some(ProviderKind::Google { client_secret: client_secret()?, hosted_domain })
        }
        "github" => Some(ProviderKind::GitHub { client_secret: client_secret()? }),
        "apple" => {
            let (Text(team), Text(key)) = (provider.team_id.as_ref()?, provider.key_id.as_ref()?);
            let SecretText(pem) = provider.private_key.as_ref()?;
            let key = AppleKey::parse(team, key, pem);
            key.inspect_err(|error| report.at(&path.key("private_key"), error.to_string()))
                .ok()
                .map(ProviderKind::Apple)
        }
        _ => Some(ProviderKind::Oidc { client_secret: client_secret()? }),
    }
}

fn issuer(name: &str, provider: &Provider, path: &KeyPath, report: &mut Report<'_>) -> Option<String> {
    let usual = match name {
        "google" => Some(ProviderKind::GOOGLE),
        "github" => Some(ProviderKind::GITHUB),
        "apple" => Some(ProviderKind::APPLE),
        _ => None,
    };
    let path = path.key("issuer");
    let Some(Text(text)) = &provider.issuer else { return usual.map(|usual| report.record(&path, usual.to_owned())) };
    match Url::parse(text) {
        Ok(url) if is_acceptable_issuer(&url) => {
            if let Some(flaw) = issuer_flaw(name, text, &url) {
                report.at(&path, flaw);
            }
        }
        _ => report.invalid(&path, "an issuer is an https URL, or an http URL of this machine"),
    }
    Some(report.record(&path, text.clone()))
}

/// Tells what can be seen of an issuer that no document or token will ever name, before anybody is asked.
fn issuer_flaw(name: &str, text: &str, url: &Url) -> Option<String> {
    if let Some((issuer, _)) = text.split_once("/.well-known/") {
        return Some(format!("is the address of the document; the issuer is what stands before it, {issuer}"));
    }
    if text.contains(['{', '}', '<', '>']) || text.contains("%7B") {
        return Some("has a placeholder in it; the tenant's own id or name belongs there".to_owned());
    }
    let host = url.host_str().unwrap_or_default();
    let first = url.path_segments().and_then(|mut segments| segments.next()).unwrap_or_default();
    if host.starts_with("login.microsoftonline.") || host.starts_with("login.partner.microsoftonline.") {
        return match first {
            "common" | "organizations" | "consumers" => Some(format!(
                "tokens never name {first} as their tenant; write the tenant's id in its place (that of personal \
                 accounts is 9188040d-6c67-4c5b-b112-36a304b66dad)"
            )),
            _ => text.ends_with('/').then(|| "this provider's issuer ends without a slash".to_owned()),
        };
    }
    let has_slash = host.ends_with(".auth0.com") || host == "sts.windows.net";
    if has_slash && !text.ends_with('/') {
        return Some("this provider's issuer ends with a slash".to_owned());
    }
    let has_no_slash = name == "google" || host == "accounts.google.com" || host.ends_with(".okta.com");
    (has_no_slash && text.ends_with('/')).then(|| "this provider's issuer ends without a slash".to_owned())
}

fn scopes(provider: &Provider, path: &KeyPath, report: &mut Report<'_>) -> Option<Vec<String>> {
    let path = path.key("scopes");
    let scopes = provider.scopes.as_ref()?;
    if scopes.is_empty() {
        report.at_key(&path, "an empty list asks for nothing; leave scopes out for the provider's usual ones");
    }
    for (index, Text(scope)) in scopes.iter().enumerate() {
        if scope.is_empty() || !scope.bytes().all(|b| b.is_ascii_graphic() && b != b'"' && b != b'\\') {
            report.invalid(&path.index(index), "a scope is one word of ASCII characters");
        }
    }
    Some(report.record(&path, scopes.iter().map(|Text(scope)| scope.clone()).collect()))
}

/// Says how a key stands to a kind of provider.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Belongs {
    Needed,
    Possible,
    No,
}

/// Reports keys that this kind of provider does not have, and those that it lacks.
fn check_keys(name: &str, provider: &Provider, path: &KeyPath, report: &mut Report<'_>) {
    let needed = |is_needed| if is_needed { Belongs::Needed } else { Belongs::No };
    let is_apple = name == "apple";
    let is_oidc = !KNOWN.contains(&name);
    for (key, is_there, belongs) in [
        ("type", provider.kind.is_some(), needed(is_oidc)),
        ("issuer", provider.issuer.is_some(), if is_oidc { Belongs::Needed } else { Belongs::Possible }),
        ("client_id", provider.client_id.is_some(), Belongs::Needed),
        ("client_secret", provider.client_secret.is_some(), needed(!is_apple)),
        ("team_id", provider.team_id.is_some(), needed(is_apple)),
        ("key_id", provider.key_id.is_some(), needed(is_apple)),
        ("private_key", provider.private_key.is_some(), needed(is_apple)),
        ("hd", provider.hd.is_some(), if name == "google" { Belongs::Possible } else { Belongs::No }),
    ] {
        let path = path.key(key);
        match (is_there, belongs) {
            (false, Belongs::Needed) => report.missing(&path, &format!("{key}: as the provider gave it")),
            (true, Belongs::No) => report.at_key(&path, format!("has no meaning for {name}; leave it out")),
            _ => {}
        }
    }
}
