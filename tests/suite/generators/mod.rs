//! Generates what some tests are fed with. No test stands here.

pub(crate) mod targets;
