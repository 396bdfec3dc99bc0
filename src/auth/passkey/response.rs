//! Reads what a browser sends of an authenticator, as far as it decides on something before the library verifies it:
//! which page asked, and how the authenticator vouches for itself.

use std::collections::BTreeMap;

use serde::{Deserialize, de::IgnoredAny};
use serde_cbor_2::Value as Cbor;
use url::Url;

use crate::{
    auth::passkey::{settings::PasskeySettings, unverified::Unverified},
    types::{Origin, TrustedOrigins},
};

/// Bounds the client data and what an authenticator sends with it, in bytes. A response without certificates is well
/// below 4 KiB.
pub(super) const MAX_BYTES: usize = 16 * 1024;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ClientData {
    origin: String,
    #[serde(default)]
    cross_origin: Option<bool>,
    #[serde(default)]
    top_origin: Option<IgnoredAny>,
}

/// Returns the origin of the page that asked the authenticator, where it is trusted and the relying party id covers it
/// (PKEY-01). A frame of another site's page is refused; the library looks at that at registration only.
pub(super) fn trusted_origin(
    client_data: &[u8],
    settings: &PasskeySettings,
    trusted: &TrustedOrigins,
) -> Result<Url, Unverified> {
    if client_data.len() > MAX_BYTES {
        return Err(Unverified::TooLong);
    }
    let data: ClientData = serde_json::from_slice(client_data).map_err(|_| Unverified::Malformed)?;
    if data.cross_origin == Some(true) || data.top_origin.is_some() {
        return Err(Unverified::CrossOrigin);
    }
    // Browsers send the serialised form, and nothing else is the same origin.
    let origin = Origin::parse(&data.origin).ok().filter(|origin| origin.as_str() == data.origin);
    let origin = origin.filter(|origin| trusted.allows(origin)).ok_or(Unverified::Origin)?;
    let url = Url::parse(origin.as_str()).map_err(|_| Unverified::Origin)?;
    let is_covered = url.host_str().is_some_and(|host| PasskeySettings::covers(&settings.rp_id, host));
    if is_covered { Ok(url) } else { Err(Unverified::Origin) }
}

/// Holds what is stored of a new passkey and what the library does not hand out.
#[derive(Debug)]
pub(super) struct AttestedKey {
    pub(super) aaguid: [u8; 16],
    /// Is in COSE form, as the authenticator sent it.
    pub(super) public_key: Vec<u8>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Attestation<'a> {
    fmt: &'a str,
    att_stmt: BTreeMap<String, Cbor>,
    auth_data: &'a [u8],
}

/// Reads an attestation object. It was asked for none: an authenticator may vouch for itself with the key itself, and
/// whatever comes with certificates is refused before anything reads them (PKEY-07).
pub(super) fn attested_key(object: &[u8]) -> Result<AttestedKey, Unverified> {
    /// Holds where authenticator data has its parts (WebAuthn §6.1, §6.5.1).
    const AAGUID: usize = 32 + 1 + 4;
    const ID_LENGTH: usize = AAGUID + 16;
    const ID: usize = ID_LENGTH + 2;

    if object.len() > MAX_BYTES {
        return Err(Unverified::TooLong);
    }
    let attestation: Attestation<'_> = serde_cbor_2::from_slice(object).map_err(|_| Unverified::Malformed)?;
    let is_asked_for = match attestation.fmt {
        "none" => attestation.att_stmt.is_empty(),
        "packed" => !attestation.att_stmt.contains_key("x5c"),
        _ => false,
    };
    if !is_asked_for {
        return Err(Unverified::Attestation);
    }
    let data = attestation.auth_data;
    let part = |from: usize, to: usize| data.get(from..to).ok_or(Unverified::Malformed);
    let aaguid = part(AAGUID, ID_LENGTH)?.try_into().map_err(|_| Unverified::Malformed)?;
    let length: [u8; 2] = part(ID_LENGTH, ID)?.try_into().map_err(|_| Unverified::Malformed)?;
    let rest = data.get(ID + usize::from(u16::from_be_bytes(length))..).ok_or(Unverified::Malformed)?;
    let mut reader = serde_cbor_2::Deserializer::from_slice(rest);
    Cbor::deserialize(&mut reader).map_err(|_| Unverified::Malformed)?;
    let public_key = rest.get(..reader.byte_offset()).ok_or(Unverified::Malformed)?.to_vec();
    Ok(AttestedKey { aaguid, public_key })
}
