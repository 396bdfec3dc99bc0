//! Opens an account with an address and a password.

use serde_json::{Map, Value};

use crate::{
    auth::{
        CallbackUrl, DisplayName, Flow, FlowError, Image, NewSession, SignUpChoice, SignUpMode, SignUpRefusal,
        account::{
            picture::limit_pictures,
            sign_up_rules::{self, Invitation, record_refusal},
            username::{UsernameTaken, choose_username, is_username_free},
        },
        audit::record::record,
        device::known_devices::record_device,
        email::send_verification::{queue_account_exists, queue_verification},
        limits::mails::Asker,
        password::proof::hash_new_password,
        session::{
            device_sessions::end_former,
            open::{OpenSession, open_session},
        },
    },
    store::{
        StoreError,
        audit::{Event, Outcome},
        retry_once,
        users::{self, AddressOwner, User, credentials},
    },
    types::{AccountId, Email, MailToken, Password, SessionToken, UserId, Username},
};

/// Holds what somebody signs up with. Nothing else of a request is read (FAIL-08).
#[derive(Debug)]
pub struct SignUp {
    pub name: DisplayName,
    pub email: Email,
    pub password: Password,
    /// A picture is kept only where addresses need no proof.
    pub image: Option<Image>,
    /// Holds the fields that users set themselves, the name that they sign in with among them.
    pub additional_fields: Map<String, Value>,
    pub username: Option<Username>,
    pub callback_url: Option<CallbackUrl>,
    pub invitation: Option<MailToken>,
    pub remember: bool,
    /// Is the session that the browser has. It matters only where the browser keeps several.
    pub replaces: Option<SessionToken>,
}

/// Holds the new account; where the address has one already and that must not show, one that exists nowhere.
#[derive(Debug)]
pub struct SignedUp {
    pub user: User,
    /// A session is opened only where addresses need no proof.
    pub session: Option<NewSession>,
    /// The browser keeps this until it proves the address; it is there only where that is needed.
    pub choice: Option<SignUpChoice>,
}

/// Describes why no account was created.
#[derive(Debug, thiserror::Error)]
pub enum SignUpError {
    /// This is said only where addresses need no proof; otherwise the owner is told by mail.
    #[error("the address has an account")]
    EmailTaken,
    /// This says nothing of the address: it is looked at first, and only names of proved addresses count.
    #[error(transparent)]
    UsernameTaken(#[from] UsernameTaken),
    /// This depends on the configuration and the address alone, never on who has an account.
    #[error(transparent)]
    Refused(#[from] SignUpRefusal),
    #[error(transparent)]
    Flow(#[from] FlowError),
}

impl From<StoreError> for SignUpError {
    fn from(error: StoreError) -> Self {
        Self::Flow(error.into())
    }
}

/// Signs a user up. A taken address costs the same hash and the same kind of transaction, and leads to the same answer.
/// Its owner gets a mail, and nothing of the account changes, whatever its state: who proves the address has the
/// password that was chosen here in the browser's own cookie (SESS-14).
#[tracing::instrument(level = "debug", skip_all, fields(request.id = flow.client.request_id.as_str()))]
pub async fn sign_up(flow: Flow<'_>, input: SignUp) -> Result<SignedUp, SignUpError> {
    let invitation = Invitation::Token(input.invitation.map(|token| token.hash()));
    if let Err(refusal) = admit(flow, &input.email, &invitation).await? {
        record_refusal(flow, refusal, None).await?;
        return Err(refusal.into());
    }
    if let Some(name) = &input.username
        && !is_username_free(flow, name).await?
    {
        return Err(UsernameTaken.into());
    }
    // Anybody can sign up with anybody's address. A picture that was kept before the proof would fill the database for
    // nothing, and whether it is served would tell whether the address was free.
    let image = input.image.filter(|image| image.picture().is_none() || !flow.auth.settings.verification.required);
    let picture = image.as_ref().and_then(Image::picture);
    if picture.is_some() {
        limit_pictures(flow, None).await?;
    }
    // The hash comes before the transaction: waiting for a hashing thread must not hold a connection.
    let hash = hash_new_password(flow, input.password).await?;
    let user = User {
        id: UserId::generate(),
        email: input.email,
        email_verified: false,
        name: input.name.as_str().to_owned(),
        image: image.as_ref().map(|image| image.address(&flow.auth.settings)),
        roles: Vec::new(),
        additional_fields: Value::Object(input.additional_fields),
        two_factor_enabled: false,
        language: flow.language_to_keep(),
        created_at: flow.now,
        updated_at: flow.now,
    };
    // A browser that keeps several sessions has room for one more, or gives up the active one as at a sign-in.
    let keeps_several = flow.auth.settings.multi_session.is_some() && !flow.auth.settings.verification.required;
    let replaces = input.replaces.as_ref().filter(|_| keeps_several);
    let signed_up = retry_once(|| async {
        let mut transaction = flow.auth.db.begin().await?;
        if let Some(replaced) = replaces {
            // Nobody has the new id yet: this locks the owner of the session that may end, before any other row.
            users::find_locked_for_sign_in(&mut transaction, &user.id, Some(&replaced.hash())).await?;
        }
        let mut session = None;
        let (callback_url, asker) = (input.callback_url.as_ref(), Asker::Address(flow.client.ip));
        if users::insert_unless_taken(&mut transaction, &user).await? {
            sign_up_rules::spend(flow, &mut transaction, &user.email, &invitation).await??;
            credentials::insert(&mut transaction, &AccountId::generate(), &user.id, &hash, flow.now).await?;
            if let Some(name) = &input.username {
                choose_username(flow, &mut transaction, &user, name).await??;
            }
            if let Some(picture) = picture {
                picture.store(flow, &mut transaction, &user.id).await?;
            }
            if flow.auth.settings.verification.required {
                queue_verification(flow, &mut transaction, &user, callback_url, asker).await?;
            } else {
                end_former(flow, &mut transaction, &user.id, replaces).await?;
                let opened = OpenSession::with_password(input.remember);
                session = Some(open_session(flow, &mut transaction, &user.id, &opened).await?);
                record_device(flow, &mut transaction, &user).await?;
            }
            record(flow, &mut transaction, (Event::SignUp, Outcome::Success), Some(&user.id)).await?;
        } else {
            let owner = users::find_owner(&mut transaction, &user.email).await?;
            if flow.auth.settings.verification.required
                && let Some(AddressOwner { user: owner, is_claimed }) = &owner
            {
                if *is_claimed {
                    queue_account_exists(flow, &mut transaction, owner).await?;
                } else {
                    let addressed = User { name: user.name.clone(), ..owner.clone() };
                    queue_verification(flow, &mut transaction, &addressed, callback_url, asker).await?;
                }
            }
            let owner = owner.map(|owner| owner.user.id);
            record(flow, &mut transaction, (Event::SignUp, Outcome::AccountExists), owner.as_ref()).await?;
            if !flow.auth.settings.verification.required {
                transaction.commit().await?;
                return Err(SignUpError::EmailTaken);
            }
        }
        transaction.commit().await?;
        let until = flow.now + flow.auth.settings.verification.expires_in;
        let choice =
            flow.auth.settings.verification.required.then(|| SignUpChoice::new(&user, &hash, input.remember, until));
        Ok(SignedUp { user: user.clone(), session, choice })
    })
    .await;
    if let Err(SignUpError::Refused(refusal)) = &signed_up {
        record_refusal(flow, *refusal, None).await?;
    }
    signed_up
}

/// Says whether an account may be opened, before any work is done for it. Most configurations need no database for that.
async fn admit(
    flow: Flow<'_>,
    email: &Email,
    invitation: &Invitation,
) -> Result<Result<(), SignUpRefusal>, StoreError> {
    let rules = &flow.auth.settings.sign_up;
    if rules.mode != SignUpMode::Invitation {
        return Ok(rules.require(email));
    }
    let mut connection = flow.auth.db.acquire().await?;
    sign_up_rules::require(flow, &mut connection, email, invitation).await
}
