//! Prints what `authgate dev` says to the person who started it.

use std::{
    io::{self, Write},
    path::PathBuf,
    time::Duration,
};

use tokio::{
    net::{TcpStream, UnixStream},
    time::timeout,
};

use crate::{app::Addresses, proxy};

/// Bounds the probe: a backend on this machine responds in far less.
const PROBE_TIMEOUT: Duration = Duration::from_millis(500);

/// Tells what is running and where to click.
pub(crate) struct Banner {
    pub(crate) public_url: String,
    pub(crate) base_path: String,
    pub(crate) upstream: String,
    pub(crate) upstream_answers: bool,
    pub(crate) mail: String,
    pub(crate) database: String,
    pub(crate) data_dir: PathBuf,
}

impl Banner {
    pub(crate) fn render(&self, addresses: &Addresses) -> String {
        let Self { public_url, base_path, upstream, mail, database, .. } = self;
        let (version, ops, data) = (env!("CARGO_PKG_VERSION"), addresses.ops, self.data_dir.display());
        let state = if self.upstream_answers { "answers" } else { "does not answer yet: start your app there" };
        format!(
            r#"
AuthGate {version}, for development

  AuthGate   {public_url}
  your app   {upstream} ({state})
  mail       {mail}
  ops        http://{ops}/readyz, http://{ops}/metrics
  database   {database}
  data       {data} (delete it to start afresh)

  /public/** is open to all, /optional/** too but tells who asks, /admin/** is for the role admin,
  everything else needs a session. Sign up, then open the link on the mail page:

  curl {public_url}{base_path}/sign-up/email -H 'content-type: application/json' \
    -d '{{"name":"Ada","email":"ada@example.com","password":"correct horse battery"}}'

Ctrl-C stops everything.
"#
        )
    }
}

/// Writes a line for the person. Where standard output is gone, nobody is reading.
pub(crate) fn print_line(text: &str) {
    let _ = writeln!(io::stdout(), "{text}");
}

/// Returns whether somebody listens at the upstream.
pub(crate) async fn answers(settings: &proxy::Settings) -> bool {
    let Some(server) = settings.upstreams.first().and_then(|upstream| upstream.servers.first()) else { return false };
    match &server.address {
        proxy::ServerAddress::Tcp { host, port } => {
            matches!(timeout(PROBE_TIMEOUT, TcpStream::connect((host.as_str(), *port))).await, Ok(Ok(_)))
        }
        proxy::ServerAddress::Unix(path) => {
            matches!(timeout(PROBE_TIMEOUT, UnixStream::connect(path)).await, Ok(Ok(_)))
        }
    }
}
