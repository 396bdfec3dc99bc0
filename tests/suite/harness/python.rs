//! Python programs, in virtual environments that are made once and kept in the target directory.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::Command,
};

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

fn run(command: &mut Command) {
    let output = command.output().expect("python3 is installed");
    assert!(output.status.success(), "{command:?} failed:\n{}", String::from_utf8_lossy(&output.stderr));
}
