//! GitHub, which has no id tokens: numeric id, primary verified address (OAUTH-07).

use serde_json::{Value, json};

use super::{Begun, arrive, begin_at, location, signed_in, visit};
use crate::harness::{
    TestGateway,
    idp::{CLIENT_ID, Idp},
};

async fn start() -> (Idp, TestGateway) {
    let idp = Idp::start().await;
    let github =
        json!({ "issuer": idp.issuer(), "client_id": CLIENT_ID, "client_secret": { "env": "AUTHGATE_SECRET" } });
    let gw = TestGateway::with(json!({ "auth": { "social": { "github": github } } })).await;
    (idp, gw)
}

/// Returns a user as <https://docs.github.com/en/rest/users/users> shows one, shortened.
fn octocat() -> Value {
    json!({
        "login": "octocat", "id": 583_231, "node_id": "MDQ6VXNlcjU4MzIzMQ==", "type": "User", "site_admin": false,
        "avatar_url": "https://avatars.githubusercontent.com/u/583231?v=4", "name": "The Octocat",
        "email": "public@example.com", "created_at": "2011-01-25T18:44:36Z",
    })
}

fn address(email: &str, primary: bool, verified: bool) -> Value {
    json!({ "email": email, "primary": primary, "verified": verified, "visibility": null })
}

async fn begin(gw: &TestGateway) -> Begun {
    let targets = json!({ "callbackURL": "/in", "errorCallbackURL": "/out" });
    begin_at(&gw.anonymous(), "/sign-in/social", "github", targets).await
}

#[tokio::test]
async fn the_primary_verified_address_counts() {
    let (idp, gw) = start().await;
    idp.github(octocat(), json!([address("old@example.com", false, true), address("octo@example.com", true, true)]));
    let begun = begin(&gw).await;
    let query = begun.query();
    assert_eq!(query["scope"], "read:user user:email");
    assert!(!query.contains_key("nonce"));
    let path = format!("{}&iss={}/login/oauth", visit(&begun).await, idp.issuer());
    let response = arrive(&gw, &path, &begun.cookie).await;
    assert_eq!(location(&response), "/in");
    let user = signed_in(&gw, &response).session().await["user"].clone();
    assert_eq!((&user["email"], &user["name"]), (&json!("octo@example.com"), &json!("The Octocat")));
    assert_eq!(user["image"], "https://avatars.githubusercontent.com/u/583231?v=4");
    let keyed = "select count(*) from auth.accounts where provider_id = 'github' and account_id = '583231'";
    assert_eq!(gw.db.count(keyed).await, 1);
    assert_eq!(idp.calls("/api/v3/user")[0].authorization.as_deref(), Some("Bearer access-0"));
}

#[tokio::test]
async fn no_other_address_does() {
    let (idp, gw) = start().await;
    for (emails, word) in [
        (json!([address("a@example.com", false, true)]), "email_not_found"),
        (json!([]), "email_not_found"),
        // Without the scope user:email.
        (json!(404), "email_not_found"),
        (json!(403), "email_not_found"),
        (json!(500), "temporarily_unavailable"),
        (json!([address("a@example.com", false, true), address("b@example.com", true, false)]), "email_not_verified"),
    ] {
        idp.github(octocat(), emails.clone());
        let begun = begin(&gw).await;
        let response = arrive(&gw, &visit(&begun).await, &begun.cookie).await;
        assert_eq!(location(&response), format!("/out?error={word}"), "{emails}");
    }
    let made = "select count(*) from auth.users where email <> 'b@example.com' or email_verified";
    assert_eq!(gw.db.count(made).await, 0, "but for the address that its owner has to prove");
    assert_eq!(gw.mail.to("b@example.com").await.to, ["b@example.com"]);
}
