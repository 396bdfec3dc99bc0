//! uvicorn with the example app.

use std::process::Command;

use serde_json::{Value, json};

use crate::harness::{Client, eventually, free_port, process::Process, python::environment};

/// The running app. Ends with this value.
pub(super) struct App {
    port: u16,
    _process: Process,
}

impl App {
    /// The gateway's configuration in front of it.
    pub(super) fn config(&self) -> Value {
        json!({ "upstreams": { "api": { "servers": [format!("http://127.0.0.1:{}", self.port)] } } })
    }
}

/// Starts it on a port of its own and waits until it answers.
pub(super) async fn start() -> App {
    let python = environment("test-venv", "examples/fastapi/requirements.txt").join("bin/python");
    let port = free_port();
    let mut command = Command::new(python);
    command
        .args(["-m", "uvicorn", "app:app", "--host", "127.0.0.1", "--log-level", "warning", "--port"])
        .arg(port.to_string())
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/fastapi"));
    let mut process = Process::spawn(command);
    let client = Client::new(&format!("http://127.0.0.1:{port}"), port);
    eventually("the example app to answer", async || {
        assert!(process.exited().is_none(), "it ended:\n{}", process.output());
        (client.get("/health").send().await.ok()?.status() == 200).then_some(())
    })
    .await;
    App { port, _process: process }
}
