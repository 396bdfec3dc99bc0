//! Tests pages with much to show.

use serde_json::json;

use super::tab::Tab;
use crate::harness::TestGateway;

#[tokio::test]
async fn five_thousand_users_are_shown_page_by_page() {
    let gw = TestGateway::with(json!({ "auth": { "admin": { "enabled": true } } })).await;
    let root = gw.insert_user("root", &["admin"]).await;
    gw.db
        .execute(
            "insert into auth.users (id, email, name, email_verified, created_at, updated_at)
             select 'user' || n, 'user' || n || '@example.com', 'ليلى ' || n, true, now() - n * interval '1 minute', now()
             from generate_series(1, 5000) as n",
        )
        .await;
    let mut tab = Tab::new(&gw);
    tab.browser.cookies.insert(gw.cookie_name().to_owned(), root.token.clone());
    tab.open("/auth/admin/users").await.expect(&["5,001 users"]);
    let mut seen = 1;
    while tab.html.contains(">Next</a>") && seen < 4 {
        tab.follow("Next").await;
        assert_eq!(tab.status, 200);
        seen += 1;
    }
    assert_eq!(seen, 4);
    assert!(tab.html.len() < 200_000, "a page stays small: {} bytes", tab.html.len());
}

#[tokio::test]
async fn the_members_of_an_organization_are_shown_page_by_page() {
    let gw = TestGateway::with(json!({ "auth": { "organizations": { "enabled": true } } })).await;
    let ada = gw.insert_user("ada", &[]).await;
    let made = ada.auth("/organization/create", &json!({ "name": "ACME", "slug": "acme" })).await;
    let id = made.json::<serde_json::Value>().await.unwrap()["id"].as_str().unwrap().to_owned();
    gw.db
        .execute(
            "with made as (
                insert into auth.users (id, email, name, created_at, updated_at)
                select 'user' || n, 'user' || n || '@example.com', 'User ' || n, now(), now()
                from generate_series(1, 120) as n returning id)
             insert into auth.organization_members (id, organization_id, user_id, roles, created_at)
             select 'member-' || made.id, organizations.id, made.id, '{admin,member}', now() + interval '1 second'
             from made, auth.organizations",
        )
        .await;
    let mut tab = Tab::new(&gw);
    tab.browser.cookies.insert(gw.cookie_name().to_owned(), ada.token.clone());
    tab.open(&format!("/account/organizations/{id}")).await.expect(&["1–50 of 121", "ada@example.com"]);
    tab.follow("Next").await.expect(&["51–100 of 121"]);
    tab.follow("Next").await;
    tab.expect(&["101–121 of 121", "Administrator, Member"]);
    // Each of them has a page; of several roles one is taken away.
    let last = tab.html.rsplit("/members/").next().unwrap().split('"').next().unwrap().to_owned();
    let page = format!("/account/organizations/{id}/members/{last}");
    tab.open(&page).await.submit(&page, &[("role-admin", "")]).await.expect(&["Saved."]);
    let roles = "select count(*) from auth.organization_members where roles = '{member}'";
    assert_eq!(gw.db.count(roles).await, 1);
}
