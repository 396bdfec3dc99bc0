//! Holds that no answer of an authenticator, whatever a browser sends, makes a passkey unless it is for this site, with its
//! user there and verified and no certificate; what was made can be read again; and nobody signs in without the private key.

#![no_main]

use std::sync::LazyLock;

use authgate::{
    auth::{
        PasskeySettings,
        passkey::relying_party::{Assertion, NewPasskeyUser, Registered, registration_options, authentication_options, verify_registration},
        passkey::unverified::Unverified,
    },
    store::passkeys::Passkey,
    types::{Origin, PasskeyUserHandle, TrustedOrigins},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use libfuzzer_sys::fuzz_target;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use time::OffsetDateTime;

const ORIGIN: &str = "https://gw.example";
const CHALLENGE: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

struct Site {
    settings: PasskeySettings,
    trusted: TrustedOrigins,
    registration: Value,
    sign_in: Value,
    handle: PasskeyUserHandle,
}

static SITE: LazyLock<Site> = LazyLock::new(|| {
    let settings = PasskeySettings { rp_id: "gw.example".to_owned(), rp_name: "Site".to_owned() };
    let origin = Origin::parse(ORIGIN).unwrap();
    let handle = PasskeyUserHandle::from_bytes(&[7; 16]).unwrap();
    let user = NewPasskeyUser { handle, name: "ada", existing: &[], attachment: None };
    let url = ORIGIN.parse().unwrap();
    let registration = with_challenge(registration_options(&settings, &url, &user).unwrap().state);
    let sign_in = with_challenge(authentication_options(&settings, &url, &[]).unwrap().state);
    Site { trusted: TrustedOrigins::new(origin, Vec::new()), settings, registration, sign_in, handle }
});

/// The same challenge at every run, so that what is in the corpus stays what it is.
fn with_challenge(state: Value) -> Value {
    match state {
        Value::Object(object) => object
            .into_iter()
            .map(|(key, value)| {
                let value = if key == "challenge" { json!(CHALLENGE) } else { with_challenge(value) };
                (key, value)
            })
            .collect::<serde_json::Map<_, _>>()
            .into(),
        other => other,
    }
}

fn base64url(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn passkey(registered: Registered) -> Passkey {
    Passkey {
        id: "p1".parse().unwrap(),
        user_id: "u1".parse().unwrap(),
        has_known_handle: true,
        name: None,
        credential_id: registered.credential_id,
        public_key: registered.public_key,
        counter: registered.counter,
        backup_eligible: registered.backup_eligible,
        backed_up: registered.backed_up,
        transports: registered.transports,
        aaguid: registered.aaguid,
        created_at: OffsetDateTime::UNIX_EPOCH,
        last_used_at: None,
    }
}

/// Tries to sign in with whatever there is; it never succeeds.
fn sign_in(client: &[u8], data: &[u8], signature: &[u8], passkey: &Passkey) {
    let id = base64url(passkey.credential_id.as_bytes());
    let response = json!({
        "id": id, "rawId": id, "type": "public-key",
        "response": {
            "clientDataJSON": base64url(client), "authenticatorData": base64url(data), "signature": base64url(signature),
            "userHandle": base64url(SITE.handle.as_bytes()),
        },
    });
    let Ok(assertion) = Assertion::parse(response) else { return };
    let whose = (passkey, Some(SITE.handle));
    match assertion.verify(&SITE.settings, &SITE.trusted, SITE.sign_in.clone(), whose) {
        Ok(_) => panic!("nobody has the private key"),
        Err(Unverified::Stored) => panic!("what was registered cannot be read"),
        Err(_) => {}
    }
}

fuzz_target!(|input: &[u8]| {
    let Some((&[kind, split], rest)) = input.split_at_checked(2).map(|(head, rest)| (<&[u8; 2]>::try_from(head).unwrap(), rest)) else {
        return;
    };
    let (first, second) = rest.split_at(usize::from(split).min(rest.len()));
    let said = |ceremony: &str| json!({ "type": ceremony, "challenge": CHALLENGE, "origin": ORIGIN }).to_string().into_bytes();
    // Either what a page says is fuzzed too, or it is right and all the rest is the authenticator's.
    let (client, object) = if kind & 1 == 0 { (said("webauthn.create"), rest) } else { (first.to_vec(), second) };
    let id_at = object.windows(8).position(|window| window == b"authData");
    let raw_id = id_at.and_then(|at| {
        let data = &object[at + 8..];
        let data = data.get(if data.first()? & 31 == 24 { 2 } else { 3 }..)?;
        let length = usize::from(u16::from_be_bytes(data.get(53..55)?.try_into().ok()?));
        data.get(55..55 + length)
    });
    let response = json!({
        "id": "", "rawId": base64url(raw_id.unwrap_or_default()), "type": "public-key",
        "response": { "clientDataJSON": base64url(&client), "attestationObject": base64url(object), "transports": ["usb"] },
    });
    let Ok(registered) = verify_registration(&SITE.settings, &SITE.trusted, SITE.registration.clone(), response) else {
        sign_in(&said("webauthn.get"), first, second, &KNOWN);
        return;
    };
    let data = id_at.map(|at| &object[at..]).unwrap_or_default();
    let site = Sha256::digest(b"gw.example");
    let at = data.windows(32).position(|window| window == site.as_slice()).expect("the site's own");
    assert_eq!(data[at + 32] & 0x45, 0x45, "there, verified, and with a key");
    let passkey = passkey(registered);
    assert_eq!(Some(passkey.credential_id.as_bytes()), raw_id);
    sign_in(&said("webauthn.get"), &data[at..], second, &passkey);
});

/// A passkey whose private key is one, so that the public one is the curve's generator; nobody signs with it here.
static KNOWN: LazyLock<Passkey> = LazyLock::new(|| {
    let point = "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296\
                 4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5";
    let bytes: Vec<u8> = (0..64).map(|n| u8::from_str_radix(&point[2 * n..2 * n + 2], 16).unwrap()).collect();
    let key = [&[0xa5, 1, 2, 3, 0x26, 0x20, 1, 0x21, 0x58, 32][..], &bytes[..32], &[0x22, 0x58, 32], &bytes[32..]].concat();
    Passkey {
        id: "p1".parse().unwrap(),
        user_id: "u1".parse().unwrap(),
        has_known_handle: true,
        name: None,
        credential_id: authgate::types::CredentialId::from_bytes(vec![1; 16]).unwrap(),
        public_key: key,
        counter: 0,
        backup_eligible: false,
        backed_up: false,
        transports: Vec::new(),
        aaguid: [0; 16],
        created_at: OffsetDateTime::UNIX_EPOCH,
        last_used_at: None,
    }
});
