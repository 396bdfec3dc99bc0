//! Says what becomes of an account when its address is proved (SESS-14). Anybody can sign up with anybody's address;
//! whoever proves it gets the account without what others put there.

use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::{
    auth::{Flow, SignUpChoice, account::username::settle_username, forget_failures},
    store::{
        StoreError, api_keys, passkeys, sessions, two_factor,
        users::{self, FieldChanges, Provable, accounts, credentials},
        verifications::{self, Purpose},
    },
    types::{AccountId, PasswordHash, SessionId},
};

/// Lists the links that were asked for before the proof and act on the account. One that sets a password stays: it was
/// mailed to the address that is proved.
const ENDED: [Purpose; 9] = [
    Purpose::VerifyEmail,
    Purpose::ChangeEmail,
    Purpose::ConsentEmailChange,
    Purpose::DeleteUser,
    Purpose::AccountExists,
    Purpose::OauthState,
    Purpose::VerifyEmailCode,
    Purpose::ChangeEmailCode,
    Purpose::PasskeyRegistration,
];

/// Holds what of the account is the prover's own, and so outlives the proof.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Own<'a> {
    /// Is a live session of the account in the browser that proves: who has it owns the account already, with its
    /// password and its identities.
    pub(crate) session: Option<&'a SessionId>,
    /// Is the identity by which a provider vouches for the address.
    pub(crate) identity: Option<&'a AccountId>,
    /// Is a password that was given together with the proof.
    pub(crate) password: Option<&'a PasswordHash>,
    /// Is what the browser that proves chose at sign-up.
    pub(crate) choice: Option<&'a SignUpChoice>,
}

/// Marks the address as proved and ends every password, session, identity and link that is not the prover's own. What
/// an operator set stays. The user has to be locked, and is changed only if nobody has proved the address before.
pub(crate) async fn prove_address(
    connection: &mut PgConnection,
    provable: &Provable,
    own: Own<'_>,
    flow: Flow<'_>,
) -> Result<(), StoreError> {
    let (user, now) = (&provable.user, flow.now);
    if user.email_verified {
        return Ok(());
    }
    // Accounts go before the sessions: a sign-in under way holds its account, and its session must not outlive this.
    if own.session.is_none() {
        let chosen = choice_for(provable, own).and_then(SignUpChoice::identity);
        accounts::delete_unproved(connection, &user.id, own.identity.or(chosen.as_ref())).await?;
    }
    // A stranger's second factor would keep the owner out, and a stranger's passkey let the stranger in.
    if own.session.is_none() {
        two_factor::delete(connection, &user.id).await?;
        passkeys::delete_added_since(connection, &user.id, None).await?;
        api_keys::delete_made_since(connection, &user.id, None).await?;
    }
    set_chosen_password(connection, provable, own, now).await?;
    sessions::delete_all_but(connection, &user.id, own.session).await?;
    verifications::delete_of_user(connection, &user.id, &ENDED).await?;
    let choice = choice_for(provable, own);
    let is_own_profile =
        own.session.is_some() || own.identity.is_some() || choice.is_some_and(|choice| choice.made(&user.id));
    let mut stored = None;
    if !is_own_profile && !provable.created_by_operator {
        // Picture and fields are a stranger's. A name has to be there, and says nothing that an app would act on.
        let (name, image) =
            (choice.map(|choice| choice.name.as_str()), choice.and_then(|choice| choice.image.as_deref()));
        let set = choice.and_then(|choice| choice.additional_fields.as_object()).cloned().unwrap_or_default();
        let fields = FieldChanges { removed: flow.auth.settings.user_fields.of_users(), set };
        stored = users::update_profile(connection, &user.id, name, Some(image), &fields, now).await?;
    }
    settle_username(flow, connection, &user.id, stored.as_ref().unwrap_or(&user.additional_fields)).await?;
    users::update_email_verified(connection, &user.id, now).await?;
    // Whoever guessed until now has not tried the password that counts from now on.
    forget_failures(connection, &user.email, &user.id).await
}

async fn set_chosen_password(
    connection: &mut PgConnection,
    provable: &Provable,
    own: Own<'_>,
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    let user = &provable.user;
    let is_proved = credentials::is_proved(connection, &user.id).await?;
    let chosen = match (own.password, choice_for(provable, own)) {
        // The operator's, which nobody is asked to replace.
        _ if is_proved && provable.created_by_operator => None,
        (Some(typed), _) => Some(typed.clone()),
        // One that was set by a mailed link is newer than what was chosen at sign-up.
        (None, Some(choice)) if !is_proved => choice.password(),
        (None, _) => None,
    };
    if let Some(hash) = &chosen {
        credentials::upsert(connection, &AccountId::generate(), &user.id, hash, now).await?;
        credentials::update_proved(connection, &user.id).await?;
    }
    Ok(())
}

/// Returns the sign-up that counts. None does in a browser that is signed in to the account: it has what it wants
/// already.
fn choice_for<'a>(provable: &Provable, own: Own<'a>) -> Option<&'a SignUpChoice> {
    own.choice.filter(|choice| own.session.is_none() && choice.email == provable.user.email)
}
