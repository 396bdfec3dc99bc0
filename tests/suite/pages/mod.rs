//! Tests the built-in pages as programs see them. What people see is tested in a browser (`tests/js/cases/pages*.test.js`).

mod errors;
mod forms;
mod outage;
mod paths;
