//! Defines `--config`, which most commands take.

use std::path::PathBuf;

use clap::Args;

/// Names the configuration file.
#[derive(Debug, Args)]
pub(crate) struct ConfigArgs {
    /// The configuration file
    #[arg(long, value_name = "FILE", env = "AUTHGATE_CONFIG", default_value = "gateway.yaml")]
    pub(crate) config: PathBuf,
}
