//! Reads times as the database has them, with care.

use sqlx::{
    Decode, Postgres, Type,
    error::BoxDynError,
    postgres::{PgTypeInfo, PgValueFormat, PgValueRef},
};
use time::OffsetDateTime;

/// Is 2000-01-01, from which PostgreSQL counts, in Unix time.
const POSTGRES_EPOCH_SECONDS: i128 = 946_684_800;

/// Is a time of a row. PostgreSQL knows times that [`OffsetDateTime`] does not, `infinity` among them, and the driver
/// panics at those; here they are an error of the statement. Every column of times is read as this one (a test sees to
/// it).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timestamp(OffsetDateTime);

impl From<Timestamp> for OffsetDateTime {
    fn from(time: Timestamp) -> Self {
        time.0
    }
}

impl Type<Postgres> for Timestamp {
    fn type_info() -> PgTypeInfo {
        <OffsetDateTime as Type<Postgres>>::type_info()
    }
}

impl Decode<'_, Postgres> for Timestamp {
    fn decode(value: PgValueRef<'_>) -> Result<Self, BoxDynError> {
        match value.format() {
            PgValueFormat::Binary => from_microseconds(<i64 as Decode<Postgres>>::decode(value)?).map(Self),
            PgValueFormat::Text => Ok(Self(<OffsetDateTime as Decode<Postgres>>::decode(value)?)),
        }
    }
}

fn from_microseconds(since_2000: i64) -> Result<OffsetDateTime, BoxDynError> {
    let nanoseconds = (POSTGRES_EPOCH_SECONDS * 1_000_000 + i128::from(since_2000)) * 1000;
    Ok(OffsetDateTime::from_unix_timestamp_nanos(nanoseconds)?)
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn times_beyond_the_calendar_are_an_error() {
        for (microseconds, expected) in [
            (0, Some(datetime!(2000-01-01 00:00 UTC))),
            (-1, Some(datetime!(1999-12-31 23:59:59.999999 UTC))),
            (820_540_800_123_456, Some(datetime!(2026-01-01 00:00:00.123456 UTC))),
            (252_455_615_999_999_999, Some(datetime!(9999-12-31 23:59:59.999999 UTC))),
            (252_455_616_000_000_000, None),
            (568_025_136_000_000_000, None),
            (i64::MAX, None),
            (i64::MIN, None),
        ] {
            assert_eq!(from_microseconds(microseconds).ok(), expected, "{microseconds}");
        }
    }
}
