//! Runs `authgate routes explain`: one request, walked through the rules.

use std::{fmt::Write as _, process::ExitCode, sync::Arc};

use anyhow::anyhow;
use clap::Args;
use http::Method;
use serde_json::json;
use time::{Duration, OffsetDateTime};
use url::Url;

use crate::{
    cli::{
        ConfigArgs, Failure,
        administer::{answer, organization_role, parse_duration},
        routes::list,
    },
    config::{self, Config},
    policy::{self, Decision, Denial, RequestFacts},
    proxy::SignInPage,
    routing::{CanonicalPath, Fit, OnUnauthenticated, Route, accepted_hosts::AcceptedHosts, own_paths::OwnPaths},
    types::{
        AcceptedCredentials, ActiveOrganization, ActiveSession, ActiveUser, Activity, ApiKeyGrant, ApiKeyId,
        ApiKeyState, Credential, Identity, KeyOrganization, OrganizationId, OrganizationRole, Principal, SecondFactor,
        SessionId, StepUp, UserId,
    },
};

#[derive(Debug, Args)]
pub(crate) struct Explain {
    /// GET, POST, …
    method: Method,
    /// A path, or a URL whose host counts too
    url: String,
    /// Who asks: `anonymous`, `user`, `role:NAME`, or `organization`, which asks by an API key of its own
    #[arg(long = "as", value_name = "WHO", default_value = "anonymous", value_parser = parse_subject)]
    subject: Subject,
    /// The session works in an organization, with this role: owner, admin or member
    #[arg(long, value_name = "ROLE", value_parser = organization_role)]
    organization_role: Option<OrganizationRole>,
    /// A second factor was proved in the session
    #[arg(long)]
    two_factor: bool,
    /// The session was proved so long ago, for example 15m; without it, just now
    #[arg(long, value_name = "DURATION", value_parser = parse_duration)]
    proved_ago: Option<std::time::Duration>,
    /// With an API key of theirs, not a session: it works in no organization and proves nothing
    #[arg(long, conflicts_with_all = ["organization_role", "two_factor", "proved_ago"])]
    api_key: bool,
    /// Give the key this scope, for example reports:read; may be repeated
    #[arg(long, value_name = "SCOPE", requires = "api_key")]
    scope: Vec<String>,
    /// Answer in JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    config: ConfigArgs,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Subject {
    Anonymous,
    User { roles: Vec<String> },
    Organization,
}

fn parse_subject(text: &str) -> Result<Subject, String> {
    match text {
        "anonymous" => Ok(Subject::Anonymous),
        "user" => Ok(Subject::User { roles: Vec::new() }),
        "organization" => Ok(Subject::Organization),
        _ => match text.strip_prefix("role:") {
            Some(role) if !role.is_empty() => Ok(Subject::User { roles: vec![role.to_owned()] }),
            _ => Err("anonymous, user, role:NAME or organization".to_owned()),
        },
    }
}

/// Says what becomes of a request.
struct Outcome {
    /// Is `forwarded`, `refused`, `redirected` or `local`.
    result: &'static str,
    /// This is the status of our own response.
    status: Option<u16>,
    why: String,
}

/// Does what the arguments say.
pub(crate) fn run(explain: &Explain) -> Result<ExitCode, Failure> {
    let config = config::load(&explain.config.config)?;
    let (host, target) = split(&explain.url, &config)?;
    let path = target.split(['?', '#']).next().unwrap_or_default();
    let canonical = CanonicalPath::parse(path);
    let name = AcceptedHosts::new(&config.proxy.hosts, config.proxy.public_scheme).find(&host);
    let own_pages = config.pages.own_prefixes().into_iter().map(str::to_owned).collect();
    let own_paths = OwnPaths::new(config.auth.base_path.clone(), &[], own_pages);
    let mut considered = Vec::new();
    let (outcome, route) = match &canonical {
        Err(error) => (refused(400, format!("the path is refused before any route is looked at: {error}")), None),
        Ok(_) if name.is_none() => {
            let why = format!("{host} is neither public_url's host nor in server.hosts");
            (refused(421, why), None)
        }
        Ok(canonical) if own_paths.cover(canonical) && OwnPaths::are_spelled(canonical, path) => {
            let why = format!("AuthGate itself answers below {}", own_prefix(&config, canonical));
            (Outcome { result: "local", status: None, why }, None)
        }
        Ok(canonical) if own_paths.cover(canonical) => {
            let why = format!("AuthGate's own paths below {} have one spelling each", own_prefix(&config, canonical));
            (refused(404, why), None)
        }
        Ok(path) => {
            let name = name.as_deref().unwrap_or_default();
            for route in config.routes.iter() {
                let fit = route.fit(name, path, &explain.method);
                considered.push((route, fit));
                if fit == Fit::Matches {
                    break;
                }
            }
            match config.routes.find(name, path, &explain.method).map(|id| config.routes.get(id)) {
                Some(route) => (decide(route, explain, &config), Some(route)),
                None => (unrouted(&explain.subject, considered.iter().any(|(_, fit)| *fit == Fit::Matches)), None),
            }
        }
    };
    let upstream = route.map(|route| config.proxy.upstreams[route.upstream.0].name.as_str());
    let object = json!({
        "method": explain.method.as_str(),
        "host": host,
        "path": canonical.as_ref().ok().map(CanonicalPath::as_str),
        "considered": considered
            .iter()
            .map(|(route, fit)| json!({ "route": route.name, "path": route.path.as_str(), "fit": fit_text(*fit) }))
            .collect::<Vec<_>>(),
        "route": route.map(|route| &route.name),
        "credentials": route.map(|route| route.credentials.names()),
        "upstream": upstream.filter(|_| outcome.result == "forwarded"),
        "result": outcome.result,
        "status": outcome.status,
        "why": outcome.why,
    });
    let mut text = format!("{} {host} {target}\n", explain.method);
    if let Ok(path) = &canonical {
        let _ = writeln!(text, "path      {}", path.as_str());
    }
    for (route, fit) in &considered {
        let _ = writeln!(text, "  {:<16} {:<24} {}", route.name, route.path.as_str(), fit_text(*fit));
    }
    let status = outcome.status.map(|status| format!(", {status}")).unwrap_or_default();
    let _ = write!(text, "result    {}{status}", outcome.result);
    if let (Some(upstream), "forwarded") = (upstream, outcome.result) {
        let _ = write!(text, " to {upstream}");
    }
    let _ = write!(text, "\nwhy       {}", outcome.why);
    answer(explain.json, &object, &text)
}

fn fit_text(fit: Fit) -> &'static str {
    match fit {
        Fit::Matches => "matches",
        Fit::OtherHost => "another host",
        Fit::OtherMethod => "another method",
        Fit::OtherPath => "another path",
    }
}

fn refused(status: u16, why: String) -> Outcome {
    Outcome { result: "refused", status: Some(status), why }
}

/// Describes a request that no route takes. `is_hidden`: a route matches, but not what the path is to servers that cut
/// its parameters off.
fn unrouted(subject: &Subject, is_hidden: bool) -> Outcome {
    let why = if is_hidden { "without its ; parameters the path has another rule" } else { "no route matches" };
    match subject {
        Subject::Anonymous => refused(401, format!("{why}; strangers are not told which paths exist")),
        Subject::User { .. } | Subject::Organization => refused(404, why.to_owned()),
    }
}

/// Returns host and target; of a path alone the host is `public_url`'s.
fn split(text: &str, config: &Config) -> Result<(String, String), Failure> {
    if text.starts_with('/') {
        return Ok((config.proxy.hosts[0].clone(), text.to_owned()));
    }
    // The rest is not parsed: a URL parser would mend what the gateway rejects.
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let (host, path) = rest
        .map(|rest| rest.find('/').map_or((rest, "/"), |at| rest.split_at(at)))
        .ok_or_else(|| Failure::Usage(anyhow!("URL: a path such as /items or a URL such as https://host/items")))?;
    let known = Url::parse(&format!("http://{host}")).is_ok();
    if !known {
        return Err(Failure::Usage(anyhow!("URL: {host:?} is not a host")));
    }
    Ok((host.to_ascii_lowercase(), path.to_owned()))
}

fn decide(route: &Route, explain: &Explain, config: &Config) -> Outcome {
    let takes_keys = route.credentials.api_key && config.auth.api_keys.is_some();
    let identity = match &explain.subject {
        Subject::Organization if takes_keys && config.auth.organizations.is_some() => {
            let organization = KeyOrganization { id: OrganizationId::generate(), slug: "some-organization".to_owned() };
            let principal = Principal::Organization { organization, api_key: Arc::new(key(explain)) };
            let session = ActiveSession { principal, ..somebody(Vec::new(), explain) };
            Identity::Session { session: Arc::new(session), credential: Credential::ApiKey }
        }
        Subject::Anonymous | Subject::Organization => Identity::Anonymous,
        Subject::User { roles } => {
            let session = Arc::new(somebody(roles.clone(), explain));
            match route.credentials {
                AcceptedCredentials { .. } if explain.api_key => {
                    if takes_keys {
                        Identity::Session { session, credential: Credential::ApiKey }
                    } else {
                        Identity::Anonymous
                    }
                }
                AcceptedCredentials { cookie: true, .. } => {
                    Identity::Session { session, credential: Credential::Cookie }
                }
                AcceptedCredentials { bearer: true, .. } => {
                    Identity::Session { session, credential: Credential::Bearer }
                }
                AcceptedCredentials { .. } => Identity::Anonymous,
            }
        }
    };
    let facts = RequestFacts::new(&explain.method, route.cross_origin_writes, false, true, OffsetDateTime::now_utc());
    let name = &route.name;
    let access = list::access(route);
    match policy::authorise(&route.access, &route.require, identity, facts) {
        Decision::Allow(permit) => {
            let whom = match permit.session().map(|session| &session.principal) {
                Some(Principal::User { .. }) => "with the user's identity",
                Some(Principal::Organization { .. }) => "in the name of the organization, and of no user",
                None => "without an identity",
            };
            Outcome { result: "forwarded", status: None, why: format!("route {name} is {access}; {whom}") }
        }
        Decision::Deny(Denial::Unauthenticated) => {
            let why = format!("route {name} is {access}, and nobody is signed in");
            to_the_sign_in_page(route, explain, config, 401, why)
        }
        Decision::Deny(Denial::StepUp(step_up)) => {
            let lacks = match step_up {
                StepUp::TwoFactorSetup | StepUp::TwoFactor => "a second factor was not proved in the session",
                StepUp::Reauthenticate => "the session was proved longer ago",
            };
            let roles = &route.require.two_factor_roles;
            let by_role = step_up != StepUp::Reauthenticate && !route.require.two_factor;
            let rule = if by_role { format!(", with second factor for {}", roles.join(", ")) } else { String::new() };
            to_the_sign_in_page(route, explain, config, 403, format!("route {name} is {access}{rule}, and {lacks}"))
        }
        Decision::Deny(Denial::MissingOrganizationRole) => {
            refused(403, format!("route {name} is {access}, and the session has no such role in an organization"))
        }
        Decision::Deny(Denial::MissingRole) => refused(403, format!("route {name} is {access}")),
        Decision::Deny(Denial::MissingScope) => {
            refused(403, format!("route {name} is {access}, and the key lacks a scope"))
        }
        Decision::Deny(Denial::ApiKeyNotAllowed) => {
            refused(403, format!("route {name} is {access}, and no API key can prove that"))
        }
        Decision::Deny(Denial::UserRequired) => {
            refused(403, format!("route {name} is {access}, and the key of an organization is no user"))
        }
        Decision::Deny(Denial::RejectedBearer | Denial::RejectedApiKey(_) | Denial::CrossOrigin) => {
            refused(403, format!("route {name} is {access}"))
        }
    }
}

/// Returns the path below which the gateway itself responds to another.
fn own_prefix<'c>(config: &'c Config, path: &CanonicalPath) -> &'c str {
    let pages = config.pages.own_prefixes().into_iter();
    pages.filter(|prefix| path.is_within(prefix)).max_by_key(|prefix| prefix.len()).unwrap_or(&config.auth.base_path)
}

/// Describes a request that somebody at the sign-in page could be let in with.
fn to_the_sign_in_page(route: &Route, explain: &Explain, config: &Config, status: u16, why: String) -> Outcome {
    match &config.proxy.sign_in_page {
        // The built-in pages are there without being asked for: what programs get is what is explained.
        Some(page)
            if page.parameter == SignInPage::OWN
                && route.on_unauthenticated == OnUnauthenticated::Auto
                && explain.method == Method::GET =>
        {
            let why = format!("{why}; browsers are sent to {}, everything else gets {status}", page.page);
            Outcome { result: "redirected", status: Some(302), why }
        }
        _ => refused(status, why),
    }
}

fn key(explain: &Explain) -> ApiKeyGrant {
    ApiKeyGrant {
        id: ApiKeyId::generate_for_key(),
        state: ApiKeyState::Active,
        scopes: explain.scope.clone(),
        is_counted: false,
        quota_revision: 0,
    }
}

fn somebody(roles: Vec<String>, explain: &Explain) -> ActiveSession {
    let now = OffsetDateTime::now_utc();
    ActiveSession {
        session_id: SessionId::generate(),
        principal: Principal::User {
            user: ActiveUser {
                id: UserId::generate(),
                email: "somebody@example.com".parse().expect("it is an address"),
                email_verified: true,
                name: "Somebody".to_owned(),
                roles,
                additional_fields: serde_json::Value::Null,
                has_two_factor: false,
                organization: explain.organization_role.map(|role| ActiveOrganization {
                    id: OrganizationId::generate(),
                    slug: "some-organization".to_owned(),
                    roles: role.into(),
                }),
            },
            api_key: explain.api_key.then(|| Arc::new(key(explain))),
        },
        auth_method: "password".to_owned(),
        second_factor: explain.two_factor.then_some(SecondFactor::Totp),
        impersonated_by: None,
        proved_at: now - explain.proved_ago.unwrap_or_default(),
        expires_at: now + Duration::HOUR,
        is_remembered: true,
        activity: Activity::Recorded,
    }
}
