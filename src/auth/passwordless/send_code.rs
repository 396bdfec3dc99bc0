//! Mails a code to whoever owns an address, and does not say whether it did.

use sqlx::PgConnection;

use crate::{
    auth::{
        Asking, DeviceCookie, Flow,
        account::sign_up_rules::{self, Invitation},
        audit::record::record,
        find_session,
        limits::mails::{Asker, MailLimit},
        passwordless::code::{CodeMail, queue_code},
    },
    mail::CodeUse,
    observe::MailedSecret,
    store::{
        StoreError,
        audit::{Event, Outcome},
        retry_once,
        users::{self, PasswordUser},
        verifications::{Payload, Purpose},
    },
    types::Email,
};

/// Tells what a code is asked for by somebody who shows nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodeKind {
    SignIn,
    VerifyEmail,
    ResetPassword,
}

impl CodeKind {
    pub(crate) fn purpose(self) -> Purpose {
        match self {
            Self::SignIn => Purpose::SignInCode,
            Self::VerifyEmail => Purpose::VerifyEmailCode,
            Self::ResetPassword => Purpose::ResetPasswordCode,
        }
    }

    fn code_use(self) -> CodeUse {
        match self {
            Self::SignIn => CodeUse::SignIn,
            Self::VerifyEmail => CodeUse::VerifyEmail,
            Self::ResetPassword => CodeUse::ResetPassword,
        }
    }

    fn mailed_secret(self) -> MailedSecret {
        match self {
            Self::SignIn => MailedSecret::SignInCode,
            Self::VerifyEmail => MailedSecret::VerifyEmailCode,
            Self::ResetPassword => MailedSecret::ResetPasswordCode,
        }
    }

    fn event(self) -> Event {
        match self {
            Self::SignIn => Event::SignInMailed,
            Self::VerifyEmail => Event::VerificationSent,
            Self::ResetPassword => Event::PasswordResetRequested,
        }
    }
}

/// Queues a code where it would do something: to sign in, for those who have an account or may open one; for a new
/// password, for those who have an account; to prove an address, for one that is not proved, and for whoever is signed in
/// with it and shows by the code that its mail is theirs. Whatever comes of it, the same row is written, so that tries
/// are counted alike and nobody learns who has an account (ENUM-01).
#[tracing::instrument(level = "debug", skip_all, fields(request.id = flow.client.request_id.as_str()))]
pub async fn send_code(flow: Flow<'_>, email: &Email, kind: CodeKind, asking: Asking<'_>) -> Result<(), StoreError> {
    let own = match asking.session.filter(|_| kind == CodeKind::VerifyEmail) {
        Some(token) => find_session(flow.auth, token).await?,
        None => None,
    };
    let own = own.filter(|found| found.user.email == *email);
    let client = own.as_ref().map_or_else(|| flow.client.clone(), |found| flow.client.acting_in(&found.session));
    let (flow, is_own) = (Flow { client: &client, ..flow }, own.is_some());
    retry_once(|| queue(flow, email, kind, (asking, is_own))).await
}

async fn queue(
    flow: Flow<'_>,
    email: &Email,
    kind: CodeKind,
    (asking, is_own): (Asking<'_>, bool),
) -> Result<(), StoreError> {
    let mut transaction = flow.auth.db.begin().await?;
    let addressee = find_addressee(flow, &mut transaction, email, asking.device).await?;
    let outcome = match &addressee.found {
        _ if kind == CodeKind::SignIn => addressee.sign_in_outcome(flow, &mut transaction, email).await?,
        Some(PasswordUser { is_banned: true, .. }) => Outcome::Banned,
        Some(PasswordUser { user, .. }) if kind == CodeKind::VerifyEmail && user.email_verified && !is_own => {
            Outcome::Refused
        }
        Some(_) => Outcome::Success,
        None => Outcome::UnknownAccount,
    };
    let user = addressee.found.as_ref().map(|found| &found.user);
    let name = user.map_or("", |user| user.name.as_str());
    let mail = CodeMail {
        purpose: kind.purpose(),
        to: email,
        user: user.map(|user| &user.id),
        payload: Payload::empty(),
        mailed: (outcome == Outcome::Success).then(|| (kind.code_use(), name)),
    };
    let is_queued = queue_code(flow, &mut transaction, mail, &addressee.limit(flow)).await?;
    let outcome = if is_queued { outcome } else { Outcome::RateLimited };
    record(flow, &mut transaction, (kind.event(), outcome), user.map(|user| &user.id)).await?;
    transaction.commit().await?;
    if outcome == Outcome::Success {
        flow.auth.metrics.mailed_secrets.count(kind.mailed_secret());
    }
    Ok(())
}

/// Describes whom a mail is for, and who asks for it.
#[derive(Debug)]
pub(crate) struct Addressee {
    pub(crate) found: Option<PasswordUser>,
    asker: Asker,
}

impl Addressee {
    /// Returns how many mails the address gets from whoever asks.
    pub(crate) fn limit(&self, flow: Flow<'_>) -> MailLimit<'static> {
        MailLimit::asked(self.asker.clone(), flow.now)
    }

    /// Returns what asking for a way in by mail comes to: a success for the owner of an account, and for somebody for whom
    /// one may be opened.
    pub(crate) async fn sign_in_outcome(
        &self,
        flow: Flow<'_>,
        connection: &mut PgConnection,
        email: &Email,
    ) -> Result<Outcome, StoreError> {
        match &self.found {
            Some(PasswordUser { is_banned: true, .. }) => Ok(Outcome::Banned),
            Some(_) => Ok(Outcome::Success),
            None => match sign_up_rules::require(flow, connection, email, &Invitation::ProvedAddress).await? {
                Ok(()) => Ok(Outcome::Success),
                Err(_) => Ok(Outcome::Refused),
            },
        }
    }
}

/// Finds whom a mail is for, locked.
pub(crate) async fn find_addressee(
    flow: Flow<'_>,
    connection: &mut PgConnection,
    email: &Email,
    device: Option<&DeviceCookie>,
) -> Result<Addressee, StoreError> {
    if let Some(owner) = users::find_by_email(connection, email).await? {
        users::find_locked(connection, &owner.id).await?;
    }
    let found = users::find_with_password(connection, email).await?;
    let asker = found.as_ref().map_or(Asker::Address(flow.client.ip), |found| Asker::new(found, device, flow.client));
    Ok(Addressee { found, asker })
}
