//! Reads which part of a list is asked for.

use crate::api::extract::fields::Fields;

/// Is the number of rows where nothing is asked for, and the greatest.
const DEFAULT_LIMIT: i64 = 100;
const MAX_LIMIT: i64 = 200;

/// Reads `limit` and `offset`.
pub(crate) fn part(fields: &mut Fields<'_>) -> (i64, i64) {
    let limit = number(fields, "limit", 1..=MAX_LIMIT).unwrap_or(DEFAULT_LIMIT);
    (limit, number(fields, "offset", 0..=i64::from(i32::MAX)).unwrap_or_default())
}

fn number(fields: &mut Fields<'_>, key: &str, range: std::ops::RangeInclusive<i64>) -> Option<i64> {
    let text = fields.optional_string(key).filter(|text| !text.is_empty())?;
    let number = text.parse().ok().filter(|number| range.contains(number));
    if number.is_none() {
        fields.complain(key, &format!("Invalid input: expected a number from {} to {}", range.start(), range.end()));
    }
    number
}
