//! Asks authenticators and verifies what they answer, without a database: the library's ceremonies with the choices of
//! this gateway. Registration and sign-in both need the user verified (PKEY-03), and every failure is an error
//! (PKEY-04).

use std::time::Duration;

use serde_json::Value;
use url::Url;
use webauthn_rs::prelude::{
    AttestationFormat, AuthenticationResult, COSEAlgorithm, COSEKey, Credential, DiscoverableAuthentication,
    ParsedAttestation, Passkey as LibraryPasskey, PasskeyRegistration, PublicKeyCredential,
    RegisterPublicKeyCredential, Webauthn, WebauthnBuilder, WebauthnError,
};
use webauthn_rs_core::proto::{
    AllowCredentials, AuthenticatorAttachment, RegisteredExtensions, ResidentKeyRequirement, UserVerificationPolicy,
};

use crate::{
    auth::passkey::{
        response::{MAX_BYTES, attested_key, trusted_origin},
        settings::PasskeySettings,
        unverified::Unverified,
    },
    store::passkeys::Passkey,
    types::{CredentialId, PasskeyUserHandle, TrustedOrigins},
};

/// Says how long an authenticator may take (PKEY-02).
pub const CHALLENGE_EXPIRES_IN: Duration = Duration::from_mins(5);

/// Describes who adds a passkey.
#[derive(Debug)]
pub struct NewPasskeyUser<'a> {
    pub handle: PasskeyUserHandle,
    /// Is what people see when they choose a passkey.
    pub name: &'a str,
    /// These are not to be made once more.
    pub existing: &'a [Passkey],
    /// Asks for an authenticator of the device, or for one beside it.
    pub attachment: Option<Attachment>,
}

/// Tells where an authenticator is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attachment {
    Platform,
    CrossPlatform,
}

/// Holds what a browser is told to ask, and what has to be known when it comes back.
#[derive(Debug)]
pub struct Asked {
    pub options: Value,
    pub state: Value,
}

/// Describes a passkey that was just made.
#[derive(Debug)]
pub struct Registered {
    pub credential_id: CredentialId,
    pub public_key: Vec<u8>,
    pub counter: u32,
    pub backup_eligible: bool,
    pub backed_up: bool,
    pub transports: Vec<String>,
    pub aaguid: [u8; 16],
}

/// Describes what a passkey proved: that its user was verified, by these counters.
#[derive(Debug, Clone, Copy)]
#[must_use = "a passkey that proved nothing signs nobody in"]
pub struct Proved {
    pub counter: u32,
    pub backed_up: bool,
}

/// Asks for a passkey that can be found without a name.
///
/// # Errors
/// Never, but for a relying party id that no origin can have.
pub fn registration_options(
    settings: &PasskeySettings,
    origin: &Url,
    user: &NewPasskeyUser<'_>,
) -> Result<Asked, Unverified> {
    let library = library(settings, origin)?;
    let existing = user.existing.iter().map(|passkey| passkey.credential_id.as_bytes().to_vec()).collect();
    let (mut asked, state) =
        library.start_passkey_registration(user.handle.uuid(), user.name, user.name, Some(existing))?;
    asked.public_key.pub_key_cred_params.retain(|param| ALGORITHMS.iter().any(|known| *known as i64 == param.alg));
    if let Some(selection) = &mut asked.public_key.authenticator_selection {
        // Sign-in names no credentials, so that nobody learns who has some (ENUM-04): a key that cannot be found by the
        // site's name alone could never sign in.
        selection.resident_key = Some(ResidentKeyRequirement::Required);
        selection.require_resident_key = true;
        selection.authenticator_attachment = user.attachment.map(|attachment| match attachment {
            Attachment::Platform => AuthenticatorAttachment::Platform,
            Attachment::CrossPlatform => AuthenticatorAttachment::CrossPlatform,
        });
    }
    Ok(Asked { options: json(&asked.public_key), state: json(&state) })
}

/// Verifies a passkey that was just made.
pub fn verify_registration(
    settings: &PasskeySettings,
    trusted: &TrustedOrigins,
    state: Value,
    response: Value,
) -> Result<Registered, Unverified> {
    let transports = transports(&response);
    let response: RegisterPublicKeyCredential = serde_json::from_value(response).map_err(|_| Unverified::Malformed)?;
    let origin = trusted_origin(&response.response.client_data_json, settings, trusted)?;
    let key = attested_key(&response.response.attestation_object)?;
    if response.type_ != PUBLIC_KEY {
        return Err(Unverified::Malformed);
    }
    let state: PasskeyRegistration = serde_json::from_value(state).map_err(|_| Unverified::Stored)?;
    let passkey = library(settings, &origin)?.finish_passkey_registration(&response, &state)?;
    let credential = Credential::from(passkey);
    // The library verified what the authenticator signed; the browser has to say the same of it.
    if !ALGORITHMS.contains(&credential.cred.type_) || credential.cred_id != response.raw_id {
        return Err(Unverified::Malformed);
    }
    Ok(Registered {
        credential_id: CredentialId::from_bytes(credential.cred_id).map_err(|_| Unverified::Malformed)?,
        public_key: key.public_key,
        counter: credential.counter,
        backup_eligible: credential.backup_eligible,
        backed_up: credential.backup_state,
        transports,
        aaguid: key.aaguid,
    })
}

/// Asks for a passkey; one of `allowed` where it is known whose, any other time whichever the browser finds.
///
/// # Errors
/// Never, but for a relying party id that no origin can have.
pub fn authentication_options(
    settings: &PasskeySettings,
    origin: &Url,
    allowed: &[Passkey],
) -> Result<Asked, Unverified> {
    let (mut asked, state) = library(settings, origin)?.start_discoverable_authentication()?;
    asked.public_key.extensions = None;
    asked.public_key.allow_credentials = allowed.iter().map(descriptor).collect();
    Ok(Asked { options: json(&asked.public_key), state: json(&state) })
}

/// Is a passkey's answer that nobody has verified yet.
#[derive(Debug)]
pub struct Assertion {
    response: PublicKeyCredential,
    credential_id: CredentialId,
}

impl Assertion {
    /// Reads what a browser sends.
    pub fn parse(response: Value) -> Result<Self, Unverified> {
        let response: PublicKeyCredential = serde_json::from_value(response).map_err(|_| Unverified::Malformed)?;
        let parts = &response.response;
        if [&parts.authenticator_data, &parts.client_data_json, &parts.signature].iter().any(|p| p.len() > MAX_BYTES) {
            return Err(Unverified::TooLong);
        }
        let credential_id = CredentialId::from_bytes(response.raw_id.clone()).map_err(|_| Unverified::Malformed)?;
        if response.type_ != PUBLIC_KEY {
            return Err(Unverified::Malformed);
        }
        Ok(Self { response, credential_id })
    }

    /// Returns which passkey it says it is of.
    #[must_use]
    pub fn credential_id(&self) -> &CredentialId {
        &self.credential_id
    }

    /// Verifies that the passkey made it, for this challenge, with its user verified, and that the user it names, if
    /// any, is known by this handle. A passkey that was made elsewhere may name its user by one that nobody wrote down.
    pub fn verify(
        &self,
        settings: &PasskeySettings,
        trusted: &TrustedOrigins,
        state: Value,
        (passkey, handle): (&Passkey, Option<PasskeyUserHandle>),
    ) -> Result<Proved, Unverified> {
        let origin = trusted_origin(&self.response.response.client_data_json, settings, trusted)?;
        if let Some(named) = self.user_handle().filter(|_| passkey.has_known_handle)
            && PasskeyUserHandle::from_bytes(named).is_none_or(|named| Some(named) != handle)
        {
            return Err(Unverified::User);
        }
        let state: DiscoverableAuthentication = serde_json::from_value(state).map_err(|_| Unverified::Stored)?;
        let stored = stored_credential(passkey)?;
        let result: AuthenticationResult =
            library(settings, &origin)?.finish_discoverable_authentication_v2(&self.response, state, stored)?;
        // The library has looked at this before; nobody is signed in without it.
        if !result.user_verified() {
            return Err(Unverified::Library(WebauthnError::UserNotVerified));
        }
        Ok(Proved { counter: result.counter(), backed_up: result.backup_state() })
    }

    /// Returns whom the authenticator says it signs in. An empty one is none.
    #[must_use]
    pub fn user_handle(&self) -> Option<&[u8]> {
        self.response.get_user_unique_id().filter(|handle| !handle.is_empty())
    }
}

const PUBLIC_KEY: &str = "public-key";
/// Are the algorithms that a passkey may have (PKEY-07). The library knows no `EdDSA`, and every authenticator knows one of
/// these.
const ALGORITHMS: [COSEAlgorithm; 2] = [COSEAlgorithm::ES256, COSEAlgorithm::RS256];

/// Makes the library for one origin: the one that asks, which was found to be trusted.
fn library(settings: &PasskeySettings, origin: &Url) -> Result<Webauthn, Unverified> {
    let builder = WebauthnBuilder::new(&settings.rp_id, origin)?;
    Ok(builder.rp_name(&settings.rp_name).timeout(CHALLENGE_EXPIRES_IN).build()?)
}

fn descriptor(passkey: &Passkey) -> AllowCredentials {
    let transports: Vec<_> = passkey.transports.iter().filter_map(|name| name.parse().ok()).collect();
    AllowCredentials {
        type_: PUBLIC_KEY.to_owned(),
        id: passkey.credential_id.as_bytes().to_vec(),
        transports: (!transports.is_empty()).then_some(transports),
    }
}

fn stored_credential(passkey: &Passkey) -> Result<LibraryPasskey, Unverified> {
    let key: serde_cbor_2::Value = serde_cbor_2::from_slice(&passkey.public_key).map_err(|_| Unverified::Stored)?;
    Ok(LibraryPasskey::from(Credential {
        cred_id: passkey.credential_id.as_bytes().to_vec(),
        cred: COSEKey::try_from(&key).map_err(|_| Unverified::Stored)?,
        counter: passkey.counter,
        transports: None,
        user_verified: true,
        backup_eligible: passkey.backup_eligible,
        backup_state: passkey.backed_up,
        registration_policy: UserVerificationPolicy::Required,
        extensions: RegisteredExtensions::none(),
        attestation: ParsedAttestation::default(),
        attestation_format: AttestationFormat::None,
    }))
}

/// Returns how the authenticator can be reached, as the browser says: a few words that mean something to browsers.
fn transports(response: &Value) -> Vec<String> {
    const KNOWN: [&str; 6] = ["usb", "nfc", "ble", "internal", "hybrid", "smart-card"];
    let named = response.pointer("/response/transports").and_then(Value::as_array);
    let is_named = |known: &&&str| named.is_some_and(|named| named.iter().any(|name| name == **known));
    KNOWN.iter().filter(is_named).map(|&known| known.to_owned()).collect()
}

fn json(value: &impl serde::Serialize) -> Value {
    serde_json::to_value(value).expect("options and states are trees of texts and numbers")
}
