//! Knows how this process was started, and by whom.

use std::{env, io, net::TcpListener, path::PathBuf};

use anyhow::Context;
use listenfd::ListenFd;

use crate::app::{self, Invocation};

/// Returns what the process that this one replaces, or systemd, handed over.
pub(crate) fn listeners_from_environment() -> anyhow::Result<Vec<TcpListener>> {
    let mut given = ListenFd::from_env();
    let taken = (0..given.len()).map(|index| given.take_tcp_listener(index));
    let listeners = taken.filter_map(Result::transpose).collect::<io::Result<Vec<_>>>();
    listeners.context("LISTEN_FDS holds what is no listening socket")
}

/// Returns the program and its arguments, for a process that will take this one's place.
pub(crate) fn invocation() -> anyhow::Result<Invocation> {
    // The program is named as it was called, since links may lead elsewhere by the time that it is called again.
    let called = env::args_os().next().map(PathBuf::from).filter(|path| path.components().count() > 1);
    let program = match called {
        Some(path) => std::path::absolute(path),
        None => env::current_exe(),
    };
    Ok(Invocation {
        program: program.context("where this program is cannot be found out")?,
        arguments: env::args_os().skip(1).collect(),
        replaces: env::var(app::REPLACES).ok().and_then(|pid| pid.parse().ok()),
    })
}
