//! Acting in a user's place: marked everywhere, proving nothing, and gone with the administrator's power.

use serde_json::{Value, json};

use super::{call, gateway, gateway_with, ok};
use crate::{
    api::two_factor::Browser,
    harness::{
        Client, PASSWORD, TestGateway, User,
        client::{AUTH, claims, expect_problem},
        eventually,
    },
    operations::reload::rewrite,
};

const FORBIDDEN: &str = "NOT_ALLOWED_WHILE_IMPERSONATING";

/// Lists what an administrator changes in a user's place, as docs/administration.md does.
const ALLOWED: [&str; 7] = [
    "/update-user",
    "/organization/set-active",
    "/organization/set-active-team",
    "/multi-session/set-active",
    "/multi-session/revoke",
    "/sign-out",
    "/admin/stop-impersonating",
];
/// Lists what ends it, by all its names.
const ENDING: [&str; 3] = ["/sign-out", "/signout", "/admin/stop-impersonating"];
/// Lists what only reads.
const READING: [&str; 3] = ["/organization/check-slug", "/organization/has-permission", "/admin/has-permission"];
/// Lists what looks at no session: it begins a sign-in, or acts on a password, a code, a mailed token or a key.
const WITHOUT_SESSION: [&str; 31] = [
    "/api-key/verify",
    "/callback/{provider}",
    "/change-email/consent",
    "/change-email/undo",
    "/delete-user/confirm",
    "/email-otp/check-verification-otp",
    "/email-otp/request-password-reset",
    "/email-otp/reset-password",
    "/email-otp/send-verification-otp",
    "/email-otp/verify-email",
    "/forget-password/email-otp",
    "/is-username-available",
    "/magic-link/confirm",
    "/organization/invitation",
    "/passkey/verify-authentication",
    "/request-password-reset",
    "/reset-password",
    "/reset-password/choose",
    "/reset-password/request",
    "/send-verification-email",
    "/sign-in/email",
    "/sign-in/email-otp",
    "/sign-in/magic-link",
    "/sign-in/social",
    "/sign-in/username",
    "/sign-up/email",
    "/signin",
    "/signup",
    "/verify-email/confirm",
    "/verify-email/resend",
    "/verify-token",
];

/// ADMIN-02: whatever is added to the auth API refuses, unless somebody writes it down here and in the documentation.
#[tokio::test]
async fn what_would_outlast_it_is_refused_everywhere() {
    let on = json!({ "enabled": true });
    let gw = gateway_with(json!({
        "organizations": { "enabled": true, "teams": on }, "api_keys": on, "username": on, "multi_session": on,
        "magic_link": on, "email_otp": on,
    }))
    .await;
    let (root, ada) = (gw.insert_user("root", &["admin"]).await, gw.insert_user("ada", &[]).await);
    let document: Value =
        gw.anonymous().get(&format!("{AUTH}/openapi.json")).send().await.unwrap().json().await.unwrap();
    let acting = impersonate(&gw, &root, &ada).await;
    let (mut open, mut refused) = (Vec::new(), 0);
    for (path, item) in document["paths"].as_object().unwrap() {
        assert!(item.as_object().unwrap().keys().all(|method| method == "get" || method == "post"), "{path}");
        if item.get("post").is_none() || ENDING.contains(&path.as_str()) {
            continue;
        }
        let response = acting.auth(&path.replace(['{', '}'], ""), &json!({})).await;
        if response.status() == 403 && response.text().await.unwrap().contains(FORBIDDEN) {
            refused += 1;
        } else {
            open.push(path.as_str());
        }
    }
    let mut expected: Vec<&str> = ALLOWED.into_iter().chain(READING).chain(WITHOUT_SESSION).collect();
    expected.retain(|path| !ENDING.contains(path));
    expected.sort_unstable();
    open.sort_unstable();
    assert_eq!(open, expected);
    assert!(refused > 50, "{refused}");
    assert_eq!(acting.status("/items").await, 200, "nothing of it ended the session");
    let documented = std::fs::read_to_string("docs/administration.md").unwrap();
    for path in ALLOWED {
        assert!(documented.contains(&format!("`{path}`")), "{path}");
    }
}

/// Leaving by the list of accounts is the end of it: no cookie leads there again.
#[tokio::test]
async fn who_goes_to_another_account_leaves_it_for_good() {
    let gw = gateway_with(json!({ "multi_session": { "enabled": true } })).await;
    let (root, ada) = (gw.verified_user("root").await, gw.insert_user("ada", &[]).await);
    gw.db.execute("update auth.users set roles = '{admin}' where name = 'root'").await;
    let mut browser = Browser::new(&gw);
    browser.sign_in(&root).await;
    let acting = "select count(*) from auth.sessions where impersonated_by is not null";
    for path in ["/multi-session/set-active", "/multi-session/revoke"] {
        browser.ok("/admin/impersonate-user", json!({ "userId": ada.id })).await;
        assert_eq!(gw.db.count(acting).await, 1);
        let listed: Value = browser.get("/multi-session/list-device-sessions").await.json().await.unwrap();
        let named = if path.ends_with("revoke") { &ada.email } else { &root };
        let entry = listed.as_array().unwrap().iter().find(|entry| entry["user"]["email"] == *named).unwrap();
        browser.ok(path, json!({ "sessionToken": entry["session"]["token"] })).await;
        assert_eq!(browser.client().session().await["user"]["email"], root, "{path}");
        assert_eq!(gw.db.count(acting).await, 0, "{path}");
        assert!(!browser.has("authgate_admin_session"), "{path}");
        let kept = browser.cookies.keys().filter(|name| name.starts_with("authgate_multi-")).count();
        assert_eq!(kept, 1, "{path}: {:?}", browser.cookies);
        let response = browser.auth("/admin/stop-impersonating", json!({})).await;
        expect_problem(response, 400, "NOT_IMPERSONATING").await;
    }
}

/// The session in a user's place, by bearer token.
async fn impersonate(gw: &TestGateway, root: &User, user: &User) -> Client {
    let answer = ok(&root.bearer(), "impersonate-user", json!({ "userId": user.id })).await;
    gw.anonymous().with_bearer(answer["session"]["token"].as_str().unwrap())
}

/// ADMIN-02: upstream, token and audit log say who it really is.
#[tokio::test]
async fn it_is_marked_wherever_it_is_seen() {
    let gw = TestGateway::with(json!({
        "identity": { "assertion": { "header": "X-Assertion", "audience": "api" } },
        "auth": { "admin": { "enabled": true, "impersonation": { "enabled": true } } },
    }))
    .await;
    let (root, ada) = (gw.insert_user("root", &["admin"]).await, gw.insert_user("ada", &[]).await);
    let acting = impersonate(&gw, &root, &ada).await;
    let request = acting.get("/items").header("X-Impersonated-By", "nobody").send().await.unwrap();
    assert_eq!(request.status(), 200);
    let seen = gw.upstream.last();
    assert_eq!(seen.all("x-impersonated-by"), [root.id.as_str()]);
    assert_eq!(seen.field("x-user-id"), Some(ada.id.as_str()));
    assert_eq!(seen.field("x-auth-method"), Some("impersonation"));
    assert_eq!(claims(seen.field("x-assertion").unwrap())["act"], json!({ "sub": root.id }));
    let token: Value = acting.get(&format!("{AUTH}/token")).send().await.unwrap().json().await.unwrap();
    let claims = claims(token["token"].as_str().unwrap());
    assert_eq!((&claims["sub"], &claims["act"]["sub"]), (&json!(ada.id), &json!(root.id)));
    assert_eq!(ada.status("/items").await, 200);
    assert_eq!(gw.upstream.last().field("x-impersonated-by"), None);

    acting.auth("/update-user", &json!({ "name": "Changed" })).await;
    let recorded = "select count(*) from auth.audit_events a join auth.users u on u.id = a.user_id
        where u.email = 'ada@example.com' and a.actor = (select id from auth.users where email = 'root@example.com')
            and a.event in ('impersonation_started', 'user_updated')";
    assert_eq!(gw.db.count(recorded).await, 2);
    let stopped = ok(&acting, "stop-impersonating", json!({})).await;
    assert_eq!(stopped["user"]["id"], json!(root.id));
    assert_eq!(acting.status("/items").await, 401);
    assert_eq!(gw.db.count("select count(*) from auth.audit_events where event = 'impersonation_stopped'").await, 1);
}

/// It ends by itself within the hour, is not extended, and never outlives the administrator's power.
#[tokio::test]
async fn it_ends_with_the_administrators_power() {
    let gw = gateway().await;
    let ada = gw.insert_user("ada", &[]).await;
    let lasts = "select count(*) from auth.sessions where impersonated_by is not null
        and expires_at = absolute_expires_at and expires_at - created_at = interval '1 hour' and not remember";
    for (name, statement) in [
        ("revoked", "delete from auth.sessions where user_id = (select id from auth.users where name = 'revoked')"),
        ("banned", "update auth.users set banned_at = now() where name = 'banned'"),
        ("demoted", "update auth.users set roles = '{}' where name = 'demoted'"),
        ("removed", "delete from auth.users where name = 'removed'"),
        (
            "expired",
            "update auth.sessions set expires_at = now() - interval '1 second' where impersonated_by is not null",
        ),
    ] {
        let root = gw.insert_user(name, &["admin"]).await;
        let acting = impersonate(&gw, &root, &ada).await;
        assert_eq!(acting.status("/items").await, 200, "{name}");
        assert_eq!(gw.db.count(lasts).await, 1, "{name}");
        gw.db.execute(statement).await;
        assert_eq!(acting.status("/items").await, 401, "{name}");
        assert_eq!(ada.status("/items").await, 200, "{name}");
        gw.db.execute("delete from auth.sessions where impersonated_by is not null").await;
    }
    // Somebody who is banned while they are impersonated is gone for the administrator too.
    let root = gw.insert_user("root", &["admin"]).await;
    let acting = impersonate(&gw, &root, &ada).await;
    ok(&root, "ban-user", json!({ "userId": ada.id })).await;
    assert_eq!(acting.status("/items").await, 401);
    expect_problem(call(&root, "impersonate-user", json!({ "userId": ada.id })).await, 403, "BANNED_USER").await;
    assert_eq!(gw.db.count("select count(*) from auth.sessions where impersonated_by is not null").await, 0);
}

/// Beside a ban of the administrator or of the user, none is left over.
#[tokio::test]
async fn none_is_opened_beside_a_ban() {
    let gw = gateway().await;
    let chief = gw.insert_user("chief", &["admin"]).await;
    for round in 0..4 {
        let root = gw.insert_user(&format!("root{round}"), &["admin"]).await;
        let ada = gw.insert_user(&format!("ada{round}"), &[]).await;
        let banned = if round % 2 == 0 { &root } else { &ada };
        let (acting, ban) = tokio::join!(
            call(&root, "impersonate-user", json!({ "userId": ada.id })),
            call(&chief, "ban-user", json!({ "userId": banned.id })),
        );
        assert_eq!(ban.status(), 200);
        assert!([200, 401, 403].contains(&acting.status().as_u16()), "{}", acting.status());
        assert_eq!(gw.db.count("select count(*) from auth.sessions where impersonated_by is not null").await, 0);
    }
}

/// Whatever takes a proof of the user refuses, and other administrators are left alone.
#[tokio::test]
async fn it_proves_nothing_and_spares_administrators() {
    let on = json!({ "enabled": true });
    let gw = gateway_with(json!({ "organizations": on, "api_keys": on, "username": on })).await;
    let (root, ada) = (gw.insert_user("root", &["admin"]).await, gw.signed_up_user("ada").await);
    let support = gw.insert_user("sue", &["support"]).await;
    let acting = impersonate(&gw, &root, &ada).await;
    let sessions = gw.db.count("select count(*) from auth.sessions").await;
    // An administrator who knows the password, too: none of these proves the session, or opens one that is not marked.
    let new = "another walk along the river";
    for (path, body) in [
        ("/change-password", json!({ "currentPassword": PASSWORD, "newPassword": new, "revokeOtherSessions": true })),
        ("/verify-password", json!({ "password": PASSWORD })),
        ("/two-factor/enable", json!({ "password": PASSWORD })),
        ("/delete-user", json!({ "password": PASSWORD })),
        ("/update-user", json!({ "username": "eve" })),
    ] {
        expect_problem(acting.auth(path, &body).await, 403, FORBIDDEN).await;
    }
    for path in [
        "/list-sessions",
        "/export-data",
        "/passkey/generate-register-options",
        "/delete-user/callback?token=x",
        "/two-factor/list-trusted-devices",
    ] {
        expect_problem(acting.get(&format!("{AUTH}{path}")).send().await.unwrap(), 403, FORBIDDEN).await;
    }
    let marked = "select count(*) from auth.sessions where impersonated_by is not null and proved_at = 'epoch'";
    assert_eq!(gw.db.count(marked).await, 1);
    assert_eq!(gw.db.count("select count(*) from auth.sessions").await, sessions, "no other was opened");
    assert_eq!(gw.sign_in(&ada.email).await.id, ada.id, "with {PASSWORD}, as before");
    let own: Value = ada.get(&format!("{AUTH}/list-sessions")).send().await.unwrap().json().await.unwrap();
    assert_eq!(own.as_array().unwrap().len(), 2);
    let shown = ok(&root, "list-user-sessions", json!({ "userId": ada.id })).await;
    let marked = shown["sessions"].as_array().unwrap().iter().filter(|s| s["impersonatedBy"] == json!(root.id));
    assert_eq!(marked.count(), 1);
    let chief = gw.insert_user("chief", &["admin"]).await;
    for user in [&support, &root] {
        let answer = call(&chief, "impersonate-user", json!({ "userId": user.id })).await;
        expect_problem(answer, 403, "YOU_CANNOT_IMPERSONATE_ADMINS").await;
    }
    let nobody = call(&ada, "stop-impersonating", json!({})).await;
    expect_problem(nobody, 400, "NOT_IMPERSONATING").await;
}

/// ADMIN-02: there are few at a time, whoever ends one is named, and turning it off ends them all at once.
#[tokio::test]
async fn they_are_few_and_end_where_impersonation_is_turned_off() {
    let gw = gateway().await;
    let (root, ada) = (gw.insert_user("root", &["admin"]).await, gw.insert_user("ada", &[]).await);
    let mut acting = Vec::new();
    for _ in 0..6 {
        acting.push(impersonate(&gw, &root, &ada).await);
    }
    assert_eq!(acting[0].status("/items").await, 401, "the oldest ended");
    assert_eq!(acting[1].status("/items").await, 200);
    assert_eq!(gw.db.count("select count(*) from auth.sessions where impersonated_by is not null").await, 5);

    acting[1].auth("/sign-out", &json!({})).await;
    let by_root = "select count(*) from auth.audit_events
        where event = 'sign_out' and actor = (select id from auth.users where name = 'root')";
    assert_eq!(gw.db.count(by_root).await, 1);

    rewrite(&gw, &json!({ "auth": { "admin": { "impersonation": { "enabled": false } } } }));
    eventually("the end", async || (acting[2].status("/items").await == 401).then_some(())).await;
    assert_eq!(gw.db.count("select count(*) from auth.sessions where impersonated_by is not null").await, 0);
    assert_eq!((root.status("/items").await, ada.status("/items").await), (200, 200));
}
