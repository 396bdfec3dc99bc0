//! Computes the codes of authenticator apps: time-based one-time passwords of RFC 6238 with what every app takes
//! (HMAC-SHA-1, six digits, thirty seconds).

use std::fmt;

use ring::hmac;
use zeroize::Zeroizing;

/// Is the time that a code is for, in seconds.
pub const PERIOD: i64 = 30;
/// Is the number of digits of a code.
pub const DIGITS: usize = 6;
/// Is the length of a new secret: 160 bits (TOTP-03).
const SECRET_BYTES: usize = 20;
/// A code of the step before or after is taken too: clocks differ, and typing takes time.
const SKEW: i64 = 1;
const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// Holds what an authenticator app and the gateway share.
pub struct TotpSecret(Zeroizing<Vec<u8>>);

impl TotpSecret {
    /// Makes a new secret.
    ///
    /// # Panics
    /// Panics when the operating system gives no randomness.
    #[must_use]
    pub fn generate() -> Self {
        let mut bytes = Zeroizing::new(vec![0; SECRET_BYTES]);
        getrandom::fill(&mut bytes).expect("the operating system provides randomness");
        Self(bytes)
    }

    /// Takes a secret that was stored.
    #[must_use]
    pub fn from_bytes(bytes: Zeroizing<Vec<u8>>) -> Self {
        Self(bytes)
    }

    /// Reads what apps take: base32 of either case, with or without padding and blanks.
    #[must_use]
    pub fn from_base32(text: &str) -> Option<Self> {
        let mut bytes = Zeroizing::new(Vec::with_capacity(text.len() * 5 / 8));
        let (mut bits, mut count) = (0_u32, 0_u32);
        for byte in text.trim_end_matches('=').bytes().filter(|b| !matches!(b, b' ' | b'-')) {
            let value = ALPHABET.iter().position(|known| *known == byte.to_ascii_uppercase())?;
            bits = (bits << 5) | u32::try_from(value).ok()?;
            count += 5;
            if count >= 8 {
                count -= 8;
                bytes.push(u8::try_from((bits >> count) & 255).ok()?);
            }
        }
        Some(Self(bytes))
    }

    /// Returns the secret, to be sealed.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        &self.0
    }

    /// Returns the secret as apps take it: base32 without padding (RFC 4648).
    #[must_use]
    pub fn to_base32(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::with_capacity(self.0.len().div_ceil(5) * 8));
        for chunk in self.0.chunks(5) {
            let mut bits = [0_u8; 8];
            for (bit, byte) in bits.iter_mut().skip(3).zip(chunk) {
                *bit = *byte;
            }
            let group = u64::from_be_bytes(bits);
            for index in 0..(chunk.len() * 8).div_ceil(5) {
                let [.., bits] = (group >> (35 - 5 * index)).to_be_bytes();
                text.extend(ALPHABET.get(usize::from(bits & 31)).copied().map(char::from));
            }
        }
        text
    }

    /// Returns the code of a step.
    ///
    /// # Panics
    /// Never: SHA-1 has twenty bytes, and the offset is at most fifteen.
    #[must_use]
    pub fn code(&self, step: i64) -> String {
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &self.0);
        let tag = hmac::sign(&key, &step.to_be_bytes());
        let digest = tag.as_ref();
        let offset = usize::from(digest.last().copied().unwrap_or_default() & 15);
        let four = digest.get(offset..offset + 4).and_then(|four| four.first_chunk::<4>()).copied();
        let number = u32::from_be_bytes(four.expect("four bytes stand behind the offset")) & 0x7fff_ffff;
        format!("{:06}", number % 1_000_000)
    }

    /// Returns the step whose code this is, among those around `seconds` after the epoch. Each is looked at, whichever
    /// it is, in the same time.
    #[must_use]
    pub fn matching_step(&self, code: &str, seconds: i64) -> Option<i64> {
        let now = step_at(seconds);
        let mut found = None;
        for step in now - SKEW..=now + SKEW {
            if is_equal(self.code(step).as_bytes(), code.as_bytes()) {
                found = Some(step);
            }
        }
        found
    }
}

impl fmt::Debug for TotpSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TotpSecret")
    }
}

/// Returns the step that a time lies in.
#[must_use]
pub fn step_at(seconds: i64) -> i64 {
    seconds.div_euclid(PERIOD)
}

/// Compares two texts in a time that depends on their lengths alone.
#[must_use]
pub fn is_equal(left: &[u8], right: &[u8]) -> bool {
    left.len() == right.len() && left.iter().zip(right).fold(0, |differing, (l, r)| differing | (l ^ r)) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret() -> TotpSecret {
        TotpSecret::from_bytes(Zeroizing::new(b"12345678901234567890".to_vec()))
    }

    #[test]
    fn codes_are_those_of_the_standard() {
        // RFC 6238, appendix B, the last six digits.
        for (seconds, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(secret().code(step_at(seconds)), code);
        }
    }

    #[test]
    fn one_step_before_and_after_is_taken() {
        let (secret, now) = (secret(), 1_111_111_111);
        let step = step_at(now);
        for (of, is_taken) in [(-4, false), (-2, false), (-1, true), (0, true), (1, true), (2, false)] {
            let found = secret.matching_step(&secret.code(step + of), now);
            assert_eq!(found, is_taken.then_some(step + of), "{of}");
        }
        for code in ["", "05047", "0504711", "05047a"] {
            assert_eq!(secret.matching_step(code, now), None, "{code}");
        }
    }

    #[test]
    fn secrets_are_written_as_apps_read_them() {
        // RFC 4648, section 10, without padding.
        for (bytes, text) in [
            ("f", "MY"),
            ("fo", "MZXQ"),
            ("foo", "MZXW6"),
            ("foob", "MZXW6YQ"),
            ("fooba", "MZXW6YTB"),
            ("foobar", "MZXW6YTBOI"),
        ] {
            let secret = TotpSecret::from_bytes(Zeroizing::new(bytes.as_bytes().to_vec()));
            assert_eq!(secret.to_base32().as_str(), text);
        }
        assert_eq!(TotpSecret::generate().to_base32().len(), 32);
        assert_eq!(format!("{:?}", secret()), "TotpSecret");
    }

    #[test]
    fn texts_are_compared_to_the_end() {
        assert!(is_equal(b"123456", b"123456") && !is_equal(b"123456", b"123457") && !is_equal(b"1", b"12"));
    }
}
