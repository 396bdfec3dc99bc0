//! Tests what a configuration adds to users: `auth.user.additional_fields`.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::harness::{
    Client, PASSWORD, TestGateway,
    client::{AUTH, expect_problem},
    eventually,
    gateway::merge,
    user::sign_up_cookie,
};

/// Fields of every kind.
fn fields() -> Value {
    json!({ "auth": { "user": { "additional_fields": {
        "company": { "type": "string", "max_length": 20, "header": "X-User-Company" },
        "seats": { "type": "number", "header": "X-User-Seats" },
        "newsletter": { "type": "boolean", "default": false },
        "born": { "type": "date" },
        "tags": { "type": "strings", "max_length": 10, "header": "X-Tags" },
        "plan": { "type": "string", "default": "free", "input": false, "header": "X-User-Plan" },
        "credits": { "type": "number", "input": false },
        "note": { "type": "string", "returned": false },
    } } } })
}

fn unset() -> Value {
    json!({ "company": null, "seats": null, "newsletter": false, "born": null, "tags": null, "plan": "free", "credits": null })
}

async fn with_fields() -> TestGateway {
    TestGateway::with(fields()).await
}

/// Returns what is shown of the fields, of which none may be hidden or of the user's own.
fn shown(user: &Value) -> Value {
    assert_eq!(user.get("note"), None, "{user}");
    let names = unset();
    let names = names.as_object().unwrap().keys();
    names.map(|name| (name.clone(), user[name].clone())).collect::<serde_json::Map<_, _>>().into()
}

async fn update(client: &Client, body: &Value) -> reqwest::Response {
    client.auth("/update-user", body).await
}

async fn refused(client: &Client, body: &Value, code: &str, text: &str) {
    let refused = expect_problem(update(client, body).await, 400, code).await;
    assert!(refused.message.contains(text), "{body}: {}", refused.message);
}

#[tokio::test]
async fn users_set_them_and_see_them_wherever_they_are_shown() {
    let gw = with_fields().await;
    let alice = gw.insert_user("alice", &["admin", "ops"]).await;
    assert_eq!(shown(&alice.session().await["user"]), unset());
    let body = json!({ "company": "Acme", "seats": 2.5, "newsletter": true, "born": "1990-02-03", "tags": ["a", "b"],
        "note": "hidden", "unknown": 1 });
    assert_eq!(update(&alice, &body).await.status(), 200);
    let expected = json!({ "company": "Acme", "seats": 2.5, "newsletter": true, "born": "1990-02-03T00:00:00.000Z",
        "tags": ["a", "b"], "plan": "free", "credits": null });
    let me: Value = alice.get(&format!("{AUTH}/me")).send().await.unwrap().json().await.unwrap();
    let verified: Value = alice.auth("/verify-token", &json!({ "token": alice.token })).await.json().await.unwrap();
    for user in [&alice.session().await["user"], &me["user"], &verified["user"]] {
        assert_eq!((shown(user), &user["role"]), (expected.clone(), &json!("admin,ops")));
        assert_eq!(user.get("unknown"), None);
    }
    // A field that is left out stays; null clears, even one with a default.
    assert_eq!(update(&alice, &json!({ "company": null, "newsletter": null })).await.status(), 200);
    let user = alice.session().await["user"].clone();
    assert_eq!((&user["company"], &user["newsletter"], &user["seats"]), (&json!(null), &json!(null), &json!(2.5)));
    let stored = "select count(*) from auth.users where additional_fields ->> 'note' = 'hidden'
        and not additional_fields ? 'unknown'";
    assert_eq!(gw.db.count(stored).await, 1);
}

#[tokio::test]
async fn values_are_of_their_type_and_length() {
    let gw = with_fields().await;
    let alice = gw.insert_user("alice", &[]).await;
    let many: Vec<String> = (0..21).map(|n| n.to_string()).collect();
    for (body, text) in [
        (json!({ "company": 7 }), "[body.company] Invalid input: expected string, received number"),
        (json!({ "company": { "$ne": "" } }), "[body.company]"),
        (json!({ "company": "x".repeat(21) }), "[body.company] Invalid input: Too big"),
        (json!({ "company": "a\u{0}" }), "[body.company]"),
        (json!({ "seats": "7" }), "[body.seats] Invalid input: expected number, received string"),
        (json!({ "newsletter": "yes" }), "[body.newsletter]"),
        (json!({ "born": "tomorrow" }), "[body.born]"),
        (json!({ "born": 0 }), "[body.born]"),
        (json!({ "tags": "a" }), "[body.tags]"),
        (json!({ "tags": ["a", 1] }), "[body.tags]"),
        (json!({ "tags": ["x".repeat(11)] }), "[body.tags]"),
        (json!({ "tags": many }), "[body.tags]"),
        (json!({ "name": "A", "company": 7, "seats": "x" }), "[body.seats]"),
    ] {
        refused(&alice, &body, "VALIDATION_ERROR", text).await;
    }
    refused(&alice, &json!({ "unknown": 1, "__proto__": { "company": "x" } }), "NO_FIELDS_TO_UPDATE", "").await;
    assert_eq!(
        gw.db.count("select count(*) from auth.users where additional_fields = '{}' and name = 'alice'").await,
        1
    );
}

#[tokio::test]
async fn what_is_not_the_users_to_set_stays_as_it_is() {
    let gw = with_fields().await;
    let alice = gw.insert_user("alice", &[]).await;
    for (body, text) in [
        (json!({ "credits": 1_000_000 }), "credits is not allowed to be set"),
        (json!({ "plan": "pro", "name": "A" }), "plan is not allowed to be set"),
        (json!({ "credits": { "a": 1 } }), "credits"),
    ] {
        refused(&alice, &body, "FIELD_NOT_ALLOWED", text).await;
    }
    refused(&alice, &json!({ "credits": 0, "plan": null }), "NO_FIELDS_TO_UPDATE", "No fields").await;
    let sign_up = |changes: Value| {
        let mut body = json!({ "name": "bob", "email": "bob@example.com", "password": PASSWORD });
        merge(&mut body, &changes);
        body
    };
    let refused = gw.anonymous().auth("/sign-up/email", &sign_up(json!({ "credits": 5 }))).await;
    expect_problem(refused, 400, "FIELD_NOT_ALLOWED").await;
    // One with a default is left out without a word.
    let response = gw.anonymous().auth("/sign-up/email", &sign_up(json!({ "plan": "pro", "credits": 0 }))).await;
    assert_eq!(response.json::<Value>().await.unwrap()["user"]["plan"], "free");
    // A backend's own statement is what changes it.
    gw.db
        .execute("update auth.users set additional_fields = additional_fields || '{\"plan\": \"pro\", \"credits\": 7}'")
        .await;
    assert_eq!(update(&alice, &json!({ "company": "Acme" })).await.status(), 200);
    let user = alice.session().await["user"].clone();
    assert_eq!((&user["plan"], &user["credits"]), (&json!("pro"), &json!(7)));
}

#[tokio::test]
async fn a_sign_up_says_what_is_required_and_keeps_it() {
    let mut config = fields();
    let company = json!({ "type": "string", "required": true, "max_length": 20 });
    config["auth"]["user"]["additional_fields"]["company"] = company;
    let gw = TestGateway::with(config).await;
    let body = |changes: Value| {
        let mut body = json!({ "name": "bob", "email": "bob@example.com", "password": PASSWORD });
        body.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        body
    };
    let sign_up = async |changes: Value| gw.anonymous().auth("/sign-up/email", &body(changes)).await;
    let missing = expect_problem(sign_up(json!({})).await, 400, "MISSING_FIELD").await;
    assert_eq!(missing.message, "company is required");
    for company in [json!(null), json!(7)] {
        expect_problem(sign_up(json!({ "company": company })).await, 400, "VALIDATION_ERROR").await;
    }
    assert_eq!(gw.db.count("select count(*) from auth.users").await, 0);
    let response = sign_up(json!({ "company": "Acme", "tags": ["x"], "unknown": 1 })).await;
    let browser = gw.anonymous().with_cookie(sign_up_cookie(&response).unwrap());
    let user = response.json::<Value>().await.unwrap()["user"].clone();
    assert_eq!((&user["company"], &user["tags"], &user["plan"]), (&json!("Acme"), &json!(["x"]), &json!("free")));
    // The answer of a taken address is the same.
    let again = sign_up(json!({ "company": "Acme", "tags": ["x"], "unknown": 1 })).await;
    let again = again.json::<Value>().await.unwrap()["user"].clone();
    assert_eq!((shown(&again), &again["role"]), (shown(&user), &user["role"]));
    let mail = gw.mail.nth_to("bob@example.com", 2).await;
    assert!(browser.confirm(&[("token", &mail.token())]).await.status().as_u16() < 400);
    let bob = gw.sign_in("bob@example.com").await;
    assert_eq!(shown(&bob.session().await["user"]), shown(&user));
    let taken_away = update(&bob, &json!({ "company": null })).await;
    expect_problem(taken_away, 400, "VALIDATION_ERROR").await;
}

/// The owner may prove the address in another browser than the one that signed up (SESS-14).
#[tokio::test]
async fn what_a_stranger_set_is_not_the_owners() {
    let gw = with_fields().await;
    let planted = json!({
        "name": "Mallory", "email": "ada@example.com", "password": PASSWORD, "company": "Evil", "tags": ["evil"],
        "image": "https://evil.example/a.png",
    });
    assert_eq!(gw.anonymous().auth("/sign-up/email", &planted).await.status(), 200);
    let mail = gw.mail.to("ada@example.com").await;
    let form = [("token", mail.token()), ("password", PASSWORD.to_owned())];
    let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert!(gw.anonymous().confirm(&form).await.status().as_u16() < 400);
    let ada = gw.sign_in("ada@example.com").await;
    let user = ada.session().await["user"].clone();
    assert_eq!((&user["company"], &user["tags"], &user["image"]), (&Value::Null, &Value::Null, &Value::Null));
    assert_eq!(ada.status("/items").await, 200);
    assert!(!format!("{:?}", gw.upstream.last()).contains("evil"), "{:?}", gw.upstream.last());
}

#[tokio::test]
async fn upstreams_are_told_with_the_identity_and_by_nobody_else() {
    let gw = with_fields().await;
    let alice = gw.insert_user("alice", &[]).await;
    let forged = [
        "X-User-Company",
        "x-user-company",
        "X_User_Company",
        "x.user.company",
        "X-User_Company",
        "X-Tags",
        "x.tags",
        "X-User-Plan",
        "X-User-Seats",
    ];
    for path in ["/items", "/public/items", "/optional/items"] {
        let mut request = alice.get(path);
        for name in forged {
            request = request.header(name, "evil");
        }
        assert_eq!(request.send().await.unwrap().status(), 200, "{path}");
        assert!(!format!("{:?}", gw.upstream.last()).contains("evil"), "{path}: {:?}", gw.upstream.last());
    }
    assert_eq!(alice.status("/items").await, 200);
    let request = gw.upstream.last();
    let told = ["X-User-Company", "X-User-Seats", "X-Tags", "X-User-Plan"].map(|name| request.field(name));
    assert_eq!(told, [None, None, None, Some("free")], "what was never set is not there");
    let body = json!({ "company": "Zoë 100%\r\nX-User-Id: root", "seats": 3, "tags": ["a,b", "ü"] });
    assert_eq!(update(&alice, &body).await.status(), 400, "too long");
    let body = json!({ "company": "Zoë 100%\r\nX: y", "seats": 3, "tags": ["a,b", "ü"] });
    assert_eq!(update(&alice, &body).await.status(), 200);
    assert_eq!(alice.bearer().status("/items").await, 200);
    let request = gw.upstream.last();
    let told = ["X-User-Company", "X-User-Seats", "X-Tags", "X-User-Plan"].map(|name| request.field(name).unwrap());
    assert_eq!(told, ["Zo%C3%AB 100%25%0D%0AX: y", "3", "a%2Cb,%C3%BC", "free"]);
    assert!(!format!("{request:?}").contains("note"));
    assert_eq!(alice.status("/public/items").await, 200);
    assert_eq!(gw.upstream.last().field("X-User-Plan"), None);
    // A value that an operator stores by hand and that the field cannot hold is told to nobody.
    gw.db
        .execute("update auth.users set additional_fields = '{\"company\": {\"a\": 1}, \"plan\": 7, \"seats\": \"x\"}'")
        .await;
    assert_eq!(alice.status("/items").await, 200);
    let request = gw.upstream.last();
    let told = ["X-User-Company", "X-User-Seats", "X-Tags", "X-User-Plan"].map(|name| request.field(name));
    assert_eq!(told, [None, None, None, Some("free")]);
}

/// Each change is merged where the row is.
#[tokio::test]
async fn changes_at_once_on_two_replicas_undo_none_of_each_other() {
    let gw = with_fields().await;
    let other = gw.replica_with(fields()).await;
    let alice = gw.insert_user("alice", &[]).await;
    let elsewhere = alice.at(&other);
    let (company, seats, born) = (json!({ "company": "A" }), json!({ "seats": 1 }), json!({ "born": "2000-01-01" }));
    let (tags, name, note) = (json!({ "tags": ["x"] }), json!({ "name": "Alice" }), json!({ "note": "n" }));
    for _ in 0..3 {
        gw.db.execute("update auth.users set additional_fields = '{}'").await;
        let changed = tokio::join!(
            update(&alice, &company),
            update(&elsewhere, &seats),
            update(&alice, &born),
            update(&elsewhere, &tags),
            update(&alice, &name),
            update(&elsewhere, &note),
        );
        let statuses =
            [&changed.0, &changed.1, &changed.2, &changed.3, &changed.4, &changed.5].map(|r| r.status().as_u16());
        assert_eq!(statuses, [200; 6]);
        let all = "select count(*) from auth.users where additional_fields ?& array['company', 'seats', 'born', 'tags', 'note']";
        assert_eq!(gw.db.count(all).await, 1);
    }
}

/// Somebody signed up with the address of somebody else and filled in what they liked.
#[tokio::test]
async fn who_proves_an_address_inherits_nothing_that_strangers_filled_in() {
    let gw = with_fields().await;
    let sign_up = |company: &str| json!({ "name": company, "email": "alice@example.com", "password": PASSWORD, "company": company, "note": company });
    assert_eq!(gw.anonymous().auth("/sign-up/email", &sign_up("evil")).await.status(), 200);
    gw.db.execute("update auth.users set additional_fields = additional_fields || '{\"plan\": \"pro\"}'").await;
    let mut own = sign_up("good");
    own.as_object_mut().unwrap().remove("note");
    let response = gw.anonymous().auth("/sign-up/email", &own).await;
    let cookie = sign_up_cookie(&response).unwrap();
    let mail = gw.mail.nth_to("alice@example.com", 2).await;
    let browser = gw.anonymous().with_cookie(cookie);
    assert!(browser.confirm(&[("token", &mail.token())]).await.status().as_u16() < 400);
    let own = "select count(*) from auth.users
        where name = 'good' and additional_fields = '{\"company\": \"good\", \"plan\": \"pro\"}'";
    assert_eq!(gw.db.count(own).await, 1);
}

#[tokio::test]
async fn the_document_describes_them() {
    let gw = with_fields().await;
    let document: Value =
        gw.anonymous().get(&format!("{AUTH}/openapi.json")).send().await.unwrap().json().await.unwrap();
    let schemas = &document["components"]["schemas"];
    let user = &schemas["User"];
    assert_eq!(user["properties"]["company"], json!({ "type": ["string", "null"], "maxLength": 20 }));
    assert_eq!(user["properties"]["born"]["format"], "date-time");
    assert_eq!(user["properties"]["tags"]["items"], json!({ "type": "string", "maxLength": 10 }));
    assert_eq!(user["properties"].get("note"), None);
    for name in ["role", "company", "plan", "credits"] {
        assert!(user["required"].as_array().unwrap().contains(&json!(name)), "{name}: {user}");
    }
    for body in ["SignUpBody", "UpdateUserBody"] {
        let properties = &schemas[body]["properties"];
        assert_eq!(properties["note"]["maxLength"], 255, "{body}");
        assert_eq!((properties.get("plan"), properties.get("credits")), (None, None), "{body}");
    }
}

#[tokio::test]
async fn a_proxy_in_front_is_told_every_name_whatever_is_set() {
    let mut config = fields();
    config["server"] = json!({ "trusted_proxies": ["127.0.0.1"] });
    let gw = TestGateway::with(config).await;
    let alice = gw.insert_user("alice", &[]).await;
    let ask = async |client: &Client| {
        let request = client.get(&format!("{AUTH}/forward-auth")).header("X-Forwarded-Method", "GET");
        let request = request.header("X-Forwarded-Uri", "/optional/a").header("X-Forwarded-Host", gw.host());
        let response = request.header("X-Forwarded-Proto", "http").send().await.unwrap();
        ["x-user-plan", "x-user-company", "x-tags"].map(|name| {
            let values: Vec<_> = response.headers().get_all(name).iter().collect();
            assert_eq!(values.len(), 1, "{name}: {values:?}");
            values[0].to_str().unwrap().to_owned()
        })
    };
    assert_eq!(ask(&alice).await, ["free", "", ""]);
    assert_eq!(ask(&gw.anonymous()).await, ["", "", ""]);
}

/// The notification of the change, and not the end of the bound, is what brings it.
#[tokio::test]
async fn a_remembered_check_tells_of_a_change_at_once() {
    let mut config = fields();
    config["auth"]["session"] = json!({ "check": { "mode": "cached", "max_staleness": "5s" } });
    let gw = TestGateway::with(config).await;
    let alice = gw.insert_user("alice", &[]).await;
    eventually("an answer from memory", async || {
        assert_eq!(alice.status("/items").await, 200);
        (gw.metric("authgate_session_checks_cached_total").await > 0.0).then_some(())
    })
    .await;
    let changed = Instant::now();
    gw.db.execute("update auth.users set additional_fields = '{\"plan\": \"pro\"}'").await;
    eventually("the new plan", async || {
        assert_eq!(alice.status("/items").await, 200);
        (gw.upstream.last().field("X-User-Plan") == Some("pro")).then_some(())
    })
    .await;
    assert!(changed.elapsed() < Duration::from_secs(4), "{:?}", changed.elapsed());
}

/// Each of them is within its own bound.
#[tokio::test]
async fn what_they_hold_together_is_bounded_for_every_writer() {
    let field = json!({ "type": "string", "max_length": 5000 });
    let gw = TestGateway::with(json!({ "auth": { "user": { "additional_fields": {
        "a": field, "b": field, "c": field, "d": field,
    } } } }))
    .await;
    let (alice, long) = (gw.insert_user("alice", &[]).await, "x".repeat(5000));
    for name in ["a", "b", "c", "a"] {
        assert_eq!(update(&alice, &json!({ name: long })).await.status(), 200, "{name}");
    }
    refused(&alice, &json!({ "d": long, "name": "A" }), "ADDITIONAL_FIELDS_TOO_LARGE", "16 KiB").await;
    assert_eq!(update(&alice, &json!({ "a": null, "d": long })).await.status(), 200);
    // An address that has an account is refused alike.
    let mut answers = Vec::new();
    for email in [alice.email.as_str(), "bob@example.com"] {
        let body =
            json!({ "name": "B", "email": email, "password": PASSWORD, "a": long, "b": long, "c": long, "d": long });
        let refused = gw.anonymous().auth("/sign-up/email", &body).await;
        answers.push(expect_problem(refused, 400, "ADDITIONAL_FIELDS_TOO_LARGE").await.message);
    }
    assert_eq!(answers[0], answers[1]);
    let counts =
        "select count(*) from auth.users where name = 'alice' and additional_fields ->> 'd' = repeat('x', 5000)";
    assert_eq!((gw.db.count(counts).await, gw.db.count("select count(*) from auth.users").await), (1, 1));
}

/// Servers answer 431 to whoever has longer ones, to everything they ask.
#[tokio::test]
async fn the_headers_that_tell_them_are_bounded() {
    let field = |name: &str| json!({ "type": "string", "max_length": 500, "header": name });
    let gw = TestGateway::with(json!({ "auth": { "user": { "additional_fields": {
        "a": field("X-A"), "b": field("X-B"), "c": field("X-C"), "d": field("X-D"), "e": field("X-E"),
        "tags": { "type": "strings", "max_length": 500, "header": "X-Tags" },
    } } } }))
    .await;
    let alice = gw.insert_user("alice", &[]).await;
    let (most, more) = ("\u{1f600}".repeat(170), "\u{1f600}".repeat(171));
    refused(&alice, &json!({ "a": more }), "VALIDATION_ERROR", "[body.a] Invalid input: Too big").await;
    let tags = vec!["x".repeat(500); 20];
    refused(&alice, &json!({ "tags": tags }), "VALIDATION_ERROR", "[body.tags] Invalid input: Too big").await;
    let all = json!({ "a": most, "b": most, "c": most, "d": most });
    assert_eq!(update(&alice, &all).await.status(), 200);
    refused(&alice, &json!({ "e": most }), "VALIDATION_ERROR", "[body.e] Invalid input: Too big").await;
    assert_eq!(update(&alice, &json!({ "name": "Alice", "e": "short" })).await.status(), 200);
    assert_eq!(alice.status("/items").await, 200);
    let request = gw.upstream.last();
    assert_eq!((request.field("X-D").map(str::len), request.field("X-E")), (Some(2040), Some("short")));
    let mut body = json!({ "name": "bob", "email": "bob@example.com", "password": PASSWORD, "e": most });
    merge(&mut body, &all);
    let refused = expect_problem(gw.anonymous().auth("/sign-up/email", &body).await, 400, "VALIDATION_ERROR").await;
    assert!(refused.message.contains("[body.a] Invalid input: Too big"), "{}", refused.message);
}
