//! `POST /sign-in/social` and `POST /link-social`: on the way to a provider.

use std::sync::Arc;

use axum::{extract::State, response::Response};
use http::{HeaderMap, header};
use serde::Serialize;
use utoipa::ToSchema;

use crate::auth::{
    Auth,
    social::{Linking, Start, Started, Targets, presented_browser, start},
};

use super::{
    super::{
        Problem,
        body::JsonBody,
        caller::Caller,
        cookie::set_flow,
        fields::{Fields, callback_url, error_callback_url, new_user_callback_url},
        openapi::bodies::{LinkSocialBody, SocialSignInBody},
        problem::ProblemBody,
        signed_in::{FreshlySignedIn, SignedIn},
    },
    json, location,
};

/// Where the client is to go.
#[derive(Serialize, ToSchema)]
struct Departure<'a> {
    /// The provider's page.
    url: &'a str,
    /// Whether the client is to go there by itself.
    redirect: bool,
}

/// Sign in through a provider
#[utoipa::path(post, path = "/sign-in/social", tag = "Sign-in", request_body = SocialSignInBody, responses(
    (status = 200, description = "The provider's page; a cookie ties the flow to the browser", body = Departure<'_>),
    (status = 404, description = "`PROVIDER_NOT_FOUND`", body = ProblemBody<'_>),
))]
pub(in super::super) async fn sign_in(
    State(auth): State<Arc<Auth>>,
    caller: Caller,
    headers: HeaderMap,
    JsonBody(body): JsonBody,
) -> Result<Response, Problem> {
    let (input, redirect) = read(&auth, &headers, body.as_ref(), None)?;
    let started = start(&auth, input, caller.now).await?;
    Ok(depart(&auth, &started, redirect))
}

/// Link an account at a provider to one's own
#[utoipa::path(post, path = "/link-social", tag = "Accounts", request_body = LinkSocialBody,
    security(("cookie" = []), ("bearer" = [])),
    responses(
        (status = 200, description = "The provider's page", body = Departure<'_>),
        (status = 401, description = "`UNAUTHORIZED`", body = ProblemBody<'_>),
        (status = 403, description = "`SESSION_NOT_FRESH`, or not from a trusted origin", body = ProblemBody<'_>),
        (status = 404, description = "`PROVIDER_NOT_FOUND`", body = ProblemBody<'_>),
    ))]
pub(in super::super) async fn link(
    State(auth): State<Arc<Auth>>,
    FreshlySignedIn(SignedIn { caller, found, .. }): FreshlySignedIn,
    headers: HeaderMap,
    JsonBody(body): JsonBody,
) -> Result<Response, Problem> {
    let link = Linking { user: found.user.id, session: found.session.id };
    let (input, redirect) = read(&auth, &headers, body.as_ref(), Some(link))?;
    let started = start(&auth, input, caller.now).await?;
    Ok(depart(&auth, &started, redirect))
}

fn read(
    auth: &Auth,
    headers: &HeaderMap,
    body: Option<&serde_json::Value>,
    link: Option<Linking>,
) -> Result<(Start, bool), Problem> {
    let mut fields = Fields::of_body(body)?;
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
        callback: callback_url(callback, settings)?,
        error: error_callback_url(error, settings)?,
        new_user: new_user_callback_url(new_user, settings)?,
    };
    let browser = presented_browser(headers, &settings.cookie);
    let login_hint = login_hint.map(str::to_owned);
    Ok((Start { provider: provider.to_owned(), targets, scopes, login_hint, link, browser }, !disable_redirect))
}

/// The client navigates itself; the header is part of the contract all the same (§3.7).
fn depart(auth: &Auth, Started { url, browser }: &Started, redirect: bool) -> Response {
    let mut response = json(&Departure { url, redirect });
    if redirect {
        response.headers_mut().insert(header::LOCATION, location(url));
    }
    set_flow(response.headers_mut(), &auth.settings, browser);
    response
}
