//! What some tests are fed with. None of them stands here.

pub(crate) mod targets;
