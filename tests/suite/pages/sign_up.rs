//! Tests how people open accounts on the built-in pages: invited or not, with whatever is asked of them.

use serde_json::{Value, json};

use super::tab::Tab;
use crate::harness::{PASSWORD, TestGateway};

const BOB: &str = "bob@example.com";

/// Signs up on the page that is open, proves the address, and signs in.
async fn sign_up(gw: &TestGateway, tab: &mut Tab<'_>) {
    let typed = [("name", "Bob"), ("email", BOB), ("password", PASSWORD)];
    tab.submit("/auth/sign-up", &typed).await.expect(&["Check your inbox"]);
    let mail = gw.mail.about("Confirm your e-mail address", BOB).await;
    tab.open(mail.link().as_str()).await.submit("/api/auth/verify-email", &[]).await;
    tab.expect(&["Your address is confirmed. Sign in now."]);
    tab.submit("/auth/sign-in", &[("email", BOB), ("password", PASSWORD)]).await;
}

#[tokio::test]
async fn whoever_an_operator_invites_signs_up_and_nobody_else() {
    let gw = TestGateway::with(json!({ "auth": { "sign_up": { "mode": "invitation" } } })).await;
    let mut tab = Tab::new(&gw);
    tab.open("/auth/sign-up").await.expect(&["Accounts here are opened by invitation."]);
    assert!(!tab.says("name=\"email\""), "{}", tab.html);
    tab.open("/auth/sign-in").await;
    assert!(!tab.says("No account yet?"), "{}", tab.html);
    // The page is the built-in one unless another is named.
    let answer = gw.cli_json(&["users", "invite", BOB]);
    let link = answer["link"].as_str().unwrap();
    assert!(link.starts_with(&format!("{}/auth/sign-up?invitation=", gw.origin())), "{link}");
    // A detour over the page to sign in at loses nothing, nor does a form with a mistake in it.
    tab.open(link).await.follow("You have an account? Sign in").await.follow("No account yet? Create one").await;
    let other = [("name", "Eve"), ("email", "eve@example.com"), ("password", PASSWORD)];
    tab.submit("/auth/sign-up", &other).await.expect(&["The invitation was used, is too old"]);
    assert_eq!(tab.status, 403);
    sign_up(&gw, &mut tab).await;
    assert_eq!(tab.browser.client().session().await["user"]["email"], BOB);
}

#[tokio::test]
async fn whoever_an_organization_invites_signs_up_and_accepts() {
    let changes = json!({
        "auth": { "sign_up": { "mode": "invitation" }, "organizations": { "enabled": true } },
        "pages": { "languages": ["en", "de"] },
    });
    let gw = TestGateway::with(changes).await;
    let ada = gw.insert_user("ada", &[]).await;
    let done = async |path: &str, body: Value| {
        let response = ada.auth(&format!("/organization{path}"), &body).await;
        assert_eq!(response.status(), 200, "{path}");
        response.json::<Value>().await.unwrap()
    };
    done("/create", json!({ "name": "ACME", "slug": "acme" })).await;
    done("/invite-member", json!({ "email": BOB, "role": ["admin", "member"] })).await;
    let invitation = gw.mail.about("You are invited", BOB).await;
    let mut german = Tab::in_language(&gw, "de");
    german.open(invitation.link().as_str()).await.expect(&["als Administrator, Mitglied."]);
    let mut tab = Tab::new(&gw);
    tab.open(invitation.link().as_str()).await.follow("Sign up").await;
    sign_up(&gw, &mut tab).await;
    assert_eq!(tab.url, "/account/organizations", "the way leads to where the invitation is accepted");
    // Those who sign in on the way come back to the page of the mail, whose button accepts.
    let mut other = Tab::new(&gw);
    other.open(invitation.link().as_str()).await.follow("Sign in").await;
    other.submit("/auth/sign-in", &[("email", BOB), ("password", PASSWORD)]).await;
    assert!(other.url.starts_with("/api/auth/organization/invitation?token="), "{}", other.url);
    let (signed_out, token) = (Tab::new(&gw), invitation.token());
    let pressed = signed_out.browser.client().post("/api/auth/organization/invitation").header("Accept-Language", "de");
    let pressed = pressed.header("Content-Type", "application/x-www-form-urlencoded").body(format!("token={token}"));
    let html = pressed.send().await.unwrap().text().await.unwrap();
    assert!(html.contains("In diesem Browser ist niemand mit der eingeladenen Adresse angemeldet."), "{html}");
    tab.press("/account/organizations/reply", 0).await.expect(&["Welcome! You are a member now.", "ACME"]);
    assert_eq!(other.submit("/api/auth/organization/invitation", &[]).await.status, 400, "it was accepted");
}

#[tokio::test]
async fn what_is_wrong_stands_beside_its_field_and_the_rest_is_kept() {
    let company = json!({ "type": "string", "required": true, "max_length": 20 });
    let changes = json!({
        "auth": {
            "user": { "additional_fields": { "company": company, "newsletter": { "type": "boolean" } } },
            "username": { "enabled": true },
        },
        "pages": { "links": { "terms": "/public/terms" }, "name": "Acme" },
    });
    let gw = TestGateway::with(changes).await;
    let mut tab = Tab::new(&gw);
    tab.open("/auth/sign-up").await;
    let typed = [("name", "Bob"), ("email", BOB), ("username", "b"), ("password", PASSWORD), ("newsletter", "on")];
    let all = [&typed[..], &[("company", "ACME")]].concat();
    tab.submit("/auth/sign-up", &all).await;
    assert_eq!(tab.status, 400);
    let (terms, error) = tab.field("terms");
    assert!(terms.contains("aria-invalid=\"true\"") && terms.contains("aria-describedby=\"terms-error\""), "{terms}");
    assert_eq!(error.as_deref(), Some("Please agree to the terms to create an account."));
    assert!(terms.contains(" autofocus") && tab.field("newsletter").0.contains(" checked"), "{}", tab.html);
    // The box stays ticked when something else is wrong.
    let agreed = [&typed[..], &[("terms", "on")]].concat();
    tab.submit("/auth/sign-up", &[&agreed[..], &[("company", "")]].concat()).await;
    assert!(tab.field("company").1.is_some() && tab.field("terms").0.contains(" checked"), "{}", tab.html);
    tab.submit("/auth/sign-up", &[&agreed[..], &[("company", "A company that is too long")]].concat()).await;
    let (company, error) = tab.field("company");
    assert!(error.is_some() && company.contains("value=\"A company that is too long\""), "{company}");
    tab.submit("/auth/sign-up", &[&agreed[..], &[("company", "ACME")]].concat()).await;
    assert_eq!(tab.field("username").1.as_deref(), Some("This user name is too short."));
    tab.submit(
        "/auth/sign-up",
        &[&agreed[..], &[("company", "ACME"), ("username", "bob"), ("name", "a\u{7}b")]].concat(),
    )
    .await;
    assert!(tab.field("name").1.is_some(), "{}", tab.html);
    tab.submit("/auth/sign-up", &[("name", "Bob"), ("password", PASSWORD)]).await.expect(&["Check your inbox"]);
    // The mail is sent once more, whoever asks.
    tab.submit("/auth/verify-email", &[("email", BOB)]).await.expect(&["a new e-mail is on its way"]);
    let mail = gw.mail.nth_to(BOB, 2).await;
    tab.open(mail.link().as_str()).await.submit("/api/auth/verify-email", &[]).await;
    tab.submit("/auth/sign-in", &[("email", "Bob"), ("password", PASSWORD)]).await;
    let user = &tab.browser.client().session().await["user"];
    assert_eq!(
        (&user["username"], &user["company"], &user["newsletter"]),
        (&json!("bob"), &json!("ACME"), &json!(true))
    );
}
