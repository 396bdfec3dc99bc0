//! Mirrors `pages:` of gateway.yaml.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::config::source::text::Text;

/// Describes what people see of the gateway itself.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Pages {
    /// Lists the languages that are offered, of `en`, `de`, `fr` and `es`; the first is the default. Default: `[en]`.
    pub(crate) languages: Option<Vec<Text>>,
}
