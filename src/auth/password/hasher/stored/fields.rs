//! Takes the spellings of hashes apart: fields between dollar signs, numbers, base64 and hexadecimal.

use std::ops::RangeInclusive;

use argon2::password_hash::phc::Output;
use base64::{
    Engine, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};

use crate::auth::password::hasher::stored::error::UnusableHash;

/// Reads base64 with padding and without, and writes it without, as PHC strings have it.
pub(super) const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_encode_padding(false).with_decode_padding_mode(DecodePaddingMode::Indifferent),
);
/// NIST asks for 32 bits of salt at least.
pub(super) const SALT_BYTES: RangeInclusive<usize> = 4..=64;
/// Fewer bytes of a hash would be matched by chance; no scheme that is read here writes more.
const HASH_BYTES: RangeInclusive<usize> = 16..=Output::MAX_LENGTH;

/// Returns the fields between dollar signs, when there are exactly this many.
pub(super) fn fields<const N: usize>(text: &str) -> Result<[&str; N], UnusableHash> {
    let fields: Vec<&str> = text.splitn(N + 1, '$').collect();
    fields.try_into().map_err(|_| UnusableHash::Malformed("its number of fields is another"))
}

/// Returns the numbers of `m=19456,t=2,p=1`, when the names are exactly these in this order.
pub(super) fn parameters<const N: usize>(text: &str, names: [&str; N]) -> Result<[u32; N], UnusableHash> {
    let wrong = UnusableHash::Malformed("its parameters are others");
    let mut numbers = [0; N];
    let mut pairs = text.split(',');
    for (name, number) in names.iter().zip(&mut numbers) {
        let (found, value) = pairs.next().and_then(|pair| pair.split_once('=')).ok_or_else(|| wrong.clone())?;
        if found != *name {
            return Err(wrong);
        }
        *number = self::number(value)?;
    }
    if pairs.next().is_some() { Err(wrong) } else { Ok(numbers) }
}

/// Reads a decimal number that is written in the one canonical way.
pub(super) fn number(text: &str) -> Result<u32, UnusableHash> {
    let is_canonical = text == "0" || !text.starts_with('0');
    let is_decimal = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let number = if is_canonical && is_decimal { text.parse().ok() } else { None };
    number.ok_or(UnusableHash::Malformed("a number in it is not written as numbers are"))
}

/// Returns the base-two logarithm of a number that is a power of two.
pub(super) fn log2(number: u32) -> Result<u32, UnusableHash> {
    if number.is_power_of_two() { Ok(number.ilog2()) } else { Err(UnusableHash::Malformed("its N is no power of two")) }
}

pub(super) fn base64(text: &str) -> Result<Vec<u8>, UnusableHash> {
    BASE64.decode(text).map_err(|_| UnusableHash::Malformed("a field that should be base64 is not"))
}

/// Reads base64 as Python's passlib writes it, with a dot in the place of the plus.
pub(super) fn dotted_base64(text: &str) -> Result<Vec<u8>, UnusableHash> {
    base64(&text.replace('.', "+"))
}

/// Reads hexadecimal digits in lower case.
pub(super) fn hex(text: &str) -> Result<Vec<u8>, UnusableHash> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    let (pairs, odd) = text.as_bytes().as_chunks::<2>();
    let bytes = pairs.iter().map(|&[high, low]| Some(digit(high)? << 4 | digit(low)?)).collect::<Option<Vec<u8>>>();
    bytes.filter(|_| odd.is_empty()).ok_or(UnusableHash::Malformed("a field that should be hexadecimal is not"))
}

pub(super) fn salt(bytes: Vec<u8>, lengths: RangeInclusive<usize>) -> Result<Vec<u8>, UnusableHash> {
    of_length("salt", bytes.len(), lengths).map(|()| bytes)
}

pub(super) fn output(bytes: &[u8]) -> Result<Output, UnusableHash> {
    of_length("result", bytes.len(), HASH_BYTES)?;
    Output::new(bytes).map_err(|_| UnusableHash::Malformed("its result is of no length that there is"))
}

fn of_length(part: &'static str, found: usize, lengths: RangeInclusive<usize>) -> Result<(), UnusableHash> {
    if lengths.contains(&found) {
        return Ok(());
    }
    Err(UnusableHash::WrongLength { part, found, least: *lengths.start(), most: *lengths.end() })
}
