//! Serves what administrators decide about a user: `POST /admin/set-role`, `/admin/ban-user`, `/admin/unban-user` and
//! `/admin/remove-user`.

use std::sync::Arc;

use axum::{extract::State, response::Response};
use serde_json::Value;
use time::Duration;
use utoipa::ToSchema;

use crate::{
    api::{
        Problem,
        error::problem::ProblemBody,
        extract::{
            administrator::{Administrating, user_ref},
            body::JsonBody,
            fields::Fields,
        },
        respond::{
            admin_views::{AdminUserAnswer, AdminUserView},
            json::{Success, json_response},
        },
    },
    auth::{
        Auth,
        admin::{self, NewBan, Permission, UserRecord, UserRef},
    },
    types::Role,
};

/// Limits the reason of a ban.
const MAX_REASON: usize = 500;
/// Limits a ban with an end to ten years; longer ones have none.
const MAX_BAN: i64 = 3650 * 24 * 60 * 60;

/// Is the body of endpoints that take a user and nothing else.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct UserIdBody {
    #[schema(value_type = String)]
    pub(crate) user_id: UserRef,
}

impl UserIdBody {
    pub(crate) fn parse(body: Option<&Value>) -> Result<Self, Problem> {
        let mut fields = Fields::from_body(body)?;
        let user_id = user_ref(&mut fields, "userId");
        fields.finish()?;
        Ok(Self { user_id: user_id? })
    }
}

/// Is the body of `POST /admin/set-role`.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct SetRoleBody {
    #[schema(value_type = String)]
    user_id: UserRef,
    /// Is one role, several with commas between them, or an array of them; an empty text takes all away.
    #[schema(schema_with = crate::api::extract::schemas::roles)]
    role: Vec<Role>,
}

impl SetRoleBody {
    fn parse(body: Option<&Value>) -> Result<Self, Problem> {
        let mut fields = Fields::from_body(body)?;
        let user_id = user_ref(&mut fields, "userId");
        let role = body.and_then(|body| body.get("role"));
        if role.is_none() {
            fields.string("role");
        }
        fields.finish()?;
        Ok(Self { role: role.map(roles).transpose()?.unwrap_or_default(), user_id: user_id? })
    }
}

/// Reads roles as the client's plugin sends them.
pub(crate) fn roles(value: &Value) -> Result<Vec<Role>, Problem> {
    let invalid_type = || Problem::bad_request("INVALID_ROLE_TYPE", "Invalid role type");
    let texts: Vec<&str> = match value {
        Value::String(text) => text.split(',').collect(),
        Value::Array(items) => {
            items.iter().map(|item| item.as_str().ok_or_else(invalid_type)).collect::<Result<_, _>>()?
        }
        _ => return Err(invalid_type()),
    };
    let named = texts.into_iter().map(str::trim).filter(|text| !text.is_empty());
    named.map(|text| text.parse().map_err(|_| no_role())).collect()
}

fn no_role() -> Problem {
    let message =
        "You are not allowed to set a non-existent role value: a role is 1 to 64 characters out of a-z 0-9 _ : -";
    Problem::bad_request("YOU_ARE_NOT_ALLOWED_TO_SET_NON_EXISTENT_VALUE", message)
}

/// Is the body of `POST /admin/ban-user`.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct BanBody<'a> {
    #[schema(value_type = String)]
    user_id: UserRef,
    /// Is for administrators alone.
    #[schema(nullable = false, max_length = 500)]
    ban_reason: Option<&'a str>,
    /// Counts the seconds until the ban ends; without it, it has no end.
    #[schema(nullable = false, minimum = 1, maximum = 315_360_000)]
    ban_expires_in: Option<i64>,
}

impl<'a> BanBody<'a> {
    fn parse(body: Option<&'a Value>) -> Result<Self, Problem> {
        let mut fields = Fields::from_body(body)?;
        let user_id = user_ref(&mut fields, "userId");
        let ban_reason = fields.optional_string("banReason");
        if ban_reason.is_some_and(|text| text.chars().count() > MAX_REASON || text.contains('\0')) {
            fields.complain("banReason", "Too big: expected string to have <=500 characters");
        }
        let ban_expires_in = match body.and_then(|body| body.get("banExpiresIn")) {
            None | Some(Value::Null) => None,
            Some(value) => {
                let seconds = value.as_i64().filter(|seconds| (1..=MAX_BAN).contains(seconds));
                if seconds.is_none() {
                    fields.complain("banExpiresIn", "Invalid input: expected whole seconds, from 1 to 315360000");
                }
                seconds
            }
        };
        fields.finish()?;
        Ok(Self { user_id: user_id?, ban_reason, ban_expires_in })
    }
}

/// Replace the roles of a user
///
/// Their sessions go on: the next request is authorized by the new roles. Nobody gives roles that permit more than their
/// own, and whoever is the last to give roles stays one who does.
#[utoipa::path(post, path = "/admin/set-role", tag = "Administration", request_body = SetRoleBody,
    security(("cookie" = []), ("bearer" = [])), responses(
    (status = 200, description = "The user as they are now", body = AdminUserAnswer<'_>),
    (status = 400, description = "`YOU_ARE_NOT_ALLOWED_TO_SET_NON_EXISTENT_VALUE`, `INVALID_ROLE_TYPE`, \
        `YOU_CANNOT_DEMOTE_THE_LAST_ADMINISTRATOR`", body = ProblemBody<'_>),
    (status = 401, description = "`UNAUTHORIZED`", body = ProblemBody<'_>),
    (status = 403, description = "`YOU_ARE_NOT_ALLOWED_TO_CHANGE_USERS_ROLE`, \
        `YOU_ARE_NOT_ALLOWED_TO_EXCEED_YOUR_PERMISSIONS`, `SESSION_NOT_FRESH`, `TWO_FACTOR_REQUIRED`",
        body = ProblemBody<'_>),
    (status = 404, description = "`USER_NOT_FOUND`", body = ProblemBody<'_>)))]
pub(crate) async fn set_role(
    State(auth): State<Arc<Auth>>,
    administrating: Administrating,
    JsonBody(body): JsonBody,
) -> Result<Response, Problem> {
    administrating.require(&auth, Permission::UserSetRole)?;
    let SetRoleBody { user_id, role } = SetRoleBody::parse(body.as_ref())?;
    let now = administrating.signed_in.caller.now;
    Ok(answer(&auth, &admin::set_roles(&administrating.administration, &user_id, role, now).await?))
}

/// Ban a user
///
/// All their sessions end, and no new one is opened until the ban ends or is lifted.
#[utoipa::path(post, path = "/admin/ban-user", tag = "Administration", request_body = BanBody<'_>,
    security(("cookie" = []), ("bearer" = [])), responses(
    (status = 200, description = "The user as they are now", body = AdminUserAnswer<'_>),
    (status = 400, description = "`YOU_CANNOT_BAN_YOURSELF`", body = ProblemBody<'_>),
    (status = 401, description = "`UNAUTHORIZED`", body = ProblemBody<'_>),
    (status = 403, description = "`YOU_ARE_NOT_ALLOWED_TO_BAN_USERS`, `YOU_ARE_NOT_ALLOWED_TO_EXCEED_YOUR_PERMISSIONS`, \
        `SESSION_NOT_FRESH`, `TWO_FACTOR_REQUIRED`", body = ProblemBody<'_>),
    (status = 404, description = "`USER_NOT_FOUND`", body = ProblemBody<'_>)))]
pub(crate) async fn ban(
    State(auth): State<Arc<Auth>>,
    administrating: Administrating,
    JsonBody(body): JsonBody,
) -> Result<Response, Problem> {
    administrating.require(&auth, Permission::UserBan)?;
    let BanBody { user_id, ban_reason, ban_expires_in } = BanBody::parse(body.as_ref())?;
    let now = administrating.signed_in.caller.now;
    let until = ban_expires_in.map(|seconds| now + Duration::seconds(seconds));
    let ban = NewBan { until, reason: Some(ban_reason.unwrap_or("No reason").to_owned()) };
    let banned = admin::ban_user(&administrating.administration, &user_id, ban, now).await?;
    Ok(answer(&auth, &banned.record))
}

/// Lift the ban of a user
#[utoipa::path(post, path = "/admin/unban-user", tag = "Administration", request_body = UserIdBody,
    security(("cookie" = []), ("bearer" = [])), responses(
    (status = 200, description = "The user as they are now", body = AdminUserAnswer<'_>),
    (status = 401, description = "`UNAUTHORIZED`", body = ProblemBody<'_>),
    (status = 403, description = "`YOU_ARE_NOT_ALLOWED_TO_BAN_USERS`, `YOU_ARE_NOT_ALLOWED_TO_EXCEED_YOUR_PERMISSIONS`, \
        `SESSION_NOT_FRESH`, `TWO_FACTOR_REQUIRED`", body = ProblemBody<'_>),
    (status = 404, description = "`USER_NOT_FOUND`", body = ProblemBody<'_>)))]
pub(crate) async fn unban(
    State(auth): State<Arc<Auth>>,
    administrating: Administrating,
    JsonBody(body): JsonBody,
) -> Result<Response, Problem> {
    administrating.require(&auth, Permission::UserBan)?;
    let UserIdBody { user_id } = UserIdBody::parse(body.as_ref())?;
    let now = administrating.signed_in.caller.now;
    Ok(answer(&auth, &admin::unban_user(&administrating.administration, &user_id, now).await?))
}

/// Remove a user with everything of theirs
///
/// The audit log keeps the id, and nothing else.
#[utoipa::path(post, path = "/admin/remove-user", tag = "Administration", request_body = UserIdBody,
    security(("cookie" = []), ("bearer" = [])), responses(
    (status = 200, description = "The user is gone", body = Success),
    (status = 400, description = "`YOU_CANNOT_REMOVE_YOURSELF`", body = ProblemBody<'_>),
    (status = 401, description = "`UNAUTHORIZED`", body = ProblemBody<'_>),
    (status = 403, description = "`YOU_ARE_NOT_ALLOWED_TO_DELETE_USERS`, `YOU_ARE_NOT_ALLOWED_TO_EXCEED_YOUR_PERMISSIONS`, \
        `SESSION_NOT_FRESH`, `TWO_FACTOR_REQUIRED`", body = ProblemBody<'_>),
    (status = 404, description = "`USER_NOT_FOUND`", body = ProblemBody<'_>)))]
pub(crate) async fn remove(
    State(auth): State<Arc<Auth>>,
    administrating: Administrating,
    JsonBody(body): JsonBody,
) -> Result<Response, Problem> {
    administrating.require(&auth, Permission::UserDelete)?;
    let UserIdBody { user_id } = UserIdBody::parse(body.as_ref())?;
    admin::remove_user(&administrating.administration, &user_id, administrating.signed_in.caller.now).await?;
    Ok(json_response(&Success { success: true }))
}

fn answer(auth: &Auth, record: &UserRecord) -> Response {
    json_response(&AdminUserAnswer { user: AdminUserView::of_record(record, &auth.settings.user_fields) })
}
