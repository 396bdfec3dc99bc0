//! Makes the administrator of `authgate dev`, with whom administration can be tried without a command.

use anyhow::Context;
use time::OffsetDateTime;

use crate::{
    app,
    auth::{
        admin::{Actor, Administration, CreateUserError, NewUser, create_user},
        hash_password,
    },
    config::Config,
    crypto::Keyring,
    mail::{OUTBOX_PURPOSE, Outbox},
    types::Password,
};

/// Everybody who reaches the gateway on this machine may know both: it shows everybody's mail anyway.
pub(crate) const EMAIL: &str = "admin@example.com";
pub(crate) const PASSWORD: &str = "a gate in a garden";
const ROLE: &str = "admin";

/// Creates the administrator, unless the address has an account already. The database is migrated for it.
pub(crate) async fn ensure(config: &Config) -> anyhow::Result<()> {
    app::prepare_database(&config.database).await?;
    let db = app::open_database(&config.database).await?;
    let outbox = Outbox::new(Keyring::new(&config.secrets).sealer(OUTBOX_PURPOSE));
    let has_organizations = config.auth.organizations.is_some();
    let actor = Actor::Operator("authgate dev".to_owned());
    let administration = Administration { db, outbox, actor, has_organizations };
    let password = Password::choose(PASSWORD, &config.auth.password, None).context("the administrator's password")?;
    let user = NewUser {
        email: EMAIL.parse().context("the administrator's address")?,
        name: "Ada Admin".parse().context("the administrator's name")?,
        roles: vec![ROLE.parse().context("the administrator's role")?],
        image: None,
        additional_fields: serde_json::Map::new(),
        email_verified: true,
        password: Some(hash_password(&password)),
    };
    let created = create_user(&administration, user, None, OffsetDateTime::now_utc()).await;
    administration.db.close().await;
    match created {
        Ok(_) | Err(CreateUserError::EmailTaken) => Ok(()),
        Err(CreateUserError::Administration(error)) => Err(error.into()),
    }
}
