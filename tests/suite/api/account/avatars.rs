//! Pictures that are sent as data, stored once, and served by the gateway.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::{HeaderMap, Method};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::harness::{
    Client, PASSWORD, TestGateway,
    client::{AUTH, expect_problem},
};

/// The beginning of a PNG of 16 by 8 pixels, filled up to so many bytes with others for each `seed`.
fn png(seed: &str, length: usize) -> Vec<u8> {
    let mut content = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\x10\0\0\0\x08\x08\x06\0\0\0".to_vec();
    content.extend(seed.bytes().cycle().take(length.saturating_sub(content.len())));
    content
}

fn data(media_type: &str, content: &[u8]) -> String {
    format!("data:{media_type};base64,{}", STANDARD.encode(content))
}

fn hex(content: &[u8]) -> String {
    Sha256::digest(content).iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"))
}

async fn choose(client: &Client, image: &Value) -> reqwest::Response {
    client.auth("/update-user", &json!({ "image": image })).await
}

/// Lets a user choose a picture, and returns its path.
async fn chosen(gw: &TestGateway, client: &Client, content: &[u8]) -> String {
    let response = choose(client, &json!(data("image/png", content))).await;
    assert_eq!(response.status(), 200, "{}", response.text().await.unwrap_or_default());
    let image = client.session().await["user"]["image"].as_str().unwrap().to_owned();
    assert_eq!(image, format!("{}{AUTH}/avatars/{}.png", gw.origin(), hex(content)));
    image.strip_prefix(gw.origin()).unwrap().to_owned()
}

fn assert_inert(headers: &HeaderMap) {
    for (name, expected) in [
        ("x-content-type-options", "nosniff"),
        ("content-security-policy", "default-src 'none'; sandbox"),
        ("cross-origin-resource-policy", "cross-origin"),
        ("cache-control", "public, max-age=31536000, immutable"),
    ] {
        assert_eq!(headers[name], expected, "{name}");
        assert_eq!(headers.get_all(name).iter().count(), 1, "{name}");
    }
    assert!(!headers.contains_key("set-cookie"));
}

#[tokio::test]
async fn a_picture_is_stored_once_and_served_to_anybody_by_its_hash() {
    let gw = TestGateway::start().await;
    let alice = gw.insert_user("alice", &[]).await;
    let content = png("alice", 200 * 1024);
    let path = chosen(&gw, &alice, &content).await;

    let response = gw.anonymous().get(&path).send().await.unwrap();
    assert_eq!((response.status().as_u16(), &response.headers()["content-type"]), (200, &"image/png".parse().unwrap()));
    assert_inert(response.headers());
    let tag = response.headers()["etag"].clone();
    assert_eq!(tag, format!("\"{}\"", hex(&content)));
    assert_eq!(response.bytes().await.unwrap(), content);

    let head = gw.anonymous().request(Method::HEAD, &path).send().await.unwrap();
    assert_eq!((head.status().as_u16(), &head.headers()["content-length"]), (200, &content.len().into()));
    assert_inert(head.headers());
    assert!(head.bytes().await.unwrap().is_empty());

    let weak = format!("\"x\", W/{}", tag.to_str().unwrap());
    for (asked, status) in [(tag.to_str().unwrap(), 304), (&weak, 304), ("*", 304), ("\"x\"", 200)] {
        let response = gw.anonymous().get(&path).header("If-None-Match", asked).send().await.unwrap();
        assert_eq!((response.status().as_u16(), &response.headers()["etag"]), (status, &tag), "{asked}");
        assert_inert(response.headers());
    }
    // This is how an <img> on any other site asks for it.
    let foreign =
        gw.anonymous().get(&path).header("Sec-Fetch-Site", "cross-site").header("Referer", "https://x.example/");
    assert_eq!(foreign.send().await.unwrap().status(), 200);
    assert_eq!(gw.db.count("select count(*) from auth.avatars").await, 1);
}

#[tokio::test]
async fn neither_the_upstream_nor_the_log_sees_the_data() {
    let gw = TestGateway::start().await;
    let alice = gw.insert_user("alice", &[]).await;
    let content = png("alice", 20 * 1024);
    chosen(&gw, &alice, &content).await;
    assert_eq!(alice.status("/items").await, 200);
    let request = gw.upstream.last();
    assert!(!format!("{request:?}").contains("avatars"), "{request:?}");
    let response = choose(&alice, &json!(data("image/gif", &content))).await;
    expect_problem(response, 400, "VALIDATION_ERROR").await;
    let encoded = STANDARD.encode(&content);
    assert!(!gw.process.output().contains(&encoded[..60]));
    let stored = "select count(*) from auth.users where image like 'data:%' or image is null";
    assert_eq!(gw.db.count(stored).await, 0);
    let recorded = "select count(*) from auth.audit_events e where e::text like '%base64%'";
    assert_eq!(gw.db.count(recorded).await, 0);
}

#[tokio::test]
async fn what_is_replaced_or_taken_away_is_gone_unless_another_has_it() {
    let gw = TestGateway::start().await;
    let (alice, bob) = (gw.insert_user("alice", &[]).await, gw.insert_user("bob", &[]).await);
    let common = chosen(&gw, &alice, &png("common", 1000)).await;
    assert_eq!(chosen(&gw, &bob, &png("common", 1000)).await, common);
    let own = chosen(&gw, &alice, &png("alice", 1000)).await;
    assert_eq!((gw.anonymous().status(&common).await, gw.anonymous().status(&own).await), (200, 200));
    for image in [json!("https://x.example/b.png"), json!(data("image/png", &png("bob", 1000))), json!(null)] {
        assert_eq!(choose(&bob, &image).await.status(), 200);
        expect_problem(gw.anonymous().get(&common).send().await.unwrap(), 404, "AVATAR_NOT_FOUND").await;
    }
    assert_eq!(bob.session().await["user"]["image"], Value::Null);
    // Another name alone leaves the picture.
    assert_eq!(alice.auth("/update-user", &json!({ "name": "Alice" })).await.status(), 200);
    assert_eq!(gw.anonymous().status(&own).await, 200);
    assert_eq!(gw.db.count("select count(*) from auth.avatars").await, 1);
}

#[tokio::test]
async fn a_picture_goes_with_its_user_and_hides_with_a_ban() {
    let gw = TestGateway::start().await;
    let alice = gw.insert_user("alice", &[]).await;
    let path = chosen(&gw, &alice, &png("alice", 1000)).await;
    let tag = format!("\"{}\"", hex(&png("alice", 1000)));
    let known = async || {
        let response = gw.anonymous().get(&path).header("If-None-Match", &tag).send().await.unwrap();
        (gw.anonymous().status(&path).await, response.status().as_u16())
    };
    assert_eq!(known().await, (200, 304));
    gw.db.execute("update auth.users set banned_at = now()").await;
    assert_eq!(known().await, (404, 404));
    gw.db.execute("update auth.users set banned_at = null").await;
    assert_eq!(known().await, (200, 304));
    assert_eq!(alice.auth("/delete-user", &json!({})).await.status(), 200);
    assert_eq!(known().await, (404, 404));
    assert_eq!(gw.db.count("select count(*) from auth.avatars").await, 0);
}

/// While a former address can undo the deletion, the account is closed and not gone.
#[tokio::test]
async fn the_picture_of_a_closed_account_is_not_found() {
    let gw = TestGateway::start().await;
    let alice = gw.insert_user("alice", &[]).await;
    let path = chosen(&gw, &alice, &png("alice", 1000)).await;
    gw.db
        .execute(
            "insert into auth.email_changes (token_hash, user_id, old_email, new_email, changed_at, expires_at)
             select sha256('x'), id, 'former@example.com', email, now(), now() + interval '1 day' from auth.users",
        )
        .await;
    assert_eq!(alice.auth("/delete-user", &json!({})).await.status(), 200);
    assert_eq!(gw.db.count("select count(*) from auth.avatars").await, 1, "it may come back");
    expect_problem(gw.anonymous().get(&path).send().await.unwrap(), 404, "AVATAR_NOT_FOUND").await;
}

#[tokio::test]
async fn what_is_no_picture_of_its_type_is_refused_and_stores_nothing() {
    let gw = TestGateway::start().await;
    let alice = gw.insert_user("alice", &[]).await;
    let good = data("image/png", &png("a", 100));
    let html = "<!doctype html><script>alert(1)</script>";
    for image in [
        data("image/jpeg", &png("a", 100)),
        data("image/svg+xml", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"),
        data("image/png", html.as_bytes()),
        data("text/html", html.as_bytes()),
        data("image/PNG", &png("a", 100)),
        data("image/png;charset=utf-8", &png("a", 100)),
        "data:image/svg+xml;utf8,<svg/>".to_owned(),
        "data:image/png,x".to_owned(),
        "data:,x".to_owned(),
        format!("{good} "),
        format!(" {good}"),
        format!("{}\n{}", &good[..60], &good[60..]),
        format!("{good}AAAA"),
        "javascript:alert(1)".to_owned(),
        " javascript:alert(1)".to_owned(),
        "blob:https://x.example/1".to_owned(),
        format!("https://x.example/{}", "a".repeat(3000)),
    ] {
        let refused = expect_problem(choose(&alice, &json!(image)).await, 400, "VALIDATION_ERROR").await;
        assert!(refused.message.contains("[body.image]"), "{image:.80}: {}", refused.message);
    }
    assert_eq!(gw.db.count("select count(*) from auth.avatars").await, 0);
    assert_eq!(gw.db.count("select count(*) from auth.users where image is null").await, 1);
}

#[tokio::test]
async fn too_large_a_picture_is_413_with_words_for_people_and_other_bodies_keep_their_bound() {
    let gw = TestGateway::with(json!({ "auth": { "user": { "avatars": { "max_size": "100KiB" } } } })).await;
    let alice = gw.insert_user("alice", &[]).await;
    chosen(&gw, &alice, &png("alice", 100 * 1024)).await;
    for length in [100 * 1024 + 1, 130 * 1024, 1024 * 1024] {
        let refused = choose(&alice, &json!(data("image/png", &png("a", length)))).await;
        let refused = expect_problem(refused, 413, "AVATAR_TOO_LARGE").await;
        assert_eq!(refused.message, "The picture is too large: at most 100 KiB are stored", "{length}");
    }
    let body = json!({ "name": "bob", "email": "bob@example.com", "password": PASSWORD,
        "image": data("image/png", &png("b", 120 * 1024)) });
    for path in ["/sign-up/email", "/signup"] {
        expect_problem(gw.anonymous().auth(path, &body).await, 413, "AVATAR_TOO_LARGE").await;
    }
    // A long body without a picture is as bounded as ever: many small values take a multiple of their length.
    let many = json!({ "name": "a", "x": vec![0; 40_000] });
    expect_problem(alice.auth("/update-user", &many).await, 413, "PAYLOAD_TOO_LARGE").await;
    let long = json!({ "token": "x".repeat(70_000) });
    expect_problem(alice.auth("/update-user", &long).await, 413, "PAYLOAD_TOO_LARGE").await;
    expect_problem(alice.auth("/revoke-session", &long).await, 413, "PAYLOAD_TOO_LARGE").await;
    expect_problem(alice.auth("/update-user/x", &long).await, 413, "PAYLOAD_TOO_LARGE").await;
    assert_eq!(gw.db.count("select count(*) from auth.users").await, 1);
}

#[tokio::test]
async fn a_name_of_another_spelling_is_not_found() {
    let gw = TestGateway::start().await;
    let alice = gw.insert_user("alice", &[]).await;
    let content = png("alice", 1000);
    let path = chosen(&gw, &alice, &content).await;
    let hash = hex(&content);
    for file in [
        format!("{hash}.gif"),
        format!("{hash}.jpg"),
        format!("{hash}.svg"),
        hash.clone(),
        format!("{}.png", hash.to_uppercase()),
        format!("{hash}.PNG"),
        format!("{}.png", "0".repeat(64)),
        format!("{}.png", &hash[..62]),
        "%27%20or%201=1.png".to_owned(),
    ] {
        let response = gw.anonymous().get(&format!("{AUTH}/avatars/{file}")).send().await.unwrap();
        assert_eq!(
            (response.status().as_u16(), &response.headers()["cache-control"]),
            (404, &"no-store".parse().unwrap())
        );
    }
    let post = gw.anonymous().post(&path).send().await.unwrap();
    assert_eq!(post.status(), 404);
}

#[tokio::test]
async fn strangers_store_nothing_with_addresses_that_they_have_not_proved() {
    let gw = TestGateway::start().await;
    let content = png("alice", 100 * 1024);
    let body = json!({ "name": "alice", "email": "alice@example.com", "password": PASSWORD,
        "image": data("image/png", &content) });
    // A free address, and one that is taken: nothing tells them apart.
    for _ in 0..2 {
        let response = gw.anonymous().auth("/sign-up/email", &body).await;
        assert_eq!(response.status(), 200);
        assert_eq!(response.json::<Value>().await.unwrap()["user"]["image"], Value::Null);
        assert_eq!(gw.anonymous().status(&format!("{AUTH}/avatars/{}.png", hex(&content))).await, 404);
    }
    assert_eq!(gw.db.count("select count(*) from auth.avatars").await, 0);
}

#[tokio::test]
async fn where_addresses_need_no_proof_an_account_begins_with_its_picture() {
    let gw = TestGateway::with(json!({ "auth": { "email_verification": { "required": false } } })).await;
    let content = png("alice", 100 * 1024);
    let body = json!({ "name": "alice", "email": "alice@example.com", "password": PASSWORD,
        "image": data("image/png", &content) });
    let response = gw.anonymous().auth("/sign-up/email", &body).await;
    assert_eq!(response.status(), 200);
    let path = format!("{AUTH}/avatars/{}.png", hex(&content));
    let image = response.json::<Value>().await.unwrap()["user"]["image"].clone();
    assert_eq!(image, format!("{}{path}", gw.origin()));
    assert_eq!(gw.anonymous().status(&path).await, 200);
}

#[tokio::test]
async fn a_user_stores_so_many_pictures_and_an_address_ten_times_as_many_accounts() {
    let limits = json!({ "avatar": { "limit": 2, "window": "1h" }, "sign_up": { "limit": 1000, "window": "1h" } });
    let auth = json!({ "auth": { "rate_limits": limits, "email_verification": { "required": false } } });
    let gw = TestGateway::with(auth).await;
    let (alice, bob) = (gw.insert_user("alice", &[]).await, gw.insert_user("bob", &[]).await);
    for n in 0..2 {
        chosen(&gw, &alice, &png(&n.to_string(), 1000)).await;
    }
    let third = choose(&alice, &json!(data("image/png", &png("third", 1000)))).await;
    expect_problem(third, 429, "TOO_MANY_REQUESTS").await;
    chosen(&gw, &bob, &png("bob", 1000)).await;
    assert_eq!(choose(&alice, &json!("https://x.example/a.png")).await.status(), 200, "an address is no picture");
    let sign_up = async |n: usize, image: Value| {
        let email = format!("user{n}@example.com");
        let body = json!({ "name": "x", "email": email, "password": PASSWORD, "image": image });
        gw.anonymous().auth("/sign-up/email", &body).await.status().as_u16()
    };
    let picture = json!(data("image/png", &png("new", 1000)));
    for n in 0..20 {
        assert_eq!(sign_up(n, picture.clone()).await, 200, "{n}");
    }
    assert_eq!((sign_up(20, picture).await, sign_up(20, json!(null)).await), (429, 200));
}

/// Whatever the order, the image that is in force is the one that is stored.
#[tokio::test]
async fn changes_at_once_on_two_replicas_leave_one_picture_that_is_there() {
    let gw = TestGateway::start().await;
    let other = gw.replica().await;
    let alice = gw.insert_user("alice", &[]).await;
    let elsewhere = alice.at(&other);
    let changes = (0..12).map(|n| {
        let client = if n % 2 == 0 { alice.at(&gw) } else { elsewhere.clone() };
        async move {
            let image = match n % 4 {
                3 => json!(null),
                _ => json!(data("image/png", &png(&n.to_string(), 30_000))),
            };
            choose(&client, &image).await.status().as_u16()
        }
    });
    let statuses = futures_util::future::join_all(changes).await;
    assert!(statuses.iter().all(|status| *status == 200), "{statuses:?}");
    let consistent = "select count(*) from auth.users u left join auth.avatars a on a.user_id = u.id
        where case when a.hash is null then u.image is null
            else u.image like '%/api/auth/avatars/' || encode(a.hash, 'hex') || '.png' end";
    assert_eq!(gw.db.count(consistent).await, 1);
    if let Some(image) = alice.session().await["user"]["image"].as_str() {
        let path = image.split_once("/api/").unwrap().1;
        assert_eq!(other.anonymous().status(&format!("/api/{path}")).await, 200, "{image}");
    }
}

#[tokio::test]
async fn of_a_change_and_a_deletion_at_once_nothing_is_left() {
    let gw = TestGateway::start().await;
    let other = gw.replica().await;
    let nothing = json!({});
    for round in 0..3 {
        let alice = gw.insert_user(&format!("alice{round}"), &[]).await;
        let elsewhere = alice.at(&other);
        let picture = json!(data("image/png", &png("alice", 50_000)));
        let (changed, deleted) = tokio::join!(choose(&elsewhere, &picture), alice.auth("/delete-user", &nothing));
        assert!([200, 401].contains(&changed.status().as_u16()), "{}", changed.status());
        assert_eq!(deleted.status(), 200);
        assert_eq!(gw.db.count("select count(*) from auth.avatars").await, 0);
    }
}

#[tokio::test]
async fn announcing_a_picture_takes_nobodys_place() {
    let gw = TestGateway::start().await;
    let alice = gw.insert_user("alice", &[]).await;
    let announced = format!(
        "POST {AUTH}/update-user HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\
         Expect: 100-continue\r\n\r\n",
        gw.host()
    );
    let mut held = Vec::new();
    for _ in 0..20 {
        let mut connection = gw.raw().await;
        connection.send(announced.clone()).await;
        assert!(connection.piece().await.starts_with(b"HTTP/1.1 100"), "the body is waited for");
        held.push(connection);
    }
    chosen(&gw, &alice, &png("alice", 200 * 1024)).await;
}
