//! Tests what pages say while the database is away (FAIL-01).

use crate::harness::{
    Setup,
    client::{AUTH, set_cookies},
    cluster::OwnCluster,
};

#[tokio::test]
async fn pages_say_that_they_are_not_available() {
    let cluster = OwnCluster::start();
    let gw = Setup::new(serde_json::Value::Null).database(cluster.database()).start().await;
    let alice = gw.insert_user("alice", &[]).await;
    let open = async |path: &str| alice.get(path).header("Accept", "text/html").send().await.unwrap();
    assert_eq!(open("/account/settings").await.status(), 200);
    cluster.stop();
    for path in ["/account/settings", "/items"] {
        let page = open(path).await;
        assert_eq!(page.status(), 503, "{path}");
        assert!(page.headers().contains_key("retry-after"), "{path}");
        assert!(!page.headers().contains_key("location"), "an outage is not taken for being signed out");
        let html = page.text().await.unwrap();
        assert!(html.contains("Not available at the moment"), "{path}: {html}");
    }
    let page = gw.anonymous().get("/auth/sign-in").send().await.unwrap();
    assert_eq!(page.status(), 200, "it asks nobody");
    let cookie = set_cookies(page.headers())[0].split(';').next().unwrap().to_owned();
    let html = page.text().await.unwrap();
    let token = html.split("name=\"form_token\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let request = gw.anonymous().with_cookie(cookie).post("/auth/language");
    let chosen = request.form(&[("language", "de"), ("form_token", token)]).send().await.unwrap();
    assert_eq!(chosen.status(), 303, "nor does a stranger's choice of a language");
    // A link out of a mail says what is the matter.
    let link = format!("{AUTH}/verify-email/confirm?token={}", "x".repeat(43));
    for (accept, is_page) in [("text/html", true), ("application/json", false)] {
        let response = gw.anonymous().get(&link).header("Accept", accept).send().await.unwrap();
        assert_eq!(response.status(), 503, "{accept}");
        assert!(response.headers().contains_key("retry-after"), "{accept}");
        let text = response.text().await.unwrap();
        assert_eq!(text.contains("<h1>Not available at the moment</h1>"), is_page, "{text}");
    }
}
