//! User names: signing in with one, whose it is, and which nobody gets.

mod proof;

use serde_json::{Value, json};

use crate::harness::{
    Client, PASSWORD, TestGateway,
    client::{assert_user, expect_problem, set_cookies},
    problem,
};

pub(super) const NAMES: &str = "select count(*) from auth.usernames where is_claimed";

pub(super) async fn gateway(changes: Value) -> TestGateway {
    let mut config = json!({ "auth": { "username": { "enabled": true } } });
    crate::harness::gateway::merge(&mut config, &changes);
    TestGateway::with(config).await
}

/// Starts a gateway without a proof of addresses, so that a sign-up is all it takes.
pub(super) async fn open_gateway() -> TestGateway {
    gateway(json!({ "auth": { "email_verification": { "required": false } } })).await
}

pub(super) async fn sign_up(client: &Client, email: &str, more: Value) -> reqwest::Response {
    let mut body = json!({ "name": "Ada", "email": email, "password": PASSWORD });
    crate::harness::gateway::merge(&mut body, &more);
    client.auth("/sign-up/email", &body).await
}

pub(super) async fn sign_in(client: &Client, username: &str, password: &str) -> reqwest::Response {
    client.auth("/sign-in/username", &json!({ "username": username, "password": password })).await
}

async fn is_available(gw: &TestGateway, username: &str) -> Value {
    let response = gw.anonymous().auth("/is-username-available", &json!({ "username": username })).await;
    assert_eq!(response.status(), 200, "{username}");
    response.json::<Value>().await.unwrap()["available"].clone()
}

fn session_client(gw: &TestGateway, response: &reqwest::Response) -> Client {
    let prefix = format!("{}=", gw.cookie_name());
    let cookie = set_cookies(response.headers()).into_iter().find(|cookie| cookie.starts_with(&prefix)).unwrap();
    gw.anonymous().with_cookie(cookie.split(';').next().unwrap().to_owned())
}

#[tokio::test]
async fn a_name_signs_in_in_any_case() {
    let gw = open_gateway().await;
    let answer: Value =
        sign_up(&gw.anonymous(), "ada@example.com", json!({ "username": "Ada_L" })).await.json().await.unwrap();
    assert_eq!((&answer["user"]["username"], &answer["user"]["displayUsername"]), (&json!("ada_l"), &json!("Ada_L")));
    for name in ["ada_l", "ADA_L"] {
        let response = sign_in(&gw.anonymous(), name, PASSWORD).await;
        assert_eq!(response.status(), 200, "{name}");
        assert_eq!(session_client(&gw, &response).status("/items").await, 200);
        let answer: Value = response.json().await.unwrap();
        assert_user(&answer["user"], "ada@example.com", "Ada");
        assert_eq!(answer["user"]["displayUsername"], "Ada_L");
        assert_eq!(answer["redirect"], false);
    }
    let body = json!({ "username": "ada_l", "password": PASSWORD, "callbackURL": "/app", "rememberMe": false });
    let response = gw.anonymous().auth("/sign-in/username", &body).await;
    assert_eq!(response.headers()["location"], "/app");
    let cookie = set_cookies(response.headers()).into_iter().find(|cookie| cookie.contains("_session=")).unwrap();
    assert!(!cookie.contains("Max-Age"), "{cookie}");
    assert_eq!(response.json::<Value>().await.unwrap()["url"], "/app");
}

#[tokio::test]
async fn it_is_not_there_unless_it_is_configured() {
    let gw = TestGateway::with(json!({ "auth": { "email_verification": { "required": false } } })).await;
    for path in ["/sign-in/username", "/is-username-available"] {
        let response = gw.anonymous().auth(path, &json!({ "username": "ada", "password": PASSWORD })).await;
        assert_eq!(response.status(), 404, "{path}");
        assert!(response.text().await.unwrap().is_empty());
    }
    let response = sign_up(&gw.anonymous(), "ada@example.com", json!({ "username": "a" })).await;
    let answer: Value = response.json().await.unwrap();
    assert_eq!(answer["user"].get("username"), None, "{answer}");
}

#[tokio::test]
async fn wrong_passwords_and_unknown_names_are_answered_alike() {
    let gw = open_gateway().await;
    sign_up(&gw.anonymous(), "ada@example.com", json!({ "username": "ada" })).await;
    sign_up(&gw.anonymous(), "eve@example.com", json!({ "username": "eve" })).await;
    gw.db.execute("update auth.users set banned_at = now() where email = 'eve@example.com'").await;
    let mut answers = Vec::new();
    for (name, password) in [("ada", "not the password"), ("eve", PASSWORD), ("nobody_here", PASSWORD)] {
        let problem = problem(sign_in(&gw.anonymous(), name, password).await).await;
        answers.push((problem.status, problem.code, problem.message));
    }
    assert_eq!((answers[0].0, answers[0].1.as_str()), (401, "INVALID_USERNAME_OR_PASSWORD"));
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
}

#[tokio::test]
async fn a_name_and_its_address_share_their_failures() {
    let limits =
        json!({ "sign_in": { "limit": 3, "window": "15m" }, "sign_in_address": { "limit": 1000, "window": "1m" } });
    let gw = gateway(json!({ "auth": { "email_verification": { "required": false }, "rate_limits": limits } })).await;
    sign_up(&gw.anonymous(), "ada@example.com", json!({ "username": "ada" })).await;
    for _ in 0..2 {
        assert_eq!(sign_in(&gw.anonymous(), "ada", "not the password").await.status(), 401);
    }
    let by_email = json!({ "email": "ada@example.com", "password": "not the password" });
    assert_eq!(gw.anonymous().auth("/sign-in/email", &by_email).await.status(), 401);
    for name in ["ada", "nobody_here"] {
        let mut statuses = Vec::new();
        for _ in 0..4 {
            statuses.push(sign_in(&gw.anonymous(), name, "not the password").await.status().as_u16());
        }
        let expected = if name == "ada" { [429; 4] } else { [401, 401, 401, 429] };
        assert_eq!(statuses, expected, "{name}");
    }
}

#[tokio::test]
async fn what_is_no_name_has_a_code() {
    let gw = open_gateway().await;
    for (name, code) in [
        ("ab", "USERNAME_TOO_SHORT"),
        ("ü", "USERNAME_TOO_SHORT"),
        (&"a".repeat(31), "USERNAME_TOO_LONG"),
        ("a b c", "INVALID_USERNAME"),
        ("аdmin", "INVALID_USERNAME"),
        ("ada@example.com", "INVALID_USERNAME"),
    ] {
        expect_problem(sign_in(&gw.anonymous(), name, PASSWORD).await, 422, code).await;
        let asked = gw.anonymous().auth("/is-username-available", &json!({ "username": name })).await;
        expect_problem(asked, 422, code).await;
        let signed_up = sign_up(&gw.anonymous(), "ada@example.com", json!({ "username": name })).await;
        expect_problem(signed_up, 400, code).await;
    }
    let empty = gw.anonymous().auth("/is-username-available", &json!({ "username": "" })).await;
    expect_problem(empty, 422, "INVALID_USERNAME").await;
    for (name, password) in [("", PASSWORD), ("ada", "")] {
        expect_problem(sign_in(&gw.anonymous(), name, password).await, 401, "INVALID_USERNAME_OR_PASSWORD").await;
    }
    for body in
        [json!({}), json!({ "username": 7 }), json!({ "username": { "$ne": "" } }), json!({ "username": ["ada"] })]
    {
        expect_problem(gw.anonymous().auth("/is-username-available", &body).await, 400, "VALIDATION_ERROR").await;
    }
    let wrong = sign_up(&gw.anonymous(), "ada@example.com", json!({ "username": 7 })).await;
    expect_problem(wrong, 400, "VALIDATION_ERROR").await;
    assert_eq!(gw.db.count("select count(*) from auth.users").await, 0);
}

#[tokio::test]
async fn nobody_gets_a_name_that_is_taken_reserved_or_looks_like_one() {
    let gw = gateway(json!({ "auth": {
        "email_verification": { "required": false }, "username": { "reserved": ["Acme"] },
    } }))
    .await;
    sign_up(&gw.anonymous(), "ada@example.com", json!({ "username": "paypal" })).await;
    for name in ["paypal", "PayPal", "PayPaI", "paypa1", "admin", "ADM1N", "a.d.m.i.n", "acme", "a_c_m_e", "supp0rt"] {
        assert_eq!(is_available(&gw, name).await, false, "{name}");
        let response = sign_up(&gw.anonymous(), "eve@example.com", json!({ "username": name })).await;
        expect_problem(response, 400, "USERNAME_IS_ALREADY_TAKEN").await;
    }
    assert_eq!(is_available(&gw, "someone_else").await, true);
    assert_eq!(gw.db.count("select count(*) from auth.users").await, 1);
}

#[tokio::test]
async fn a_name_is_shown_as_it_was_spelled_and_no_other_way() {
    let gw = open_gateway().await;
    for (more, expected) in [
        (json!({ "username": "ada", "displayUsername": "aDa" }), Ok(("ada", "aDa"))),
        (json!({ "displayUsername": "Bob" }), Ok(("bob", "Bob"))),
        (json!({ "username": "carol", "displayUsername": "paypal" }), Err("INVALID_DISPLAY_USERNAME")),
        (json!({ "displayUsername": "Dave the Great" }), Err("INVALID_USERNAME")),
    ] {
        let email = format!("{}@example.com", uuid::Uuid::now_v7().simple());
        let response = sign_up(&gw.anonymous(), &email, more.clone()).await;
        match expected {
            Ok((name, display)) => {
                let answer: Value = response.json().await.unwrap();
                assert_eq!(
                    (&answer["user"]["username"], &answer["user"]["displayUsername"]),
                    (&json!(name), &json!(display))
                );
            }
            Err(code) => drop(expect_problem(response, 400, code).await),
        }
    }
    let nameless: Value = sign_up(&gw.anonymous(), "eve@example.com", json!({})).await.json().await.unwrap();
    assert_eq!((&nameless["user"]["username"], &nameless["user"]["displayUsername"]), (&Value::Null, &Value::Null));
}

#[tokio::test]
async fn a_name_can_be_changed_and_taken_away() {
    let gw = open_gateway().await;
    sign_up(&gw.anonymous(), "eve@example.com", json!({ "username": "eve" })).await;
    let signed_up = sign_up(&gw.anonymous(), "ada@example.com", json!({ "username": "ada" })).await;
    let ada = session_client(&gw, &signed_up);
    let update = async |body: Value| ada.auth("/update-user", &body).await;
    let shown = async || {
        let user = ada.session().await["user"].clone();
        (user["username"].clone(), user["displayUsername"].clone())
    };

    assert_eq!(update(json!({ "username": "Lovelace" })).await.status(), 200);
    assert_eq!(shown().await, (json!("lovelace"), json!("Lovelace")));
    assert_eq!(sign_in(&gw.anonymous(), "ada", PASSWORD).await.status(), 401);
    assert_eq!(sign_in(&gw.anonymous(), "lovelace", PASSWORD).await.status(), 200);
    assert_eq!(is_available(&gw, "ada").await, true, "the old one is free at once");

    assert_eq!(update(json!({ "username": "LOVELACE" })).await.status(), 200, "one's own name passes");
    assert_eq!(update(json!({ "displayUsername": "LoveLace" })).await.status(), 200);
    assert_eq!(shown().await, (json!("lovelace"), json!("LoveLace")));
    for (body, code) in [
        (json!({ "displayUsername": "Eve" }), "INVALID_DISPLAY_USERNAME"),
        (json!({ "username": "eve" }), "USERNAME_IS_ALREADY_TAKEN"),
        (json!({ "username": "root" }), "USERNAME_IS_ALREADY_TAKEN"),
        (json!({ "username": "" }), "USERNAME_TOO_SHORT"),
        (json!({ "username": "a b c" }), "INVALID_USERNAME"),
    ] {
        expect_problem(update(body).await, 400, code).await;
    }
    assert_eq!(shown().await, (json!("lovelace"), json!("LoveLace")));
    assert_eq!(sign_in(&gw.anonymous(), "lovelace", PASSWORD).await.status(), 200, "a refusal takes nothing away");

    assert_eq!(update(json!({ "username": null })).await.status(), 200);
    assert_eq!(shown().await, (Value::Null, Value::Null));
    assert_eq!(sign_in(&gw.anonymous(), "lovelace", PASSWORD).await.status(), 401);
    assert_eq!(gw.db.count(NAMES).await, 1);
}

#[tokio::test]
async fn of_many_who_want_a_name_one_gets_it() {
    let gw = std::sync::Arc::new(open_gateway().await);
    let mut tasks = tokio::task::JoinSet::new();
    for n in 0..20 {
        let gw = std::sync::Arc::clone(&gw);
        tasks.spawn(async move {
            sign_up(&gw.anonymous(), &format!("user{n}@example.com"), json!({ "username": "wanted" }))
                .await
                .status()
                .as_u16()
        });
    }
    let mut statuses = tasks.join_all().await;
    statuses.sort_unstable();
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
    assert!(statuses.iter().all(|status| [200, 400].contains(status)), "{statuses:?}");
    assert_eq!((gw.db.count(NAMES).await, gw.db.count("select count(*) from auth.users").await), (1, 1));
}

#[tokio::test]
async fn a_page_of_another_site_signs_nobody_in() {
    let gw = open_gateway().await;
    sign_up(&gw.anonymous(), "ada@example.com", json!({ "username": "ada" })).await;
    let request = gw
        .anonymous()
        .request(http::Method::POST, "/api/auth/sign-in/username")
        .header("Origin", "https://evil.example");
    let response = request.json(&json!({ "username": "ada", "password": PASSWORD })).send().await.unwrap();
    expect_problem(response, 403, "INVALID_ORIGIN").await;
}

#[tokio::test]
async fn the_browser_is_told_what_it_signed_in_with_where_that_is_configured() {
    let gw = gateway(json!({ "auth": {
        "email_verification": { "required": false }, "last_login_method": { "enabled": true },
    } }))
    .await;
    let told = |response: &reqwest::Response| -> Vec<String> {
        let cookies = set_cookies(response.headers()).into_iter();
        cookies.filter(|cookie| cookie.starts_with("better-auth.last_used_login_method=")).collect()
    };
    let signed_up = sign_up(&gw.anonymous(), "ada@example.com", json!({ "username": "ada" })).await;
    assert_eq!(told(&signed_up), ["better-auth.last_used_login_method=email; Max-Age=2592000; Path=/; SameSite=Lax"]);
    let by_name = sign_in(&gw.anonymous(), "ada", PASSWORD).await;
    assert_eq!(told(&by_name), ["better-auth.last_used_login_method=username; Max-Age=2592000; Path=/; SameSite=Lax"]);
    assert!(told(&sign_in(&gw.anonymous(), "ada", "not the password").await).is_empty());
}
