//! Serves `POST /sign-in/social` and `POST /link-social`: they send the client on the way to a provider.

use std::sync::Arc;

use axum::{extract::State, response::Response};
use http::{HeaderMap, header};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    api::{
        Problem,
        endpoints::oauth::provider_failure::log_failure,
        error::problem::ProblemBody,
        extract::{
            body::JsonBody,
            caller::Caller,
            fields::{Fields, error_callback_url, new_user_callback_url, page_callback_url},
            signed_in::{ProvedLately, SignedIn},
        },
        openapi::bodies::{LinkSocialBody, SocialSignInBody},
        respond::{
            cookie::{self, set_device, set_flow},
            json::json_response,
            redirect::location,
            sign_in::{TwoFactorRedirect, sign_in_response},
            views::UserView,
        },
    },
    auth::{
        Auth,
        oauth::{
            IdToken, Linking, OAuthError, SignInContext, Start, Started, Targets, link_by_id_token, presented_browser,
            sign_in_by_id_token, start,
        },
    },
};

/// Tells where the client is to go.
#[derive(Serialize, ToSchema)]
#[schema(as = Departure)]
struct AuthorizationUrl<'a> {
    /// Is the address of the provider's page.
    url: &'a str,
    /// Tells whether the client is to go there by itself.
    redirect: bool,
}

/// Tells that somebody is signed in at once, by an id token.
#[derive(Serialize, ToSchema)]
struct SignedInByIdToken<'a> {
    /// Is false.
    redirect: bool,
    /// Is the session token, for clients that send it as bearer.
    token: &'a str,
    user: UserView<'a>,
}

/// Tells that an identity is linked at once, by an id token.
#[derive(Serialize, ToSchema)]
struct LinkedByIdToken {
    /// Is empty.
    url: &'static str,
    status: bool,
    /// Is false.
    redirect: bool,
}

/// Is one of these, by whether there is an `idToken` and whether the account has a second factor.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "for its schema")]
enum SocialAnswer<'a> {
    Authorization(AuthorizationUrl<'a>),
    SignedIn(SignedInByIdToken<'a>),
    TwoFactor(TwoFactorRedirect),
}

/// Is one of the two, by whether there is an `idToken`.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "for its schema")]
enum LinkAnswer<'a> {
    Authorization(AuthorizationUrl<'a>),
    Linked(LinkedByIdToken),
}

/// Sign in through a provider
#[utoipa::path(post, path = "/sign-in/social", tag = "Sign-in", request_body = SocialSignInBody, responses(
    (status = 200, description = "The provider's page, and a cookie that ties the flow to the browser; or, with \
        `idToken`, the session", body = SocialAnswer<'_>),
    (status = 401, description = "The token: `INVALID_TOKEN`, `USER_EMAIL_NOT_FOUND`, `OAUTH_LINK_ERROR`"
        , body = ProblemBody<'_>),
    (status = 403, description = "`EMAIL_NOT_VERIFIED` (a mail is on its way), `BANNED_USER`, `EMAIL_DOMAIN_NOT_ALLOWED`, or a target or origin that is not trusted"
        , body = ProblemBody<'_>),
    (status = 404, description = "`PROVIDER_NOT_FOUND`", body = ProblemBody<'_>),
))]
pub(crate) async fn sign_in(
    State(auth): State<Arc<Auth>>,
    caller: Caller,
    headers: HeaderMap,
    JsonBody(body): JsonBody,
) -> Result<Response, Problem> {
    if let Some(request) = IdTokenRequest::read(body.as_ref())? {
        let signed_in = sign_in_by_id_token(caller.flow(&auth), &request.input(), &context(&caller)).await;
        let signed_in = signed_in.map_err(|error| failed(error, &auth, &request.provider, &caller))?;
        let mut response = sign_in_response(&auth.settings, &signed_in.step, |session| SignedInByIdToken {
            redirect: false,
            token: session.token.expose(),
            user: UserView::new(&signed_in.user, &auth.settings.user_fields),
        });
        set_device(response.headers_mut(), &auth.settings, &signed_in.device.seal(&auth.devices));
        return Ok(response);
    }
    let (input, redirect) = read(&auth, &caller, &headers, body.as_ref(), None)?;
    begin(&auth, input, redirect, &caller).await
}

/// Link an account at a provider to one's own
///
/// Needs a session opened or proved within the last ten minutes.
#[utoipa::path(post, path = "/link-social", tag = "Accounts", request_body = LinkSocialBody,
    security(("cookie" = []), ("bearer" = [])),
    responses(
        (status = 200, description = "The provider's page; or, with `idToken`, that it is linked", body = LinkAnswer<'_>),
        (status = 401, description = "`UNAUTHORIZED`; the token: `INVALID_TOKEN`", body = ProblemBody<'_>),
        (status = 403, description = "`SESSION_NOT_FRESH`, or not from a trusted origin", body = ProblemBody<'_>),
        (status = 404, description = "`PROVIDER_NOT_FOUND`, `ID_TOKEN_NOT_SUPPORTED`", body = ProblemBody<'_>),
        (status = 409, description = "`SOCIAL_ACCOUNT_ALREADY_LINKED`", body = ProblemBody<'_>),
        (status = 417, description = "`LINKING_FAILED`", body = ProblemBody<'_>),
    ))]
pub(crate) async fn link(
    State(auth): State<Arc<Auth>>,
    ProvedLately(SignedIn { caller, found, .. }): ProvedLately,
    headers: HeaderMap,
    JsonBody(body): JsonBody,
) -> Result<Response, Problem> {
    let link = Linking { user: found.user.id, session: found.session.id };
    if let Some(request) = IdTokenRequest::read(body.as_ref())? {
        let linked = link_by_id_token(caller.flow(&auth), &request.input(), &link).await;
        linked.map_err(|error| failed(error, &auth, &request.provider, &caller))?;
        return Ok(json_response(&LinkedByIdToken { url: "", status: true, redirect: false }));
    }
    let (input, redirect) = read(&auth, &caller, &headers, body.as_ref(), Some(link))?;
    begin(&auth, input, redirect, &caller).await
}

/// Holds an ID token from a body.
struct IdTokenRequest {
    provider: String,
    token: String,
    nonce: Option<String>,
    access: Option<String>,
    user: Option<String>,
}

impl IdTokenRequest {
    /// Reads the body; `None` where the body has none, and a flow is to be begun.
    fn read(body: Option<&serde_json::Value>) -> Result<Option<Self>, Problem> {
        let Some(value) = body.and_then(|body| body.get("idToken")).filter(|value| !value.is_null()) else {
            return Ok(None);
        };
        let mut outer = Fields::from_body(body)?;
        let provider = outer.string("provider").to_owned();
        outer.finish()?;
        let mut fields = Fields::from_body(Some(value))?;
        let token = fields.string("token").to_owned();
        let nonce = fields.optional_string("nonce").map(str::to_owned);
        let access = fields.optional_string("accessToken").filter(|access| !access.is_empty()).map(str::to_owned);
        fields.finish()?;
        let user = value.get("user").map(serde_json::Value::to_string);
        Ok(Some(Self { provider, token, nonce, access, user }))
    }

    fn input(&self) -> IdToken<'_> {
        let (nonce, access, user) = (self.nonce.as_deref(), self.access.as_deref(), self.user.as_deref());
        IdToken { provider: &self.provider, token: &self.token, nonce, access, user }
    }
}

fn context(caller: &Caller) -> SignInContext<'_> {
    SignInContext {
        replaces: caller.token(),
        trusted_devices: &caller.trusted_devices,
        device: caller.device.as_ref(),
        target: None,
    }
}

fn read(
    auth: &Auth,
    caller: &Caller,
    headers: &HeaderMap,
    body: Option<&serde_json::Value>,
    link: Option<Linking>,
) -> Result<(Start, bool), Problem> {
    let mut fields = Fields::from_body(body)?;
    let provider = fields.string("provider");
    let callback = fields.optional_string("callbackURL");
    let error = fields.optional_string("errorCallbackURL");
    let new_user = fields.optional_string("newUserCallbackURL");
    let disable_redirect = fields.boolean_or("disableRedirect", false);
    let scopes = fields.words("scopes");
    let login_hint = fields.optional_string("loginHint");
    fields.finish()?;
    let settings = &auth.settings;
    let targets = Targets {
        callback: page_callback_url(callback, caller, settings)?,
        error: error_callback_url(error, caller, settings)?,
        new_user: new_user_callback_url(new_user, caller, settings)?,
    };
    let browser = presented_browser(headers, &settings.cookie);
    // One that is no address helps nobody; an endless one would make an endless URL.
    let login_hint = login_hint.filter(|hint| hint.len() <= 254).map(str::to_owned);
    Ok((Start { provider: provider.to_owned(), targets, scopes, login_hint, link, browser }, !disable_redirect))
}

async fn begin(auth: &Auth, input: Start, redirect: bool, caller: &Caller) -> Result<Response, Problem> {
    let provider = input.provider.clone();
    let started = start(caller.flow(auth), input).await.map_err(|error| failed(error, auth, &provider, caller))?;
    Ok(authorization_response(auth, &started, redirect))
}

fn failed(error: OAuthError, auth: &Auth, provider: &str, caller: &Caller) -> Problem {
    log_failure(&error, provider, &caller.client.request_id);
    let kept = if let OAuthError::AwaitsProof(choice) = &error { Some(cookie::sign_up(auth, choice)) } else { None };
    let problem = Problem::from(error);
    match kept {
        Some((name, value)) => problem.with_header(name, value),
        None => problem,
    }
}

/// Returns where the client is to go. It navigates itself; the header is part of the contract all the same (§3.7).
fn authorization_response(auth: &Auth, Started { url, browser }: &Started, redirect: bool) -> Response {
    let mut response = json_response(&AuthorizationUrl { url, redirect });
    if redirect {
        response.headers_mut().insert(header::LOCATION, location(url));
    }
    set_flow(response.headers_mut(), &auth.settings, browser);
    response
}
