//! `POST /sign-up/email`

use std::sync::Arc;

use axum::{extract::State, response::Response};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    api::{
        Problem,
        error::problem::ProblemBody,
        extract::{
            body::JsonBody,
            caller::Caller,
            fields::{Fields, email, page_callback_url},
        },
        openapi::bodies::SignUpBody,
        respond::{
            cookie::{set_session, set_sign_up},
            json::json_response,
            views::UserView,
        },
    },
    auth::{self, Auth, SignUp},
    types::{Owner, Password},
};

/// A new account.
#[derive(Serialize, ToSchema)]
#[schema(as = SignUpAnswer)]
struct Body<'a> {
    /// `null` until the address is verified.
    token: Option<&'a str>,
    user: UserView<'a>,
}

/// Open an account with an address and a password
#[utoipa::path(post, path = "/sign-up/email", tag = "Sign-in", request_body = SignUpBody, responses(
    (status = 200, description = "Signed up; where addresses need a proof, a mail is on its way", body = Body<'_>),
    (status = 422, description = "`USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL`, only where addresses need no proof",
        body = ProblemBody<'_>),
))]
pub(crate) async fn sign_up(
    State(auth): State<Arc<Auth>>,
    caller: Caller,
    JsonBody(body): JsonBody,
) -> Result<Response, Problem> {
    let input = read(&auth, &caller, body.as_ref())?;
    let signed_up = auth::sign_up(caller.flow(&auth), input).await?;
    let token = signed_up.session.as_ref().map(|session| session.token.expose());
    let mut response = json_response(&Body { token, user: UserView::from(&signed_up.user) });
    if let Some(session) = &signed_up.session {
        set_session(response.headers_mut(), &auth.settings, session);
    }
    if let Some(choice) = &signed_up.choice {
        set_sign_up(response.headers_mut(), &auth, choice);
    }
    Ok(response)
}

fn read(auth: &Auth, caller: &Caller, body: Option<&serde_json::Value>) -> Result<SignUp, Problem> {
    let mut fields = Fields::from_body(body)?;
    let name = fields.display_name("name");
    let address = fields.string("email");
    let password = fields.string("password");
    let image = fields.image("image");
    let target = fields.optional_string("callbackURL");
    let remember = fields.boolean_or("rememberMe", true);
    fields.finish()?;
    let callback_url = page_callback_url(target, caller, &auth.settings)?;
    let email = email(address)?;
    let owner = Owner { email: &email, name: name.as_str() };
    let password = Password::choose(password, &auth.settings.password, Some(owner))?;
    Ok(SignUp { name, email, password, image, callback_url, remember })
}
