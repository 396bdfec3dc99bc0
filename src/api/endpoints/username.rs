//! Serves `POST /sign-in/username` and `/is-username-available`, the paths of the client's plugin.

use std::sync::Arc;

use axum::{extract::State, response::Response};
use http::StatusCode;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::{
    api::{
        Problem,
        endpoints::sign_in::{SignInAnswer, signed_in_response},
        error::problem::ProblemBody,
        extract::{
            body::JsonBody,
            caller::Caller,
            fields::{Fields, callback_url, page_callback_url},
            schemas,
            username::unprocessable,
        },
        respond::{cookie::set_last_login_method, json::json_response},
    },
    auth::{self, Auth, SignIn, SignInError, SignInStep},
    types::{Password, Username, UsernameError},
};

/// Is the body of `POST /sign-in/username`.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct UsernameSignInBody<'a> {
    username: &'a str,
    #[schema(schema_with = schemas::known_password)]
    password: &'a str,
    /// Is handed back as `url`, for the client to go to.
    #[schema(nullable = false, rename = "callbackURL")]
    callback_url: Option<&'a str>,
    /// The session ends with the browser, after a day at most, where this is `false`.
    #[schema(required = false, default = true)]
    remember_me: bool,
}

impl<'a> UsernameSignInBody<'a> {
    fn parse(body: Option<&'a Value>) -> Result<Self, Problem> {
        let mut fields = Fields::from_body(body)?;
        let parsed = Self {
            username: fields.string("username"),
            password: fields.string("password"),
            callback_url: fields.optional_string("callbackURL"),
            remember_me: fields.boolean_or("rememberMe", true),
        };
        fields.finish()?;
        Ok(parsed)
    }
}

/// Sign in with a user name and a password
///
/// It does what signing in with the address of the same account does; attempts with either are counted together.
#[utoipa::path(post, path = "/sign-in/username", tag = "Sign-in", request_body = UsernameSignInBody<'_>, responses(
    (status = 200, description = "Signed in, and the session cookie is set; or a second factor is asked for",
        body = SignInAnswer<'_>),
    (status = 401, description = "`INVALID_USERNAME_OR_PASSWORD`, whatever was wrong", body = ProblemBody<'_>),
    (status = 403, description = "`EMAIL_NOT_VERIFIED`, or the origin is not trusted", body = ProblemBody<'_>),
    (status = 422, description = "`USERNAME_TOO_SHORT`, `USERNAME_TOO_LONG` or `INVALID_USERNAME`", body = ProblemBody<'_>),
))]
pub(crate) async fn sign_in(
    State(auth): State<Arc<Auth>>,
    caller: Caller,
    JsonBody(body): JsonBody,
) -> Result<Response, Problem> {
    let body = UsernameSignInBody::parse(body.as_ref())?;
    if body.username.is_empty() || body.password.is_empty() {
        return Err(bad_credentials());
    }
    let name = parse(&auth, body.username)?;
    let target = callback_url(body.callback_url, &auth.settings)?;
    let password = Password::attempt(body.password, &auth.settings.password)?;
    let input = SignIn {
        callback_url: page_callback_url(body.callback_url, &caller, &auth.settings)?,
        email: auth::email_of_username(caller.flow(&auth), &name).await?,
        password,
        remember: body.remember_me,
        replaces: caller.token().cloned(),
        trusted_devices: caller.trusted_devices.clone(),
        device: caller.device.clone(),
    };
    match auth::sign_in(caller.flow(&auth), &input).await {
        Ok(signed_in) => {
            let mut response = signed_in_response(&auth, &signed_in, target.as_ref());
            if let SignInStep::Opened(_) = signed_in.step {
                set_last_login_method(response.headers_mut(), &auth.settings, "username");
            }
            Ok(response)
        }
        Err(SignInError::BadCredentials) => Err(bad_credentials()),
        Err(error @ (SignInError::EmailNotVerified | SignInError::Flow(_))) => Err(error.into()),
    }
}

/// Is the body of `POST /is-username-available`.
#[derive(ToSchema)]
pub(crate) struct UsernameBody<'a> {
    username: &'a str,
}

impl<'a> UsernameBody<'a> {
    fn parse(body: Option<&'a Value>) -> Result<Self, Problem> {
        let mut fields = Fields::from_body(body)?;
        let parsed = Self { username: fields.string("username") };
        fields.finish()?;
        Ok(parsed)
    }
}

/// Tells whether a user name is free.
#[derive(Serialize, ToSchema)]
#[schema(as = UsernameAvailability)]
struct Availability {
    available: bool,
}

/// Ask whether a user name is free
///
/// Names that look alike are one, and some are reserved.
#[utoipa::path(post, path = "/is-username-available", tag = "Sign-in", request_body = UsernameBody<'_>, responses(
    (status = 200, description = "Whether it is", body = Availability),
    (status = 422, description = "`USERNAME_TOO_SHORT`, `USERNAME_TOO_LONG` or `INVALID_USERNAME`", body = ProblemBody<'_>),
))]
pub(crate) async fn is_available(
    State(auth): State<Arc<Auth>>,
    caller: Caller,
    JsonBody(body): JsonBody,
) -> Result<Response, Problem> {
    let body = UsernameBody::parse(body.as_ref())?;
    if body.username.is_empty() {
        return Err(unprocessable(UsernameError::Invalid.into()));
    }
    let name = parse(&auth, body.username)?;
    let available = auth::is_username_free(caller.flow(&auth), &name).await?;
    Ok(json_response(&Availability { available }))
}

fn parse(auth: &Auth, text: &str) -> Result<Username, Problem> {
    // The routes are there only where there are names.
    let rules = auth.settings.username.clone().unwrap_or_default();
    rules.parse(text).map_err(|error| unprocessable(error.into()))
}

fn bad_credentials() -> Problem {
    Problem::new(StatusCode::UNAUTHORIZED, "INVALID_USERNAME_OR_PASSWORD", "Invalid username or password")
}
