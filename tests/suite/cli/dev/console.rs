//! Tests what `authgate dev` says: what a newcomer needs, each obstacle once with its remedy, colours for people only.

use serde_json::json;

use super::{Dev, command, workplace};
use crate::harness::{PASSWORD, Upstream, client::AUTH, eventually, process::Process, upstream::Reply};

#[tokio::test]
async fn what_stands_in_the_way_is_told_once_with_its_remedy() {
    let upstream = Upstream::start().await;
    let document = json!({ "paths": { "/api/auth/me": {}, "/api/authors": {}, "/items": {} } });
    upstream.reply("/openapi.json", Reply::text(&document.to_string()));
    let dev = Dev::start(&upstream, workplace()).await;
    let body = json!({ "email": "nobody@example.com", "password": PASSWORD });
    for _ in 0..3 {
        for origin in ["https://phone.example", "null", "http://localhost:5173"] {
            let request = dev.client.post(&format!("{AUTH}/sign-in/email")).header("Origin", origin);
            request.json(&body).send().await.unwrap();
            let preflight = dev.client.request(http::Method::OPTIONS, "/items").header("Origin", origin);
            preflight.header("Access-Control-Request-Method", "POST").send().await.unwrap();
        }
        let request = dev.client.get("/items").header("Host", "tunnel.example");
        assert_eq!(request.send().await.unwrap().status(), 421);
    }
    let notices = eventually("all notices", async || {
        let output = dev.process.output();
        let notices: Vec<String> =
            output.lines().filter(|line| line.starts_with("note: ")).map(str::to_owned).collect();
        (notices.len() >= 4).then_some(notices)
    })
    .await;
    for (value, remedy) in [
        ("https://phone.example", "--trusted-origin https://phone.example"),
        ("null", "a development server of this machine"),
        ("tunnel.example", "server.hosts"),
        ("/api/auth/me,", "auth.base_path"),
    ] {
        let told: Vec<_> = notices.iter().filter(|notice| notice.contains(value)).collect();
        assert_eq!(told.len(), 1, "{value}: {notices:?}");
        assert!(told[0].contains(remedy), "{told:?}");
    }
    assert_eq!(notices.len(), 4, "{notices:?}");
    let output = dev.process.output();
    assert!(!output.contains("an origin was refused"), "{output}");
    assert!(!output.contains('\u{1b}'), "no terminal, no colours: {output}");
    dev.stop().await;
}

#[tokio::test]
async fn colours_are_for_those_who_want_them() {
    let banner = async |variables: &[(&str, &str)]| {
        let directory = workplace();
        let mut command = command(directory.path());
        command.args(["--listen", "127.0.0.1:0", "--upstream", "http://127.0.0.1:1"]);
        command.envs(variables.iter().copied());
        let mut process = Process::spawn(command);
        let output = eventually("the banner", async || {
            assert!(process.exited().is_none(), "it ended:\n{}", process.output());
            Some(process.output()).filter(|output| output.contains("Ctrl-C"))
        })
        .await;
        process.signal(nix::sys::signal::Signal::SIGINT);
        process.ended().await;
        output
    };
    // Wanted as on a terminal.
    let coloured = banner(&[("CLICOLOR_FORCE", "1")]).await;
    assert!(coloured.contains('\u{1b}'), "{coloured}");
    let plain = banner(&[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]).await;
    assert!(!plain.contains('\u{1b}'), "{plain}");
    for told in ["does not answer yet", "apple, dev, github, google", "pretend", "/__dev/mail", "/sign-up/email"] {
        assert!(plain.contains(told), "{told} in {plain}");
    }
}
