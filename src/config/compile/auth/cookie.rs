//! Compiles the session cookie (SESS-03): its full name with prefix, its scope.

use crate::{
    config::{
        compile::values::{not_ascii, value},
        raw::{self, CookiePrefix},
        source::{path::KeyPath, report::Report, text::Text},
    },
    language::LANGUAGE_COOKIE,
    sessions::{CookieSettings, SameSite},
    types::PublicUrl,
};

const DEFAULT_NAME: &str = "authgate_session";

pub(crate) fn compile(
    raw: &raw::Session,
    public_url: Option<&PublicUrl>,
    path: &KeyPath,
    report: &mut Report<'_>,
) -> CookieSettings {
    let is_https = public_url.is_some_and(PublicUrl::is_https);
    let name = name(raw.cookie_name.as_ref(), &path.key("cookie_name"), report);
    let same_site = value(raw.same_site, SameSite::default(), &path.key("same_site"), report);
    let domain = raw.domain.as_ref().map(|Text(text)| text.clone());
    report.record(&path.key("domain"), &domain);
    if let (Some(domain), Some(public_url)) = (&domain, public_url) {
        check_domain(domain, public_url, &path.key("domain"), report);
    }
    if same_site == SameSite::None && public_url.is_some() && !is_https {
        report.at(&path.key("same_site"), "none needs an https public_url; browsers drop such cookies on http");
    }
    let prefix_path = path.key("cookie_prefix");
    let prefix = match (value(raw.cookie_prefix, CookiePrefix::Auto, &prefix_path, report), &domain) {
        (CookiePrefix::Host | CookiePrefix::Secure, _) if public_url.is_some() && !is_https => {
            report.invalid(&prefix_path, "needs an https public_url; browsers drop such cookies on http");
            ""
        }
        (CookiePrefix::Host, Some(_)) => {
            report.invalid(&prefix_path, "__Host- cookies have no domain; take secure, or leave session.domain out");
            ""
        }
        (CookiePrefix::Auto, None) if is_https => "__Host-",
        (CookiePrefix::Auto, Some(_)) if is_https => "__Secure-",
        (CookiePrefix::Host, None) => "__Host-",
        (CookiePrefix::Secure, _) => "__Secure-",
        (CookiePrefix::Auto | CookiePrefix::None, _) => "",
    };
    CookieSettings { name: format!("{prefix}{name}"), secure: is_https, same_site, domain, better_auth: None }
}

fn name(raw: Option<&Text>, path: &KeyPath, report: &mut Report<'_>) -> String {
    let text = raw.map_or(DEFAULT_NAME, |Text(text)| text);
    report.record(path, text);
    let lower = text.to_ascii_lowercase();
    if lower.starts_with("__host-") || lower.starts_with("__secure-") {
        report.invalid(path, "the prefix is put before the name by AuthGate; leave it out");
    } else if !is_name(text) {
        report.invalid(path, "a cookie name is 1 to 64 letters, digits or !#$%&'*+-.^_`|~");
    } else if text.eq_ignore_ascii_case(CookieSettings::DEVICE) {
        report.invalid(path, "the name is taken by the cookie that tells devices apart");
    } else if text.eq_ignore_ascii_case(CookieSettings::OAUTH) {
        report.invalid(path, "the name is taken by the cookie of sign-ins through others");
    } else if text.eq_ignore_ascii_case(CookieSettings::SIGN_UP) {
        report.invalid(path, "the name is taken by the cookie of sign-ups");
    } else if [CookieSettings::TWO_FACTOR, CookieSettings::TRUSTED_DEVICE]
        .iter()
        .any(|own| text.eq_ignore_ascii_case(own))
    {
        report.invalid(path, "the name is taken by a cookie of second factors");
    } else if lower.starts_with(CookieSettings::DEVICE_SESSION) {
        report.invalid(path, "the name is taken by the cookies that keep several sessions");
    } else if text.eq_ignore_ascii_case(CookieSettings::PASSKEY) {
        report.invalid(path, "the name is taken by the cookie of passkeys");
    } else if text.eq_ignore_ascii_case(CookieSettings::ADMIN_SESSION) {
        report.invalid(path, "the name is taken by the cookie of administrators");
    } else if text.eq_ignore_ascii_case(CookieSettings::FORM) {
        report.invalid(path, "the name is taken by the cookie of forms");
    } else if text.eq_ignore_ascii_case(LANGUAGE_COOKIE) {
        report.invalid(path, "the name is taken by the cookie of languages");
    }
    text.to_owned()
}

/// Tells whether a text can be a name: RFC 6265 takes the token of RFC 9110 §5.6.2.
pub(crate) fn is_name(text: &str) -> bool {
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    (1..=64).contains(&text.len()) && text.bytes().all(is_token)
}

fn check_domain(domain: &str, public_url: &PublicUrl, path: &KeyPath, report: &mut Report<'_>) {
    if let Some(message) = not_ascii(domain) {
        report.invalid(path, message);
        return;
    }
    let host = public_url.host();
    let is_parent = host.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    // A lone label such as `com` is no domain anybody owns; an address has no parents.
    let is_name = domain.contains('.') && host.parse::<std::net::Ipv4Addr>().is_err();
    if domain.starts_with('.') || !is_parent || !is_name {
        report.invalid(
            path,
            format!("must be public_url's host ({host}) or a parent domain of it, without a dot before it"),
        );
    } else if !public_url.is_https() {
        report.at(path, "needs an https public_url; leave it out on http");
    }
}
