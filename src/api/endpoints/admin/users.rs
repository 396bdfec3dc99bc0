//! Serves single users to administrators: `GET /admin/get-user`, `POST /admin/create-user`, `/admin/update-user` and
//! `/admin/set-user-password`.

use std::sync::Arc;

use axum::{
    extract::{RawQuery, State},
    response::Response,
};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::{
    api::{
        Problem,
        endpoints::admin::roles_and_bans::roles,
        error::problem::ProblemBody,
        extract::{
            administrator::{Administrating, user_ref},
            body::{JsonBody, pairs},
            fields::{Fields, email},
            schemas,
        },
        respond::{
            admin_views::{AdminUserAnswer, AdminUserView},
            json::{Status, json_response},
        },
    },
    auth::{
        self, Auth, DisplayName, Image, Settings,
        admin::{self, NewUser, Permission, UserChange, UserRef, Welcome},
    },
    types::{Email, Owner, Password, Role, UsernameRules},
};

/// Get a user
#[utoipa::path(get, path = "/admin/get-user", tag = "Administration",
    params(("id" = String, Query, description = "The user's id")),
    security(("cookie" = []), ("bearer" = [])), responses(
    (status = 200, description = "The user", body = AdminUserView<'_>),
    (status = 401, description = "`UNAUTHORIZED`", body = ProblemBody<'_>),
    (status = 403, description = "`YOU_ARE_NOT_ALLOWED_TO_GET_USER`, `SESSION_NOT_FRESH`, `TWO_FACTOR_REQUIRED`",
        body = ProblemBody<'_>),
    (status = 404, description = "`USER_NOT_FOUND`", body = ProblemBody<'_>)))]
pub(crate) async fn get(
    State(auth): State<Arc<Auth>>,
    administrating: Administrating,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    administrating.require(&auth, Permission::UserGet)?;
    let query = pairs(query.unwrap_or_default().as_bytes());
    let mut fields = Fields::from_query(&query)?;
    let user = user_ref(&mut fields, "id");
    fields.finish()?;
    let found = admin::view_user(&administrating.administration, &user?, administrating.signed_in.caller.now).await?;
    Ok(json_response(&AdminUserView::of_record(&found, &auth.settings.user_fields)))
}

/// Is the body of `POST /admin/create-user`.
#[derive(ToSchema)]
pub(crate) struct CreateUserBody<'a> {
    #[schema(schema_with = schemas::email)]
    email: &'a str,
    #[schema(schema_with = schemas::display_name)]
    name: DisplayName,
    /// Needs `auth.admin.set_passwords`. Without one the user is mailed a link with which they choose it.
    #[schema(nullable = false, format = Password)]
    password: Option<&'a str>,
    /// Is one role, several with commas between them, or an array of them.
    #[schema(schema_with = schemas::roles)]
    role: Vec<Role>,
    /// Holds `image`, `emailVerified` and additional fields.
    #[schema(value_type = Object, nullable = false)]
    data: UserData,
}

impl<'a> CreateUserBody<'a> {
    fn parse(body: Option<&'a Value>, settings: &Settings) -> Result<Self, Problem> {
        let mut fields = Fields::from_body(body)?;
        let (address, name) = (fields.string("email"), fields.display_name("name"));
        let password = fields.optional_string("password");
        let data = body.and_then(|body| body.get("data")).unwrap_or(&Value::Null);
        let role = body.and_then(|body| body.get("role")).or_else(|| data.get("role"));
        fields.finish()?;
        let data = if data.is_null() { UserData::default() } else { UserData::parse(data, settings)? };
        Ok(Self { email: address, name, password, role: role.map(roles).transpose()?.unwrap_or_default(), data })
    }
}

/// Holds what administrators set of a user beside name and roles.
#[derive(Default)]
struct UserData {
    name: Option<DisplayName>,
    #[expect(clippy::option_option, reason = "absent leaves it, null takes it away")]
    image: Option<Option<String>>,
    email: Option<Email>,
    email_verified: Option<bool>,
    additional_fields: Map<String, Value>,
}

impl UserData {
    fn parse(data: &Value, settings: &Settings) -> Result<Self, Problem> {
        let mut fields = Fields::from_body(Some(data))?;
        let has = |key: &str| data.get(key).is_some();
        let name = has("name").then(|| fields.display_name("name"));
        let image = has("image").then(|| match fields.image("image", settings.avatars) {
            Some(Image::Address(address)) => Some(address),
            Some(Image::Picture(_)) => {
                fields.complain("image", "Invalid input: expected the address of a picture");
                None
            }
            None => None,
        });
        let address = fields.optional_string("email");
        let email_verified = has("emailVerified").then(|| fields.boolean_or("emailVerified", false));
        let mut additional_fields = Map::new();
        let own = [UsernameRules::FIELD, UsernameRules::DISPLAY_FIELD];
        for field in settings.user_fields.iter().filter(|field| !own.contains(&field.name.as_str())) {
            let Some(value) = data.get(&field.name) else { continue };
            match field.parse(value) {
                Ok(value) => drop(additional_fields.insert(field.name.clone(), value.into_owned())),
                Err(error) => fields.complain(&field.name, &format!("Invalid input: {error}")),
            }
        }
        fields.finish()?;
        Ok(Self { name, image, email: address.map(email).transpose()?, email_verified, additional_fields })
    }
}

/// Create a user
///
/// Without a password they are mailed a link with which they choose one, which proves their address.
#[utoipa::path(post, path = "/admin/create-user", tag = "Administration", request_body = CreateUserBody<'_>,
    security(("cookie" = []), ("bearer" = [])), responses(
    (status = 200, description = "The user", body = AdminUserAnswer<'_>),
    (status = 400, description = "`USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL`, `INVALID_EMAIL`, \
        `YOU_ARE_NOT_ALLOWED_TO_SET_NON_EXISTENT_VALUE`, `INVALID_ROLE_TYPE`, or the password is not taken",
        body = ProblemBody<'_>),
    (status = 401, description = "`UNAUTHORIZED`", body = ProblemBody<'_>),
    (status = 403, description = "`YOU_ARE_NOT_ALLOWED_TO_CREATE_USERS`, `YOU_ARE_NOT_ALLOWED_TO_CHANGE_USERS_ROLE`, \
        `YOU_ARE_NOT_ALLOWED_TO_SET_USERS_PASSWORD`, `YOU_ARE_NOT_ALLOWED_TO_SET_USERS_EMAIL`, \
        `YOU_ARE_NOT_ALLOWED_TO_EXCEED_YOUR_PERMISSIONS`, `EMAIL_DOMAIN_NOT_ALLOWED`, `SESSION_NOT_FRESH`, \
        `TWO_FACTOR_REQUIRED`", body = ProblemBody<'_>)))]
pub(crate) async fn create(
    State(auth): State<Arc<Auth>>,
    administrating: Administrating,
    JsonBody(body): JsonBody,
) -> Result<Response, Problem> {
    administrating.require(&auth, Permission::UserCreate)?;
    let body = CreateUserBody::parse(body.as_ref(), &auth.settings)?;
    let email_verified = body.data.email_verified.unwrap_or(false);
    if email_verified {
        administrating.require(&auth, Permission::UserSetEmail)?;
    }
    let address = email(body.email)?;
    if !auth.settings.sign_up.allows_address(&address) {
        return Err(Problem::email_domain_not_allowed());
    }
    let caller = &administrating.signed_in.caller;
    let password = match body.password {
        Some(password) => {
            administrating.require(&auth, Permission::UserSetPassword)?;
            let owner = Owner { email: &address, name: body.name.as_str() };
            let password = Password::choose(password, &auth.settings.password, Some(owner))?;
            Some(auth::hash_new_password(caller.flow(&auth), password).await?)
        }
        None => None,
    };
    let welcome = Welcome { settings: &auth.settings, page: None };
    let is_welcomed = password.is_none() && !email_verified;
    let input = NewUser {
        email: address,
        name: body.name,
        roles: body.role,
        image: body.data.image.flatten(),
        additional_fields: body.data.additional_fields,
        email_verified,
        password,
    };
    let welcome = is_welcomed.then_some(&welcome);
    let created = admin::create_user(&administrating.administration, input, welcome, caller.now).await?;
    Ok(json_response(&AdminUserAnswer { user: AdminUserView::of_record(&created, &auth.settings.user_fields) }))
}

/// Is the body of `POST /admin/update-user`.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct ChangeUserBody {
    #[schema(value_type = String)]
    user_id: UserRef,
    /// Holds `name`, `image`, `email`, `emailVerified`, `role` and additional fields.
    #[schema(value_type = Object)]
    data: UserData,
    #[schema(ignore)]
    role: Option<Vec<Role>>,
}

impl ChangeUserBody {
    fn parse(body: Option<&Value>, settings: &Settings) -> Result<Self, Problem> {
        let mut fields = Fields::from_body(body)?;
        let user_id = user_ref(&mut fields, "userId");
        fields.finish()?;
        let data = body.and_then(|body| body.get("data")).unwrap_or(&Value::Null);
        if data.get("password").is_some() {
            let message = "Password cannot be updated through update-user. Use the set-user-password endpoint instead";
            return Err(Problem::bad_request("PASSWORD_CANNOT_BE_UPDATED_VIA_UPDATE_USER", message));
        }
        if data.get("id").is_some() {
            return Err(Problem::bad_request("USER_ID_CANNOT_BE_UPDATED", "User id cannot be updated"));
        }
        if let Some(name) = ["banned", "banReason", "banExpires"].into_iter().find(|name| data.get(name).is_some()) {
            let message = format!("{name} is not allowed to be set here: use ban-user and unban-user");
            return Err(Problem::bad_request("FIELD_NOT_ALLOWED", message));
        }
        let role = data.get("role").map(roles).transpose()?;
        Ok(Self { data: UserData::parse(data, settings)?, user_id: user_id?, role })
    }
}

/// Change a user
///
/// Additional fields count that users may not change themselves, too. With another address the user's sessions end, and
/// the former address is told. Whoever changes roles takes the permission for that as well.
#[utoipa::path(post, path = "/admin/update-user", tag = "Administration", request_body = ChangeUserBody,
    security(("cookie" = []), ("bearer" = [])), responses(
    (status = 200, description = "The user as they are now", body = AdminUserView<'_>),
    (status = 400, description = "`NO_DATA_TO_UPDATE`, `PASSWORD_CANNOT_BE_UPDATED_VIA_UPDATE_USER`, \
        `USER_ID_CANNOT_BE_UPDATED`, `FIELD_NOT_ALLOWED`, `USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL`, `INVALID_EMAIL`, \
        `EMAIL_CAN_NOT_BE_UPDATED`, `ADDITIONAL_FIELDS_TOO_LARGE`, and those of `set-role`", body = ProblemBody<'_>),
    (status = 401, description = "`UNAUTHORIZED`", body = ProblemBody<'_>),
    (status = 403, description = "`YOU_ARE_NOT_ALLOWED_TO_UPDATE_USERS`, `YOU_ARE_NOT_ALLOWED_TO_SET_USERS_EMAIL`, \
        `YOU_ARE_NOT_ALLOWED_TO_CHANGE_USERS_ROLE`, `YOU_ARE_NOT_ALLOWED_TO_EXCEED_YOUR_PERMISSIONS`, \
        `EMAIL_DOMAIN_NOT_ALLOWED`, `SESSION_NOT_FRESH`, `TWO_FACTOR_REQUIRED`", body = ProblemBody<'_>),
    (status = 404, description = "`USER_NOT_FOUND`", body = ProblemBody<'_>)))]
pub(crate) async fn update(
    State(auth): State<Arc<Auth>>,
    administrating: Administrating,
    JsonBody(body): JsonBody,
) -> Result<Response, Problem> {
    administrating.require(&auth, Permission::UserUpdate)?;
    let ChangeUserBody { user_id, data, role } = ChangeUserBody::parse(body.as_ref(), &auth.settings)?;
    let UserData { name, image, email, email_verified, additional_fields } = data;
    let change = UserChange { name, image, email, email_verified, additional_fields };
    if change.is_empty() && role.is_none() {
        return Err(Problem::bad_request("NO_DATA_TO_UPDATE", "No data to update"));
    }
    if change.email.is_some() || change.email_verified.is_some() {
        administrating.require(&auth, Permission::UserSetEmail)?;
    }
    if change.email.as_ref().is_some_and(|email| !auth.settings.sign_up.allows_address(email)) {
        return Err(Problem::email_domain_not_allowed());
    }
    let (administration, now) = (&administrating.administration, administrating.signed_in.caller.now);
    if role.is_some() {
        administrating.require(&auth, Permission::UserSetRole)?;
    }
    let changed = admin::change_user(administration, &auth.settings, &user_id, (&change, role.as_deref()), now).await?;
    Ok(json_response(&AdminUserView::of_record(&changed, &auth.settings.user_fields)))
}

/// Is the body of `POST /admin/set-user-password`.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct SetUserPasswordBody<'a> {
    #[schema(value_type = String)]
    user_id: UserRef,
    #[schema(schema_with = schemas::new_password)]
    new_password: &'a str,
}

impl<'a> SetUserPasswordBody<'a> {
    fn parse(body: Option<&'a Value>) -> Result<Self, Problem> {
        let mut fields = Fields::from_body(body)?;
        let user_id = user_ref(&mut fields, "userId");
        let new_password = fields.string("newPassword");
        fields.finish()?;
        Ok(Self { user_id: user_id?, new_password })
    }
}

/// Give a user another password
///
/// Needs `auth.admin.set_passwords`. Their sessions end, and they are told by mail.
#[utoipa::path(post, path = "/admin/set-user-password", tag = "Administration", request_body = SetUserPasswordBody<'_>,
    security(("cookie" = []), ("bearer" = [])), responses(
    (status = 200, description = "It is set", body = Status),
    (status = 400, description = "`YOU_CANNOT_SET_YOUR_PASSWORD`, or the password is not taken", body = ProblemBody<'_>),
    (status = 401, description = "`UNAUTHORIZED`", body = ProblemBody<'_>),
    (status = 403, description = "`YOU_ARE_NOT_ALLOWED_TO_SET_USERS_PASSWORD`, \
        `YOU_ARE_NOT_ALLOWED_TO_EXCEED_YOUR_PERMISSIONS`, `SESSION_NOT_FRESH`, `TWO_FACTOR_REQUIRED`",
        body = ProblemBody<'_>),
    (status = 404, description = "`USER_NOT_FOUND`", body = ProblemBody<'_>)))]
pub(crate) async fn set_password(
    State(auth): State<Arc<Auth>>,
    administrating: Administrating,
    JsonBody(body): JsonBody,
) -> Result<Response, Problem> {
    administrating.require(&auth, Permission::UserSetPassword)?;
    let SetUserPasswordBody { user_id, new_password } = SetUserPasswordBody::parse(body.as_ref())?;
    let (administration, caller) = (&administrating.administration, &administrating.signed_in.caller);
    let record = admin::find_user(administration, &user_id).await?;
    let password = Password::choose(new_password, &auth.settings.password, Some(record.user.owner()))?;
    let hash = auth::hash_new_password(caller.flow(&auth), password).await?;
    admin::set_user_password(administration, &auth.settings, &user_id, &hash, caller.now).await?;
    Ok(json_response(&Status { status: true }))
}
