//! `authgate organizations`, against the database of a running gateway.

use serde_json::json;

use crate::harness::TestGateway;

#[tokio::test]
async fn operators_found_organizations_and_say_who_is_in_them() {
    let routes = json!([
        { "name": "managers", "match": { "path": "/manage/**" }, "upstream": "api", "access": "required",
          "organization_roles": ["admin", "owner"] },
        { "name": "app", "match": { "path": "/**" }, "upstream": "api", "access": "required" },
    ]);
    let gw = TestGateway::with(json!({ "auth": { "organizations": { "enabled": true } }, "routes": routes })).await;
    let (ada, bob) = (gw.insert_user("ada", &[]).await, gw.insert_user("bob", &[]).await);
    let organizations = |arguments: &[&str]| gw.cli_json(&[&["organizations"], arguments].concat());
    let created = organizations(&["create", "acme", "--name", "Acme Ltd", "--owner", &ada.email]);
    assert_eq!((&created["organization"]["slug"], &created["owner"]), (&json!("acme"), &json!(ada.id)));
    let id = created["organization"]["id"].as_str().unwrap();
    let added = organizations(&["add-member", "acme", &bob.email]);
    assert_eq!(added["roles"], json!(["member"]));
    let activated = bob.auth("/organization/set-active", &json!({ "organizationId": id })).await;
    assert_eq!((activated.status().as_u16(), bob.status("/manage/x").await), (200, 403));
    assert_eq!(organizations(&["add-member", id, &bob.id, "--role", "admin"])["roles"], json!(["admin"]));
    assert_eq!(bob.status("/manage/x").await, 200, "it counts at the next request");

    let members = organizations(&["members", "acme"]);
    let named: Vec<_> = members["members"].as_array().unwrap().iter().map(|m| (&m["email"], &m["roles"])).collect();
    let expected = [(json!(ada.email), json!(["owner"])), (json!(bob.email), json!(["admin"]))];
    assert_eq!(named, expected.iter().map(|(email, roles)| (email, roles)).collect::<Vec<_>>());
    let text = gw.cli(&["organizations", "list", "--search", "ACME"]);
    assert!(
        text.stdout.contains("acme") && text.stdout.contains("Acme Ltd") && text.stdout.contains("  2  "),
        "{text:?}"
    );
    assert_eq!(organizations(&["list"])["organizations"][0]["members"], 2);

    for (arguments, why) in [
        (&["create", "acme", "--name", "x", "--owner", &ada.email][..], "the slug is taken"),
        (&["create", "b", "--name", "x", "--owner", "nobody@example.com"], "no such user"),
        (&["remove-member", "acme", &ada.email], "the only owner"),
        (&["add-member", "acme", &ada.email, "--role", "member"], "the only owner"),
        (&["add-member", "nowhere", &ada.email], "no such organization"),
    ] {
        let ended = gw.cli(&[&["organizations"], arguments].concat());
        assert!(ended.code == 1 && ended.stderr.contains(why), "{arguments:?}: {ended:?}");
    }
    assert_eq!(gw.cli(&["organizations", "create", "A b", "--name", "x", "--owner", &ada.email]).code, 2);
    assert_eq!(organizations(&["remove-member", "acme", &bob.email])["userId"], json!(bob.id));
    assert_eq!(bob.status("/manage/x").await, 403);
    assert_eq!(gw.cli(&["organizations", "delete", "acme"]).code, 2, "nobody is there to be asked");
    assert_eq!(organizations(&["delete", "acme", "--yes"])["organization"]["id"], json!(id));
    let expected =
        ["organization_created", "member_added", "member_roles_changed", "member_removed", "organization_deleted"];
    let recorded: Vec<String> =
        sqlx::query_scalar("select event from auth.audit_events where event <> 'access_denied' order by id")
            .fetch_all(&mut gw.db.connect().await)
            .await
            .unwrap();
    assert_eq!(recorded, expected);

    // The rule stands in what is told of routes.
    let listed = gw.cli(&["routes", "list"]);
    assert!(listed.stdout.contains("required with role admin or owner in the organi"), "{listed:?}");
    for (role, expected) in [(None, "refused"), (Some("member"), "refused"), (Some("owner"), "forwarded")] {
        let role = role.map(|role| ["--organization-role", role]).into_iter().flatten();
        let arguments: Vec<&str> =
            ["routes", "explain", "GET", "/manage/x", "--as", "user"].into_iter().chain(role).collect();
        assert_eq!(gw.cli_json(&arguments)["result"], expected, "{arguments:?}");
    }
}
