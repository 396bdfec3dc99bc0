//! Tests the built-in pages as programs see them. What people see is tested in a browser (`tests/js/cases/pages*.test.js`).

mod codes;
mod errors;
mod forms;
mod impersonation;
mod languages;
mod many;
mod outage;
mod paths;
mod proofs;
mod sign_up;
mod tab;
