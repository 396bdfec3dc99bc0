//! Tests in which language pages are: the one that was chosen in the footer, or else the one that the browser prefers.

use serde_json::json;

use super::tab::Tab;
use crate::harness::{PASSWORD, TestGateway};

#[tokio::test]
async fn pages_are_in_the_language_that_somebody_chose_or_prefers() {
    let gw = TestGateway::with(json!({ "pages": { "languages": ["en", "es", "de"] } })).await;
    let email = gw.verified_user("ada").await;
    let mut tab = Tab::in_language(&gw, "fr;q=0.9, es-MX;q=0.8, de;q=0.1");
    tab.open("/auth/sign-in?redirect=/items").await.expect(&["<html lang=\"es\">", "Iniciar sesión"]);
    tab.open("/auth/no-such-page").await.expect(&["<html lang=\"es\">"]);
    // The choice leads back to the same page, and counts before what the browser prefers.
    tab.open("/auth/sign-in?redirect=/items").await.submit("/auth/language", &[("language", "de")]).await;
    assert_eq!(tab.url, "/auth/sign-in?redirect=/items");
    tab.expect(&["<html lang=\"de\">", "Anmelden"]);
    // Whoever is signed in chooses for their mails too. What is not offered changes nothing.
    tab.submit("/auth/sign-in", &[("email", &email), ("password", PASSWORD)]).await;
    tab.open("/account/settings").await.submit("/auth/language", &[("language", "es")]).await;
    assert_eq!(tab.url, "/account/settings");
    assert_eq!(tab.browser.client().session().await["user"]["language"], "es");
    tab.submit("/auth/language", &[("language", "fr")]).await.expect(&["<html lang=\"es\">"]);
    assert_eq!(tab.browser.client().session().await["user"]["language"], "es");
}
