//! What a response of the auth API carries: cookies and JSON.

pub(crate) mod cookie;
pub(crate) mod views;
