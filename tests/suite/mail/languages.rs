//! The language of a mail: what its reader chose, else what the request asks for, else the first that is offered.

use reqwest::Response;
use serde_json::{Value, json};

use crate::{
    api::two_factor::enable,
    harness::{
        PASSWORD, TestGateway,
        client::{AUTH, expect_problem},
    },
};

const EMAIL: &str = "ada@example.com";

async fn offering(languages: &[&str]) -> TestGateway {
    TestGateway::with(json!({ "pages": { "languages": languages } })).await
}

async fn asking(gw: &TestGateway, path: &str, body: &Value, header: (&str, &str)) -> Response {
    let request = gw.anonymous().post(&format!("{AUTH}{path}")).header(header.0, header.1).json(body);
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), 200, "{path}");
    response
}

async fn sign_up(gw: &TestGateway, header: (&str, &str)) {
    let body = json!({ "name": "Ada", "email": EMAIL, "password": PASSWORD });
    asking(gw, "/sign-up/email", &body, header).await;
}

async fn ask_for_reset(gw: &TestGateway, accepted: &str) {
    let header = ("Accept-Language", accepted);
    asking(gw, "/request-password-reset", &json!({ "email": EMAIL }), header).await;
}

#[tokio::test]
async fn what_a_sign_up_asks_for_is_kept_until_its_user_chooses() {
    let gw = offering(&["en", "de", "fr"]).await;
    sign_up(&gw, ("Accept-Language", "de-AT,de;q=0.9,en;q=0.1")).await;
    let mail = gw.mail.to(EMAIL).await;
    assert_eq!(mail.subject, "Bestätigen Sie Ihre E-Mail-Adresse für App");
    assert!(mail.text.starts_with("Guten Tag Ada,") && mail.text.contains("15 Minuten"), "{}", mail.text);
    assert!(mail.html.contains("<html lang=\"de\""), "{}", mail.html);
    ask_for_reset(&gw, "fr").await;
    assert_eq!(gw.mail.nth_to(EMAIL, 2).await.subject, "Neues Passwort für App festlegen");

    gw.confirm(&mail).await;
    let ada = gw.sign_in(EMAIL).await;
    assert_eq!(ada.session().await["user"]["language"], "de");
    for (language, code) in [(json!("es"), "LANGUAGE_NOT_OFFERED"), (json!("DE"), "LANGUAGE_NOT_OFFERED")] {
        let refused = ada.auth("/update-user", &json!({ "language": language })).await;
        assert_eq!(expect_problem(refused, 400, code).await.message, "language is one of en, de, fr");
    }
    expect_problem(ada.auth("/update-user", &json!({ "language": 7 })).await, 400, "VALIDATION_ERROR").await;
    assert_eq!(ada.auth("/update-user", &json!({ "language": "fr" })).await.status(), 200);
    assert_eq!(ada.session().await["user"]["language"], "fr");
    ask_for_reset(&gw, "de").await;
    gw.mail.about("Choisissez un nouveau mot de passe pour App", EMAIL).await;
    assert_eq!(ada.auth("/update-user", &json!({ "language": null })).await.status(), 200);
    assert_eq!(ada.session().await["user"]["language"], Value::Null);
    ask_for_reset(&gw, "en").await;
    gw.mail.about("Set a new password for App", EMAIL).await;
}

#[tokio::test]
async fn a_cookie_counts_before_the_header_and_operators_write_in_the_readers_language() {
    let gw = offering(&["de", "en", "fr"]).await;
    // The header is for the browser, the cookie was chosen on a page.
    let body = json!({ "name": "Ada", "email": EMAIL, "password": PASSWORD });
    let request = gw.anonymous().with_cookie("authgate_language=fr").post(&format!("{AUTH}/sign-up/email"));
    request.header("Accept-Language", "en").json(&body).send().await.unwrap();
    let mail = gw.mail.to(EMAIL).await;
    assert!(mail.text.starts_with("Bonjour Ada,"), "{}", mail.text);
    gw.confirm(&mail).await;
    enable(&gw, EMAIL).await;
    gw.cli(&["users", "factors", "reset", EMAIL, "--yes"]);
    gw.mail.about("L’authentification à deux facteurs pour App est désactivée", EMAIL).await;
    gw.cli(&["users", "create", "bob@example.com", "--name", "Bob", "--invite"]);
    let welcome = gw.mail.to("bob@example.com").await;
    assert_eq!(welcome.subject, "Ihr Konto bei App", "nothing is known of them: the first language counts");

    // Their language goes with the account, but not before the last mail is written.
    let ada = gw.sign_in(EMAIL).await;
    let deleted = ada.auth("/delete-user", &json!({ "password": PASSWORD })).await;
    assert_eq!(deleted.status(), 200);
    gw.mail.about("Votre compte chez App a été supprimé", EMAIL).await;
}

#[tokio::test]
async fn where_one_language_is_offered_nobody_is_asked() {
    let gw = TestGateway::start().await;
    sign_up(&gw, ("Accept-Language", "de")).await;
    let mail = gw.mail.to(EMAIL).await;
    assert_eq!(mail.subject, "Confirm your e-mail address for App");
    gw.confirm(&mail).await;
    let ada = gw.sign_in(EMAIL).await;
    assert_eq!(ada.session().await["user"].get("language"), None);
    expect_problem(ada.auth("/update-user", &json!({ "language": "de" })).await, 400, "NO_FIELDS_TO_UPDATE").await;
    assert_eq!(gw.db.count("select count(*) from auth.users where language is not null").await, 0);
}
