//! Says whose account an address opens that was just proved by mail: its owner's, without what others put there before
//! (SESS-14), or a new one, where the rules of signing up let one be opened.

use serde_json::{Map, Value};

use crate::{
    auth::{
        DisplayName, Flow, Image, Prover,
        account::{
            picture::limit_pictures,
            sign_up_rules::{self, Invitation},
            username::choose_username,
        },
        audit::record::record,
        email::{
            prove_address::{Own, prove_address},
            verify::own_session,
        },
        passwordless::error::PasswordlessError,
    },
    store::{
        Tx,
        audit::{Event, Outcome},
        users::{self, IsBanned, User},
    },
    types::{Email, SessionToken, UserId, Username},
};

/// Holds what a new account has beside its address.
#[derive(Debug)]
pub struct Newcomer {
    pub name: DisplayName,
    pub image: Option<Image>,
    /// Is `None` where nobody was asked for any.
    pub additional_fields: Option<Map<String, Value>>,
    pub username: Option<Username>,
}

/// Locks the owner of an address, and with them the owner of the session that a sign-in replaces. `None` where nobody
/// has the address; an error where they are banned.
pub(crate) async fn lock_owner(
    transaction: &mut Tx,
    email: &Email,
    replaces: Option<&SessionToken>,
) -> Result<Option<UserId>, PasswordlessError> {
    let Some(owner) = users::find_by_email(transaction, email).await? else { return Ok(None) };
    let former = replaces.map(SessionToken::hash);
    match users::find_locked_for_sign_in(transaction, &owner.id, former.as_ref()).await? {
        Some(IsBanned(false)) => Ok(Some(owner.id)),
        Some(IsBanned(true)) | None => Err(PasswordlessError::Invalid),
    }
}

/// Opens the account of the address: that of its locked owner, or a new one. The second value tells whether it is new.
pub(crate) async fn open_account(
    flow: Flow<'_>,
    transaction: &mut Tx,
    (email, owner): (&Email, Option<&UserId>),
    newcomer: &Newcomer,
    prover: &Prover<'_>,
) -> Result<(User, bool), PasswordlessError> {
    let Some(owner) = owner else { return open_new(flow, transaction, email, newcomer).await };
    let provable = users::find_provable_locked(transaction, owner).await?;
    // The account may have got another address while the lock was waited for.
    let provable = provable.filter(|provable| provable.user.email == *email).ok_or(PasswordlessError::Invalid)?;
    if provable.user.email_verified {
        return Ok((provable.user, false));
    }
    let session = own_session(transaction, prover, owner).await?;
    let own = Own { session: session.as_ref(), choice: prover.choice, ..Own::default() };
    prove_address(transaction, &provable, own, flow).await?;
    record(flow, transaction, (Event::EmailVerified, Outcome::Success), Some(owner)).await?;
    let user = users::find_by_email(transaction, email).await?.ok_or(PasswordlessError::Invalid)?;
    Ok((user, false))
}

async fn open_new(
    flow: Flow<'_>,
    transaction: &mut Tx,
    email: &Email,
    newcomer: &Newcomer,
) -> Result<(User, bool), PasswordlessError> {
    if let Some(given) = &newcomer.additional_fields {
        let fields = flow.auth.settings.user_fields.iter();
        let mut required = fields.filter(|field| field.required && field.input && field.default.is_null());
        if let Some(missing) = required.find(|field| !given.contains_key(&field.name)) {
            return Err(PasswordlessError::MissingField(missing.name.clone()));
        }
    }
    let picture = newcomer.image.as_ref().and_then(Image::picture);
    if picture.is_some() {
        limit_pictures(flow, None).await?;
    }
    let user = User {
        id: UserId::generate(),
        email: email.clone(),
        email_verified: true,
        name: newcomer.name.as_str().to_owned(),
        image: newcomer.image.as_ref().map(|image| image.address(&flow.auth.settings)),
        roles: Vec::new(),
        additional_fields: Value::Object(newcomer.additional_fields.clone().unwrap_or_default()),
        two_factor_enabled: false,
        language: flow.language_to_keep(),
        created_at: flow.now,
        updated_at: flow.now,
    };
    // Somebody was faster, or the address is reserved for whoever may take it back.
    if !users::insert_unless_taken(transaction, &user).await? {
        return Err(PasswordlessError::Invalid);
    }
    sign_up_rules::spend(flow, transaction, email, &Invitation::ProvedAddress).await??;
    if let Some(name) = &newcomer.username {
        choose_username(flow, transaction, &user, name).await??;
    }
    if let Some(picture) = picture {
        picture.store(flow, transaction, &user.id).await?;
    }
    record(flow, transaction, (Event::SignUp, Outcome::Success), Some(&user.id)).await?;
    Ok((user, true))
}
