//! Describes the process itself, for administrators.

use crate::tasks::Tasks;

/// Says which configuration is in force, and what else runs in this process.
#[derive(Debug, Clone)]
pub struct Instance {
    /// Names the file that the configuration was read from.
    pub source: String,
    /// Is the configuration with all defaults and overrides; secrets are masked.
    pub configuration: String,
    pub tasks: Tasks,
}
