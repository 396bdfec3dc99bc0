//! The unit, and the notifications that it waits for.

use std::{os::unix::net::UnixDatagram, path::Path, process::Command, time::Duration};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};

use super::read;
use crate::harness::{TestGateway, eventually, process::PATIENCE};

const UNIT: &str = "examples/systemd/authgate.service";

/// Ends a process that is not our child, when the test does.
struct Ends(u32);

impl Drop for Ends {
    fn drop(&mut self) {
        let _ = kill(Pid::from_raw(self.0.try_into().unwrap_or(i32::MAX)), Signal::SIGKILL);
    }
}

#[test]
fn the_unit_waits_for_readiness_and_gives_no_more_rights_than_needed() {
    let unit = read(UNIT);
    let settings: Vec<&str> = unit.lines().filter(|line| !line.starts_with('#')).collect();
    for setting in [
        "Type=notify",
        "NotifyAccess=all",
        "ExecStart=/usr/local/bin/authgate serve --config /etc/authgate/gateway.yaml",
        "ExecReload=/bin/kill -HUP $MAINPID",
        // The exit code of a mistake in the configuration (tests/suite/config).
        "RestartPreventExitStatus=2",
        "User=authgate",
        "NoNewPrivileges=yes",
        "ProtectSystem=strict",
        "ProtectHome=yes",
        "PrivateTmp=yes",
        "PrivateDevices=yes",
        "CapabilityBoundingSet=CAP_NET_BIND_SERVICE",
        // Notifications are sent over AF_UNIX, and PostgreSQL may be reached by it.
        "RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX",
        "MemoryDenyWriteExecute=yes",
        "SystemCallFilter=@system-service",
    ] {
        assert!(settings.contains(&setting), "{setting}");
    }
}

/// Where systemd is installed. It looks for the program, so that one which is there stands in.
#[test]
fn systemd_understands_the_unit() {
    let directory = tempfile::TempDir::with_prefix("authgate-unit-").unwrap();
    let path = directory.path().join("authgate.service");
    std::fs::write(&path, read(UNIT).replace("/usr/local/bin/authgate", env!("CARGO_BIN_EXE_authgate"))).unwrap();
    let Ok(output) = Command::new("systemd-analyze").args(["verify", "--man=no"]).arg(&path).output() else {
        eprintln!("skipped: systemd-analyze is not installed");
        return;
    };
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && !said.contains("authgate.service"), "{said}");
}

/// Returns what arrives next, as its lines.
async fn next(socket: &UnixDatagram) -> Vec<String> {
    let mut bytes = [0; 1024];
    let length = eventually("a notification", async || socket.recv(&mut bytes).ok()).await;
    String::from_utf8_lossy(&bytes[..length]).lines().map(str::to_owned).collect()
}

fn bound(path: &Path) -> UnixDatagram {
    let socket = UnixDatagram::bind(path).unwrap();
    socket.set_read_timeout(Some(Duration::from_millis(1))).unwrap();
    socket
}

#[tokio::test]
async fn systemd_is_told_of_readiness_and_after_an_upgrade_of_the_new_process() {
    let mut gw = TestGateway::start().await;
    let path = gw.directory.path().join("notify");
    let socket = bound(&path);
    gw.restart(|command| {
        command.env("NOTIFY_SOCKET", &path);
    })
    .await;
    let told = next(&socket).await;
    assert!(told.contains(&"READY=1".to_owned()), "{told:?}");
    assert!(told.contains(&format!("MAINPID={}", gw.process.id())), "{told:?}");

    gw.process.signal(Signal::SIGUSR2);
    let told = next(&socket).await;
    let new = told.iter().find_map(|line| line.strip_prefix("MAINPID=")?.parse().ok());
    let new = Ends(new.unwrap_or_else(|| panic!("{told:?}")));
    assert_ne!(new.0, gw.process.id());
    assert!(told.contains(&"READY=1".to_owned()), "{told:?}");
    let former = tokio::time::timeout(PATIENCE, gw.process.ended_by_itself()).await.unwrap();
    assert_eq!(former.code(), Some(0));
    assert_eq!(gw.anonymous().status("/public/x").await, 200);
}
