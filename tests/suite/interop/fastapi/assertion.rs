//! The example that verifies assertions by itself, with those that the real gateway signs.

use std::process::Command;

use serde_json::{Value, json};

use super::app::{self, App};
use crate::harness::{Client, TestGateway, gateway::merge, python::environment};

/// A backend that takes assertions of this gateway, for the audience `api`. Its clock is ahead by so many seconds.
async fn backend(gw: &TestGateway, ahead: u32) -> App {
    // The library asks for the time by this name.
    let program = "import datetime, sys, jwt, uvicorn
class Ahead(datetime.datetime):
    @classmethod
    def now(cls, tz=None):
        return datetime.datetime.now(tz) + datetime.timedelta(seconds=int(sys.argv[2]))
jwt.api_jwt.datetime = Ahead
uvicorn.run('assertion:app', host='127.0.0.1', port=int(sys.argv[1]), log_level='warning')";
    app::start_by(|port| {
        let python = environment("assertion-venv", "examples/fastapi/requirements-assertion.txt").join("bin/python");
        let mut command = Command::new(python);
        command.args(["-c", program, &port.to_string(), &ahead.to_string()]);
        command.env("AUTHGATE_PUBLIC_URL", gw.origin());
        command.env("AUTHGATE_KEYS_URL", format!("{}/api/auth/jwks", gw.origin()));
        command.env("NO_PROXY", "127.0.0.1,localhost");
        command
    })
    .await
}

async fn gateway(further: Value) -> TestGateway {
    let mut config = json!({ "identity": { "assertion": {} } });
    merge(&mut config, &further);
    TestGateway::with(config).await
}

async fn status(app: &App, token: &str) -> u16 {
    let client = Client::new(&app.origin(), app.port());
    client.get("/signed/whoami").header("X-Identity-Assertion", token).send().await.unwrap().status().as_u16()
}

#[tokio::test]
async fn the_app_takes_what_was_signed_for_it_and_nothing_else() {
    let gw = gateway(json!({})).await;
    let app = backend(&gw, 0).await;
    let token = assertion(&gw).await;
    let client = Client::new(&app.origin(), app.port());
    let answer = client.get("/signed/whoami").header("X-Identity-Assertion", &token).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    let seen: Value = answer.json().await.unwrap();
    assert_eq!((&seen["name"], &seen["roles"], &seen["aud"]), (&json!("Zo\u{eb}"), &json!(["ops"]), &json!("api")));

    assert_eq!(status(&app, "").await, 401);
    let [header, claims, signature] = token.split('.').collect::<Vec<_>>()[..] else { panic!("three parts") };
    assert_eq!(status(&app, &format!("{header}.{}.{signature}", claims.replacen('e', "f", 1))).await, 401);
}

#[tokio::test]
async fn what_was_signed_for_another_audience_or_by_another_key_is_refused() {
    let gw = gateway(json!({})).await;
    let app = backend(&gw, 0).await;
    let public_url = gw.origin().to_owned();
    // The same issuer, so that nothing else is wrong with them.
    let server = json!({ "public_url": public_url });
    let files = gateway(json!({ "server": server, "upstreams": { "api": { "audience": "files" } } })).await;
    let token = assertion(&files).await;
    assert_eq!(status(&app, &token).await, 401, "for another audience");

    let mut foreign = gateway(json!({ "server": server })).await;
    assert_eq!(status(&app, &assertion(&foreign).await).await, 200, "the same secret, the same key");
    foreign
        .restart(|command| {
            command.env("AUTHGATE_SECRET", "another-suite-secret-another-suite-secret-987654");
        })
        .await;
    assert_eq!(status(&app, &assertion(&foreign).await).await, 401, "another secret, another key");
}

#[tokio::test]
async fn what_has_expired_is_refused() {
    let gw = gateway(json!({})).await;
    let (app, later) = (backend(&gw, 0).await, backend(&gw, 66).await);
    let token = assertion(&gw).await;
    assert_eq!((status(&app, &token).await, status(&later, &token).await), (200, 401));
}

/// Returns what a gateway signs for a user of its own, by whatever public URL it goes.
async fn assertion(gw: &TestGateway) -> String {
    gw.db.execute("delete from auth.users").await;
    let alice = gw.insert_user("Zo\u{eb}", &["ops"]).await;
    let request = gw.get_bytes("/items", &format!("Authorization: Bearer {}\r\n", alice.token));
    assert_eq!(gw.raw().await.send(request).await.response().await.unwrap().status, 200);
    gw.upstream.last().field("X-Identity-Assertion").expect("it is signed").to_owned()
}
