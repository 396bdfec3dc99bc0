-- no-transaction
-- Locks: none that readers or writers wait for; it waits itself for transactions that are older. An index that was left
-- half-built is dropped by `authgate migrate` before it tries again. Rollout: any order; the next files use it.
create index concurrently if not exists audit_events_user_id_bytewise
    on auth.audit_events (user_id collate "C", occurred_at);
