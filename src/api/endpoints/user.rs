//! Serves what people do with their account as a whole: `POST /update-user`, `/change-email`, `/delete-user`, and
//! `GET /pending-email-change`, `/delete-user/callback`.

use std::sync::Arc;

use axum::{
    extract::{FromRequestParts, RawQuery, State},
    response::Response,
};
use http::{StatusCode, request::Parts};
use serde::Serialize;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use crate::{
    api::{
        Problem,
        error::problem::ProblemBody,
        extract::{
            body::{JsonBody, PictureBody, pairs},
            fields::{Fields, callback_url, email, page_callback_url},
            schemas,
            signed_in::{AlsoImpersonated, FreshlySignedIn, NotImpersonated, SignedIn},
            username::changed_username,
        },
        respond::{
            cookie::{clear_session, repeat_presented},
            json::{Status, json_response},
            redirect::redirect,
            timing::pad_response_time,
            views::wire_time,
        },
    },
    auth::{
        self, Auth, DeleteUser, DeleteUserError, Deletion, DisplayName, Image, Settings, UpdateUser, UsernameChange,
    },
    language::Language,
    types::{Email, MailToken, Password},
};

/// Is the body of `POST /update-user`; it has one of the fields at least.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct UpdateUserBody {
    #[schema(schema_with = schemas::display_name)]
    name: Option<DisplayName>,
    #[schema(schema_with = schemas::removable_image)]
    #[expect(clippy::option_option, reason = "absent leaves it, null takes it away")]
    image: Option<Option<Image>>,
    /// Is the code of a language that `pages.languages` offers; it is read where these are several.
    #[schema(value_type = Option<String>, example = "de")]
    #[expect(clippy::option_option, reason = "absent leaves it, null forgets it")]
    language: Option<Option<Language>>,
    /// Holds the additional fields, as what is configured describes them.
    #[schema(ignore)]
    additional_fields: Map<String, Value>,
}

impl UpdateUserBody {
    fn parse(body: Option<&Value>, settings: &Settings) -> Result<Self, Problem> {
        let Some(Value::Object(object)) = body else {
            return Err(Problem::bad_request("BODY_MUST_BE_AN_OBJECT", "Body must be an object"));
        };
        if object.contains_key("email") {
            return Err(Problem::bad_request("EMAIL_CAN_NOT_BE_UPDATED", "Email can not be updated"));
        }
        let mut fields = Fields::from_body(body)?;
        let name = object.contains_key("name").then(|| fields.display_name("name"));
        let image = object.contains_key("image").then(|| fields.image("image", settings.avatars));
        let has_language = settings.languages.are_several() && object.contains_key("language");
        let language = has_language.then(|| fields.language("language", &settings.languages));
        let additional_fields = fields.additional(&settings.user_fields, false);
        fields.finish()?;
        if name.is_none() && image.is_none() && language.is_none() && additional_fields.is_empty() {
            return Err(Problem::bad_request("NO_FIELDS_TO_UPDATE", "No fields to update"));
        }
        Ok(Self { name, image, language, additional_fields })
    }
}

/// Change name, picture or language
///
/// Anything else in the body is ignored, but for `email`, which has an operation of its own. A picture that is sent as
/// data is stored, and `image` becomes its address.
#[utoipa::path(post, path = "/update-user", tag = "Account", request_body = UpdateUserBody,
    security(("cookie" = []), ("bearer" = [])),
    responses(
        (status = 200, description = "Changed; the session cookie is set once more", body = Status),
        (status = 400, description = "`EMAIL_CAN_NOT_BE_UPDATED`, `NO_FIELDS_TO_UPDATE`, `FIELD_NOT_ALLOWED`, `LANGUAGE_NOT_OFFERED`, `ADDITIONAL_FIELDS_TOO_LARGE`, `BODY_MUST_BE_AN_OBJECT`",
            body = ProblemBody<'_>),
        (status = 401, description = "`UNAUTHORIZED`", body = ProblemBody<'_>),
        (status = 403, description = "`NOT_ALLOWED_WHILE_IMPERSONATING`: the user name", body = ProblemBody<'_>),
        (status = 413, description = "`AVATAR_TOO_LARGE`", body = ProblemBody<'_>),
    ))]
pub(crate) async fn update(
    State(auth): State<Arc<Auth>>,
    AlsoImpersonated(SignedIn { caller, found, .. }): AlsoImpersonated,
    PictureBody(body): PictureBody,
) -> Result<Response, Problem> {
    let body = UpdateUserBody::parse(body.as_ref(), &auth.settings)?;
    let UpdateUserBody { name, image, language, mut additional_fields } = body;
    let username = changed_username(&mut additional_fields, &found.user, &auth.settings)?;
    // It is a way to sign in, and those are the user's own.
    if found.session.impersonated_by.is_some() && !matches!(username, UsernameChange::Keep) {
        return Err(Problem::impersonated());
    }
    let input = UpdateUser { name, image, additional_fields, username, language };
    auth::update_user(caller.flow(&auth), &input, &found).await?;
    let mut response = json_response(&Status { status: true });
    repeat_presented(response.headers_mut(), &auth.settings, &caller.presented, &found.session, caller.now);
    Ok(response)
}

/// Is the body of `POST /change-email`.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct ChangeEmailBody<'a> {
    #[schema(schema_with = schemas::email)]
    new_email: &'a str,
    /// The mailed link leads here in the end.
    #[schema(nullable = false, rename = "callbackURL")]
    callback_url: Option<&'a str>,
}

impl<'a> ChangeEmailBody<'a> {
    fn parse(body: Option<&'a Value>) -> Result<Self, Problem> {
        let mut fields = Fields::from_body(body)?;
        let parsed = Self { new_email: fields.string("newEmail"), callback_url: fields.optional_string("callbackURL") };
        fields.finish()?;
        Ok(parsed)
    }
}

/// Ask for another address
///
/// A mail to the new address proves it; the account keeps the old one until then. Where the session was neither opened nor
/// proved within the last ten minutes, a mail to the old address has to allow that first. The old address can undo the
/// change for seven days. The same answer where the new address has an account. Needs a session opened or proved within
/// `auth.session.fresh_age`.
#[utoipa::path(post, path = "/change-email", tag = "Account", request_body = ChangeEmailBody<'_>,
    security(("cookie" = []), ("bearer" = [])),
    responses(
        (status = 200, description = "Asked for", body = Status),
        (status = 400, description = "`EMAIL_IS_THE_SAME`, `INVALID_EMAIL`", body = ProblemBody<'_>),
        (status = 401, description = "`UNAUTHORIZED`", body = ProblemBody<'_>),
        (status = 403, description = "`SESSION_NOT_FRESH`, `EMAIL_DOMAIN_NOT_ALLOWED`, `INVALID_CALLBACK_URL`, or not from a \
            trusted origin",
            body = ProblemBody<'_>),
    ))]
pub(crate) async fn change_email(
    State(auth): State<Arc<Auth>>,
    FreshlySignedIn(SignedIn { caller, found, .. }): FreshlySignedIn,
    JsonBody(body): JsonBody,
) -> Result<Response, Problem> {
    let body = ChangeEmailBody::parse(body.as_ref())?;
    let target = page_callback_url(body.callback_url, &caller, &auth.settings)?;
    let new = email(body.new_email)?;
    pad_response_time(auth::change_email(caller.flow(&auth), &new, target.as_ref(), &found)).await?;
    Ok(json_response(&Status { status: true }))
}

/// Shows a change of address that is not proved yet.
#[derive(Serialize, ToSchema)]
#[schema(as = PendingEmailChange)]
#[serde(rename_all = "camelCase")]
struct PendingChange<'a> {
    #[schema(value_type = String, format = Email)]
    new_email: &'a Email,
    /// Tells which mail is to be followed: `consent` is the one to the old address, `proof` the one to the new.
    step: &'static str,
    #[schema(format = DateTime)]
    expires_at: String,
}

/// Get the change of address that is not proved yet
///
/// It is `null` where none was asked for, or where its link has expired.
#[utoipa::path(get, path = "/pending-email-change", tag = "Account", security(("cookie" = []), ("bearer" = [])),
    responses(
        (status = 200, description = "The change, or `null`", body = Option<PendingChange<'_>>),
        (status = 401, description = "`UNAUTHORIZED`", body = ProblemBody<'_>),
    ))]
pub(crate) async fn pending_email_change(
    State(auth): State<Arc<Auth>>,
    SignedIn { caller, found, .. }: SignedIn,
) -> Result<Response, Problem> {
    let pending = auth::find_pending_email_change(caller.flow(&auth), &found).await?;
    Ok(json_response(&pending.as_ref().map(|change| PendingChange {
        new_email: &change.to,
        step: if change.needs_consent { "consent" } else { "proof" },
        expires_at: wire_time(change.expires_at),
    })))
}

/// Is the body of `POST /delete-user`.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct DeleteUserBody<'a> {
    #[schema(nullable = false, format = Password)]
    password: Option<&'a str>,
    /// Comes out of a mailed link.
    #[schema(nullable = false)]
    token: Option<&'a str>,
    /// A mailed link leads here in the end.
    #[schema(nullable = false, rename = "callbackURL")]
    callback_url: Option<&'a str>,
}

impl<'a> DeleteUserBody<'a> {
    fn parse(body: &'a Value) -> Result<Self, Problem> {
        let mut fields = Fields::from_body(Some(body))?;
        let parsed = Self {
            password: fields.optional_string("password"),
            token: fields.optional_string("token"),
            callback_url: fields.optional_string("callbackURL"),
        };
        fields.finish()?;
        Ok(parsed)
    }
}

/// Tells what became of the account.
#[derive(Serialize, ToSchema)]
#[schema(as = DeleteUserAnswer)]
struct Deleted {
    success: bool,
    message: &'static str,
}

/// Delete one's account, with everything in it
///
/// Takes the password, a mailed token, or a session opened or proved within the last ten minutes. Where the configuration
/// asks for it, a link is mailed instead unless a token is given. While a former address can undo a change of address, the
/// account is closed, and everything in it goes once that is over.
#[utoipa::path(post, path = "/delete-user", tag = "Account", request_body = Option<DeleteUserBody<'_>>,
    security(("cookie" = []), ("bearer" = [])),
    responses(
        (status = 200, description = "`User deleted` or `Verification email sent`", body = Deleted),
        (status = 400, description = "`INVALID_PASSWORD`, `CREDENTIAL_ACCOUNT_NOT_FOUND`, `SESSION_EXPIRED`",
            body = ProblemBody<'_>),
        (status = 401, description = "`UNAUTHORIZED`", body = ProblemBody<'_>),
        (status = 404, description = "`INVALID_TOKEN`", body = ProblemBody<'_>),
    ))]
pub(crate) async fn delete(
    State(auth): State<Arc<Auth>>,
    signed_in: SignedIn,
    JsonBody(body): JsonBody,
) -> Result<Response, Problem> {
    let body = body.unwrap_or_else(|| json!({}));
    let DeleteUserBody { password, token, callback_url } = DeleteUserBody::parse(&body)?;
    let callback_url = page_callback_url(callback_url, &signed_in.caller, &auth.settings)?;
    let token = token.map(MailToken::parse_mailed).transpose().map_err(|_| DeleteUserError::InvalidToken)?;
    let rules = &auth.settings.password;
    let password = password.map(|password| Password::attempt(password, rules)).transpose();
    let password = password.map_err(|_| DeleteUserError::WrongPassword)?;
    delete_as(&auth, &signed_in, DeleteUser { password, token, callback_url }).await
}

/// Delete one's account with a mailed token, signed in
///
/// Mailed links lead to a page of their own instead, which needs no session.
#[utoipa::path(get, path = "/delete-user/callback", tag = "Account", security(("cookie" = []), ("bearer" = [])),
    params(("token" = String, Query), ("callbackURL" = Option<String>, Query)),
    responses(
        (status = 200, description = "Deleted", body = Deleted),
        (status = 302, description = "Deleted; to `callbackURL`"),
        (status = 403, description = "`INVALID_CALLBACK_URL`", body = ProblemBody<'_>),
        (status = 404, description = "`INVALID_TOKEN`, or `FAILED_TO_GET_USER_INFO` when signed out",
            body = ProblemBody<'_>),
    ))]
pub(crate) async fn delete_callback(
    State(auth): State<Arc<Auth>>,
    SignedInHere(signed_in): SignedInHere,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let query = pairs(query.unwrap_or_default().as_bytes());
    let mut fields = Fields::from_query(&query)?;
    let token = fields.string("token");
    let target = fields.optional_string("callbackURL");
    fields.finish()?;
    let target = callback_url(target, &auth.settings)?;
    let token = MailToken::parse_mailed(token).map_err(|_| DeleteUserError::InvalidToken)?;
    let mut response = if signed_in.caller.is_head {
        auth::would_delete(signed_in.caller.flow(&auth), &token, &signed_in.found.user.id).await?;
        json_response(&Deleted { success: true, message: "User deleted" })
    } else {
        let input = DeleteUser { password: None, token: Some(token), callback_url: None };
        delete_as(&auth, &signed_in, input).await?
    };
    if let Some(target) = target {
        response = redirect(StatusCode::FOUND, target.as_str());
        clear_session(response.headers_mut(), &auth.settings);
    }
    Ok(response)
}

async fn delete_as(auth: &Auth, signed_in: &SignedIn, input: DeleteUser) -> Result<Response, Problem> {
    let SignedIn { caller, found, .. } = signed_in;
    let deletion = auth::delete_user(caller.flow(auth), &input, found).await?;
    let message = match deletion {
        Deletion::Deleted => "User deleted",
        Deletion::LinkMailed => "Verification email sent",
    };
    let mut response = json_response(&Deleted { success: true, message });
    if deletion == Deletion::Deleted {
        clear_session(response.headers_mut(), &auth.settings);
    }
    Ok(response)
}

/// Does the same as [`NotImpersonated`], with the response that the contract has for a followed link (§3.5).
#[derive(Debug)]
pub(crate) struct SignedInHere(SignedIn);

impl FromRequestParts<Arc<Auth>> for SignedInHere {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, auth: &Arc<Auth>) -> Result<Self, Problem> {
        match NotImpersonated::from_request_parts(parts, auth).await {
            Ok(NotImpersonated(signed_in)) => Ok(Self(signed_in)),
            Err(problem) if problem.status() == StatusCode::UNAUTHORIZED => {
                Err(Problem::new(StatusCode::NOT_FOUND, "FAILED_TO_GET_USER_INFO", "Failed to get user info"))
            }
            Err(problem) => Err(problem),
        }
    }
}
