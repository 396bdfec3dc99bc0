//! Reads `mfa_factors`.

use crate::import::{
    fields::Fields,
    person::{Factor, passkey_left_out, push_factors},
    record::Kind,
    supabase::context::{Context, FACTOR},
    tables::Found,
};

pub(super) fn read(row: &Fields, user_id: &str, context: &Context, found: &mut Found) {
    let mut factors = Vec::new();
    // One that was never proved is not in force.
    let is_in_force = |factor: &&Fields| factor.text("status").as_deref() == Some("verified");
    for factor in row.joined(FACTOR).unwrap_or_default().iter().filter(is_in_force) {
        let kind = factor.text("factor_type").unwrap_or_default();
        if kind == "webauthn" {
            found.leave_out(Kind::Passkey, passkey_left_out());
        }
        factors.push(match factor.text("secret") {
            // A server with a key of its own seals it, as JSON.
            Some(secret) if kind == "totp" && !secret.starts_with('{') => Factor::App {
                secret,
                backup_codes: Vec::new(),
                enabled_at: factor.time("created_at").ok().flatten().unwrap_or(context.now),
            },
            Some(_) if kind == "totp" => {
                Factor::Other("the secret of an app is sealed with a key of the server".to_owned())
            }
            _ => Factor::Other(format!("a second factor of the kind {kind:?} does not come")),
        });
    }
    push_factors(user_id, factors, context.now, found);
}
