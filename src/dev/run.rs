//! Leads from the command line to the end of the gateway, and of the database that was started for it.

use std::{env, net::SocketAddr};

use anyhow::{Context, anyhow};

use crate::{
    app::{self, DevParts, Failure, Listeners, Signals, Start, Stopped},
    auth::SignUpMode,
    config::Config,
    dev::{
        administrator, app_paths,
        banner::{self, Banner},
        cluster::Cluster,
        console,
        data_dir::DataDir,
        front::{self, Front},
        mailbox,
        options::Options,
        provider::{self, AppleCredentials},
        settings,
    },
    mail::{MailCapture, Transport},
    observe,
    types::Secret,
};

/// The gateway serves the development pages below this.
const PREFIX: &str = "/__dev";
/// This port is used where it is free; otherwise a free port is taken.
const OPS_PORT: u16 = 9090;

/// Runs `authgate dev` until a signal, and leaves nothing running.
pub(crate) fn dev(options: &Options) -> Result<Stopped, Failure> {
    refuse_reachable("--listen", options.listen)?;
    if let Some(ops) = options.ops_listen {
        refuse_reachable("--ops-listen", ops)?;
    }
    let runtime = app::build_runtime(2)?;
    let stopped = runtime.block_on(run(options));
    runtime.shutdown_background();
    stopped
}

/// Mail with everybody's links is shown to whoever asks, so nobody else may ask.
fn refuse_reachable(option: &str, listen: SocketAddr) -> Result<(), Failure> {
    if listen.ip().to_canonical().is_loopback() {
        return Ok(());
    }
    Err(Failure::Usage(anyhow!(
        "{option} {listen}: `authgate dev` shows everybody's mail and listens on loopback only, such as 127.0.0.1:8080; \
         use `authgate serve` for other addresses"
    )))
}

async fn run(options: &Options) -> Result<Stopped, Failure> {
    let mut signals = Signals::listen_with_hangup()?;
    let listeners = bind(options)?;
    let addresses = listeners.addresses()?;
    let data_dir = DataDir::open(&options.data_dir)?;
    let secret = data_dir.secret()?;
    let mut database = match given_database() {
        Some(url) => Database::Given(url),
        None => Database::Private(Box::new(Cluster::prepare(&data_dir)?)),
    };
    let apple = AppleCredentials::generate();
    let config = settings::compile(&settings::Inputs {
        addresses: &addresses,
        options,
        database: &database.url(),
        secret: &secret,
        apple: &apple,
    })?;
    observe::init(&config.log).context("could not set up the log")?;

    let started = tokio::select! {
        () = signals.next() => Ok(false),
        started = database.start() => started.map(|()| true),
    };
    let stopped = match started {
        Ok(true) => Box::pin(gateway(options, (config, apple), listeners, (&data_dir, &database), &mut signals)).await,
        Ok(false) => Ok(Stopped::Gracefully),
        Err(error) => Err(error),
    };
    let must_wait = !matches!(stopped, Ok(Stopped::AtOnce));
    database.stop(must_wait).await;
    let stopped = stopped?;
    console::print_line("stopped");
    Ok(stopped)
}

async fn gateway(
    options: &Options,
    (config, apple): (Config, AppleCredentials),
    listeners: Listeners,
    (data_dir, database): (&DataDir, &Database),
    signals: &mut Signals,
) -> anyhow::Result<Stopped> {
    let mail = MailCapture::new();
    let callbacks = format!("{}/callback/", config.auth.base_path);
    let provider = provider::routes(config.auth.public_url.origin().as_str(), callbacks, apple);
    // Everybody knows the password, so nobody else's database gets such an account.
    let is_private = matches!(database, Database::Private(_));
    let has_administrator = is_private && config.auth.admin.is_some() && options.config.is_none();
    if has_administrator {
        administrator::ensure(&config).await?;
    }
    let administrator = has_administrator.then_some((administrator::EMAIL, administrator::PASSWORD));
    let providers: Vec<String> = config.auth.social.iter().map(|provider| provider.id.clone()).collect();
    let front = Front {
        public_url: config.auth.public_url.origin().to_string(),
        base_path: config.auth.base_path.clone(),
        auth_path: config.pages.is_enabled.then(|| config.pages.auth_path.clone()),
        account_path: config.pages.account_path.clone(),
        admin_path: config.pages.admin.as_ref().map(|admin| admin.path.clone()),
        administrator,
        providers: providers.clone(),
        database: database.describe(),
        ops: listeners.addresses()?.ops.to_string(),
        config: options.config.as_ref().map_or("built in".to_owned(), |file| file.display().to_string()),
        proxy: config.proxy.clone(),
    };
    let pages = mailbox::pages(mail.clone()).merge(front::routes(front)).merge(provider);
    let banner = Banner {
        public_url: config.auth.public_url.origin().to_string(),
        base_path: config.auth.base_path.clone(),
        is_sign_up_open: config.auth.sign_up.mode == SignUpMode::Open,
        config: options.config.clone(),
        upstreams: banner::probe(&config.proxy).await,
        mail: config.auth.public_url.join(&format!("{PREFIX}/mail")),
        providers,
        administrator,
        database: database.describe(),
        data_dir: data_dir.path().to_owned(),
    };
    let dev = DevParts { transport: Transport::Capture(mail), pages, prefix: PREFIX };
    let watch = app_paths::watch(app_paths::urls(&config.proxy), config.auth.base_path.clone());
    let start = Start { config, listeners, migrate: true, dev: Some(dev), source: None };
    tokio::select! {
        stopped = app::run(start, signals, move |addresses| console::print_line(&banner.render(addresses))) => stopped,
        never = watch => match never {},
    }
}

fn bind(options: &Options) -> anyhow::Result<Listeners> {
    let at = |ops| Listeners::bind(&[options.listen], &[], ops, Vec::new());
    let on_port = |port| at(SocketAddr::from(([127, 0, 0, 1], port)));
    let bound = options.ops_listen.map_or_else(|| on_port(OPS_PORT).or_else(|_| on_port(0)), at);
    bound.context("choose another address with --listen or --ops-listen")
}

fn given_database() -> Option<Secret> {
    env::var("DATABASE_URL").ok().filter(|url| !url.is_empty()).map(Secret::new)
}

/// Says where the rows are.
enum Database {
    /// `DATABASE_URL` was set.
    Given(Secret),
    /// The database is in a cluster of our own.
    Private(Box<Cluster>),
}

impl Database {
    fn url(&self) -> Secret {
        match self {
            Self::Given(url) => url.clone(),
            Self::Private(cluster) => cluster.url(),
        }
    }

    async fn start(&mut self) -> anyhow::Result<()> {
        match self {
            Self::Given(_) => Ok(()),
            Self::Private(cluster) => cluster.start().await,
        }
    }

    async fn stop(&mut self, must_wait: bool) {
        match self {
            Self::Given(_) => {}
            Self::Private(cluster) => cluster.stop(must_wait).await,
        }
    }

    fn describe(&self) -> String {
        match self {
            Self::Given(url) => format!("DATABASE_URL, {}", app::describe_database(url)),
            Self::Private(cluster) => cluster.describe(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_loopback_is_listened_on() {
        for (listen, allowed) in [
            ("127.0.0.1:8080", true),
            ("127.9.9.9:0", true),
            ("[::1]:8080", true),
            ("[::ffff:127.0.0.1]:8080", true),
            ("0.0.0.0:8080", false),
            ("[::]:8080", false),
            ("192.168.1.10:8080", false),
            ("[fe80::1]:8080", false),
        ] {
            let refused = refuse_reachable("--listen", listen.parse().unwrap());
            assert_eq!(refused.is_ok(), allowed, "{listen}");
            assert!(refused.is_ok() || matches!(refused, Err(Failure::Usage(_))), "{listen}");
        }
    }
}
