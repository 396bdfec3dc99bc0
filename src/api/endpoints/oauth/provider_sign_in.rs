//! Serves `POST /sign-in/social` and `POST /link-social`: they send the client on the way to a provider.

use std::sync::Arc;

use axum::{extract::State, response::Response};
use http::{HeaderMap, header};
use serde::Serialize;
use serde_json::Value;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{RefOr, schema::Schema},
};

use crate::{
    api::{
        Problem,
        endpoints::oauth::provider_failure::log_failure,
        error::problem::ProblemBody,
        extract::{
            body::JsonBody,
            caller::Caller,
            fields::{Fields, error_callback_url, new_user_callback_url, page_callback_url},
            schemas,
            signed_in::{ProvedLately, SignedIn},
        },
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

/// Is the body of `POST /sign-in/social`.
#[derive(Default, ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct SocialSignInBody<'a> {
    /// The name is one of the keys below `auth.social` of gateway.yaml.
    provider: &'a str,
    /// The browser goes here when it is signed in, or the account is linked.
    #[schema(nullable = false, rename = "callbackURL")]
    callback_url: Option<&'a str>,
    /// The browser goes here with `error=` when that fails.
    #[schema(nullable = false, rename = "errorCallbackURL")]
    error_callback_url: Option<&'a str>,
    /// The browser goes here the first time.
    #[schema(nullable = false, rename = "newUserCallbackURL")]
    new_user_callback_url: Option<&'a str>,
    #[schema(required = false, default = false)]
    disable_redirect: bool,
    /// Is asked for beside the configured ones.
    #[schema(required = false, max_items = 20)]
    scopes: Vec<String>,
    #[schema(schema_with = schemas::login_hint)]
    login_hint: Option<&'a str>,
    /// This takes the place of the provider's page: the client got it from the provider by itself.
    #[schema(nullable = false)]
    id_token: Option<IdTokenBody<'a>>,
}

impl<'a> SocialSignInBody<'a> {
    /// Parses the body. Beside an ID token only its provider is read: the rest is about the provider's page.
    fn parse(body: Option<&'a Value>) -> Result<Self, Problem> {
        let mut fields = Fields::from_body(body)?;
        let provider = fields.string("provider");
        if let Some(token) = body.and_then(|body| body.get("idToken")).filter(|token| !token.is_null()) {
            fields.finish()?;
            return Ok(Self { provider, id_token: Some(IdTokenBody::parse(token)?), ..Self::default() });
        }
        let parsed = Self {
            provider,
            callback_url: fields.optional_string("callbackURL"),
            error_callback_url: fields.optional_string("errorCallbackURL"),
            new_user_callback_url: fields.optional_string("newUserCallbackURL"),
            disable_redirect: fields.boolean_or("disableRedirect", false),
            scopes: fields.words("scopes"),
            login_hint: fields.optional_string("loginHint"),
            id_token: None,
        };
        fields.finish()?;
        Ok(parsed)
    }
}

/// Is the body of `POST /link-social`.
pub(crate) struct LinkSocialBody<'a>(SocialSignInBody<'a>);

impl<'a> LinkSocialBody<'a> {
    fn parse(body: Option<&'a Value>) -> Result<Self, Problem> {
        SocialSignInBody::parse(body).map(Self)
    }
}

impl PartialSchema for LinkSocialBody<'_> {
    /// Describes the same fields, but the one for new users: whoever links an account is none.
    fn schema() -> RefOr<Schema> {
        let mut schema = SocialSignInBody::schema();
        if let RefOr::T(Schema::Object(object)) = &mut schema {
            object.description = Some("Is the body of `POST /link-social`.".to_owned());
            object.properties.remove("newUserCallbackURL");
        }
        schema
    }
}

impl ToSchema for LinkSocialBody<'_> {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        SocialSignInBody::schemas(schemas);
    }
}

/// Holds an id token that a client brings.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct IdTokenBody<'a> {
    token: &'a str,
    /// This is the nonce as the client asked the provider to put it into the token.
    #[schema(nullable = false)]
    nonce: Option<&'a str>,
    /// Asks the provider for what the id token lacks; it is not kept.
    #[schema(nullable = false)]
    access_token: Option<&'a str>,
    /// Is Apple's field, as JSON.
    #[schema(ignore)]
    user: Option<String>,
}

impl<'a> IdTokenBody<'a> {
    fn parse(value: &'a Value) -> Result<Self, Problem> {
        let mut fields = Fields::from_body(Some(value))?;
        let parsed = Self {
            token: fields.string("token"),
            nonce: fields.optional_string("nonce"),
            access_token: fields.optional_string("accessToken").filter(|access| !access.is_empty()),
            user: value.get("user").map(Value::to_string),
        };
        fields.finish()?;
        Ok(parsed)
    }

    /// Returns what the flow receives.
    fn input<'p>(&'p self, provider: &'p str) -> IdToken<'p> {
        let Self { token, nonce, access_token, user } = self;
        IdToken { provider, token, nonce: *nonce, access: *access_token, user: user.as_deref() }
    }
}

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
#[utoipa::path(post, path = "/sign-in/social", tag = "Sign-in", request_body = SocialSignInBody<'_>, responses(
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
    let body = SocialSignInBody::parse(body.as_ref())?;
    if let Some(token) = &body.id_token {
        let input = token.input(body.provider);
        let signed_in = sign_in_by_id_token(caller.flow(&auth), &input, &context(&caller)).await;
        let signed_in = signed_in.map_err(|error| failed(error, &auth, body.provider, &caller))?;
        let mut response = sign_in_response(&auth.settings, &signed_in.step, |session| SignedInByIdToken {
            redirect: false,
            token: session.token.expose(),
            user: UserView::new(&signed_in.user, &auth.settings.user_fields),
        });
        set_device(response.headers_mut(), &auth.settings, &signed_in.device.seal(&auth.devices));
        return Ok(response);
    }
    begin(&auth, &caller, &headers, body, None).await
}

/// Link an account at a provider to one's own
///
/// Needs a session opened or proved within the last ten minutes.
#[utoipa::path(post, path = "/link-social", tag = "Accounts", request_body = LinkSocialBody<'_>,
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
    let LinkSocialBody(body) = LinkSocialBody::parse(body.as_ref())?;
    let link = Linking { user: found.user.id, session: found.session.id };
    if let Some(token) = &body.id_token {
        let linked = link_by_id_token(caller.flow(&auth), &token.input(body.provider), &link).await;
        linked.map_err(|error| failed(error, &auth, body.provider, &caller))?;
        return Ok(json_response(&LinkedByIdToken { url: "", status: true, redirect: false }));
    }
    begin(&auth, &caller, &headers, body, Some(link)).await
}

fn context(caller: &Caller) -> SignInContext<'_> {
    SignInContext {
        replaces: caller.token(),
        trusted_devices: &caller.trusted_devices,
        device: caller.device.as_ref(),
        target: None,
    }
}

/// Begins a flow, and sends the client on its way.
async fn begin(
    auth: &Auth,
    caller: &Caller,
    headers: &HeaderMap,
    body: SocialSignInBody<'_>,
    link: Option<Linking>,
) -> Result<Response, Problem> {
    let settings = &auth.settings;
    let targets = Targets {
        callback: page_callback_url(body.callback_url, caller, settings)?,
        error: error_callback_url(body.error_callback_url, caller, settings)?,
        new_user: new_user_callback_url(body.new_user_callback_url, caller, settings)?,
    };
    let input = Start {
        provider: body.provider.to_owned(),
        targets,
        scopes: body.scopes,
        // One that is no address helps nobody; an endless one would make an endless URL.
        login_hint: body.login_hint.filter(|hint| hint.len() <= 254).map(str::to_owned),
        link,
        browser: presented_browser(headers, &settings.cookie),
    };
    let started = start(caller.flow(auth), input).await.map_err(|error| failed(error, auth, body.provider, caller))?;
    Ok(authorization_response(auth, &started, !body.disable_redirect))
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
