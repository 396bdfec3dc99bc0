//! Serves `POST /sign-up/email`.

use std::sync::Arc;

use axum::{
    extract::{RawQuery, State},
    response::Response,
};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::{
    api::{
        Problem,
        error::problem::ProblemBody,
        extract::{
            body::{PictureBody, pairs},
            caller::Caller,
            fields::{Fields, email, page_callback_url},
            schemas,
            username::chosen_username,
        },
        respond::{
            cookie::{set_session, set_sign_up},
            json::json_response,
            views::UserView,
        },
    },
    auth::{self, Auth, DisplayName, Image, Settings, SignUp},
    types::{MailToken, Owner, Password},
};

/// Is the body of `POST /sign-up/email`.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct SignUpBody<'a> {
    #[schema(schema_with = schemas::display_name)]
    name: DisplayName,
    #[schema(schema_with = schemas::email)]
    email: &'a str,
    #[schema(schema_with = schemas::new_password)]
    password: &'a str,
    #[schema(schema_with = schemas::image)]
    image: Option<Image>,
    /// Holds the additional fields, as what is configured describes them.
    #[schema(ignore)]
    additional_fields: Map<String, Value>,
    /// The mailed link leads here in the end: a path of the trusted origin whose page asks, else of the public URL, or a URL
    /// of a trusted origin.
    #[schema(nullable = false, rename = "callbackURL")]
    callback_url: Option<&'a str>,
    /// Is the token of the link that an operator made (`authgate users invite`); it may stand in the query instead.
    #[schema(nullable = false)]
    invitation: Option<&'a str>,
    /// With `false` the session ends with the browser, after a day at most.
    #[schema(required = false, default = true)]
    remember_me: bool,
}

impl<'a> SignUpBody<'a> {
    fn parse(body: Option<&'a Value>, settings: &Settings) -> Result<Self, Problem> {
        let mut fields = Fields::from_body(body)?;
        let parsed = Self {
            name: fields.display_name("name"),
            email: fields.string("email"),
            password: fields.string("password"),
            image: fields.image("image", settings.avatars),
            additional_fields: fields.additional(&settings.user_fields, true),
            callback_url: fields.optional_string("callbackURL"),
            invitation: fields.optional_string("invitation"),
            remember_me: fields.boolean_or("rememberMe", true),
        };
        fields.finish()?;
        Ok(parsed)
    }
}

/// The account is new.
#[derive(Serialize, ToSchema)]
#[schema(as = SignUpAnswer)]
struct Body<'a> {
    /// Is `null` until the address is verified.
    token: Option<&'a str>,
    user: UserView<'a>,
}

/// Open an account with an address and a password
///
/// A picture that is sent as data is stored only where addresses need no proof; otherwise the account begins without one.
#[utoipa::path(post, path = "/sign-up/email", tag = "Sign-in", request_body = SignUpBody<'_>,
    params(("invitation" = Option<String>, Query)), responses(
    (status = 200, description = "Signed up; where addresses need a proof, a mail is on its way", body = Body<'_>),
    (status = 403, description = "`EMAIL_PASSWORD_SIGN_UP_DISABLED`, `INVITATION_REQUIRED`, `INVALID_INVITATION` or \
        `EMAIL_DOMAIN_NOT_ALLOWED`, by the configuration; or not from a trusted origin", body = ProblemBody<'_>),
    (status = 413, description = "`AVATAR_TOO_LARGE`", body = ProblemBody<'_>),
    (status = 422, description = "`USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL`, only where addresses need no proof",
        body = ProblemBody<'_>),
))]
pub(crate) async fn sign_up(
    State(auth): State<Arc<Auth>>,
    caller: Caller,
    RawQuery(query): RawQuery,
    PictureBody(body): PictureBody,
) -> Result<Response, Problem> {
    let mut input = read(&auth, &caller, body.as_ref())?;
    let query = pairs(query.unwrap_or_default().as_bytes());
    input.invitation = input.invitation.or_else(|| invitation(query.get("invitation")?.as_str()?));
    let signed_up = auth::sign_up(caller.flow(&auth), input).await?;
    let token = signed_up.session.as_ref().map(|session| session.token.expose());
    let mut response = json_response(&Body { token, user: UserView::new(&signed_up.user, &auth.settings.user_fields) });
    if let Some(session) = &signed_up.session {
        set_session(response.headers_mut(), &auth.settings, session);
    }
    if let Some(choice) = &signed_up.choice {
        set_sign_up(response.headers_mut(), &auth, choice);
    }
    Ok(response)
}

fn read(auth: &Auth, caller: &Caller, body: Option<&Value>) -> Result<SignUp, Problem> {
    let body = SignUpBody::parse(body, &auth.settings)?;
    let SignUpBody { name, email: address, password, image, mut additional_fields, .. } = body;
    let (callback_url, invited, remember) = (body.callback_url, body.invitation, body.remember_me);
    let callback_url = page_callback_url(callback_url, caller, &auth.settings)?;
    let email = email(address)?;
    let owner = Owner { email: &email, name: name.as_str() };
    let password = Password::choose(password, &auth.settings.password, Some(owner))?;
    let username = chosen_username(&mut additional_fields, &auth.settings)?;
    let invitation = invited.and_then(invitation);
    Ok(SignUp {
        name,
        email,
        password,
        image,
        additional_fields,
        username,
        callback_url,
        invitation,
        remember,
        replaces: caller.cookie_token().cloned(),
    })
}

/// Reads a token; one that is none of ours is as good as none.
fn invitation(text: &str) -> Option<MailToken> {
    MailToken::parse(text).ok()
}
