//! Asks who to be, on a page, and leads back to the gateway.

use askama::Template;
use axum::{
    Extension,
    extract::{RawQuery, State},
    http::StatusCode,
    response::{Html, IntoResponse, Redirect, Response},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use serde_json::json;
use sha2::{Digest, Sha256};
use time::Duration;
use url::Url;

use crate::{
    api::RequestContext,
    dev::provider::{
        endpoint::Endpoint,
        fields::Fields,
        grants::{Grant, ProviderUser, random_text},
        protocol::{CLIENT_ID, Protocol},
        responses::{refuse, secured, secured_with_script},
    },
};

const CODE_LIFETIME: Duration = Duration::minutes(1);

/// Lists the people to be. The last one's address is not verified.
const PEOPLE: [(&str, &str, bool); 3] = [
    ("Ada Lovelace", "ada@example.com", true),
    ("Grace Hopper", "grace@example.com", true),
    ("Nobody Yet", "nobody@example.com", false),
];

/// Sends the form on, as Apple's own page does.
const SUBMIT: &str = "document.forms[0].submit()";

/// Renders the page, with what has to come back in hidden fields.
#[derive(Template)]
#[template(path = "provider.html")]
struct Page<'a> {
    /// Is the gateway's name for the provider.
    provider: &'a str,
    people: &'a [(&'a str, &'a str, bool)],
    action: String,
    redirect_uri: &'a str,
    state: &'a str,
    nonce: &'a str,
    challenge: &'a str,
}

/// Renders the way back of `response_mode=form_post`.
#[derive(Template)]
#[template(path = "form_post.html")]
struct FormPost<'a> {
    action: &'a str,
    fields: &'a [(&'static str, String)],
    script: &'static str,
}

pub(super) async fn ask(State(endpoint): State<Endpoint>, RawQuery(query): RawQuery) -> Response {
    let fields = Fields::parse(query.unwrap_or_default().as_bytes());
    let text = |name| fields.text(name);
    let is_understood = text("client_id") == CLIENT_ID
        && text("response_type") == "code"
        && text("code_challenge_method") == "S256"
        && (endpoint.protocol != Protocol::Apple || text("response_mode") == "form_post");
    let Some(callback) = endpoint.provider.callback(text("redirect_uri")).filter(|_| is_understood) else {
        return refuse("this provider is for the gateway that it belongs to");
    };
    render(&Page {
        provider: callback.path_segments().and_then(|mut segments| segments.next_back()).unwrap_or_default(),
        people: &PEOPLE,
        action: format!("{}/agree", endpoint.protocol.path()),
        redirect_uri: text("redirect_uri"),
        state: text("state"),
        nonce: text("nonce"),
        challenge: text("code_challenge"),
    })
    .map_or_else(IntoResponse::into_response, secured)
}

/// Handles a button of the page: somebody, or nobody.
pub(super) async fn agree(
    State(endpoint): State<Endpoint>,
    Extension(context): Extension<RequestContext>,
    body: Bytes,
) -> Response {
    let Endpoint { provider, protocol } = &endpoint;
    let fields = Fields::parse(&body);
    let text = |name| fields.text(name).to_owned();
    let Some(callback) = provider.callback(&text("redirect_uri")) else {
        return refuse("redirect_uri is none of this gateway's callbacks");
    };
    let mut answer = vec![("state", text("state"))];
    if *protocol == Protocol::OpenId {
        answer.push(("iss", endpoint.issuer()));
    }
    if text("email").is_empty() {
        let is_apple = *protocol == Protocol::Apple;
        answer.push(("error", if is_apple { "user_cancelled_authorize" } else { "access_denied" }.to_owned()));
        return go_back(*protocol, callback, &answer);
    }
    let user = ProviderUser { name: text("name"), email: text("email"), is_verified: fields.get("verified").is_some() };
    if *protocol == Protocol::Apple {
        // Apple tells the name here and nowhere else.
        let (first, last) = user.name.split_once(' ').unwrap_or((&user.name, ""));
        let user = json!({ "name": { "firstName": first, "lastName": last }, "email": user.email });
        answer.push(("user", user.to_string()));
    }
    let grant = Grant {
        code: random_text(),
        protocol: *protocol,
        redirect_uri: text("redirect_uri"),
        challenge: text("code_challenge"),
        nonce: fields.get("nonce").filter(|nonce| !nonce.is_empty()).map(str::to_owned),
        user,
        expires_at: context.now + CODE_LIFETIME,
    };
    answer.push(("code", grant.code.clone()));
    provider.grants.keep(grant);
    go_back(*protocol, callback, &answer)
}

fn go_back(protocol: Protocol, mut callback: Url, answer: &[(&'static str, String)]) -> Response {
    if protocol != Protocol::Apple {
        callback.query_pairs_mut().extend_pairs(answer);
        return secured(Redirect::to(callback.as_str()));
    }
    let hash = STANDARD.encode(Sha256::digest(SUBMIT));
    render(&FormPost { action: callback.as_str(), fields: answer, script: SUBMIT })
        .map_or_else(IntoResponse::into_response, |html| secured_with_script(&hash, html))
}

fn render(page: &impl Template) -> Result<Html<String>, StatusCode> {
    page.render().map(Html).map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)
}
