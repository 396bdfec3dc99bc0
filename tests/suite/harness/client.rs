//! An HTTP client that follows no redirect and sends exactly the credential it was made with.

use std::net::{Ipv4Addr, SocketAddr};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use http::{HeaderMap, Method};
use reqwest::{RequestBuilder, Response};
use serde_json::Value;

use super::{TestGateway, process::PATIENCE};

/// The auth API is mounted here by default.
pub(crate) const AUTH: &str = "/api/auth";

/// Returns one of the three parts of a signed token, which stand between its dots.
pub(crate) fn token_part(part: &str) -> Value {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).expect("base64url")).expect("JSON")
}

/// Returns the claims of a signed token, whoever signed it.
pub(crate) fn claims(token: &str) -> Value {
    token_part(token.split('.').nth(1).expect("claims"))
}

/// Returns what every client is built with: the gateway's build of the library wants a TLS provider even where nothing
/// is TLS.
pub(crate) fn builder() -> reqwest::ClientBuilder {
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
}

/// A client of one gateway, with at most one credential.
#[derive(Clone)]
pub(crate) struct Client {
    http: reqwest::Client,
    origin: String,
    cookie: Option<String>,
    bearer: Option<String>,
}

impl Client {
    /// A client without a credential. `origin` is the gateway's public URL, whose host is resolved to loopback.
    pub(crate) fn new(origin: &str, port: u16) -> Self {
        let host = origin.parse::<url::Url>().expect("public_url is a URL").host_str().unwrap_or_default().to_owned();
        let http = builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(PATIENCE)
            .resolve(&host, SocketAddr::from((Ipv4Addr::LOCALHOST, port)))
            .build()
            .expect("the client's settings are valid");
        Self { http, origin: origin.to_owned(), cookie: None, bearer: None }
    }

    /// The same credential at another gateway.
    pub(crate) fn at(&self, gateway: &TestGateway) -> Self {
        Self { cookie: self.cookie.clone(), bearer: self.bearer.clone(), ..gateway.anonymous() }
    }

    /// The same client sending this `Cookie`.
    pub(crate) fn with_cookie(&self, cookie: impl Into<String>) -> Self {
        Self { cookie: Some(cookie.into()), bearer: None, ..self.clone() }
    }

    /// The same client sending this bearer token and no cookie.
    pub(crate) fn with_bearer(&self, token: &str) -> Self {
        Self { cookie: None, bearer: Some(token.to_owned()), ..self.clone() }
    }

    /// A request as a program sends it: no `Origin`.
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        // A client of a gateway behind TLS speaks plain HTTP to it all the same.
        let url = format!("{}{path}", self.origin.replacen("https://", "http://", 1));
        let mut request = self.http.request(method, url);
        if let Some(cookie) = &self.cookie {
            request = request.header("Cookie", cookie);
        }
        if let Some(token) = &self.bearer {
            request = request.bearer_auth(token);
        }
        request
    }

    /// GET.
    pub(crate) fn get(&self, path: &str) -> RequestBuilder {
        self.request(Method::GET, path)
    }

    /// POST as a page of the public origin sends it.
    pub(crate) fn post(&self, path: &str) -> RequestBuilder {
        self.request(Method::POST, path).header("Origin", &self.origin)
    }

    /// POST of a JSON body to the auth API, as a page of the public origin sends it.
    pub(crate) async fn auth(&self, path: &str, body: &Value) -> Response {
        self.post(&format!("{AUTH}{path}")).json(body).send().await.expect("the gateway answers")
    }

    /// The session and user of this client, or `null`.
    pub(crate) async fn session(&self) -> Value {
        let response = self.get(&format!("{AUTH}/get-session")).send().await.expect("the gateway answers");
        assert_eq!(response.status(), 200);
        response.json().await.expect("get-session answers JSON")
    }

    /// The status of a GET, whose body is read to its end.
    pub(crate) async fn status(&self, path: &str) -> u16 {
        let response = self.get(path).send().await.expect("the gateway answers");
        let status = response.status().as_u16();
        response.bytes().await.expect("the answer is complete");
        status
    }
}

/// An error answer.
#[derive(Debug)]
pub(crate) struct Problem {
    pub(crate) status: u16,
    pub(crate) code: String,
    pub(crate) message: String,
    pub(crate) headers: HeaderMap,
}

/// Reads an error answer, which must have the one shape that all have.
pub(crate) async fn problem(response: Response) -> Problem {
    let status = response.status().as_u16();
    let headers = response.headers().clone();
    let text = response.text().await.expect("an error has a body");
    let content_type = headers.get("content-type").and_then(|value| value.to_str().ok()).unwrap_or_default();
    assert!(
        content_type.starts_with("application/json") || content_type.starts_with("application/problem+json"),
        "{status} has the content type {content_type:?} and the body {text:?}"
    );
    let body: Value = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{status}: {error}: {text:?}"));
    let text_of = |key: &str| body[key].as_str().unwrap_or_else(|| panic!("{status}: no {key} in {body}")).to_owned();
    assert_eq!(body["status"], status, "{body}");
    assert!(!text_of("type").is_empty() && !text_of("title").is_empty(), "{body}");
    let request_id = headers.get("x-request-id").and_then(|value| value.to_str().ok()).unwrap_or_default();
    assert!(!request_id.is_empty(), "{status} has no X-Request-Id: {headers:?}");
    assert!(
        body.as_object().is_some_and(|o| o.values().any(|value| value == request_id)),
        "{request_id} not in {body}"
    );
    Problem { status, code: text_of("code"), message: text_of("message"), headers }
}

/// Asserts status and code of an error answer.
pub(crate) async fn expect_problem(response: Response, status: u16, code: &str) -> Problem {
    let problem = problem(response).await;
    assert_eq!((problem.status, problem.code.as_str()), (status, code), "{}", problem.message);
    problem
}

/// The `Set-Cookie` values of an answer.
pub(crate) fn set_cookies(headers: &HeaderMap) -> Vec<String> {
    headers.get_all("set-cookie").iter().map(|value| value.to_str().expect("cookies are ASCII").to_owned()).collect()
}

/// `YYYY-MM-DDTHH:MM:SS.mmmZ` and nothing else: the client reads the fraction as milliseconds.
pub(crate) fn assert_date(value: &Value) {
    let text = value.as_str().unwrap_or_else(|| panic!("not a date: {value}"));
    let shape: String = text.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    assert_eq!(shape, "0000-00-00T00:00:00.000Z", "{text}");
}

/// A user object as the contract has it (§1.1).
pub(crate) fn assert_user(user: &Value, email: &str, name: &str) {
    assert_eq!((user["email"].as_str(), user["name"].as_str()), (Some(email), Some(name)), "{user}");
    assert!(user["id"].as_str().is_some_and(|id| (1..=64).contains(&id.len())), "{user}");
    assert!(user["emailVerified"].is_boolean(), "{user}");
    assert!(user.get("image").is_some(), "image is always there: {user}");
    assert_date(&user["createdAt"]);
    assert_date(&user["updatedAt"]);
    let text = user.to_string().to_lowercase();
    assert!(!text.contains("password") && !text.contains("hash"), "{user}");
}
