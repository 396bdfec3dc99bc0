//! Whatever fields a client sends, the upstream sees the gateway's own identity fields once or not at all, and no
//! credential of the gateway. The input is a header section, and in its first byte whether somebody is signed in.

#![no_main]

use authgate::{
    proxy::header_filter::{COOKIE, DEVICE_SESSION_PREFIX, IDENTITY, forwarded},
    sessions::{
        CookieSettings, SameSite,
        credential::{Presented, presented},
    },
    types::AcceptedCredentials,
};
use http::{HeaderMap, HeaderName, HeaderValue, header};
use libfuzzer_sys::fuzz_target;

/// Lists what some server behind could believe, in the spelling of CGI.
const BELIEVED: [&str; 4] = ["HTTP_X_USER_", "HTTP_REMOTE_", "HTTP_X_AUTH_REQUEST_", "HTTP_X_FORWARDED_"];
const BELIEVED_NAMES: [&str; 14] = [
    "HTTP_X_SESSION_ID",
    "HTTP_X_AUTH_METHOD",
    "HTTP_X_REAL_IP",
    "HTTP_X_ORIGINAL_URL",
    "HTTP_X_REWRITE_URL",
    "HTTP_X_IDENTITY_ASSERTION",
    "HTTP_X_REQUEST_ID",
    "HTTP_FORWARDED",
    "HTTP_TRUE_CLIENT_IP",
    "HTTP_CF_CONNECTING_IP",
    "HTTP_X_ORIGINAL_FORWARDED_FOR",
    "HTTP_X_MS_CLIENT_PRINCIPAL",
    "HTTP_FLY_CLIENT_IP",
    "HTTP_X_CLUSTER_CLIENT_IP",
];

fn settings() -> CookieSettings {
    CookieSettings { name: COOKIE.to_owned(), secure: false, same_site: SameSite::Lax, domain: None, better_auth: None }
}

fuzz_target!(|input: &[u8]| {
    let Some((&first, section)) = input.split_first() else { return };
    let is_signed_in = first % 2 == 1;
    let mut sent = HeaderMap::new();
    for line in section.split(|&b| b == b'\n') {
        let Some(colon) = line.iter().position(|&b| b == b':') else { continue };
        let name = HeaderName::from_bytes(&line[..colon]);
        let value = HeaderValue::from_bytes(line[colon + 1..].trim_ascii());
        if let (Ok(name), Ok(value)) = (name, value) {
            sent.append(name, value);
        }
    }
    let seen = forwarded(&sent, is_signed_in);

    for name in seen.keys() {
        let cgi = name.as_str().to_ascii_uppercase().replace(|c: char| !c.is_ascii_alphanumeric(), "_");
        let cgi = format!("HTTP_{cgi}");
        let is_framing = ["HTTP_TRANSFER_ENCODING", "HTTP_CONTENT_LENGTH"].contains(&&*cgi);
        assert!(!is_framing || [header::TRANSFER_ENCODING, header::CONTENT_LENGTH].contains(name), "{name} is read as framing");
        let is_believed = BELIEVED.iter().any(|prefix| cgi.starts_with(prefix)) || BELIEVED_NAMES.contains(&&*cgi);
        assert!(!name.as_str().contains('_'), "{name} folds into something else");
        if is_believed {
            let own = ["x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "x-request-id"];
            let is_own = own.contains(&name.as_str()) || (is_signed_in && IDENTITY.iter().any(|(n, _)| *n == name));
            assert!(is_own, "{name} came from the client");
            assert_eq!(seen.get_all(name).iter().count(), 1, "{name}");
        }
    }
    for (name, value) in IDENTITY {
        let expected: &[&str] = if is_signed_in { &[value] } else { &[] };
        assert_eq!(seen.get_all(name).iter().collect::<Vec<_>>(), expected, "{name}");
    }
    assert_eq!(seen["x-forwarded-for"], "192.0.2.1");
    assert_eq!(seen["x-request-id"], "request");

    // What this gateway would take for its own credential stays here, in whatever field it stood.
    let mut cookies = HeaderMap::new();
    for value in seen.get_all(header::COOKIE) {
        cookies.append(header::COOKIE, value.clone());
        let text = value.to_str().unwrap_or_default().to_owned();
        let is_own = |name: &str| name == COOKIE || name.starts_with(DEVICE_SESSION_PREFIX);
        assert!(!cookie::Cookie::split_parse(text).flatten().any(|cookie| is_own(cookie.name())));
    }
    assert!(matches!(presented(&cookies, &settings(), AcceptedCredentials::ALL), Presented::None));
    for value in seen.get_all(header::AUTHORIZATION) {
        let alone = HeaderMap::from_iter([(header::AUTHORIZATION, value.clone())]);
        assert!(!matches!(presented(&alone, &settings(), AcceptedCredentials::ALL), Presented::Bearer(_)), "{value:?}");
    }
    // Everything else passes as it was.
    for name in sent.keys().filter(|name| seen.contains_key(*name)) {
        let is_rewritten = IDENTITY.iter().any(|(n, _)| *n == name) || name.as_str().starts_with("x-");
        if !is_rewritten && *name != header::COOKIE {
            assert!(sent.get_all(name).iter().eq(seen.get_all(name)), "{name}");
        }
    }
});
