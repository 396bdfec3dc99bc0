//! Decides which pages of other origins may read responses, and send what needs a preflight (CORS-01 to CORS-05). The same for
//! the auth API, for proxied responses and for rejections, so that a page can read why it was rejected.

use http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use pingora::http::ResponseHeader;

use crate::{proxy::request::field_values::joined, types::TrustedOrigins};

/// Lists what pages may read beside the body: the tokens of a sign-in, when to come back, and what is left until then.
const EXPOSED: &str = "set-auth-token, set-auth-jwt, retry-after, x-retry-after, x-request-id, ratelimit-limit, ratelimit-remaining, \
                       ratelimit-reset";
/// These may always be sent; further names are allowed as they are asked for.
const ALWAYS_ALLOWED: [&str; 3] = ["content-type", "authorization", "x-api-key"];
/// Bounds the names that a page asks for. No page of good will asks for more.
const MAX_FIELDS: usize = 32;
/// For so many seconds a browser need not ask again.
const MAX_AGE: &str = "600";

/// Says whether the sender's page may read the response.
#[derive(Debug, Default)]
pub(crate) enum Cors {
    /// Is not a page, the page's own origin without the field, or an origin that is not trusted.
    #[default]
    Unnamed,
    /// Is the one origin that is echoed.
    Trusted(HeaderValue),
}

impl Cors {
    pub(crate) fn from_headers(headers: &HeaderMap, trusted: &TrustedOrigins) -> Self {
        let mut origins = headers.get_all(header::ORIGIN).iter();
        match (origins.next(), origins.next()) {
            (Some(origin), None) if origin.to_str().is_ok_and(|text| trusted.allows_header(text)) => {
                Self::Trusted(origin.clone())
            }
            _ => Self::Unnamed,
        }
    }

    /// Completes an upstream's response. What it says of the matter is removed, but for the names that it exposes.
    pub(crate) fn replace(&self, response: &mut ResponseHeader) -> pingora::Result<()> {
        let exposed = joined(&response.headers, &header::ACCESS_CONTROL_EXPOSE_HEADERS);
        let foreign: Vec<HeaderName> =
            response.headers.keys().filter(|name| name.as_str().starts_with("access-control-")).cloned().collect();
        for name in &foreign {
            response.remove_header(name);
        }
        self.add(response, &exposed)
    }

    /// Completes a response of our own.
    pub(crate) fn apply(&self, response: &mut ResponseHeader) -> pingora::Result<()> {
        self.add(response, "")
    }

    fn add(&self, response: &mut ResponseHeader, exposed: &str) -> pingora::Result<()> {
        let varies = joined(&response.headers, &header::VARY);
        if !varies.split(',').any(|name| matches!(name.trim(), "*") || name.trim().eq_ignore_ascii_case("origin")) {
            response.append_header(header::VARY, "Origin")?;
        }
        if let Self::Trusted(origin) = self {
            response.insert_header(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone())?;
            response.insert_header(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, "true")?;
            response.insert_header(header::ACCESS_CONTROL_EXPOSE_HEADERS, exposed_names(exposed))?;
        }
        Ok(())
    }
}

/// Returns our names and the upstream's. With credentials a `*` would be read as a name, so it says nothing.
fn exposed_names(upstreams: &str) -> String {
    let further = upstreams.split(',').map(str::trim).filter(|name| {
        !name.is_empty() && *name != "*" && !EXPOSED.split(", ").any(|ours| ours.eq_ignore_ascii_case(name))
    });
    [EXPOSED].into_iter().chain(further).collect::<Vec<_>>().join(", ")
}

/// Says what pages may send.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Methods {
    /// The auth API has these two.
    AuthApi,
    /// Allows whatever is asked for: the routes decide on the request itself.
    Any,
}

/// Holds a browser's question whether its page may send something.
#[derive(Debug)]
pub(crate) struct Preflight {
    /// Is what the page wants to send.
    pub(crate) method: Method,
    fields: String,
}

impl Preflight {
    /// Returns `None` where the request is no preflight. A method that no page can send makes it none too.
    pub(crate) fn from_request(method: &Method, headers: &HeaderMap) -> Option<Self> {
        if *method != Method::OPTIONS || !headers.contains_key(header::ORIGIN) {
            return None;
        }
        let wanted = Method::from_bytes(headers.get(header::ACCESS_CONTROL_REQUEST_METHOD)?.as_bytes()).ok()?;
        let fields = joined(headers, &header::ACCESS_CONTROL_REQUEST_HEADERS);
        (!matches!(wanted, Method::TRACE | Method::CONNECT)).then_some(Self { method: wanted, fields })
    }

    /// Returns the response for a trusted origin, beside what [`Cors`] adds. It is the same for every path, so that
    /// nobody learns which exist (ENUM-05).
    pub(crate) fn response(&self, methods: Methods) -> Vec<(HeaderName, HeaderValue)> {
        let methods = match methods {
            Methods::AuthApi => HeaderValue::from_static("GET, POST"),
            Methods::Any => self.method_text(),
        };
        let allowed = HeaderValue::try_from(self.allowed_fields());
        vec![
            (header::ACCESS_CONTROL_ALLOW_METHODS, methods),
            (
                header::ACCESS_CONTROL_ALLOW_HEADERS,
                allowed.unwrap_or_else(|_| HeaderValue::from_static("content-type, authorization, x-api-key")),
            ),
            (header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static(MAX_AGE)),
            (header::VARY, HeaderValue::from_static("Access-Control-Request-Method, Access-Control-Request-Headers")),
        ]
    }

    fn method_text(&self) -> HeaderValue {
        HeaderValue::from_str(self.method.as_str()).unwrap_or(HeaderValue::from_static("GET, POST"))
    }

    /// Returns the names asked for. Those that are removed on their way are among them: a page whose library adds one
    /// asks for nothing that arrives, and is not kept from the rest (CORS-05).
    fn allowed_fields(&self) -> String {
        let wanted = self.fields.split(',').map(|name| name.trim().to_ascii_lowercase()).take(MAX_FIELDS);
        let wanted = wanted
            .filter(|name| !ALWAYS_ALLOWED.contains(&name.as_str()) && HeaderName::from_bytes(name.as_bytes()).is_ok());
        ALWAYS_ALLOWED.into_iter().map(str::to_owned).chain(wanted).collect::<Vec<_>>().join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::{Origin, OriginPattern};

    fn headers(fields: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in fields {
            headers.append(*name, HeaderValue::from_static(value));
        }
        headers
    }

    fn answered(origin: &[&'static str], upstream: &[(&'static str, &'static str)]) -> HeaderMap {
        let trusted = TrustedOrigins::new(
            Origin::parse("https://gw.example").unwrap(),
            vec![OriginPattern::parse("https://*.preview.example.com").unwrap()],
        );
        let request = headers(&origin.iter().map(|origin| ("origin", *origin)).collect::<Vec<_>>());
        let mut response = ResponseHeader::build(200, None).unwrap();
        for (name, value) in upstream {
            response.append_header(*name, *value).unwrap();
        }
        Cors::from_headers(&request, &trusted).replace(&mut response).unwrap();
        response.headers.clone()
    }

    #[test]
    fn one_trusted_origin_is_echoed_and_no_other() {
        for (origin, expected) in [
            (&["https://gw.example"][..], Some("https://gw.example")),
            (&["https://a.preview.example.com"], Some("https://a.preview.example.com")),
            (&["https://apreview.example.com"], None),
            (&["https://evil.example"], None),
            (&["null"], None),
            (&["https://gw.example", "https://evil.example"], None),
            (&["https://gw.example", "https://gw.example"], None),
            (&[], None),
        ] {
            let answer = answered(origin, &[("access-control-allow-origin", "*")]);
            let echoed: Vec<_> = answer.get_all("access-control-allow-origin").iter().collect();
            assert_eq!(echoed, expected.into_iter().collect::<Vec<_>>(), "{origin:?}");
            assert_eq!(answer.contains_key("access-control-allow-credentials"), expected.is_some(), "{origin:?}");
            assert_eq!(answer["vary"], "Origin");
        }
    }

    #[test]
    fn the_upstreams_own_words_are_replaced_but_for_what_it_exposes_and_varies_by() {
        let upstream = [
            ("access-control-allow-methods", "DELETE"),
            ("access-control-expose-headers", "X-Total, Retry-After"),
            ("access-control-expose-headers", "*"),
            ("vary", "Accept-Encoding"),
        ];
        let answer = answered(&["https://gw.example"], &upstream);
        assert!(!answer.contains_key("access-control-allow-methods"));
        assert_eq!(answer["access-control-expose-headers"], format!("{EXPOSED}, X-Total"));
        assert_eq!(answer.get_all("vary").iter().collect::<Vec<_>>(), ["Accept-Encoding", "Origin"]);
        for vary in ["*", "accept, ORIGIN"] {
            assert_eq!(answered(&[], &[("vary", vary)]).get_all("vary").iter().count(), 1, "{vary}");
        }
    }

    #[test]
    fn preflights_allow_every_name_that_is_one() {
        let asked =
            |fields: &[(&'static str, &'static str)]| Preflight::from_request(&Method::OPTIONS, &headers(fields));
        let origin = ("origin", "https://gw.example");
        let fields = ("access-control-request-headers", "X-App, x-user-id, x_app, bad name, Content-Type");
        let preflight = asked(&[origin, ("access-control-request-method", "DELETE"), fields]).unwrap();
        let answer: HeaderMap = preflight.response(Methods::Any).into_iter().collect();
        assert_eq!(answer["access-control-allow-methods"], "DELETE");
        assert_eq!(
            answer["access-control-allow-headers"],
            "content-type, authorization, x-api-key, x-app, x-user-id, x_app"
        );
        for none in [
            &[origin][..],
            &[("access-control-request-method", "GET")],
            &[origin, ("access-control-request-method", "TRACE")],
            &[origin, ("access-control-request-method", "A B")],
        ] {
            assert!(asked(none).is_none(), "{none:?}");
        }
        assert!(
            Preflight::from_request(&Method::GET, &headers(&[origin, ("access-control-request-method", "GET")]))
                .is_none()
        );
    }
}
