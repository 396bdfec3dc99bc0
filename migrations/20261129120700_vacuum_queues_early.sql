-- Locks: share update exclusive on each table, for a moment; reads and writes go on. Rollout: any order.
--
-- Tables whose rows come and go. With the server's ordinary settings a fifth of a table has to be dead before it is vacuumed, and
-- a tenth changed before its statistics are renewed: a queue is then planned with the statistics of an hour ago, and read past
-- its dead rows.

alter table auth.mail_outbox set (
    autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500,
    autovacuum_vacuum_insert_scale_factor = 0, autovacuum_vacuum_insert_threshold = 1000,
    autovacuum_analyze_scale_factor = 0.02, autovacuum_analyze_threshold = 500
);
alter table auth.verifications set (
    autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000,
    autovacuum_analyze_scale_factor = 0.02, autovacuum_analyze_threshold = 1000
);
alter table auth.rate_limits set (
    autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000,
    autovacuum_analyze_scale_factor = 0.02, autovacuum_analyze_threshold = 1000
);
alter table auth.sessions set (
    autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000,
    autovacuum_analyze_scale_factor = 0.02, autovacuum_analyze_threshold = 1000
);
