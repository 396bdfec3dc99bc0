//! Roles say who may do what with members, and an organization keeps an owner.

use serde_json::{Value, json};

use super::{active, done, founded, gateway, joined, read, refused};

#[tokio::test]
async fn owners_deal_with_owners_and_the_last_one_stays() {
    let gw = gateway(json!({})).await;
    let [ada, bob, eve] = ["ada", "bob", "eve"].map(|name| gw.insert_user(name, &[]));
    let (ada, bob, eve) = (ada.await, bob.await, eve.await);
    let acme = founded(&ada, "acme").await;
    let (admin, member) = (joined(&ada, &acme, &bob, "admin").await, joined(&ada, &acme, &eve, "member").await);
    let owner = read(&ada, "/get-active-member").await["id"].clone();

    let update = |id: &Value, role: &str| json!({ "memberId": id, "role": role });
    let not_updating = (403, "YOU_ARE_NOT_ALLOWED_TO_UPDATE_THIS_MEMBER".to_owned());
    for (who, id, role) in [
        (&bob, &owner, "member"),
        (&bob, &json!(member), "owner"),
        (&bob, &json!(member), "member,owner"),
        (&bob, &json!(admin), "owner"),
        (&eve, &json!(member), "admin"),
    ] {
        assert_eq!(refused(who, "/update-member-role", update(id, role)).await, not_updating, "{role}");
    }
    let not_removing = (403, "YOU_ARE_NOT_ALLOWED_TO_DELETE_THIS_MEMBER".to_owned());
    assert_eq!(refused(&bob, "/remove-member", json!({ "memberIdOrEmail": ada.email })).await, not_removing);
    assert_eq!(refused(&eve, "/remove-member", json!({ "memberIdOrEmail": bob.email })).await, not_removing);
    for (body, code) in [
        (update(&json!(member), ""), "ROLE_NOT_FOUND"),
        (update(&json!(member), "chief"), "ROLE_NOT_FOUND"),
        (update(&json!("nobody"), "admin"), "MEMBER_NOT_FOUND"),
        (update(&owner, "admin"), "YOU_CANNOT_LEAVE_THE_ORGANIZATION_WITHOUT_AN_OWNER"),
    ] {
        assert_eq!(refused(&ada, "/update-member-role", body.clone()).await, (400, code.to_owned()), "{body}");
    }
    let only = (400, "YOU_CANNOT_LEAVE_THE_ORGANIZATION_AS_THE_ONLY_OWNER".to_owned());
    assert_eq!(refused(&ada, "/leave", json!({ "organizationId": acme })).await, only);
    assert_eq!(refused(&ada, "/remove-member", json!({ "memberIdOrEmail": owner })).await, only);

    // With another owner the first may go.
    let list = json!({ "memberId": admin, "role": ["admin", "owner"] });
    assert_eq!(done(&ada, "/update-member-role", list).await["role"], "owner,admin");
    let left = done(&ada, "/leave", json!({ "organizationId": acme })).await;
    assert_eq!((&left["user"]["email"], active(&ada).await), (&json!(ada.email), Value::Null));
    assert_eq!(refused(&bob, "/leave", json!({ "organizationId": acme })).await, only);
    let removed = done(&bob, "/remove-member", json!({ "memberIdOrEmail": eve.email })).await;
    assert_eq!(removed["member"]["id"], json!(member));
    assert_eq!(active(&eve).await, Value::Null);
    assert_eq!(refused(&eve, "/leave", json!({ "organizationId": acme })).await, (400, "MEMBER_NOT_FOUND".to_owned()));
}

#[tokio::test]
async fn members_are_listed_and_told_what_they_may_do() {
    let gw = gateway(json!({})).await;
    let [ada, bob, eve] = ["ada", "bob", "eve"].map(|name| gw.insert_user(name, &[]));
    let (ada, bob, eve) = (ada.await, bob.await, eve.await);
    let acme = founded(&ada, "acme").await;
    joined(&ada, &acme, &bob, "admin").await;
    joined(&ada, &acme, &eve, "member").await;
    let names = async |query: &str| {
        let listed = read(&eve, &format!("/list-members{query}")).await;
        let names: Vec<String> = listed["members"]
            .as_array()
            .unwrap()
            .iter()
            .map(|member| member["user"]["name"].as_str().unwrap().to_owned())
            .collect();
        (names.join(","), listed["total"].as_i64().unwrap())
    };
    assert_eq!(names("").await, ("ada,bob,eve".to_owned(), 3));
    assert_eq!(names("?limit=1&offset=1").await, ("bob".to_owned(), 3));
    assert_eq!(names("?sortBy=createdAt&sortDirection=desc").await, ("eve,bob,ada".to_owned(), 3));
    assert_eq!(names("?filterField=role&filterOperator=ne&filterValue=owner").await, ("bob,eve".to_owned(), 2));
    for query in ["?sortBy=email", "?limit=x", "?filterField=role&filterValue=%00", "?filterOperator=gt"] {
        let response = eve.get(&format!("/api/auth/organization/list-members{query}")).send().await.unwrap();
        assert_eq!(response.status(), 400, "{query}");
    }
    assert_eq!(read(&eve, "/get-active-member-role").await["role"], "member");
    assert_eq!(read(&eve, &format!("/get-active-member-role?userId={}", bob.id)).await["role"], "admin");
    let may = async |user, permissions: Value| {
        done(user, "/has-permission", json!({ "permissions": permissions })).await["success"].clone()
    };
    assert_eq!(may(&bob, json!({ "member": ["create", "delete"], "invitation": ["cancel"] })).await, true);
    assert_eq!(may(&bob, json!({ "organization": ["update", "delete"] })).await, false);
    assert_eq!(may(&ada, json!({ "organization": ["update", "delete"] })).await, true);
    assert_eq!(may(&eve, json!({ "ac": ["read"] })).await, true);
    assert_eq!(may(&eve, json!({})).await, false);
    // A member who invites nobody is not told who is invited.
    done(&ada, "/invite-member", json!({ "email": "new@example.com", "role": "owner" })).await;
    for (user, expected) in [(&ada, 3), (&bob, 2), (&eve, 0)] {
        let full = read(user, "/get-full-organization").await;
        assert_eq!(full["invitations"].as_array().unwrap().len(), expected, "{}", user.email);
    }
}
