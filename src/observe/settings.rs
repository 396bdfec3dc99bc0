//! `log:` of gateway.yaml.

/// Holds format and verbosity.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Settings {
    pub format: LogFormat,
    /// A `tracing` filter such as `info` or `info,authgate=debug`.
    pub level: String,
}

/// How lines are written to standard output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// One JSON object a line.
    #[default]
    Json,
    /// For people.
    Text,
}
