//! Shows passkeys as JSON (contract §5.2).

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    api::respond::views::wire_time,
    auth::Passkey,
    types::{PasskeyId, UserId},
};

/// Shows a passkey to its owner.
#[derive(Serialize, ToSchema)]
#[schema(as = Passkey)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PasskeyView<'a> {
    #[schema(value_type = String)]
    id: &'a PasskeyId,
    #[schema(required)]
    name: Option<&'a str>,
    /// Is in COSE form, in base64.
    public_key: String,
    #[schema(value_type = String)]
    user_id: &'a UserId,
    /// Is the authenticator's own name of it, in base64url.
    #[serde(rename = "credentialID")]
    credential_id: String,
    counter: u32,
    /// Is `singleDevice` or `multiDevice`.
    device_type: &'static str,
    backed_up: bool,
    /// Lists how browsers reach its authenticator, separated by commas.
    transports: String,
    #[schema(format = DateTime)]
    created_at: String,
    #[schema(format = DateTime, required)]
    last_used_at: Option<String>,
    /// Names the model of the authenticator, as it told it.
    aaguid: String,
}

impl<'a> From<&'a Passkey> for PasskeyView<'a> {
    fn from(passkey: &'a Passkey) -> Self {
        Self {
            id: &passkey.id,
            name: passkey.name.as_deref(),
            public_key: STANDARD.encode(&passkey.public_key),
            user_id: &passkey.user_id,
            credential_id: URL_SAFE_NO_PAD.encode(passkey.credential_id.as_bytes()),
            counter: passkey.counter,
            device_type: if passkey.backup_eligible { "multiDevice" } else { "singleDevice" },
            backed_up: passkey.backed_up,
            transports: passkey.transports.join(","),
            created_at: wire_time(passkey.created_at),
            last_used_at: passkey.last_used_at.map(wire_time),
            aaguid: Uuid::from_bytes(passkey.aaguid).to_string(),
        }
    }
}
