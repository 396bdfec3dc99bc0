//! Opening an account with an address and a password.

use time::OffsetDateTime;

use crate::{
    store::{
        StoreError, accounts,
        audit::{Event, Outcome},
        users::{self, User},
    },
    types::{AccountId, Email, Password, PasswordHash, UserId},
};

use super::{
    Auth, Busy, CallbackUrl, Client, DisplayName, NewSession,
    journal::record,
    new_device::note_device,
    open_session::{Proof, open_session},
    send_verification::{queue_account_exists, queue_verification},
};

/// What somebody signs up with. Nothing else of a request is looked at (FAIL-08).
#[derive(Debug)]
pub struct SignUp {
    pub name: DisplayName,
    pub email: Email,
    pub password: Password,
    pub image: Option<String>,
    pub callback_url: Option<CallbackUrl>,
    pub remember: bool,
}

/// The new account; where the address has one already and that must not show, one that exists nowhere.
#[derive(Debug)]
pub struct SignedUp {
    pub user: User,
    /// Only where addresses need no proof.
    pub session: Option<NewSession>,
}

/// Why there is no account.
#[derive(Debug, thiserror::Error)]
pub enum SignUpError {
    /// Only said where addresses need no proof; otherwise the owner is told by mail.
    #[error("the address has an account")]
    EmailTaken,
    #[error(transparent)]
    Busy(#[from] Busy),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Signs up. A taken address costs the same hash and the same kind of transaction, and leads to the same answer; its
/// owner gets a mail, and a verified account stays as it was.
pub async fn sign_up(
    auth: &Auth,
    input: SignUp,
    client: &Client,
    now: OffsetDateTime,
) -> Result<SignedUp, SignUpError> {
    // Before the transaction: waiting for a hashing thread must not hold a connection.
    let hash = auth.hasher.hash(input.password).await?;
    let user = User {
        id: UserId::generate(),
        email: input.email,
        email_verified: false,
        name: input.name.as_str().to_owned(),
        image: input.image,
        created_at: now,
        updated_at: now,
    };
    let mut transaction = auth.db.begin().await?;
    let mut session = None;
    if users::insert_unless_taken(&mut transaction, &user).await? {
        insert_password(&mut transaction, &user, &hash, now).await?;
        if auth.settings.verification.required {
            queue_verification(auth, &mut transaction, &user, input.callback_url.as_ref(), now).await?;
        } else {
            session = Some(
                open_session(auth, &mut transaction, Proof::password(&user.id), input.remember, client, now).await?,
            );
            note_device(auth, &mut transaction, &user, client, now).await?;
        }
        record(&mut transaction, (Event::SignUp, Outcome::Success), Some(&user.id), client, now).await?;
    } else {
        let owner = users::find_by_email(&mut transaction, &user.email).await?;
        if auth.settings.verification.required
            && let Some(owner) = &owner
        {
            if owner.email_verified {
                queue_account_exists(auth, &mut transaction, owner, now).await?;
            } else {
                // Nobody proved the address yet, so whoever signed up first may not be its owner. The sign-up that the
                // newest link belongs to is the one that counts (pre-registration attack).
                let addressed = User { name: user.name.clone(), ..owner.clone() };
                let callback_url = input.callback_url.as_ref();
                // Whoever proves the address at this moment must not find another's password in the account.
                users::find_locked(&mut transaction, &owner.id).await?;
                if queue_verification(auth, &mut transaction, &addressed, callback_url, now).await?
                    && users::update_name_of_unverified(&mut transaction, &owner.id, &user.name, now).await?
                {
                    // A provider's identity neither: it came with an address that it did not vouch for.
                    accounts::delete_of_user(&mut transaction, &owner.id).await?;
                    accounts::upsert_credential(&mut transaction, &AccountId::generate(), &owner.id, &hash, now)
                        .await?;
                }
            }
        }
        let owner = owner.map(|owner| owner.id);
        record(&mut transaction, (Event::SignUp, Outcome::AccountExists), owner.as_ref(), client, now).await?;
        if !auth.settings.verification.required {
            transaction.commit().await.map_err(StoreError::from)?;
            return Err(SignUpError::EmailTaken);
        }
    }
    transaction.commit().await.map_err(StoreError::from)?;
    auth.outbox.wake();
    Ok(SignedUp { user, session })
}

async fn insert_password(
    connection: &mut sqlx::PgConnection,
    user: &User,
    hash: &PasswordHash,
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    accounts::insert_credential(connection, &AccountId::generate(), &user.id, hash, now).await
}
