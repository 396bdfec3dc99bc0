//! The shape of the source, checked by reading it: who may import whom, no circles, and words that belong to one room. It
//! replaces a workspace and its manifests.

mod circles;
mod database;
mod imports;
mod rooms;
mod source;
mod words;
