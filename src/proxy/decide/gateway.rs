//! Decides on each request, from its target and host to a permit or a rejection.

use std::{net::IpAddr, sync::Arc};

use http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use pingora::http::RequestHeader;
use time::OffsetDateTime;

use crate::{
    api::log_rejected_origin,
    auth::{self, Client, Denials, Event, Outcome},
    observe::{AccessLog, Metrics},
    policy::{self, Decision, Denial, Permit, RequestFacts},
    proxy::{
        client::load::UnderWay,
        decide::{
            auth_api::AuthApi,
            rate_limit::RouteLimits,
            rejection::Rejection,
            route_metrics::RouteMetrics,
            state::{Forward, RequestState, Responder},
        },
        http1::head::HeadError,
        identity::headers::IdentityNames,
        request::{
            cors::{Cors, Methods, Preflight},
            field_values::joined,
            forwarded::Forwarded,
            target::Target,
            websocket::ProtocolUpgrade,
        },
        session::exchange::{CookieExchange, OldCookie, names_ours},
        settings::Settings,
        upstreams::pool::Upstreams,
    },
    routing::{
        Access, CanonicalPath, CorsBy, OnUnauthenticated, Route, RouteId, Routes, UpstreamId,
        accepted_hosts::AcceptedHosts,
        own_paths::{self, OwnPaths},
    },
    sessions::{
        self, Assertions, Jwts, KeyQuotas, RevocationFeed, SessionActivity, Watched,
        credential::{Presented, presented_with_api_keys},
        lookup::SessionCheck,
    },
    tasks::Tasks,
    types::{AcceptedCredentials, ActiveSession, Identity, Principal, StepUp},
};

/// Holds everything that a request is decided by. It is immutable; a new configuration makes a new one.
pub struct Gateway {
    pub(crate) settings: Settings,
    hosts: AcceptedHosts,
    pub(crate) routes: Routes,
    pub(crate) names: IdentityNames,
    pub(crate) upstreams: Upstreams,
    pub(crate) auth_api: AuthApi,
    limits: RouteLimits,
    checks: SessionCheck,
    pub(crate) activity: SessionActivity,
    watch: RevocationFeed,
    key_quotas: KeyQuotas,
    denials: Denials,
    assertions: Option<Assertions>,
    jwts: Jwts,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) route_metrics: RouteMetrics,
    pub(crate) access_log: AccessLog,
}

impl std::fmt::Debug for Gateway {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Gateway")
    }
}

pub(crate) const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Holds what a route's rule looks at in a request whose response lasts.
pub(crate) struct AdmittedRequest<'a> {
    pub(crate) host: &'a str,
    pub(crate) path: &'a CanonicalPath,
    pub(crate) method: &'a Method,
    /// Is the method by which its route was found, which for a preflight is another one.
    pub(crate) routed_method: &'a Method,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) is_upgrade: bool,
    /// Is when it arrived: how long ago its session was proved is measured from then, however long it lasts.
    pub(crate) received_at: OffsetDateTime,
}

/// Says where an admitted request goes.
pub(crate) enum Admitted {
    /// The request goes to its upstream.
    Upstream(Forward),
    /// The request goes to the gateway's own API, under its canonical target.
    Local(String),
    /// The request goes nowhere: this is the response to a preflight for a page of a trusted origin.
    Preflight(Vec<(HeaderName, HeaderValue)>),
    /// The request goes nowhere: this is what a proxy in front may take from the response to its question.
    Authorized { fields: Vec<(HeaderName, HeaderValue)>, route: RouteId, permit: Permit },
}

impl Gateway {
    /// Takes over what the configuration says, and the router of the auth API.
    pub async fn new(
        settings: Settings,
        routes: Routes,
        auth_api: AuthApi,
        sessions: (SessionCheck, SessionActivity, RevocationFeed, Jwts, KeyQuotas),
        denials: Denials,
        observe: (Arc<Metrics>, AccessLog),
        tasks: &Tasks,
    ) -> Self {
        let (checks, activity, watch, jwts, key_quotas) = sessions;
        let (metrics, access_log) = observe;
        Self {
            hosts: AcceptedHosts::new(&settings.hosts, settings.public_scheme).with_loopback(settings.accepts_loopback),
            names: names(&settings, None),
            upstreams: Upstreams::start(&settings.upstreams, &metrics, tasks).await,
            route_metrics: RouteMetrics::new(&metrics, &routes),
            limits: RouteLimits::new(&routes, &metrics),
            settings,
            routes,
            auth_api,
            checks,
            activity,
            watch,
            key_quotas,
            denials,
            assertions: None,
            jwts,
            metrics,
            access_log,
        }
    }

    /// Returns the gateway with assertions, which tell upstreams who is asking in a way that they can verify.
    #[must_use]
    pub fn with_assertions(self, assertions: Assertions) -> Self {
        let names = names(&self.settings, Some(assertions.header().clone()));
        Self { names, assertions: Some(assertions), ..self }
    }

    /// Returns what is signed for the upstream of a permitted request.
    pub(crate) fn assertion(&self, permit: &Permit, upstream: UpstreamId, now: OffsetDateTime) -> Option<HeaderValue> {
        let assertions = self.assertions.as_ref()?;
        assertions.token_for(permit.session()?, upstream.0, now)
    }

    /// Tells whether a token can only be one that this gateway signed.
    pub(crate) fn signed(&self, token: &[u8]) -> bool {
        self.jwts.is_issued_here(token)
            || self.assertions.as_ref().is_some_and(|assertions| assertions.is_issued_here(token))
    }

    /// Watches a connection that outlives the check of its session.
    pub(crate) fn watch(&self, session: &ActiveSession) -> Watched {
        self.watch.watch(session)
    }

    /// Begins with a request of which the head is there.
    pub(crate) fn receive(&self, peer: IpAddr, headers: &HeaderMap, load: UnderWay) -> RequestState {
        let Settings { trusted_proxies, public_scheme, trusted_origins, .. } = &self.settings;
        let is_served = |host: &str| self.accepted_host(host).is_ok();
        let forwarded = Forwarded::from_headers(peer, headers, (trusted_proxies, &is_served), public_scheme);
        let cors = Cors::from_headers(headers, trusted_origins);
        RequestState::new(forwarded, cors, load, self.metrics.requests_in_flight.clone())
    }

    /// Decides on a request. Whatever is not explicitly allowed is returned as a rejection.
    pub(crate) async fn admit(
        &self,
        peer: IpAddr,
        request: &RequestHeader,
        state: &mut RequestState,
    ) -> Result<Admitted, Rejection> {
        let client = state.forwarded.client;
        if state.load.is_beyond(self.settings.max_requests) {
            return Err(Rejection::Overloaded);
        }
        let target = Target::parse(request.raw_path())?;
        if let Some(rest) = own_paths::forward_auth_path(target.path, &self.settings.base_path) {
            return self.forward_auth(peer, request, (&target, rest), state).await;
        }
        let host = request.headers.get(header::HOST).and_then(|host| host.to_str().ok());
        let host = self.accepted_host(host.ok_or(Rejection::Head(HeadError::Host))?)?;
        let path = CanonicalPath::parse(target.path).map_err(Rejection::Path)?;
        let preflight = Preflight::from_request(&request.method, &request.headers);
        let is_own = self.auth_api.paths.cover(&path);
        // The route is the one of the request that the page wants to send.
        let method = preflight.as_ref().map_or(&request.method, |preflight| &preflight.method);
        let route = self.routes.find(&host, &path, method);
        if let Some(preflight) = &preflight
            && (is_own || route.is_none_or(|id| self.routes.get(id).cors == CorsBy::Gateway))
        {
            state.responder = Responder::Local;
            return match state.cors {
                Cors::Trusted(_) => {
                    Ok(Admitted::Preflight(preflight.response(if is_own { Methods::AuthApi } else { Methods::Any })))
                }
                Cors::Unnamed => {
                    log_rejected_origin(&request.headers, &state.id);
                    Err(Rejection::UntrustedOrigin)
                }
            };
        }
        if is_own {
            state.responder = Responder::Local;
            // The gateway's own endpoints have one spelling each (PATH-14).
            return if OwnPaths::are_spelled(&path, target.path) {
                Ok(Admitted::Local(target.with_path(path.as_str())))
            } else {
                Err(Rejection::NotFound)
            };
        }
        let Some(id) = route else {
            return Err(self.reject_unrouted(&request.headers, state).await);
        };
        state.responder = Responder::Route(id);
        let route = self.routes.get(id);
        let rewritten = (target.is_absolute_form || path.as_str() != target.path)
            .then(|| target.with_path(path.as_str()).into_bytes());
        let upgrade = ProtocolUpgrade::from_request(&request.method, request.version, &request.headers);
        check_upgrade(route, upgrade)?;
        check_length(route, &request.headers)?;

        let is_upgrade = upgrade == ProtocolUpgrade::WebSocket;
        state.rate_limit = self.limits.before_check(id, client)?;
        let permit = self.decide(id, (&request.method, &request.headers), is_upgrade, &target, state).await?;
        state.rate_limit = state.rate_limit.or(self.limits.after_check(id, client, permit.session())?);
        let routed_method = method.clone();
        Ok(Admitted::Upstream(Forward {
            route: id,
            routed_method,
            permit,
            is_upgrade,
            target: rewritten,
            received_at: state.received_at,
        }))
    }

    /// Decides who is asking, and whether they may.
    pub(crate) async fn decide(
        &self,
        id: RouteId,
        (method, headers): (&Method, &HeaderMap),
        is_upgrade: bool,
        target: &Target<'_>,
        state: &mut RequestState,
    ) -> Result<Permit, Rejection> {
        let route = self.routes.get(id);
        let identity = match route.access {
            Access::Public => Identity::Anonymous,
            Access::Optional | Access::Required { .. } => self.identify(headers, route.credentials, state).await?,
        };
        let facts = self.facts(route, method, headers, is_upgrade, state.received_at);
        match policy::authorise(&route.access, &route.require, identity, facts) {
            Decision::Allow(permit) => {
                if let Some(session) = permit.session()
                    && let Some(key) = session.api_key()
                {
                    self.key_quotas.take(session, key).await.map_err(Rejection::ApiKeyExceeded)?;
                }
                Ok(permit)
            }
            Decision::Deny(denial) => {
                self.metrics.access_denied.with_label_values(&[denial.as_str()]).inc();
                self.record_denial(denial, id, headers, state);
                Err(self.reject(denial, id, target, (method, headers)))
            }
        }
    }

    /// Returns whether a request that was admitted some time ago would be admitted now, by this gateway and for this
    /// identity.
    pub(crate) fn still_admits(&self, request: &AdmittedRequest<'_>, identity: Identity) -> bool {
        if let Identity::Session { session, .. } = &identity
            && matches!(session.principal, Principal::Organization { .. })
            && !self.settings.organizations
        {
            return false;
        }
        let Ok(host) = self.accepted_host(request.host) else { return false };
        let Some(id) = self.routes.find(&host, request.path, request.routed_method) else { return false };
        let route = self.routes.get(id);
        if self.auth_api.paths.cover(request.path) || (request.is_upgrade && !route.websocket) {
            return false;
        }
        let facts = self.facts(route, request.method, request.headers, request.is_upgrade, request.received_at);
        matches!(policy::authorise(&route.access, &route.require, identity, facts), Decision::Allow(_))
    }

    async fn identify(
        &self,
        headers: &HeaderMap,
        accepted: AcceptedCredentials,
        state: &mut RequestState,
    ) -> Result<Identity, Rejection> {
        let (cookie, key_header) = (&self.settings.cookie, self.settings.api_key_header.as_ref());
        let presented = presented_with_api_keys(headers, cookie, key_header, accepted);
        let old_cookie = OldCookie::from_request(cookie, headers, &presented);
        let asked = std::time::Instant::now();
        let asks_database =
            matches!(presented, Presented::Cookie(_) | Presented::Bearer(_) | Presented::Jwt(_) | Presented::ApiKey(_));
        let identity = sessions::identify(&self.checks, &self.jwts, presented, state.received_at).await;
        state.check = asks_database.then(|| asked.elapsed());
        let identity = identity.map_err(|_| Rejection::CheckUnavailable)?;
        if let Identity::Session { session, .. } = &identity {
            state.session = Some(Arc::clone(session));
        }
        if let Some(old) = old_cookie {
            let exchange = old.exchange(cookie, headers, state.session.as_deref(), state.received_at);
            state.exchange = Some(Box::new(exchange));
        }
        Ok(identity)
    }

    /// Decides what becomes of better-auth's cookies with a response of the auth API, which looks its session up by
    /// itself. A session that it opened or ended has said so in a cookie of ours; otherwise the session is looked up once
    /// more, as it is now. Where that fails, the next response exchanges them.
    pub(crate) async fn exchange_old_cookies<'v>(
        &self,
        headers: &HeaderMap,
        set_cookies: impl Iterator<Item = &'v HeaderValue>,
        state: &mut RequestState,
    ) {
        let cookie = &self.settings.cookie;
        if cookie.better_auth.is_none() {
            return;
        }
        if names_ours(cookie, set_cookies) {
            state.exchange = CookieExchange::of_old_cookies(cookie, headers).map(Box::new);
            return;
        }
        let presented =
            presented_with_api_keys(headers, cookie, self.settings.api_key_header.as_ref(), AcceptedCredentials::ALL);
        let Some(old) = OldCookie::from_request(cookie, headers, &presented) else { return };
        let Ok(identity) = sessions::identify(&self.checks, &self.jwts, presented, state.received_at).await else {
            return;
        };
        let session = match &identity {
            Identity::Session { session, .. } => Some(&**session),
            Identity::Anonymous | Identity::RejectedBearer | Identity::RejectedApiKey(_) => None,
        };
        state.exchange = Some(Box::new(old.exchange(cookie, headers, session, state.received_at)));
    }

    /// Rejects a request that no route takes. Nobody learns from outside which paths exist: without a session an
    /// unknown one looks like a protected one (ENUM-05).
    pub(crate) async fn reject_unrouted(&self, headers: &HeaderMap, state: &mut RequestState) -> Rejection {
        match self.identify(headers, AcceptedCredentials::ALL, state).await {
            Ok(Identity::Session { .. }) => Rejection::NotFound,
            Ok(Identity::Anonymous | Identity::RejectedBearer | Identity::RejectedApiKey(_)) => {
                Rejection::Unauthenticated
            }
            Err(rejection) => rejection,
        }
    }

    /// Returns the request's host in lower case and without port, where it is one that is served here (PATH-12).
    pub(crate) fn accepted_host(&self, host: &str) -> Result<String, Rejection> {
        let found = self.hosts.find(host);
        if let (None, Some(rejected)) = (&found, &self.settings.rejected_hosts) {
            rejected.see(host);
        }
        found.ok_or(Rejection::Misdirected)
    }

    fn facts(
        &self,
        route: &Route,
        method: &Method,
        headers: &HeaderMap,
        is_upgrade: bool,
        received_at: OffsetDateTime,
    ) -> RequestFacts {
        let is_from_trusted_origin = if headers.contains_key(header::ORIGIN) {
            self.settings.trusted_origins.allows_header(&joined(headers, &header::ORIGIN))
        } else {
            // A WebSocket's page always names itself; other requests of older browsers may not (CSRF-01).
            !is_upgrade && matches!(&*joined(headers, &SEC_FETCH_SITE), "same-origin" | "none")
        };
        RequestFacts::new(method, route.cross_origin_writes, is_upgrade, is_from_trusted_origin, received_at)
    }

    /// Records a denial. What somebody with a session may not do belongs into the audit log; strangers are in the
    /// access log (LOG-03).
    fn record_denial(&self, denial: Denial, id: RouteId, headers: &HeaderMap, state: &RequestState) {
        let outcome = match denial {
            Denial::MissingRole => Outcome::MissingRole,
            Denial::MissingOrganizationRole => Outcome::MissingOrganizationRole,
            Denial::MissingScope => Outcome::MissingScope,
            Denial::CrossOrigin => Outcome::CrossOrigin,
            Denial::ApiKeyNotAllowed => Outcome::ApiKeyNotAllowed,
            Denial::UserRequired => Outcome::UserRequired,
            Denial::StepUp(StepUp::TwoFactorSetup | StepUp::TwoFactor) => Outcome::SecondFactorRequired,
            Denial::StepUp(StepUp::Reauthenticate) => Outcome::ReauthenticationRequired,
            Denial::Unauthenticated | Denial::RejectedBearer | Denial::RejectedApiKey(_) => return,
        };
        if outcome == Outcome::CrossOrigin {
            log_rejected_origin(headers, &state.id);
        }
        let session = state.session.as_ref();
        let mut client = Client::new(state.forwarded.client, &state.id, headers);
        client.impersonated_by = session.and_then(|session| session.impersonated_by.clone());
        self.denials.record(auth::Denial {
            event: Event::AccessDenied,
            outcome,
            user_id: session.and_then(|session| session.user_id().cloned()),
            place: self.routes.get(id).name.clone(),
            client,
            at: state.received_at,
        });
    }

    fn reject(
        &self,
        denial: Denial,
        id: RouteId,
        target: &Target<'_>,
        (method, headers): (&Method, &HeaderMap),
    ) -> Rejection {
        let (otherwise, step_up) = match denial {
            Denial::RejectedBearer => return Rejection::RejectedBearer,
            Denial::RejectedApiKey(rejection) => return Rejection::RejectedApiKey(rejection),
            Denial::MissingScope => return Rejection::MissingScope,
            Denial::ApiKeyNotAllowed => return Rejection::ApiKeyNotAllowed,
            Denial::UserRequired => return Rejection::UserRequired,
            Denial::MissingRole => return Rejection::MissingRole,
            Denial::MissingOrganizationRole => return Rejection::MissingOrganizationRole,
            Denial::CrossOrigin => return Rejection::CrossOrigin,
            Denial::Unauthenticated => (Rejection::Unauthenticated, None),
            Denial::StepUp(step_up) => (Rejection::StepUp(step_up), Some(step_up)),
        };
        let wants_page =
            self.routes.get(id).on_unauthenticated == OnUnauthenticated::Auto && is_navigation(method, headers);
        match &self.settings.sign_in_page {
            Some(page) if wants_page => {
                Rejection::SignInFirst { page: page.clone(), back_to: target.as_given(), step_up }
            }
            _ => otherwise,
        }
    }
}

fn names(settings: &Settings, assertion: Option<HeaderName>) -> IdentityNames {
    IdentityNames::new(settings.identity_headers, assertion)
        .with_fields(&settings.user_fields)
        .with_organization(settings.organizations)
        .with_api_keys(settings.api_key_header.clone())
}

fn check_upgrade(route: &Route, upgrade: ProtocolUpgrade) -> Result<(), Rejection> {
    match upgrade {
        ProtocolUpgrade::Malformed => Err(Rejection::MalformedUpgrade),
        ProtocolUpgrade::WebSocket if !route.websocket => Err(Rejection::NoWebSocket),
        ProtocolUpgrade::WebSocket | ProtocolUpgrade::None => Ok(()),
    }
}

fn check_length(route: &Route, headers: &HeaderMap) -> Result<(), Rejection> {
    let declared = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    match (route.max_body, declared) {
        (Some(limit), Some(length)) if length > limit => Err(Rejection::BodyTooLarge),
        _ => Ok(()),
    }
}

/// Tells whether a person's browser opens a page, as opposed to a script that fetches data (REDIR-05).
pub(crate) fn is_navigation(method: &Method, headers: &HeaderMap) -> bool {
    *method == Method::GET && expects_page(headers)
}

/// Tells whether a person's browser shows whatever the response is: to a page that it opens, or a form that it sends.
pub(crate) fn shows_response(method: &Method, headers: &HeaderMap) -> bool {
    matches!(*method, Method::GET | Method::POST) && expects_page(headers)
}

fn expects_page(headers: &HeaderMap) -> bool {
    const SEC_FETCH_MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");
    let accepts_html = joined(headers, &header::ACCEPT).contains("text/html");
    accepts_html && headers.get(SEC_FETCH_MODE).is_none_or(|mode| mode == "navigate")
}
