//! Is what a configuration makes. It is built whole before anything of it is used, so that a reload is all or nothing.

use std::sync::Arc;

use anyhow::Context;
use tokio_util::sync::CancellationToken;

use crate::{
    api::{self, Router},
    auth::{
        Auth, CODE_PURPOSE, ConcurrencyLimit, DEVICE_PURPOSE, Denials, Hasher, Instance, OAuth, SIGN_UP_PURPOSE,
        TOTP_PURPOSE,
    },
    config::Config,
    crypto::{self, Keyring},
    jobs,
    mail::{OUTBOX_PURPOSE, Outbox, Transport},
    observe::{AccessLog, Metrics},
    pages::{self, FORM_PURPOSE, PagesContext},
    proxy::{AuthApi, Gateway},
    routing::CrossOriginWrites,
    sessions::{
        Assertions, JWT_PURPOSE, Jwts, KeyQuotas, RevocationFeed, SessionActivity, SessionCache, lookup::SessionCheck,
    },
    store::{self, Db},
    tasks::Tasks,
};

/// Holds what `authgate dev` adds to the gateway, or does in place of it.
#[derive(Debug)]
pub(crate) struct DevParts {
    pub(crate) transport: Transport,
    /// The gateway itself serves these pages, below this prefix.
    pub(crate) pages: Router,
    pub(crate) prefix: &'static str,
}

/// Holds what outlives a reload.
pub(crate) struct SharedState {
    pub(crate) db: Db,
    /// Tells where `db` connects to: session checks must not go elsewhere than what ends sessions.
    pub(crate) database: store::Settings,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) access_log: AccessLog,
    pub(crate) hasher: Arc<Hasher>,
    pub(crate) concurrency: ConcurrencyLimit,
    pub(crate) denials: Denials,
    pub(crate) watch: RevocationFeed,
    pub(crate) cache: Option<SessionCache>,
    /// Holds what this replica leased of keys' quotas, whatever the configuration.
    pub(crate) key_quotas: KeyQuotas,
    pub(crate) tasks: Tasks,
    /// Ends everything beside the requests.
    pub(crate) stopping: CancellationToken,
}

/// Holds what a reload replaces.
pub(crate) struct Generation {
    pub(crate) gateway: Gateway,
    /// Ends its jobs. What requests in flight still use ends with the last of them.
    pub(crate) superseded: CancellationToken,
}

impl Generation {
    /// Builds a generation. Nothing of it is seen from outside yet but its jobs, which any number of generations may
    /// run at once.
    pub(crate) async fn build(config: Config, dev: Option<DevParts>, shared: &SharedState) -> anyhow::Result<Self> {
        let SharedState {
            db,
            database,
            metrics,
            access_log,
            hasher,
            concurrency,
            denials,
            watch,
            cache,
            key_quotas,
            tasks,
            stopping,
        } = shared;
        for route in config.routes.iter().filter(|route| route.cross_origin_writes == CrossOriginWrites::Allow) {
            tracing::warn!(route.name, "this route takes cookie-authenticated writes from pages of any origin");
        }
        let certificate_expiry = config.proxy.tls.as_ref().map_or(0, |certificate| certificate.not_after);
        let keyring = Keyring::new(&config.secrets);
        let outbox = Outbox::new(keyring.sealer(OUTBOX_PURPOSE));
        let (transport, dev_pages) = match dev {
            Some(DevParts { transport, pages, prefix }) => (transport, Some((pages, prefix))),
            None => (Transport::connect(&config.mail).context("mail.transport")?, None),
        };
        let session = config.auth.session.clone();
        let is_impersonation_off = config.auth.admin.as_ref().is_none_or(|admin| admin.impersonation.is_none());
        let base_path = config.auth.base_path.clone();
        let algorithm =
            config.proxy.assertion.as_ref().map(|assertion| assertion.keys.public_algorithm()).unwrap_or_default();
        let (jwt, public_url) = (&config.auth.jwt, &config.auth.public_url);
        let jwts = Jwts::new(jwt, public_url, keyring.signer(JWT_PURPOSE, algorithm));
        let auth = Arc::new(Auth {
            jwts: jwts.clone(),
            key_quotas: key_quotas.clone(),
            db: db.clone(),
            oauth: OAuth::new(&config.auth.social, &keyring, tasks.clone()).context("auth.social")?,
            settings: config.auth,
            hasher: Arc::clone(hasher),
            concurrency: concurrency.clone(),
            outbox: outbox.clone(),
            denials: denials.clone(),
            devices: keyring.sealer(DEVICE_PURPOSE),
            sign_ups: keyring.sealer(SIGN_UP_PURPOSE),
            codes: keyring.mac(CODE_PURPOSE),
            totp_secrets: keyring.sealer(TOTP_PURPOSE),
            locations: config.locations,
            metrics: Arc::clone(metrics),
            instance: Instance { source: config.source, configuration: config.printed, tasks: tasks.clone() },
        });
        let assertions = config.proxy.assertion.clone().map(|settings| {
            let signer = settings.keys.signer(&keyring);
            (signer.clone(), Assertions::new(settings, &auth.settings.public_url, signer))
        });
        let mut long_bodies = api::picture_bodies(&auth.settings);
        long_bodies.paths.extend(config.pages.picture_path());
        let of_assertions = assertions.iter().flat_map(|(signer, _)| signer.public_keys());
        let key_set = crypto::key_set(jwts.public_keys().chain(of_assertions));
        let settings = auth.settings.clone();
        let api = api::router(auth, key_set);
        let mut own_pages: Vec<String> = config.pages.own_prefixes().into_iter().map(str::to_owned).collect();
        let form_mac = keyring.mac(FORM_PURPOSE);
        let context = PagesContext { api, settings: config.pages, auth: settings, form_mac };
        let (mut router, error_pages) = pages::router(context);
        if let Some((pages, prefix)) = dev_pages {
            router = router.merge(pages);
            own_pages.push(prefix.to_owned());
        }
        let superseded = stopping.child_token();
        let checks =
            SessionCheck::start(database, &session, cache.clone(), Arc::clone(metrics), tasks, stopping, &superseded);
        let activity = SessionActivity::start(db.clone(), &session, tasks, stopping);

        let by = (transport, config.mail.sender());
        jobs::deliver_mail(db.clone(), outbox, by, Arc::clone(metrics), tasks, &superseded);
        if is_impersonation_off {
            jobs::end_impersonations(db.clone(), tasks, &superseded);
        }
        jobs::sweep_expired(db.clone(), config.retention, Arc::clone(metrics), tasks, &superseded);
        let observe = (Arc::clone(metrics), access_log.clone());
        let auth_api = AuthApi::new(router, base_path, &api::templates(), own_pages);
        let auth_api = auth_api.with_long_bodies(long_bodies).with_error_pages(error_pages);
        let sessions = (checks, activity, watch.clone(), jwts, key_quotas.clone());
        let gateway =
            Gateway::new(config.proxy, config.routes, auth_api, sessions, denials.clone(), observe, tasks).await;
        let gateway = match assertions {
            Some((_, assertions)) => gateway.with_assertions(assertions),
            None => gateway,
        };
        metrics.certificate_expiry.set(certificate_expiry);
        Ok(Self { gateway, superseded })
    }
}
