//! Describes why an import ends before it is through. What was committed until then stays, and `--resume` goes on there.

use std::{io, path::PathBuf};

use crate::{
    import::{finding::Reason, place::Place},
    store::StoreError,
};

/// Describes why an import ended.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    #[error("the origin's database: {0}")]
    Source(#[source] sqlx::Error),
    #[error("the origin's database: {0}")]
    SourceRead(#[source] StoreError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("{path}: {source}")]
    File { path: PathBuf, source: io::Error },
    #[error("the report could not be written: {0}")]
    Report(#[source] io::Error),
    /// Is a record that would come, but somebody is in its way, where the operator wants to be asked then.
    #[error("{place}: {reason}")]
    Clash { place: Place, reason: Reason },
    /// Describes an origin that is not what it was said to be.
    #[error("{0}")]
    Origin(String),
    #[error("another import of {0:?} is running; wait for it, or give this one another name with --name")]
    Running(String),
    #[error(
        "the last import of {0:?} was ended before it was through; go on with --resume, or begin anew with --restart, \
         which brings nothing twice"
    )]
    Unfinished(String),
    #[error("the last import of {0:?} was through, or there was none: leave out --resume")]
    NothingToResume(String),
    #[error(
        "how far the last import of {0:?} came cannot be read; begin anew with --restart, which brings nothing twice"
    )]
    PositionUnreadable(String),
    #[error("the last import of {name:?} was of {kind}; give this one another name with --name")]
    OtherKind { name: String, kind: String },
}
