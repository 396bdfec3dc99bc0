//! Makes the JSON Schema of gateway.yaml, for editors.

use schemars::generate::SchemaSettings;

use crate::config::raw::Raw;

/// Returns the schema (draft 2020-12), made from the raw mirror.
#[must_use]
pub fn schema() -> serde_json::Value {
    SchemaSettings::draft2020_12().for_deserialize().into_generator().into_root_schema_for::<Raw>().to_value()
}
