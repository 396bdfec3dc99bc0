//! Says where a browser goes after somebody proved who they are in one way: on, or to the second factor.

use axum::response::Response;
use serde_json::Value;

use crate::pages::visit::Visit;

/// Leads on from what the API responded to a sign-in.
pub(crate) fn lead_on(visit: &Visit, body: &Value) -> Response {
    if body["twoFactorRedirect"] == Value::Bool(true) {
        return visit.see_other(&visit.auth_path("two-factor"));
    }
    visit.see_other(&visit.target_or_home())
}
