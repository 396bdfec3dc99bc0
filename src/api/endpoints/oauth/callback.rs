//! Serves `/callback/{provider}`: the way back from a provider. It is a navigation, so whatever comes of it is a
//! redirect, at worst to a page of our own that says what happened.

use std::sync::Arc;

use axum::{
    extract::{Path, RawQuery, State},
    response::Response,
};
use http::{HeaderMap, StatusCode};
use serde_json::Value;
use utoipa::ToSchema;

use crate::{
    api::{
        Problem,
        endpoints::oauth::provider_failure::log_failure,
        error::oauth::callback_error_code,
        extract::{
            body::{FormBody, pairs},
            caller::Caller,
        },
        pages::{message::Message, response::page_response},
        respond::{
            cookie::{set_device, set_sign_up},
            redirect::redirect,
            sign_in::set_step,
        },
    },
    auth::{
        Auth, CallbackUrl, SignInStep,
        oauth::{Callback, CallbackFailure, CallbackOutcome, OAuthError, finish, look_ahead, presented_browser},
    },
    pages::oauth_failure,
};

/// Tells the page that a sign-in leads to that a second factor is asked for.
const TWO_FACTOR: &str = "two_factor_required";
/// Bounds a value in bytes. Longer values are of no provider.
const MAX_VALUE_BYTES: usize = 4096;

/// Is a provider's form (`response_mode=form_post`).
#[derive(ToSchema)]
pub(crate) struct CallbackForm<'a> {
    code: Option<&'a str>,
    state: Option<&'a str>,
    error: Option<&'a str>,
    #[schema(ignore)]
    error_description: Option<&'a str>,
    iss: Option<&'a str>,
    /// Apple sends this the first time.
    user: Option<&'a str>,
}

impl<'a> CallbackForm<'a> {
    /// Reads what a provider may send, in a form or in a query. What is wrong reads as if it were not there.
    fn parse(pairs: &'a Value) -> Self {
        Self {
            code: text(pairs, "code"),
            state: text(pairs, "state"),
            error: text(pairs, "error"),
            error_description: text(pairs, "error_description"),
            iss: text(pairs, "iss"),
            user: text(pairs, "user"),
        }
    }

    /// Returns the same as a query; nothing else that was sent is in it.
    fn to_query(&self) -> String {
        let fields = [
            ("code", self.code),
            ("state", self.state),
            ("error", self.error),
            ("error_description", self.error_description),
            ("iss", self.iss),
            ("user", self.user),
        ];
        let sent = fields.into_iter().filter_map(|(key, value)| Some((key, value?)));
        url::form_urlencoded::Serializer::new(String::new()).extend_pairs(sent).finish()
    }
}

/// Come back from a provider
#[utoipa::path(get, path = "/callback/{provider}", tag = "Sign-in",
    params(
        ("provider" = String, Path), ("code" = Option<String>, Query), ("state" = Option<String>, Query),
        ("error" = Option<String>, Query), ("iss" = Option<String>, Query), ("user" = Option<String>, Query),
    ),
    responses((status = 302, description = "To `callbackURL` and its like, with `error=` where it failed")))]
pub(crate) async fn callback(
    State(auth): State<Arc<Auth>>,
    Path(provider): Path<String>,
    caller: Caller,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let query = pairs(query.unwrap_or_default().as_bytes());
    let sent = CallbackForm::parse(&query);
    let callback = Callback {
        provider: &provider,
        state: sent.state,
        code: sent.code,
        error: sent.error,
        issuer: sent.iss,
        user: sent.user,
        browser: presented_browser(&headers, &auth.settings.cookie),
        session: caller.token().cloned(),
        trusted_devices: caller.trusted_devices.clone(),
        device: caller.device.clone(),
    };
    if caller.is_head {
        return head(&auth, &callback, &caller).await;
    }
    match finish(caller.flow(&auth), &callback).await {
        Ok(CallbackOutcome::Linked { target }) => Ok(go_to(target.as_ref())),
        Ok(CallbackOutcome::SignedIn { signed_in, target }) => {
            let mut response = match signed_in.step {
                SignInStep::Opened(_) => go_to(target.as_ref()),
                SignInStep::Challenged(_) => go_to_second_factor(&auth, target.as_ref()),
            };
            set_step(response.headers_mut(), &auth.settings, &signed_in.step);
            set_device(response.headers_mut(), &auth.settings, &signed_in.device.seal(&auth.devices));
            Ok(response)
        }
        Err(CallbackFailure { error: OAuthError::Store(error), .. }) => Err(error.into()),
        Err(CallbackFailure { error, target }) => {
            log_failure(&error, &provider, &caller.client.request_id);
            let mut response = go_to_error(&auth, &error, target.as_ref());
            if let OAuthError::AwaitsProof(choice) = &error {
                set_sign_up(response.headers_mut(), &auth, choice);
            }
            Ok(response)
        }
    }
}

/// Returns the flow's redirect as far as it is known without its end; the flow goes on (MAIL-08).
async fn head(auth: &Auth, callback: &Callback<'_>, caller: &Caller) -> Result<Response, Problem> {
    match look_ahead(caller.flow(auth), callback).await {
        Ok(target) => Ok(go_to(target.as_ref())),
        Err(CallbackFailure { error: OAuthError::Store(error), .. }) => Err(error.into()),
        Err(CallbackFailure { error, target }) => Ok(go_to_error(auth, &error, target.as_ref())),
    }
}

/// Come back from a provider that sends a form
///
/// Its fields go on in the query: the cookies of this browser come along with that GET only.
#[utoipa::path(post, path = "/callback/{provider}", tag = "Sign-in", params(("provider" = String, Path)),
    request_body(content = CallbackForm<'_>, content_type = "application/x-www-form-urlencoded"),
    responses((status = 302, description = "To the same path")))]
pub(crate) async fn forward_form_post(
    State(auth): State<Arc<Auth>>,
    Path(provider): Path<String>,
    FormBody(form): FormBody,
) -> Response {
    if !auth.oauth.knows(&provider) {
        return redirect(StatusCode::FOUND, &error_page(&auth, callback_error_code(&OAuthError::UnknownProvider)));
    }
    let query = CallbackForm::parse(&form).to_query();
    // A configured name needs no escaping.
    redirect(StatusCode::FOUND, &format!("{}/callback/{provider}?{query}", auth.settings.base_path))
}

/// Tell what went wrong at a provider
#[utoipa::path(get, path = "/error", tag = "Pages", params(("error" = Option<String>, Query)),
    responses((status = 200, description = "The page", body = String, content_type = "text/html")))]
pub(crate) async fn error(RawQuery(query): RawQuery) -> Result<Response, Problem> {
    let query = pairs(query.unwrap_or_default().as_bytes());
    let reason = oauth_failure(text(&query, "error").unwrap_or_default());
    Ok(page_response(StatusCode::OK, Message::oauth_failed(reason).page(), None))
}

fn error_page(auth: &Auth, code: &'static str) -> String {
    format!("{}/error?error={code}", auth.settings.base_path)
}

fn go_to_error(auth: &Auth, error: &OAuthError, target: Option<&CallbackUrl>) -> Response {
    let code = callback_error_code(error);
    let target = target.map_or_else(|| error_page(auth, code), |target| target.with_error(code));
    redirect(StatusCode::FOUND, &target)
}

/// Leads to where the sign-in was to end, which asks for the code: nobody is signed in yet.
fn go_to_second_factor(auth: &Auth, target: Option<&CallbackUrl>) -> Response {
    let target = target.map_or_else(|| error_page(auth, TWO_FACTOR), |target| target.with_error(TWO_FACTOR));
    redirect(StatusCode::FOUND, &target)
}

fn go_to(target: Option<&CallbackUrl>) -> Response {
    redirect(StatusCode::FOUND, target.map_or("/", CallbackUrl::as_str))
}

fn text<'a>(pairs: &'a Value, key: &str) -> Option<&'a str> {
    pairs.get(key).and_then(Value::as_str).filter(|text| text.len() <= MAX_VALUE_BYTES)
}
