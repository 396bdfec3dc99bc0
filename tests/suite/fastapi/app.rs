//! uvicorn with the example app, in a virtual environment that is made once.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::{Value, json};

use crate::harness::{Client, eventually, free_port, process::Process};

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
    let python = environment().join("bin/python");
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

/// The virtual environment with just the versions that the example asks for.
fn environment() -> PathBuf {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("it is below the target directory");
    let lock = File::create(target.join("test-venv.lock")).expect("a lock file can be made");
    lock.lock().expect("a lock file can be locked");
    let directory = target.join("test-venv");
    let requirements = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/fastapi/requirements.txt");
    let wanted = fs::read(requirements).expect("the example has its requirements");
    // Written last, so it stands for a finished installation.
    let installed = directory.join("installed.txt");
    if fs::read(&installed).ok().as_ref() != Some(&wanted) {
        let _ = fs::remove_dir_all(&directory);
        run(Command::new("python3").args(["-m", "venv"]).arg(&directory));
        run(Command::new(directory.join("bin/python")).args([
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--no-input",
            "-r",
            requirements,
        ]));
        fs::write(installed, wanted).expect("a file can be written");
    }
    directory
}

fn run(command: &mut Command) {
    let output = command.output().expect("python3 is installed");
    assert!(output.status.success(), "{command:?} failed:\n{}", String::from_utf8_lossy(&output.stderr));
}
