//! Determines what the upstream sees of a request's headers, and what it never sees (HDR-01 to HDR-11).

use std::{borrow::Cow, collections::BTreeSet};

use http::{HeaderName, HeaderValue, header, header::InvalidHeaderValue};
use pingora::{ErrorType, OrErr, http::RequestHeader};

use crate::{
    proxy::{
        identity::header_names::{canonical, is_of_proxies, is_removed},
        request::forwarded::Forwarded,
        settings::IdentityPreset,
    },
    sessions::{
        AssertionSettings, BetterAuthCookies, CookieNames,
        credential::{Bearer, bearer, bearer_text},
    },
    types::{ActiveSession, ActiveUser, ApiKey, Principal, RequestId, UserField, UserFields, header_text},
};

/// Names the headers that a preset fills, and the two that all presets share.
#[derive(Debug)]
pub(crate) struct IdentityNames {
    user_id: &'static str,
    email: &'static str,
    /// Other gateways' presets know no such header.
    email_verified: Option<&'static str>,
    name: &'static str,
    roles: &'static str,
    /// Carries the assertion, where one is configured.
    assertion: Option<HeaderName>,
    /// There are organizations, of which a session works in one or none.
    has_organizations: bool,
    /// Carries what users have beside, as far as upstreams are told.
    fields: Vec<(HeaderName, UserField)>,
    /// Is what clients send API keys in, where there are keys.
    api_key_header: Option<HeaderName>,
}

/// Counts the most that is said of a user and a session, beside additional fields.
const MAX_FIELDS: usize = 11;

const SESSION_ID: &str = "x-session-id";
/// Takes the place of the session's id where an API key was presented.
const API_KEY_ID: &str = "x-api-key-id";
const AUTH_METHOD: &str = "x-auth-method";
const ORG_ID: &str = "x-org-id";
const ORG_SLUG: &str = "x-org-slug";
const ORG_ROLE: &str = "x-org-role";
/// Names the administrator who acts in the user's place, and is there with no other session (ADMIN-02).
const IMPERSONATED_BY: &str = "x-impersonated-by";
pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
/// Asks browsers to visit this host by https only, for a year. Whether that holds for others of its domain is not for
/// the gateway to say.
pub(crate) const HSTS: (HeaderName, HeaderValue) =
    (header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));

impl IdentityNames {
    pub(crate) fn new(preset: IdentityPreset, assertion: Option<HeaderName>) -> Self {
        let [user_id, email, name, roles] = match preset {
            IdentityPreset::XUser => ["x-user-id", "x-user-email", "x-user-name", "x-user-roles"],
            IdentityPreset::RemoteUser => ["remote-user", "remote-email", "remote-name", "remote-groups"],
            IdentityPreset::XForwardedUser => {
                ["x-forwarded-user", "x-forwarded-email", "x-forwarded-preferred-username", "x-forwarded-groups"]
            }
            IdentityPreset::XAuthRequest => [
                "x-auth-request-user",
                "x-auth-request-email",
                "x-auth-request-preferred-username",
                "x-auth-request-groups",
            ],
        };
        let email_verified = (preset == IdentityPreset::XUser).then_some("x-user-email-verified");
        Self {
            user_id,
            email,
            email_verified,
            name,
            roles,
            assertion,
            has_organizations: false,
            fields: Vec::new(),
            api_key_header: None,
        }
    }

    /// Adds the header that API keys come in, which no upstream sees a key in.
    pub(crate) fn with_api_keys(self, header: Option<HeaderName>) -> Self {
        Self { api_key_header: header, ..self }
    }

    /// Adds the headers of additional fields.
    pub(crate) fn with_fields(self, fields: &UserFields) -> Self {
        let fields = fields.with_headers().filter_map(|field| Some((field.header.clone()?, field.clone())));
        Self { fields: fields.collect(), ..self }
    }

    /// Adds the headers of the organization that a session works in, where there are organizations.
    pub(crate) fn with_organization(self, has_organizations: bool) -> Self {
        Self { has_organizations, ..self }
    }

    /// Returns what the headers say of the organization that a user's session works in; nothing where it works in none.
    fn organization(&self, user: &ActiveUser) -> Result<Vec<(&'static str, HeaderValue)>, InvalidHeaderValue> {
        let Some(organization) = user.organization.as_ref().filter(|_| self.has_organizations) else {
            return Ok(Vec::new());
        };
        Ok(vec![
            (ORG_ID, HeaderValue::from_str(organization.id.as_str())?),
            (ORG_SLUG, HeaderValue::from_str(&organization.slug)?),
            (ORG_ROLE, HeaderValue::try_from(organization.roles.joined())?),
        ])
    }

    /// Returns what the headers of additional fields say of somebody; those that nothing was set for are not there.
    fn additional(&self, session: &ActiveSession) -> Result<Vec<(HeaderName, HeaderValue)>, InvalidHeaderValue> {
        let Some(user) = session.user() else { return Ok(Vec::new()) };
        let told = self.fields.iter().filter_map(|(name, field)| {
            let text = header_text::of_value(field.read(&user.additional_fields))?;
            Some(HeaderValue::try_from(text).map(|value| (name.clone(), value)))
        });
        told.collect()
    }

    /// Returns what the headers say of somebody.
    fn fields(&self, session: &ActiveSession) -> Result<Vec<(&'static str, HeaderValue)>, InvalidHeaderValue> {
        let authentication = session.authentication();
        let method = authentication.header_value();
        let session_or_key = if session.api_key().is_some() { API_KEY_ID } else { SESSION_ID };
        let mut fields = match &session.principal {
            Principal::User { user, .. } => self.of_user(user)?,
            // Its key is nobody's: there is a name of no user, and no role.
            Principal::Organization { organization, .. } => vec![
                (ORG_ID, HeaderValue::from_str(organization.id.as_str())?),
                (ORG_SLUG, HeaderValue::from_str(&organization.slug)?),
            ],
        };
        fields.push((session_or_key, HeaderValue::from_str(session.session_id.as_str())?));
        fields.push((AUTH_METHOD, HeaderValue::from_str(&Cow::from(header_text::encode(&method)))?));
        if let Some(by) = &session.impersonated_by {
            fields.push((IMPERSONATED_BY, HeaderValue::from_str(by.as_str())?));
        }
        Ok(fields)
    }

    fn of_user(&self, user: &ActiveUser) -> Result<Vec<(&'static str, HeaderValue)>, InvalidHeaderValue> {
        let mut fields = Vec::with_capacity(MAX_FIELDS);
        fields.extend([
            (self.user_id, HeaderValue::from_str(user.id.as_str())?),
            (self.email, HeaderValue::from_str(user.email.as_str())?),
            (self.name, HeaderValue::try_from(header_text::encode(&user.name).to_string())?),
            (self.roles, HeaderValue::try_from(user.roles.join(","))?),
        ]);
        let verified = HeaderValue::from_static(if user.email_verified { "true" } else { "false" });
        fields.extend(self.email_verified.map(|name| (name, verified)));
        fields.extend(self.organization(user)?);
        Ok(fields)
    }

    /// Returns every name that only the gateway may fill.
    pub(crate) fn all(&self) -> impl Iterator<Item = &str> {
        let fields = self.fields.iter().map(|(name, _)| name.as_str());
        self.fixed().map(|name| -> &str { name }).chain(self.assertion.as_ref().map(HeaderName::as_str)).chain(fields)
    }

    fn organization_names(&self) -> impl Iterator<Item = &'static str> + use<> {
        [ORG_ID, ORG_SLUG, ORG_ROLE].into_iter().filter({
            let has_organizations = self.has_organizations;
            move |_| has_organizations
        })
    }

    fn fixed(&self) -> impl Iterator<Item = &'static str> + use<> {
        let names = [self.user_id, self.email, self.name, self.roles, SESSION_ID, AUTH_METHOD, IMPERSONATED_BY];
        let key_id = self.api_key_header.as_ref().map(|_| API_KEY_ID);
        names.into_iter().chain(self.email_verified).chain(self.organization_names()).chain(key_id)
    }

    /// Returns whether a field of this (lower-case) name goes no further.
    fn removes(&self, name: &str, is_from_proxy: bool) -> bool {
        is_removed(name)
            || (!is_from_proxy && is_of_proxies(name))
            || self
                .assertion
                .as_ref()
                .is_some_and(|own| *own != header::AUTHORIZATION && canonical(name) == own.as_str())
            || self.fields.iter().any(|(own, _)| canonical(name) == own.as_str())
    }
}

/// Says what becomes of the client's `Authorization`.
#[derive(Clone, Copy)]
pub(crate) enum Authorization<'a> {
    /// It is the app's: the route reads no bearer tokens.
    Untouched,
    /// Is filtered: session tokens go no further, and tokens that the gateway signed only where the session behind them
    /// was just checked: what an app verifies by itself must not outlive a sign-out because its route is public
    /// (JWT-04).
    Filtered { is_own: &'a dyn Fn(&[u8]) -> bool },
}

/// Holds what is forwarded beside the client's own fields.
pub(crate) struct Outgoing<'a> {
    pub(crate) names: &'a IdentityNames,
    pub(crate) identity: Option<&'a ActiveSession>,
    /// Is the identity once more, signed.
    pub(crate) assertion: Option<HeaderValue>,
    pub(crate) authorization: Authorization<'a>,
    pub(crate) forwarded: &'a Forwarded,
    pub(crate) request_id: &'a RequestId,
    /// Names the gateway's own cookies.
    pub(crate) cookie_names: CookieNames<'a>,
}

/// Turns the client's fields into the upstream's.
pub(crate) fn rewrite(request: &mut RequestHeader, outgoing: &Outgoing<'_>) -> pingora::Result<()> {
    let names = outgoing.names;
    let is_removed = |name: &&HeaderName| names.removes(name.as_str(), outgoing.forwarded.is_from_proxy);
    let removed: Vec<HeaderName> = request.headers.keys().filter(is_removed).cloned().collect();
    for name in &removed {
        request.remove_header(name);
    }
    if let Authorization::Filtered { is_own } = outgoing.authorization {
        remove_own_bearer(request, outgoing.identity.is_some(), is_own, outgoing.cookie_names.better_auth);
    }
    let takes_foreign = outgoing.cookie_names.better_auth.is_some();
    remove_api_keys(request, names.api_key_header.as_ref(), takes_foreign);
    remove_own_cookies(request, outgoing.cookie_names)?;

    let forwarded = outgoing.forwarded;
    request.insert_header(FORWARDED_FOR, forwarded.chain.as_str())?;
    request.insert_header(FORWARDED_PROTO, HeaderValue::from_static(forwarded.proto))?;
    request.insert_header(FORWARDED_HOST, forwarded.host.as_str())?;
    request.insert_header(REQUEST_ID, outgoing.request_id.as_str())?;
    if let Some(identity) = outgoing.identity {
        let fields = names.fields(identity).or_err(ErrorType::InvalidHTTPHeader, "an identity")?;
        for (name, value) in fields {
            request.insert_header(name, value)?;
        }
        for (name, value) in names.additional(identity).or_err(ErrorType::InvalidHTTPHeader, "a field")? {
            request.insert_header(name, value)?;
        }
    }
    let is_taken = |name: &HeaderName| {
        *name == header::AUTHORIZATION && matches!(outgoing.authorization, Authorization::Untouched)
    };
    if let (Some(name), Some(assertion)) = (&names.assertion, &outgoing.assertion)
        && !is_taken(name)
    {
        request.insert_header(name.clone(), assertion.clone())?;
    }
    Ok(())
}

/// Returns what a proxy in front is told: every name once. Those that stay empty are there too, since some proxies
/// overwrite their client's fields only with what they are given (HDR-01).
pub(crate) fn forward_auth_fields(
    names: &IdentityNames,
    identity: Option<&ActiveSession>,
    assertion: Option<HeaderValue>,
) -> Result<Vec<(HeaderName, HeaderValue)>, InvalidHeaderValue> {
    const EMPTY: HeaderValue = HeaderValue::from_static("");
    let mut fields: Vec<(&'static str, HeaderValue)> = match identity {
        Some(identity) => names.fields(identity)?,
        None => Vec::new(),
    };
    // Those of a feature that is off are named too, so that one description of a proxy serves all configurations.
    let all = names.fixed().chain([ORG_ID, ORG_SLUG, ORG_ROLE, API_KEY_ID]).collect::<BTreeSet<_>>();
    let missing: Vec<_> = all.into_iter().filter(|name| fields.iter().all(|(told, _)| told != name)).collect();
    fields.extend(missing.into_iter().map(|name| (name, EMPTY)));
    let fields = fields.into_iter().map(|(name, value)| (HeaderName::from_static(name), value));
    let told = identity.map(|session| names.additional(session)).transpose()?.unwrap_or_default();
    let additional = names.fields.iter().map(|(name, _)| {
        let value = told.iter().find(|(known, _)| known == name).map_or(EMPTY, |(_, value)| value.clone());
        (name.clone(), value)
    });
    // It is filled also where none is configured: older versions of Caddy make up a text for what is not there.
    let name = names.assertion.clone().unwrap_or(AssertionSettings::HEADER);
    Ok(fields.chain(additional).chain([(name, assertion.unwrap_or(EMPTY))]).collect())
}

/// Removes session tokens, and tokens of ours that were not checked; what else the field holds is the upstream's
/// business.
fn remove_own_bearer(
    request: &mut RequestHeader,
    is_checked: bool,
    is_own: &dyn Fn(&[u8]) -> bool,
    better_auth: Option<&BetterAuthCookies>,
) {
    // Verifiers differ in what they take for the end of a token, so its beginning decides, however the rest is written.
    let ends_here = |value: &HeaderValue| match bearer_text(value.as_bytes()) {
        Some(text) => {
            matches!(bearer(value.as_bytes(), better_auth), Some(Bearer::Session(_) | Bearer::ApiKey(_)))
                || (!is_checked && is_own(text))
        }
        None => false,
    };
    if request.headers.get_all(header::AUTHORIZATION).iter().any(ends_here) {
        request.remove_header(&header::AUTHORIZATION);
    }
}

/// Removes the header of keys where it holds one. Anything else in it is the upstream's: a route that reads keys has
/// rejected it before.
fn remove_api_keys(request: &mut RequestHeader, name: Option<&HeaderName>, takes_foreign: bool) {
    let Some(name) = name else { return };
    let is_key = |value: &HeaderValue| {
        let text = value.as_bytes().trim_ascii();
        ApiKey::parse(text).is_ok() || (takes_foreign && ApiKey::parse_foreign(text).is_ok())
    };
    if request.headers.get_all(name).iter().any(is_key) {
        request.remove_header(name);
    }
}

/// Takes our cookies out, with whatever prefix, and leaves the others byte for byte.
fn remove_own_cookies(request: &mut RequestHeader, names: CookieNames<'_>) -> pingora::Result<()> {
    let lines: Vec<&HeaderValue> = request.headers.get_all(header::COOKIE).iter().collect();
    if !lines.iter().any(|line| pairs(line.as_bytes()).any(|pair| names.contains(name(pair)))) {
        return Ok(());
    }
    let kept: Vec<Vec<u8>> = lines
        .iter()
        .map(|line| {
            let kept: Vec<&[u8]> = pairs(line.as_bytes()).filter(|pair| !names.contains(name(pair))).collect();
            kept.join(&b';').trim_ascii_start().to_vec()
        })
        .filter(|line| !line.is_empty())
        .collect();
    request.remove_header(&header::COOKIE);
    for line in kept {
        request.append_header(header::COOKIE, line)?;
    }
    Ok(())
}

fn pairs(line: &[u8]) -> impl Iterator<Item = &[u8]> {
    line.split(|&b| b == b';')
}

fn name(pair: &[u8]) -> &[u8] {
    pair.iter().position(|&b| b == b'=').map_or(pair, |at| &pair[..at]).trim_ascii()
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use time::OffsetDateTime;

    use super::*;
    use crate::types::{Activity, SecondFactor, SessionId, UserId};

    fn rewritten(fields: &[(&'static str, &str)], identity: Option<&ActiveSession>) -> RequestHeader {
        let names = IdentityNames::new(IdentityPreset::XUser, Some(HeaderName::from_static("x-app-assertion")));
        let is_own = |token: &[u8]| token.starts_with(b"own.");
        rewritten_by(&names, Authorization::Filtered { is_own: &is_own }, fields, identity)
    }

    fn rewritten_by(
        names: &IdentityNames,
        authorization: Authorization<'_>,
        fields: &[(&'static str, &str)],
        identity: Option<&ActiveSession>,
    ) -> RequestHeader {
        let mut request = RequestHeader::build("GET", b"/", None).unwrap();
        for (name, value) in fields {
            request.append_header(*name, *value).unwrap();
        }
        let peer: IpAddr = "192.0.2.1".parse().unwrap();
        let outgoing = Outgoing {
            names,
            authorization,
            assertion: identity.map(|_| HeaderValue::from_static("signed")),
            identity,
            forwarded: &Forwarded::from_headers(peer, &request.headers.clone(), (&[], &|_| false), "http"),
            request_id: &RequestId::from_trusted("rid").unwrap(),
            cookie_names: CookieNames {
                single: ["sid", "dev", "oauth", "sign_up", "two_factor", "trusted", "passkey", "admin", "form"],
                device_session_prefix: "multi-",
                better_auth: None,
            },
        };
        rewrite(&mut request, &outgoing).unwrap();
        request
    }

    fn session() -> ActiveSession {
        ActiveSession {
            session_id: SessionId::generate(),
            principal: Principal::User {
                user: ActiveUser {
                    id: "u1".parse::<UserId>().unwrap(),
                    email: "a@example.com".parse().unwrap(),
                    email_verified: true,
                    name: "Zoë 100%\r\nX: y".to_owned(),
                    roles: vec!["admin".to_owned(), "ops".to_owned()],
                    additional_fields: serde_json::Value::Null,
                    has_two_factor: false,
                    organization: None,
                },
                api_key: None,
            },
            auth_method: "password".to_owned(),
            second_factor: Some(SecondFactor::Totp),
            impersonated_by: None,
            proved_at: OffsetDateTime::UNIX_EPOCH,
            expires_at: OffsetDateTime::UNIX_EPOCH,
            is_remembered: true,
            activity: Activity::Recorded,
        }
    }

    #[test]
    fn injects_exactly_one_of_each_and_only_with_an_identity() {
        let fields = [("x-user-id", "evil"), ("x-user-id", "evil2"), ("x-request-id", "forged")];
        let anonymous = rewritten(&fields, None);
        assert!(anonymous.headers.get("x-user-id").is_none());
        assert_eq!(anonymous.headers.get_all("x-request-id").iter().collect::<Vec<_>>(), ["rid"]);
        assert_eq!(anonymous.headers["x-forwarded-for"], "192.0.2.1");

        let session = session();
        let known = rewritten(&fields, Some(&session));
        assert_eq!(known.headers.get_all("x-user-id").iter().collect::<Vec<_>>(), ["u1"]);
        assert_eq!(known.headers["x-user-name"], "Zo%C3%AB 100%25%0D%0AX: y");
        assert_eq!(known.headers["x-user-roles"], "admin,ops");
        assert_eq!(known.headers["x-user-email-verified"], "true");
        assert_eq!(known.headers["x-auth-method"], "password,totp");
        assert!(known.headers.get("x-impersonated-by").is_none());

        let impersonated = ActiveSession { impersonated_by: Some("a1".parse().unwrap()), ..session };
        let known = rewritten(&[("x-impersonated-by", "evil")], Some(&impersonated));
        assert_eq!(known.headers.get_all("x-impersonated-by").iter().collect::<Vec<_>>(), ["a1"]);
    }

    #[test]
    fn an_assertion_of_any_name_is_ours_alone() {
        let fields = [
            ("x-app-assertion", "evil"),
            ("X-App-Assertion", "evil"),
            ("x.app.assertion", "evil"),
            ("x_app_assertion", "evil"),
            ("x-app.assertion", "evil"),
            ("x-identity-assertion", "evil"),
        ];
        let anonymous = rewritten(&fields, None);
        assert!(!anonymous.headers.values().any(|value| value == "evil"), "{:?}", anonymous.headers);
        assert!(anonymous.headers.get("x-app-assertion").is_none());
        let session = session();
        let known = rewritten(&fields, Some(&session));
        assert_eq!(known.headers.get_all("x-app-assertion").iter().collect::<Vec<_>>(), ["signed"]);
        assert!(!known.headers.values().any(|value| value == "evil"), "{:?}", known.headers);
    }

    #[test]
    fn own_credentials_stay_here_and_others_pass_untouched() {
        let token = "a".repeat(43);
        for (sent, expected) in [
            (format!("sid={token}"), None),
            (format!("sid={token}; foo=1"), Some("foo=1")),
            (format!("foo=1; sid={token}"), Some("foo=1")),
            (format!("a=1;  b=\"2\" ; sid={token};c=3"), Some("a=1;  b=\"2\" ;c=3")),
            ("foo=1;bar".to_owned(), Some("foo=1;bar")),
            (format!("dev=x; a=1; sid={token}; dev=y"), Some("a=1")),
            ("asid=1; SID=2".to_owned(), Some("asid=1; SID=2")),
            (format!("__Host-sid={token}; __Secure-sid={token}; __host-dev=x; a=1"), Some("a=1")),
            (format!("a=1; __Host-multi-1={token}; __Secure-multi-2={token}; multi-3={token}"), Some("a=1")),
            ("__Host-app=1; __Secure-sidx=2".to_owned(), Some("__Host-app=1; __Secure-sidx=2")),
        ] {
            let request = rewritten(&[("cookie", &sent)], None);
            assert_eq!(request.headers.get("cookie").map(|v| v.to_str().unwrap()), expected, "{sent}");
        }
        for own in [format!("Bearer {token}"), format!("bEARER   {token}"), format!("Bearer\t{token}")] {
            assert!(rewritten(&[("authorization", &own)], None).headers.get("authorization").is_none(), "{own:?}");
        }
        for foreign in ["Bearer eyJhbGciOi.x.y", "Basic Zm9v"] {
            assert_eq!(rewritten(&[("authorization", foreign)], None).headers["authorization"], foreign);
        }
        for own in ["Bearer own.x.y", "bearer  own.x.y=", "Bearer own.x.y, Bearer z", "Bearer own.x", "Bearer own."] {
            let seen = rewritten(&[("authorization", own)], None);
            assert!(!seen.headers.contains_key("authorization"), "nobody asked whether it is over: {own}");
        }
        let (session, signed) = (session(), [("authorization", "Bearer own.x.y")]);
        let checked = rewritten(&signed, Some(&session));
        assert_eq!(checked.headers["authorization"], "Bearer own.x.y");
    }

    #[test]
    fn an_assertion_in_authorization_takes_its_place_where_the_route_reads_it() {
        let names = IdentityNames::new(IdentityPreset::XUser, Some(header::AUTHORIZATION));
        let is_own = |token: &[u8]| token.starts_with(b"own.");
        let filtered = Authorization::Filtered { is_own: &is_own };
        let session = session();
        let identity = Some(&session);
        let token = "a".repeat(43);
        for (authorization, sent, identity, expected) in [
            (filtered, "Basic Zm9v", identity, Some("signed")),
            (filtered, "Bearer own.x.y", identity, Some("signed")),
            (filtered, "Basic Zm9v", None, Some("Basic Zm9v")),
            (filtered, "Bearer own.x.y", None, None),
            (Authorization::Untouched, "Bearer an-app-s-own", identity, Some("Bearer an-app-s-own")),
            (Authorization::Untouched, &format!("Bearer {token}"), identity, Some(&format!("Bearer {token}"))),
        ] {
            let found = rewritten_by(&names, authorization, &[("authorization", sent)], identity);
            let values: Vec<_> = found.headers.get_all("authorization").iter().collect();
            assert_eq!(values, expected.into_iter().collect::<Vec<_>>(), "{sent}");
        }
        assert!(!rewritten_by(&names, Authorization::Untouched, &[], identity).headers.contains_key("authorization"));
    }
}
