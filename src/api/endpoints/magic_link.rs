//! Serves `POST /sign-in/magic-link` and the API's own `GET /magic-link/verify`, which acts when the client's `fetch`
//! calls it. No mail links to it: mails lead to the page of `pages/magic_link`, and so does a browser that comes here.

use std::sync::Arc;

use axum::{
    extract::{RawQuery, State},
    response::Response,
};
use http::{HeaderMap, StatusCode};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::{
    api::{
        Problem,
        endpoints::verification::sign_in_browser,
        error::problem::ProblemBody,
        extract::{
            body::{JsonBody, pairs},
            caller::Caller,
            fields::{Fields, callback_url, email, error_callback_url, new_user_callback_url, page_callback_url},
            schemas,
        },
        origin_check::may_act_on_get,
        respond::{
            cookie::set_device,
            json::{Status, json_response},
            redirect::redirect,
            sign_in::{TwoFactorRedirect, set_step, sign_in_response},
            timing::pad_response_time,
            views::{SessionView, UserView},
        },
    },
    auth::{self, Asking, Auth, CallbackUrl, DisplayName, MagicLinkRequest, PasswordlessError, SignInStep, SignedIn},
    types::MailToken,
};

/// Is the body of `POST /sign-in/magic-link`.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct MagicLinkBody<'a> {
    #[schema(schema_with = schemas::email)]
    email: &'a str,
    /// Is the name of a new account.
    #[schema(schema_with = schemas::display_name, required = false)]
    name: Option<DisplayName>,
    /// The browser goes here when it is signed in.
    #[schema(nullable = false, rename = "callbackURL")]
    callback_url: Option<&'a str>,
    /// The browser goes here the first time.
    #[schema(nullable = false, rename = "newUserCallbackURL")]
    new_user_callback_url: Option<&'a str>,
    /// The browser goes here with `error=` when it is not signed in.
    #[schema(nullable = false, rename = "errorCallbackURL")]
    error_callback_url: Option<&'a str>,
}

impl<'a> MagicLinkBody<'a> {
    fn parse(body: Option<&'a Value>) -> Result<Self, Problem> {
        let mut fields = Fields::from_body(body)?;
        let has_name = body.is_some_and(|body| body.get("name").is_some());
        let parsed = Self {
            email: fields.string("email"),
            name: has_name.then(|| fields.display_name("name")),
            callback_url: fields.optional_string("callbackURL"),
            new_user_callback_url: fields.optional_string("newUserCallbackURL"),
            error_callback_url: fields.optional_string("errorCallbackURL"),
        };
        fields.finish()?;
        Ok(parsed)
    }
}

/// Mail a link that signs in
///
/// It leads to a page whose button signs in. An address without an account gets one then, as far as `auth.sign_up` allows.
#[utoipa::path(post, path = "/sign-in/magic-link", tag = "Magic links", request_body = MagicLinkBody<'_>, responses(
    (status = 200, description = "The same for every address", body = Status),
    (status = 403, description = "A target or the origin is not trusted", body = ProblemBody<'_>),
))]
pub(crate) async fn send(
    State(auth): State<Arc<Auth>>,
    caller: Caller,
    JsonBody(body): JsonBody,
) -> Result<Response, Problem> {
    let body = MagicLinkBody::parse(body.as_ref())?;
    let email = email(body.email)?;
    let target = page_callback_url(body.callback_url, &caller, &auth.settings)?;
    let new_user_target = new_user_callback_url(body.new_user_callback_url, &caller, &auth.settings)?;
    let error_target = error_callback_url(body.error_callback_url, &caller, &auth.settings)?;
    let request = MagicLinkRequest {
        email: &email,
        name: body.name.as_ref(),
        target: target.as_ref(),
        new_user_target: new_user_target.as_ref(),
        error_target: error_target.as_ref(),
    };
    let asking = Asking { session: caller.token(), device: caller.device.as_ref() };
    pad_response_time(auth::send_magic_link(caller.flow(&auth), &request, asking)).await?;
    Ok(json_response(&Status { status: true }))
}

/// Shows a signed-in user and their session.
#[derive(Serialize, ToSchema)]
#[schema(as = SignedInByLink)]
struct SignedInAnswer<'a> {
    /// Is the session token, for clients that send it as bearer.
    token: &'a str,
    user: UserView<'a>,
    session: SessionView<'a>,
}

/// Is one of the two, by whether the account has a second factor.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
#[expect(dead_code, clippy::large_enum_variant, reason = "for its schema")]
enum MagicLinkAnswer<'a> {
    SignedIn(SignedInAnswer<'a>),
    TwoFactor(TwoFactorRedirect),
}

/// Sign in with a mailed link, by the client's own call
///
/// A browser that opens it as a page is led to the page with the button instead, and nothing is spent: neither a scanner
/// nor a page of another site signs anybody in.
#[utoipa::path(get, path = "/magic-link/verify", tag = "Magic links",
    params(("token" = String, Query), ("callbackURL" = Option<String>, Query),
        ("newUserCallbackURL" = Option<String>, Query), ("errorCallbackURL" = Option<String>, Query)),
    responses(
        (status = 200, description = "Signed in, where no `callbackURL` is given; or a second factor is asked for",
            body = MagicLinkAnswer<'_>),
        (status = 302, description = "To `callbackURL`, or with `error=` to `errorCallbackURL`, `callbackURL` or `/`"),
        (status = 403, description = "`INVALID_CALLBACK_URL`", body = ProblemBody<'_>),
        (status = 429, description = "Too many attempts; `Retry-After` says when to come back.", body = ProblemBody<'_>),
    ))]
pub(crate) async fn verify(
    State(auth): State<Arc<Auth>>,
    caller: Caller,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let query = pairs(query.unwrap_or_default().as_bytes());
    let mut fields = Fields::from_query(&query)?;
    let token = fields.string("token");
    let targets = ["callbackURL", "newUserCallbackURL", "errorCallbackURL"].map(|key| fields.optional_string(key));
    fields.finish()?;
    // These come before the token is spent, and on the error path too (REDIR-04). Every GET has the one code (contract §6.3).
    let [target, new_user, error] = targets;
    let target = callback_url(target, &auth.settings)?;
    let new_user = callback_url(new_user, &auth.settings)?;
    let error = callback_url(error, &auth.settings)?;
    let Ok(token) = MailToken::parse_mailed(token) else {
        return Ok(failed(&auth, &PasswordlessError::Invalid, error.as_ref().or(target.as_ref())));
    };
    if caller.is_head || !may_act_on_get(&headers, &auth.settings.trusted_origins) {
        let page = format!("{}/magic-link/confirm?token={}", auth.settings.base_path, token.expose());
        return Ok(redirect(StatusCode::FOUND, &page));
    }
    match auth::sign_in_with_link(caller.flow(&auth), &token, &sign_in_browser(&caller)).await {
        Ok(opened) => {
            let target = new_user.filter(|_| opened.is_new).or(target);
            Ok(signed_in(&auth, &opened.signed_in, target.as_ref()))
        }
        Err(PasswordlessError::Flow(error)) => Err(error.into()),
        Err(reason) => Ok(failed(&auth, &reason, error.as_ref().or(target.as_ref()))),
    }
}

fn signed_in(auth: &Auth, signed_in: &SignedIn, target: Option<&CallbackUrl>) -> Response {
    let mut response = match target {
        Some(target) => {
            let mut response = redirect(StatusCode::FOUND, &target.absolute(&auth.settings.public_url));
            set_step(response.headers_mut(), &auth.settings, &signed_in.step);
            response
        }
        None => sign_in_response(&auth.settings, &signed_in.step, |session| SignedInAnswer {
            token: session.token.expose(),
            user: UserView::new(&signed_in.user, &auth.settings.user_fields),
            session: SessionView::new(&session.session, &session.token)
                .with_organization(&session.session, &auth.settings),
        }),
    };
    set_device(response.headers_mut(), &auth.settings, &signed_in.device.seal(&auth.devices));
    response
}

fn failed(auth: &Auth, error: &PasswordlessError, target: Option<&CallbackUrl>) -> Response {
    let code = error_code(error);
    let target = target.map(|target| target.absolute_with_error(code, &auth.settings.public_url));
    redirect(StatusCode::FOUND, &target.unwrap_or_else(|| auth.settings.public_url.join(&format!("/?error={code}"))))
}

/// Returns what the query of a target says.
pub(crate) fn error_code(error: &PasswordlessError) -> &'static str {
    match error {
        PasswordlessError::Refused(_) => "new_user_signup_disabled",
        _ => "INVALID_TOKEN",
    }
}

/// Leads on after the page's button.
pub(crate) fn leads_on(auth: &Auth, signed_in: &SignedIn, target: Option<&CallbackUrl>) -> Option<Response> {
    // A second factor is asked for by a page, so there has to be one.
    let target = match (&signed_in.step, target) {
        (SignInStep::Challenged(_), None) => "/",
        (_, target) => target?.as_str(),
    };
    let mut response = redirect(StatusCode::SEE_OTHER, target);
    set_step(response.headers_mut(), &auth.settings, &signed_in.step);
    set_device(response.headers_mut(), &auth.settings, &signed_in.device.seal(&auth.devices));
    Some(response)
}
