//! Computes the recovery codes of django-allauth, which stores no codes but a seed that they all follow from.

use std::fmt::Write as _;

use ring::hmac;
use serde_json::Value;

/// Is the number of codes that follow from one seed.
const CODES: u32 = 10;
/// Has as many zeros as a code has digits.
const MODULUS: u32 = 100_000_000;

/// Returns the codes that were not used yet.
pub(super) fn unused(data: &Value) -> Option<Vec<String>> {
    if let Some(codes) = data.get("migrated_codes") {
        return codes.as_array()?.iter().map(|code| code.as_str().map(str::to_owned)).collect();
    }
    let seed = data.get("seed")?.as_str()?;
    let used = data.get("used_mask")?.as_u64()?;
    if seed.is_empty() || !seed.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, seed.as_bytes());
    let mut so_far = String::new();
    let mut codes = Vec::new();
    for number in 0..CODES {
        // Each code is that of all numbers until then.
        let _ = write!(so_far, "{number:3},");
        let tag = hmac::sign(&key, so_far.as_bytes());
        let head = tag.as_ref().first_chunk().copied().map(u32::from_be_bytes)?;
        if used & (1 << number) == 0 {
            codes.push(format!("{:08}", head % MODULUS));
        }
    }
    Some(codes)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    // django-allauth 65.22.1 makes these of the seed.
    const SEED: &str = "00112233445566778899aabbccddeeff00112233";
    const OF_SEED: [&str; 10] = [
        "09302673", "96448463", "94435065", "55892045", "23505149", "51574779", "68348655", "73839153", "43420225",
        "04258676",
    ];

    #[test]
    fn codes_follow_from_the_seed() {
        let all = unused(&json!({ "seed": SEED, "used_mask": 0 })).unwrap();
        assert_eq!(all, OF_SEED);
        let some = unused(&json!({ "seed": SEED, "used_mask": 0b10_0000_0001 })).unwrap();
        assert_eq!(some, all[1..9]);
        let migrated = unused(&json!({ "migrated_codes": ["abcd1234"] }));
        assert_eq!(migrated, Some(vec!["abcd1234".to_owned()]));
        for data in [json!({}), json!({ "seed": "gAAAAABsealed", "used_mask": 0 }), json!({ "seed": SEED }), json!("x")]
        {
            assert_eq!(unused(&data), None, "{data}");
        }
    }
}
