//! Compiles `routes:`.

use std::{collections::HashMap, num::NonZero, ops::RangeInclusive, time::Duration};

use http::Method;

use crate::{
    config::{
        compile::{
            auth::{api_keys::check_scopes, two_factor::RequiredTwoFactor},
            values::{check_roles, duration, is_host, is_name, not_ascii, size, value},
        },
        raw,
        source::{
            path::KeyPath,
            report::{Report, did_you_mean, listed, quoted},
            text::Text,
        },
    },
    routing::{
        Access, CorsBy, CrossOriginWrites, OnUnauthenticated, PathPattern, RateLimit, Requirements, Route,
        RouteTimeouts, Routes, UpstreamId,
    },
    types::{AcceptedCredentials, OrganizationRole, SERVED_METHODS, without_port},
};

/// Lists the methods that are never forwarded, so that a route for them would never be used.
const REFUSED_METHODS: [&str; 2] = ["CONNECT", "TRACE"];

/// Holds what routes refer to.
pub(crate) struct RouteContext<'a> {
    /// Holds the names in the order `UpstreamId` counts by.
    pub(crate) upstreams: &'a [String],
    /// Lists the accepted `Host` values.
    pub(crate) hosts: &'a [String],
    /// Says whether there is a `public_url`; otherwise nothing can be said of hosts.
    pub(crate) has_public_url: bool,
    pub(crate) base_path: &'a str,
    /// Says who can prove a second factor, and who has to.
    pub(crate) two_factor: &'a RequiredTwoFactor,
    /// Says whether anybody can have a role in an organization.
    pub(crate) has_organizations: bool,
    /// Says whether there are API keys.
    pub(crate) has_api_keys: bool,
}

pub(crate) fn compile(raw: Vec<raw::Route>, around: &RouteContext<'_>, report: &mut Report<'_>) -> Routes {
    let path = KeyPath::from_keys(&["routes"]);
    if raw.is_empty() {
        report.record(&path, [(); 0]);
    } else if around.upstreams.is_empty() {
        report.missing(
            &KeyPath::from_keys(&["upstreams"]),
            "upstreams: { api: { servers: [\"http://127.0.0.1:8000\"] } }",
        );
        report.suppress(&KeyPath::from_keys(&["upstreams"]));
    }
    let mut first_by_name: HashMap<String, KeyPath> = HashMap::new();
    let mut compiled: Vec<(KeyPath, Route)> = Vec::new();
    for (index, raw) in raw.into_iter().enumerate() {
        let path = path.index(index);
        let name = name(raw.name.as_ref(), &path.key("name"), report);
        if let Some(first) = name.as_ref().and_then(|name| first_by_name.get(name)) {
            let location = report.root().location_of(first);
            report.invalid(&path.key("name"), format!("a route of this name is at {location} already"));
        }
        first_by_name.extend(name.iter().map(|name| (name.clone(), path.key("name"))));
        if let Some(route) = route(name, raw, around, &path, report) {
            report_shadowed(&route, &path, &compiled, report);
            compiled.push((path, route));
        }
    }
    Routes::new(compiled.into_iter().map(|(_, route)| route).collect())
}

fn route(
    name: Option<String>,
    raw: raw::Route,
    around: &RouteContext<'_>,
    path: &KeyPath,
    report: &mut Report<'_>,
) -> Option<Route> {
    let matching = path.key("match");
    let pattern = pattern(raw.matches.path.as_ref(), around.base_path, &matching.key("path"), report);
    let methods = methods(raw.matches.methods, &matching.key("methods"), report);
    let hosts = hosts(raw.matches.hosts, around, &matching.key("hosts"), report);
    let upstream = upstream(raw.upstream.as_ref(), around, &path.key("upstream"), report);
    let access = access(raw.access, raw.roles, path, report);
    let require = require(raw.require.as_ref(), access.as_ref(), around.two_factor, &path.key("require"), report);
    let organization_roles =
        organization_roles(raw.organization_roles, access.as_ref(), around, &path.key("organization_roles"), report);
    let credentials_path = path.key("credentials");
    let credentials =
        credentials(raw.credentials.as_deref(), access.as_ref(), around.has_api_keys, &credentials_path, report);
    let scopes = scopes(raw.scopes, (access.as_ref(), credentials, around), &path.key("scopes"), report);
    let require = Requirements { organization_roles, scopes, ..require };
    let rate_limit = raw.rate_limit.and_then(|raw| rate_limit(&raw, &path.key("rate_limit"), report));
    let cors = value(raw.cors, CorsBy::default(), &path.key("cors"), report);
    if cors == CorsBy::Upstream && matches!(access, Some(Access::Required { .. })) {
        let message = "upstream needs access: public or optional; preflights carry no session, so the upstream would never get one";
        report.at_key(&path.key("cors"), message);
    }
    let max_body = raw.max_body.and_then(|text| size(&text, &path.key("max_body"), report));
    let timeouts = timeouts(&raw.timeouts, &path.key("timeouts"), report);
    Some(Route {
        name: name?,
        path: pattern?,
        methods: methods?,
        hosts: hosts?,
        upstream: upstream?,
        access: access?,
        require,
        credentials,
        on_unauthenticated: value(
            raw.on_unauthenticated,
            OnUnauthenticated::default(),
            &path.key("on_unauthenticated"),
            report,
        ),
        websocket: value(raw.websocket, false, &path.key("websocket"), report),
        cors,
        cross_origin_writes: value(
            raw.cross_origin_writes,
            CrossOriginWrites::default(),
            &path.key("cross_origin_writes"),
            report,
        ),
        max_body,
        rate_limit,
        timeouts,
    })
}

fn timeouts(raw: &raw::RouteTimeouts, path: &KeyPath, report: &mut Report<'_>) -> Option<RouteTimeouts> {
    let mut given =
        |raw: Option<&Text>, key: &str| raw.map(|text| duration(Some(text), Duration::ZERO, &path.key(key), report));
    let timeouts = RouteTimeouts { read: given(raw.read.as_ref(), "read"), write: given(raw.write.as_ref(), "write") };
    (timeouts.read.is_some() || timeouts.write.is_some()).then_some(timeouts)
}

fn rate_limit(raw: &raw::RouteRateLimit, path: &KeyPath, report: &mut Report<'_>) -> Option<RateLimit> {
    const LONGEST: Duration = Duration::from_hours(24);
    let example = "rate_limit: { per: user, limit: 600, window: 1m }";
    if raw.per.is_none() {
        report.missing(&path.key("per"), example);
    }
    report.record(&path.key("per"), raw.per);
    let limit = report.record(&path.key("limit"), raw.limit).map(NonZero::new);
    match limit {
        None => report.missing(&path.key("limit"), example),
        Some(None) => report.invalid(&path.key("limit"), "must be at least 1"),
        Some(Some(_)) => {}
    }
    let window = duration(raw.window.as_ref(), Duration::from_mins(1), &path.key("window"), report);
    if window > LONGEST {
        report.invalid(&path.key("window"), "must be at most 24h");
    }
    let limit = limit.flatten()?;
    if window < Duration::from_millis(1) * limit.get() {
        report.invalid(&path.key("window"), "is too short: at most 1000 requests a second can be counted");
    }
    Some(RateLimit { per: raw.per?, limit, window })
}

fn name(raw: Option<&Text>, path: &KeyPath, report: &mut Report<'_>) -> Option<String> {
    match raw {
        None => {
            report.missing(path, "name: and a short name for logs and metrics");
            None
        }
        Some(Text(text)) if !is_name(text, b"_-") || text.starts_with('_') => {
            report.invalid(path, "a name is 1 to 64 characters out of a-z 0-9 _ - and does not begin with _");
            None
        }
        Some(Text(text)) => Some(report.record(path, text.clone())),
    }
}

fn pattern(raw: Option<&Text>, base_path: &str, path: &KeyPath, report: &mut Report<'_>) -> Option<PathPattern> {
    let Some(Text(text)) = raw else {
        report.missing(path, "match: { path: \"/**\" }");
        return None;
    };
    let pattern = match PathPattern::parse(text) {
        Ok(pattern) => pattern,
        Err(error) => {
            report.invalid(path, error);
            return None;
        }
    };
    let own = PathPattern::parse(&format!("{base_path}/**"));
    if own.is_ok_and(|own| own.covers(&pattern)) {
        report.invalid(
            path,
            format!("AuthGate itself answers below auth.base_path ({base_path}); this route is never used"),
        );
    }
    report.record(path, pattern.as_str());
    Some(pattern)
}

fn methods(raw: Option<Vec<Text>>, path: &KeyPath, report: &mut Report<'_>) -> Option<Vec<Method>> {
    let Some(raw) = raw else { return Some(Vec::new()) };
    if raw.is_empty() {
        report.at(path, "an empty list would match nothing; leave methods out to match every method");
        return None;
    }
    let mut methods = Vec::new();
    for (index, Text(text)) in raw.iter().enumerate() {
        let path = path.index(index);
        if REFUSED_METHODS.contains(&text.as_str()) {
            report.at(&path, format!("{text} is never forwarded"));
        } else if text == "HEAD" {
            // The table looks HEAD up as GET, so that no route takes one of them only.
            if !raw.iter().any(|Text(other)| other == "GET") {
                report.at(&path, "GET covers HEAD; write GET");
            }
        } else if SERVED_METHODS.iter().any(|method| method.as_str() == text) {
            methods.extend(Method::from_bytes(text.as_bytes()));
        } else {
            let valid = SERVED_METHODS.iter().map(Method::as_str);
            let hint = did_you_mean(text, valid.clone());
            report.at(&path, format!("unknown method {}{hint} valid: {}", quoted(text), listed(valid)));
        }
    }
    report.record(path, methods.iter().map(Method::as_str).collect::<Vec<_>>());
    // After an error an empty list would stand for every method.
    (!methods.is_empty()).then_some(methods)
}

fn hosts(
    raw: Option<Vec<Text>>,
    around: &RouteContext<'_>,
    path: &KeyPath,
    report: &mut Report<'_>,
) -> Option<Vec<String>> {
    let Some(raw) = raw else { return Some(Vec::new()) };
    if raw.is_empty() {
        report.at(path, "an empty list would match nothing; leave hosts out to match every host");
        return None;
    }
    let accepted: Vec<&str> = around.hosts.iter().map(|host| without_port(host)).collect();
    for (index, Text(text)) in raw.iter().enumerate() {
        let path = path.index(index);
        if let Some(message) = not_ascii(text) {
            report.invalid(&path, message);
        } else if !is_host(text) {
            report.invalid(
                &path,
                "a host is a lower-case name without scheme, port and path, for example app.example.com",
            );
        } else if around.has_public_url && !accepted.contains(&text.as_str()) {
            let hint = did_you_mean(text, accepted.iter().copied());
            let message = format!(
                "{} is neither public_url's host nor in server.hosts{hint} accepted: {}",
                quoted(text),
                listed(accepted.iter().copied())
            );
            report.at(&path, message);
        }
    }
    Some(report.record(path, raw.into_iter().map(|Text(text)| text).collect()))
}

fn upstream(
    raw: Option<&Text>,
    around: &RouteContext<'_>,
    path: &KeyPath,
    report: &mut Report<'_>,
) -> Option<UpstreamId> {
    let names = || around.upstreams.iter().map(String::as_str);
    let Some(Text(text)) = raw else {
        report.missing(path, "upstream: and the name of one of upstreams");
        return None;
    };
    report.record(path, text);
    let position = names().position(|name| name == text);
    if position.is_none() && !around.upstreams.is_empty() {
        let hint = did_you_mean(text, names());
        report.at(path, format!("unknown upstream {}{hint} configured: {}", report.found(path), listed(names())));
    }
    position.map(UpstreamId)
}

fn access(
    raw: Option<raw::Access>,
    roles: Option<Vec<Text>>,
    path: &KeyPath,
    report: &mut Report<'_>,
) -> Option<Access> {
    let roles_path = path.key("roles");
    let has_roles = roles.is_some();
    report.record(&path.key("access"), raw);
    let access = match raw {
        None => {
            report.missing(
                &path.key("access"),
                "access: public, optional or required; there is no default, so that nothing is open by accident",
            );
            None
        }
        Some(raw::Access::Required) => {
            Some(Access::Required { roles: self::roles(roles.unwrap_or_default(), has_roles, &roles_path, report) })
        }
        Some(raw::Access::Public) => Some(Access::Public),
        Some(raw::Access::Optional) => Some(Access::Optional),
    };
    if has_roles && matches!(access, Some(Access::Public | Access::Optional)) {
        report.at_key(&roles_path, "roles need access: required; this route would let everybody in");
    }
    access
}

fn require(
    raw: Option<&raw::Require>,
    access: Option<&Access>,
    two_factor: &RequiredTwoFactor,
    path: &KeyPath,
    report: &mut Report<'_>,
) -> Requirements {
    const MAX_AGE: RangeInclusive<Duration> = Duration::from_mins(1)..=Duration::from_hours(30 * 24);
    let mut require = Requirements::default();
    if matches!(access, Some(Access::Required { .. } | Access::Optional)) {
        require.two_factor_roles.clone_from(&two_factor.roles);
    }
    let Some(raw) = raw else { return require };
    if matches!(access, Some(Access::Public | Access::Optional)) {
        report.at_key(path, "needs access: required; this route would let everybody in");
    }
    if raw.two_factor != Some(true) && raw.max_age.is_none() {
        report.at_key(path, "asks for nothing; write two_factor: true, max_age: 10m, or both");
    }
    let two_factor_path = path.key("two_factor");
    require.two_factor = value(raw.two_factor, false, &two_factor_path, report);
    if require.two_factor && !two_factor.is_enabled {
        report.at_key(&two_factor_path, "needs auth.two_factor.enabled: true, or nobody could come in");
    }
    require.max_age = raw.max_age.as_ref().map(|text| {
        let path = path.key("max_age");
        let max_age = duration(Some(text), *MAX_AGE.start(), &path, report);
        if !MAX_AGE.contains(&max_age) {
            report.invalid(&path, "must be 1m to 30d");
        }
        max_age
    });
    require
}

fn credentials(
    raw: Option<&[raw::Credential]>,
    access: Option<&Access>,
    has_api_keys: bool,
    path: &KeyPath,
    report: &mut Report<'_>,
) -> AcceptedCredentials {
    let Some(raw) = raw else {
        report.record(path, AcceptedCredentials::ALL.names());
        return AcceptedCredentials::ALL;
    };
    report.record(path, raw);
    let accepts = |kind| raw.contains(&kind);
    let accepted = AcceptedCredentials {
        cookie: accepts(raw::Credential::Cookie),
        bearer: accepts(raw::Credential::Bearer),
        api_key: accepts(raw::Credential::ApiKey),
    };
    if raw.is_empty() {
        report.at(path, "an empty list would recognise nobody; leave credentials out to take every kind");
    } else if matches!(access, Some(Access::Required { .. })) && !accepted.cookie && !accepted.bearer && !has_api_keys {
        report.at(path, "nobody could come in: API keys need auth.api_keys.enabled: true; add cookie or bearer");
    }
    accepted
}

fn organization_roles(
    raw: Option<Vec<Text>>,
    access: Option<&Access>,
    around: &RouteContext<'_>,
    path: &KeyPath,
    report: &mut Report<'_>,
) -> Vec<OrganizationRole> {
    let Some(raw) = raw else { return Vec::new() };
    report.record(path, &raw);
    if raw.is_empty() {
        report.at(path, "an empty list would let nobody in; leave organization_roles out to let every user in");
    }
    if matches!(access, Some(Access::Public | Access::Optional)) {
        report.at_key(path, "needs access: required; this route would let everybody in");
    }
    if !around.has_organizations {
        report.at_key(path, "needs auth.organizations.enabled: true, or nobody could come in");
    }
    let mut roles = Vec::new();
    for (index, Text(text)) in raw.iter().enumerate() {
        if let Ok(role) = text.parse() {
            roles.push(role);
        } else {
            let valid = OrganizationRole::ALL.map(OrganizationRole::as_str);
            let hint = did_you_mean(text, valid);
            let message = format!("unknown role {}{hint} valid: {}", quoted(text), listed(valid));
            report.at(&path.index(index), message);
        }
    }
    roles
}

/// Returns what an API key has to be allowed.
fn scopes(
    raw: Option<Vec<Text>>,
    (access, credentials, around): (Option<&Access>, AcceptedCredentials, &RouteContext<'_>),
    path: &KeyPath,
    report: &mut Report<'_>,
) -> Vec<String> {
    let Some(raw) = raw else { return Vec::new() };
    if raw.is_empty() {
        report.at(path, "an empty list asks for nothing; leave scopes out");
    } else if matches!(access, Some(Access::Public | Access::Optional)) {
        report.at_key(path, "scopes need access: required; this route would let everybody in");
    } else if !around.has_api_keys || !credentials.api_key {
        let message =
            "scopes limit API keys alone: they need auth.api_keys.enabled: true, and api_key among credentials";
        report.at_key(path, message);
    }
    check_scopes(&raw, path, report);
    report.record(path, &raw);
    raw.into_iter().map(|Text(scope)| scope).collect()
}

fn roles(raw: Vec<Text>, is_written: bool, path: &KeyPath, report: &mut Report<'_>) -> Vec<String> {
    if is_written && raw.is_empty() {
        report.at(path, "an empty list would let nobody in; leave roles out to let every user in");
    }
    check_roles(&raw, path, report);
    if is_written {
        report.record(path, &raw);
    }
    raw.into_iter().map(|Text(role)| role).collect()
}

fn report_shadowed(route: &Route, path: &KeyPath, earlier: &[(KeyPath, Route)], report: &mut Report<'_>) {
    if let Some((first_path, first)) = earlier.iter().find(|(_, first)| covers(first, route)) {
        let location = report.root().location_of(&first_path.key("name"));
        report.at_key(
            &path.key("match"),
            format!(
                "route {:?} can never match: {:?} at {location} comes first and covers all it would match; put this one before it",
                route.name, first.name
            ),
        );
    }
}

/// Returns whether every request that `second` matches is matched by `first`.
fn covers(first: &Route, second: &Route) -> bool {
    let methods = first.methods.is_empty()
        || (!second.methods.is_empty() && second.methods.iter().all(|method| first.methods.contains(method)));
    let hosts = first.hosts.is_empty()
        || (!second.hosts.is_empty() && second.hosts.iter().all(|host| first.hosts.contains(host)));
    methods && hosts && first.path.covers(&second.path)
}
