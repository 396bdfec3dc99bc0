//! Is a pretend OpenID provider, for social buttons on a laptop without an account anywhere: a page that asks who to
//! be, and the few endpoints around it. Only `authgate dev` has it; what it says is true nowhere else.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
};

use askama::Template;
use axum::{
    Extension, Router,
    extract::{RawQuery, State},
    http::{HeaderName, StatusCode, header},
    response::{Html, IntoResponse, Redirect, Response},
    routing::{get, post},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use bytes::Bytes;
use serde_json::json;
use sha2::{Digest, Sha256};
use time::{Duration, OffsetDateTime};
use url::Url;

use crate::{api::RequestContext, dev::signing_key::SigningKey};

/// Is a path below the gateway's public URL.
pub(crate) const PATH: &str = "/__dev/provider";
/// Names the gateway to the provider. It is no secret: everybody who reaches it is on this machine.
pub(crate) const CLIENT_ID: &str = "authgate-dev";
pub(crate) const CLIENT_SECRET: &str = "pretend";

/// Bounds the sign-ins between the page and the token; beyond it the oldest are forgotten.
const MAX_CODES: usize = 256;
const CODE_LIFETIME: Duration = Duration::minutes(1);
const TOKEN_LIFETIME: Duration = Duration::minutes(5);

/// Lists the people to be. The last one's address is not verified.
const PEOPLE: [(&str, &str, bool); 3] = [
    ("Ada Lovelace", "ada@example.com", true),
    ("Grace Hopper", "grace@example.com", true),
    ("Nobody Yet", "nobody@example.com", false),
];

/// Returns the pages and endpoints below [`PATH`]. `origin` is the gateway's own, `callbacks` the path that codes may
/// go to.
pub(crate) fn routes(origin: &str, callbacks: String) -> Router {
    let provider = Provider {
        origin: origin.to_owned(),
        issuer: format!("{origin}{PATH}"),
        callbacks,
        key: SigningKey::generate(),
        grants: Mutex::default(),
    };
    let path = |suffix: &str| format!("{PATH}{suffix}");
    Router::new()
        .route(&path("/.well-known/openid-configuration"), get(discovery))
        .route(&path("/jwks"), get(jwks))
        .route(&path("/authorize"), get(ask))
        .route(&path("/agree"), post(agree))
        .route(&path("/token"), post(token))
        .with_state(Arc::new(provider))
}

struct Provider {
    origin: String,
    issuer: String,
    callbacks: String,
    key: SigningKey,
    grants: Mutex<VecDeque<Grant>>,
}

/// Holds what a code stands for.
struct Grant {
    code: String,
    redirect_uri: String,
    challenge: String,
    nonce: Option<String>,
    name: String,
    email: String,
    is_verified: bool,
    expires_at: OffsetDateTime,
}

impl Provider {
    /// Codes go to this gateway's own callbacks and nowhere else.
    fn callback(&self, text: &str) -> Option<Url> {
        let url = Url::parse(text).ok()?;
        let is_own = url.origin().ascii_serialization() == self.origin && url.path().starts_with(&self.callbacks);
        (is_own && url.query().is_none()).then_some(url)
    }

    fn keep(&self, grant: Grant) {
        let mut grants = self.grants.lock().unwrap_or_else(PoisonError::into_inner);
        if grants.len() == MAX_CODES {
            grants.pop_front();
        }
        grants.push_back(grant);
    }

    /// A code works once, right or wrong.
    fn take(&self, code: &str) -> Option<Grant> {
        let mut grants = self.grants.lock().unwrap_or_else(PoisonError::into_inner);
        let at = grants.iter().position(|grant| grant.code == code)?;
        grants.remove(at)
    }
}

async fn discovery(State(provider): State<Arc<Provider>>) -> Response {
    let issuer = &provider.issuer;
    answer(
        StatusCode::OK,
        &json!({
            "issuer": issuer,
            "authorization_endpoint": format!("{issuer}/authorize"),
            "token_endpoint": format!("{issuer}/token"),
            "jwks_uri": format!("{issuer}/jwks"),
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["ES256"],
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
            "authorization_response_iss_parameter_supported": true,
        }),
    )
}

async fn jwks(State(provider): State<Arc<Provider>>) -> Response {
    answer(StatusCode::OK, &json!({ "keys": [provider.key.public()] }))
}

/// Renders the page, with what has to come back in hidden fields.
#[derive(Template)]
#[template(path = "provider.html")]
struct Page<'a> {
    people: &'a [(&'a str, &'a str, bool)],
    action: String,
    redirect_uri: &'a str,
    state: &'a str,
    nonce: &'a str,
    challenge: &'a str,
}

async fn ask(State(provider): State<Arc<Provider>>, RawQuery(query): RawQuery) -> Response {
    let fields = Fields::parse(query.unwrap_or_default().as_bytes());
    let text = |name| fields.get(name).unwrap_or_default();
    let is_understood = text("response_type") == "code"
        && text("client_id") == CLIENT_ID
        && text("code_challenge_method") == "S256"
        && provider.callback(text("redirect_uri")).is_some();
    if !is_understood {
        return refuse("this provider is for the gateway that it belongs to");
    }
    let page = Page {
        people: &PEOPLE,
        action: format!("{PATH}/agree"),
        redirect_uri: text("redirect_uri"),
        state: text("state"),
        nonce: text("nonce"),
        challenge: text("code_challenge"),
    };
    match page.render() {
        Ok(html) => secured(Html(html)),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// Handles a button of the page: somebody, or nobody.
async fn agree(
    State(provider): State<Arc<Provider>>,
    Extension(context): Extension<RequestContext>,
    body: Bytes,
) -> Response {
    let fields = Fields::parse(&body);
    let text = |name| fields.get(name).unwrap_or_default().to_owned();
    let Some(mut target) = provider.callback(&text("redirect_uri")) else {
        return refuse("redirect_uri is none of this gateway's callbacks");
    };
    let mut query = vec![("state", text("state")), ("iss", provider.issuer.clone())];
    if text("email").is_empty() {
        query.push(("error", "access_denied".to_owned()));
    } else {
        let grant = Grant {
            code: random_text(),
            redirect_uri: text("redirect_uri"),
            challenge: text("code_challenge"),
            nonce: fields.get("nonce").filter(|nonce| !nonce.is_empty()).map(str::to_owned),
            name: text("name"),
            email: text("email"),
            is_verified: fields.get("verified").is_some(),
            expires_at: context.now + CODE_LIFETIME,
        };
        query.push(("code", grant.code.clone()));
        provider.keep(grant);
    }
    target.query_pairs_mut().extend_pairs(query);
    secured(Redirect::to(target.as_str()))
}

async fn token(
    State(provider): State<Arc<Provider>>,
    Extension(context): Extension<RequestContext>,
    body: Bytes,
) -> Response {
    let fields = Fields::parse(&body);
    let text = |name| fields.get(name).unwrap_or_default();
    if (text("client_id"), text("client_secret")) != (CLIENT_ID, CLIENT_SECRET) {
        return answer(StatusCode::UNAUTHORIZED, &json!({ "error": "invalid_client" }));
    }
    let shown = URL_SAFE_NO_PAD.encode(Sha256::digest(text("code_verifier")));
    let grant = provider.take(text("code")).filter(|grant| {
        text("grant_type") == "authorization_code"
            && grant.redirect_uri == text("redirect_uri")
            && grant.challenge == shown
            && grant.expires_at > context.now
    });
    let Some(grant) = grant else {
        return answer(StatusCode::BAD_REQUEST, &json!({ "error": "invalid_grant" }));
    };
    let mut claims = json!({
        "iss": provider.issuer,
        // Each address is one person, as everybody types addresses only.
        "sub": URL_SAFE_NO_PAD.encode(Sha256::digest(grant.email.to_lowercase())),
        "aud": CLIENT_ID,
        "iat": context.now.unix_timestamp(),
        "exp": (context.now + TOKEN_LIFETIME).unix_timestamp(),
        "name": grant.name,
        "email": grant.email,
        "email_verified": grant.is_verified,
    });
    if let Some(nonce) = grant.nonce {
        claims["nonce"] = nonce.into();
    }
    answer(
        StatusCode::OK,
        &json!({
            "access_token": random_text(),
            "token_type": "Bearer",
            "expires_in": TOKEN_LIFETIME.whole_seconds(),
            "id_token": provider.key.sign(&claims),
        }),
    )
}

/// Holds the first value of each name.
struct Fields(Vec<(String, String)>);

impl Fields {
    fn parse(text: &[u8]) -> Self {
        Self(url::form_urlencoded::parse(text).into_owned().collect())
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }
}

fn random_text() -> String {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).expect("the operating system provides randomness");
    URL_SAFE_NO_PAD.encode(bytes)
}

fn answer(status: StatusCode, body: &serde_json::Value) -> Response {
    secured((status, [(header::CONTENT_TYPE, "application/json")], body.to_string()))
}

fn refuse(what: &'static str) -> Response {
    secured((StatusCode::BAD_REQUEST, what))
}

fn secured(response: impl IntoResponse) -> Response {
    let headers = [
        // The way back leads over several origins, so forms are not bound to one.
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"),
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ];
    (headers, response).into_response()
}
