//! uvicorn with the example app.

use std::process::Command;

use serde_json::{Value, json};

use crate::harness::{
    free_port,
    process::Process,
    python::{environment, serve},
};

/// The running app. Ends with this value.
pub(crate) struct App {
    port: u16,
    _process: Process,
}

impl App {
    /// Tells where it is reached without the gateway.
    pub(crate) fn origin(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Its port on loopback.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// The gateway's configuration in front of it.
    pub(crate) fn config(&self) -> Value {
        json!({ "upstreams": { "api": { "servers": [self.origin()] } } })
    }
}

/// Starts it on a port of its own and waits until it answers.
pub(crate) async fn start() -> App {
    start_by(|port| {
        let python = environment("test-venv", "examples/fastapi/requirements.txt").join("bin/python");
        let mut command = Command::new(python);
        command
            .args(["-m", "uvicorn", "app:app", "--host", "127.0.0.1", "--log-level", "warning", "--port"])
            .arg(port.to_string());
        command
    })
    .await
}

/// The same with another command.
pub(crate) async fn start_by(command: impl Fn(u16) -> Command) -> App {
    let port = free_port();
    App { port, _process: serve(command(port), port, "examples/fastapi").await }
}
