//! Tests that pages say in whose place an administrator acts, and let them do nothing there that would outlast it.

use serde_json::{Value, json};

use crate::{
    api::two_factor::Browser,
    harness::{TestGateway, client::AUTH},
};

#[tokio::test]
async fn every_page_says_in_whose_place_somebody_acts() {
    let gw = TestGateway::with(json!({
        "pages": { "languages": ["en", "de"] },
        "auth": {
            "multi_session": { "enabled": true },
            "admin": { "enabled": true, "impersonation": { "enabled": true } },
        },
    }))
    .await;
    let (root, ada) = (gw.verified_user("root").await, gw.insert_user("ada", &[]).await);
    gw.db.execute("update auth.users set roles = '{admin}' where name = 'root'").await;
    let mut browser = Browser::new(&gw);
    browser.sign_in(&root).await;
    browser.ok("/admin/impersonate-user", json!({ "userId": ada.id })).await;
    let open = async |browser: &Browser, path: &str| {
        let page = browser.client().get(path).header("Accept", "text/html").send().await.unwrap();
        (page.status().as_u16(), page.text().await.unwrap())
    };
    for (path, status) in [
        ("/auth/accounts", 200),
        ("/auth/sign-out", 200),
        ("/auth/sign-in", 200),
        ("/auth/two-factor", 403),
        ("/auth/step-up", 403),
        ("/auth/no/such/page", 404),
        ("/account/settings", 200),
        ("/account/security", 200),
    ] {
        let (found, html) = open(&browser, path).await;
        assert_eq!(found, status, "{path}: {html}");
        let form = html.split("class=\"banner\"").nth(1).unwrap_or_else(|| panic!("{path}: {html}"));
        assert!(form.contains("You are acting as ada@example.com."), "{path}: {html}");
        if ["/auth/step-up", "/account/security"].contains(&path) {
            assert!(html.contains("This is for the user alone."), "{path}: {html}");
        }
    }
    for path in ["/admin/x", &format!("{AUTH}/verify-email/confirm?token=x")] {
        let (_, html) = open(&browser, path).await;
        assert!(html.contains("You are acting in another user’s place."), "{path}: {html}");
        assert!(html.contains("href=\"/auth/stop-impersonating\""), "{path}: {html}");
    }

    // A choice of language is the administrator's own.
    let page = browser.client().get("/auth/stop-impersonating").send().await.unwrap();
    browser.keep(&page);
    let html = page.text().await.unwrap();
    let token = html.split("name=\"form_token\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let send = async |browser: &Browser, path: &str| {
        let fields = [("language", "de"), ("form_token", token.as_str())];
        browser.client().post(path).form(&fields).send().await.unwrap()
    };
    let chosen = send(&browser, "/auth/language").await;
    assert_eq!(chosen.status(), 303);
    assert!(chosen.headers()["set-cookie"].to_str().unwrap().starts_with("authgate_language=de"));
    let theirs = "select count(*) from auth.users where name = 'ada' and language is not null";
    assert_eq!(gw.db.count(theirs).await, 0);

    let back = send(&browser, "/auth/stop-impersonating").await;
    assert_eq!((back.status().as_u16(), &back.headers()["location"]), (303, &"/auth/admin".parse().unwrap()));
    browser.keep(&back);
    let session: Value = browser.client().session().await;
    assert_eq!(session["user"]["email"], root);
    assert_eq!(gw.db.count("select count(*) from auth.sessions where impersonated_by is not null").await, 0);
    let (_, html) = open(&browser, "/auth/sign-out").await;
    assert!(!html.contains("class=\"banner\""), "{html}");
}

/// A file that holds a part of what was asked for is not taken for all of it.
#[tokio::test]
async fn an_export_that_ends_early_says_so() {
    let gw = TestGateway::with(json!({ "auth": { "admin": { "enabled": true } } })).await;
    let root = gw.insert_user("root", &["admin"]).await;
    let export = async || {
        let response = root.get("/auth/admin/audit/export?format=csv&event=imported").send().await.unwrap();
        let cursor = response.headers().contains_key("x-next-cursor");
        (response.headers()["content-disposition"].to_str().unwrap().to_owned(), cursor)
    };
    let events = async |count: i32| {
        let insert = "insert into auth.audit_events (occurred_at, event, outcome, user_agent)
            select now(), 'imported', 'success', repeat('x', 500) from generate_series(1, $1)";
        sqlx::query(insert).bind(count).execute(&mut gw.db.connect().await).await.unwrap();
    };
    events(10).await;
    assert_eq!(export().await, ("attachment; filename=\"audit-events.csv\"".to_owned(), false));
    events(9000).await;
    assert_eq!(export().await, ("attachment; filename=\"audit-events-cut-off.csv\"".to_owned(), true));
}
