//! Deals with sessions as flows see them: opened, found, listed and ended.

pub(crate) mod complete;
pub(crate) mod end;
pub(crate) mod extend;
pub(crate) mod find;
pub(crate) mod first_factor;
pub(crate) mod kept;
pub(crate) mod list;
pub(crate) mod open;
pub(crate) mod revoke;
pub(crate) mod several;
pub(crate) mod sign_out;
