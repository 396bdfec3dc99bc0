//! Collects everything that is stored about somebody, for themselves (DATA-01). Nothing of it opens anything: neither
//! tokens nor secrets nor hashes are read (DATA-03).

use crate::{
    auth::{
        Auth, Flow, FlowError, FoundSession, OwnSession, RateClass,
        audit::record::record,
        limits::attempts::limit_user,
        session::{find::still_signed_in, list::describe},
    },
    store::{
        StoreError,
        api_keys::{self, StoredApiKey},
        audit::{Event, Outcome},
        audit_search::{self, AuditEvent, AuditFilter},
        organizations::{
            self, Organization,
            teams::{self, Team},
        },
        passkeys::{self, Passkey},
        sessions,
        two_factor::{
            self, backup_codes,
            trusted_devices::{self, TrustedDevice},
        },
        users::{
            self, User,
            accounts::{self, Account},
            export::{self, FormerAddress, KnownDevice},
            identities::{self, ProviderProfile},
        },
    },
    types::ApiKeyOwner,
};

/// Limits the events of the audit log, of which the newest are taken.
const MAX_EVENTS: i64 = 2000;

/// Holds what is stored about somebody.
#[derive(Debug)]
pub struct PersonalData {
    pub user: User,
    /// Lists the ways to sign in, each with what its provider told.
    pub accounts: Vec<(Account, Option<ProviderProfile>)>,
    pub sessions: Vec<OwnSession>,
    pub passkeys: Vec<Passkey>,
    /// Is what the second factor is, and how many backup codes are left; `None` where there is none.
    pub second_factor: Option<(SecondFactorKind, i64)>,
    pub trusted_devices: Vec<TrustedDevice>,
    pub known_devices: Vec<KnownDevice>,
    pub former_addresses: Vec<FormerAddress>,
    pub api_keys: Vec<StoredApiKey>,
    /// Lists the organizations that they are in.
    pub organizations: Vec<Organization>,
    /// Lists the teams that they are in.
    pub teams: Vec<Team>,
    /// Lists the newest events about them, newest first.
    pub events: Vec<AuditEvent>,
}

/// Tells what proves a second factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecondFactorKind {
    AuthenticatorApp,
    MailedCode,
}

/// Collects what is stored about whoever asks. All of it is read in one transaction, which records that it was given
/// away.
#[tracing::instrument(level = "debug", skip_all, fields(request.id = flow.client.request_id.as_str(), user.id = %current.user.id))]
pub async fn export_data(flow: Flow<'_>, current: &FoundSession) -> Result<PersonalData, FlowError> {
    let id = &current.user.id;
    let _ = limit_user(flow, RateClass::ExportData, id).await?;
    let mut transaction = flow.auth.db.begin().await?;
    still_signed_in(&mut transaction, current).await?;
    record(flow, &mut transaction, (Event::DataExported, Outcome::Success), Some(id)).await?;
    let user = users::find(&mut transaction, id).await?.ok_or(StoreError::UserGone)?;
    let mut own_accounts = Vec::new();
    for account in accounts::list_of_user(&mut transaction, id).await? {
        let profile = identities::find_profile(&mut transaction, &account.id).await?;
        own_accounts.push((account, profile));
    }
    let listed = sessions::list_active_of_user(&mut transaction, id).await?;
    let second = two_factor::find(&mut transaction, id).await?.filter(|second| second.enabled_at.is_some());
    let second_factor = match second {
        Some(second) => {
            let kind = match second.secret {
                Some(_) => SecondFactorKind::AuthenticatorApp,
                None => SecondFactorKind::MailedCode,
            };
            Some((kind, backup_codes::count(&mut transaction, id).await?))
        }
        None => None,
    };
    let about = AuditFilter { user_id: Some(id.to_string()), ..AuditFilter::default() };
    let data = PersonalData {
        user,
        accounts: own_accounts,
        sessions: described(flow.auth, listed, current),
        passkeys: passkeys::list_of_user(&mut transaction, id).await?,
        second_factor,
        trusted_devices: trusted_devices::list_of_user(&mut transaction, id, flow.now).await?,
        known_devices: export::list_known_devices(&mut transaction, id).await?,
        former_addresses: export::list_former_addresses(&mut transaction, id).await?,
        api_keys: api_keys::list(&mut transaction, &ApiKeyOwner::User(id.clone())).await?,
        organizations: organizations::list_of_user(&mut transaction, id).await?,
        teams: teams::list_of_user(&mut transaction, id, None).await?,
        events: audit_search::list(&mut transaction, &about, MAX_EVENTS).await?,
    };
    transaction.commit().await?;
    Ok(data)
}

/// Leaves out the sessions in which somebody else acts in their place: where those come from is not the user's data.
fn described(auth: &Auth, listed: Vec<sessions::ListedSession>, current: &FoundSession) -> Vec<OwnSession> {
    let own = listed.into_iter().filter(|listed| listed.session.impersonated_by.is_none());
    own.map(|listed| describe(auth, listed, Some(&current.session.id))).collect()
}
