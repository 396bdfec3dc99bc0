//! Which password counts after the proof: that of the browser that proves, or one that is typed there (SESS-14).

use reqwest::Response;
use serde_json::{Value, json};

use super::{VERIFIED, path_of};
use crate::harness::{
    Client, TestGateway,
    client::{AUTH, set_cookies},
    user::sign_up_cookie,
};

pub(crate) const EMAIL: &str = "ada@example.com";
pub(crate) const OWN: &str = "the owner's own words";
pub(crate) const FOREIGN: &str = "a stranger's own words";

/// Signs the address up, and gives back a client with what a browser keeps of that.
pub(crate) async fn sign_up(gw: &TestGateway, name: &str, password: &str) -> Client {
    let body = json!({ "name": name, "email": EMAIL, "password": password });
    let response = gw.anonymous().auth("/sign-up/email", &body).await;
    assert_eq!(response.status(), 200);
    gw.anonymous().with_cookie(sign_up_cookie(&response).expect("the browser keeps what was chosen"))
}

pub(crate) async fn sign_in(gw: &TestGateway, password: &str) -> Response {
    gw.anonymous().auth("/sign-in/email", &json!({ "email": EMAIL, "password": password })).await
}

/// The token of the newest mail, of which there are so many.
pub(crate) async fn newest(gw: &TestGateway, count: usize) -> String {
    gw.mail.nth_to(EMAIL, count).await.token()
}

pub(crate) async fn assert_opens(gw: &TestGateway, right: &str, wrong: &str) {
    assert_eq!(sign_in(gw, wrong).await.status(), 401);
    let response = sign_in(gw, right).await;
    assert_eq!(response.status(), 200, "{}", response.text().await.unwrap());
}

async fn name(gw: &TestGateway) -> String {
    sqlx::query_scalar("select name from auth.users").fetch_one(&mut gw.db.connect().await).await.unwrap()
}

#[tokio::test]
async fn the_owner_who_signs_up_second_has_their_own_password() {
    let gw = TestGateway::start().await;
    sign_up(&gw, "Mallory", FOREIGN).await;
    newest(&gw, 1).await;
    let owner = sign_up(&gw, "Ada", OWN).await;
    assert!(owner.confirm(&[("token", &newest(&gw, 2).await)]).await.status().as_u16() < 400);
    assert_opens(&gw, OWN, FOREIGN).await;
    assert_eq!(name(&gw).await, "Ada");
}

#[tokio::test]
async fn the_owner_who_signs_up_first_has_their_own_password() {
    let gw = TestGateway::start().await;
    let owner = sign_up(&gw, "Ada", OWN).await;
    newest(&gw, 1).await;
    sign_up(&gw, "Mallory", FOREIGN).await;
    assert_eq!(sign_in(&gw, OWN).await.status(), 403, "the second sign-up changed nothing");
    assert!(owner.confirm(&[("token", &newest(&gw, 2).await)]).await.status().as_u16() < 400);
    assert_opens(&gw, OWN, FOREIGN).await;
    assert_eq!(name(&gw).await, "Ada");
    // And afterwards.
    sign_up(&gw, "Mallory", FOREIGN).await;
    assert_opens(&gw, OWN, FOREIGN).await;
    assert_eq!(name(&gw).await, "Ada");
}

#[tokio::test]
async fn strangers_cannot_use_up_the_owners_way_in() {
    let gw = TestGateway::start().await;
    for _ in 0..12 {
        sign_up(&gw, "Mallory", FOREIGN).await;
    }
    let owner = sign_up(&gw, "Ada", OWN).await;
    gw.eventually_counts(0, "select count(*) from auth.mail_outbox").await;
    let token = gw.mail.all_to(EMAIL).last().unwrap().token();
    assert!(owner.confirm(&[("token", &token)]).await.status().as_u16() < 400);
    assert_opens(&gw, OWN, FOREIGN).await;
    assert_eq!(name(&gw).await, "Ada");
}

#[tokio::test]
async fn elsewhere_the_page_asks_for_the_password_that_counts() {
    let gw = TestGateway::start().await;
    let first = sign_up(&gw, "Mallory", FOREIGN).await;
    let mail = gw.mail.to(EMAIL).await;
    let page = async |client: &Client| {
        let response = client.get(&path_of(&mail.link())).send().await.unwrap();
        assert_eq!(response.status(), 200);
        response.text().await.unwrap()
    };
    let asked = page(&gw.anonymous()).await;
    assert!(asked.contains("type=\"password\"") && asked.contains("name=\"password\""), "{asked}");
    assert!(!page(&first).await.contains("type=\"password\""), "the browser brings its own");
    let token = mail.token();
    // What is refused uses nothing up.
    for (password, reason) in [("short", "too short"), ("password123", "easy to guess"), (EMAIL, "easy to guess")] {
        let refused = gw.anonymous().confirm(&[("token", &token), ("password", password)]).await;
        assert_eq!(refused.status(), 400, "{password}");
        let refused = refused.text().await.unwrap();
        assert!(refused.contains(reason) && refused.contains(&token), "{password}: {refused}");
        assert!(!refused.contains(&format!("value=\"{password}")), "{refused}");
    }
    assert_eq!(gw.db.count(VERIFIED).await, 0);
    let done = gw.anonymous().confirm(&[("token", &token), ("password", OWN)]).await;
    assert!(done.status().as_u16() < 400);
    assert!(set_cookies(done.headers()).is_empty(), "nobody is signed in");
    assert_opens(&gw, OWN, FOREIGN).await;
}

#[tokio::test]
async fn without_any_password_the_address_is_proved_and_one_is_chosen() {
    let gw = TestGateway::start().await;
    sign_up(&gw, "Mallory", FOREIGN).await;
    let response = gw.anonymous().confirm(&[("token", &newest(&gw, 1).await), ("password", "")]).await;
    assert_eq!(response.status(), 200);
    let page = response.text().await.unwrap();
    assert!(page.contains("name=\"newPassword\"") && page.contains("method=\"post\""), "{page}");
    assert_eq!(gw.db.count(VERIFIED).await, 1);
    assert_eq!(gw.db.count("select count(*) from auth.accounts").await, 0);
    assert_eq!(sign_in(&gw, FOREIGN).await.status(), 401);
    let token = page.split("name=\"token\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
    let choose = async |password: &str| {
        let body = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs([("token", token), ("newPassword", password)])
            .finish();
        let request = gw.anonymous().post(&format!("{AUTH}/reset-password/choose"));
        let request = request.header("Content-Type", "application/x-www-form-urlencoded");
        request.body(body).send().await.unwrap().status().as_u16()
    };
    assert_eq!(choose("short").await, 400);
    assert_eq!(choose(OWN).await, 200);
    assert_eq!(choose(FOREIGN).await, 400, "it works once");
    assert_opens(&gw, OWN, FOREIGN).await;
}

#[tokio::test]
async fn the_cookie_counts_for_its_own_address_alone() {
    let gw = TestGateway::start().await;
    sign_up(&gw, "Mallory", FOREIGN).await;
    let token = newest(&gw, 1).await;
    let body = json!({ "name": "Bob", "email": "bob@example.com", "password": "bob has other words" });
    let cookie = sign_up_cookie(&gw.anonymous().auth("/sign-up/email", &body).await).unwrap();
    let forged = cookie.replace('A', "B");
    for cookie in [cookie, forged, "authgate_sign_up=x".to_owned()] {
        let browser = gw.anonymous().with_cookie(cookie);
        let page = browser.get(&format!("{AUTH}/verify-email/confirm?token={token}")).send().await.unwrap();
        assert!(page.text().await.unwrap().contains("type=\"password\""));
    }
    let bob = gw.anonymous().with_cookie(format!("authgate_sign_up=x; {}", "a=b"));
    assert_eq!(bob.confirm(&[("token", &token)]).await.status(), 200);
    assert_eq!(
        gw.db
            .count(
                "select count(*) from auth.accounts a join auth.users u on u.id = a.user_id
                            where u.email = 'ada@example.com'"
            )
            .await,
        0
    );
}

#[tokio::test]
async fn the_api_takes_the_browsers_choice_too() {
    let gw = TestGateway::start().await;
    sign_up(&gw, "Mallory", FOREIGN).await;
    newest(&gw, 1).await;
    let owner = sign_up(&gw, "Ada", OWN).await;
    let token = newest(&gw, 2).await;
    let response = owner.get(&format!("{AUTH}/verify-email?token={token}")).send().await.unwrap();
    assert_eq!(response.json::<Value>().await.unwrap(), json!({ "status": true, "user": null }));
    assert_opens(&gw, OWN, FOREIGN).await;
}

#[tokio::test]
async fn the_cookie_is_sealed_short_lived_and_nobody_elses() {
    let gw = TestGateway::start().await;
    let body = json!({ "name": "Ada", "email": EMAIL, "password": OWN });
    let response = gw.anonymous().auth("/sign-up/email", &body).await;
    let cookie = set_cookies(response.headers()).pop().unwrap();
    assert!(cookie.starts_with("authgate_sign_up=") && !cookie.contains("ada"), "{cookie}");
    assert!(cookie.ends_with("; Max-Age=900; Path=/; HttpOnly; SameSite=Lax"), "{cookie}");
    let browser = gw.anonymous().with_cookie(format!("a=b; {}", sign_up_cookie(&response).unwrap()));
    assert_eq!(browser.status("/public/page").await, 200);
    let seen = gw.upstream.requests().pop().unwrap();
    assert!(!format!("{seen:?}").contains("authgate_sign_up"), "{seen:?}");
}

#[tokio::test]
async fn proofs_and_sign_ups_at_the_same_time_end_well() {
    let gw = std::sync::Arc::new(TestGateway::start().await);
    for round in 1..=3 {
        let email = format!("ada-{round}@example.com");
        let body = |password: &str| json!({ "name": "x", "email": email, "password": password });
        let owner = gw.anonymous().auth("/sign-up/email", &body(OWN)).await;
        let owner = gw.anonymous().with_cookie(sign_up_cookie(&owner).unwrap());
        let token = gw.mail.to(&email).await.token();
        let mut tasks = tokio::task::JoinSet::new();
        for n in 0..16 {
            let (gw, owner, token, body) = (std::sync::Arc::clone(&gw), owner.clone(), token.clone(), body(FOREIGN));
            tasks.spawn(async move {
                match n % 2 {
                    0 => gw.anonymous().auth("/sign-up/email", &body).await.status().as_u16(),
                    _ => owner.confirm(&[("token", &token)]).await.status().as_u16(),
                }
            });
        }
        let statuses = tasks.join_all().await;
        assert!(statuses.iter().all(|&status| status < 500), "{statuses:?}");
        // The press may have come after a newer link.
        gw.eventually_counts(0, "select count(*) from auth.mail_outbox").await;
        for mail in gw.mail.all_to(&email).into_iter().filter(|mail| mail.text.contains("token=")) {
            owner.confirm(&[("token", &mail.token())]).await;
        }
        let sign_in = async |password: &str| {
            let body = json!({ "email": email, "password": password });
            gw.anonymous().auth("/sign-in/email", &body).await.status().as_u16()
        };
        assert_eq!((sign_in(FOREIGN).await, sign_in(OWN).await), (401, 200));
    }
}
