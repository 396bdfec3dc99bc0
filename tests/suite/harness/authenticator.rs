//! An authenticator in software, with the browser around it: it makes passkeys and signs with them as WebAuthn says,
//! and otherwise wherever a test asks for that.

use std::collections::BTreeMap;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair},
};
use serde_cbor_2::Value as Cbor;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// Somebody is there.
pub(crate) const PRESENT: u8 = 1;
/// It is its user, as a finger or a number has shown.
pub(crate) const VERIFIED: u8 = 4;
const HAS_KEY: u8 = 0x40;
/// Names the make of the tests' authenticator.
pub(crate) const AAGUID: [u8; 16] = *b"authgate-suite-1";

/// Is what the page, the browser and the authenticator say. A test changes what it forges.
#[derive(Debug, Clone)]
pub(crate) struct Ceremony {
    pub(crate) kind: &'static str,
    pub(crate) challenge: String,
    pub(crate) origin: String,
    pub(crate) rp_id: String,
    pub(crate) flags: u8,
    /// Is in the client data beside that.
    pub(crate) client: Value,
    pub(crate) algorithm: i128,
    pub(crate) format: &'static str,
    pub(crate) statement: BTreeMap<Cbor, Cbor>,
}

impl Ceremony {
    /// Does what the options of a registration ask for, on a page of this origin.
    pub(crate) fn registration(options: &Value, origin: &str) -> Self {
        Self::new("webauthn.create", options, options["rp"]["id"].as_str().expect("a relying party"), origin)
    }

    /// Does what the options of a sign-in ask for.
    pub(crate) fn sign_in(options: &Value, origin: &str) -> Self {
        Self::new("webauthn.get", options, options["rpId"].as_str().expect("a relying party"), origin)
    }

    fn new(kind: &'static str, options: &Value, rp_id: &str, origin: &str) -> Self {
        Self {
            kind,
            challenge: options["challenge"].as_str().expect("a challenge").to_owned(),
            origin: origin.to_owned(),
            rp_id: rp_id.to_owned(),
            flags: PRESENT | VERIFIED,
            client: json!({ "crossOrigin": false }),
            algorithm: -7,
            format: "none",
            statement: BTreeMap::new(),
        }
    }

    fn client_data(&self) -> Vec<u8> {
        let mut data = json!({ "type": self.kind, "challenge": self.challenge, "origin": self.origin });
        let more = self.client.as_object().expect("an object").clone();
        data.as_object_mut().expect("an object").extend(more);
        data.to_string().into_bytes()
    }

    fn authenticator_data(&self, flags: u8, counter: u32) -> Vec<u8> {
        let hash = Sha256::digest(self.rp_id.as_bytes());
        [hash.as_slice(), &[flags], &counter.to_be_bytes()].concat()
    }
}

/// A passkey, with the private key that nobody else has.
pub(crate) struct SoftPasskey {
    pub(crate) id: Vec<u8>,
    /// Names whom it signs in, as the registration said.
    pub(crate) handle: Vec<u8>,
    /// Counts signatures where it is not zero.
    pub(crate) counter: u32,
    key: EcdsaKeyPair,
}

impl SoftPasskey {
    /// Makes a passkey for whom the options name.
    pub(crate) fn new(options: &Value) -> Self {
        let handle = options["user"]["id"].as_str().expect("a user handle");
        let random = SystemRandom::new();
        let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &random).expect("a key");
        Self {
            id: [Uuid::now_v7(), Uuid::now_v7()].map(Uuid::into_bytes).concat(),
            handle: URL_SAFE_NO_PAD.decode(handle).expect("base64url"),
            counter: 0,
            key: EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, document.as_ref(), &random).expect("a key"),
        }
    }

    /// Returns what the browser sends of the new passkey.
    pub(crate) fn attest(&self, ceremony: &Ceremony) -> Value {
        let point = self.key.public_key().as_ref();
        let key: BTreeMap<Cbor, Cbor> = [
            (1, Cbor::Integer(2)),
            (3, Cbor::Integer(ceremony.algorithm)),
            (-1, Cbor::Integer(1)),
            (-2, Cbor::Bytes(point[1..33].to_vec())),
            (-3, Cbor::Bytes(point[33..65].to_vec())),
        ]
        .into_iter()
        .map(|(label, value)| (Cbor::Integer(label), value))
        .collect();
        let length = u16::try_from(self.id.len()).expect("a short id").to_be_bytes();
        let data = [
            &ceremony.authenticator_data(ceremony.flags | HAS_KEY, self.counter)[..],
            &AAGUID,
            &length,
            &self.id,
            &serde_cbor_2::to_vec(&Cbor::Map(key)).expect("CBOR"),
        ]
        .concat();
        let object: BTreeMap<&str, Cbor> = [
            ("fmt", Cbor::Text(ceremony.format.to_owned())),
            ("attStmt", Cbor::Map(ceremony.statement.clone())),
            ("authData", Cbor::Bytes(data)),
        ]
        .into();
        json!({
            "id": base64url(&self.id), "rawId": base64url(&self.id), "type": "public-key",
            "authenticatorAttachment": "platform",
            "response": {
                "attestationObject": base64url(&serde_cbor_2::to_vec(&object).expect("CBOR")),
                "clientDataJSON": base64url(&ceremony.client_data()),
                "transports": ["internal", "hybrid", "pigeon"],
            },
        })
    }

    /// Returns what the browser sends of a signature.
    pub(crate) fn assert(&self, ceremony: &Ceremony) -> Value {
        let data = ceremony.authenticator_data(ceremony.flags, self.counter);
        let client = ceremony.client_data();
        let signed = [&data[..], &Sha256::digest(&client)].concat();
        let signature = self.key.sign(&SystemRandom::new(), &signed).expect("a signature");
        json!({
            "id": base64url(&self.id), "rawId": base64url(&self.id), "type": "public-key",
            "authenticatorAttachment": "platform",
            "response": {
                "authenticatorData": base64url(&data), "clientDataJSON": base64url(&client),
                "signature": base64url(signature.as_ref()), "userHandle": base64url(&self.handle),
            },
        })
    }
}

pub(crate) fn base64url(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}
