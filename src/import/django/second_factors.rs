//! Reads second factors: authenticators of django-allauth, and devices of django-otp.

use serde_json::Value;
use time::OffsetDateTime;

use crate::import::{
    django::{
        context::{AUTHENTICATOR, TOTP_DEVICE},
        recovery_codes,
    },
    fields::Fields,
    ids::unhex,
    person::{Factor, base32, passkey_left_out, push_factors},
    record::Kind,
    tables::Found,
};

/// Is the length of a step that apps here have, in seconds.
const STEP: i64 = 30;
const DIGITS: i64 = 6;

pub(super) fn read(row: &Fields, user_id: &str, now: OffsetDateTime, found: &mut Found) {
    let authenticators = row.joined(AUTHENTICATOR).unwrap_or_default();
    let of_type =
        |wanted: &'static str| authenticators.iter().filter(move |row| row.text("type").as_deref() == Some(wanted));
    let mut factors = Vec::new();
    for authenticator in of_type("totp") {
        let Some(secret) = authenticator.json("data").and_then(|data| Some(data.get("secret")?.as_str()?.to_owned()))
        else {
            factors.push(Factor::Other("the secret of an app is sealed, or in another form".to_owned()));
            continue;
        };
        let codes = of_type("recovery_codes").next().and_then(|row| row.json("data"));
        let codes = codes.map(|data: Value| recovery_codes::unused(&data).ok_or(()));
        if codes.as_ref().is_some_and(Result::is_err) {
            factors.push(Factor::Other("the recovery codes are sealed, or in another form".to_owned()));
        }
        let enabled_at = authenticator.time("created_at").ok().flatten().unwrap_or(now);
        let backup_codes = codes.and_then(Result::ok).unwrap_or_default();
        factors.push(Factor::App { secret, backup_codes, enabled_at });
    }
    for _ in of_type("webauthn") {
        found.leave_out(Kind::Passkey, passkey_left_out());
        factors.push(Factor::Other("a security key does not come".to_owned()));
    }
    for device in row.joined(TOTP_DEVICE).unwrap_or_default().iter().filter(|device| device.flag("confirmed")) {
        let is_common = device.number("step") == Some(STEP)
            && device.number("digits") == Some(DIGITS)
            && device.number("t0").unwrap_or_default() == 0;
        let key = device.text("key").and_then(|key| unhex(&key));
        factors.push(match key.filter(|_| is_common) {
            Some(key) => Factor::App { secret: base32(&key), backup_codes: Vec::new(), enabled_at: now },
            None => Factor::Other("a device has not six digits every thirty seconds, or no key".to_owned()),
        });
    }
    push_factors(user_id, factors, now, found);
}
