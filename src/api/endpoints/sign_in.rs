//! Serves `POST /sign-in/email`.

use std::sync::Arc;

use axum::{extract::State, response::Response};
use http::header;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::{
    api::{
        Problem,
        error::problem::ProblemBody,
        extract::{
            body::JsonBody,
            caller::Caller,
            fields::{Fields, callback_url, email, page_callback_url},
            schemas,
        },
        respond::{
            cookie::set_device,
            redirect::location,
            sign_in::{TwoFactorRedirect, sign_in_response},
            views::UserView,
        },
    },
    auth::{self, Auth, CallbackUrl, SignIn, SignInStep, SignedIn},
    types::Password,
};

/// Is the body of `POST /sign-in/email`.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct SignInBody<'a> {
    #[schema(schema_with = schemas::email)]
    email: &'a str,
    #[schema(schema_with = schemas::known_password)]
    password: &'a str,
    /// Is handed back as `url`, for the client to go to.
    #[schema(nullable = false, rename = "callbackURL")]
    callback_url: Option<&'a str>,
    /// With `false` the session ends with the browser, after a day at most.
    #[schema(required = false, default = true)]
    remember_me: bool,
}

impl<'a> SignInBody<'a> {
    fn parse(body: Option<&'a Value>) -> Result<Self, Problem> {
        let mut fields = Fields::from_body(body)?;
        let parsed = Self {
            email: fields.string("email"),
            password: fields.string("password"),
            callback_url: fields.optional_string("callbackURL"),
            remember_me: fields.boolean_or("rememberMe", true),
        };
        fields.finish()?;
        Ok(parsed)
    }
}

/// Shows a signed-in user.
#[derive(Serialize, ToSchema)]
#[schema(as = SignedInByPassword)]
pub(crate) struct Body<'a> {
    /// This tells whether the client is to go to `url`.
    redirect: bool,
    /// Is the session token, for clients that send it as bearer.
    token: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    url: Option<&'a str>,
    user: UserView<'a>,
}

/// Is one of the two, by whether the account has a second factor.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "for its schema")]
pub(crate) enum SignInAnswer<'a> {
    SignedIn(Body<'a>),
    TwoFactor(TwoFactorRedirect),
}

/// Sign in with an address and a password
#[utoipa::path(post, path = "/sign-in/email", tag = "Sign-in", request_body = SignInBody<'_>, responses(
    (status = 200, description = "Signed in, and the session cookie is set; or a second factor is asked for",
        body = SignInAnswer<'_>),
    (status = 401, description = "`INVALID_EMAIL_OR_PASSWORD`, whatever was wrong", body = ProblemBody<'_>),
    (status = 403, description = "`EMAIL_NOT_VERIFIED`, or the origin is not trusted", body = ProblemBody<'_>),
))]
pub(crate) async fn sign_in(
    State(auth): State<Arc<Auth>>,
    caller: Caller,
    JsonBody(body): JsonBody,
) -> Result<Response, Problem> {
    let (input, target) = read(&auth, &caller, body.as_ref())?;
    let signed_in = auth::sign_in(caller.flow(&auth), &input).await?;
    Ok(signed_in_response(&auth, &signed_in, target.as_ref()))
}

/// Shows a signed-in user, and hands their session over.
pub(crate) fn signed_in_response(auth: &Auth, signed_in: &SignedIn, target: Option<&CallbackUrl>) -> Response {
    // The URL is sent as it came: the page that asked goes there by itself.
    let url = target.map(CallbackUrl::as_str);
    let mut response = sign_in_response(&auth.settings, &signed_in.step, |session| Body {
        redirect: url.is_some(),
        token: session.token.expose(),
        url,
        user: UserView::new(&signed_in.user, &auth.settings.user_fields),
    });
    set_device(response.headers_mut(), &auth.settings, &signed_in.device.seal(&auth.devices));
    if let (Some(url), SignInStep::Opened(_)) = (url, &signed_in.step) {
        // The client navigates itself; the header is part of the contract all the same (§3.1).
        response.headers_mut().insert(header::LOCATION, location(url));
    }
    response
}

fn read(auth: &Auth, caller: &Caller, body: Option<&Value>) -> Result<(SignIn, Option<CallbackUrl>), Problem> {
    let SignInBody { email: address, password, callback_url: target, remember_me: remember } = SignInBody::parse(body)?;
    let input = SignIn {
        callback_url: page_callback_url(target, caller, &auth.settings)?,
        email: email(address)?,
        password: Password::attempt(password, &auth.settings.password)?,
        remember,
        replaces: caller.token().cloned(),
        trusted_devices: caller.trusted_devices.clone(),
        device: caller.device.clone(),
    };
    Ok((input, callback_url(target, &auth.settings)?))
}
