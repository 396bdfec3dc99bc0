//! Tells what is running and where to click, when `authgate dev` is ready.

use std::{path::PathBuf, time::Duration};

use tokio::{
    net::{TcpStream, UnixStream},
    time::timeout,
};

use crate::{
    app::Addresses,
    dev::console::{FAINT, GOOD, LINK, STRONG, WARNING, styled},
    proxy,
};

/// Bounds the probe: a backend on this machine responds in far less.
const PROBE_TIMEOUT: Duration = Duration::from_millis(500);

/// Holds what there is to tell.
pub(crate) struct Banner {
    pub(crate) public_url: String,
    pub(crate) base_path: String,
    /// Everybody may sign up.
    pub(crate) is_sign_up_open: bool,
    /// Is none for the built-in configuration.
    pub(crate) config: Option<PathBuf>,
    pub(crate) upstreams: Vec<Probed>,
    pub(crate) mail: String,
    pub(crate) providers: Vec<String>,
    /// Holds address and password of the ready-made administrator.
    pub(crate) administrator: Option<(&'static str, &'static str)>,
    pub(crate) database: String,
    pub(crate) data_dir: PathBuf,
}

/// Is a server of an upstream, with whether somebody listens there.
#[derive(Debug, Clone)]
pub(crate) struct Probed {
    pub(crate) url: String,
    pub(crate) is_reachable: bool,
}

impl Banner {
    pub(crate) fn render(&self, addresses: &Addresses) -> String {
        let heading = styled(STRONG, concat!("AuthGate ", env!("CARGO_PKG_VERSION"), ", for development"));
        let stop = styled(FAINT, "Ctrl-C stops everything.");
        let rows: Vec<String> =
            self.rows(addresses).iter().map(|(name, text)| format!("  {name:<10} {text}")).collect();
        format!("\n{heading}\n\n{}\n\n{}\n{stop}\n", rows.join("\n"), self.next_steps())
    }

    fn rows(&self, addresses: &Addresses) -> Vec<(&'static str, String)> {
        let explained =
            |text: &str, explanation: &str| format!("{text} {}", styled(FAINT, &format!("({explanation})")));
        let mut rows = vec![
            ("open", explained(&styled(LINK, &format!("{}/__dev", self.public_url)), "a way through all of it")),
            ("gateway", styled(LINK, &self.public_url)),
        ];
        for Probed { url, is_reachable } in &self.upstreams {
            let (style, state) = if *is_reachable {
                (GOOD, "answers")
            } else {
                (WARNING, "does not answer yet: start your app there, or name another place with --upstream")
            };
            rows.push(("your app", format!("{url} {}", styled(style, &format!("({state})")))));
        }
        rows.push(("mail", explained(&styled(LINK, &self.mail), "nothing is sent: its links are here")));
        if !self.providers.is_empty() {
            let names = self.providers.join(", ");
            rows.push(("providers", explained(&names, "pretend: no accounts needed, you choose who to be")));
        }
        if let Some((email, password)) = self.administrator {
            rows.push(("admin", explained(&format!("{email}, password \"{password}\""), "a ready-made administrator")));
        }
        match &self.config {
            Some(file) => {
                let explanation = "but for its server, database, secret, mail.transport, log and providers";
                rows.push(("config", explained(&file.display().to_string(), explanation)));
            }
            None => rows.push(("config", explained("built in", "--config gateway.yaml takes yours"))),
        }
        rows.push(("ops", format!("http://{ops}/readyz, http://{ops}/metrics", ops = addresses.ops)));
        rows.push(("database", self.database.clone()));
        rows.push(("data", explained(&self.data_dir.display().to_string(), "delete it to start afresh")));
        rows
    }

    fn next_steps(&self) -> String {
        let Self { public_url, base_path, .. } = self;
        let routes = if self.config.is_some() {
            "Who may do what is up to the routes of your configuration."
        } else {
            "/public/** is open to all, /optional/** too but tells who asks, /admin/** is for the role admin,\n  everything \
             else needs a session; --public PATTERN opens more."
        };
        if !self.is_sign_up_open {
            return format!("  {routes}\n  Your configuration does not let everybody sign up (auth.sign_up).\n");
        }
        let curl = format!(
            r#"curl {public_url}{base_path}/sign-up/email -H 'content-type: application/json' \
    -d '{{"name":"Ada","email":"ada@example.com","password":"correct horse battery"}}'"#
        );
        let curl = styled(LINK, &curl);
        format!("  {routes}\n  Sign up, then open the link on the mail page:\n\n  {curl}\n")
    }
}

/// Returns the servers of every upstream, each with whether somebody listens there.
pub(crate) async fn probe(settings: &proxy::Settings) -> Vec<Probed> {
    let mut probed = Vec::new();
    for server in settings.upstreams.iter().flat_map(|upstream| &upstream.servers) {
        probed.push(Probed { url: server.url.clone(), is_reachable: is_reachable(&server.address).await });
    }
    probed
}

async fn is_reachable(address: &proxy::ServerAddress) -> bool {
    match address {
        proxy::ServerAddress::Tcp { host, port } => {
            matches!(timeout(PROBE_TIMEOUT, TcpStream::connect((host.as_str(), *port))).await, Ok(Ok(_)))
        }
        proxy::ServerAddress::Unix(path) => {
            matches!(timeout(PROBE_TIMEOUT, UnixStream::connect(path)).await, Ok(Ok(_)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_told_to_sign_up_where_that_is_refused() {
        let text = |is_sign_up_open| {
            let banner = Banner {
                public_url: "http://localhost:8080".to_owned(),
                base_path: "/auth".to_owned(),
                is_sign_up_open,
                config: Some("gateway.yaml".into()),
                upstreams: Vec::new(),
                mail: "http://localhost:8080/__dev/mail".to_owned(),
                providers: Vec::new(),
                administrator: None,
                database: "DATABASE_URL".to_owned(),
                data_dir: ".authgate".into(),
            };
            banner.render(&Addresses { public: Vec::new(), ops: "127.0.0.1:9090".parse().unwrap() })
        };
        assert!(text(true).contains("curl http://localhost:8080/auth/sign-up/email"));
        assert!(!text(false).contains("sign-up/email") && text(false).contains("auth.sign_up"));
    }
}
