//! Serves `POST /sign-in/email-otp` and `/email-otp/verify-email`.

use std::sync::Arc;

use axum::{extract::State, response::Response};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::{
    api::{
        Problem,
        endpoints::verification::{prover, sign_in_browser},
        error::problem::ProblemBody,
        extract::{
            body::{JsonBody, PictureBody},
            caller::Caller,
            fields::{Fields, email},
            schemas,
            username::chosen_username,
        },
        respond::{
            cookie::{set_device, set_session},
            json::json_response,
            sign_in::{TwoFactorRedirect, sign_in_response},
            views::UserView,
        },
    },
    auth::{self, Auth, CodeSignIn, DisplayName, Image, Newcomer, Settings},
};

/// Is the body of `POST /sign-in/email-otp`.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct CodeSignInBody<'a> {
    #[schema(schema_with = schemas::email)]
    email: &'a str,
    otp: &'a str,
    /// Counts for a new account, as the picture does.
    #[schema(schema_with = schemas::display_name, required = false)]
    name: DisplayName,
    #[schema(schema_with = schemas::image)]
    image: Option<Image>,
    /// Holds the additional fields, as what is configured describes them.
    #[schema(ignore)]
    additional_fields: Map<String, Value>,
}

impl<'a> CodeSignInBody<'a> {
    fn parse(body: Option<&'a Value>, settings: &Settings) -> Result<Self, Problem> {
        let mut fields = Fields::from_body(body)?;
        let has_name = body.is_some_and(|body| body.get("name").is_some());
        let parsed = Self {
            email: fields.string("email"),
            otp: fields.string("otp"),
            name: if has_name { fields.display_name("name") } else { DisplayName::default() },
            image: fields.image("image", settings.avatars),
            // The flow that opens an account asks for the required ones.
            additional_fields: fields.additional(&settings.user_fields, false),
        };
        fields.finish()?;
        Ok(parsed)
    }
}

/// Shows a signed-in user.
#[derive(Serialize, ToSchema)]
#[schema(as = SignedInByMail)]
pub(crate) struct SignedInByMail<'a> {
    /// Is the session token, for clients that send it as bearer.
    pub(crate) token: &'a str,
    pub(crate) user: UserView<'a>,
}

/// Is one of the two, by whether the account has a second factor.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "for its schema")]
enum CodeSignInAnswer<'a> {
    SignedIn(SignedInByMail<'a>),
    TwoFactor(TwoFactorRedirect),
}

/// Sign in with a mailed code
///
/// An address without an account gets one, as far as `auth.sign_up` allows.
#[utoipa::path(post, path = "/sign-in/email-otp", tag = "E-mail codes", request_body = CodeSignInBody<'_>, responses(
    (status = 200, description = "Signed in, and the session cookie is set; or a second factor is asked for",
        body = CodeSignInAnswer<'_>),
    (status = 400, description = "`INVALID_OTP`, `OTP_EXPIRED`, `MISSING_FIELD`, `USERNAME_IS_ALREADY_TAKEN`",
        body = ProblemBody<'_>),
    (status = 403, description = "`TOO_MANY_ATTEMPTS`, nobody may sign up, or not from a trusted origin",
        body = ProblemBody<'_>),
    (status = 413, description = "`AVATAR_TOO_LARGE`", body = ProblemBody<'_>),
))]
pub(crate) async fn sign_in(
    State(auth): State<Arc<Auth>>,
    caller: Caller,
    PictureBody(body): PictureBody,
) -> Result<Response, Problem> {
    let CodeSignInBody { email: address, otp, name, image, mut additional_fields } =
        CodeSignInBody::parse(body.as_ref(), &auth.settings)?;
    let email = email(address)?;
    let username = chosen_username(&mut additional_fields, &auth.settings)?;
    let input = CodeSignIn {
        email: &email,
        code: otp,
        newcomer: Newcomer { name, image, additional_fields: Some(additional_fields), username },
        browser: sign_in_browser(&caller),
    };
    let signed_in = auth::sign_in_with_code(caller.flow(&auth), &input).await?;
    let mut response = sign_in_response(&auth.settings, &signed_in.step, |session| SignedInByMail {
        token: session.token.expose(),
        user: UserView::new(&signed_in.user, &auth.settings.user_fields),
    });
    set_device(response.headers_mut(), &auth.settings, &signed_in.device.seal(&auth.devices));
    Ok(response)
}

/// Is the body of `POST /email-otp/verify-email`.
#[derive(ToSchema)]
pub(crate) struct VerifyCodeBody<'a> {
    #[schema(schema_with = schemas::email)]
    email: &'a str,
    otp: &'a str,
}

impl<'a> VerifyCodeBody<'a> {
    fn parse(body: Option<&'a Value>) -> Result<Self, Problem> {
        let mut fields = Fields::from_body(body)?;
        let parsed = Self { email: fields.string("email"), otp: fields.string("otp") };
        fields.finish()?;
        Ok(parsed)
    }
}

/// The address is proved.
#[derive(Serialize, ToSchema)]
#[schema(as = VerifiedByCode)]
struct Verified<'a> {
    status: bool,
    /// Is the session token where the browser is signed in by the proof; `null` otherwise.
    #[schema(required)]
    token: Option<&'a str>,
    user: UserView<'a>,
}

/// Prove an address with a mailed code
///
/// The choices of a sign-up count in the browser that signed up, as with the mailed link; that browser is signed in too
/// where `auth.email_verification.auto_sign_in` says so.
#[utoipa::path(post, path = "/email-otp/verify-email", tag = "E-mail codes", request_body = VerifyCodeBody<'_>,
    responses(
        (status = 200, description = "Verified", body = Verified<'_>),
        (status = 400, description = "`INVALID_OTP`, `OTP_EXPIRED`", body = ProblemBody<'_>),
        (status = 403, description = "`TOO_MANY_ATTEMPTS`, or not from a trusted origin", body = ProblemBody<'_>),
    ))]
pub(crate) async fn verify(
    State(auth): State<Arc<Auth>>,
    caller: Caller,
    JsonBody(body): JsonBody,
) -> Result<Response, Problem> {
    let body = VerifyCodeBody::parse(body.as_ref())?;
    let (email, prover, device) = (email(body.email)?, prover(&caller), caller.device.as_ref());
    let verified = auth::verify_email_with_code(caller.flow(&auth), &email, body.otp, &prover, device).await?;
    let mut response = json_response(&Verified {
        status: true,
        token: verified.session.as_ref().map(|session| session.token.expose()),
        user: UserView::new(&verified.user, &auth.settings.user_fields),
    });
    if let Some(session) = &verified.session {
        set_session(response.headers_mut(), &auth.settings, session);
    }
    Ok(response)
}
