//! Is the one place where a proved first factor becomes a session, or a challenge to prove a second one. Every way to
//! sign in ends here.

use crate::{
    auth::{
        Flow,
        audit::record::{record, record_provider},
        device::known_devices::record_device,
        session::{
            device_sessions::end_former,
            first_factor::FirstFactor,
            open::{NewSession, OpenSession, open_session},
        },
        two_factor::challenge::{NewChallenge, open_challenge},
    },
    store::{
        StoreError, Tx,
        audit::{Event, Outcome},
        two_factor::{self, trusted_devices},
    },
    types::{AuthMethod, SecondFactor, TokenHash, TrustedDeviceToken},
};

/// Describes what a proved first factor became.
#[derive(Debug)]
#[must_use = "a challenge is no session"]
pub enum SignInStep {
    Opened(Box<NewSession>),
    Challenged(NewChallenge),
}

impl SignInStep {
    /// Returns how the step is recorded, and counted in `authgate_sign_ins_total`.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        match self {
            Self::Opened(_) => Outcome::Success,
            Self::Challenged(_) => Outcome::SecondFactorRequired,
        }
    }
}

/// Opens a session for whoever proved the first factor; where the account has a second one that is not proved, opens a
/// challenge instead, which opens nothing by itself (TOTP-01). Either way the session ends that the browser had before,
/// unless it is of another account and the browser keeps several. The step is recorded in the audit log; the caller
/// counts it. The user has to be locked, and known not to be banned.
pub(crate) async fn complete_sign_in(
    flow: Flow<'_>,
    transaction: &mut Tx,
    first: &FirstFactor<'_>,
) -> Result<SignInStep, StoreError> {
    let user = &first.user.id;
    end_former(flow, transaction, user, first.replaces).await?;
    let enabled = match first.second_factor {
        None if flow.auth.settings.two_factor.enabled => two_factor::find_enabled(transaction, user).await?,
        _ => None,
    };
    let mut opened = OpenSession {
        method: first.method,
        second_factor: first.second_factor,
        trusted_device: None,
        remember: first.remember,
    };
    let step = match enabled {
        None => open(flow, transaction, first, &opened).await?,
        Some(enabled) => {
            let is_spared = !flow.auth.settings.two_factor.is_required_for(&first.user.roles);
            let tokens = first.trusted_devices.iter().filter(|_| is_spared);
            let tokens: Vec<TokenHash> = tokens.map(TrustedDeviceToken::hash).collect();
            opened.trusted_device = trusted_devices::update_used(transaction, user, &tokens, flow.now).await?;
            if opened.trusted_device.is_some() {
                opened.second_factor = Some(SecondFactor::TrustedDevice);
                open(flow, transaction, first, &opened).await?
            } else {
                SignInStep::Challenged(open_challenge(flow, transaction, first, enabled).await?)
            }
        }
    };
    let event = (Event::SignIn, step.outcome());
    match first.method {
        AuthMethod::Provider(provider) => record_provider(flow, transaction, event, Some(user), provider).await?,
        AuthMethod::Password
        | AuthMethod::MagicLink
        | AuthMethod::EmailCode
        | AuthMethod::Passkey
        | AuthMethod::ApiKey
        | AuthMethod::Impersonation
        | AuthMethod::Imported => {
            record(flow, transaction, event, Some(user)).await?;
        }
    }
    Ok(step)
}

async fn open(
    flow: Flow<'_>,
    transaction: &mut Tx,
    first: &FirstFactor<'_>,
    opened: &OpenSession<'_>,
) -> Result<SignInStep, StoreError> {
    let session = open_session(flow, transaction, &first.user.id, opened).await?;
    record_device(flow, transaction, first.user).await?;
    Ok(SignInStep::Opened(Box::new(session)))
}
