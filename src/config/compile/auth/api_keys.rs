//! Compiles `auth.api_keys:`.

use std::time::Duration;

use http::HeaderName;

use crate::{
    auth::{ApiKeySettings, KeyRateLimit},
    config::{
        compile::values::{duration, header_name, number, value},
        raw,
        source::{path::KeyPath, report::Report, text::Text},
    },
    proxy::is_own_header,
    types::ApiKey,
};

const DAY: Duration = Duration::from_hours(24);

/// Returns whether there are keys, which routes need to know before.
pub(crate) fn is_enabled(raw: &raw::ApiKeys) -> bool {
    raw.enabled.unwrap_or(false)
}

/// `taken` lists the headers that the gateway fills for upstreams, which can carry no key.
pub(crate) fn compile(
    raw: &raw::ApiKeys,
    taken: Option<&HeaderName>,
    path: &KeyPath,
    report: &mut Report<'_>,
) -> Option<ApiKeySettings> {
    let default = ApiKeySettings::default();
    let enabled = value(raw.enabled, false, &path.key("enabled"), report);
    let header = header(raw.header.as_ref(), default.header, taken, &path.key("header"), report);
    let prefix = raw.prefix.as_ref().map_or(default.prefix, |Text(text)| text.clone());
    if !ApiKey::is_prefix(&prefix) {
        report.invalid(&path.key("prefix"), "must be 1 to 32 characters out of A-Z a-z 0-9 _ -");
    }
    report.record(&path.key("prefix"), &prefix);
    let max_per_user = number(
        raw.max_per_user,
        default.max_per_user,
        1..=ApiKeySettings::MAX_PER_USER,
        &path.key("max_per_user"),
        report,
    );
    let expires_path = path.key("expires_in");
    let expires_in = match &raw.expires_in {
        None => None,
        written => Some(duration(written.as_ref(), DAY, &expires_path, report)),
    };
    let (shortest, longest) = ApiKeySettings::EXPIRES_IN_DAYS.into_inner();
    let days = |days: u64| Duration::from_hours(24 * days);
    if expires_in.is_some_and(|time| !(days(shortest)..=days(longest)).contains(&time)) {
        report.invalid(&expires_path, "must be 1d to 365d; leave it out for keys that last");
    }
    let limit_path = path.key("rate_limit");
    let is_limited = value(raw.rate_limit.enabled, true, &limit_path.key("enabled"), report);
    let limit =
        number(raw.rate_limit.limit, KeyRateLimit::DEFAULT.limit, 1..=1_000_000_000, &limit_path.key("limit"), report);
    let window_path = limit_path.key("window");
    let window = duration(raw.rate_limit.window.as_ref(), KeyRateLimit::DEFAULT.window, &window_path, report);
    if !KeyRateLimit::WINDOWS.contains(&window) {
        report.invalid(&window_path, "must be 1s to 366d");
    }
    let permissions_path = path.key("permissions");
    report.record(&permissions_path, &raw.permissions);
    if raw.permissions.len() > ApiKeySettings::MAX_SCOPES {
        report.invalid(&permissions_path, "must be at most 64");
    }
    check_scopes(&raw.permissions, &permissions_path, report);
    enabled.then(|| ApiKeySettings {
        header,
        prefix,
        max_per_user,
        expires_in,
        rate_limit: is_limited.then_some(KeyRateLimit { limit, window }),
        permissions: raw.permissions.iter().map(|Text(text)| text.clone()).collect(),
    })
}

fn header(
    raw: Option<&Text>,
    default: HeaderName,
    taken: Option<&HeaderName>,
    path: &KeyPath,
    report: &mut Report<'_>,
) -> HeaderName {
    let Some(Text(text)) = raw else {
        report.record(path, default.as_str());
        return default;
    };
    report.record(path, text);
    match header_name(text) {
        Some(name) if !is_own_header(&name) && Some(&name) != taken => return name,
        Some(name) => report.invalid(path, format!("{name} has a meaning already; take X-API-Key or one of your own")),
        None => report.invalid(path, "is a name of letters, digits and -, for example X-API-Key"),
    }
    default
}

/// Reports every text that is no `resource:action`.
pub(crate) fn check_scopes(scopes: &[Text], path: &KeyPath, report: &mut Report<'_>) {
    for (index, Text(scope)) in scopes.iter().enumerate() {
        if !ApiKeySettings::is_scope(scope) {
            let message = "a scope is resource:action, each 1 to 32 characters out of A-Z a-z 0-9 _ - .";
            report.invalid(&path.index(index), message);
        }
    }
}
