//! `auth:`.

pub(crate) mod assertion;
pub(crate) mod cookie;
pub(crate) mod oauth;
pub(crate) mod sign_in_page;

use std::{collections::BTreeMap, ops::RangeInclusive, time::Duration};

use url::Url;

use crate::{
    auth::{RESET_EXPIRES_IN, RateClass, RateLimit, RateLimits, Settings, VerificationSettings},
    config::{
        compile::values::duration,
        raw,
        source::{
            path::KeyPath,
            report::{Report, did_you_mean, listed},
            text::Text,
        },
    },
    routing::CanonicalPath,
    sessions::{CheckMode, SessionSettings},
    types::{Blocklist, Origin, OriginPattern, PasswordRules, PublicUrl, TrustedOrigins},
};

const DEFAULT_BASE_PATH: &str = "/api/auth";
/// A cached check is at most this old where nothing is said.
const DEFAULT_MAX_STALENESS: Duration = Duration::from_secs(1);
/// A shorter time than a round trip would never hold; a longer one is more than a revocation may take (SESS-12).
const STALENESS_RANGE: RangeInclusive<Duration> = Duration::from_millis(100)..=Duration::from_secs(5);

/// Holds the section, and what other sections need of it even where parts are wrong.
pub(crate) struct Auth {
    pub(crate) base_path: String,
    pub(crate) sign_in_page: Option<String>,
    pub(crate) settings: Option<Settings>,
}

pub(crate) fn compile(raw: &raw::Auth, public_url: Option<&PublicUrl>, report: &mut Report<'_>) -> Auth {
    let path = KeyPath::from_keys(&["auth"]);
    let base_path = base_path(raw.base_path.as_ref(), &path.key("base_path"), report);
    let patterns = trusted_origins(&raw.trusted_origins, &path.key("trusted_origins"), report);
    let trusted_origins = public_url.map(|url| TrustedOrigins::new(url.origin().clone(), patterns));
    let sign_in_page =
        sign_in_page(raw.sign_in_page.as_ref(), trusted_origins.as_ref(), &path.key("sign_in_page"), report);
    let session_path = path.key("session");
    let cookie = cookie::compile(&raw.session, public_url, &session_path, report);
    let session = session(&raw.session, &session_path, report);
    let mut password = password(&raw.password, &path.key("password"), report);
    password.blocklist.add_words_of(public_url.map_or("", PublicUrl::host));
    let verification = verification(&raw.email_verification, &path.key("email_verification"), report);
    let reset = path.key("password_reset").key("expires_in");
    let reset_expires_in = duration(raw.password_reset.expires_in.as_ref(), RESET_EXPIRES_IN, &reset, report);
    let rate_limits = rate_limits(&raw.rate_limits, &path.key("rate_limits"), report);
    let social = oauth::compile(&raw.social, &path.key("social"), report);
    let settings = public_url.zip(trusted_origins).map(|(public_url, trusted_origins)| Settings {
        public_url: public_url.clone(),
        base_path: base_path.clone(),
        trusted_origins,
        cookie,
        session,
        password,
        verification,
        rate_limits,
        social,
        reset_expires_in,
        mailed_deletion: raw.delete_user.mailed_confirmation.unwrap_or(false),
        notify_new_device: raw.notifications.new_device.unwrap_or(true),
    });
    Auth { base_path, sign_in_page, settings }
}

fn base_path(raw: Option<&Text>, path: &KeyPath, report: &mut Report<'_>) -> String {
    let Some(Text(text)) = raw else { return DEFAULT_BASE_PATH.to_owned() };
    let canonical = CanonicalPath::parse(text).ok().map(|path| path.as_str().to_owned());
    let is_base = |base: &String| base != "/" && !base.ends_with('/') && !base.contains(['*', ';']);
    if let Some(base) = canonical.filter(is_base).filter(|_| !text.contains(['{', '}'])) {
        return base;
    }
    report.invalid(path, "a path like /api/auth: not / alone, no / at the end, none of * { } ; in it");
    DEFAULT_BASE_PATH.to_owned()
}

fn trusted_origins(raw: &[Text], path: &KeyPath, report: &mut Report<'_>) -> Vec<OriginPattern> {
    let mut patterns = Vec::new();
    for (index, Text(text)) in raw.iter().enumerate() {
        match OriginPattern::parse(text) {
            Ok(pattern) => patterns.push(pattern),
            Err(error) => report.invalid(&path.index(index), error),
        }
    }
    patterns
}

fn sign_in_page(
    raw: Option<&Text>,
    trusted: Option<&TrustedOrigins>,
    path: &KeyPath,
    report: &mut Report<'_>,
) -> Option<String> {
    let Text(text) = raw?;
    if text.starts_with('/') {
        let (own, rest) = text.split_at(text.find(['?', '#']).unwrap_or(text.len()));
        return match CanonicalPath::parse(own) {
            Ok(own) if text.bytes().all(|b| b.is_ascii_graphic()) => Some(format!("{}{rest}", own.as_str())),
            _ => {
                report.invalid(path, "a path on the gateway like /sign-in, or an absolute URL");
                None
            }
        };
    }
    let origin = Url::parse(text).ok().and_then(|url| Origin::from_url(&url).ok());
    match (origin, trusted) {
        (None, _) => report.invalid(path, "a path on the gateway like /sign-in, or an absolute http or https URL"),
        (Some(origin), Some(trusted)) if !trusted.allows(&origin) => {
            report.at(path, format!("{origin} is not a trusted origin; list it in auth.trusted_origins"));
        }
        _ => {}
    }
    Some(text.clone())
}

fn session(raw: &raw::Session, path: &KeyPath, report: &mut Report<'_>) -> SessionSettings {
    let default = SessionSettings::default();
    let absolute = duration(raw.absolute.as_ref(), default.absolute, &path.key("absolute"), report);
    // The defaults follow what is written, so that `absolute: 1h` alone is not an error about keys nobody wrote.
    let expires_default = default.expires_in.min(absolute);
    let expires_in = duration(raw.expires_in.as_ref(), expires_default, &path.key("expires_in"), report);
    let refresh_default = default.refresh_after.min(expires_in / 2);
    let refresh_after = duration(raw.refresh_after.as_ref(), refresh_default, &path.key("refresh_after"), report);
    let fresh_age = duration(raw.fresh_age.as_ref(), default.fresh_age, &path.key("fresh_age"), report);
    let shown = humantime::format_duration;
    if expires_in > absolute {
        let message = format!("must be at most session.absolute, which is {}", shown(absolute));
        report.invalid(&path.key("expires_in"), message);
    }
    if refresh_after >= expires_in {
        let message = format!("must be shorter than session.expires_in, which is {}", shown(expires_in));
        report.invalid(&path.key("refresh_after"), message);
    }
    let check = check(&raw.check, &path.key("check"), report);
    SessionSettings { expires_in, refresh_after, absolute, fresh_age, check }
}

fn check(raw: &raw::SessionCheck, path: &KeyPath, report: &mut Report<'_>) -> CheckMode {
    let key = path.key("max_staleness");
    let max_staleness = duration(raw.max_staleness.as_ref(), DEFAULT_MAX_STALENESS, &key, report);
    match raw.mode {
        Some(raw::CheckMode::Cached) => {
            if !STALENESS_RANGE.contains(&max_staleness) {
                report.invalid(&key, "must be 100ms to 5s");
            }
            CheckMode::Cached { max_staleness }
        }
        Some(raw::CheckMode::Database) | None => {
            if raw.max_staleness.is_some() {
                report.at_key(&key, "has a meaning with mode: cached only");
            }
            CheckMode::Database
        }
    }
}

fn password(raw: &raw::Password, path: &KeyPath, report: &mut Report<'_>) -> PasswordRules {
    let default = PasswordRules::default();
    let mut length = |raw: Option<u32>, default: usize, range: std::ops::RangeInclusive<usize>, key: &str| {
        let value = raw.and_then(|value| usize::try_from(value).ok()).unwrap_or(default);
        if !range.contains(&value) {
            report.invalid(&path.key(key), format!("must be {} to {}", range.start(), range.end()));
        }
        value
    };
    PasswordRules {
        min_length: length(raw.min_length, default.min_length, 8..=64, "min_length"),
        max_length: length(raw.max_length, default.max_length, 64..=1024, "max_length"),
        blocklist: match raw.blocklist {
            Some(raw::Blocklist::None) => Blocklist::None,
            Some(raw::Blocklist::Builtin) | None => default.blocklist,
        },
    }
}

fn verification(raw: &raw::EmailVerification, path: &KeyPath, report: &mut Report<'_>) -> VerificationSettings {
    let default = VerificationSettings::default();
    if raw.auto_sign_in == Some(true) {
        report.unsupported(&path.key("auto_sign_in"), "people sign in after opening the link");
    }
    VerificationSettings {
        required: raw.required.unwrap_or(default.required),
        expires_in: duration(raw.expires_in.as_ref(), default.expires_in, &path.key("expires_in"), report),
    }
}

fn rate_limits(raw: &BTreeMap<String, raw::EndpointRateLimit>, path: &KeyPath, report: &mut Report<'_>) -> RateLimits {
    let mut limits = RateLimits::default();
    for (name, raw) in raw {
        let path = path.key(name);
        if let Some(class) = RateClass::ALL.into_iter().find(|class| class.as_str() == name) {
            limits.set(class, rate_limit(class.default_limit(), raw, &path, report));
        } else {
            let names = RateClass::ALL.map(RateClass::as_str);
            report.at_key(&path, format!("unknown endpoint{} valid: {}", did_you_mean(name, names), listed(names)));
        }
    }
    if !raw.contains_key(RateClass::SignInAddress.as_str()) {
        limits.widen_sign_in_address();
    }
    limits
}

fn rate_limit(default: RateLimit, raw: &raw::EndpointRateLimit, path: &KeyPath, report: &mut Report<'_>) -> RateLimit {
    let limit = raw.limit.unwrap_or(default.limit);
    if !(1..=RateLimit::MAX_LIMIT).contains(&limit) {
        report.invalid(&path.key("limit"), format!("must be 1 to {}", RateLimit::MAX_LIMIT));
    }
    let window = duration(raw.window.as_ref(), default.window, &path.key("window"), report);
    if !(Duration::from_secs(1)..=RateLimit::MAX_WINDOW).contains(&window) {
        report.invalid(&path.key("window"), "must be 1s to 1d");
    }
    RateLimit { limit, window }
}
