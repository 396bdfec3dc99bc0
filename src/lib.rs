//! AuthGate is a reverse proxy that authenticates: it forwards requests to backends and tells them who is asking, and
//! it serves an auth API (sign-up, sign-in, sessions, mailed pages) itself. PostgreSQL is all that replicas share.
//!
//! # A proxied request
//!
//! [`proxy`] accepts the connection, parses and validates the raw head, and rejects what two parsers could read
//! differently. It determines the client's address and checks the host; [`routing`] canonicalises the path once and
//! finds the first route that matches. [`sessions`] reads the one credential of the request, a cookie or a bearer
//! token, and looks its session up: look-ups that wait at the same time share one query, and the result comes from a
//! query that began after the request arrived. Public routes skip this step.
//!
//! [`policy`] then decides from the route, the identity and the facts of the request. Only its decision holds a
//! [`policy::Permit`], and the proxy connects to no upstream without one. The proxy chooses a server, removes every
//! field that only the gateway may set, adds the identity headers, and streams both bodies. [`observe`] writes one line
//! of the access log, and a session whose use is due to be recorded is handed to the writer of [`sessions`].
//!
//! # A request of the auth API
//!
//! Up to the path this is the same walk. A path below `auth.base_path` is not forwarded: the proxy buffers the body
//! under a limit and calls the router of [`api`] in this process. The router checks the origin and counts the request
//! by the client's address; the endpoint extracts typed values and calls one flow of [`auth`]. The flow counts the
//! attempt before the work; its statements stand in [`store`], where the audit event and, for some flows, a mail are
//! rows of the same transaction. The endpoint turns the result into JSON and cookies, or the error into a problem.
//! [`jobs`] delivers the mail later, so that no request waits for an SMTP server.
//!
//! # The rooms
//!
//! Each module owns one thing. A test rejects imports that the table of rooms in `docs/architecture.md` does not allow.
//!
//! - [`types`]: identifiers, addresses, tokens and secrets, which are valid once they are constructed
//! - [`crypto`]: derived keys, sealing, signatures
//! - [`language`]: the texts for people in each language, and which of them somebody reads
//! - [`routing`]: the canonical path, patterns, the route table, the paths of the auth API
//! - [`policy`]: the access decision as a pure function, and its permit
//! - [`store`]: all SQL, as functions on a connection
//! - [`mail`]: messages, templates, the outbox, transports
//! - [`tasks`]: background tasks, started again after a panic
//! - [`observe`]: metrics, the access log, the process's own log
//! - [`sessions`]: credentials, session look-up, the cache, the revocation feed
//! - [`auth`]: the flows, and all limits on attempts
//! - [`api`]: the auth API over HTTP
//! - [`pages`]: the built-in pages, clients of the auth API in the same process
//! - [`proxy`]: connections, decisions about requests, forwarding
//! - [`export`]: everything that is stored of users, as lines of JSON
//! - [`import`]: users from elsewhere, with their passwords and sessions
//! - [`jobs`]: delivery of mail, deletion of what has expired
//! - [`config`]: `gateway.yaml`, compiled to the settings of all rooms
//! - `app`: start, reload, handover to a new process, shutdown, the operators' listener
//! - `dev` and [`cli`]: `authgate dev`, and the command line

pub mod api;
mod app;
pub mod auth;
pub mod cli;
pub mod config;
pub mod crypto;
mod dev;
pub mod export;
pub mod import;
pub mod jobs;
pub mod language;
pub mod mail;
pub mod observe;
pub mod pages;
pub mod policy;
pub mod proxy;
pub mod routing;
pub mod sessions;
pub mod store;
pub mod tasks;
pub mod types;
