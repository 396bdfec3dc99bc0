//! Writes what `authgate import` brings: whole batches, one statement each. A batch comes as JSON, so that a row has as
//! many columns as it needs, lists among them.

pub mod accounts;
pub mod ids;
pub mod organizations;
pub mod progress;
pub mod sessions;
pub mod source;
pub mod users;
pub mod verifications;

use serde::Serialize;
use sqlx::types::Json;

/// Wraps rows for a statement.
fn rows<T: Serialize>(rows: &[T]) -> Json<&[T]> {
    Json(rows)
}
