//! The description of the auth API: served, printed, and of one mind with what is answered.

mod conformance;

use std::process::Command;

use serde_json::{Value, json};

use crate::harness::{TestGateway, client::AUTH};

fn printed(arguments: &[&str]) -> Value {
    let output = Command::new(env!("CARGO_BIN_EXE_authgate")).arg("openapi").args(arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("it is JSON")
}

#[tokio::test]
async fn the_gateway_serves_what_the_command_prints() {
    let gw = TestGateway::start().await;
    let response = gw.anonymous().get(&format!("{AUTH}/openapi.json")).send().await.unwrap();
    assert_eq!(
        (response.status().as_u16(), &response.headers()["content-type"]),
        (200, &"application/json".parse().unwrap())
    );
    let served: Value = response.json().await.unwrap();
    assert_eq!(served["openapi"], "3.1.0");
    assert_eq!(served["servers"][0]["url"], AUTH);
    let mut expected = printed(&[]);
    // The test's gateway is on plain HTTP, so its cookie has no prefix.
    expected["components"]["securitySchemes"]["cookie"]["name"] = gw.cookie_name().into();
    assert_eq!(served, expected);
}

#[tokio::test]
async fn every_operation_exists_and_nothing_else_does() {
    let on = json!({ "enabled": true });
    let gw = TestGateway::with(json!({ "auth": {
            "username": on, "email_otp": on, "magic_link": on, "multi_session": on, "api_keys": on, "admin": on,
            "organizations": { "enabled": true, "teams": on },
        } }))
    .await;
    let served = gw.anonymous().get(&format!("{AUTH}/openapi.json")).send().await.unwrap();
    let document: Value = served.json().await.unwrap();
    let paths = document["paths"].as_object().unwrap();
    // Routes that are off by default are described where they are on.
    let by_default = printed(&[]);
    let by_default = by_default["paths"].as_object().unwrap();
    assert!(by_default.len() >= 15 && by_default.keys().all(|path| paths.contains_key(path)), "{by_default:?}");
    assert!(paths.contains_key("/sign-in/email-otp") && !by_default.contains_key("/sign-in/email-otp"));
    for (path, item) in paths {
        for method in [http::Method::GET, http::Method::POST] {
            let is_described = item.get(method.as_str().to_ascii_lowercase()).is_some();
            let path = path.replace("{token}", "x").replace("{provider}", "x");
            let response = gw.anonymous().request(method.clone(), &format!("{AUTH}{path}")).send().await.unwrap();
            let status = response.status().as_u16();
            let is_bare_404 = status == 404 && response.bytes().await.unwrap().is_empty();
            assert_eq!(is_described, !is_bare_404, "{method} {path} answered {status}");
        }
    }
}

#[tokio::test]
async fn what_odd_spellings_of_a_parameter_come_to_is_described() {
    let gw = TestGateway::start().await;
    let document = printed(&[]);
    let mut seen = 0;
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap().iter().filter(|_| path.contains('{')) {
            for odd in ["%2B", "%3FP%3B", "%C2%B6", "a%3Bb", "%7Ex", "%2Fx", "%25"] {
                let path = path.replace("{token}", odd).replace("{provider}", odd);
                let method = method.to_ascii_uppercase().parse().unwrap();
                let request = gw.anonymous().request(method, &format!("{AUTH}{path}"));
                let request = request.header("Content-Type", "application/x-www-form-urlencoded").body("");
                let status = request.send().await.unwrap().status();
                assert!(operation["responses"].get(status.as_str()).is_some(), "{path} answered {status}");
                seen += 1;
            }
        }
    }
    assert!(seen >= 21, "{seen}");
}
