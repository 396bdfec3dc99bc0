//! Sends answers that are no passkey's: each is refused with a stable code, the challenge is used up, and nothing changes.

use serde_cbor_2::Value as Cbor;
use serde_json::{Value, json};

use super::{Browser, signed_in, with_passkey};
use crate::harness::{
    TestGateway,
    authenticator::{Ceremony, PRESENT, SoftPasskey, VERIFIED, base64url},
    client::expect_problem,
};

type Forge = fn(&mut Ceremony);

/// Are wrong whatever they answer.
const FORGED: [(&str, Forge); 12] = [
    ("another origin", |c| "https://evil.test".clone_into(&mut c.origin)),
    ("another port", |c| "http://localhost:1".clone_into(&mut c.origin)),
    ("an origin with a path", |c| c.origin.push('/')),
    ("an origin of no page", |c| "null".clone_into(&mut c.origin)),
    ("another relying party", |c| "evil.test".clone_into(&mut c.rp_id)),
    ("another challenge", |c| c.challenge = base64url(&[7; 32])),
    ("no challenge", |c| c.challenge = String::new()),
    ("no user verification", |c| c.flags = PRESENT),
    ("nobody there", |c| c.flags = VERIFIED),
    ("a frame in another site's page", |c| c.client = json!({ "crossOrigin": true })),
    ("a frame whose page is named", |c| c.client = json!({ "topOrigin": "https://evil.test" })),
    ("backed up without being eligible for it", |c| c.flags |= 0x10),
];

fn code_of(refused: &(u16, String)) -> (u16, &str) {
    (refused.0, refused.1.as_str())
}

/// Is what is forged, who signs, what is put in place of what was signed, and the refusal.
type Forged<'a> = (&'a str, &'a SoftPasskey, &'a [(&'a str, Value)], (u16, &'a str));

#[tokio::test]
async fn no_forged_answer_adds_a_passkey() {
    let gw = TestGateway::start().await;
    let (mut browser, _) = signed_in(&gw, "ada").await;
    let further: [(&str, Forge); 5] = [
        ("an answer to a sign-in", |c| c.kind = "webauthn.get"),
        ("an algorithm that nobody asked for", |c| c.algorithm = -35),
        ("an algorithm that nobody knows", |c| c.algorithm = -4711),
        ("certificates of its make", |c| {
            c.format = "packed";
            c.statement.insert(Cbor::Text("x5c".to_owned()), Cbor::Array(vec![Cbor::Bytes(vec![0x30; 64])]));
        }),
        ("a format that nobody asked for", |c| c.format = "tpm"),
    ];
    for (what, forge) in FORGED.into_iter().chain(further).filter(|(what, _)| !what.contains("eligible")) {
        let options = browser.registration_options().await;
        let mut ceremony = Ceremony::registration(&options, gw.origin());
        forge(&mut ceremony);
        let response = SoftPasskey::new(&options).attest(&ceremony);
        let refused = browser.refusal("/passkey/verify-registration", &response).await;
        assert_eq!(code_of(&refused), (400, "FAILED_TO_VERIFY_REGISTRATION"), "{what}");
        assert!(!browser.has("authgate_passkey"), "{what}");
    }
    assert_eq!(gw.db.count("select count(*) from auth.passkeys").await, 0);
    assert_eq!(gw.db.count("select count(*) from auth.verifications where purpose like 'passkey%'").await, 0);
    let recorded = "select count(*) from auth.audit_events where event = 'passkey_added' and outcome = 'wrong_passkey'";
    assert_eq!(gw.db.count(recorded).await, 16);
}

#[tokio::test]
async fn no_forged_answer_signs_anybody_in() {
    let gw = TestGateway::start().await;
    let (_, passkey, _) = with_passkey(&gw, "ada").await;
    let further: [(&str, Forge); 1] = [("an answer to a registration", |c| c.kind = "webauthn.create")];
    let mut browser = Browser::new(&gw);
    for (what, forge) in FORGED.into_iter().chain(further) {
        let options = browser.sign_in_options().await;
        let mut ceremony = Ceremony::sign_in(&options, gw.origin());
        forge(&mut ceremony);
        let response = passkey.assert(&ceremony);
        let refused = browser.refusal("/passkey/verify-authentication", &response).await;
        assert_eq!(code_of(&refused), (401, "AUTHENTICATION_FAILED"), "{what}");
        assert!(!browser.has("authgate_passkey") && !browser.has(gw.cookie_name()), "{what}");
    }
    assert_eq!(gw.db.count("select count(*) from auth.sessions where auth_method = 'passkey'").await, 0);
    assert_eq!(gw.db.count("select count(*) from auth.passkeys where last_used_at is not null").await, 0);
    let recorded = "select count(*) from auth.audit_events where event = 'sign_in' and outcome = 'wrong_passkey'";
    assert_eq!(gw.db.count(recorded).await, 13);
    assert!(gw.metrics().await.contains("authgate_sign_ins_total{outcome=\"wrong_passkey\"} 13"));
}

/// PKEY-04, PKEY-06.
#[tokio::test]
async fn signatures_and_owners_are_held_to_the_key() {
    let gw = TestGateway::start().await;
    let (_, passkey, _) = with_passkey(&gw, "ada").await;
    let (_, other, _) = with_passkey(&gw, "bob").await;
    let strange = SoftPasskey::new(&json!({ "user": { "id": base64url(&passkey.handle) } }));
    let swap = |response: &mut Value, pointer: &str, value: Value| *response.pointer_mut(pointer).unwrap() = value;
    let cases: [Forged<'_>; 6] = [
        (
            "another user's handle",
            &passkey,
            &[("/response/userHandle", json!(base64url(&other.handle)))],
            (401, "AUTHENTICATION_FAILED"),
        ),
        ("nobody's handle", &passkey, &[("/response/userHandle", json!("AAAA"))], (401, "AUTHENTICATION_FAILED")),
        ("no handle", &passkey, &[("/response/userHandle", Value::Null)], (401, "AUTHENTICATION_FAILED")),
        (
            "another user's passkey named",
            &passkey,
            &[("/rawId", json!(base64url(&other.id))), ("/id", json!(base64url(&other.id)))],
            (401, "AUTHENTICATION_FAILED"),
        ),
        ("a key that is not there", &strange, &[], (401, "PASSKEY_NOT_FOUND")),
        (
            "another signature",
            &passkey,
            &[("/response/signature", json!("MAYCAQECAQE"))],
            (401, "AUTHENTICATION_FAILED"),
        ),
    ];
    let mut browser = Browser::new(&gw);
    for (what, signer, swaps, expected) in cases {
        let options = browser.sign_in_options().await;
        let mut response = signer.assert(&Ceremony::sign_in(&options, gw.origin()));
        for (pointer, value) in swaps {
            swap(&mut response, pointer, value.clone());
        }
        let refused = browser.refusal("/passkey/verify-authentication", &response).await;
        assert_eq!(code_of(&refused), expected, "{what}");
    }
    assert_eq!(gw.db.count("select count(*) from auth.sessions where auth_method = 'passkey'").await, 0);
}

/// PKEY-05.
#[tokio::test]
async fn a_counter_that_goes_back_warns_of_a_copy() {
    let gw = TestGateway::start().await;
    let (_, mut passkey, _) = with_passkey(&gw, "ada").await;
    let mut browser = Browser::new(&gw);
    // One that does not count stays at nought.
    for _ in 0..2 {
        browser.sign_in_with(&passkey, &gw).await;
        browser.ok("/sign-out", json!({})).await;
    }
    passkey.counter = 5;
    browser.sign_in_with(&passkey, &gw).await;
    browser.ok("/sign-out", json!({})).await;
    for counter in [5, 4, 0] {
        passkey.counter = counter;
        let options = browser.sign_in_options().await;
        let response = passkey.assert(&Ceremony::sign_in(&options, gw.origin()));
        let refused = browser.refusal("/passkey/verify-authentication", &response).await;
        assert_eq!(code_of(&refused), (401, "AUTHENTICATION_FAILED"), "{counter}");
    }
    let warned = "select count(*) from auth.audit_events e join auth.users u on u.id = e.user_id
        where event = 'sign_in' and outcome = 'cloned_passkey' and actor is null";
    assert_eq!(gw.db.count(warned).await, 3);
    assert_eq!(gw.db.count("select counter from auth.passkeys").await, 5);
    assert!(gw.metrics().await.contains("authgate_sign_ins_total{outcome=\"cloned_passkey\"} 3"));
    passkey.counter = 6;
    browser.sign_in_with(&passkey, &gw).await;
}

/// PKEY-07: whatever it is, it is refused as such.
#[tokio::test]
async fn garbage_is_refused_as_such() {
    let gw = TestGateway::start().await;
    let (mut browser, _) = signed_in(&gw, "ada").await;
    let (_, passkey, _) = with_passkey(&gw, "bob").await;
    let nested: Vec<u8> = std::iter::repeat_n(0x81, 5000).collect();
    let bodies = |valid: Value, parts: &[&str]| {
        let mut bodies = vec![json!({}), json!({ "response": null }), json!({ "id": 1 })];
        for part in parts {
            for bytes in [&[][..], &[0xff; 40], &[0xa1], &nested, &[0x5b; 9], &vec![b'x'; 20_000]] {
                let mut body = valid.clone();
                body["response"][*part] = json!(base64url(bytes));
                bodies.push(body);
            }
            let mut body = valid.clone();
            body["response"][*part] = json!("not base64 ÄÖÜ");
            bodies.push(body);
        }
        bodies
    };
    let options = browser.registration_options().await;
    let made = SoftPasskey::new(&options).attest(&Ceremony::registration(&options, gw.origin()));
    for body in bodies(made, &["attestationObject", "clientDataJSON"]) {
        browser.registration_options().await;
        let refused = browser.refusal("/passkey/verify-registration", &body).await;
        assert_eq!(code_of(&refused), (400, "FAILED_TO_VERIFY_REGISTRATION"), "{body}");
    }
    let mut stranger = Browser::new(&gw);
    let options = stranger.sign_in_options().await;
    let signed = passkey.assert(&Ceremony::sign_in(&options, gw.origin()));
    for body in bodies(signed, &["authenticatorData", "clientDataJSON", "signature"]) {
        stranger.sign_in_options().await;
        let refused = stranger.refusal("/passkey/verify-authentication", &body).await;
        assert!([400, 401].contains(&refused.0) && refused.1 == "AUTHENTICATION_FAILED", "{refused:?} {body}");
    }
    for path in ["/passkey/verify-registration", "/passkey/verify-authentication"] {
        for body in [json!({}), json!({ "response": [] }), json!({ "response": "x" }), json!([])] {
            expect_problem(browser.client().auth(path, &body).await, 400, "VALIDATION_ERROR").await;
        }
        let long = json!({ "response": { "attestationObject": "A".repeat(64 * 1024) } });
        expect_problem(browser.client().auth(path, &long).await, 413, "PAYLOAD_TOO_LARGE").await;
    }
    assert_eq!(gw.db.count("select count(*) from auth.passkeys").await, 1);
    assert_eq!(gw.metric("authgate_panics_total").await.to_string(), "0");
    // The log does not repeat what a stranger sends.
    let longest = gw.log().iter().map(|line| line.to_string().len()).max().unwrap();
    assert!(longest < 2000, "{longest}");
}
