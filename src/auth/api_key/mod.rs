//! Lets people make keys for their programs. A session makes them and a key opens no session, so that a leaked key can
//! neither sign in nor make others (KEY-02, KEY-04).

pub(crate) mod create;
pub(crate) mod error;
pub(crate) mod manage;
pub(crate) mod owner;
pub(crate) mod settings;
pub(crate) mod verify;
