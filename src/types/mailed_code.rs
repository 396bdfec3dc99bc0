//! Defines the codes that are mailed to be typed.

use std::fmt;

use zeroize::Zeroizing;

/// Is a code of digits. So short a secret is guessed in time: it is stored under a keyed hash or sealed, and tried a few
/// times only.
#[derive(Clone)]
pub struct MailedCode(Zeroizing<String>);

impl MailedCode {
    /// Makes a code of so many digits, leading zeros included.
    ///
    /// # Panics
    /// Panics when the operating system has no randomness to give.
    #[must_use]
    pub fn generate(length: usize) -> Self {
        let mut code = Zeroizing::new(String::with_capacity(length));
        while code.len() < length {
            let mut bytes = [0; 32];
            getrandom::fill(&mut bytes).expect("the operating system provides randomness");
            // The values below 250 are taken, so that each digit is as likely as any other.
            let digits = bytes.into_iter().filter(|byte| *byte < 250).map(|byte| char::from(b'0' + byte % 10));
            let missing = length - code.len();
            code.extend(digits.take(missing));
        }
        Self(code)
    }

    /// Returns the code itself, for the mail that carries it to its owner.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for MailedCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MailedCode")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_has_its_length_and_digits_of_one_likelihood() {
        for length in [6, 8, 10] {
            let code = MailedCode::generate(length);
            assert!(code.expose().len() == length && code.expose().bytes().all(|b| b.is_ascii_digit()));
            assert_eq!(format!("{code:?}"), "MailedCode");
        }
        let mut counts = [0_u32; 10];
        for _ in 0..1000 {
            for digit in MailedCode::generate(10).expose().bytes() {
                counts[usize::from(digit - b'0')] += 1;
            }
        }
        // The deviation is 30; seven of them are as good as impossible.
        assert!(counts.iter().all(|count| count.abs_diff(1000) < 210), "{counts:?}");
    }
}
