//! Compiles `auth:`.

pub(crate) mod admin;
pub(crate) mod api_keys;
pub(crate) mod assertion;
pub(crate) mod better_auth;
pub(crate) mod cookie;
pub(crate) mod multi_session;
pub(crate) mod oauth;
pub(crate) mod organizations;
pub(crate) mod passkeys;
pub(crate) mod passwordless;
pub(crate) mod sign_in_page;
pub(crate) mod two_factor;
pub(crate) mod user;

use std::{collections::BTreeMap, ops::RangeInclusive, time::Duration};

use http::HeaderName;
use url::Url;

use crate::{
    auth::{
        RESET_EXPIRES_IN, RateClass, RateLimit, RateLimits, Settings, SignUpMode, SignUpSettings, VerificationSettings,
    },
    config::{
        compile::values::{duration, number, value},
        raw,
        source::{
            path::KeyPath,
            report::{Report, did_you_mean, listed},
            text::Text,
        },
    },
    language::Languages,
    routing::CanonicalPath,
    sessions::{CheckMode, JwtSettings, SessionSettings},
    types::{Blocklist, EmailDomain, Origin, OriginPattern, PasswordRules, PublicUrl, Told, TrustedOrigins},
};

const DEFAULT_BASE_PATH: &str = "/api/auth";
/// Limits how old a cached check is where nothing is said.
const DEFAULT_MAX_STALENESS: Duration = Duration::from_secs(1);
/// Bounds the staleness of a cached check: a shorter time than a round trip would never hold; a longer one is more than
/// a revocation may take (SESS-12).
const STALENESS_RANGE: RangeInclusive<Duration> = Duration::from_millis(100)..=Duration::from_secs(5);

/// Holds the section, and what other sections need of it even where parts are wrong.
pub(crate) struct Auth {
    pub(crate) sign_in_page: Option<String>,
    pub(crate) settings: Option<Settings>,
}

/// Compiles the section but for `base_path`, which routes need before. `taken` is the header of the assertion.
pub(crate) fn compile(
    raw: &raw::Auth,
    base_path: String,
    public_url: Option<&PublicUrl>,
    taken: Option<&HeaderName>,
    report: &mut Report<'_>,
) -> Auth {
    let path = KeyPath::from_keys(&["auth"]);
    report.record(&path.key("base_path"), &base_path);
    let patterns = trusted_origins(&raw.trusted_origins, &path.key("trusted_origins"), report);
    let trusted_origins = public_url.map(|url| TrustedOrigins::new(url.origin().clone(), patterns));
    let sign_in_page =
        sign_in_page(raw.sign_in_page.as_ref(), trusted_origins.as_ref(), &path.key("sign_in_page"), report);
    let session_path = path.key("session");
    let mut session = session(&raw.session, &session_path, report);
    let mut cookie = cookie::compile(&raw.session, public_url, &session_path, report);
    cookie.better_auth =
        raw.better_auth.as_ref().map(|raw| better_auth::compile(raw, &path.key("better_auth"), report));
    let jwt = jwt(&raw.jwt, &path.key("jwt"), report);
    let mut password = password(&raw.password, &path.key("password"), report);
    password.blocklist.add_words_of(public_url.map_or("", PublicUrl::host));
    let verification = verification(&raw.email_verification, &path.key("email_verification"), report);
    let sign_up = sign_up(&raw.sign_up, verification.required, &path.key("sign_up"), report);
    let reset = path.key("password_reset").key("expires_in");
    let reset_expires_in = duration(raw.password_reset.expires_in.as_ref(), RESET_EXPIRES_IN, &reset, report);
    let delete_user = path.key("delete_user").key("mailed_confirmation");
    let mailed_deletion = value(raw.delete_user.mailed_confirmation, false, &delete_user, report);
    let new_device = path.key("notifications").key("new_device");
    let notify_new_device = value(raw.notifications.new_device, true, &new_device, report);
    let rate_limits = rate_limits(&raw.rate_limits, &path.key("rate_limits"), report);
    let social = oauth::compile(&raw.social, &path.key("social"), report);
    let host = public_url.map_or("", PublicUrl::host);
    let admin = admin::compile(&raw.admin, &path.key("admin"), report);
    let two_factor = two_factor::compile(&raw.two_factor, host, &path.key("two_factor"), report);
    let passkeys = passkeys::compile(&raw.passkeys, host, &path.key("passkeys"), report);
    let user = path.key("user");
    let avatars = user::avatars(&raw.user.avatars, &user.key("avatars"), report);
    let fields_path = user.key("additional_fields");
    let user_fields = user::additional_fields(&raw.user.additional_fields, taken, &fields_path, report);
    let username = passwordless::username(&raw.username, &path.key("username"), report);
    let user_fields = if username.is_some() { user_fields.with_usernames() } else { user_fields };
    let email_otp = passwordless::email_otp(&raw.email_otp, &path.key("email_otp"), report);
    let magic_link = passwordless::magic_link(&raw.magic_link, &path.key("magic_link"), report);
    let multi_session = multi_session::compile(&raw.multi_session, &path.key("multi_session"), report);
    let trusted = trusted_origins.as_ref().zip(public_url);
    let organizations = organizations::compile(&raw.organizations, trusted, &path.key("organizations"), report);
    let api_keys = api_keys::compile(&raw.api_keys, taken, &path.key("api_keys"), report);
    let last_login = path.key("last_login_method").key("enabled");
    let last_login_method = value(raw.last_login_method.enabled, false, &last_login, report);
    session.told.fields = user_fields.with_headers().map(|field| field.name.clone()).collect();
    session.told.organization = organizations.is_some();
    let settings = public_url.zip(trusted_origins).map(|(public_url, trusted_origins)| Settings {
        public_url: public_url.clone(),
        base_path,
        trusted_origins,
        cookie,
        session,
        jwt,
        password,
        verification,
        sign_up,
        admin,
        two_factor,
        passkeys,
        rate_limits,
        social,
        user_fields,
        username,
        email_otp,
        magic_link,
        multi_session,
        organizations,
        api_keys,
        last_login_method,
        avatars,
        reset_expires_in,
        mailed_deletion,
        languages: Languages::default(),
        notify_new_device,
    });
    Auth { sign_in_page, settings }
}

/// Returns `base_path`.
pub(crate) fn base_path(raw: Option<&Text>, report: &mut Report<'_>) -> String {
    let Some(Text(text)) = raw else { return DEFAULT_BASE_PATH.to_owned() };
    let canonical = CanonicalPath::parse(text).ok().map(|path| path.as_str().to_owned());
    let is_base = |base: &String| base != "/" && !base.ends_with('/') && !base.contains(['*', ';']);
    if let Some(base) = canonical.filter(is_base).filter(|_| !text.contains(['{', '}'])) {
        return base;
    }
    report.invalid(
        &KeyPath::from_keys(&["auth", "base_path"]),
        "a path like /api/auth: not / alone, no / at the end, none of * { } ; in it",
    );
    DEFAULT_BASE_PATH.to_owned()
}

fn trusted_origins(raw: &[Text], path: &KeyPath, report: &mut Report<'_>) -> Vec<OriginPattern> {
    report.record(path, raw);
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
            Ok(own) if text.bytes().all(|b| b.is_ascii_graphic()) => {
                Some(report.record(path, format!("{}{rest}", own.as_str())))
            }
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
    Some(report.record(path, text.clone()))
}

fn jwt(raw: &raw::Jwt, path: &KeyPath, report: &mut Report<'_>) -> JwtSettings {
    const RANGE: RangeInclusive<Duration> = Duration::from_secs(1)..=Duration::from_hours(1);
    let default = JwtSettings::default();
    let expires_in = duration(raw.expires_in.as_ref(), default.expires_in, &path.key("expires_in"), report);
    if !RANGE.contains(&expires_in) || expires_in.subsec_nanos() != 0 {
        let message = "must be 1s to 1h, in whole seconds: whoever verifies one by the keys alone takes it for that long even after a sign-out";
        report.invalid(&path.key("expires_in"), message);
    }
    let audience = raw.audience.as_ref().map(|text| assertion::claim(text, &path.key("audience"), report));
    JwtSettings { expires_in, audience }
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
    SessionSettings { expires_in, refresh_after, absolute, fresh_age, check, told: Told::default() }
}

fn check(raw: &raw::SessionCheck, path: &KeyPath, report: &mut Report<'_>) -> CheckMode {
    let key = path.key("max_staleness");
    match value(raw.mode, raw::CheckMode::Database, &path.key("mode"), report) {
        raw::CheckMode::Cached => {
            let max_staleness = duration(raw.max_staleness.as_ref(), DEFAULT_MAX_STALENESS, &key, report);
            if !STALENESS_RANGE.contains(&max_staleness) {
                report.invalid(&key, "must be 100ms to 5s");
            }
            CheckMode::Cached { max_staleness }
        }
        raw::CheckMode::Database => {
            if raw.max_staleness.is_some() {
                report.at_key(&key, "has a meaning with mode: cached only");
            }
            CheckMode::Database
        }
    }
}

fn password(raw: &raw::Password, path: &KeyPath, report: &mut Report<'_>) -> PasswordRules {
    let default = PasswordRules::default();
    PasswordRules {
        min_length: number(raw.min_length, default.min_length, 8..=64, &path.key("min_length"), report),
        max_length: number(raw.max_length, default.max_length, 64..=1024, &path.key("max_length"), report),
        blocklist: match value(raw.blocklist, raw::Blocklist::Builtin, &path.key("blocklist"), report) {
            raw::Blocklist::None => Blocklist::None,
            raw::Blocklist::Builtin => default.blocklist,
        },
    }
}

fn verification(raw: &raw::EmailVerification, path: &KeyPath, report: &mut Report<'_>) -> VerificationSettings {
    let default = VerificationSettings::default();
    VerificationSettings {
        required: value(raw.required, default.required, &path.key("required"), report),
        expires_in: duration(raw.expires_in.as_ref(), default.expires_in, &path.key("expires_in"), report),
        auto_sign_in: value(raw.auto_sign_in, default.auto_sign_in, &path.key("auto_sign_in"), report),
    }
}

fn sign_up(raw: &raw::SignUp, is_proof_required: bool, path: &KeyPath, report: &mut Report<'_>) -> SignUpSettings {
    let mode = value(raw.mode, SignUpMode::default(), &path.key("mode"), report);
    let domains_path = path.key("allowed_email_domains");
    let mut allowed_email_domains: Vec<EmailDomain> = Vec::new();
    for (index, Text(text)) in raw.allowed_email_domains.iter().enumerate() {
        match text.parse() {
            Ok(domain) => allowed_email_domains.push(domain),
            Err(error) => report.invalid(&domains_path.index(index), error),
        }
    }
    if !allowed_email_domains.is_empty() && !is_proof_required {
        let message = "needs email_verification.required: true, or anybody could name an address of such a domain";
        report.at_key(&domains_path, message);
    }
    report.record(&domains_path, allowed_email_domains.iter().map(ToString::to_string).collect::<Vec<_>>());
    SignUpSettings { mode, allowed_email_domains }
}

fn rate_limits(raw: &BTreeMap<String, raw::EndpointRateLimit>, path: &KeyPath, report: &mut Report<'_>) -> RateLimits {
    let mut limits = RateLimits::default();
    for class in RateClass::ALL {
        let written = raw.get(class.as_str());
        if class == RateClass::SignInAddress && written.is_none() {
            limits.widen_sign_in_address();
        }
        let default = limits.get(class).unwrap_or(class.default_limit());
        limits.set(class, rate_limit(default, written, &path.key(class.as_str()), report));
    }
    let names = RateClass::ALL.map(RateClass::as_str);
    for name in raw.keys().filter(|name| !names.contains(&name.as_str())) {
        let message = format!("unknown endpoint{} valid: {}", did_you_mean(name, names), listed(names));
        report.at_key(&path.key(name), message);
    }
    limits
}

fn rate_limit(
    default: RateLimit,
    raw: Option<&raw::EndpointRateLimit>,
    path: &KeyPath,
    report: &mut Report<'_>,
) -> RateLimit {
    let (limit, window) = raw.map_or((None, None), |raw| (raw.limit, raw.window.as_ref()));
    let limit = number(limit, default.limit, 1..=RateLimit::MAX_LIMIT, &path.key("limit"), report);
    let window = duration(window, default.window, &path.key("window"), report);
    if !(Duration::from_secs(1)..=RateLimit::MAX_WINDOW).contains(&window) {
        report.invalid(&path.key("window"), "must be 1s to 1d");
    }
    RateLimit { limit, window }
}
