-- no-transaction
-- Locks: none that readers or writers wait for; it waits itself for transactions that are older. An index that was left
-- half-built is dropped by `authgate migrate` before it tries again. Rollout: any order; administrators read the audit log by what happened.
create index concurrently if not exists audit_events_event_occurred_at_idx
    on auth.audit_events ((event collate "C"), occurred_at);
