//! Writes numbers as each language groups their digits.

use crate::language::Language;

/// Writes a whole number with its digits in groups of three.
pub(super) fn format(language: Language, number: u64) -> String {
    let digits = number.to_string();
    let (separator, from_digits) = match language {
        Language::English => (',', 4),
        Language::German => ('.', 4),
        // A narrow blank that no line is broken at.
        Language::French => ('\u{202f}', 4),
        // Spanish leaves numbers of four digits as they are.
        Language::Spanish => ('.', 5),
    };
    if digits.len() < from_digits {
        return digits;
    }
    let mut grouped = String::with_capacity(digits.len() * 2);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push(separator);
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_grouped_by_language() {
        for (language, number, expected) in [
            (Language::English, 0, "0"),
            (Language::English, 999, "999"),
            (Language::English, 1_234_567, "1,234,567"),
            (Language::German, 12_345, "12.345"),
            (Language::French, 1_234, "1\u{202f}234"),
            (Language::Spanish, 1_234, "1234"),
            (Language::Spanish, 12_345, "12.345"),
            (Language::English, u64::MAX, "18,446,744,073,709,551,615"),
        ] {
            assert_eq!(format(language, number), expected);
        }
    }
}
