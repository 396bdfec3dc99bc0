-- no-transaction
-- Locks: none that readers or writers wait for; it waits itself for transactions that are older. An index that was left
-- half-built is dropped by `authgate migrate` before it tries again. Rollout: any order; administrators read the audit log by how
-- something ended. Most events are successes, which are found without it.
create index concurrently if not exists audit_events_outcome_occurred_at_idx
    on auth.audit_events ((outcome collate "C"), occurred_at) where (outcome collate "C") <> 'success';
