//! Holds routes in their order, immutable once compiled.

use std::{num::NonZero, time::Duration};

use http::Method;

use crate::{
    routing::{CanonicalPath, PathPattern},
    types::{AcceptedCredentials, OrganizationRole},
};

/// Says who may use a route. There is no default.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Access {
    /// Lets anybody pass; the credential is not even looked at.
    Public,
    /// Lets anybody pass; whoever has a session is named to the upstream.
    Optional,
    /// Lets requests pass only with a session, and where roles are listed only with one of them.
    Required { roles: Vec<String> },
}

/// Says what a session must have proved, or a key may, where a route asks for more than that it lives.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Requirements {
    /// A second factor was proved in the session.
    pub two_factor: bool,
    /// So it was where its user has one of these roles (`auth.two_factor.required_for_roles`).
    pub two_factor_roles: Vec<String>,
    /// Its user has one of these roles in the organization that it works in; none means that nothing is asked.
    pub organization_roles: Vec<OrganizationRole>,
    /// Its holder proved who they are within this time; `None` sets no limit.
    pub max_age: Option<Duration>,
    /// An API key has all of these, each a `resource:action`. They do not limit sessions.
    pub scopes: Vec<String>,
}

/// Says what a request gets that somebody at the sign-in page could be let in with: one without a session, or with one
/// that has to prove more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum OnUnauthenticated {
    /// A browser's navigation goes to the sign-in page where one is configured; everything else gets 401, or 403 where
    /// there is a session.
    #[default]
    Auto,
    /// Responds with 401 or 403 always.
    Reject,
}

/// Is an index into the upstreams of the same configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UpstreamId(pub usize);

/// Says whom a route's limit counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum RatePer {
    /// Counts everything that is signed in to one account; strangers by address.
    User,
    /// Counts one session, so one browser or one holder of a bearer token; strangers by address.
    Client,
    /// Counts an IPv4 address, or the /64 network of an IPv6 one.
    Address,
}

/// Holds `rate_limit:` of a route.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RateLimit {
    pub per: RatePer,
    /// Counts the requests that may come at once; they come back evenly over the window.
    pub limit: NonZero<u32>,
    /// Lasts from 1 ms a request to a day.
    pub window: Duration,
}

/// Holds `timeouts:` of a route; what is left out is the upstream's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RouteTimeouts {
    /// Limits the time between two reads from the upstream.
    pub read: Option<Duration>,
    /// Limits the time between two writes to it.
    pub write: Option<Duration>,
}

/// Describes one entry of `routes:`.
#[derive(Debug, Clone)]
pub struct Route {
    /// Is unique; it is what logs and metrics call the route.
    pub name: String,
    pub path: PathPattern,
    /// Means any method where it is empty. `GET` covers `HEAD`.
    pub methods: Vec<Method>,
    /// Lists lower-case host names, without port; where it is empty, any accepted host matches.
    pub hosts: Vec<String>,
    pub upstream: UpstreamId,
    pub access: Access,
    /// Says what a session must have proved. Default: nothing more than that it lives.
    pub require: Requirements,
    /// Says by what a request may be recognised. Default: all kinds.
    pub credentials: AcceptedCredentials,
    pub on_unauthenticated: OnUnauthenticated,
    /// Says whether WebSocket upgrades pass.
    pub websocket: bool,
    /// Limits the request body in bytes; `None` sets no limit.
    pub max_body: Option<u64>,
    pub rate_limit: Option<RateLimit>,
    /// Takes the place of the upstream's.
    pub timeouts: Option<RouteTimeouts>,
    pub cors: CorsBy,
    pub cross_origin_writes: CrossOriginWrites,
}

/// Says who says which pages of other origins may read a route's answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum CorsBy {
    /// Trusted origins may, with credentials; the gateway answers preflights.
    #[default]
    Gateway,
    /// The upstream says so itself and gets the preflights; not where a session is required, as those carry none.
    Upstream,
}

/// Says what becomes of a request that changes something, carries the session cookie and may come from any page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum CrossOriginWrites {
    /// Rejects it with 403 (CSRF-03).
    #[default]
    Refuse,
    /// Forwards it; the upstream has a defence of its own.
    Allow,
}

/// Names a route of one table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RouteId(usize);

impl RouteId {
    /// Returns its place in the table, from 0.
    #[must_use]
    pub fn index(self) -> usize {
        self.0
    }
}

/// Holds the table. The first match wins.
#[derive(Debug, Clone, Default)]
pub struct Routes(Vec<Route>);

impl Routes {
    /// Creates the table of the routes in the order of the configuration.
    #[must_use]
    pub fn new(routes: Vec<Route>) -> Self {
        Self(routes)
    }

    /// Returns every route, in order.
    pub fn iter(&self) -> impl Iterator<Item = &Route> {
        self.0.iter()
    }

    /// Returns the route for this request: the first that matches. None does where `;` parameters hide a path with
    /// another one, since what responds behind may not look at them. `host` is lower-case and without port.
    #[must_use]
    pub fn find(&self, host: &str, path: &CanonicalPath, method: &Method) -> Option<RouteId> {
        let found = self.first(host, path, method)?;
        let bare = path.without_parameters().filter(|_| !self.get(found).path.names_parameters());
        bare.is_none_or(|bare| self.first(host, &bare, method) == Some(found)).then_some(found)
    }

    fn first(&self, host: &str, path: &CanonicalPath, method: &Method) -> Option<RouteId> {
        self.0.iter().position(|route| route.fit(host, path, method) == Fit::Matches).map(RouteId)
    }

    /// Returns the route that [`Routes::find`] of this table named.
    #[must_use]
    pub fn get(&self, id: RouteId) -> &Route {
        &self.0[id.0]
    }
}

/// Says whether a route takes a request, or what speaks against it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fit {
    Matches,
    OtherHost,
    OtherMethod,
    OtherPath,
}

impl Route {
    /// Returns whether the route takes this request, were it the first in the table.
    #[must_use]
    pub fn fit(&self, host: &str, path: &CanonicalPath, method: &Method) -> Fit {
        if !self.covers_host(host) {
            Fit::OtherHost
        } else if !self.covers_method(method) {
            Fit::OtherMethod
        } else if self.path.matches(path) {
            Fit::Matches
        } else {
            Fit::OtherPath
        }
    }

    /// Returns whether it takes requests of this method.
    #[must_use]
    pub fn takes_method(&self, method: &Method) -> bool {
        self.covers_method(method)
    }

    fn covers_host(&self, host: &str) -> bool {
        self.hosts.is_empty() || self.hosts.iter().any(|covered| covered == host)
    }

    fn covers_method(&self, method: &Method) -> bool {
        let method = if method == Method::HEAD { &Method::GET } else { method };
        self.methods.is_empty() || self.methods.contains(method)
    }
}
