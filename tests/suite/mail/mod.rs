//! Mail: what is in it, and that none of it is ever lost or readable on the way.

mod claims;
mod content;
mod delivery;
mod languages;
