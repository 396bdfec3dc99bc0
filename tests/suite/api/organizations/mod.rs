//! Organizations: founded, joined by invitation, and told to upstreams.

mod deletion;
mod founding;
mod invitations;
mod members;
mod proxy;
mod races;
mod teams;

use serde_json::{Value, json};

use crate::harness::{TestGateway, User, client::AUTH, gateway::merge};

/// A gateway with organizations, and a route for those who manage one.
async fn gateway(changes: Value) -> TestGateway {
    TestGateway::with(config(&changes)).await
}

fn config(changes: &Value) -> Value {
    let route = |name: &str, path: &str, access: &str| json!({ "name": name, "match": { "path": path }, "upstream": "api", "access": access, "websocket": access == "required" });
    let mut managers = route("managers", "/manage/**", "required");
    merge(&mut managers, &json!({ "organization_roles": ["owner", "admin"] }));
    let routes = [route("public", "/public/**", "public"), managers, route("app", "/**", "required")];
    let mut config = json!({ "auth": { "organizations": { "enabled": true } }, "routes": routes });
    merge(&mut config, changes);
    config
}

/// POST that has to succeed.
async fn done(user: &User, path: &str, body: Value) -> Value {
    let response = user.auth(&format!("/organization{path}"), &body).await;
    let (status, text) = (response.status(), response.text().await.unwrap());
    assert_eq!(status, 200, "{path}: {text}");
    serde_json::from_str(&text).unwrap()
}

/// GET that has to succeed.
async fn read(user: &User, path: &str) -> Value {
    let response = user.get(&format!("{AUTH}/organization{path}")).send().await.unwrap();
    let (status, text) = (response.status(), response.text().await.unwrap());
    assert_eq!(status, 200, "{path}: {text}");
    serde_json::from_str(&text).unwrap()
}

/// Status and code of a POST that has to fail.
async fn refused(user: &User, path: &str, body: Value) -> (u16, String) {
    let problem = crate::harness::client::problem(user.auth(&format!("/organization{path}"), &body).await).await;
    (problem.status, problem.code)
}

/// The id of a new organization, in which the owner's session works.
async fn founded(owner: &User, slug: &str) -> String {
    let organization = done(owner, "/create", json!({ "name": slug.to_uppercase(), "slug": slug })).await;
    organization["id"].as_str().unwrap().to_owned()
}

/// Invites somebody who accepts; returns the id of the membership. The session works in the organization then.
async fn joined(owner: &User, organization: &str, user: &User, role: &str) -> String {
    let invite = json!({ "email": user.email, "role": role, "organizationId": organization });
    let invitation = done(owner, "/invite-member", invite).await;
    let accepted = done(user, "/accept-invitation", json!({ "invitationId": invitation["id"] })).await;
    accepted["member"]["id"].as_str().unwrap().to_owned()
}

async fn active(user: &User) -> Value {
    user.session().await["session"]["activeOrganizationId"].clone()
}
