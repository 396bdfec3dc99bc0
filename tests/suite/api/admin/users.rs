//! Searching, making and changing users.

use serde_json::{Value, json};

use super::{call, gateway, gateway_with, get, ok, read};
use crate::harness::{PASSWORD, client::expect_problem};

fn names(page: &Value) -> Vec<&str> {
    page["users"].as_array().unwrap().iter().map(|user| user["name"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn users_are_found_by_text_condition_and_order() {
    let gw = gateway().await;
    let root = gw.insert_user("root", &["admin"]).await;
    for (name, roles) in [("Ada 100%", &["editor"][..]), ("Bob_x", &["editor", "ops"]), ("Cy", &[])] {
        gw.insert_user(name, roles).await;
    }
    gw.db
        .execute(
            "update auth.users set banned_at = now(), ban_expires_at = now() + interval '1 hour' where name = 'Cy'",
        )
        .await;
    for (query, expected) in [
        ("sortBy=name", &["Ada 100%", "Bob_x", "Cy", "root"][..]),
        ("sortBy=createdAt&sortDirection=desc&limit=2&offset=1", &["Bob_x", "Ada 100%"]),
        ("searchValue=ADA&searchField=name", &["Ada 100%"]),
        ("searchValue=0%25&searchField=name", &["Ada 100%"]),
        ("searchValue=%25&searchField=name&searchOperator=starts_with", &[]),
        ("searchValue=b_x&searchField=name&searchOperator=ends_with", &["Bob_x"]),
        ("searchValue=BOB&searchOperator=starts_with", &["Bob_x"]),
        ("searchValue=example.com&limit=1&sortBy=id", &["root"]),
        ("filterField=role&filterOperator=in&filterValue=ops&filterValue=admin&sortBy=name", &["Bob_x", "root"]),
        ("filterField=role&filterValue=&sortBy=name", &["Cy"]),
        ("filterField=role&filterOperator=ne&filterValue=editor&sortBy=name", &["Cy", "root"]),
        ("filterField=banned&filterValue=true", &["Cy"]),
        ("filterField=name&filterOperator=gte&filterValue=Cy&sortBy=name", &["Cy", "root"]),
        ("filterField=createdAt&filterOperator=lt&filterValue=2020-01-01T00:00:00Z", &[]),
        ("filterField=email&filterOperator=not_in&filterValue=ROOT@example.com&sortBy=email&limit=1", &["Ada 100%"]),
    ] {
        let page = read(&root, &format!("list-users?{query}")).await;
        assert_eq!(names(&page), expected, "{query}: {page}");
    }
    let page = read(&root, "list-users?limit=1&offset=2").await;
    assert_eq!((&page["total"], &page["limit"], &page["offset"]), (&json!(4), &json!(1), &json!(2)));
    let banned = read(&root, "list-users?filterField=banned&filterValue=true").await;
    assert_eq!((&banned["users"][0]["banned"], &banned["users"][0]["banReason"]), (&json!(true), &Value::Null));
    let text = banned.to_string();
    assert!(!text.contains("hash") && !text.contains("token") && !text.contains("secret"), "{text}");
    // DATA-04: what is no field or operator is none, whatever its value says.
    for query in [
        "filterField=password_hash&filterValue=x",
        "filterValue=x&filterOperator=%24ne",
        "sortBy=id%3B--",
        "filterField=createdAt&filterOperator=lt&filterValue=9999-12-31T23%3A59%3A59-23%3A59",
    ] {
        expect_problem(get(&root, &format!("list-users?{query}")).await, 400, "VALIDATION_ERROR").await;
    }
    let looked = "select count(*) from auth.audit_events where event = 'users_listed' and actor like 'user-%'";
    assert!(gw.db.count(looked).await >= 17);
}

#[tokio::test]
async fn users_are_made_with_a_password_or_with_a_link_to_choose_one() {
    let gw = gateway().await;
    let root = gw.insert_user("root", &["admin"]).await;
    let body = json!({ "email": "Ada@example.com", "name": "Ada", "data": { "image": "https://example.com/a.png" } });
    let made = ok(&root, "create-user", body).await;
    assert_eq!((&made["user"]["emailVerified"], &made["user"]["role"]), (&json!(false), &json!("")));
    let mail = gw.mail.to("ada@example.com").await;
    assert_eq!(gw.confirm(&mail).await.status(), 200);
    gw.sign_in("ada@example.com").await;
    let body = json!({
        "email": "bob@example.com", "name": "Bob", "password": PASSWORD, "role": "ops", "data": { "emailVerified": true },
    });
    ok(&root, "create-user", body.clone()).await;
    gw.sign_in("bob@example.com").await;
    let taken = call(&root, "create-user", body).await;
    expect_problem(taken, 400, "USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL").await;
    let short = json!({ "email": "cy@example.com", "name": "Cy", "password": "short" });
    expect_problem(call(&root, "create-user", short).await, 400, "PASSWORD_TOO_SHORT").await;
    let nothing = json!({ "email": "no address", "name": "Cy" });
    expect_problem(call(&root, "create-user", nothing).await, 400, "INVALID_EMAIL").await;
}

/// ADMIN-03: unless it is configured, nobody chooses somebody else's password.
#[tokio::test]
async fn administrators_choose_no_passwords_unless_they_are_let() {
    let gw = gateway_with(json!({ "admin": { "set_passwords": false, "impersonation": { "enabled": false } } })).await;
    let (root, ada) = (gw.insert_user("root", &["admin"]).await, gw.insert_user("ada", &[]).await);
    let not_allowed = "YOU_ARE_NOT_ALLOWED_TO_SET_USERS_PASSWORD";
    let body = json!({ "userId": ada.id, "newPassword": PASSWORD });
    expect_problem(call(&root, "set-user-password", body).await, 403, not_allowed).await;
    let body = json!({ "email": "bob@example.com", "name": "Bob", "password": PASSWORD });
    expect_problem(call(&root, "create-user", body).await, 403, not_allowed).await;
    let refused = call(&root, "impersonate-user", json!({ "userId": ada.id })).await;
    expect_problem(refused, 403, "YOU_ARE_NOT_ALLOWED_TO_IMPERSONATE_USERS").await;
}

#[tokio::test]
async fn what_is_changed_of_a_user_ends_what_came_before() {
    let fields = json!({ "plan": { "default": "free", "input": false } });
    let gw = gateway_with(json!({ "user": { "additional_fields": fields }, "api_keys": { "enabled": true } })).await;
    let (root, ada) = (gw.insert_user("root", &["admin"]).await, gw.signed_up_user("ada").await);
    let changed =
        ok(&root, "update-user", json!({ "userId": ada.id, "data": { "plan": "pro", "name": "Ada L" } })).await;
    assert_eq!((&changed["plan"], &changed["name"]), (&json!("pro"), &json!("Ada L")));
    let new_password = "another walk along the river";
    let made: Value = ada.auth("/api-key/create", &json!({ "name": "ci" })).await.json().await.unwrap();
    let by_key = || gw.anonymous().get("/items").header("X-API-Key", made["key"].as_str().unwrap()).send();
    assert_eq!(by_key().await.unwrap().status(), 200);
    ok(&root, "set-user-password", json!({ "userId": ada.id, "newPassword": new_password })).await;
    assert_eq!(ada.status("/items").await, 401);
    expect_problem(by_key().await.unwrap(), 401, "KEY_DISABLED").await;
    gw.mail.about("Your password for App was changed", &ada.email).await;
    let old = gw.anonymous().auth("/sign-in/email", &json!({ "email": ada.email, "password": PASSWORD })).await;
    assert_eq!(old.status(), 401);
    let new = json!({ "email": ada.email, "password": new_password });
    let signed_in = gw.anonymous().auth("/sign-in/email", &new).await;
    assert_eq!(signed_in.status(), 200);
    let session: Value = signed_in.json().await.unwrap();
    let ada_again = gw.anonymous().with_bearer(session["token"].as_str().unwrap());

    let moved = ok(&root, "update-user", json!({ "userId": ada.id, "data": { "email": "Ada@other.example" } })).await;
    assert_eq!((&moved["email"], &moved["emailVerified"]), (&json!("ada@other.example"), &json!(false)));
    assert_eq!(ada_again.status("/items").await, 401);
    gw.mail.about("Your e-mail address for App was changed", &ada.email).await;
    for (data, code) in [
        (json!({}), "NO_DATA_TO_UPDATE"),
        (json!({ "password": "x" }), "PASSWORD_CANNOT_BE_UPDATED_VIA_UPDATE_USER"),
        (json!({ "id": "x" }), "USER_ID_CANNOT_BE_UPDATED"),
        (json!({ "banned": true }), "FIELD_NOT_ALLOWED"),
        (json!({ "email": "root@example.com" }), "USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL"),
    ] {
        expect_problem(call(&root, "update-user", json!({ "userId": ada.id, "data": data })).await, 400, code).await;
    }
    // All of it or nothing.
    let both = json!({ "userId": ada.id, "data": { "role": "admin", "email": "root@example.com" } });
    expect_problem(call(&root, "update-user", both).await, 400, "USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL").await;
    assert_eq!(gw.db.count("select count(*) from auth.users where 'admin' = any(roles)").await, 1);
    let own = json!({ "userId": root.id, "data": { "email": "root@other.example" } });
    expect_problem(call(&root, "update-user", own).await, 400, "EMAIL_CAN_NOT_BE_UPDATED").await;
    for id in ["no-such-user", "not an id", ""] {
        expect_problem(call(&root, "ban-user", json!({ "userId": id })).await, 404, "USER_NOT_FOUND").await;
    }
    ok(&root, "remove-user", json!({ "userId": ada.id })).await;
    let left = "select (select count(*) from auth.sessions where user_id not in (select id from auth.users where name = 'root'))
        + (select count(*) from auth.accounts)";
    assert_eq!(gw.db.count(left).await, 0);
}
