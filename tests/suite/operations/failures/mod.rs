//! Things that break: the database, the wires to it and to the upstream, the disk, the process itself. Fails closed, and
//! comes back by itself.

mod database;
mod failover;
mod full_disk;
mod kill;
mod shutdown;
mod upstream;
