//! Black-box tests: the real binary before a recording upstream, seen only from outside.
//!
//! Each test has a gateway and a database of its own, so all of them run in parallel. Modules are named after behaviour.

#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod api;
mod architecture;
mod citations;
mod cli;
mod config;
mod database;
mod docs;
mod generators;
mod harness;
mod import;
mod interop;
mod language;
mod mail;
mod operations;
mod pages;
mod proxy;
mod security;
mod sessions;
mod supply;
