//! Holds `log:` of gateway.yaml.

/// Holds format and verbosity.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Settings {
    pub format: LogFormat,
    /// Is a `tracing` filter such as `info` or `info,authgate=debug`.
    pub level: String,
}

/// Says how lines are written to standard output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// Writes one JSON object a line.
    #[default]
    Json,
    /// Writes for people.
    Text,
}
