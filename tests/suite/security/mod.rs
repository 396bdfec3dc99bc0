//! Attacks on what lies between a request and its reading: framing, smuggling, limits, slowness.

mod framing;
mod limits;
mod smuggling;
