//! Serves tests of what happens before a flow needs the database.

use std::sync::Arc;

use crate::{
    auth::{
        Auth, AvatarSettings, CODE_PURPOSE, ConcurrencyLimit, DEVICE_PURPOSE, Denials, Hasher, Instance, Locations,
        OAuth, RESET_EXPIRES_IN, RateLimits, SIGN_UP_PURPOSE, Settings, VerificationSettings,
    },
    crypto::{KeyAlgorithm, Keyring},
    language::Languages,
    mail::{OUTBOX_PURPOSE, Outbox},
    observe::Metrics,
    sessions::{CookieSettings, JWT_PURPOSE, JwtSettings, Jwts, KeyQuotas, SameSite, SessionSettings},
    store::{self, Db, Pooler},
    tasks::Tasks,
    types::{PasswordRules, PublicUrl, Secret, TrustedOrigins, UserFields},
};

/// Returns an [`Auth`] at `https://gw.example/api/auth`, with a database that nobody listens for: flows fail as in an
/// outage.
pub(crate) fn auth_without_database() -> Auth {
    let public_url = PublicUrl::parse("https://gw.example").unwrap();
    let url = Secret::new("postgres://nobody@127.0.0.1:1/none".into());
    let database = store::Settings { url: url.clone(), direct_url: url, max_connections: 1, pooler: Pooler::None };
    let metrics = Arc::new(Metrics::new());
    let keyring = Keyring::new(&[Secret::new("x".repeat(32))]);
    let db = Db::connect_lazy(&database).unwrap();
    let tasks = Tasks::new(metrics.task_restarts.clone());
    Auth {
        key_quotas: KeyQuotas::unwritten(db.clone(), Arc::clone(&metrics), tasks),
        jwts: Jwts::new(&JwtSettings::default(), &public_url, keyring.signer(JWT_PURPOSE, KeyAlgorithm::EdDsa)),
        db,
        settings: Settings {
            trusted_origins: TrustedOrigins::new(public_url.origin().clone(), Vec::new()),
            public_url,
            base_path: "/api/auth".into(),
            cookie: CookieSettings {
                name: "__Host-authgate_session".into(),
                secure: true,
                same_site: SameSite::Lax,
                domain: None,
                better_auth: None,
            },
            session: SessionSettings::default(),
            jwt: JwtSettings::default(),
            password: PasswordRules::default(),
            verification: VerificationSettings::default(),
            rate_limits: RateLimits::none(),
            admin: None,
            social: Vec::new(),
            user_fields: UserFields::default(),
            username: None,
            email_otp: None,
            magic_link: None,
            multi_session: None,
            organizations: None,
            api_keys: None,
            last_login_method: false,
            avatars: AvatarSettings::default(),
            sign_up: crate::auth::SignUpSettings::default(),
            two_factor: crate::auth::TwoFactorSettings::new("gw.example"),
            passkeys: None,
            reset_expires_in: RESET_EXPIRES_IN,
            mailed_deletion: false,
            languages: Languages::default(),
            notify_new_device: true,
        },
        hasher: Arc::new(Hasher::start(1, Arc::clone(&metrics))),
        concurrency: ConcurrencyLimit::default(),
        devices: keyring.sealer(DEVICE_PURPOSE),
        sign_ups: keyring.sealer(SIGN_UP_PURPOSE),
        codes: keyring.mac(CODE_PURPOSE),
        totp_secrets: keyring.sealer(crate::auth::TOTP_PURPOSE),
        outbox: Outbox::new(keyring.sealer(OUTBOX_PURPOSE)),
        denials: Denials::unwritten(Arc::clone(&metrics)),
        locations: Locations::default(),
        oauth: OAuth::new(&[], &keyring, Tasks::new(metrics.task_restarts.clone())).unwrap(),
        instance: Instance {
            source: "gateway.yaml".into(),
            configuration: String::new(),
            tasks: Tasks::new(metrics.task_restarts.clone()),
        },
        metrics,
    }
}
