//! Python programs, in virtual environments that are made once and kept in the target directory.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::Command,
};

use super::{Client, eventually, process::Process};

/// The virtual environment with just the versions that a requirements file of the repository asks for.
pub(crate) fn environment(name: &str, requirements: &str) -> PathBuf {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("it is below the target directory");
    let lock = File::create(target.join(format!("{name}.lock"))).expect("a lock file can be made");
    lock.lock().expect("a lock file can be locked");
    let directory = target.join(name);
    let requirements = Path::new(env!("CARGO_MANIFEST_DIR")).join(requirements);
    let wanted = fs::read(&requirements).expect("there is such a file");
    // Written last, so it stands for a finished installation.
    let installed = directory.join("installed.txt");
    if fs::read(&installed).ok().as_ref() != Some(&wanted) {
        let _ = fs::remove_dir_all(&directory);
        run(Command::new("python3").args(["-m", "venv"]).arg(&directory));
        run(Command::new(directory.join("bin/python"))
            .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input", "-r"])
            .arg(requirements));
        fs::write(installed, wanted).expect("a file can be written");
    }
    directory
}

/// Starts an application that a command serves on this port of loopback, and waits until its `/health` answers.
pub(crate) async fn serve(mut command: Command, port: u16, folder: &str) -> Process {
    command.env("PYTHONDONTWRITEBYTECODE", "1").current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(folder));
    let mut process = Process::spawn(command);
    let client = Client::new(&format!("http://127.0.0.1:{port}"), port);
    eventually("the application to answer", async || {
        assert!(process.exited().is_none(), "it ended:\n{}", process.output());
        client.get("/health").send().await.ok().map(drop)
    })
    .await;
    process
}

fn run(command: &mut Command) {
    let output = command.output().expect("python3 is installed");
    assert!(output.status.success(), "{command:?} failed:\n{}", String::from_utf8_lossy(&output.stderr));
}
