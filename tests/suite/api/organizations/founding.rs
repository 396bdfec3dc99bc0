//! Organizations are founded, named and deleted by those who may.

use serde_json::{Value, json};

use super::{active, done, founded, gateway, joined, read, refused};
use crate::harness::{
    TestGateway,
    client::{AUTH, assert_date, expect_problem},
};

#[tokio::test]
async fn whoever_founds_one_owns_it_and_the_session_works_in_it() {
    let gw = gateway(json!({ "auth": { "organizations": { "max_per_user": 3 } } })).await;
    let (ada, eve) = (gw.insert_user("ada", &[]).await, gw.insert_user("eve", &[]).await);
    assert_eq!(active(&ada).await, Value::Null);
    assert_eq!(read(&ada, "/get-full-organization").await, Value::Null);
    let body = json!({ "name": " Acme Ltd ", "slug": "acme", "logo": "https://acme.example/a.png",
        "metadata": { "plan": "x" }, "status": "made up", "userId": eve.id });
    let made = done(&ada, "/create", body).await;
    assert_date(&made["createdAt"]);
    assert_eq!(
        (&made["name"], &made["slug"], &made["logo"], &made["metadata"]),
        (&json!("Acme Ltd"), &json!("acme"), &json!("https://acme.example/a.png"), &json!({ "plan": "x" }))
    );
    let owner = &made["members"][0];
    assert_eq!((&owner["userId"], &owner["role"]), (&json!(ada.id), &json!("owner")));
    assert_eq!(active(&ada).await, made["id"]);

    // A second one, beside which the first stays active.
    let kept = json!({ "name": "B", "slug": "b", "keepCurrentActiveOrganization": true });
    let second = done(&ada, "/create", kept).await;
    assert_eq!(active(&ada).await, made["id"]);
    let listed = read(&ada, "/list").await;
    assert_eq!((listed[0]["slug"].as_str(), listed[1]["slug"].as_str()), (Some("acme"), Some("b")));
    assert_eq!(read(&eve, "/list").await, json!([]));
    let full = read(&ada, "/get-full-organization?organizationSlug=b").await;
    assert_eq!(full["members"][0]["user"], json!({ "id": ada.id, "name": "ada", "email": ada.email, "image": null }));
    assert_eq!((&full["invitations"], &full["id"]), (&json!([]), &second["id"]));

    for (body, status, code) in [
        (json!({ "name": "A", "slug": "acme" }), 400, "ORGANIZATION_ALREADY_EXISTS"),
        (json!({ "name": "", "slug": "a" }), 400, "VALIDATION_ERROR"),
        (json!({ "name": "A", "slug": "A b/ü" }), 400, "VALIDATION_ERROR"),
        (json!({ "name": "A", "slug": "a", "logo": "javascript:x" }), 400, "VALIDATION_ERROR"),
        (json!({ "name": "A", "slug": "a", "metadata": "{}" }), 400, "VALIDATION_ERROR"),
        (json!({ "name": "A\nB", "slug": "a" }), 400, "VALIDATION_ERROR"),
    ] {
        assert_eq!(refused(&ada, "/create", body.clone()).await, (status, code.to_owned()), "{body}");
    }
    founded(&ada, "third").await;
    let code = "YOU_HAVE_REACHED_THE_MAXIMUM_NUMBER_OF_ORGANIZATIONS".to_owned();
    assert_eq!(refused(&ada, "/create", json!({ "name": "D", "slug": "d" })).await, (403, code));
    assert_eq!(done(&eve, "/check-slug", json!({ "slug": "d" })).await, json!({ "status": true }));
    let taken = (400, "ORGANIZATION_SLUG_ALREADY_TAKEN".to_owned());
    assert_eq!(refused(&eve, "/check-slug", json!({ "slug": "b" })).await, taken);
    let signed_out = gw.anonymous().auth("/organization/create", &json!({ "name": "A", "slug": "a" })).await;
    expect_problem(signed_out, 401, "UNAUTHORIZED").await;
    let events = gw.metric("authgate_organization_events_total{event=\"organization_created\"}").await;
    assert_eq!(events.to_string(), "3");
}

#[tokio::test]
async fn strangers_learn_nothing_and_change_nothing() {
    let gw = gateway(json!({})).await;
    let (ada, eve) = (gw.insert_user("ada", &[]).await, gw.insert_user("eve", &[]).await);
    let acme = founded(&ada, "acme").await;
    let stranger = (403, "USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION".to_owned());
    for id in [acme.as_str(), "nobody", "a b"] {
        for (path, body) in [
            ("/set-active", json!({ "organizationId": id })),
            ("/update", json!({ "organizationId": id, "data": { "name": "Mine" } })),
            ("/delete", json!({ "organizationId": id })),
            ("/has-permission", json!({ "organizationId": id, "permissions": { "member": ["create"] } })),
        ] {
            assert_eq!(refused(&eve, path, body).await, stranger, "{path} {id}");
        }
        let invite = json!({ "organizationId": id, "email": "x@example.com", "role": "member" });
        assert_eq!(refused(&eve, "/invite-member", invite).await, (400, "MEMBER_NOT_FOUND".to_owned()), "{id}");
        for path in ["get-organization", "get-full-organization", "list-members", "list-invitations"] {
            let target = format!("{AUTH}/organization/{path}");
            let asked = eve.get(&target).query(&[("organizationId", id)]).send().await.unwrap();
            assert_eq!(asked.status(), 403, "{path} {id}");
        }
    }
    assert_eq!(active(&eve).await, Value::Null);
    assert_eq!(gw.db.count("select count(*) from auth.organization_members").await, 1);
}

#[tokio::test]
async fn owners_change_and_delete_admins_change_members_neither() {
    let gw = gateway(json!({})).await;
    let [ada, bob, eve] = ["ada", "bob", "eve"].map(|name| gw.insert_user(name, &[]));
    let (ada, bob, eve) = (ada.await, bob.await, eve.await);
    let acme = founded(&ada, "acme").await;
    founded(&ada, "other").await;
    joined(&ada, &acme, &bob, "admin").await;
    joined(&ada, &acme, &eve, "member").await;
    let data = json!({ "name": "New", "slug": "new", "metadata": { "a": 1 }, "logo": null, "createdAt": 1 });
    let changed = done(&bob, "/update", json!({ "data": data })).await;
    assert_eq!((&changed["name"], &changed["slug"], &changed["id"]), (&json!("New"), &json!("new"), &json!(acme)));
    let taken = json!({ "data": { "slug": "other" } });
    assert_eq!(refused(&bob, "/update", taken).await, (400, "ORGANIZATION_SLUG_ALREADY_TAKEN".to_owned()));
    assert_eq!(refused(&bob, "/update", json!({ "data": {} })).await.0, 400);
    let not_updating = (403, "YOU_ARE_NOT_ALLOWED_TO_UPDATE_THIS_ORGANIZATION".to_owned());
    assert_eq!(refused(&eve, "/update", json!({ "data": { "name": "x" } })).await, not_updating);
    let not_deleting = (403, "YOU_ARE_NOT_ALLOWED_TO_DELETE_THIS_ORGANIZATION".to_owned());
    assert_eq!(refused(&bob, "/delete", json!({ "organizationId": acme })).await, not_deleting);
    // Another site's page changes nothing with the owner's cookie.
    let foreign = ada.get("/").build().unwrap();
    let request = gw.anonymous().request(reqwest::Method::POST, &format!("{AUTH}/organization/delete"));
    let request = request.header("Cookie", foreign.headers()["cookie"].to_str().unwrap());
    let response = request.header("Origin", "https://evil.example").json(&json!({ "organizationId": acme }));
    assert_eq!(response.send().await.unwrap().status(), 403);
    done(&ada, "/delete", json!({ "organizationId": acme })).await;
    for user in [&ada, &bob, &eve] {
        assert_ne!(active(user).await, json!(acme));
    }
    assert_eq!(gw.db.count("select count(*) from auth.organization_members").await, 1);
    assert_eq!(gw.db.count("select count(*) from auth.organization_invitations").await, 0);
}

#[tokio::test]
async fn where_they_are_off_nothing_of_them_is_there() {
    let gw = TestGateway::start().await;
    let ada = gw.insert_user("ada", &[]).await;
    let response = ada.auth("/organization/create", &json!({ "name": "A", "slug": "a" })).await;
    assert_eq!(response.status(), 404);
    assert_eq!(ada.session().await["session"].get("activeOrganizationId"), None);
    let operators = gateway(json!({ "auth": { "organizations": { "creation": "operators" } } })).await;
    let ada = operators.insert_user("ada", &[]).await;
    let code = "YOU_ARE_NOT_ALLOWED_TO_CREATE_A_NEW_ORGANIZATION".to_owned();
    assert_eq!(refused(&ada, "/create", json!({ "name": "A", "slug": "a" })).await, (403, code));
}
