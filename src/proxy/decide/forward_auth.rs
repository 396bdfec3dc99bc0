//! Responds at `{base_path}/forward-auth` with the decision alone, for those who keep nginx, Traefik, Caddy or Envoy in
//! front of their backend. The proxy describes the request it holds; the route table decides on that as if it had come
//! here.
//!
//! Only `server.trusted_proxies` are believed. A description that is incomplete, or says two things, is rejected: most
//! proxies pass their client's own fields on, and nobody can tell those from theirs (HDR-08).

use std::net::IpAddr;

use http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use pingora::http::RequestHeader;

use crate::{
    proxy::{
        decide::{
            gateway::{Admitted, Gateway},
            rejection::Rejection,
            state::{RequestState, Responder},
        },
        http1::head::HeadError,
        identity::headers,
        request::{target::Target, websocket::is_opening},
    },
    routing::CanonicalPath,
    types::is_served,
};

const FORWARDED_METHOD: HeaderName = HeaderName::from_static("x-forwarded-method");
const FORWARDED_URI: HeaderName = HeaderName::from_static("x-forwarded-uri");
const FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const ORIGINAL_METHOD: HeaderName = HeaderName::from_static("x-original-method");
const ORIGINAL_URI: HeaderName = HeaderName::from_static("x-original-uri");
const ORIGINAL_URL: HeaderName = HeaderName::from_static("x-original-url");

/// Describes the request that the proxy holds.
#[derive(Debug, PartialEq, Eq)]
struct Original<'a> {
    method: Method,
    host: &'a str,
    /// Is path and query, as spelled.
    target: &'a str,
}

/// Says which responses a proxy understands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Dialect {
    /// Is any proxy: what is not 2xx is handed to the client.
    Any,
    /// Is one that knows 2xx, 401 and 403; everything else becomes its own 500 (`?for=nginx`).
    Nginx,
}

impl Gateway {
    /// Responds to a proxy's forward-auth request. `asked` is that request's target, `rest` what follows the endpoint's
    /// path in it.
    pub(crate) async fn forward_auth(
        &self,
        peer: IpAddr,
        request: &RequestHeader,
        (asked, rest): (&Target<'_>, &str),
        state: &mut RequestState,
    ) -> Result<Admitted, Rejection> {
        state.responder = Responder::Local;
        let peer = peer.to_canonical();
        if !self.settings.trusted_proxies.iter().any(|net| net.contains(&peer)) {
            return Err(Rejection::UntrustedProxy);
        }
        let (dialect, appended) = if rest.is_empty() {
            if request.method != Method::GET {
                return Err(Rejection::NotFound);
            }
            (Dialect::from_query(asked.query), None)
        } else {
            (Dialect::Any, Some(asked.with_path(rest)))
        };
        let decided = match Original::from_request(request, appended.as_deref()) {
            Ok(original) => self.decide_original(&original, &request.headers, state).await,
            Err(rejection) => Err(rejection),
        };
        decided.map_err(|rejection| match dialect {
            Dialect::Any => rejection,
            Dialect::Nginx => Rejection::ForNginx(Box::new(rejection)),
        })
    }

    async fn decide_original(
        &self,
        original: &Original<'_>,
        headers: &HeaderMap,
        state: &mut RequestState,
    ) -> Result<Admitted, Rejection> {
        let host = self.accepted_host(original.host)?;
        let target = Target::from_origin_form(original.target);
        let path = CanonicalPath::parse(target.path).map_err(Rejection::Path)?;
        if self.auth_api.paths.cover(&path) {
            // Served by the gateway itself, so the proxy has to send it here without asking first.
            return Err(Rejection::NotFound);
        }
        let Some(id) = self.routes.find(&host, &path, &original.method) else {
            return Err(self.reject_unrouted(headers, state).await);
        };
        state.responder = Responder::Route(id);
        let route = self.routes.get(id);
        // The proxy may keep `Upgrade` to itself, as it does not concern the next hop; the key is end-to-end.
        let is_upgrade = is_opening(headers);
        if is_upgrade && !route.websocket {
            return Err(Rejection::NoWebSocket);
        }
        let permit = self.decide(id, (&original.method, headers), is_upgrade, &target, state).await?;
        let assertion = self.assertion(&permit, route.upstream, state.received_at);
        let mut fields = headers::forward_auth_fields(&self.names, permit.session(), assertion)
            .map_err(|_| Rejection::Internal("an identity that no header can carry"))?;
        if !route.credentials.bearer || permit.session().is_none() {
            // The client's own is the app's there, and must not be overwritten.
            fields.retain(|(name, _)| name != header::AUTHORIZATION);
        }
        fields.push((header::CACHE_CONTROL, HeaderValue::from_static("no-store")));
        Ok(Admitted::Authorized { fields, route: id, permit })
    }
}

impl Dialect {
    /// Caddy leaves the original query on its question, so any other text is nobody's mistake.
    fn from_query(query: Option<&str>) -> Self {
        if query == Some("for=nginx") { Self::Nginx } else { Self::Any }
    }
}

impl<'a> Original<'a> {
    /// Reads the request from the fields, or with `appended` (path and query that follow the endpoint's own) from the
    /// request itself. Whatever is said in several ways must be said alike.
    fn from_request(request: &'a RequestHeader, appended: Option<&'a str>) -> Result<Self, Rejection> {
        let headers = &request.headers;
        let (scheme, authority, target) = match one(headers, &ORIGINAL_URL)? {
            Some(url) => split_url(url)?,
            None => (None, None, None),
        };
        let itself = |value: Option<&'a str>| appended.and(value);
        let host = itself(one(headers, &header::HOST)?);
        let method = agreed(
            [one(headers, &FORWARDED_METHOD)?, one(headers, &ORIGINAL_METHOD)?, itself(Some(request.method.as_str()))],
            "the original method is missing (X-Forwarded-Method), or said in two ways",
        )?;
        let target = agreed(
            [one(headers, &FORWARDED_URI)?, one(headers, &ORIGINAL_URI)?, target, appended],
            "the original path is missing (X-Forwarded-Uri), or said in two ways",
        )?;
        let host = agreed(
            [one(headers, &FORWARDED_HOST)?, authority, host],
            "the original host is missing (X-Forwarded-Host), or said in two ways",
        )?;
        let schemes = [one(headers, &FORWARDED_PROTO)?, scheme];
        if schemes.iter().flatten().any(|scheme| !matches!(*scheme, "http" | "https" | "ws" | "wss")) {
            return Err(Rejection::ForwardAuth("the original scheme is none (X-Forwarded-Proto)"));
        }
        let method = Method::from_bytes(method.as_bytes()).ok().filter(|method| is_served(method.as_str().as_bytes()));
        // This is as strict as with a request line: the path is looked at later, a query must be visible ASCII.
        let is_clean = target.starts_with('/') && target.bytes().all(|b| b.is_ascii_graphic() && b != b'#');
        if !is_clean {
            return Err(Rejection::ForwardAuth("the original path is not a path with a query (X-Forwarded-Uri)"));
        }
        Ok(Self { method: method.ok_or(Rejection::Head(HeadError::Method))?, host, target })
    }
}

/// Returns the one value of a field.
fn one<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Result<Option<&'h str>, Rejection> {
    let mut values = headers.get_all(name).iter();
    match (values.next().map(HeaderValue::to_str), values.next()) {
        (None, _) => Ok(None),
        (Some(Ok(value)), None) => Ok(Some(value)),
        _ => Err(Rejection::ForwardAuth("a field about the original request is there twice, or is no text")),
    }
}

/// Returns what all that is said comes to.
fn agreed<'a, const N: usize>(said: [Option<&'a str>; N], otherwise: &'static str) -> Result<&'a str, Rejection> {
    let mut said = said.into_iter().flatten();
    let first = said.next().ok_or(Rejection::ForwardAuth(otherwise))?;
    if said.all(|other| other == first) { Ok(first) } else { Err(Rejection::ForwardAuth(otherwise)) }
}

/// Holds scheme, authority, and path with query of an absolute URL, or the last alone.
type Url<'a> = (Option<&'a str>, Option<&'a str>, Option<&'a str>);

fn split_url(url: &str) -> Result<Url<'_>, Rejection> {
    if url.starts_with('/') {
        return Ok((None, None, Some(url)));
    }
    let (scheme, rest) =
        url.split_once("://").ok_or(Rejection::ForwardAuth("X-Original-URL is neither a URL nor a path"))?;
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    Ok((Some(scheme), Some(&rest[..end]), Some(&rest[end..])))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn original<'a>(request: &'a RequestHeader, appended: Option<&'a str>) -> Option<(&'a str, &'a str, &'a str)> {
        let original = Original::from_request(request, appended).ok()?;
        let method = if original.method == Method::GET { "GET" } else { "other" };
        Some((method, original.host, original.target))
    }

    fn request(fields: &[(&'static str, &str)]) -> RequestHeader {
        let mut request = RequestHeader::build("GET", b"/", None).unwrap();
        for (name, value) in fields {
            request.append_header(*name, *value).unwrap();
        }
        request
    }

    #[test]
    fn each_product_is_understood() {
        let whole = Some(("GET", "app.example", "/a?b=c"));
        let caddy = [
            ("host", "app.example"),
            ("x-forwarded-method", "GET"),
            ("x-forwarded-uri", "/a?b=c"),
            ("x-forwarded-host", "app.example"),
            ("x-forwarded-proto", "https"),
        ];
        assert_eq!(original(&request(&caddy), None), whole, "Caddy, Traefik");
        let url = [("x-original-method", "GET"), ("x-original-url", "https://app.example/a?b=c")];
        assert_eq!(original(&request(&url), None), whole, "ingress-nginx");
        let nginx = [("x-original-method", "GET"), ("x-original-uri", "/a?b=c"), ("x-forwarded-host", "app.example")];
        assert_eq!(original(&request(&nginx), None), whole, "nginx");
        assert_eq!(original(&request(&[("host", "app.example")]), Some("/a?b=c")), whole, "Envoy");
    }

    #[test]
    fn what_is_missing_double_or_of_two_minds_is_refused() {
        let good = [("x-forwarded-method", "GET"), ("x-forwarded-uri", "/a"), ("x-forwarded-host", "app.example")];
        assert!(original(&request(&good), None).is_some());
        for missing in 0..good.len() {
            let mut fields = good.to_vec();
            fields.remove(missing);
            // The question's own host is the endpoint's, and the proxy's client may have chosen it.
            fields.push(("host", "app.example"));
            assert_eq!(original(&request(&fields), None), None, "{missing}");
        }
        for (name, value) in [
            ("x-forwarded-method", "GET"),
            ("x-original-method", "POST"),
            ("x-forwarded-uri", "/a"),
            ("x-original-uri", "/public/a"),
            ("x-original-url", "/b"),
            ("x-original-url", "https://other.example/a"),
            ("x-original-url", "app.example/a"),
            ("x-original-url", "gopher://app.example/a"),
            ("x-original-url", "https://app.example"),
            ("x-forwarded-host", "other.example"),
            ("x-forwarded-proto", "gopher"),
            ("x-forwarded-proto", "https, http"),
        ] {
            let mut fields = good.to_vec();
            fields.push((name, value));
            assert_eq!(original(&request(&fields), None), None, "{name}: {value}");
        }
        for (at, value) in
            [(0, ""), (0, "TRACE"), (0, "get"), (1, ""), (1, "a"), (1, "http://x/a"), (1, "/a#b"), (1, "/a b")]
        {
            let mut fields = good.to_vec();
            fields[at].1 = value;
            assert_eq!(original(&request(&fields), None), None, "{value}");
        }
        for (name, value) in [("x-forwarded-uri", "/public"), ("x-forwarded-method", "POST"), ("x-forwarded-host", "b")]
        {
            assert_eq!(original(&request(&[("host", "a"), (name, value)]), Some("/a")), None, "{name}");
        }
    }
}
