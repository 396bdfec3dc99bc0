//! Every endpoint that is told where to send people, each against the whole corpus of REDIR-03. A new endpoint is one
//! line in [`ENDPOINTS`] or, where it needs a session, in [`SIGNED_IN`].

mod password;
mod sign_in;

use http::Method;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::harness::{Client, PASSWORD, TestGateway, client::AUTH};

/// Says how an endpoint takes its target.
#[derive(Clone, Copy)]
enum Carrier {
    Json,
    Form,
    Query,
}

/// Says what becomes of a target that leads elsewhere.
#[derive(Clone, Copy)]
enum Fate {
    /// 403 with this code, as the contract has it (§6.3).
    Refused(&'static str),
    /// 403 with a page for people.
    RefusedByPage,
    /// The target is left out and the rest is done.
    LeftOut,
}

use Carrier::{Form, Json, Query};
use Fate::{LeftOut, Refused, RefusedByPage};

/// Path, carrier, the target's field, the other fields (separated by `&`), fate.
type Endpoint = (&'static str, Carrier, &'static str, &'static str, Fate);

const CALLBACK: Fate = Refused("INVALID_CALLBACK_URL");
const NEW: &str = "name=New&email=new@example.com&password=correct horse battery staple";
const KNOWN: &str = "email=alice@example.com&password=correct horse battery staple";
const ALICE: &str = "email=alice@example.com";
const PROVIDER: &str = "provider=acme";
const TOKEN: &str = "token=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

const ENDPOINTS: &[Endpoint] = &[
    ("/sign-up/email", Json, "callbackURL", NEW, CALLBACK),
    ("/signup", Json, "callbackURL", NEW, CALLBACK),
    ("/sign-in/email", Json, "callbackURL", KNOWN, CALLBACK),
    ("/signin", Json, "callbackURL", KNOWN, CALLBACK),
    ("/sign-in/social", Json, "callbackURL", PROVIDER, CALLBACK),
    ("/sign-in/social", Json, "errorCallbackURL", PROVIDER, Refused("INVALID_ERROR_CALLBACK_URL")),
    ("/sign-in/social", Json, "newUserCallbackURL", PROVIDER, Refused("INVALID_NEW_USER_CALLBACK_URL")),
    ("/send-verification-email", Json, "callbackURL", ALICE, CALLBACK),
    ("/verify-email", Query, "callbackURL", TOKEN, CALLBACK),
    ("/verify-email/confirm", Query, "callbackURL", TOKEN, RefusedByPage),
    ("/verify-email/confirm", Form, "callbackURL", TOKEN, RefusedByPage),
    ("/verify-email/resend", Form, "callbackURL", ALICE, LeftOut),
    ("/request-password-reset", Json, "redirectTo", ALICE, Refused("INVALID_REDIRECT_URL")),
    ("/reset-password/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", Query, "callbackURL", "", CALLBACK),
];

const SIGNED_IN: &[Endpoint] = &[
    ("/link-social", Json, "callbackURL", PROVIDER, CALLBACK),
    ("/link-social", Json, "errorCallbackURL", PROVIDER, Refused("INVALID_ERROR_CALLBACK_URL")),
    ("/change-email", Json, "callbackURL", "newEmail=other@example.com", CALLBACK),
    ("/delete-user", Json, "callbackURL", TOKEN, CALLBACK),
    ("/delete-user/callback", Query, "callbackURL", TOKEN, CALLBACK),
    ("/delete-user/confirm", Query, "callbackURL", TOKEN, RefusedByPage),
    ("/delete-user/confirm", Form, "callbackURL", TOKEN, RefusedByPage),
];

/// Targets that lead elsewhere, or could in some reader's eyes. `{gw}` is the gateway's host with its port.
const CORPUS: &[&str] = &[
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "\\/evil.example",
    "https:evil.example",
    "https:/evil.example",
    "https:///evil.example",
    "https://evil.example",
    "http://{gw}@evil.example",
    "http://{gw}:80@evil.example",
    "http://user@{gw}/",
    "http://{gw}.evil.example",
    "http://evil.example?{gw}",
    "http://evil.example#{gw}",
    "http://evil.example\\@{gw}",
    "http:{gw}",
    "https://{gw}",
    "javascript:alert(1)//evil.example",
    "JaVaScRiPt://{gw}/%0aalert(1)",
    "data:text/html,evil.example",
    "vbscript:evil.example",
    "file:///evil.example",
    "/%0d%0aX: evil.example",
    "/%0D%0aSet-Cookie:a=evil.example",
    "/%09/evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "/%5cevil.example",
    "/%2fevil.example",
    "/.//evil.example",
    "/x/..//evil.example",
    " //evil.example",
    "\t//evil.example",
    "http://[::]@evil.example",
    "http://localhost\u{ff0e}evil.example",
    "http://\u{ff45}vil.example",
    "http://evil\u{3002}example",
    "http://xn--evil-.example",
    "http://LOCALHOST%2eevil.example",
    "evil.example",
    "?evil.example",
];

async fn send(client: &Client, endpoint: &Endpoint, target: &str, from: String) -> reqwest::Response {
    let (path, carrier, field, others, _) = *endpoint;
    let path = format!("{AUTH}{path}");
    let mut fields: Vec<(&str, &str)> = others.split('&').filter_map(|pair| pair.split_once('=')).collect();
    fields.push((field, target));
    let encoded = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&fields).finish();
    let request = match carrier {
        Json => client.post(&path).json(&fields.iter().copied().collect::<std::collections::BTreeMap<_, _>>()),
        Form => client.post(&path).header("Content-Type", "application/x-www-form-urlencoded").body(encoded),
        Query => client.request(Method::GET, &format!("{path}?{encoded}")),
    };
    request.header("X-Forwarded-For", from).send().await.unwrap()
}

/// Believes `X-Forwarded-For`, so that no limit on one client's attempts ends the test.
async fn gateway() -> TestGateway {
    TestGateway::with(json!({ "server": { "trusted_proxies": ["127.0.0.1/32"] } })).await
}

/// Every endpoint with somebody who may call it.
async fn callers(gw: &TestGateway) -> Vec<(Client, &'static Endpoint)> {
    let mut callers: Vec<_> = ENDPOINTS.iter().map(|endpoint| (gw.anonymous(), endpoint)).collect();
    for (n, endpoint) in SIGNED_IN.iter().enumerate() {
        callers.push((gw.insert_user(&format!("user-{n}"), &[]).await.bearer(), endpoint));
    }
    callers
}

#[tokio::test]
async fn no_endpoint_leads_to_another_site() {
    let gw = gateway().await;
    gw.sign_up("alice").await;
    let mut tasks = JoinSet::new();
    for (n, (client, endpoint)) in callers(&gw).await.into_iter().enumerate() {
        let host = gw.host().to_owned();
        tasks.spawn(async move {
            for (m, target) in CORPUS.iter().enumerate() {
                let target = target.replace("{gw}", &host);
                let what = format!("{} {target:?}", endpoint.0);
                let response = send(&client, endpoint, &target, format!("198.51.{n}.{m}")).await;
                let status = response.status().as_u16();
                for name in ["location", "refresh", "set-cookie", "x"] {
                    assert!(!response.headers().contains_key(name), "{what}: {name}");
                }
                let body = response.text().await.unwrap();
                assert!(!body.contains("evil"), "{what}: {body}");
                match endpoint.4 {
                    Refused(code) => {
                        let body: Value = serde_json::from_str(&body).unwrap();
                        assert_eq!((status, &body["code"]), (403, &json!(code)), "{what}");
                    }
                    RefusedByPage => assert_eq!(status, 403, "{what}"),
                    LeftOut => assert_eq!(status, 200, "{what}"),
                }
            }
        });
    }
    tasks.join_all().await;
    gw.eventually_counts(0, "select count(*) from auth.mail_outbox").await;
    for mail in gw.mail.all() {
        assert!(!mail.raw.contains("evil"), "{}", mail.raw);
    }
    let known = i64::try_from(SIGNED_IN.len()).unwrap();
    assert_eq!(gw.db.count("select count(*) from auth.users").await, known + 1, "a refused sign-up makes nobody");
    assert_eq!(gw.db.count("select count(*) from auth.sessions").await, known);
}

#[tokio::test]
async fn targets_are_texts() {
    let gw = gateway().await;
    for (client, (path, carrier, field, others, _)) in callers(&gw).await {
        match carrier {
            Json => {
                for target in [json!(7), json!(["/x"]), json!({ "href": "/x" }), json!(true)] {
                    let mut body: Value = others.split('&').filter_map(|pair| pair.split_once('=')).collect();
                    body[*field] = target.clone();
                    assert_eq!(client.auth(path, &body).await.status(), 400, "{path} {target}");
                }
            }
            Query => {
                let path = format!("{AUTH}{path}?{others}&{field}=/a&{field}=//evil.example");
                let response = client.get(&path).send().await.unwrap();
                assert!(!response.headers().contains_key("location"), "{path}");
                let status = response.status();
                assert!(status.is_client_error() || status == 200, "{path}: {status}");
                assert!(!response.text().await.unwrap().contains("evil"), "{path}");
            }
            Form => {}
        }
    }
}

/// Where nothing is wrong with the target, it is not in the way.
#[tokio::test]
async fn targets_of_our_own_are_taken_everywhere() {
    let gw = gateway().await;
    gw.verified_user("alice").await;
    for (n, (client, endpoint)) in callers(&gw).await.into_iter().enumerate() {
        for (m, target) in ["/after?x=1#top".to_owned(), format!("{}/after", gw.origin())].iter().enumerate() {
            let response = send(&client, endpoint, target, format!("198.51.{n}.{m}")).await;
            let status = response.status().as_u16();
            if let Some(location) = response.headers().get("location") {
                let location = location.to_str().unwrap();
                let is_own = location.starts_with("/after") || location.starts_with(&format!("{}/after", gw.origin()));
                assert!(is_own, "{} {target}: {location}", endpoint.0);
            }
            assert_ne!(status, 403, "{} {target}: {}", endpoint.0, response.text().await.unwrap());
        }
    }
    assert_eq!(gw.sign_in("alice@example.com").await.status("/items").await, 200, "{PASSWORD} is what KNOWN has");
}

/// Who opens a page without a session is sent to sign in, and nothing of the request but path and query comes along
/// (REDIR-05).
#[tokio::test]
async fn signing_in_first_leads_back_to_a_path_of_our_own() {
    let gw = TestGateway::with(json!({ "auth": { "sign_in_page": "/public/sign-in" } })).await;
    let open = async |target: &str, lines: &str| {
        let answer = gw.raw().await.send(gw.get_bytes(target, lines)).await.response().await.unwrap();
        (answer.status, answer.field("Location").map(str::to_owned))
    };
    let page = "Accept: text/html\r\n";
    let absolute = format!("http://{}/items?a=1", gw.host());
    for (target, back) in [
        ("/items", "/items"),
        ("/items?a=1&b=http://evil.example", "/items?a=1&b=http://evil.example"),
        (absolute.as_str(), "/items?a=1"),
        ("/items?%0d%0aX:y", "/items?%0d%0aX:y"),
    ] {
        let (status, location) = open(target, page).await;
        let location = location.unwrap_or_default();
        let back = url::form_urlencoded::Serializer::new(String::new()).append_pair("callbackURL", back).finish();
        let (_, query) = location.split_once('?').unwrap();
        let same = |text: &str| url::form_urlencoded::parse(text.as_bytes()).into_owned().collect::<Vec<_>>();
        assert!(location.starts_with("/public/sign-in?"), "{target}: {location}");
        assert_eq!((status, same(query)), (302, same(&back)), "{target}: {location}");
    }
    for (target, lines) in [
        ("/items", "Accept: application/json\r\n".to_owned()),
        ("/items", format!("{page}Sec-Fetch-Mode: cors\r\n")),
        ("//evil.example", page.to_owned()),
        ("/\\evil.example", page.to_owned()),
        ("http://evil.example/items", page.to_owned()),
    ] {
        let (status, location) = open(target, &lines).await;
        assert!((400..500).contains(&status) && location.is_none(), "{target} {lines:?}: {status} {location:?}");
    }
    let posted = gw.anonymous().post("/items").header("Accept", "text/html").send().await.unwrap();
    assert_eq!(posted.status(), 401);
}
