//! Things that break: the database, the wire to it, the process itself. Fails closed, and comes back by itself.

mod database;
mod shutdown;
