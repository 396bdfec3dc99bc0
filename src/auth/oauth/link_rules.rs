//! Decides whose account an identity opens (contract §10, OAUTH-06). Accounts are keyed by provider and subject; an address
//! alone links only where both sides have proved it.

use serde_json::{Map, Value};
use sqlx::PgConnection;

use crate::{
    auth::{
        CallbackUrl, DeviceCookie, Flow, SignUpChoice, SignedIn,
        account::sign_up_rules::{self, Invitation, record_refusal},
        audit::record::record_provider,
        email::{
            prove_address::{Own, prove_address},
            send_verification::queue_reminder,
        },
        oauth::{
            OAuthError,
            provider::{client::Provider, profile::Profile, token_endpoint::Tokens},
            sealed_tokens::sealed,
        },
        session::{complete::complete_sign_in, first_factor::FirstFactor},
    },
    store::{
        Constraint, StoreError, Tx,
        audit::{Event, Outcome},
        retry_once, sessions,
        users::{self, FieldChanges, User, accounts, credentials, identities},
    },
    types::{AccountId, AuthMethod, Email, SessionId, SessionKey, SessionToken, TokenHash, TrustedDeviceToken, UserId},
};

/// Describes who somebody is at a provider, proved.
#[derive(Debug)]
pub(crate) struct Identity<'a> {
    pub(crate) provider: &'a Provider,
    pub(crate) profile: &'a Profile,
    /// Holds those of a code; a client's own id token comes without.
    pub(crate) tokens: Option<&'a Tokens>,
}

/// Describes the browser that signs in.
#[derive(Debug)]
pub struct SignInContext<'a> {
    /// Is the session that it had before; it ends (SESS-02).
    pub replaces: Option<&'a SessionToken>,
    /// Spare it the second factor.
    pub trusted_devices: &'a [TrustedDeviceToken],
    pub device: Option<&'a DeviceCookie>,
    /// Says where it goes once it is signed in: a mail that has to come before leads there too.
    pub target: Option<&'a CallbackUrl>,
}

/// Describes what an identity opened.
struct Opened {
    account: AccountId,
    user: User,
    is_new: bool,
}

/// Opens a session for the user whom the identity belongs to. The second value tells whether they are new.
pub(crate) async fn sign_in(
    flow: Flow<'_>,
    identity: &Identity<'_>,
    context: &SignInContext<'_>,
) -> Result<(SignedIn, bool), OAuthError> {
    // Of two callbacks at once with the same new identity, the second finds what the first has made.
    let again = || retry_once(|| attempt(flow, identity, context));
    let attempted = match again().await {
        Err(OAuthError::Store(StoreError::Conflict(Constraint::ProviderAccount | Constraint::UserEmail))) => {
            again().await
        }
        attempted => attempted,
    };
    let outcome = match &attempted {
        Ok((signed_in, _)) => signed_in.step.outcome(),
        Err(OAuthError::Store(_)) => return attempted,
        Err(OAuthError::Banned) => Outcome::Banned,
        Err(OAuthError::EmailNotVerified | OAuthError::AwaitsProof(_)) => Outcome::EmailNotVerified,
        Err(OAuthError::AccountNotLinked) => Outcome::AccountExists,
        Err(_) => Outcome::Refused,
    };
    flow.auth.metrics.sign_ins.with_label_values(&[outcome.as_str()]).inc();
    let id = &identity.provider.settings.id;
    if let Err(OAuthError::SignUpRefused(refusal)) = &attempted {
        record_refusal(flow, *refusal, Some(id)).await?;
    } else if attempted.is_err() {
        let mut connection = flow.auth.db.acquire().await?;
        record_provider(flow, &mut connection, (Event::SignIn, outcome), None, id).await?;
    }
    attempted
}

async fn attempt(
    flow: Flow<'_>,
    identity: &Identity<'_>,
    context: &SignInContext<'_>,
) -> Result<(SignedIn, bool), OAuthError> {
    let provider = identity.provider.settings.id.as_str();
    let mut transaction = flow.auth.db.begin().await?;
    let replaced = context.replaces.map(SessionToken::hash);
    lock_owner(&mut transaction, identity, replaced.as_ref()).await?;
    let opened = match known(flow, &mut transaction, identity, context).await? {
        Some(opened) => opened,
        None => unknown(flow, &mut transaction, identity).await?,
    };
    if flow.auth.settings.verification.required && !opened.user.email_verified {
        let choice = ask_for_proof(flow, &mut transaction, &opened, context).await?;
        transaction.commit().await?;
        return Err(OAuthError::AwaitsProof(Box::new(choice)));
    }
    let Opened { user, is_new, .. } = opened;
    let first = FirstFactor {
        user: &user,
        method: AuthMethod::Provider(provider),
        second_factor: None,
        remember: true,
        replaces: context.replaces,
        trusted_devices: context.trusted_devices,
    };
    let step = complete_sign_in(flow, &mut transaction, &first).await?;
    let password = credentials::find(&mut transaction, &user.id).await?.map(|(_, hash)| hash);
    transaction.commit().await?;
    // Without a password there is none to be guessed.
    let device = match password {
        Some(hash) => DeviceCookie::signed_in(context.device, &user.email, &hash),
        None => context.device.cloned().unwrap_or_else(DeviceCookie::new),
    };
    Ok((SignedIn { user, step, device }, is_new))
}

/// Mails the link that proves the address, which nobody has done, unless one is on its way. The identity outlives the
/// proof only in this browser: whoever receives the mail may be somebody else than who came through the provider
/// (SESS-14).
async fn ask_for_proof(
    flow: Flow<'_>,
    transaction: &mut Tx,
    Opened { account, user, .. }: &Opened,
    SignInContext { target, .. }: &SignInContext<'_>,
) -> Result<SignUpChoice, StoreError> {
    queue_reminder(flow, transaction, user, *target).await?;
    Ok(SignUpChoice::from_identity(user, account, flow.now + flow.auth.settings.verification.expires_in))
}

/// Locks whoever the identity belongs to, or by its address is about to, before anything is decided: what follows reads
/// them as they stay.
async fn lock_owner(
    connection: &mut PgConnection,
    Identity { provider, profile, .. }: &Identity<'_>,
    replaced: Option<&TokenHash>,
) -> Result<(), StoreError> {
    let known = identities::find_by_subject(connection, &provider.settings.id, &profile.subject).await?;
    let owner = match (known, &profile.email) {
        (Some((_, user, _)), _) => Some(user),
        (None, Some(email)) => users::find_by_email(connection, email).await?,
        (None, None) => None,
    };
    if let Some(owner) = owner {
        users::find_locked_for_sign_in(connection, &owner.id, replaced).await?;
    }
    Ok(())
}

/// Finds the user whose account this identity is, whatever their address at the provider is by now. `None` too where
/// the identity is taken from them at this moment.
async fn known(
    flow: Flow<'_>,
    connection: &mut PgConnection,
    Identity { provider, profile, tokens }: &Identity<'_>,
    context: &SignInContext<'_>,
) -> Result<Option<Opened>, OAuthError> {
    let found = identities::find_by_subject(connection, &provider.settings.id, &profile.subject).await?;
    let Some((account, mut user, is_banned)) = found else { return Ok(None) };
    if is_banned {
        return Err(OAuthError::Banned);
    }
    if !user.email_verified && profile.email_verified && profile.email.as_ref() == Some(&user.email) {
        // The user is locked before the account, as everywhere.
        let provable = users::find_provable_locked(connection, &user.id).await?;
        if let Some(provable) = provable.filter(|provable| provable.user.email == user.email)
            && accounts::is_there_for_share(connection, &account).await?
        {
            let session = match context.replaces {
                Some(token) => sessions::find_active(connection, &SessionKey::Token(token.hash())).await?,
                None => None,
            };
            let session = session.map(|(session, _)| session).filter(|session| session.user_id == user.id);
            let session = session.map(|session| session.id);
            let own = Own { session: session.as_ref(), identity: Some(&account), ..Own::default() };
            prove_address(connection, &provable, own, flow).await?;
            user.email_verified = true;
        }
    }
    // A proof of the address that is under way may take the identity away, and ends the sessions that it finds.
    if !accounts::is_there_for_share(connection, &account).await? {
        return Ok(None);
    }
    identities::update_profile(connection, &account, &profile.to_provider_profile()).await?;
    if let Some(tokens) = tokens {
        identities::update_tokens(connection, &account, &sealed(flow.auth, provider, tokens, flow.now), None, flow.now)
            .await?;
    }
    Ok(Some(Opened { account, user, is_new: false }))
}

/// Makes or finds the user whose account it becomes.
async fn unknown(flow: Flow<'_>, connection: &mut PgConnection, identity: &Identity<'_>) -> Result<Opened, OAuthError> {
    let Profile { email, email_verified, name, image, .. } = identity.profile;
    let email = email.as_ref().ok_or(OAuthError::EmailNotFound)?;
    let provider = identity.provider.settings.id.as_str();
    let invitation = if *email_verified { Invitation::ProvedAddress } else { Invitation::Token(None) };
    // An address that is not vouched for links to no account, so that nothing is said of whether there is one.
    if !email_verified || users::find_by_email(connection, email).await?.is_none() {
        sign_up_rules::require(flow, connection, email, &invitation).await??;
    }
    let user = User {
        id: UserId::generate(),
        email: email.clone(),
        email_verified: *email_verified,
        name: name.clone(),
        image: image.clone(),
        roles: Vec::new(),
        additional_fields: serde_json::json!({}),
        two_factor_enabled: false,
        language: flow.language_to_keep(),
        created_at: flow.now,
        updated_at: flow.now,
    };
    let (user, is_new) = if users::insert_unless_taken(connection, &user).await? {
        sign_up_rules::spend(flow, connection, &user.email, &invitation).await??;
        record_provider(flow, connection, (Event::SignUp, Outcome::Success), Some(&user.id), provider).await?;
        (user, true)
    } else {
        let owner = owner(flow, connection, identity, email).await?;
        let event = (Event::AccountLinked, Outcome::Success);
        record_provider(flow, connection, event, Some(&owner.id), provider).await?;
        (owner, false)
    };
    let account = insert(flow, connection, identity, &user.id).await?;
    Ok(Opened { account, user, is_new })
}

/// Finds the address's owner, where both sides have proved it. Where only the provider has, the account is of somebody
/// who signed up and could not show that the address is theirs, or was made by an operator: its owner is here now, and
/// gets it without anything that strangers put into it (pre-registration attack).
async fn owner(
    flow: Flow<'_>,
    connection: &mut PgConnection,
    Identity { profile, .. }: &Identity<'_>,
    email: &Email,
) -> Result<User, OAuthError> {
    let found = users::find_by_email(connection, email).await?.filter(|_| profile.email_verified);
    let found = found.ok_or(OAuthError::AccountNotLinked)?;
    let provable = users::find_provable_locked(connection, &found.id).await?.ok_or(OAuthError::AccountNotLinked)?;
    // This reads the account as it is now that nobody else can change it.
    let owner = users::find_with_password(connection, email).await?.filter(|owner| owner.user.id == found.id);
    let owner = owner.ok_or(OAuthError::AccountNotLinked)?;
    if owner.is_banned {
        return Err(OAuthError::Banned);
    }
    if owner.user.email_verified {
        return Ok(owner.user);
    }
    if !flow.auth.settings.verification.required {
        // Then people are signed in without proof, and may have come to own what is in the account.
        return Err(OAuthError::AccountNotLinked);
    }
    prove_address(connection, &provable, Own::default(), flow).await?;
    if provable.created_by_operator {
        return Ok(User { email_verified: true, updated_at: flow.now, ..owner.user });
    }
    let (name, image) = (Some(profile.name.as_str()), Some(profile.image.as_deref()));
    let fields = FieldChanges { removed: flow.auth.settings.user_fields.of_users(), set: Map::new() };
    users::update_profile(connection, &owner.user.id, name, image, &fields, flow.now).await?;
    let mut additional_fields = owner.user.additional_fields;
    if let Value::Object(kept) = &mut additional_fields {
        kept.retain(|name, _| !fields.removed.contains(name));
    }
    Ok(User {
        email_verified: true,
        name: profile.name.clone(),
        image: profile.image.clone(),
        additional_fields,
        updated_at: flow.now,
        ..owner.user
    })
}

/// Links an identity to the user who asked for it, from a session that is still there.
pub(crate) async fn link(
    flow: Flow<'_>,
    identity: &Identity<'_>,
    (user, session): (&UserId, &SessionId),
) -> Result<(), OAuthError> {
    let Identity { provider, profile, tokens } = identity;
    retry_once(|| async {
        let mut transaction = flow.auth.db.begin().await?;
        let provable = users::find_provable_locked(&mut transaction, user).await?;
        let linker = sessions::find_active_by_id(&mut transaction, session).await?.filter(|linker| linker.id == *user);
        let linker = linker.ok_or(OAuthError::UnableToLink)?;
        match identities::find_by_subject(&mut transaction, &provider.settings.id, &profile.subject).await? {
            Some((_, owner, _)) if owner.id != *user => return Err(OAuthError::LinkedToOther),
            Some((account, ..)) => {
                identities::update_profile(&mut transaction, &account, &profile.to_provider_profile()).await?;
                if let Some(tokens) = tokens {
                    identities::update_tokens(
                        &mut transaction,
                        &account,
                        &sealed(flow.auth, provider, tokens, flow.now),
                        None,
                        flow.now,
                    )
                    .await?;
                }
            }
            None => {
                if !profile.email_verified {
                    return Err(OAuthError::EmailNotVerified);
                }
                if profile.email.as_ref() != Some(&linker.email) {
                    return Err(OAuthError::EmailMismatch);
                }
                insert(flow, &mut transaction, identity, user).await.map_err(|error| match error {
                    StoreError::Conflict(Constraint::ProviderAccount) => OAuthError::LinkedToOther,
                    error => error.into(),
                })?;
                // The provider vouches for the very address.
                if let Some(provable) = &provable {
                    let own = Own { session: Some(session), ..Own::default() };
                    prove_address(&mut transaction, provable, own, flow).await?;
                }
                let event = (Event::AccountLinked, Outcome::Success);
                record_provider(flow, &mut transaction, event, Some(user), &provider.settings.id).await?;
            }
        }
        transaction.commit().await?;
        Ok(())
    })
    .await
}

async fn insert(
    flow: Flow<'_>,
    connection: &mut PgConnection,
    Identity { provider, profile, tokens }: &Identity<'_>,
    user: &UserId,
) -> Result<AccountId, StoreError> {
    let tokens = tokens.map(|tokens| sealed(flow.auth, provider, tokens, flow.now)).unwrap_or_default();
    let (id, provider) = (AccountId::generate(), provider.settings.id.as_str());
    identities::insert(connection, &id, user, (provider, &profile.subject), &tokens).await?;
    identities::update_profile(connection, &id, &profile.to_provider_profile()).await?;
    Ok(id)
}
