//! Defines what every administrative flow receives, and how it fails: alike for operators on the command line and for
//! administrators who ask over the auth API.

use serde_json::Value;
use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::{
    auth::{
        AdminSettings, Auth, Client, FoundSession,
        admin::permissions::{Permission, Permissions},
    },
    mail::Outbox,
    store::{
        Db, StoreError,
        audit::{self, Cause, Entry, Event, Outcome},
        sessions,
        users::{
            self, User,
            admin::{self, UserRecord, UserRef},
        },
    },
    types::{SessionId, UserId},
};

/// Holds what every one of these flows receives.
#[derive(Debug)]
pub struct Administration {
    pub db: Db,
    /// Takes mail, which the gateway delivers when it runs.
    pub outbox: Outbox,
    pub actor: Actor,
    /// Tells whether there are organizations, of which the last owners stay.
    pub has_organizations: bool,
}

/// Tells who administers.
#[derive(Debug)]
pub enum Actor {
    /// Is who is at the command line, by the operating system; the audit log's actor is `cli:` and this. Whoever has the
    /// database may do everything.
    Operator(String),
    /// Is a signed-in user, who may do what their roles say.
    Administrator(Box<Administrator>),
}

/// Describes an administrator by the session that asks.
#[derive(Debug)]
pub struct Administrator {
    pub user_id: UserId,
    session_id: SessionId,
    client: Client,
    settings: AdminSettings,
}

/// Describes why nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum AdministrationError {
    #[error("there is no such user")]
    UnknownUser,
    #[error("there is no such session; it may have ended already")]
    UnknownSession,
    /// These organizations, by their slugs, would be without an owner.
    #[error("nobody else owns these organizations, of which others are members: {}", .0.join(", "))]
    LastOwner(Vec<String>),
    #[error("there is no such organization")]
    UnknownOrganization,
    #[error("there is no such API key; it may have been deleted already")]
    UnknownApiKey,
    #[error("the administrator's roles do not permit it")]
    NotAllowed(Permission),
    /// The user may do what the administrator may not, or would afterwards.
    #[error("the user may do more than the administrator")]
    Outranked,
    /// Administrators ban and remove others only.
    #[error("administrators cannot do this to themselves")]
    Oneself(Permission),
    /// Nobody would be left to give roles to anybody.
    #[error("the last administrator stays one")]
    LastAdministrator,
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Administration {
    /// Lets the holder of a session administer, within their permissions.
    #[must_use]
    pub fn by_session(auth: &Auth, settings: &AdminSettings, client: &Client, found: &FoundSession) -> Self {
        let administrator = Administrator {
            user_id: found.user.id.clone(),
            session_id: found.session.id.clone(),
            client: client.clone(),
            settings: settings.clone(),
        };
        let actor = Actor::Administrator(Box::new(administrator));
        let has_organizations = auth.settings.organizations.is_some();
        Self { db: auth.db.clone(), outbox: auth.outbox.clone(), actor, has_organizations }
    }

    /// Finds the user that something is to be done to, who stays as they are until the transaction ends. So does the
    /// administrator, whose session and permissions are looked at once more: of two who take each other's roles away at
    /// once, one has none any more when it is their turn (ADMIN-02).
    pub(crate) async fn find_target(
        &self,
        connection: &mut PgConnection,
        who: &UserRef,
        permission: Permission,
    ) -> Result<UserRecord, AdministrationError> {
        match &self.actor {
            Actor::Operator(_) => find_locked(connection, who).await,
            Actor::Administrator(administrator) => administrator.find_target(connection, who, permission).await,
        }
    }

    /// Fails where nothing of the kind is permitted. The administrator stays as they are until the transaction ends.
    pub(crate) async fn require_allowed(
        &self,
        connection: &mut PgConnection,
        permission: Permission,
    ) -> Result<(), AdministrationError> {
        let Actor::Administrator(administrator) = &self.actor else { return Ok(()) };
        users::find_locked(connection, &administrator.user_id).await?.ok_or(StoreError::UserGone)?;
        let own = administrator.find_permissions(connection).await?;
        if own.contains(permission) { Ok(()) } else { Err(AdministrationError::NotAllowed(permission)) }
    }

    /// Fails where the administrator gives the last power to give roles away. The administrator is locked.
    pub(crate) async fn require_other_administrator(
        &self,
        connection: &mut PgConnection,
        target: &User,
        roles: &[String],
    ) -> Result<(), AdministrationError> {
        let Actor::Administrator(administrator) = &self.actor else { return Ok(()) };
        let settings = &administrator.settings;
        if !sets_roles(settings, roles) && is_last_administrator(connection, settings, target).await? {
            return Err(AdministrationError::LastAdministrator);
        }
        Ok(())
    }

    /// Fails where the target is the administrator.
    pub(crate) fn require_other(&self, target: &UserId, permission: Permission) -> Result<(), AdministrationError> {
        match &self.actor {
            Actor::Administrator(own) if own.user_id == *target => Err(AdministrationError::Oneself(permission)),
            Actor::Administrator(_) | Actor::Operator(_) => Ok(()),
        }
    }

    /// Fails where these roles permit what the administrator's do not. The administrator was locked with the target.
    pub(crate) async fn require_within_rank(
        &self,
        connection: &mut PgConnection,
        roles: &[String],
    ) -> Result<(), AdministrationError> {
        let Actor::Administrator(administrator) = &self.actor else { return Ok(()) };
        let own = administrator.find_permissions(connection).await?;
        let given = administrator.settings.permissions_of(roles);
        if own.covers(given) { Ok(()) } else { Err(AdministrationError::Outranked) }
    }

    /// Appends to the audit log, in the transaction of what is recorded.
    pub(crate) async fn record(
        &self,
        connection: &mut PgConnection,
        event: Event,
        user_id: Option<&UserId>,
        detail: Value,
        now: OffsetDateTime,
    ) -> Result<(), StoreError> {
        let entry = Entry { event, outcome: Outcome::Success, user_id, cause: self.cause(), detail };
        audit::insert(connection, &entry, now).await
    }

    /// Writes down what changed nothing here, or what stands in transactions of its own.
    pub async fn record_alone(&self, event: Event, detail: Value, now: OffsetDateTime) -> Result<(), StoreError> {
        self.record(&mut *self.db.acquire().await?, event, None, detail, now).await
    }

    /// Describes who administers as the cause of an event.
    pub(crate) fn cause(&self) -> Cause<'_> {
        match &self.actor {
            Actor::Operator(name) => Cause::Operator(name),
            Actor::Administrator(administrator) => {
                let Client { ip, user_agent, request_id, .. } = &administrator.client;
                Cause::Request { ip: *ip, user_agent, request_id, by: Some(&administrator.user_id) }
            }
        }
    }
}

impl Administrator {
    async fn find_target(
        &self,
        connection: &mut PgConnection,
        who: &UserRef,
        permission: Permission,
    ) -> Result<UserRecord, AdministrationError> {
        let locked = admin::find_ids_for_update(connection, &self.user_id, who).await?;
        let own = self.find_permissions(connection).await?;
        if !own.contains(permission) {
            return Err(AdministrationError::NotAllowed(permission));
        }
        let target = admin::find(connection, who).await?;
        let target = target.filter(|target| locked.contains(&target.user.id));
        let target = target.ok_or(AdministrationError::UnknownUser)?;
        if own.covers(self.settings.permissions_of(&target.user.roles)) {
            Ok(target)
        } else {
            Err(AdministrationError::Outranked)
        }
    }

    /// Finds what the administrator may do now; whose session has ended may do nothing.
    async fn find_permissions(&self, connection: &mut PgConnection) -> Result<Permissions, StoreError> {
        let holder = sessions::find_active_by_id(connection, &self.session_id).await?;
        let holder = holder.filter(|holder| holder.id == self.user_id).ok_or(StoreError::SessionEnded)?;
        Ok(self.settings.permissions_of(&holder.roles))
    }
}

fn sets_roles(settings: &AdminSettings, roles: &[String]) -> bool {
    settings.permissions_of(roles).contains(Permission::UserSetRole)
}

/// Tells whether nobody would be left to give roles to anybody if this user, who is locked, went. Of two who go at once the
/// second is the last.
pub(crate) async fn is_last_administrator(
    connection: &mut PgConnection,
    settings: &AdminSettings,
    user: &User,
) -> Result<bool, StoreError> {
    if !sets_roles(settings, &user.roles) {
        return Ok(false);
    }
    admin::lock_administrators(connection).await?;
    Ok(!admin::has_other_with_role(connection, &user.id, &settings.roles_that_set_roles()).await?)
}

/// Finds the user, who stays as they are until the transaction ends.
pub(crate) async fn find_locked(
    connection: &mut PgConnection,
    who: &UserRef,
) -> Result<UserRecord, AdministrationError> {
    let id = admin::find_id_for_update(connection, who).await?.ok_or(AdministrationError::UnknownUser)?;
    admin::find(connection, &UserRef::Id(id)).await?.ok_or(AdministrationError::UnknownUser)
}
