//! Tests the pages on which people prove more than a password, and come back from elsewhere.

use serde_json::{Value, json};

use super::tab::Tab;
use crate::{
    api::two_factor::{App, enable, forget_codes, newest_code, with_app},
    harness::{PASSWORD, TestGateway, idp::Idp},
};

/// Asks the tab's browser to set an app up, and proves it.
async fn set_app_up(gw: &TestGateway, tab: &mut Tab<'_>) -> App {
    let app = App::from_answer(&tab.browser.ok("/two-factor/enable", json!({})).await);
    tab.browser.ok("/two-factor/verify-totp", json!({ "code": app.code_of(0) })).await;
    forget_codes(gw).await;
    app
}

#[tokio::test]
async fn a_provider_leads_over_the_second_factor_to_where_somebody_wanted() {
    let idp = Idp::start().await;
    let gw = TestGateway::with(json!({ "auth": { "social": { "acme": idp.config() } } })).await;
    let mut tab = Tab::new(&gw);
    tab.open("/items?of=mine").await.submit("/auth/sign-in/acme", &[]).await.go_on().await;
    assert_eq!((tab.status, tab.url.as_str()), (200, "/items?of=mine"), "{}", tab.html);
    let app = set_app_up(&gw, &mut tab).await;
    let mut other = Tab::new(&gw);
    other.open("/items?of=mine").await.submit("/auth/sign-in/acme", &[]).await.go_on().await;
    assert_eq!(other.url, "/auth/two-factor?redirect=%2Fitems%3Fof%3Dmine");
    other.expect(&["One more step", "Send a code by e-mail", "Do not ask on this device for 30 days"]);
    // What was ticked stays ticked.
    other.submit("/auth/two-factor?", &[("code", &app.wrong_code()), ("trust", "on")]).await;
    assert!(other.field("code").1.is_some() && other.field("trust").0.contains(" checked"), "{}", other.html);
    other.submit("/auth/two-factor?", &[("code", &app.code_of(1))]).await;
    assert_eq!((other.status, other.url.as_str()), (200, "/items?of=mine"));
    assert!(other.browser.cookies.keys().any(|name| name.contains("trust")), "{:?}", other.browser.cookies);
    // A sign-in that comes to nothing is told with its reason.
    idp.claim(&json!({ "sub": "another", "email_verified": false }));
    let mut third = Tab::new(&gw);
    third.open("/items").await.submit("/auth/sign-in/acme", &[]).await.go_on().await;
    assert!(third.url.starts_with("/auth/sign-in?redirect=%2Fitems&error="), "{}", third.url);
    third.expect(&["There is an account with this e-mail address already."]);
}

#[tokio::test]
async fn a_mailed_link_leads_over_the_second_factor_and_offers_no_mail() {
    let trust = json!({ "two_factor": { "trust_device": "0s" }, "magic_link": { "enabled": true } });
    let gw = TestGateway::with(json!({ "auth": trust })).await;
    let (_, app, email) = with_app(&gw, "ada").await;
    let bob = gw.verified_user("bob").await;
    let mut tab = Tab::new(&gw);
    for (address, lands_at) in [(&bob, "/items"), (&email, "/auth/two-factor?redirect=%2Fitems")] {
        tab.browser.cookies.clear();
        tab.open("/auth/magic-link?redirect=/items").await.submit("/auth/magic-link", &[("email", address)]).await;
        let link = gw.mail.about("Sign in", address).await.link();
        tab.open(link.as_str()).await.submit("/api/auth/magic-link/confirm", &[]).await;
        assert_eq!(tab.url, lands_at);
    }
    // Whoever came by mail proves nothing with another mail, and nobody is spared anything here.
    assert!(!tab.says("Send a code by e-mail") && !tab.says("name=\"trust\""), "{}", tab.html);
    tab.submit("/auth/two-factor", &[("code", &app.code_of(1))]).await;
    assert_eq!((tab.status, tab.url.as_str()), (200, "/items"));
    // A link that is spent is told on the page to sign in at.
    tab.browser.cookies.clear();
    tab.open("/auth/continue?redirect=/items&error=INVALID_TOKEN").await.expect(&["This link was used already"]);
    tab.open("/auth/continue?redirect=/items").await;
    assert_eq!(tab.url, "/auth/sign-in?redirect=%2Fitems");
    let text = tab.open("/auth/sign-in?error=%3Cb%3E").await.html.clone();
    assert!(!text.contains("<b>"), "{text}");
}

#[tokio::test]
async fn codes_by_mail_for_those_who_have_no_app() {
    let gw = TestGateway::start().await;
    let email = gw.verified_user("ada").await;
    let mut tab = Tab::new(&gw);
    tab.browser.sign_in(&email).await;
    tab.browser.ok("/two-factor/enable", json!({ "password": PASSWORD, "method": "otp" })).await;
    tab.browser.ok("/two-factor/send-otp", json!({})).await;
    let code = newest_code(&gw, &email, 1).await;
    tab.browser.ok("/two-factor/verify-otp", json!({ "code": code })).await;
    let methods: Value = tab.browser.get("/two-factor/list-methods").await.json().await.unwrap();
    assert_eq!(methods, json!({ "twoFactorMethods": ["otp"] }));
    let mut other = Tab::new(&gw);
    other.open("/auth/sign-in").await.submit("/auth/sign-in", &[("email", &email), ("password", PASSWORD)]).await;
    // A look at the page mails nothing; there is no app to be asked for.
    other.expect(&["A code comes by mail."]);
    assert!(!other.says("authenticator app") && !other.says("name=\"code\""), "{}", other.html);
    other
        .press("/auth/two-factor/send-code", 0)
        .await
        .expect(&["An e-mail with a code is on its way.", "Send it again"]);
    let code = newest_code(&gw, &email, 2).await;
    other.submit("/auth/two-factor", &[("code", &code)]).await;
    assert!(other.browser.is_signed_in().await, "{}", other.html);
}

#[tokio::test]
async fn a_second_factor_that_nobody_waits_for_is_not_asked_for() {
    let gw = TestGateway::start().await;
    let mut tab = Tab::new(&gw);
    tab.open("/auth/two-factor?redirect=/items").await.expect(&["This sign-in took too long."]);
    assert_eq!(tab.url, "/auth/sign-in?redirect=%2Fitems&error=INVALID_TWO_FACTOR_COOKIE");
    let email = gw.verified_user("ada").await;
    tab.browser.sign_in(&email).await;
    tab.open("/auth/two-factor?redirect=/items").await.expect(&["Set up two-factor authentication"]);
    tab.open("/auth/step-up?step_up=two_factor_setup").await;
    assert_eq!(tab.link("Set up two-factor authentication"), "/account/security");
}

#[tokio::test]
async fn a_further_proof_is_asked_for_in_the_ways_that_somebody_has() {
    let gw = TestGateway::start().await;
    let email = gw.verified_user("ada").await;
    let mut tab = Tab::new(&gw);
    tab.browser.sign_in(&email).await;
    tab.open("/auth/step-up?step_up=reauthenticate&redirect=/items").await;
    assert!(tab.says("name=\"password\"") && !tab.says("two-factor"), "{}", tab.html);
    tab.browser = enable(&gw, &email).await.0;
    let link = tab.open("/auth/step-up?step_up=reauthenticate&redirect=/items").await.link("Type a code");
    assert_eq!(link, "/auth/two-factor?redirect=%2Fitems");
    // Those who came through a provider have no password to type.
    gw.db.execute("delete from auth.accounts where provider_id = 'credential'").await;
    tab.open("/auth/step-up?step_up=reauthenticate&redirect=/items").await;
    assert!(!tab.says("name=\"password\""), "{}", tab.html);
    assert_eq!(tab.link("Sign in again"), "/auth/sign-in?redirect=%2Fitems");
}

#[tokio::test]
async fn no_page_has_a_token_that_opens_a_session() {
    let gw = TestGateway::with(json!({ "auth": { "multi_session": { "enabled": true } } })).await;
    let (ada, bob) = (gw.verified_user("ada").await, gw.verified_user("bob").await);
    let mut tab = Tab::new(&gw);
    tab.browser.sign_in(&ada).await;
    tab.browser.sign_in(&bob).await;
    tab.open("/auth/accounts?redirect=/items").await.expect(&[&ada, &bob]);
    for value in tab.browser.cookies.values() {
        assert!(!tab.html.contains(value), "{}", tab.html);
    }
    tab.press("/auth/accounts?", 0).await;
    assert_eq!(tab.browser.client().session().await["user"]["email"], *ada);
    tab.open("/auth/accounts").await.press("/auth/accounts/remove", 0).await;
    assert!(!tab.says(&ada) && tab.says(&bob), "{}", tab.html);
}
