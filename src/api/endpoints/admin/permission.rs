//! Serves `POST /admin/has-permission`.

use std::sync::Arc;

use axum::{extract::State, response::Response};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::{
    api::{
        Problem,
        error::problem::ProblemBody,
        extract::{administrator::Administrating, body::JsonBody},
        respond::json::json_response,
    },
    auth::{Auth, admin::Permission},
};

/// Is the body of `POST /admin/has-permission`.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes the body, which is read by hand")]
pub(crate) struct PermissionBody {
    /// Lists actions by resource, as `{"user": ["ban"]}`. All of them have to be permitted.
    #[schema(value_type = std::collections::HashMap<String, Vec<String>>)]
    permissions: Value,
}

/// Tells whether it is permitted.
#[derive(Serialize, ToSchema)]
#[schema(as = PermissionAnswer)]
struct Body {
    /// Is always `null`.
    #[schema(required)]
    error: Option<String>,
    success: bool,
}

/// Tell whether one's roles permit something
///
/// Unknown permissions are not granted. Second factor and age of the session are not looked at.
#[utoipa::path(post, path = "/admin/has-permission", tag = "Administration", request_body = PermissionBody,
    security(("cookie" = []), ("bearer" = [])), responses(
    (status = 200, description = "Permitted or not", body = Body),
    (status = 401, description = "`UNAUTHORIZED`", body = ProblemBody<'_>)))]
pub(crate) async fn has_permission(
    administrating: Administrating,
    State(_): State<Arc<Auth>>,
    JsonBody(body): JsonBody,
) -> Result<Response, Problem> {
    let asked = body.as_ref().and_then(|body| body.get("permissions").or_else(|| body.get("permission")));
    let Some(Value::Object(asked)) = asked else {
        let complaint = "[body.permissions] Invalid input: expected object with an array of strings for each key";
        return Err(Problem::validation(&[complaint.to_owned()]));
    };
    let success = named(asked)?.into_iter().all(|permission| permission.is_some_and(|it| administrating.may(it)));
    Ok(json_response(&Body { error: None, success }))
}

/// Returns the permissions that are asked for; `None` stands for one that there is not.
fn named(asked: &Map<String, Value>) -> Result<Vec<Option<Permission>>, Problem> {
    let mut named = Vec::new();
    for (resource, actions) in asked {
        let Some(actions) = actions.as_array() else {
            return Err(Problem::validation(&[
                "[body.permissions] Invalid input: expected array for each key".to_owned()
            ]));
        };
        for action in actions {
            let pair = (resource.as_str(), action.as_str().unwrap_or_default());
            named.push(Permission::ALL.into_iter().find(|permission| permission.names() == pair));
        }
    }
    // Nothing asked for is nothing permitted.
    if named.is_empty() { Ok(vec![None]) } else { Ok(named) }
}
